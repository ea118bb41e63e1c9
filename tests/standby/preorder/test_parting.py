"""Reservations of several SKUs of which the ERP ships or cancels one before the other."""

from itertools import permutations
from typing import Any

import pytest

from tests.promises.preorder_checks import adds_up, everything_was_told
from tests.standby.preorder.sales import LAMP, PRICE, Sales
from tests.standby.preorder.test_ordering import says

SHADE = "SHADE"
LINES = [{"line_id": sku, "sku": sku, "quantity": 1} for sku in (LAMP, SHADE)]


def both(sales: Sales, *, paid: bool = False) -> str:
    """Open two campaigns, and return who reserved one of each, which the ERP knows."""
    for sku in (LAMP, SHADE):
        sales.opens(sku, capacity=2, limit_per_customer=1)
    customer = {"email": "ana@example.org", "locale": "en"}
    wish = {"lines": [{"sku": LAMP}, {"sku": SHADE}], "customer": customer}
    _, made = sales.asks("POST", "/v1/reservations", wish, key="ana")
    sales.does(made["id"], "confirm", {"paid": paid})
    says(sales, "placed", made["id"], lines=LINES)
    return str(made["id"])


def remaining(sales: Sales) -> tuple[int, int]:
    return sales.campaign()["remaining"], sales.campaign(SHADE)["remaining"]


@pytest.mark.parametrize("order", permutations([(LAMP, "shipped"), (SHADE, "cancelled")]))
@pytest.mark.parametrize("there", [0, 1])
def test_the_line_that_is_cancelled_is_given_back_and_the_other_is_fulfilled(
    sales: Sales, order: list[tuple[str, str]], there: int
) -> None:
    made = both(sales)
    for sku in (LAMP, SHADE)[: 2 * there]:
        sales.shop.counts(sku, 1)

    for sku, what in (*order, order[0]):
        says(sales, what, made, line_ids=[sku])
        adds_up(sales.world)

    assert sales.reservation(made)["status"] == "fulfilled"
    assert sorted(line["sku"] for line in sales.reservation(made)["lines"]) == [LAMP, SHADE]
    assert remaining(sales) == (1, 2)
    assert [told["sku"] for told in sales.told("UnitsFreed")] == [SHADE]
    assert sales.numbers(SHADE) == (0, 0, there)
    assert sales.reserves("again", SHADE, email="ana@example.org")[0] == 201, "it no longer counts for the limit"
    assert sales.reserves("again-lamp", email="ana@example.org")[0] == 409


def test_what_is_left_of_it_is_allocated_and_paid(sales: Sales) -> None:
    made = both(sales)
    sales.shop.counts(LAMP, 1)

    says(sales, "cancelled", made, line_ids=[SHADE])

    shown = sales.reservation(made)
    assert (shown["status"], [line["sku"] for line in shown["lines"]], shown["price"]) == ("allocated", [LAMP], PRICE)
    says(sales, "shipped", made, line_ids=[LAMP])
    assert sales.reservation(made)["status"] == "fulfilled"
    everything_was_told(sales.world)


def test_what_shipped_is_not_taken_back_when_the_level_falls(sales: Sales) -> None:
    made = both(sales)
    sales.shop.counts(LAMP, 1)
    says(sales, "shipped", made, line_ids=[LAMP])
    sales.shop.counts(LAMP, 0)
    for _ in range(12):
        sales.world.wait(minutes=1)

    assert (sales.numbers(), sales.numbers(SHADE)[0]) == ((0, 0, 0), 1)
    sales.shop.counts(SHADE, 1)
    assert sales.reservation(made)["status"] == "allocated"
    adds_up(sales.world)


def test_it_is_cancelled_with_its_last_line(sales: Sales) -> None:
    made = both(sales)
    for sku in (LAMP, SHADE):
        says(sales, "cancelled", made, line_ids=[sku])
        adds_up(sales.world)

    assert sales.reservation(made)["status"] == "cancelled"
    assert remaining(sales) == (2, 2)
    (told,) = sales.told("ReservationCancelled")
    assert [line["sku"] for line in told["lines"]] == [LAMP, SHADE]
    everything_was_told(sales.world)


def test_what_was_cancelled_as_the_customer_wished_is_refunded_though_the_rest_had_left(sales: Sales) -> None:
    made = both(sales, paid=True)
    token = sales.link("ana@example.org")
    asks: Any = sales.world.request
    asks("preorder_viewer", "POST", f"/v1/preorders/{token}/cancel", body=None)
    sales.world.settle()
    asks("preorder_viewer", "POST", f"/v1/preorders/{token}/cancel", body={"code": sales.codes("ana@example.org")[-1]})
    sales.world.settle()
    says(sales, "shipped", made, line_ids=[LAMP])

    says(sales, "cancelled", made, line_ids=[SHADE])

    (due,) = sales.told("RefundDue")
    assert (due["amount"], [line["sku"] for line in due["lines"]]) == (PRICE, [SHADE])
    adds_up(sales.world)


@pytest.mark.promise("P1")
def test_a_line_that_was_cancelled_and_left_all_the_same_is_held_for_nobody(sales: Sales) -> None:
    made = both(sales)
    for sku in (LAMP, SHADE):
        sales.shop.counts(sku, 1)
    says(sales, "cancelled", made, line_ids=[SHADE])
    assert sales.numbers(SHADE) == (0, 0, 1)

    for sku in (SHADE, LAMP):
        says(sales, "shipped", made, line_ids=[sku])

    assert (sales.reservation(made)["status"], sales.numbers(SHADE), sales.numbers()) == (
        "fulfilled",
        (0, 1, 0),
        (0, 1, 0),
    )
    adds_up(sales.world)


@pytest.mark.parametrize("ends", [*permutations([(LAMP, "cancelled"), (SHADE, "shipped")]), ((LAMP, "cancelled"),)])
def test_the_request_is_answered_the_same_again_whichever_lines_ended(
    sales: Sales, ends: list[tuple[str, str]]
) -> None:
    for sku in (LAMP, SHADE):
        sales.opens(sku, capacity=2)
    wish = {"lines": [{"sku": SHADE}, {"sku": LAMP}], "customer": {"email": "ana@example.org"}}
    first = sales.asks("POST", "/v1/reservations", wish, key="ana")
    sales.does(first[1]["id"], "confirm")
    says(sales, "placed", first[1]["id"], lines=LINES)

    for sku, what in ends:
        says(sales, what, first[1]["id"], line_ids=[sku])
        assert sales.asks("POST", "/v1/reservations", wish, key="ana") == first
