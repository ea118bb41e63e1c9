"""Reservations that several orders name, or that an order no longer speaks of."""

import pytest

from tests.promises.preorder_checks import adds_up
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_ordering import says


def ordered(sales: Sales) -> str:
    sales.opens(capacity=5)
    made = sales.holds("ana")
    sales.does(made, "confirm")
    sales.world.settle()
    return made


@pytest.mark.parametrize("heard", [("1", "2"), ("2", "1")])
def test_who_pays_at_the_second_try_keeps_what_the_first_order_named(sales: Sales, heard: tuple[str, str]) -> None:
    made = ordered(sales)
    for number in heard:
        says(sales, "placed", made, order_id=f"O-{number}", as_of=f"2026-05-03T09:5{number}:00Z")

    says(sales, "cancelled", made, order_id="O-1")

    assert sales.reservation(made)["status"] == "confirmed"
    says(sales, "cancelled", made, order_id="O-2")
    assert sales.reservation(made)["status"] == "cancelled"
    adds_up(sales.world)


def test_an_order_that_is_said_again_without_its_reservations_keeps_them(sales: Sales) -> None:
    made = ordered(sales)
    says(sales, "placed", made)
    says(sales, "placed", made, reservation_ids=None, payment_status="paid")
    sales.shop.counts(LAMP, 1)

    says(sales, "shipped", made)

    assert sales.reservation(made)["status"] == "fulfilled"


def test_an_order_that_is_said_again_with_no_reservations_gives_them_up(sales: Sales) -> None:
    made = ordered(sales)
    says(sales, "placed", made)
    says(sales, "placed", made, reservation_ids=[])
    sales.shop.counts(LAMP, 1)

    says(sales, "shipped", made)

    assert sales.reservation(made)["status"] == "allocated"
