"""What the ERP says of orders is read kindly where nothing is in doubt, and refused by name where something is."""

from dataclasses import replace
from typing import Any

import pytest
from standby.delivery.messages import LARGEST, LARGEST_ORDER_BYTES
from standby.delivery.model import About, Happened, Placed, Refunded
from standby.platform.batch import size
from standby.platform.identifier import Ids
from standby.platform.queue import PoisonError

from tests.standby.delivery.words import placed, said, word

pytestmark = pytest.mark.promise("P9")
PERSON = {"id": 7, "name": "Noa\nLevi", "email": " noa@example.com ", "phone": 972501234567, "tier": "", "odd": 1}


def order(message: Any, **more: Any) -> Placed:
    read = word(message, **more)
    assert isinstance(read, Placed)
    return read


def test_all_fields_of_the_contract_are_kept_and_others_ignored() -> None:
    message = placed(
        "O",
        "S",
        shipments={"A": ["S"]},
        order_number=1001,
        channel="web",
        customer={**PERSON, "type": "staff", "locale": "he", "time_zone": "Asia/Jerusalem"},
        ship_to={"country": "IL", "postal_code": 33031, "street": "Harbour 1"},
        delivery_fee={"amount": "1990", "currency": "ILS"},
        payment_status="paid",
        reservation_ids=["R-1", "R-2", "R-1"],
        discount_codes=["SPRING"],
        unheard_of=True,
    )
    message["lines"][0] |= {"unit_price": {"amount": -500, "currency": "ILS"}, "category": "Shirts", "colour": "red"}
    read = order(message)
    assert read.fields == {
        "order_number": "1001",
        "channel": "web",
        "customer": {
            "id": "7",
            "type": "staff",
            "name": "Noa\nLevi",
            "email": "noa@example.com",
            "phone": "972501234567",
            "locale": "he",
            "time_zone": "Asia/Jerusalem",
        },
        "ship_to": {"country": "IL", "postal_code": "33031"},
        "delivery_fee": {"amount": 1990, "currency": "ILS"},
        "payment_status": "paid",
        "reservation_ids": ["R-1", "R-2"],
        "discount_codes": ["SPRING"],
        "as_of": "2026-05-03T09:00:00.000Z",
    }
    assert read.lines == {
        "S": {"sku": "S", "quantity": 1, "unit_price": {"amount": -500, "currency": "ILS"}, "category": "Shirts"}
    }
    assert read.shipments == {"A": {"promised_until": "2026-05-07", "line_ids": ["S"]}}


@pytest.mark.parametrize("quantity", [6, 6.0, "6", "6.0"])
def test_quantities_and_ids_are_read_as_everywhere(quantity: Any) -> None:
    message = placed(" O-\u0065\u0301 ", "S", shipments={"A": [1]})
    message["lines"] = [{"line_id": 1, "sku": " shirt ", "quantity": quantity}]
    read = order(message, ids=Ids("upper"))
    assert (read.order_id, read.lines) == ("O-\u00e9", {"1": {"sku": "SHIRT", "quantity": 6}})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("\u200fana@example.org\u200e", "ana@example.org"),
        ("\ufeffana@example.org", "ana@example.org"),
        ("ana@b\u00fccher.example", "ana@xn--bcher-kva.example"),
        ("a\u200bna@example.org", None),
        ("\u05d0\u05e0\u05d4@example.org", None),
    ],
    ids=["marks of direction", "a byte order mark", "an international domain", "a mark inside", "Hebrew"],
)
def test_an_address_is_kept_as_the_waitlist_has_it(said: str, kept: str | None) -> None:
    read = order(placed("O", "S", customer={"name": "Noa", "email": said}))
    assert read.fields["customer"].get("email") == kept


@pytest.mark.parametrize("email", ["", None, "none", "@", "a@", "a b@example.com", "a@b@c", "a@b, c@d", "<a@b>"])
def test_an_order_without_an_address_counts_all_the_same(email: Any) -> None:
    read = order(placed("O", "S", customer={"name": "Noa", "email": email}))
    assert read.fields["customer"] == {"name": "Noa"}


def test_an_order_needs_no_customer_and_no_shipment() -> None:
    bare = {"type": "order.placed", "order_id": "O", "lines": [{"line_id": "1", "sku": "S", "quantity": 1}]}
    read = order(bare)
    assert read.fields == {"as_of": "2026-05-03T10:00:00.000Z", "as_of_assumed": True}


def wrong(message: Any) -> str:
    with pytest.raises(PoisonError) as error:
        word(message)
    return error.value.reason


LINE = {"line_id": "1", "sku": "S", "quantity": 1}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"type": "order.lost", "order_id": "O"}, "type: 'order.lost' is none of order.placed"),
        ({**placed("O", "S"), "order_id": ""}, "order_id: missing"),
        ({**placed("O", "S"), "order_id": "x" * 101}, "order_id: has more than 100 characters"),
        ({"type": "order.placed", "order_id": "O"}, "lines: missing"),
        ({**placed("O"), "lines": [{**LINE, "sku": " "}]}, "lines.0.sku: missing"),
        ({**placed("O"), "lines": [{**LINE, "quantity": "1.5"}]}, "lines.0.quantity: "),
        ({**placed("O"), "lines": [{**LINE, "quantity": -1}]}, "lines.0.quantity: must be bigger"),
        ({**placed("O"), "lines": [LINE, LINE]}, "lines.1.line_id: 1 stands there twice"),
        (placed("O", "S", shipments={"A": ["M"]}), "shipments.0.line_ids: M is no line of this order"),
        ({**placed("O", *map(str, range(1_001)))}, "lines: must contain less than or equal to 1000 items"),
        (placed("O", "S", delivery_fee={"amount": 1.5, "currency": "ILS"}), "delivery_fee.amount: "),
        (said("eta", "O", eta="2026-02-30"), "eta: day is out of range for month"),
        (said("eta", "O"), "eta: missing"),
        (said("eta", "O", eta="2026-05-09", cause="bad luck"), "cause: "),
        (said("tracked", "O", state="lost"), "state: "),
        (said("refunded", "O"), "amount: missing"),
        (said("shipped", "O", line_ids=[]), "line_ids: must contain at least 1 item"),
        ({**said("shipped", "O"), "as_of": "2026-05-03T11:00:00Z"}, "as_of: 2026-05-03T11:00:00Z is more than 5"),
        (said("shipped", "O", occurred_at="yesterday"), "occurred_at: yesterday is no instant"),
        ([], "message: must be object"),
    ],
)
def test_what_is_in_doubt_is_refused_by_name(message: Any, reason: str) -> None:
    assert wrong(message).startswith(reason), wrong(message)


def test_a_day_that_no_calendar_has_is_refused_where_it_stands() -> None:
    message = placed("O", "S", shipments={"A": ["S"]})
    message["shipments"][0]["promised_until"] = "2026-02-30"
    assert wrong(message) == "shipments.0.promised_until: day is out of range for month"


def test_an_order_is_not_larger_than_its_bound() -> None:
    message = placed("O", "S", message_id="x" * LARGEST_ORDER_BYTES)
    assert wrong(message).endswith(f"bytes are more than {LARGEST_ORDER_BYTES:,}")
    thousand = {
        **placed("O"),
        "lines": [
            {
                "line_id": f"line-{number}",
                "sku": f"SHIRT-RED-{number:05}",
                "quantity": 1,
                "unit_price": {"amount": 12990, "currency": "ILS"},
                "category": "Clothes > Shirts > Red shirts",
            }
            for number in range(1_000)
        ],
    }
    assert size(thousand) < LARGEST["order.placed"]
    assert len(order(thousand).lines) == 1_000


def happened(message: Any) -> Happened:
    read = word(message)
    assert isinstance(read, Happened)
    return read


def test_lines_say_more_than_the_shipment_beside_them() -> None:
    read = happened(said("shipped", "O", "S", "S", "M", shipment_id="A", carrier="Post"))
    assert read.about == (About("shipped", "line", "S"), About("shipped", "line", "M"))
    assert read.said.fields == {
        "carrier": "Post",
        "shipment_id": "A",
        "as_of": "2026-05-03T09:00:00.000Z",
        "occurred_at": "2026-05-03T09:00:00.000Z",
    }
    assert dict(read.step.said)["lines"] == "2"


@pytest.mark.parametrize(
    ("url", "kept"),
    [("https://p.example/1", True), ("HTTP://p.example", True), ("javascript:alert(1)", False), ("", False)],
)
def test_only_a_links_address_is_kept_as_one(url: str, kept: bool) -> None:  # noqa: FBT001 - of the table
    assert ("tracking_url" in happened(said("shipped", "O", tracking_url=url)).said.fields) == kept


def test_a_carriers_own_words_are_kept_up_to_a_bound() -> None:
    assert happened(said("tracked", "O", state="out", raw={"code": 7})).said.fields["raw"] == {"code": 7}
    assert "raw" not in happened(said("tracked", "O", state="out", raw="x" * 1_000)).said.fields


def test_the_same_words_are_one_whatever_they_are_called() -> None:
    message = said("refunded", "O", amount={"amount": 1, "currency": "ILS"})
    one, other = word({**message, "message_id": 1}), word({"message_id": 2, **dict(reversed(message.items()))})
    assert isinstance(one, Refunded)
    assert isinstance(other, Refunded)
    assert one == replace(other, said=one.said)
    assert one.said.version == other.said.version


KNOWN = {"eta": ["eta", "cause"], "tracked": ["state", "raw"], "shipped": ["carrier", "tracking_url"], "cancelled": []}


@pytest.mark.parametrize("kind", KNOWN)
def test_what_a_kind_of_message_does_not_know_is_not_read(kind: str) -> None:
    own = {"eta": {"eta": "2026-05-09"}, "tracked": {"state": "out"}}.get(kind, {})
    known = happened(said(kind, "O", shipment_id="A", **own))
    odd = {"tracking_url": 7, "carrier": {}, "state": [], "eta": 3, "cause": [], "raw": {}, "customer": 1, "lines": 2}
    if kind in ("eta", "tracked"):
        odd |= {"line_ids": "abc"}
    if kind == "eta":
        odd |= {"occurred_at": 3}
    for name in KNOWN[kind]:
        del odd[name]
    read = happened({**said(kind, "O", shipment_id="A", **own), **odd})
    assert (read.about, read.said.fields, read.step.said) == (known.about, known.said.fields, known.step.said)


def test_what_may_be_null_is_read_as_if_it_were_not_there() -> None:
    read = order({**placed("O", "S"), "shipments": None, "customer": None, "delivery_fee": None})
    assert (read.shipments, dict(read.lines["S"])) == ({}, {"sku": "S", "quantity": 1})
    eta = word(said("eta", "O", eta="2026-05-09", cause=None, shipment_id=None))
    assert isinstance(eta, Happened)
    assert eta.about == (About("eta"),)


def test_a_line_that_a_shipment_names_twice_is_one_line() -> None:
    assert order(placed("O", "S", shipments={"A": ["S", "S"]})).shipments["A"]["line_ids"] == ["S"]


def test_a_day_to_leave_of_another_systems_zeros_was_not_said() -> None:
    message = placed("O", "S", shipments={"A": ["S"]})
    message["shipments"][0]["ship_by"] = "0001-01-01"
    assert "ship_by" not in order(message).shipments["A"]


@pytest.mark.parametrize("zeros", ["0001-01-01T00:00:00Z", "1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_an_instant_of_another_systems_zeros_was_not_said(zeros: str) -> None:
    read = happened(said("delivered", "O", occurred_at=zeros))
    assert read.said.fields["occurred_at"] == read.said.fields["as_of"]
