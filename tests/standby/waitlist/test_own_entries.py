"""Own entries: looking at them, changing them without losing the place, ending one."""

import pytest
from standby.platform.address import address_key
from standby.platform.bus import detail_of
from standby.waitlist.own_entries import AlreadyWaitingError, Change, UnknownSkusError
from standby.waitlist.service import GoneError

from tests.standby.waitlist.conftest import SKU, House

ANA = "ana@example.org"
ADDRESS = address_key(ANA)


def test_own_entries_show_place_and_last_day(house: House) -> None:
    house.waits("first@example.org")
    entry = house.waits(ANA, quantity=2, until="2026-06-01")
    house.sign_up.join(house.wish(ANA, "OTHER"))

    _, (waiting, unconfirmed) = house.mine.entries(ADDRESS)
    assert waiting["id"] == entry
    assert (waiting["skus"], waiting["quantity"], waiting["until"]) == ([SKU], 2, "2026-06-01")
    assert waiting["status"] == "waiting"
    assert waiting["place"] >= 1
    assert (unconfirmed["status"], unconfirmed["place"]) == ("unconfirmed", None)


def test_who_was_told_has_no_entry_any_more(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    house.accepts()

    assert house.mine.entries(ADDRESS)[1] == []


def test_changing_the_quantity_keeps_the_place(house: House) -> None:
    entry = house.waits(ANA)
    house.waits("ben@example.org")
    house.mine.change(ADDRESS, entry, Change(quantity=3))

    assert house.line() == [ANA, "ben@example.org"]
    assert house.counts() == {"waiting": 2, "units_wanted": 4}


def test_another_sku_starts_at_the_end_of_its_line_and_the_kept_one_stays(house: House) -> None:
    entry = house.waits(ANA, "A")
    house.waits("ben@example.org", "A")
    house.waits("ben@example.org", "B")
    house.clock.advance(seconds=1)
    shown = house.mine.change(ADDRESS, entry, Change(skus=("A", "B")))

    assert shown["skus"] == ["A", "B"]
    assert house.line("A") == [ANA, "ben@example.org"]
    assert house.line("B") == ["ben@example.org", ANA]
    assert house.plans.bodies() == [{"plan": "joined", "sku": "B"}]

    house.restocks(sku="B")
    house.restocks(sku="A")
    assert house.invited().count(ANA) == 1


def test_dropping_a_sku_leaves_its_line(house: House) -> None:
    entry = house.waits(ANA, "A", "B")
    house.mine.change(ADDRESS, entry, Change(skus=("B",)))

    assert (house.line("A"), house.line("B")) == ([], [ANA])
    assert house.counts("A") == {}
    house.restocks(sku="B")
    house.accepts()
    assert house.counts("B") == {"invited": 1, "told": 1}


def test_a_sku_that_another_entry_waits_for_is_not_waited_for_twice(house: House) -> None:
    house.waits(ANA, "A")
    entry = house.waits(ANA, "B")

    assert house.mine.change(ADDRESS, entry, Change(skus=("A", "B")))["skus"] == ["B"]
    with pytest.raises(AlreadyWaitingError):
        house.mine.change(ADDRESS, entry, Change(skus=("A",)))
    assert house.line("A") == [ANA]


def test_a_longer_wait_is_looked_at_again_later(house: House) -> None:
    entry = house.waits(ANA, until="2026-05-04")
    house.mine.change(ADDRESS, entry, Change(until="2026-07-01"))
    house.clock.advance(days=10)
    house.sweeper.handle({"sweep": "due"})

    assert house.bulk.messages == []
    assert house.line() == [ANA]


def test_ending_one_entry_leaves_the_others(house: House) -> None:
    entry = house.waits(ANA, "A")
    house.waits(ANA, "B")
    house.mine.remove(ADDRESS, entry)

    assert (house.line("A"), house.line("B")) == ([], [ANA])
    assert house.counts("A") == {"left": 1}
    assert house.bus.named("CustomerLeft") == []


def test_ending_an_entry_whose_mail_is_under_way_stops_just_that_mail(house: House) -> None:
    entry = house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.mine.remove(ADDRESS, entry)

    (left,) = house.bus.named("CustomerLeft")
    assert list(detail_of(left)["references"]) == [job["recipients"][0]["reference"]]


@pytest.mark.promise("P8")
def test_ending_an_entry_that_nobody_confirmed_stops_its_confirmation_mail(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    (job,) = house.urgent.bodies()
    house.mine.remove(ADDRESS, house.token("confirm")["e"])

    (left,) = house.bus.named("CustomerLeft")
    assert list(detail_of(left)["references"]) == [job["recipients"][0]["reference"]]


def test_what_is_not_ones_own_or_not_there_cannot_be_changed(house: House) -> None:
    others = house.waits("ben@example.org")
    house.sign_up.join(house.wish(ANA))
    unconfirmed = house.token("confirm")["e"]

    for entry in (others, unconfirmed, "nothing"):
        with pytest.raises(GoneError):
            house.mine.change(ADDRESS, entry, Change(quantity=2))
    with pytest.raises(GoneError):
        house.mine.remove(ADDRESS, others)


def test_an_own_entry_is_not_moved_to_what_the_shop_does_not_know(house: House) -> None:
    house.ledger.unheard_of |= {"NEXT-SEASON", "You-have-won-1000-EUR"}
    entry = house.waits(ANA, "NEXT-SEASON")

    with pytest.raises(UnknownSkusError, match="You-have-won-1000-EUR"):
        house.mine.change(ADDRESS, entry, Change(skus=("NEXT-SEASON", "You-have-won-1000-EUR")))
    assert house.mine.change(ADDRESS, entry, Change(skus=("NEXT-SEASON", SKU)))["skus"] == ["NEXT-SEASON", SKU]
