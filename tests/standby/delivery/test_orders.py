"""What became of each line, and what is told of it, in the cases that a shopkeeper would name."""

from collections.abc import Sequence
from typing import Any

import pytest
from standby.delivery.model import MOST_HISTORY, MOST_REFUNDS, About
from standby.delivery.service import Lookup
from standby.events import delivery
from standby.events.fields import MOST_LINES
from standby.events.hearing import hear
from standby.platform.batch import size
from standby.platform.bus import EVENT_BYTES, REQUEST_BYTES, detail_of, name_of

from tests.fakes import FakeBus
from tests.standby.delivery.test_any_order import orders_of
from tests.standby.delivery.words import Books, placed, said, word

pytestmark = pytest.mark.promise("P4")


def told(*messages: Any) -> list[tuple[str, list[str], bool | None]]:
    """Let messages come, and return what is told: event, lines, and whether nothing of the order is left to ship."""
    _, bus = taken(*messages)
    return [
        (
            name_of(event).removeprefix("Order"),
            [line["line_id"] for line in event.lines],
            getattr(event, "complete", None),
        )
        for event in bus.events
    ]


def taken(*messages: Any) -> tuple[Books, Any]:
    store, bus = Books(), FakeBus()
    for number, message in enumerate(messages):
        orders_of(store, bus).take(word(message, arrival=number))
    return store, bus


ORDER = placed("O", "S", "M", "L", shipments={"A": ["S"], "B": ["M", "L"]})
PLACED = ("Placed", ["S", "M", "L"], None)


def test_without_shipment_and_lines_the_whole_order_is_meant() -> None:
    assert told(ORDER, said("shipped", "O")) == [PLACED, ("Shipped", ["S", "M", "L"], True)]
    assert told(ORDER, said("cancelled", "O")) == [PLACED, ("Cancelled", ["S", "M", "L"], True)]


def test_an_order_goes_in_parts_and_the_last_one_completes_it() -> None:
    assert told(
        ORDER, said("shipped", "O", shipment_id="A"), said("shipped", "O", "M"), said("cancelled", "O", "L")
    ) == [
        PLACED,
        ("Shipped", ["S"], False),
        ("Shipped", ["M"], False),
        ("Cancelled", ["L"], True),
    ]


def test_whoever_cancels_the_whole_order_cancels_what_has_not_left() -> None:
    shipped, cancelled = said("shipped", "O", minute=1, shipment_id="A"), said("cancelled", "O", minute=2)
    assert told(ORDER, shipped, cancelled)[1:] == [("Shipped", ["S"], False), ("Cancelled", ["M", "L"], True)]


def test_whoever_names_what_left_takes_it_back_and_the_newest_word_decides() -> None:
    shipped, cancelled = said("shipped", "O", minute=1, shipment_id="A"), said("cancelled", "O", "S", minute=2)
    assert told(ORDER, shipped, cancelled)[1:] == [("Shipped", ["S"], False), ("Cancelled", ["S"], False)]
    assert told(ORDER, cancelled, shipped)[1:] == [("Cancelled", ["S"], False)]
    again = said("shipped", "O", "S", minute=3)
    assert told(ORDER, cancelled, shipped, again)[1:] == [("Cancelled", ["S"], False), ("Shipped", ["S"], False)]


def test_what_arrived_or_came_back_has_left() -> None:
    assert told(ORDER, said("delivered", "O", shipment_id="A"))[1:] == [("Shipped", ["S"], False)]
    assert told(ORDER, said("returned", "O", "L"))[1:] == [("Shipped", ["L"], False)]


def test_what_left_is_told_once_by_the_plainest_word() -> None:
    messages = [said("delivered", "O", minute=5), said("shipped", "O", minute=3), ORDER]
    _, bus = taken(*messages)
    (event,) = bus.named("OrderShipped")
    assert event.occurred_at == "2026-05-03T09:03:00.000Z"


def test_a_line_in_two_shipments_waits_for_both() -> None:
    order = placed("O", "S", shipments={"A": ["S"], "B": ["S"]})
    one, other = said("shipped", "O", shipment_id="A"), said("cancelled", "O", shipment_id="B")
    assert told(order, one) == [("Placed", ["S"], None)]
    assert told(order, one, other)[1:] == [("Shipped", ["S"], True)]


def test_what_left_has_left_though_the_order_no_longer_lists_its_shipment() -> None:
    rest = placed("O", "S", "M", minute=2, shipments={"B": ["M"]})
    store, _ = taken(ORDER, said("shipped", "O", minute=1, shipment_id="A"), rest)
    assert set(store.orders["O"].fates) == {"S"}


def test_a_shipment_that_was_planned_anew_has_not_left() -> None:
    anew = placed("O", "S", minute=2, shipments={"C": ["S"]})
    store, _ = taken(ORDER, said("cancelled", "O", minute=1, shipment_id="A"), anew)
    assert store.orders["O"].fates == {}


def test_an_order_is_told_anew_only_where_others_see_a_difference() -> None:
    same = {**ORDER, "as_of": "2026-05-03T09:05:00Z", "payment_status": "paid"}
    other = {**same, "as_of": "2026-05-03T09:06:00Z", "discount_codes": ["SPRING"]}
    assert told(ORDER, same, same, other) == [PLACED, PLACED]


def test_that_an_order_is_paid_is_told_where_it_names_reservations() -> None:
    at = iter(range(1, 10))

    def order(status: str, ids: Sequence[str]) -> dict[str, Any]:
        return placed("O", "S", minute=next(at), payment_status=status, reservation_ids=ids)

    _, bus = taken(order("pending", []), order("paid", []), order("pending", ["R"]), order(" PAID", ["R"]))
    heard = [hear({"detail-type": name_of(event), "detail": detail_of(event)}, KINDS) for event in bus.events]
    assert [isinstance(event, delivery.OrderPlaced) and event.paid for event in heard] == [False, False, True]


def test_a_line_of_no_units_is_as_if_it_were_not_there() -> None:
    order = placed("O", "S", "M")
    order["lines"][0]["quantity"] = 0
    assert told(order, said("shipped", "O", "M")) == [("Placed", ["M"], None), ("Shipped", ["M"], True)]


def test_no_event_names_or_places_the_customer() -> None:
    customer = {"id": "C-7", "name": "Noa", "email": "noa@example.com", "phone": "050"}
    _, bus = taken(placed("O", "S", customer=customer, ship_to={"postal_code": "33031"}), said("shipped", "O"))
    assert len(bus.events) == 2
    assert not [word_ for word_ in ("Noa", "noa@", "050", "C-7", "33031") if word_ in str(bus.events)]


def test_the_largest_order_is_told_in_several_events() -> None:
    skus = [f"{number:04}" + "S" * 86 for number in range(MOST_LINES)]
    codes = [f"{number:03}" + "ק" * 97 for number in range(100)]
    _, bus = taken(placed("O", *skus, reservation_ids=codes), said("shipped", "O"))
    heard = [hear({"detail-type": name_of(event), "detail": detail_of(event)}, KINDS) for event in bus.events]
    assert max(size(detail_of(event)) for event in bus.events) <= EVENT_BYTES + MOST_LINES < REQUEST_BYTES
    for kind in (delivery.OrderPlaced, delivery.OrderShipped):
        pages = [event for event in heard if isinstance(event, kind)]
        assert len(pages) > 1
        assert [line["line_id"] for event in pages for line in event.lines] == skus
    assert len({event.id for event in bus.events}) == len(bus.events)


KINDS = (delivery.OrderPlaced, delivery.OrderShipped, delivery.OrderCancelled)


def test_what_is_expected_is_known_by_shipment_and_by_order_in_the_end_whatever_came_first() -> None:
    words = [said("eta", "O", minute=minute, eta=f"2026-06-{minute:02}", shipment_id="A") for minute in (3, 5, 4)]
    store, bus = taken(*words, said("eta", "O", minute=6, eta=None, cause="customs"))
    order = store.orders["O"]
    assert order.words[About("eta", "shipment", "A")].fields["eta"] == "2026-06-05"
    assert order.words[About("eta")].fields == {"cause": "customs", "as_of": "2026-05-03T09:06:00.000Z"}
    assert [dict(step.said).get("eta") for step in order.history] == ["2026-06-03", "2026-06-04", "2026-06-05", None]
    assert bus.events == []


def test_history_and_refunds_keep_the_newest() -> None:
    steps = [
        said("tracked", "O", minute=0, state="out", occurred_at=f"2026-05-03T08:{n // 60:02}:{n % 60:02}Z")
        for n in range(60)
    ]
    steps = [{**step, "as_of": step["occurred_at"]} for step in steps]
    money = {"amount": 100, "currency": "ILS"}
    refunds = [said("refunded", "O", minute=n % 60, amount={**money, "amount": n}) for n in range(130)]
    store, _ = taken(*steps[::-1], *refunds)
    order = store.orders["O"]
    assert len(order.history) == MOST_HISTORY
    assert dict(order.history[0].said)["occurred_at"] == "2026-05-03T08:00:10.000Z"
    assert len(order.refunds) == MOST_REFUNDS


def test_a_refund_that_is_told_twice_is_one() -> None:
    money = {"amount": 100, "currency": "ILS"}
    once = said("refunded", "O", minute=1, amount=money, occurred_at="2026-05-03T09:01:00Z")
    name = "2026-05-03T09:01:00.000Z 100 ILS"
    store, _ = taken(once, {**once, "as_of": "2026-05-03T09:30:00Z"}, {**once, "refund_due_id": "RD"})
    assert sorted(store.orders["O"].refunds) == [name, f"RD {name}"]


def test_only_an_order_of_which_something_was_said_is_known() -> None:
    store, _ = taken(said("shipped", "O"))
    assert Lookup(store).order("O") == store.orders["O"]
    assert Lookup(store).order("P") is None
