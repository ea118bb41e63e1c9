"""A line that an ERP parts into two is what it was in both, and units that it adds to a line are new ones."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import pytest
from standby.delivery.archived import archived
from standby.delivery.promises import promises
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.test_promises import happened
from tests.standby.delivery.test_refunds import asks, cancels, is_late, left, says, usd, withdraws
from tests.standby.delivery.test_renumbered import LATE, LATER, SOON, in_any_order
from tests.standby.delivery.test_repository import comes_back, kept
from tests.standby.delivery.test_silence import each_day, subjects
from tests.standby.delivery.track import AMERICA, Customer
from tests.standby.delivery.words import at, placed
from tests.world import World

__all__ = ["kept"]
pytestmark = pytest.mark.promise("P3", "P4", "P7")
WHOLE, PARTS = {"1": 3}, {"1": 1, "2": 2}


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def units(minute: int, of_lines: Mapping[str, int], *shipments: tuple[str, str, str]) -> dict[str, Any]:
    """Return an order of units of one SKU by line; of each shipment the id, the promised day and its lines."""
    return {
        **placed("O", minute=minute),
        "lines": [{"line_id": line_id, "sku": "X", "quantity": count} for line_id, count in of_lines.items()],
        "shipments": [
            {"shipment_id": name, "promised_until": until, "line_ids": line_ids.split()}
            for name, until, line_ids in shipments
        ],
    }


ONE = units(0, WHOLE, ("A", SOON, "1"))
TWO = units(10, PARTS, ("A", SOON, "1"), ("B", LATE, "2"))


def has(ana: Customer, of_lines: Mapping[str, int], *ships: str, until: int = 4, **more: Any) -> None:
    """Let the ERP say an order of units of one SKU, each shipment with its line."""
    lines = [{"line_id": each, "sku": "X", "quantity": n, "unit_price": usd(4_900)} for each, n in of_lines.items()]
    shipments = [
        {"shipment_id": name, "promised_until": ana.day(until if place else 4), "line_ids": [line_id]}
        for place, (name, line_id) in enumerate(zip(ships, of_lines, strict=False))
    ]
    says(ana, {}, lines=lines, **({"shipments": shipments} if ships else {}), **more)


# ---- parted ----


def test_both_parts_keep_the_day_that_was_told_first() -> None:
    found = promises(in_any_order(ONE, TWO), UTC)
    assert [(each.line_ids, str(each.promised_until)) for each in found] == [(("1",), SOON), (("2",), SOON)]


@pytest.mark.parametrize("about", ["line", "shipment", "order"])
@pytest.mark.parametrize("kind", ["shipped", "delivered", "cancelled"])
def test_what_was_said_of_the_whole_is_true_of_both_parts(kind: str, about: str) -> None:
    where: dict[str, Any] = {"line": {"line_ids": ["1"]}, "shipment": {"shipment_id": "A"}, "order": {}}[about]
    parts = ["1"] if (kind, about) == ("cancelled", "shipment") else ["1", "2"]  # who plans it anew means it to come
    assert list(in_any_order(ONE, happened(kind, at(5), minute=5, **where), TWO).fates) == parts
    elsewhere = units(0, {"1": 3, "2": 1}, ("A", SOON, "1"))
    assert list(in_any_order(elsewhere, happened(kind, at(5), "1", minute=5)).fates) == ["1"]


@pytest.mark.parametrize("kind", ["shipped", "cancelled"])
def test_what_is_said_of_one_part_is_not_true_of_the_other(kind: str) -> None:
    for line_id in PARTS:
        assert list(in_any_order(ONE, TWO, happened(kind, at(15), line_id, minute=15)).fates) == [line_id]


def test_a_part_of_a_part_is_of_the_whole() -> None:
    four = units(0, {"1": 4}, ("A", SOON, "1"))
    three = units(10, {"1": 1, "2": 3}, ("A", SOON, "1"), ("B", LATE, "2"))
    more = units(20, {"1": 1, "2": 1, "3": 2}, ("A", SOON, "1"), ("B", LATE, "2"), ("C", LATE, "3"))
    found = in_any_order(four, happened("shipped", at(5), "1", minute=5), three, more)
    assert (list(found.fates), found.known_as("3")) == (["1", "2", "3"], ("3", "2", "1"))
    assert {str(each.promised_until) for each in promises(found, UTC)} == {SOON}


@pytest.mark.parametrize(
    "of_lines", [{"1": 3, "2": 2}, {"1": 2, "2": 2}, {"1": 1, "2": 3}], ids=["beside", "more", "many more"]
)
def test_units_that_the_line_did_not_lose_are_a_line_of_their_own(of_lines: dict[str, int]) -> None:
    added = units(10, of_lines, ("A", SOON, "1"), ("B", LATE, "2"))
    found = in_any_order(ONE, happened("shipped", at(5), "1", minute=5), added)
    assert list(found.fates) == ["1"]
    assert [str(each.promised_until) for each in promises(found, UTC)] == [SOON, LATE]


def test_what_left_of_a_part_that_is_taken_out_is_known() -> None:
    taken_out = units(20, {"2": 2}, ("B", LATE, "2"))
    found = in_any_order(ONE, happened("shipped", at(5), "1", minute=5), TWO, taken_out)
    assert (archived(found), list(found.fates)) == ([("X", "shipped", 1)], ["2"])


def test_parts_come_back_as_they_were_kept(kept: OrderRepository) -> None:
    comes_back(kept, in_any_order(ONE, happened("shipped", at(5), "1", minute=5), TWO))


def test_a_part_that_is_late_by_the_first_day_is_told(ana: Customer) -> None:
    has(ana, WHOLE, "A")
    has(ana, PARTS, "A", "B", until=9)
    assert subjects(ana) == [LATER]


@pytest.mark.parametrize("ships", [("A", "B"), ()], ids=["planned", "without-shipments"])
def test_the_same_day_is_told_once_of_all_parts(ana: Customer, ships: tuple[str, ...]) -> None:
    has(ana, WHOLE, "A")
    ana.tells("eta", eta=ana.day(9))
    has(ana, PARTS, *ships)
    ana.tells("eta", eta=ana.day(9))
    assert subjects(ana) == [LATER]


def test_what_was_given_up_is_so_in_both_parts(ana: Customer) -> None:
    has(ana, WHOLE, "A")
    ana.tells("eta", eta=ana.day(9))
    cancels(ana)
    ana.shop.world.clock.advance(minutes=1)
    has(ana, PARTS, "A", "B", until=20)
    assert ana.sees()["cancel"]["open"] is False
    assert subjects(ana) == [LATER, "Your code to cancel"]
    has(ana, WHOLE, "A")
    assert ana.sees()["cancel"]["open"] is False
    ana.tells("cancelled")
    assert left(ana) == [3 * 4_900]


def test_who_waits_does_so_for_both_parts(ana: Customer) -> None:
    has(ana, WHOLE, "A", ship_to=AMERICA)
    ana.tells("eta", eta=ana.day(40))
    assert ana.waits(ana.day(40))[0] == 200
    has(ana, PARTS, "A", "B", ship_to=AMERICA)
    each_day(ana, 36)
    assert ana.heard("CancellationRequested") == []


# ---- said again without shipments ----


@pytest.mark.parametrize("number", ["1", "10"])
def test_what_is_said_again_without_shipments_is_late_still_by_any_number(ana: Customer, number: str) -> None:
    has(ana, WHOLE, "A")
    ana.tells("eta", eta=ana.day(9))
    has(ana, {number: 3})
    assert (ana.sees()["cancel"]["line_ids"], subjects(ana)) == ([number], [LATER])
    cancels(ana)
    ana.tells("cancelled", shipment_id="A")
    assert asks(ana) == [(3 * 4_900, {number: 3})]


# ---- units that were added ----


@pytest.mark.parametrize("ends", [cancels, withdraws], ids=["cancelled", "withdrawn"])
def test_units_that_were_added_are_not_given_up(ana: Customer, ends: Any) -> None:
    is_late(ana, {"1": 2})
    ends(ana)
    says(ana, {"1": 5})
    shown = ana.sees()
    assert (shown["cancel"]["open"], shown["withdraw"]["open"]) == (True, True)
    ana.tells("eta", shipment_id="P1", eta=ana.day(20))
    assert subjects(ana)[-1] == LATER
    ends(ana)
    ana.tells("cancelled")
    assert sum(asked[0] or 0 for asked in asks(ana)) == 5 * 4_900


@pytest.mark.parametrize("units_", [1, 2])
def test_what_has_no_more_units_stays_given_up(ana: Customer, units_: int) -> None:
    is_late(ana, {"1": 2})
    cancels(ana)
    says(ana, {"1": units_})
    assert ana.sees()["cancel"]["open"] is False
