"""Whom a smaller quantity may pass in a campaign that fills (design §5.2); nobody passes the head otherwise."""

from datetime import timedelta

import pytest

from tests.promises.preorder_checks import adds_up
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_allocating import given, ordered
from tests.standby.preorder.test_netting import comes

RELEASE = "2026-07-15"


def bought(sales: Sales, units: int, eta: str | None = "2026-06-01", order: str = "po-1") -> None:
    comes(sales, "incoming", order, units, "as_of", eta=eta)


def comes_in(sales: Sales, units: int) -> None:
    """Let units come of a purchase order of their own: it is known that they are none of the others'."""
    bought(sales, units, order="other")
    comes(sales, "received", "other", units, "occurred_at")
    sales.shop.counts(LAMP, sales.shop.stock(LAMP)["on_hand"] + units)


def test_a_smaller_quantity_passes_while_what_is_on_its_way_makes_up_for_it(sales: Sales) -> None:
    sales.opens(capacity=50, allocation="fill", release_on=RELEASE)
    bought(sales, 10)
    made = ordered(sales, 10, 1, 1)

    comes_in(sales, 2)

    assert given(sales, made) == [0, 1, 1]
    sales.shop.counts(LAMP, 12)
    assert given(sales, made) == [10, 1, 1]
    adds_up(sales.world)


@pytest.mark.parametrize(
    ("units", "eta", "allocation"),
    [(9, "2026-06-01", "fill"), (10, None, "fill"), (10, "2026-05-02", "fill"), (10, "2026-06-01", "strict")],
    ids=["too few", "on no day", "overdue", "strict"],
)
def test_nobody_passes_the_head_otherwise(sales: Sales, units: int, eta: str | None, allocation: str) -> None:
    sales.opens(capacity=50, allocation=allocation, release_on=RELEASE)
    bought(sales, units, eta)
    made = ordered(sales, 10, 1, 1)

    sales.shop.counts(LAMP, 2)

    assert given(sales, made) == [2, 0, 0]
    adds_up(sales.world)


def test_nobody_passes_a_head_whose_day_is_over(sales: Sales) -> None:
    today = sales.shop.today()
    sales.opens(capacity=50, allocation="fill", release_on=str(today + timedelta(days=2)))
    bought(sales, 50, str(today + timedelta(days=2)))
    made = ordered(sales, 10, 1)
    sales.shop.counts(LAMP, 1)
    assert given(sales, made) == [0, 1]
    last = sales.holds("last")
    sales.does(last, "confirm")

    sales.world.wait(hours=72)
    sales.shop.counts(LAMP, 2)

    assert given(sales, [*made, last]) == [1, 1, 0]


def test_what_serves_nobody_wholly_is_the_heads(sales: Sales) -> None:
    sales.opens(capacity=50, allocation="fill", release_on=RELEASE)
    bought(sales, 40)
    made = ordered(sales, 10, 1, 5)

    sales.shop.counts(LAMP, 3)

    assert given(sales, made) == [2, 1, 0]
    adds_up(sales.world)


def test_all_who_are_passed_are_made_up_for_together(sales: Sales) -> None:
    sales.opens(capacity=50, allocation="fill", release_on=RELEASE)
    bought(sales, 10)
    made = ordered(sales, 6, 6, 1)

    sales.shop.counts(LAMP, 1)

    assert given(sales, made) == [1, 0, 0]
    adds_up(sales.world)


def test_a_long_line_is_filled_in_pages(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.opens(capacity=50, allocation="fill", release_on=RELEASE)
    bought(sales, 14)
    made = ordered(sales, 5, 5, 1, 1, 4, 1)

    comes_in(sales, 3)

    assert given(sales, made) == [0, 0, 1, 1, 0, 1]
    adds_up(sales.world)
