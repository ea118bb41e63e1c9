"""Entries whose time is over get one last notice and leave the line. Unconfirmed ones are forgotten."""

from datetime import datetime

import pytest
from standby.platform.address import address_key
from standby.platform.bus import detail_of
from standby.platform.queue import PoisonError
from standby.waitlist.own_entries import Change

from tests.fakes import HOURS
from tests.standby.waitlist.conftest import SKU, House, accepted

ANA = "ana@example.org"


def sweep(house: House) -> None:
    house.sweeper.handle({"sweep": "due"})
    while waiting := house.sweeps.bodies():
        house.sweeps.drain()
        for content in waiting:
            house.sweeper.handle(content)


@pytest.mark.parametrize("starts_at", HOURS, ids=str)
def test_an_entry_past_its_last_day_gets_one_notice_and_leaves_when_it_was_accepted(
    house: House, starts_at: datetime
) -> None:
    house.clock.at = starts_at
    house.waits(ANA, SKU, "OTHER", until="2026-05-10")
    house.clock.advance(days=7)
    sweep(house)
    assert house.bulk.messages == []

    house.clock.advance(days=2)
    sweep(house)
    sweep(house)
    (job,) = house.bulk.bodies()
    assert job["kind"] == "last_notice"
    assert job["data"]["skus"] == [SKU, "OTHER"]
    assert house.line() == [ANA]

    house.recorder.handle(accepted(job))
    assert (house.line(), house.line("OTHER")) == ([], [])
    assert house.counts() == {}


def test_who_chooses_a_later_day_while_the_notice_is_under_way_goes_on_waiting(house: House) -> None:
    entry = house.waits(ANA, SKU, "OTHER", until="2026-05-10")
    house.clock.advance(days=9)
    sweep(house)
    (job,) = house.bulk.bodies()
    house.mine.change(address_key(ANA), entry, Change(until="2026-06-30", quantity=2))

    house.recorder.handle(accepted(job))

    assert (house.line(), house.line("OTHER")) == ([ANA], [ANA])
    assert house.counts() == {"waiting": 1, "units_wanted": 2}


@pytest.mark.promise("P8")
def test_ending_an_entry_whose_notice_is_under_way_stops_just_that_mail(house: House) -> None:
    entry = house.waits(ANA, SKU, "OTHER", until="2026-05-10")
    house.clock.advance(days=9)
    sweep(house)
    (job,) = house.bulk.bodies()
    house.mine.remove(address_key(ANA), entry)

    (left,) = house.bus.named("CustomerLeft")
    assert list(detail_of(left)["references"]) == [job["recipients"][0]["reference"]]


def test_an_entry_whose_notice_nobody_answered_for_is_closed_without_another(house: House) -> None:
    house.waits(ANA, until="2026-05-10")
    house.clock.advance(days=10)
    sweep(house)
    house.clock.advance(days=14)
    sweep(house)
    assert house.line() == [ANA]

    house.clock.advance(days=2)
    sweep(house)
    assert len(house.bulk.messages) == 1
    assert house.line() == []
    assert house.counts() == {}


def test_who_was_told_gets_no_last_notice(house: House) -> None:
    house.waits(ANA, until="2026-05-10")
    house.restocks()
    house.accepts()
    house.clock.advance(days=10)
    sweep(house)

    assert house.bulk.messages == []


def test_unconfirmed_entries_are_forgotten_after_a_week(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    house.clock.advance(days=7)
    sweep(house)

    assert house.counts() == {}
    assert house.customers.customer(address_key(ANA)).entries == {}


def test_unconfirmed_entries_are_forgotten_when_their_last_day_is_over(house: House) -> None:
    house.sign_up.join(house.wish(ANA, until="2026-05-04"))
    house.clock.advance(days=2)
    sweep(house)

    assert house.counts() == {}
    assert house.customers.customer(address_key(ANA)).entries == {}


def test_many_that_are_due_are_worked_through_in_pages(house: House) -> None:
    for number in range(230):
        house.sign_up.join(house.wish(f"customer-{number}@example.org"))
    house.clock.advance(days=8)
    house.sweeper.handle({"sweep": "due"})
    assert house.sweeps.messages
    sweep(house)

    assert house.counts() == {}


def test_an_address_that_cannot_be_swept_holds_up_nobody_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [f"customer-{number}@example.org" for number in range(4)]
    for email in people:
        house.waits(email, until="2026-05-10")
    house.clock.advance(days=9)
    read = house.customers.customer
    poisoned = address_key(people[1])

    def broken(_customers: object, address: str) -> object:
        if address == poisoned:
            raise KeyError("entries")
        return read(address)

    with monkeypatch.context() as patch:
        patch.setattr(type(house.customers), "customer", broken)
        sweep(house)
    noticed = {job["recipients"][0]["email"] for job in house.bulk.bodies()}
    assert noticed == {people[0], people[2], people[3]}
    assert house.measured["AddressesNotSwept"] == 1

    sweep(house)
    assert house.bulk.bodies()[-1]["recipients"][0]["email"] == people[1]


def test_a_message_that_is_no_sweep_is_poison(house: House) -> None:
    with pytest.raises(PoisonError):
        house.sweeper.handle({"sweep": "chimney"})
