"""Whom a wave may tell: no more than its bound and what came back, and nobody who wants more than there is."""

from typing import Any

import pytest
from standby.ledger.model import SkuSettings, SkuStock

from tests.standby.waitlist.conftest import SKU, House, event
from tests.standby.waitlist.test_budgets import fill, requests

SWEEPS = 6
"""How often in an hour the sweeper comes in these tests; it reads eight shards of what is due."""


def everybody_waits(house: House, count: int, **more: Any) -> list[str]:
    emails = [f"customer-{number:04}@example.org" for number in range(count)]
    for email in emails:
        house.waits(email, **more)
    return emails


def sellable(house: House, units: int, revision: int) -> None:
    """Let the SKU have other units without a restock."""
    house.ledger.stocks[SKU] = SkuStock(sku=SKU, on_hand=units, free=units, revision=revision)


def freed(house: House, number: int, revision: int, *, units: int = 1) -> None:
    """Let a hold end."""
    house.planner.handle(event("UnitsFreed", sku=SKU, id=f"hold-{number}", revision=revision, units=units))


def hours_pass(house: House, count: int = 1) -> None:
    for _ in range(count * SWEEPS):
        house.clock.advance(minutes=60 / SWEEPS)
        house.sweeper.handle({"sweep": "due"})
        house.plan()


def test_each_unit_that_comes_back_is_told_to_one(house: House) -> None:
    waiting = everybody_waits(house, 40)
    house.restocks(units=11)
    house.accepts()

    for number in range(3):
        sellable(house, 12 + number, 2 + number)
        freed(house, number, 2 + number)
        house.plan()

    assert house.invited() == waiting[11:14]


def test_an_event_about_units_that_comes_again_after_another_counts_once(house: House) -> None:
    waiting = everybody_waits(house, 20)
    house.restocks(units=5)
    house.accepts()

    for number in (0, 1, 0, 1, 0):
        sellable(house, 7, 3)
        freed(house, number, 2 + number)
        house.plan()

    assert house.invited() == waiting[5:7]


def test_units_that_come_back_while_a_wave_runs_are_told_to_one_each(house: House) -> None:
    small = House(house.dynamodb, shard_read=3)
    waiting = everybody_waits(small, 40)
    small.ledger.restocked(SKU, 1, 20)
    small.planner.handle(event("Restocked", sku=SKU, revision=1))
    small.planner.handle(small.plans.bodies()[0])
    sellable(small, 22, 3)
    freed(small, 0, 2)
    freed(small, 0, 2)
    freed(small, 1, 3)
    small.plan()

    assert small.invited() == waiting[:22]


def test_units_that_come_back_after_the_last_page_of_a_wave_are_told_too(house: House) -> None:
    waiting = everybody_waits(house, 6)
    house.waits("two@example.org", quantity=2)
    house.ledger.restocked(SKU, 1, 7)
    house.planner.handle(event("Restocked", sku=SKU, revision=1))
    house.plans.drain()
    chain = house.waves.chain(SKU)
    assert chain is not None
    page = {"plan": "page", "sku": SKU, "revision": 1, "wave": 1, "page": 0, "cursor": ""}
    house.planner.handle(page)
    assert house.invited() == waiting
    sellable(house, 9, 2)
    freed(house, 0, 2, units=2)
    house.plan()

    assert house.invited() == [*waiting, "two@example.org"]


def test_units_freed_before_the_count_are_in_its_bound_already(house: House) -> None:
    waiting = everybody_waits(house, 10)
    house.restocks(revision=4, units=3)
    house.accepts()
    sellable(house, 3, 4)

    freed(house, 0, 4)
    freed(house, 1, 3)
    house.plan()

    assert house.invited() == []
    assert house.line() == waiting[3:]


def test_units_that_come_back_add_up_until_they_are_enough_for_the_next(house: House) -> None:
    house.waits("one@example.org")
    house.waits("three@example.org", quantity=3)
    house.restocks(units=2)
    house.accepts()
    told = []
    for number in range(3):
        sellable(house, 3 + number, 2 + number)
        freed(house, number, 2 + number)
        house.plan()
        told.append(house.invited())

    assert told == [[], [], ["three@example.org"]]


def test_more_units_than_can_be_sold_are_promised_to_nobody_when_holds_end(house: House) -> None:
    waiting = everybody_waits(house, 10)
    house.restocks(units=2)
    house.accepts()
    sellable(house, 1, 9)

    freed(house, 0, 9, units=5)
    house.plan()

    assert house.invited() == waiting[2:3]


def test_units_that_come_back_all_day_do_not_put_off_the_next_wave(house: House) -> None:
    waiting = everybody_waits(house, 30)
    house.restocks(units=2)
    house.accepts()
    for number in range(6):
        house.clock.advance(minutes=9)
        sellable(house, 1, 2 + number)
        freed(house, number, 2 + number)
        house.plan()
    house.accepts()
    assert house.line() == waiting[8:]

    sellable(house, 5, 9)
    house.clock.advance(minutes=7)
    house.sweeper.handle({"sweep": "due"})
    house.plan()

    assert house.invited() == waiting[8:13]


@pytest.mark.parametrize("everyone", [False, True])
def test_nobody_is_told_who_wants_more_than_there_is(house: House, *, everyone: bool) -> None:
    house.ledger.merged = SkuSettings(notify_everyone=everyone, wave_ratio=2.0)
    house.waits("eight@example.org", quantity=8)
    house.waits("five@example.org", quantity=5)
    house.waits("one@example.org")
    house.restocks(revision=1, units=5)
    assert house.invited() == ["five@example.org", "one@example.org"]

    house.accepts()
    sellable(house, 8, 2)
    hours_pass(house)
    assert house.invited() == ["eight@example.org"]


def test_the_next_in_line_may_exceed_a_part_of_what_is_there(house: House) -> None:
    house.ledger.merged = SkuSettings(wave_ratio=0.3)
    house.waits("four@example.org", quantity=4)
    house.waits("one@example.org")
    house.restocks(revision=1, units=10)

    assert house.invited() == ["four@example.org"]


def test_the_last_one_told_takes_no_more_than_what_the_others_leave(house: House) -> None:
    house.ledger.merged = SkuSettings(wave_ratio=0.5)
    for quantity in (4, 7, 6):
        house.waits(f"wants-{quantity}@example.org", quantity=quantity)
    house.restocks(revision=1, units=10)

    assert house.invited() == ["wants-4@example.org", "wants-6@example.org"]


@pytest.mark.parametrize(("ratio", "units", "told"), [(0.29, 100, 29), (0.7, 10, 7), (2.0, 3, 6), (0.01, 5, 1)])
def test_a_ratio_is_counted_as_it_is_written(house: House, ratio: float, units: int, told: int) -> None:
    waiting = everybody_waits(house, 40)
    house.ledger.merged = SkuSettings(wave_ratio=ratio)
    house.restocks(units=units)

    assert house.invited() == waiting[:told]


def test_a_wave_stops_when_nothing_is_left_though_nobody_has_said_so_yet(house: House) -> None:
    small = House(house.dynamodb, shard_read=3)
    waiting = everybody_waits(small, 40)
    small.ledger.merged = SkuSettings(notify_everyone=True)
    small.ledger.restocked(SKU, 1, 20)
    small.planner.handle(event("Restocked", sku=SKU, revision=1))
    small.planner.handle(small.plans.bodies()[0])
    first = len(small.invited())
    sellable(small, 0, 2)
    small.plan()
    assert small.invited() == waiting[:first]

    sellable(small, 3, 3)
    hours_pass(small)
    assert small.invited() == waiting


def test_units_of_those_who_cannot_be_mailed_come_back_though_another_wave_began(house: House) -> None:
    waiting = everybody_waits(house, 12)
    house.restocks(units=3)
    (job,) = house.bulk.bodies()
    house.bulk.drain()
    sellable(house, 4, 2)
    freed(house, 0, 2)
    house.plan()
    house.accepts()
    house.refuses("suppressed", [job])
    house.clock.advance(minutes=1)
    house.sweeper.handle({"sweep": "due"})
    house.plan()

    assert house.invited() == waiting[4:7]


def everybody_wants(house: House, count: int, quantity: int) -> None:
    fill(house, count, quantity=quantity)


def test_a_line_in_which_everybody_wants_more_than_there_is_is_read_once_a_day(house: House) -> None:
    everybody_wants(house, 700, 9)
    house.restocks(units=5)
    with requests(house) as made:
        hours_pass(house, 23)
    assert house.invited() == []
    assert made["Query"] == 23 * SWEEPS * 8, "nobody but the sweeper read"
    assert made["TransactWriteItems"] == 23

    why = house.desk().explainer.why(SKU)["steps"]
    assert [step["event"] for step in why].count("WavePutOff") == 1
    put_off = next(step for step in why if step["event"] == "WavePutOff")
    assert (put_off["rule"], put_off["numbers"]["sellable"], put_off["numbers"]["least_wanted"]) == (
        "nobody_wants_so_few", 5, 9,
    )  # fmt: skip
    with requests(house) as made:
        hours_pass(house, 2)
    assert made["Query"] > 2 * SWEEPS * 8, "once a day the line is read all the same"


@pytest.mark.parametrize("what", ["more units", "another customer", "fewer wanted", "a mail called off"])
def test_a_wave_that_was_put_off_begins_once_it_helps_somebody(house: House, what: str) -> None:
    entry = house.waits("nine@example.org", quantity=9)
    if what == "a mail called off":
        house.waits("one@example.org")
    house.restocks(units=5)
    if what == "a mail called off":
        house.refuses("cancelled")
    hours_pass(house, 3)
    if what == "more units":
        sellable(house, 9, 2)
    elif what == "another customer":
        house.waits("one@example.org")
        house.planner.handle({"plan": "joined", "sku": SKU})
    elif what == "fewer wanted":
        fewer(house, entry)
    hours_pass(house, 1)

    expected = "nine@example.org" if what in {"more units", "fewer wanted"} else "one@example.org"
    assert house.invited() == [expected]


def fewer(house: House, entry: str) -> None:
    """Let the customer want 4 units, and the planner hear of it."""
    from standby.platform.address import address_key  # noqa: PLC0415 - beside its one use
    from standby.waitlist.own_entries import Change  # noqa: PLC0415

    house.mine.change(address_key("nine@example.org"), entry, Change(quantity=4))
    house.plan()


def test_units_that_come_back_are_not_looked_for_takers_where_all_want_more(house: House) -> None:
    everybody_wants(house, 700, 9)
    house.restocks(units=5)
    with requests(house) as made:
        for number in range(3):
            sellable(house, 5, 2 + number)
            freed(house, number, 2 + number)
            house.plan()

    assert made.total() <= 3 * 6
