"""Leaving: everything ends, mail hears of it first, and a crash loses neither."""

import pytest
from standby.platform.address import address_key, mailbox_key
from standby.platform.bus import detail_of
from standby.platform.clock import to_text
from standby.waitlist.closing import ERASED
from standby.waitlist.model import Counts

from tests.fakes import FakeBus
from tests.standby.waitlist.conftest import SKU, House

pytestmark = pytest.mark.promise("P8")

ANA = "ana@example.org"


def test_leaving_ends_all_entries_and_tells_mail(house: House) -> None:
    house.waits(ANA, "A")
    house.waits(ANA, "B", "C")
    house.sign_up.join(house.wish(ANA, "D"))
    house.waits("ben@example.org", "A")
    house.leaving.leave(address_key(ANA))

    assert house.line("A") == ["ben@example.org"]
    assert house.counts("A") == {"waiting": 1, "units_wanted": 1, "left": 1}
    assert house.counts("C") == {"left": 1}
    assert house.counts("D") == {}
    (left,) = house.bus.named("CustomerLeft")
    assert detail_of(left)["address"] == address_key(ANA)
    assert not detail_of(left)["references"]


def test_leaving_works_after_being_told_and_twice(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    house.accepts()
    house.leaving.leave(address_key(ANA))
    house.leaving.leave(address_key(ANA))

    assert len(house.bus.named("CustomerLeft")) == 2
    assert house.counts() == {"invited": 1, "told": 1}


@pytest.mark.parametrize("seconds_behind", [0, 2])
def test_who_asks_again_after_leaving_asked_later_whatever_clocks_say(house: House, seconds_behind: int) -> None:
    house.sign_up.join(house.wish(ANA))
    house.leaving.leave(address_key(ANA))
    house.clock.advance(seconds=-seconds_behind)
    house.sign_up.join(house.wish(ANA))

    (left,) = house.bus.named("CustomerLeft")
    before, after = (job["recipients"][0]["consented_at"] for job in house.urgent.bodies())
    assert before <= detail_of(left)["at"] < after

    subject = house.token("confirm")
    confirmed = house.sign_up.confirm(subject["a"], subject["e"])
    assert confirmed.consented_at > detail_of(left)["at"]


def test_leaving_works_for_an_address_that_nothing_is_known_of(house: House) -> None:
    house.leaving.leave(address_key("nobody@example.org"))

    assert len(house.bus.named("CustomerLeft")) == 1


def test_a_crash_after_mail_was_told_is_mended_by_leaving_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.waits(ANA)

    class DownError(Exception):
        pass

    def down(*_arguments: object) -> None:
        raise DownError

    with monkeypatch.context() as broken:
        broken.setattr(type(house.customers), "save", down)
        with pytest.raises(DownError):
            house.leaving.leave(address_key(ANA))
    assert len(house.bus.named("CustomerLeft")) == 1

    house.leaving.leave(address_key(ANA))
    assert house.line() == []


def test_where_mail_cannot_be_told_nothing_is_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.waits(ANA)

    class DownError(Exception):
        pass

    def down(*_arguments: object) -> None:
        raise DownError

    monkeypatch.setattr(FakeBus, "publish", down)
    with pytest.raises(DownError):
        house.leaving.leave(address_key(ANA))
    assert house.line() == [ANA]


def test_whoever_left_by_the_very_mail_and_joins_again_is_not_told_about_the_same_restock(house: House) -> None:
    house.confirms(ANA)
    house.restocks(revision=1)
    house.leaving.leave(address_key(ANA))
    house.accepts()
    house.confirms(ANA)
    house.planner.handle({"plan": "joined", "sku": SKU})
    house.plan()
    assert house.invited() == []

    house.restocks(revision=2)
    assert house.invited() == [ANA]


def test_erasing_forgets_how_often_the_mailbox_was_asked(house: House) -> None:
    house.sign_up.join(house.wish("ana+shop@example.org"))
    key, counted = address_key("ana+shop@example.org"), mailbox_key("ana@example.org")
    assert house.customers.asked(counted, [])[0].count == 1

    house.closing.close_all(key, at=to_text(house.clock.now()), how=Counts(left=1), why=ERASED)
    assert house.customers.asked(counted, [])[0].version == 0
