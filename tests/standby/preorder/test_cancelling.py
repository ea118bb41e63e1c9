"""Customers who cancel: acknowledged at the first press, carried out by a mailed code."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import from_text, to_text
from standby.platform.code_model import CODE_LIFE, MOST_CODES, MOST_TRIES

from tests.promises.preorder_checks import adds_up, everything_was_told
from tests.promises.unruly import searching
from tests.standby.preorder.sales import BROWSER, LAMP, Sales

ANA = "ana@example.org"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ordered(sales: Sales) -> str:
    """Let Ana pre-order two of ten, and return her reservation's id."""
    sales.opens(capacity=10, limit_per_customer=2)
    made = sales.holds("ana", quantity=2)
    sales.does(made, "confirm")
    sales.world.settle()
    return made


def cancels(sales: Sales, code: str | None = None) -> Any:
    """Press, or carry out with a code; return status and answer."""
    body = None if code is None else {"code": code}
    made = sales.world.request("preorder_viewer", "POST", f"/v1/preorders/{sales.link(ANA)}/cancel", body=body)
    sales.world.settle()
    return made


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_first_press_is_acknowledged_with_date_and_time_and_cancels_nothing(sales: Sales, ordered: str) -> None:
    at = sales.world.clock.now()
    status, own = cancels(sales)
    assert (status, from_text(own["cancel_asked_at"]), own["status"]) == (202, at, "confirmed")
    (mail,) = [mail for mail in sales.world.mails if mail.subject.startswith("Your code")]
    assert "May 3, 2026" in mail.text
    assert (sales.reservation(ordered)["status"], sales.numbers()) == ("confirmed", (2, 0, -2))


def test_the_code_cancels_and_gives_everything_back_at_once(sales: Sales, ordered: str) -> None:
    cancels(sales)
    status, own = cancels(sales, sales.codes(ANA)[0])
    assert (status, own["status"], own["next"]) == (200, "cancelled", None)
    assert (sales.numbers(), sales.campaign()["remaining"]) == ((0, 0, 0), 10)
    assert [told["units"] for told in sales.told("UnitsFreed")] == [2]
    assert sales.reserves("again", quantity=2, email=ANA)[0] == 201, "the limit counts them no longer"
    assert len([mail for mail in sales.world.mails if mail.subject.startswith("Cancelled")]) == 1
    assert sales.told("RefundDue") == []
    adds_up(sales.world)


def test_a_code_works_once_and_cancelling_again_answers_the_same(sales: Sales, ordered: str) -> None:
    cancels(sales)
    code = sales.codes(ANA)[0]
    first = cancels(sales, code)
    assert cancels(sales, code) == first
    assert cancels(sales) == first
    assert len(sales.told("ReservationCancelled")) == 1


def test_two_who_use_the_code_at_the_same_moment_cancel_once(sales: Sales, ordered: str) -> None:
    cancels(sales)
    (code,) = sales.codes(ANA)
    path = f"/v1/preorders/{sales.link(ANA)}/cancel"
    others: list[int] = []

    def in_the_middle(service: str, operation: str, parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
        if operation == "TransactWriteItems" and not others:
            others.append(0)
            sales.world.meanwhile(lambda _world: others.append(sales.asks("POST", path, {"code": code})[0]))
        return make()

    sales.world.tap = in_the_middle
    status, own = cancels(sales, code)
    assert (status, own["status"], others) == (200, "cancelled", [0, 200])
    assert len(sales.told("ReservationCancelled")) == 1
    adds_up(sales.world)


def test_nobody_has_more_than_five_tries_whatever_is_tried(sales: Sales, ordered: str) -> None:
    cancels(sales)
    code = sales.codes(ANA)[0]
    left = [cancels(sales, wrong(code))[1]["detail"].rpartition("; ")[2] for _ in range(MOST_TRIES)]
    assert left == ["4 tries left", "3 tries left", "2 tries left", "1 try left", "0 tries left"]
    status, problem = cancels(sales, code)
    assert (status, problem["type"]) == (409, "/problems/code-over")
    assert sales.reservation(ordered)["status"] == "confirmed"


def test_a_code_is_over_after_ten_minutes(sales: Sales, ordered: str) -> None:
    cancels(sales)
    sales.world.clock.advance(seconds=CODE_LIFE.total_seconds())
    assert cancels(sales, sales.codes(ANA)[0])[1]["type"] == "/problems/code-over"
    assert cancels(sales)[0] == 202
    assert cancels(sales, sales.codes(ANA)[1])[1]["status"] == "cancelled"


def test_an_old_code_stays_over_once_the_item_that_counted_it_is_gone(sales: Sales, ordered: str) -> None:
    cancels(sales)
    (old,) = sales.codes(ANA)
    sales.world.clock.advance(days=3)
    sales.world.memory.tables["Preorder"].items[f"RESERVATION#{ordered}"].pop("CODE")  # as DynamoDB does by its ttl
    assert cancels(sales)[0] == 202
    assert len(sales.codes(ANA)) == 2, "a new one was mailed"
    assert cancels(sales, old)[0] == 409
    assert cancels(sales, sales.codes(ANA)[-1])[1]["status"] == "cancelled"


def test_the_largest_reservation_that_can_be_made_can_be_cancelled(sales: Sales) -> None:
    for number in range(8):
        sales.opens(f"S{number}", capacity=32, shards=32 if number == 0 else 2, limit_per_customer=100)
    lines = [{"sku": f"S{number}", "quantity": 1} for number in range(1, 8)]
    refused = 0
    for quantity in range(22, 0, -1):
        body = {"lines": [{"sku": "S0", "quantity": quantity}, *lines], "customer": {"email": ANA}}
        status, made = sales.asks(
            "POST", "/v1/reservations", body | {"limit_keys": ["a", "b", "c"]}, key=f"k{quantity}"
        )
        if status == 201:
            break
        refused += made["type"].endswith("too-many-lines")
    assert (status, refused > 0) == (201, True)
    sales.does(made["id"], "confirm")
    sales.world.settle()
    cancels(sales)
    assert cancels(sales, sales.codes(ANA)[-1])[1]["status"] == "cancelled"


def test_who_left_the_waitlist_hears_about_the_own_order(sales: Sales) -> None:
    shop = sales.shop
    shop.counts("MUG", 0)
    shop.waits(ANA, "MUG")
    shop.counts("MUG", 1)
    shop.leaves(ANA)
    sales.opens()
    reserved = sales.holds("ana")
    before = len(sales.world.mails)
    sales.does(reserved, "confirm")
    sales.world.settle()
    cancels(sales)
    shop.counts(LAMP, 1)
    sales.world.settle()
    assert [mail.email for mail in sales.world.mails[before:]] == [ANA] * 3, "pre-ordered, the code, here"


def test_no_clock_starts_while_the_erp_decides(sales: Sales) -> None:
    sales.opens(pay="on_allocation", checkout_hours=1)
    reserved = sales.holds("ana")
    sales.does(reserved, "confirm")
    places(sales, reserved)
    cancels(sales)
    assert cancels(sales, sales.codes(ANA)[-1])[1]["next"] == "decision"
    sales.world.wait(hours=30)
    sales.shop.counts(LAMP, 5)
    sales.world.wait(hours=2)
    assert sales.reservation(reserved)["status"] == "allocated"


def test_a_minute_has_one_code_and_one_mail_and_a_new_one_takes_the_place_of_the_old(
    sales: Sales, ordered: str
) -> None:
    for _ in range(4):
        assert cancels(sales)[0] == 202
    (first,) = sales.codes(ANA)
    sales.world.clock.advance(minutes=1)
    asked = cancels(sales)[1]["cancel_asked_at"]
    assert len(sales.codes(ANA)) == 2
    assert from_text(asked) < sales.world.clock.now(), "the first press counts"
    assert cancels(sales, first)[0] == 409


def test_a_day_has_ten_codes(sales: Sales, ordered: str) -> None:
    for _ in range(MOST_CODES):
        assert cancels(sales)[0] == 202
        sales.world.clock.advance(minutes=1)
    assert cancels(sales)[0] == 429
    sales.world.clock.advance(days=1)
    assert cancels(sales)[0] == 202


def test_every_clock_stands_still_for_a_day_and_then_runs_on(sales: Sales) -> None:
    sales.opens(capacity=10, pay="on_allocation", checkout_hours=2)
    made = sales.holds("ana")
    sales.does(made, "confirm")
    sales.shop.counts(LAMP, 1)
    sales.world.wait(hours=1)
    cancels(sales)
    sales.world.wait(hours=24)
    assert sales.reservation(made)["status"] == "allocated"
    sales.world.wait(hours=1)
    assert sales.reservation(made)["status"] == "expired"


def test_pressing_again_stops_the_clocks_no_second_time(sales: Sales) -> None:
    sales.opens(capacity=10, pay="on_allocation", checkout_hours=2)
    made = sales.holds("ana")
    sales.does(made, "confirm")
    sales.world.settle()
    cancels(sales)
    sales.shop.counts(LAMP, 1)
    for _ in range(5):
        sales.world.wait(hours=5)
        cancels(sales)
    sales.world.wait(hours=2)
    assert sales.reservation(made)["status"] == "expired"


def test_who_paid_is_owed_the_money_once(sales: Sales, ordered: str) -> None:
    sales.does(ordered, "confirm", {"paid": True})
    cancels(sales)
    for _ in range(2):
        cancels(sales, sales.codes(ANA)[0])
    (due,) = sales.told("RefundDue")
    assert (due["reason"], due["amount"]["amount"], due["reservation_id"]) == ("customer", 11_800, ordered)


def places(sales: Sales, made: str, what: str = "placed", order_id: str = "O-1", **more: Any) -> None:
    """Let the ERP say something of an order that names a reservation."""
    at = sales.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    said: dict[str, Any] = {"type": f"order.{what}", "order_id": order_id, "as_of": at}
    if what == "placed":
        said |= {"reservation_ids": [made], "lines": [{"line_id": "1", "sku": LAMP, "quantity": 2}]}
    else:
        said |= {"occurred_at": at}
    sales.world.send("OrderUpdates", said | more)
    sales.world.settle()
    sales.world.clock.advance(seconds=1)


@pytest.mark.parametrize(("decides", "status"), [("cancelled", "cancelled"), ("shipped", "fulfilled")])
def test_an_order_that_the_erp_knows_is_the_erps_to_cancel(
    sales: Sales, ordered: str, decides: str, status: str
) -> None:
    sales.does(ordered, "confirm", {"paid": True})
    places(sales, ordered)
    cancels(sales)
    answered, own = cancels(sales, sales.codes(ANA)[0])
    assert (answered, own["status"], own["next"]) == (200, "confirmed", "decision")
    (asked,) = sales.told("CancellationRequested")
    assert (asked["order_id"], asked["reason"], sales.told("RefundDue")) == ("O-1", "customer", [])
    assert cancels(sales)[0] == 200
    sales.world.clock.advance(minutes=1)

    places(sales, ordered, decides)

    assert sales.reservation(ordered)["status"] == status
    assert len(sales.told("RefundDue")) == (decides == "cancelled")
    assert len(sales.told("CancellationRequested")) == 1


def test_an_order_that_the_erp_hears_of_after_it_was_cancelled_is_asked_to_be(sales: Sales, ordered: str) -> None:
    cancels(sales)
    cancels(sales, sales.codes(ANA)[0])
    for _ in range(2):
        places(sales, ordered)
    assert [asked["order_id"] for asked in sales.told("CancellationRequested")] == ["O-1"]


def asked_for(sales: Sales) -> list[str]:
    """Return the orders that the ERP was asked to cancel, each as often as by another event."""
    return list({asked["id"]: asked["order_id"] for asked in sales.told("CancellationRequested")}.values())


def test_the_erp_is_asked_to_cancel_the_order_that_a_reservation_belongs_to_since(sales: Sales, ordered: str) -> None:
    """The payment was tried again, so a second order names the reservation."""
    places(sales, ordered)
    cancels(sales)
    cancels(sales, sales.codes(ANA)[0])
    for _ in range(2):
        places(sales, ordered, order_id="O-2")
    assert asked_for(sales) == ["O-1", "O-2"]

    places(sales, ordered, "cancelled")
    assert sales.reservation(ordered)["status"] == "confirmed"
    places(sales, ordered, "cancelled", "O-2")

    assert sales.reservation(ordered)["status"] == "cancelled"
    assert asked_for(sales) == ["O-1", "O-2"]
    everything_was_told(sales.world)
    adds_up(sales.world)


def test_an_older_order_that_is_heard_of_later_is_not_the_one_to_cancel(sales: Sales, ordered: str) -> None:
    before = to_text(sales.world.clock.now())
    sales.world.clock.advance(minutes=1)
    places(sales, ordered)
    cancels(sales)
    cancels(sales, sales.codes(ANA)[0])

    places(sales, ordered, order_id="O-0", as_of=before)

    assert asked_for(sales) == ["O-1"]


def test_the_erp_is_asked_to_cancel_each_order_that_names_what_was_cancelled_before(sales: Sales, ordered: str) -> None:
    cancels(sales)
    cancels(sales, sales.codes(ANA)[0])
    for order_id in ("O-1", "O-2", "O-1"):
        places(sales, ordered, order_id=order_id)
    assert asked_for(sales) == ["O-1", "O-2"]


@pytest.mark.parametrize("paid_at", [0, 1, 2])
def test_who_paid_for_what_was_cancelled_is_owed_the_money_though_the_erp_says_so_later(
    sales: Sales, ordered: str, paid_at: int
) -> None:
    cancels(sales)
    cancels(sales, sales.codes(ANA)[0])
    for number in range(3):
        places(sales, ordered, payment_status="paid" if number >= paid_at else "pending")
        assert len(sales.told("RefundDue")) == (number >= paid_at)
    places(sales, ordered, "cancelled")

    (due,) = sales.told("RefundDue")
    assert (due["reservation_id"], due["order_id"], due["reason"], due["amount"]["amount"]) == (
        ordered,
        "O-1",
        "customer",
        11_800,
    )
    assert asked_for(sales) == ["O-1"]
    everything_was_told(sales.world)


def test_what_the_erp_itself_cancelled_is_the_erps_to_pay_back(sales: Sales, ordered: str) -> None:
    places(sales, ordered)
    places(sales, ordered, "cancelled")
    places(sales, ordered, payment_status="paid")
    assert (sales.told("RefundDue"), asked_for(sales)) == ([], [])


def test_goods_that_left_the_house_are_not_cancelled(sales: Sales, ordered: str) -> None:
    places(sales, ordered)
    places(sales, ordered, "shipped")
    assert cancels(sales)[0] == 409
    assert sales.codes(ANA) == []


def test_no_table_and_no_log_has_the_code(sales: Sales, ordered: str, capsys: pytest.CaptureFixture[str]) -> None:
    cancels(sales)
    (code,) = sales.codes(ANA)
    cancels(sales, wrong(code))
    assert code not in repr(sales.world.memory.snapshot())
    assert code not in capsys.readouterr().out


def test_a_scanner_that_looks_at_everything_and_presses_every_button_cancels_nothing(
    sales: Sales, ordered: str
) -> None:
    path = f"/v1/preorders/{sales.link(ANA)}"
    for method, where in (("GET", path), ("HEAD", path), ("GET", f"{path}/cancel"), ("POST", f"{path}/cancel")):
        for body in (None, "", "code=", "code=%20", "code=000000&code=111111", "a=b"):
            sales.world.request("preorder_viewer", method, where, body=body, headers={**BROWSER, **FORM})
    sales.world.settle()
    assert sales.reservation(ordered)["status"] == "confirmed"
    assert len(sales.codes(ANA)) == 1


@pytest.mark.parametrize("more", ["from=mail", "utm_source=mail&csrf=1", "a=b&c="])
def test_a_press_with_fields_that_nobody_asked_for_is_a_press(sales: Sales, ordered: str, more: str) -> None:
    path = f"/v1/preorders/{sales.link(ANA)}/cancel"

    def posts(body: str) -> Any:
        event = sales.world.request("preorder_viewer", "POST", path, body=body, headers={**BROWSER, **FORM})
        sales.world.settle()
        return event[0]

    assert posts(more) == 303
    (code,) = sales.codes(ANA)
    assert posts(f"code={code}&{more}") == 303
    assert sales.reservation(ordered)["status"] == "cancelled"


def test_the_page_leads_from_the_press_to_the_code_and_says_what_is_wrong(sales: Sales, ordered: str) -> None:
    path = f"/v1/preorders/{sales.link(ANA)}"

    def posts(body: str = "") -> Any:
        event = sales.world.request("preorder_viewer", "POST", f"{path}/cancel", body=body, headers={**BROWSER, **FORM})
        sales.world.settle()
        return event

    assert 'name="code"' not in sales.own(sales.link(ANA), page=True)[1]
    assert posts()[0] == 303
    assert 'name="code"' in sales.own(sales.link(ANA), page=True)[1]
    (code,) = sales.codes(ANA)
    status, html = posts(f"code={wrong(code)}")
    assert (status, "not the code" in html, 'action="cancel"' in html) == (409, True, True)
    assert posts(f"code={code[:3]}+{code[3:]}")[0] == 303
    assert "is cancelled" in sales.own(sales.link(ANA), page=True)[1]


@pytest.mark.parametrize("copied", ["\u200f{}", "\u2066{}\u2069", "\u202a{}\u202c", "\ufeff{}\n", "\u00a0{}\u200b"])
def test_a_code_is_right_with_what_nobody_sees_and_copying_brings_along(
    sales: Sales, ordered: str, copied: str
) -> None:
    cancels(sales)
    body = f"code={quote(copied.format(sales.codes(ANA)[0]))}"
    path = f"/v1/preorders/{sales.link(ANA)}/cancel"
    assert sales.world.request("preorder_viewer", "POST", path, body=body, headers=FORM)[0] == 200
    assert sales.reservation(ordered)["status"] == "cancelled"


@searching(examples=30, steps=1)
@given(guesses=st.lists(st.integers(0, 999_999), max_size=8), minutes=st.integers(0, 12))
def test_a_code_is_right_for_ten_minutes_and_five_tries_only(
    guesses: list[int], minutes: int, sales: Sales, ordered: str
) -> None:
    start = sales.world.snapshot()
    try:
        cancels(sales)
        (code,) = sales.codes(ANA)
        sales.world.clock.advance(minutes=minutes)
        for guess in guesses:
            cancels(sales, f"{guess:06}")
        cancels(sales, code)
        early = f"{code}" in [f"{guess:06}" for guess in guesses[:MOST_TRIES]]
        right = minutes < CODE_LIFE.total_seconds() / 60 and (early or len(guesses) < MOST_TRIES)
        assert (sales.reservation(ordered)["status"] == "cancelled") == right
        adds_up(sales.world)
    finally:
        sales.world.restore(start)
