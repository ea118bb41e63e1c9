"""Entries whose time is over get one last notice and leave the line. Unconfirmed ones are forgotten."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.bus import detail_of
from standby.platform.dynamodb import BusyError, to_item
from standby.platform.queue import PoisonError
from standby.waitlist import items
from standby.waitlist.model import places, shard_of
from standby.waitlist.own_entries import Change
from standby.waitlist.wave_repository import PATIENCE, WaveRepository, chain_key

from tests.fakes import HOURS
from tests.standby.waitlist.conftest import SKU, TABLE, House, accepted, event

ANA = "ana@example.org"
HALF = {"N": "1.5"}
WHOLE = {"pk": "x", "sk": "x", "due_shard": "x", "due_at": "x"}


def due_shard(sku: str) -> int:
    return shard_of(sku, len(items.CHAINS_DUE))


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


def test_customers_with_numbers_that_are_not_whole_hold_up_nobody_else(house: House) -> None:
    """A sweep reads them one by one; the places in line of a customer who ends something are read together."""
    people = [f"customer-{number}@example.org" for number in range(4)]
    for email in people:
        house.waits(email, until="2026-05-10")
    house.clock.advance(days=9)
    for email in people[:2]:
        spoil(house, items.address_key(address_key(email)), version=HALF)
    sweep(house)
    assert {job["recipients"][0]["email"] for job in house.bulk.bodies()} == set(people[2:])
    assert house.measured["AddressesNotSwept"] == 2


def test_who_has_a_place_that_cannot_be_read_can_leave(house: House) -> None:
    house.waits(ANA, SKU, "OTHER")
    (entry,) = house.customers.customer(address_key(ANA)).entries.values()
    spoil(house, items.listing_key(places(entry)[0]), quantity=HALF)
    house.leaving.leave(address_key(ANA))
    assert (house.line(), house.line("OTHER")) == ([], [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"sweep": "chimney"}, "not a sweep"),
        ({"sweep": "due", "shard": "CHAIN#9"}, "shard: must be one of CHAIN#0"),
        ({"sweep": "due", "shard": ["CHAIN#0"]}, "shard: must be one of CHAIN#0"),
        ({"sweep": "due", "shard": "CHAIN#0", "cursor": "x"}, "cursor: must have the texts due_at"),
        ({"sweep": "due", "shard": "CHAIN#0", "cursor": {"wrong": "x"}}, "cursor: must have the texts due_at"),
        ({"sweep": "due", "shard": "ENTRY#0", "cursor": {"pk": "x", "sk": "x"}}, "cursor: must have the texts due_at"),
        ({"sweep": "due", "shard": "ENTRY#0", "cursor": {**WHOLE, "pk": 5}}, "cursor: must have the texts due_at"),
    ],
)
def test_a_message_that_is_no_sweep_is_poison_with_its_reason(house: House, content: Any, reason: str) -> None:
    with pytest.raises(PoisonError, match=f"^{reason}"):
        house.sweeper.handle(content)


@pytest.mark.promise("P2")
def test_a_shard_that_aws_does_not_show_holds_up_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.waits(ANA, until="2026-05-10")
    house.clock.advance(days=9)
    read = WaveRepository.due

    def busy(waves: WaveRepository, shard: str, *rest: Any) -> Any:
        if shard == items.CHAINS_DUE[0]:
            raise BusyError("throttled")
        return read(waves, shard, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(WaveRepository, "due", busy)
        house.sweeper.handle({"sweep": "due"})
    assert len(house.bulk.messages) == 1
    again = [body for body in house.sweeps.bodies() if "shard" in body]
    assert again == [{"sweep": "due", "shard": items.CHAINS_DUE[0]}]
    sweep(house)


# ---------------------------------------------------------------------- chains that cannot be worked off

CANNOT = {
    "chain": lambda house: spoil(house, chain_key(SKU), revision=None),
    "state of a chain": lambda house: spoil(house, chain_key(SKU), state={"S": "asleep"}),
    "number of a chain": lambda house: spoil(house, chain_key(SKU), units_left=HALF),
    "stock": lambda house: house.ledger.stocks.update({SKU: object()}),
}


def spoil(house: House, key: dict[str, str], **values: Any) -> None:
    """Change an item's attributes behind the code's back, in DynamoDB's JSON; ``None`` removes one."""
    (kept,) = (house.dynamodb.get_item(TableName=TABLE, Key=to_item(key))["Item"],)
    changed = {name: value for name, value in {**kept, **values}.items() if value is not None}
    house.dynamodb.put_item(TableName=TABLE, Item=changed)


def minutes(house: House, count: int) -> list[str]:
    """Let the sweeper find what is due each minute, and return why plans are dead letters."""
    letters = []
    for _ in range(count):
        house.clock.advance(minutes=1)
        sweep(house)
        while house.plans.messages:
            for message in house.plans.drain():
                for redelivered in (False, True):
                    try:
                        house.planner.handle(json.loads(message.body), redelivered=redelivered)
                        break
                    except PoisonError as poison:
                        letters.append(poison.reason)
                    except Exception:  # noqa: BLE001 - whatever it is, SQS delivers the message again
                        assert not redelivered
    return letters


SWEEPS = PATIENCE // timedelta(minutes=1) + 1
"""So often the sweeper asks for a chain before it is put off."""


def stands_still(house: House, sku: str = SKU) -> None:
    """Let a wave begin whose messages are lost."""
    house.waits(ANA, sku)
    house.waits("ben@example.org", sku)
    house.ledger.restocked(sku, 1, 10)
    house.planner.handle(event("Restocked", sku=sku, revision=1))
    house.plans.drain()
    house.clock.advance(minutes=5)


@pytest.mark.promise("P2")
@pytest.mark.parametrize("kind", CANNOT)
def test_a_chain_that_cannot_be_worked_off_is_few_dead_letters_and_stops_no_other(house: House, kind: str) -> None:
    others = [sku for sku in (f"SKU-{number}" for number in range(50)) if due_shard(sku) == due_shard(SKU)][:3]
    for sku in (SKU, *others):
        stands_still(house, sku)
    CANNOT[kind](house)
    letters = minutes(house, 62)
    assert sorted(house.invited()) == sorted([ANA, "ben@example.org"] * len(others))
    assert SWEEPS <= len(letters) <= SWEEPS + 1
    assert all(reason.startswith("cannot be planned: ") for reason in letters)
    assert 1 <= len(minutes(house, 60)) <= 2


@pytest.mark.promise("P2")
def test_a_sweep_that_comes_several_times_at_once_puts_off_no_chain(house: House) -> None:
    """`make proof` found it: sweeps pile up behind a pause, and a healthy chain waited an hour longer."""
    stands_still(house)
    house.plans.drain()
    for _ in range(SWEEPS + 1):
        sweep(house)
        assert house.plans.drain()


@pytest.mark.promise("P2")
def test_a_chain_that_is_put_off_is_due_for_a_planner_whose_clock_is_behind(house: House) -> None:
    stands_still(house)
    for _ in range(SWEEPS):
        house.clock.advance(minutes=1)
        sweep(house)
        (late,) = house.plans.drain()
    house.clock.advance(seconds=-30)
    house.planner.handle(json.loads(late.body))
    house.plan()
    assert house.invited() == [ANA, "ben@example.org"]


@pytest.mark.promise("P2")
def test_a_chain_that_is_put_off_goes_on_as_soon_as_a_planner_comes(house: House) -> None:
    """All planners were busy for a while: what the sweeper asked for meanwhile still waits in the queue."""
    stands_still(house)
    waiting = []
    for _ in range(SWEEPS + 1):
        house.clock.advance(minutes=1)
        sweep(house)
        waiting += house.plans.drain()
    assert len(waiting) == SWEEPS
    for message in waiting:
        house.planner.handle(json.loads(message.body))
    house.plan()
    assert house.invited() == [ANA, "ben@example.org"]


def test_every_step_of_a_chain_begins_the_sweeper_s_count_anew(house: House) -> None:
    stands_still(house)
    for _ in range(SWEEPS):
        sweep(house)
        house.plans.drain()
        house.clock.advance(minutes=1)
    house.planner.handle({"plan": "joined", "sku": SKU})  # a step, though not one that helps
    for _ in range(SWEEPS):
        sweep(house)
        assert house.plans.drain()
        house.clock.advance(minutes=1)
    sweep(house)
    assert house.plans.messages == []


@pytest.mark.promise("P2")
def test_places_that_cannot_be_read_keep_nobody_behind_them_from_being_told(house: House) -> None:
    """Whole shards' answers of them, too."""
    house.waves = WaveRepository(house.waves.table, 2)
    house.planner = replace(house.planner, waves=house.waves)
    people = [f"customer-{number:02d}@example.org" for number in range(40)]
    for email in people:
        house.waits(email)
    for email in people[:30]:
        (entry,) = house.customers.customer(address_key(email)).entries.values()
        spoil(house, items.listing_key(places(entry)[0]), quantity=HALF)
    house.restocks(units=100)
    assert house.invited() == people[30:]


@pytest.mark.promise("P2")
def test_a_place_that_is_spoilt_after_its_page_was_planned_keeps_no_other_of_the_page(house: House) -> None:
    house.waits(ANA)
    house.waits("ben@example.org")
    house.restocks()
    house.bulk.drain()
    (entry,) = house.customers.customer(address_key(ANA)).entries.values()
    spoil(house, items.listing_key(places(entry)[0]), quantity=HALF)
    house.planner.handle({"plan": "page", "sku": SKU, "revision": 1, "wave": 1, "page": 0, "cursor": ""})
    assert house.invited() == ["ben@example.org"]


@pytest.mark.promise("P2")
def test_a_line_in_which_no_place_can_be_read_ends_its_waves_and_rings(house: House) -> None:
    house.waits(ANA)
    (entry,) = house.customers.customer(address_key(ANA)).entries.values()
    spoil(house, items.listing_key(places(entry)[0]), quantity=HALF)
    house.restocks(units=100)
    for _ in range(5):
        house.plan()
    assert house.plans.bodies() == []
    assert house.invited() == []
    assert house.measured["AddressesNotSwept"] >= 1
