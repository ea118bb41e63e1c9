"""Pre-orders that are cancelled on their own page though the ERP knows the order: one debt, one id, one alarm."""

from typing import Any

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.track import EUROPE, Customer
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_cancelling import ANA, cancels
from tests.world import World

pytestmark = pytest.mark.promise("P7", "P10")
PRICE = {"amount": 5_900, "currency": "ILS"}


@pytest.fixture
def sales(world: World) -> Sales:
    return Sales(Shop(world))


@pytest.fixture
def ana(sales: Sales) -> Customer:
    """Let Ana pre-order and pay two, and the ERP know her order, which is promised for the day after tomorrow."""
    sales.opens(capacity=10)
    made = sales.holds("ana", quantity=2)
    sales.does(made, "confirm", {"paid": True})
    sales.world.settle()
    customer = Customer(sales.shop)
    says(customer, made)
    return customer


def says(ana: Customer, made: str, **more: Any) -> None:
    line = {"line_id": "1", "sku": LAMP, "quantity": 2, "unit_price": PRICE}
    order = {"lines": [line], "ship_to": EUROPE, "payment_status": "paid", "reservation_ids": [made], **more}
    ana.places(until=2, **order)


def gives_up(sales: Sales) -> None:
    """Cancel on the page of the pre-order."""
    cancels(sales)
    assert cancels(sales, sales.codes(ANA)[-1])[0] == 200
    sales.world.clock.advance(seconds=1)


def gives_up_the_order(ana: Customer) -> None:
    """Cancel on the page of the order, which is late."""
    ana.tells("eta", eta=ana.day(9))
    ana.shop.world.clock.advance(minutes=2)
    ana.does("cancel")
    assert ana.does("cancel", {"code": ana.codes()[-1]})[0] == 200


def looked_up(ana: Customer) -> Any:
    return ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")[1]


def due(ana: Customer) -> list[str]:
    return [each["refund_due_id"] for each in looked_up(ana)["refunds_due"]]


def test_what_pre_orders_owe_is_shown_with_its_day_and_closed_by_its_id(sales: Sales, ana: Customer) -> None:
    gives_up(sales)
    assert due(ana) == []
    ana.tells("cancelled")
    (asked,) = ana.heard("RefundDue")
    (shown,) = looked_up(ana)["refunds_due"]
    assert (shown["refund_due_id"], shown["amount"], shown["left"]) == (
        asked["refund_due_id"],
        asked["amount"],
        asked["amount"],
    )
    assert (shown["due_by"], asked["method"]) == (ana.day(14), "original")
    part = {**asked["amount"], "amount": 1_000}
    ana.tells("refunded", amount=part, refund_due_id=asked["refund_due_id"])
    assert looked_up(ana)["refunds_due"][0]["left"]["amount"] == asked["amount"]["amount"] - 1_000
    ana.tells("refunded", amount={**part, "amount": asked["amount"]["amount"] - 1_000})
    assert (due(ana), ana.due()) == ([], [])


def test_what_pre_orders_owe_rings_once_where_it_is_not_paid(sales: Sales, ana: Customer) -> None:
    gives_up(sales)
    ana.tells("cancelled")
    ana.days_pass(14)
    assert [each.rung for each in OrderRepository("Delivery").order("O").refunds_due] == [False]
    for _ in range(2):
        ana.days_pass(1)
    assert [each.rung for each in OrderRepository("Delivery").order("O").refunds_due] == [True]


@pytest.mark.parametrize("first", ["pre-order", "order"])
def test_who_cancels_on_both_pages_is_owed_once(sales: Sales, ana: Customer, first: str) -> None:
    if first == "order":
        gives_up_the_order(ana)
    gives_up(sales)
    if first != "order":
        gives_up_the_order(ana)
    ana.tells("cancelled")
    (asked,) = ana.heard("RefundDue")
    assert due(ana) == [asked["refund_due_id"]]


def test_nothing_is_owed_for_a_pre_order_that_left_all_the_same(sales: Sales, ana: Customer) -> None:
    gives_up(sales)
    ana.tells("shipped")
    assert (ana.heard("RefundDue"), due(ana)) == ([], [])


def test_a_pre_order_that_is_cancelled_on_the_page_of_the_order_is_owed_by_the_order(ana: Customer) -> None:
    gives_up_the_order(ana)
    ana.tells("cancelled")
    (asked,) = ana.heard("RefundDue")
    assert (asked.get("reservation_id"), asked["amount"]["amount"], due(ana)) == (
        None,
        11_800,
        [asked["refund_due_id"]],
    )
