"""What does not come back: those who wait are told once, and their entries end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from standby.ledger.model import SkuStock
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.queue import PoisonError
from standby.platform.table import Update
from standby.waitlist import discontinuing
from standby.waitlist.catalogue import DiscontinuedError
from standby.waitlist.discontinuing import MOST_LOOKS, TOLD_AFTER
from standby.waitlist.model import CLOSED_AFTER, MAIL_VALID
from standby.waitlist.noticing import notice_job
from standby.waitlist.own_entries import Change
from standby.waitlist.sweeping import Sweeper

from tests.standby.waitlist.conftest import SKU, House, event

ANA, BEN, EVA = "ana@example.org", "ben@example.org", "eva@example.org"


def ends(house: House, sku: str = SKU) -> int:
    """Let the catalogue say that a SKU does not come back, and the planner hear it; return the word's edition."""
    edition = house.shelf.says(sku)
    hears(house, edition, sku)
    return edition


def hears(house: House, edition: int, sku: str = SKU) -> None:
    house.planner.handle(event("ProductDiscontinued", sku=sku, edition=edition))
    house.plan()


def sweeps(house: House, later: timedelta = TOLD_AFTER) -> None:
    house.clock.advance(seconds=later.total_seconds())
    house.sweeper.handle({"sweep": "due"})


def jobs(house: House, kind: str = "not_coming_back") -> list[tuple[str, list[str]]]:
    """Return to whom mails of a kind are on their way, and about which SKUs, each job once."""
    found = {job["job_id"]: job for job in house.bulk.bodies() if job["kind"] == kind}
    return [(job["recipients"][0]["email"], job["data"].get("skus", [])) for job in found.values()]


def test_those_who_wait_are_told_once_and_leave_the_line_when_ses_has_accepted(house: House) -> None:
    for email in (ANA, BEN):
        house.waits(email)
    ends(house)
    assert jobs(house) == []

    sweeps(house)
    assert sorted(jobs(house)) == [(ANA, [SKU]), (BEN, [SKU])]
    sweeps(house)
    assert len(jobs(house)) == 2
    assert house.line() == [ANA, BEN]

    house.accepts()
    assert house.line() == []
    assert house.counts() == {}
    sweeps(house)
    sweeps(house, timedelta(days=400))
    assert house.bulk.bodies() == []


def test_the_word_may_come_again_and_changes_nothing(house: House) -> None:
    house.waits(ANA)
    edition = ends(house)
    before = house.customers.customer(address_key(ANA))
    house.clock.advance(seconds=30)
    hears(house, edition)
    assert house.customers.customer(address_key(ANA)) == before


def test_a_notice_that_is_made_twice_is_the_same_job(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.waits(ANA)
    ends(house)

    def dies(_self: Sweeper, *_given: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("standby.waitlist.noticing.Noticing.given", dies)
        sweeps(house)
    sweeps(house)
    made = house.bulk.bodies()
    assert len(made) == 2
    assert made[0] == made[1]


def test_a_line_is_gone_down_in_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discontinuing, "PAGE", 3)
    everybody = [f"customer-{number}@example.org" for number in range(10)]
    for email in everybody:
        house.waits(email)
    ends(house)
    sweeps(house)
    assert sorted(email for email, _ in jobs(house)) == everybody


def test_one_of_several_is_lost_without_a_mail_and_the_last_one_names_them_all(house: House) -> None:
    entry_id = house.waits(ANA, "RED", "BLUE", "GREY")
    ends(house, "RED")
    sweeps(house)
    assert jobs(house) == []
    assert (house.line("RED"), house.line("BLUE"), house.line("GREY")) == ([], [ANA], [ANA])
    assert house.counts("RED") == {}

    ends(house, "GREY")
    house.shelf.says("GREY", discontinued=False)
    ends(house, "BLUE")
    sweeps(house)
    assert jobs(house) == [(ANA, ["RED", "BLUE"])]
    house.accepts()
    assert house.line("BLUE") == []
    assert house.customers.table.item({"pk": f"ENTRY#{entry_id}", "sk": "ENTRY"}) is None


def test_the_rest_of_an_entry_is_told_when_it_is_back(house: House) -> None:
    house.waits(ANA, "RED", "BLUE")
    ends(house, "RED")
    house.restocks(sku="BLUE")
    assert house.invited() == [ANA]
    house.accepts()
    assert house.line("BLUE") == []


@pytest.mark.parametrize("late", [False, True], ids=["before the event", "after the first page"])
def test_who_waits_for_what_was_taken_back_before_its_turn_goes_on_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    monkeypatch.setattr(discontinuing, "PAGE", 1)
    for email in (ANA, BEN):
        house.waits(email)
    edition = house.shelf.says(SKU)
    if late:
        house.planner.handle(event("ProductDiscontinued", sku=SKU, edition=edition))
    house.shelf.says(SKU, discontinued=False)
    hears(house, edition)
    sweeps(house)
    assert [email for email, _ in jobs(house)] == ([ANA] if late else [])


def test_the_event_is_believed_before_the_shelf_has_heard_it(house: House) -> None:
    house.waits(ANA)
    house.shelf.says(SKU, discontinued=False)
    hears(house, 2)
    sweeps(house)
    assert jobs(house) == [(ANA, [SKU])]


def test_units_that_can_be_sold_go_to_those_who_wait_first(house: House) -> None:
    for email in (ANA, BEN):
        house.waits(email)
    house.restocks(units=1)
    ends(house)
    sweeps(house)
    assert jobs(house) == []
    house.accepts()
    assert house.line() == [BEN]

    house.ledger.sold_out(SKU)
    house.planner.handle(event("SoldOut", sku=SKU, revision=2))
    house.plan()
    sweeps(house)
    assert jobs(house) == [(BEN, [SKU])]


def test_units_that_nobody_is_told_of_can_be_sold_too(house: House) -> None:
    """Too few for a restock, or settling: the shop's page sells them, so it is not over yet."""
    house.waits(ANA)
    house.ledger.stocks[SKU] = SkuStock(sku=SKU, free=1)
    ends(house)
    sweeps(house)
    assert jobs(house) == []


def test_the_last_sale_is_known_before_the_settler_says_that_the_sku_is_out(house: House) -> None:
    house.waits(ANA)
    house.restocks(units=1, revision=4)
    house.refuses("expired")
    ends(house)
    house.ledger.stocks[SKU] = SkuStock(sku=SKU)
    house.planner.handle(event("SoldOut", sku=SKU, revision=5))
    house.plan()
    sweeps(house)
    assert jobs(house) == [(ANA, [SKU])]


def test_a_shelf_that_never_hears_is_a_dead_letter_after_a_day(house: House) -> None:
    house.waits(ANA)
    house.ledger.restocked(SKU, 1, 5)
    hears(house, 1)
    for _ in range(MOST_LOOKS - 1):
        house.delayed()
    (last,) = house.plans.bodies()
    assert last["looked"] == MOST_LOOKS
    with pytest.raises(PoisonError, match="shelf"):
        house.planner.handle(last)


def test_a_shelf_that_has_not_heard_while_units_can_be_sold_is_asked_again(house: House) -> None:
    """Or the last sale would find nothing on the shelf, and nobody would ever be told."""
    house.waits(ANA)
    house.ledger.restocked(SKU, 1, 5)
    hears(house, 1)
    assert [message.delay_seconds for message in house.plans.messages] == [900]
    house.shelf.says(SKU)
    house.delayed()
    assert house.plans.messages == []


def test_who_gets_in_line_after_all_is_told_too(house: House) -> None:
    """Somebody whose sign-up read the shelf before it had heard."""
    edition = ends(house)
    said, house.shelf.variants = house.shelf.variants, {}
    house.sign_up.enroll(house.wish(ANA), consented_at="2026-05-03T08:00:00.000Z", source="checkout")
    house.shelf.variants = said
    house.plan()
    sweeps(house)
    assert (edition, jobs(house)) == (1, [(ANA, [SKU])])


def test_no_wave_tells_whose_entry_has_ended(house: House) -> None:
    house.waits(ANA)
    ends(house)
    house.restocks()
    assert house.invited() == []


@pytest.mark.parametrize(
    ("happens", "noticed"),
    [(House.accepts, []), (lambda house: house.refuses("expired"), [(ANA, [SKU])])],
    ids=["told", "called off"],
)
def test_whom_a_wave_is_telling_hears_of_the_end_only_if_that_mail_is_called_off(
    house: House, happens: Callable[[House], None], noticed: list[object]
) -> None:
    house.waits(ANA)
    house.restocks()
    assert house.invited() == [ANA]
    house.ledger.sold_out(SKU)
    ends(house)
    sweeps(house)
    assert jobs(house) == []

    happens(house)
    sweeps(house)
    assert jobs(house) == noticed


def test_a_notice_that_came_too_late_is_given_again_as_another_job(house: House) -> None:
    entry_id = house.waits(ANA)
    ends(house)
    sweeps(house)
    (first,) = house.bulk.bodies()
    assert first["job_id"] == notice_job(house.customers.customer(address_key(ANA)).entries[entry_id])
    house.clock.advance(seconds=MAIL_VALID.total_seconds())
    told = {"detail-type": "MailRefused", "source": "standby"}
    detail = {
        "id": "r",
        "at": to_text(house.clock.now()),
        "reason": "expired",
        "references": [first["recipients"][0]["reference"]],
        "job_id": first["job_id"],
        "kind": first["kind"],
    }
    house.bulk.drain()
    house.recorder.handle({**told, "detail": detail})
    sweeps(house)
    (second,) = house.bulk.bodies()
    assert (second["kind"], second["job_id"] != first["job_id"]) == ("not_coming_back", True)


def test_an_entry_whose_notice_is_never_heard_of_ends_all_the_same(house: House) -> None:
    house.waits(ANA)
    ends(house)
    sweeps(house)
    sweeps(house, CLOSED_AFTER)
    assert (house.line(), house.counts()) == ([], {})


def test_who_joins_again_once_it_is_taken_back_stays_though_the_notice_leaves(house: House) -> None:
    house.waits(ANA)
    ends(house)
    sweeps(house)
    house.shelf.says(SKU, discontinued=False)
    house.confirms(ANA)
    house.accepts()
    assert house.line() == [ANA]
    house.restocks()
    assert house.invited() == [ANA]


def test_one_address_that_cannot_be_read_costs_no_other_the_turn(house: House) -> None:
    for email in (ANA, BEN, EVA):
        house.waits(email)
    spoilt = {"pk": f"ADDRESS#{address_key(BEN)}", "sk": "ADDRESS"}
    house.customers.table.write(Update(spoilt, assign={"entries": "spoilt"}))
    ends(house)
    sweeps(house)
    assert sorted(email for email, _ in jobs(house)) == [ANA, EVA]


# ---- the sign-up is closed ----


def test_a_sign_up_mails_nothing_for_what_does_not_come_back(house: House) -> None:
    house.shelf.says("RED")
    house.sign_up.join(house.wish(ANA, "RED"))
    assert (house.urgent.bodies(), house.counts("RED")) == ([], {})

    house.sign_up.join(house.wish(ANA, "RED", "BLUE"))
    assert [job["data"]["skus"] for job in house.urgent.bodies()] == [["BLUE"]]


def test_a_confirmation_puts_nobody_in_line_for_what_does_not_come_back(house: House) -> None:
    house.sign_up.join(house.wish(ANA, "RED", "BLUE"))
    subject = house.token("confirm")
    ends(house, "RED")
    assert house.sign_up.pending(subject["a"], subject["e"]).skus == ("BLUE",)
    assert house.sign_up.confirm(subject["a"], subject["e"]).skus == ("BLUE",)
    assert (house.line("RED"), house.line("BLUE")) == ([], [ANA])
    assert house.counts("RED") == {}


def test_own_entries_are_not_changed_to_what_does_not_come_back(house: House) -> None:
    entry_id = house.waits(ANA, "BLUE")
    house.shelf.says("RED")
    with pytest.raises(DiscontinuedError, match="RED"):
        house.mine.change(address_key(ANA), entry_id, Change(skus=("BLUE", "RED")))
    assert house.line("RED") == []


def test_an_entry_that_has_ended_goes_on_with_other_skus_only(house: House) -> None:
    entry_id = house.waits(ANA, "RED")
    ends(house, "RED")
    for change in (Change(quantity=2), Change(until="2026-08-01"), Change(skus=("RED", "BLUE"))):
        with pytest.raises(DiscontinuedError, match="RED"):
            house.mine.change(address_key(ANA), entry_id, change)
    house.mine.change(address_key(ANA), entry_id, Change(skus=("BLUE",)))
    sweeps(house)
    assert jobs(house) == []
    house.restocks(sku="BLUE")
    assert house.invited() == [ANA]
