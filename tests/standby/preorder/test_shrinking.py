"""What a line counts on is counted away, or kept back as safety stock: the last in line lose their day, and hear so."""

from collections import Counter
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_allocating import ordered
from tests.standby.preorder.test_netting import nets
from tests.standby.preorder.test_ordering import says
from tests.standby.preorder.test_promising import JULY, days, in_line, orders, undated

LATER = "2026-08-20"


def waits(sales: Sales, minutes: int = 30) -> None:
    for _ in range(minutes // 2):
        sales.world.wait(minutes=2)


def passes(sales: Sales) -> int:
    """Return how often it was told that dates must be looked at."""
    return Counter(name for name, _ in sales.world.events)["IncomingChanged"]


@pytest.mark.parametrize(
    ("there", "coming", "how"), [(5, 0, "level"), (2, 3, "level beside an order"), (0, 5, "safety stock")]
)
def test_those_behind_units_that_are_counted_away_lose_their_day_and_hear_so_once(
    sales: Sales, there: int, coming: int, how: str
) -> None:
    sales.shop.counts(LAMP, there)
    if coming:
        orders(sales, coming, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1, 1, 1, 1)

    if how == "safety stock":
        sales.shop.settings(safety_stock=2)
    else:
        sales.shop.counts(LAMP, there - 2)
    sales.world.wait(minutes=2)
    assert undated(sales) == [], "not before it was looked at again"
    waits(sales)

    assert sales.campaign()["overcommitted"] == 2
    assert days(sales, made) == [JULY] * 3 + [None] * 2
    assert sorted(undated(sales)) == ["c3@example.org", "c4@example.org"]


def test_safety_stock_that_is_wanted_no_more_gives_the_days_back(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 3, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1, 1)
    sales.shop.settings(safety_stock=2)
    waits(sales)
    assert days(sales, made) == [JULY, None, None]

    sales.shop.settings(safety_stock=1)
    sales.world.wait(minutes=2)

    assert days(sales, made) == [JULY, JULY, None]


def test_safety_stock_is_filled_before_the_line_of_a_campaign_with_a_number_of_its_own(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 3, "2026-07-01", "P-1")
    orders(sales, 3, LATER, "P-2")
    sales.opens(capacity=9, release_on=JULY)
    made = in_line(sales, 1, 1, 1)

    sales.shop.settings(safety_stock=1)
    waits(sales)

    assert days(sales, made) == [JULY, JULY, LATER]


def test_who_reserves_next_is_promised_what_comes_behind_the_safety_stock(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 3, "2026-07-01", "P-1")
    orders(sales, 3, LATER, "P-2")
    sales.opens(capacity=9, release_on=JULY)
    made = in_line(sales, 1, 1)

    sales.shop.settings(safety_stock=1)
    waits(sales)

    assert (days(sales, made), sales.campaign()["promised_until"]) == ([JULY, JULY], LATER)


def test_whoever_gives_units_back_gives_the_next_the_day_that_safety_stock_took(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 3, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1, 1)
    sales.shop.settings(safety_stock=2)
    waits(sales)

    sales.does(made[0], "cancel")
    sales.world.wait(minutes=2)

    assert days(sales, made[1:]) == [JULY, None]


def test_a_long_line_is_looked_at_again_once_in_pages(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.shop.counts(LAMP, 0)
    orders(sales, 9, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, *[1] * 9)

    sales.shop.settings(safety_stock=5)
    waits(sales)

    assert days(sales, made) == [JULY] * 4 + [None] * 5


def test_safety_stock_that_was_wanted_for_minutes_takes_nobodys_day(sales: Sales) -> None:
    """Also where a purchase order moves meanwhile."""
    sales.shop.counts(LAMP, 0)
    orders(sales, 5, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1, 1, 1, 1)

    sales.shop.settings(safety_stock=2)
    sales.world.wait(minutes=2)
    orders(sales, 5, "2026-07-02")
    assert days(sales, made) == [JULY] * 5
    sales.shop.settings(safety_stock=0)
    waits(sales)

    assert (days(sales, made), undated(sales), sales.told("PromiseMoved")) == ([JULY] * 5, [], [])


def test_a_unit_that_left_takes_nobodys_day_before_its_order_says_so(sales: Sales) -> None:
    """The level counts it no more, and it is set aside still."""
    sales.shop.counts(LAMP, 3)
    sales.shop.settings(safety_stock=2)
    orders(sales, 5, "2026-07-01")
    bought = sales.holds("now", kind="checkout")
    sales.does(bought, "confirm")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1, 1, 1, 1)

    sales.shop.counts(LAMP, 2)
    sales.world.wait(minutes=2)
    at = to_text(sales.world.clock.now())
    line: dict[str, Any] = {"line_id": "1", "sku": LAMP, "quantity": 1}
    order = {"order_id": "O", "reservation_ids": [bought], "lines": [line], "as_of": at}
    sales.world.send("OrderUpdates", {"type": "order.placed", **order})
    sales.world.settle()
    sales.world.send("OrderUpdates", {"type": "order.shipped", "order_id": "O", "occurred_at": at, "as_of": at})
    sales.world.settle()
    sales.shop.counts(LAMP, 2)
    waits(sales)

    assert (days(sales, made), undated(sales)) == ([JULY] * 5, [])


def test_sales_and_reservations_have_no_date_looked_at(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    sales.shop.settings(safety_stock=1)
    orders(sales, 9, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    before = passes(sales)

    made = in_line(sales, 1, 2, 1)
    sales.does(made[0], "cancel")
    sales.shop.counts(LAMP, 6)
    sales.does(sales.holds("now", kind="checkout"), "confirm")
    sales.world.settle()

    came = passes(sales) - before
    assert came == 1, "the level that counts what may be on its way"
    for left in (5, 4):
        sales.shop.counts(LAMP, left)
    assert passes(sales) - before == came


def test_goods_that_came_cover_also_who_the_erp_counts_itself(sales: Sales) -> None:
    """Dates are looked at before the goods are given."""
    sales.shop.counts(LAMP, 0)
    orders(sales, 3, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = ordered(sales, 1, 1, 1)
    for each in made:
        says(sales, "placed", each)
    sales.shop.counts(LAMP, 0, committed=3, **nets(sales))
    assert sales.shop.stock(LAMP)["awaited"] == 3

    sales.world.held = frozenset({"PreorderAllocations"})
    sales.shop.counts(LAMP, 3, committed=3, **nets(sales))
    sales.world.wait(minutes=12)

    assert (days(sales, made), undated(sales)) == ([JULY] * 3, [])
