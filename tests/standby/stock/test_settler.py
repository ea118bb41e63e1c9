"""Crossings into restocks: each is decided once, and announced until that has surely happened."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.settings_book import SettingsBook
from standby.platform.bus import Event, detail_of
from standby.platform.clock import to_text

from tests.standby.stock.warehouse import Warehouse


class SilentBus:
    """A bus that cannot be reached."""

    def publish(self, events: Iterable[Event]) -> None:
        raise ConnectionError


def restocks(warehouse: Warehouse) -> list[str]:
    return [event.id for event in warehouse.bus.named("Restocked")]


def slow(warehouse: Warehouse, seconds: int) -> None:
    SettingsBook(warehouse.table).change(None, {"settle_seconds": seconds})


def test_without_settle_time_a_crossing_is_a_restock_at_once(warehouse: Warehouse) -> None:
    warehouse.settle(warehouse.counts("MUG", 0))
    warehouse.settle(warehouse.counts("MUG", 5))

    event = warehouse.bus.named("Restocked")[0]
    assert detail_of(event) | {"at": ""} == {
        "version": 1, "id": "MUG@2:Restocked", "at": "", "sku": "MUG", "revision": 2, "free": 5, "minimum": 1,
    }  # fmt: skip
    assert warehouse.state("MUG").state == "in"


def test_the_same_message_again_announces_nothing_again(warehouse: Warehouse) -> None:
    stock = warehouse.counts("MUG", 5)
    for _ in range(3):
        warehouse.settle(stock)

    assert restocks(warehouse) == ["MUG@1:Restocked"]


def test_a_restock_that_was_not_announced_is_announced_when_the_message_comes_again(warehouse: Warehouse) -> None:
    stock = warehouse.counts("MUG", 5)
    bus, warehouse.bus = warehouse.bus, SilentBus()  # type: ignore[assignment]
    with pytest.raises(ConnectionError):
        warehouse.settle(stock)
    assert warehouse.state("MUG").announced is False

    warehouse.bus = bus
    warehouse.settle(stock)

    assert restocks(warehouse) == ["MUG@1:Restocked"]
    assert warehouse.state("MUG").announced is True


@pytest.mark.promise("P2")
def test_a_restock_that_was_not_announced_is_found_by_the_minute_sweep(warehouse: Warehouse) -> None:
    stock = warehouse.counts("MUG", 5)
    bus, warehouse.bus = warehouse.bus, SilentBus()  # type: ignore[assignment]
    with pytest.raises(ConnectionError):
        warehouse.settle(stock)
    warehouse.bus = bus

    warehouse.clock.advance(minutes=1)
    warehouse.sweep(sweep="due")
    for check in warehouse.settles.bodies():
        warehouse.tell_settler(check)

    assert restocks(warehouse) == ["MUG@1:Restocked"]


def test_with_a_settle_time_the_settler_looks_again_when_it_is_over(warehouse: Warehouse) -> None:
    slow(warehouse, 60)
    warehouse.settle(warehouse.counts("MUG", 5))
    check = warehouse.settles.messages[0]

    warehouse.clock.advance(seconds=check.delay_seconds)
    warehouse.tell_settler(warehouse.settles.bodies()[0])

    assert 60 <= check.delay_seconds <= 62
    assert restocks(warehouse) == ["MUG@1:Restocked"]


@pytest.mark.promise("P3")
def test_flapping_within_the_settle_time_is_one_restock(warehouse: Warehouse) -> None:
    slow(warehouse, 60)
    for units in (0, 5, 0, 5):
        warehouse.settle(warehouse.counts("MUG", units))
    warehouse.clock.advance(seconds=61)
    for check in warehouse.settles.bodies():
        warehouse.tell_settler(check)

    assert restocks(warehouse) == ["MUG@4:Restocked"]


def test_a_look_that_comes_too_early_is_sent_again(warehouse: Warehouse) -> None:
    slow(warehouse, 60)
    warehouse.settle(warehouse.counts("MUG", 5))
    check = warehouse.settles.bodies()[0]

    warehouse.tell_settler(check)

    assert (restocks(warehouse), warehouse.settles.bodies()) == ([], [check, check])


def test_a_long_settle_time_is_left_to_the_minute_sweep(warehouse: Warehouse) -> None:
    slow(warehouse, 3_600)
    warehouse.settle(warehouse.counts("MUG", 5))
    assert warehouse.settles.messages == []

    warehouse.sweep(sweep="due")
    assert warehouse.settles.messages == []
    warehouse.clock.advance(hours=1)
    warehouse.sweep(sweep="due")
    for check in warehouse.settles.bodies():
        warehouse.tell_settler(check)

    assert restocks(warehouse) == ["MUG@1:Restocked"]


def test_units_that_are_gone_at_the_end_of_the_settle_time_are_no_restock(warehouse: Warehouse) -> None:
    slow(warehouse, 60)
    warehouse.settle(warehouse.counts("MUG", 5))
    warehouse.counts("MUG", 0)
    warehouse.clock.advance(seconds=60)

    warehouse.tell_settler({"sku": "MUG", "crossing": 1})

    assert (restocks(warehouse), warehouse.state("MUG").state) == ([], "out")


def test_the_minimum_restock_is_the_skus_own(warehouse: Warehouse) -> None:
    SettingsBook(warehouse.table).change("MUG", {"minimum_restock": 5})

    warehouse.settle(warehouse.counts("MUG", 4))
    warehouse.settle(warehouse.counts("MUG", 5))

    assert restocks(warehouse) == ["MUG@2:Restocked"]


def test_a_netted_crossing_goes_in_without_an_event(warehouse: Warehouse) -> None:
    stock = warehouse.counts("MUG", 5)

    warehouse.settle(replace(stock, netted_units=5))

    assert (restocks(warehouse), warehouse.state("MUG").state) == ([], "in")


@pytest.mark.parametrize("seconds", [0, 60])
@pytest.mark.parametrize("when", ["while it settles", "later"])
def test_goods_that_come_to_netted_units_are_a_restock(warehouse: Warehouse, seconds: int, when: str) -> None:
    slow(warehouse, seconds)
    netted = warehouse.counts("MUG", 5)
    warehouse.settle(replace(netted, netted_units=5), free_before=0)
    if when == "later":
        warehouse.clock.advance(seconds=seconds)
        warehouse.tell_settler({"sku": "MUG"})
        assert warehouse.state("MUG").state == "in"
    goods = warehouse.counts("MUG", 8)
    warehouse.settle(goods, free_before=5)
    warehouse.clock.advance(seconds=seconds)
    warehouse.tell_settler({"sku": "MUG"})
    warehouse.settle(goods, free_before=5)

    crossing = 1 if (seconds, when) == (60, "while it settles") else 2
    assert restocks(warehouse) == [f"MUG@{crossing}:Restocked"]
    assert warehouse.bus.named("Restocked")[0].free == 8
    assert (warehouse.state("MUG").state, warehouse.state("MUG").silent) == ("in", False)


def test_a_writer_that_was_slower_starts_again_from_what_is_there(warehouse: Warehouse) -> None:
    first = warehouse.counts("MUG", 0)
    second = warehouse.counts("MUG", 5)
    original = warehouse.table.dynamodb.transact_write_items
    meanwhile: list[Any] = [first]

    def racing(**request: Any) -> Any:
        if meanwhile:
            warehouse.settle(meanwhile.pop())
        return original(**request)

    warehouse.table.dynamodb.transact_write_items = racing  # type: ignore[method-assign]
    warehouse.settle(second)

    state = warehouse.state("MUG")
    assert (state.state, state.zero_revision, state.restock_revision) == ("in", 1, 2)
    assert restocks(warehouse) == ["MUG@2:Restocked"]


@pytest.mark.promise("P10")
def test_every_turn_can_be_explained(warehouse: Warehouse) -> None:
    for units in (5, 0):
        warehouse.settle(warehouse.counts("MUG", units))
        warehouse.clock.advance(seconds=1)

    why = warehouse.explainer.why("MUG", before=None) or {}
    assert [step["event"] for step in why["steps"]] == ["stock.level", "settle.in", "stock.level", "settle.out"]


def reserve(warehouse: Warehouse, units: int) -> ClaimBook:
    """Promise somebody mugs that are not there."""
    book = ClaimBook(warehouse.table)
    reservation = Claim(claim_id="r1", sku="MUG", kind="pre-order", units=units, counted_as="owed")
    book.take(reservation, now=warehouse.clock.now())
    warehouse.settle(warehouse.stock("MUG"))
    return book


@pytest.mark.promise("P5")
def test_goods_that_are_owed_wake_nobody_until_more_come_than_are_owed(warehouse: Warehouse) -> None:
    warehouse.settle(warehouse.counts("MUG", 0))
    book = reserve(warehouse, 10)

    for arrived in (4, 10):
        warehouse.settle(warehouse.counts("MUG", arrived))
        book.give("MUG", "r1", warehouse.stock("MUG").givable, now=warehouse.clock.now())
        warehouse.settle(warehouse.stock("MUG"))
    silent = restocks(warehouse)
    warehouse.settle(warehouse.counts("MUG", 12))

    assert (silent, warehouse.state("MUG").state) == ([], "in")
    assert [event.free for event in warehouse.bus.named("Restocked")] == [2]


@pytest.mark.promise("P5")
def test_what_the_erp_counts_itself_wakes_nobody_when_it_comes(warehouse: Warehouse) -> None:
    """The ERP has the order in its own numbers: on hand 0, committed 10."""
    book = reserve(warehouse, 10)
    ordered_at = to_text(warehouse.clock.now())
    book.settle("MUG", "r1", settled_at=ordered_at, now=warehouse.clock.now())
    warehouse.settle(warehouse.counts("MUG", 0, committed=10, netted_until=ordered_at))

    warehouse.settle(warehouse.counts("MUG", 10, committed=10, netted_until=ordered_at))

    mugs = warehouse.stock("MUG")
    assert (mugs.owed, mugs.free, restocks(warehouse)) == (0, 0, [])


@pytest.mark.promise("P5")
def test_an_owed_unit_that_is_given_up_after_the_goods_came_is_a_restock_of_its_own(warehouse: Warehouse) -> None:
    book = reserve(warehouse, 1)
    warehouse.settle(warehouse.counts("MUG", 1))
    silent = restocks(warehouse)

    book.give_back("MUG", "r1", now=warehouse.clock.now())
    warehouse.settle(warehouse.stock("MUG"))

    assert (silent, [event.free for event in warehouse.bus.named("Restocked")]) == ([], [1])
