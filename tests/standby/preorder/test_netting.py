"""Pre-orders of a shop whose ERP counts them itself, and of one whose ERP does not (design §4, Netting)."""

from collections.abc import Callable

import pytest
from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_allocating import given, ordered
from tests.standby.preorder.test_ordering import says


def ten_have_ordered(sales: Sales) -> list[str]:
    """Reserve for ten customers, whose orders the ERP knows, and let somebody wait beside them."""
    sales.opens(capacity=50)
    sales.shop.counts(LAMP, 0)
    sales.shop.waits("zoe@example.org", LAMP)
    made = ordered(sales, *[1] * 10)
    for each in made:
        says(sales, "placed", each)
    return made


def nets(sales: Sales) -> dict[str, str]:
    """Say with a level that it contains the orders up to now."""
    return {"netted_until": to_text(sales.world.clock.now())}


def nobody_else_was_told_of_any(sales: Sales) -> None:
    """Check that at no moment units showed as free, and that nobody who waits was told."""
    assert max(told["sellable"] for told in sales.told("StockChanged")) == 0
    assert (sales.told("Restocked"), sales.shop.told().get("zoe@example.org")) == ([], None)
    adds_up(sales.world)


def test_an_erp_that_does_not_count_them_lets_ten_units_be_given_to_ten(sales: Sales) -> None:
    made = ten_have_ordered(sales)
    assert sales.numbers() == (10, 0, -10)

    sales.shop.counts(LAMP, 10)

    assert (given(sales, made), sales.numbers()) == ([1] * 10, (0, 10, 0))
    nobody_else_was_told_of_any(sales)


@pytest.mark.parametrize("setting", [True, False], ids=["by a setting", "with each level"])
def test_an_erp_that_counts_them_lets_ten_units_be_given_to_ten(sales: Sales, *, setting: bool) -> None:
    made = ten_have_ordered(sales)
    sales.shop.settings(net_by_as_of=setting)
    more: Callable[[], dict[str, str]] = lambda: {} if setting else nets(sales)  # noqa: E731 - asked at each level
    sales.shop.counts(LAMP, 0, committed=10, **more())
    assert (sales.numbers(), sales.shop.stock(LAMP)["awaited"]) == ((0, 0, -10), 10)
    adds_up(sales.world)

    sales.shop.counts(LAMP, 10, committed=10, **more())

    assert (given(sales, made), sales.numbers()) == ([1] * 10, (0, 0, 0))
    assert [sales.reservation(each)["status"] for each in made] == ["allocated"] * 10
    nobody_else_was_told_of_any(sales)
    for each in made:
        says(sales, "shipped", each)
    sales.shop.counts(LAMP, 0, committed=0, **more())
    assert {sales.reservation(each)["status"] for each in made} == {"fulfilled"}
    nobody_else_was_told_of_any(sales)


DELIVERIES = {
    "in parts": [(0, 10), (4, 10), (4, 10), (9, 10), (10, 10)],
    "before they are committed": [(0, 0), (10, 0), (10, 10)],
    "while they are committed in two steps": [(0, 4), (3, 4), (10, 4), (10, 10)],
    "at once with the committed units": [(10, 10)],
    "and a part leaves before we are told": [(0, 10), (10, 10), (7, 7)],
    "and the erp takes its word back for a moment": [(0, 10), (10, 0), (10, 10)],
    "and the erp takes its word back once all were given": [(0, 10), (10, 10), (10, 0), (10, 10)],
}


@pytest.mark.parametrize("levels", DELIVERIES.values(), ids=DELIVERIES)
def test_units_that_are_promised_are_never_anybody_elses(sales: Sales, levels: list[tuple[int, int]]) -> None:
    made = ten_have_ordered(sales)

    for on_hand, committed in levels:
        sales.shop.counts(LAMP, on_hand, committed=committed, **nets(sales))
        assert sum(given(sales, made)) <= max(come for come, _ in levels), "more were given than came"
        adds_up(sales.world)

    assert given(sales, made) == [1] * 10
    nobody_else_was_told_of_any(sales)


def comes(sales: Sales, kind: str, order: str, units: int, when: str, **more: str | None) -> None:
    said = {"type": f"stock.{kind}", "purchase_order_id": order, "sku": LAMP, "quantity": units, **more}
    sales.world.send("StockUpdates", {**said, when: to_text(sales.world.clock.now())})
    sales.world.settle()


def test_goods_of_several_purchase_orders_go_to_those_whom_the_erp_counts(sales: Sales) -> None:
    made = ten_have_ordered(sales)
    for order, units in (("po-1", 6), ("po-2", 5)):
        comes(sales, "incoming", order, units, "as_of", eta="2026-06-01")
    sales.shop.counts(LAMP, 0, committed=10, **nets(sales))

    for on_hand, order in ((6, "po-1"), (11, "po-2")):
        comes(sales, "received", order, 6, "occurred_at")
        sales.shop.counts(LAMP, on_hand, committed=10, **nets(sales))

    assert given(sales, made) == [1] * 10
    assert (sales.shop.stock(LAMP)["free"], sales.shop.told()["zoe@example.org"]) == (1, 1)
    adds_up(sales.world)


def test_what_one_whom_the_erp_counts_gives_back_goes_to_the_next_once_the_erp_says_so(sales: Sales) -> None:
    made = ten_have_ordered(sales)
    sales.shop.counts(LAMP, 4, committed=10, **nets(sales))
    assert given(sales, made) == [1] * 4 + [0] * 6

    sales.does(made[0], "cancel")
    sales.world.settle()
    assert given(sales, made[1:]) == [1] * 3 + [0] * 6
    sales.shop.counts(LAMP, 4, committed=9, **nets(sales))

    assert given(sales, made[1:]) == [1] * 4 + [0] * 5
    nobody_else_was_told_of_any(sales)
