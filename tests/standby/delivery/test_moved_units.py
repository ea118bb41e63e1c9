"""Lines of one SKU that an ERP splits or merges after a customer gave them up: what still comes is not owed."""

from collections.abc import Mapping

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.test_refunds import asks, cancels, left, says, usd, withdraws
from tests.standby.delivery.track import Customer
from tests.world import World

pytestmark = pytest.mark.promise("P7", "P10")
PRICE = 4_900
Lines = Mapping[str, int]


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def lists(ana: Customer, units: Lines) -> None:
    """Let the ERP say an order of so many units of one SKU in each line, each in a shipment of its own."""
    ana.shop.world.clock.advance(minutes=1)
    lines = [{"line_id": e, "sku": "X", "quantity": n, "unit_price": usd(PRICE)} for e, n in units.items()]
    shipments = [{"shipment_id": f"P{e}", "promised_until": ana.day(4), "line_ids": [e]} for e in units]
    says(ana, {}, lines=lines, shipments=shipments)


def gives_up(ana: Customer, units: Lines, *late: str) -> None:
    """Let an order be placed of which some lines are late, and given up."""
    lists(ana, units)
    for line_id in late or units:
        ana.tells("eta", shipment_id=f"P{line_id}", eta=ana.day(9))
    cancels(ana)


CHANGES = {
    "split": ({"1": 3}, {"1": 1, "2": 2}),
    "split under other numbers": ({"1": 3}, {"7": 1, "8": 2}),
    "merged": ({"1": 1, "2": 2}, {"1": 3}),
    "shifted": ({"1": 1, "2": 2}, {"1": 2, "2": 1}),
}


@pytest.fixture(params=list(CHANGES))
def change(request: pytest.FixtureRequest) -> tuple[Lines, Lines]:
    return CHANGES[request.param]


def test_nothing_is_owed_for_units_that_come_by_other_lines(ana: Customer, change: tuple[Lines, Lines]) -> None:
    before, after = change
    gives_up(ana, before)
    lists(ana, after)
    ana.tells("shipped")
    ana.tells("delivered")
    assert (asks(ana), left(ana)) == ([], [])


def test_units_that_other_lines_have_and_that_are_cancelled_are_owed(
    ana: Customer, change: tuple[Lines, Lines]
) -> None:
    before, after = change
    gives_up(ana, before)
    lists(ana, after)
    ana.tells("cancelled")
    assert sum(amount or 0 for amount in left(ana)) == 3 * PRICE


def test_units_that_other_lines_had_and_that_are_taken_out_are_owed(ana: Customer) -> None:
    gives_up(ana, {"1": 3})
    lists(ana, {"1": 1, "2": 2})
    lists(ana, {"1": 1})
    assert (asks(ana), left(ana)) == ([(2 * PRICE, {"1": 2})], [2 * PRICE])


def test_units_that_other_lines_had_and_that_are_taken_out_once_they_left_are_not_owed(ana: Customer) -> None:
    gives_up(ana, {"1": 3})
    lists(ana, {"1": 1, "2": 2})
    ana.tells("shipped", shipment_id="P2")
    lists(ana, {"1": 1})
    assert asks(ana) == []


def test_what_is_ordered_beside_what_was_given_up_takes_nothing_of_what_is_owed(ana: Customer) -> None:
    gives_up(ana, {"1": 3})
    lists(ana, {"1": 3, "2": 2})
    lists(ana, {"2": 2})
    assert asks(ana) == [(3 * PRICE, {"1": 3})]


def test_what_was_not_given_up_takes_nothing_of_what_is_owed(ana: Customer) -> None:
    gives_up(ana, {"1": 3, "2": 2}, "1")
    lists(ana, {"1": 1, "2": 2})
    assert asks(ana) == [(2 * PRICE, {"1": 2})]


def test_who_withdraws_from_the_parts_of_a_split_line_too_is_owed_each_unit_once(ana: Customer) -> None:
    gives_up(ana, {"1": 3})
    lists(ana, {"1": 1, "2": 2})
    ana.shop.world.clock.advance(minutes=1)
    withdraws(ana)
    assert len(ana.heard("CancellationRequested")) == 2
    assert asks(ana) == []
    ana.tells("cancelled")
    assert sum(amount or 0 for amount in left(ana)) == 3 * PRICE


def test_who_withdraws_from_a_merged_line_too_is_owed_each_unit_once(ana: Customer) -> None:
    gives_up(ana, {"1": 1, "2": 2})
    lists(ana, {"1": 3})
    ana.shop.world.clock.advance(minutes=1)
    withdraws(ana)
    assert asks(ana) == []
    ana.tells("cancelled")
    assert sum(amount or 0 for amount in left(ana)) == 3 * PRICE


def test_who_gives_up_more_of_one_sku_later_is_owed_all_of_it(ana: Customer) -> None:
    gives_up(ana, {"1": 3})
    gives_up(ana, {"1": 3, "2": 2}, "2")
    ana.tells("cancelled")
    assert sum(amount or 0 for amount in left(ana)) == 5 * PRICE
