"""What nobody paid for goes to the next in line, and its customer is told."""

import pytest

from tests.promises.preorder_checks import adds_up, everything_was_told
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_ordering import says


def two_for_one(sales: Sales) -> list[str]:
    """Set the only unit aside for the first of two, who has two hours to pay."""
    sales.opens(capacity=9, pay="on_allocation", checkout_hours=2)
    made = []
    for name in ("ana", "ben"):
        made.append(sales.holds(name))
        sales.does(made[-1], "confirm")
        sales.world.clock.advance(seconds=1)
    sales.shop.counts(LAMP, 1)
    return made


def told(sales: Sales) -> list[str]:
    return [mail.email for mail in sales.world.mails if mail.subject.startswith("No longer set aside")]


def test_who_did_not_pay_is_told_once_and_the_next_is_given_it(sales: Sales) -> None:
    first, second = two_for_one(sales)
    sales.world.wait(hours=2, minutes=1)
    sales.world.wait(minutes=2)
    assert [sales.reservation(each)["status"] for each in (first, second)] == ["expired", "allocated"]
    assert told(sales) == ["ana@example.org"]
    assert [mail.email for mail in sales.world.mails if "is here" in mail.subject][-1] == "ben@example.org"
    adds_up(sales.world)
    everything_was_told(sales.world)


def test_who_paid_in_time_keeps_it_and_hears_nothing(sales: Sales) -> None:
    first, _ = two_for_one(sales)
    sales.does(first, "confirm", {"paid": True})
    sales.world.wait(hours=3)
    assert (sales.reservation(first)["status"], told(sales)) == ("allocated", [])


def test_a_hold_that_nobody_confirmed_is_told_to_nobody(sales: Sales) -> None:
    sales.opens(capacity=9)
    sales.holds("ana")
    sales.world.wait(minutes=20)
    assert sales.world.mails == []


def test_an_order_that_nobody_paid_for_is_the_erps_to_cancel_whenever_it_hears_of_it(sales: Sales) -> None:
    first, second = two_for_one(sales)

    def placed(made: str) -> None:
        at = "2026-05-03T10:00:05Z"
        lines = [{"line_id": "1", "sku": LAMP, "quantity": 1}]
        order = {"type": "order.placed", "order_id": f"O-{made[:4]}", "as_of": at, "reservation_ids": [made]}
        sales.world.send("OrderUpdates", {**order, "lines": lines})
        sales.world.settle()

    placed(first)
    sales.world.wait(hours=2, minutes=1)
    sales.world.wait(hours=2, minutes=1)
    placed(second)
    asked = [(told["reservation_id"], told["reason"]) for told in sales.told("CancellationRequested")]
    assert asked == [(first, "unpaid"), (second, "unpaid")]


@pytest.mark.parametrize("when", ["before it is allocated", "once it is allocated", "while it is held"])
def test_an_order_that_the_erp_calls_paid_is_not_cancelled_as_unpaid(sales: Sales, when: str) -> None:
    sales.opens(capacity=9, pay="on_allocation", checkout_hours=2)
    made = sales.holds("ana")
    if when != "while it is held":
        sales.does(made, "confirm")
    if when == "once it is allocated":
        says(sales, "placed", made, payment_status="pending")
        sales.shop.counts(LAMP, 1)
    says(sales, "placed", made, payment_status="Paid")
    says(sales, "placed", made, payment_status="unpaid")
    sales.shop.counts(LAMP, 1)
    sales.world.wait(hours=3)
    shown = sales.reservation(made)
    assert (shown["status"], shown["paid"]) == ("allocated", True)
    assert (sales.told("CancellationRequested"), told(sales)) == ([], [])
    everything_was_told(sales.world)


@pytest.mark.parametrize("word", ["pending", "partially_paid", "unpaid", "authorized"])
def test_any_other_word_stops_no_clock(sales: Sales, word: str) -> None:
    first, _ = two_for_one(sales)
    says(sales, "placed", first, payment_status=word)
    sales.world.wait(hours=2, minutes=1)
    assert (sales.reservation(first)["status"], told(sales)) == ("expired", ["ana@example.org"])


def test_an_order_that_is_called_paid_once_its_time_is_over_changes_nothing(sales: Sales) -> None:
    first, second = two_for_one(sales)
    says(sales, "placed", first)
    sales.world.clock.advance(hours=2, minutes=1)
    says(sales, "placed", first, payment_status="paid")
    sales.world.wait(minutes=2)
    says(sales, "placed", first, payment_status="PAID")
    assert [sales.reservation(each)["status"] for each in (first, second)] == ["expired", "allocated"]
    assert not sales.reservation(first)["paid"]
    adds_up(sales.world)
