"""What became of a reservation's lines, from what orders say of theirs, in any order and however often."""

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery.service import Orders
from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.events.hearing import hear
from standby.platform.bus import detail_of, name_of
from standby.preorder.model import Line, Reservation
from standby.preorder.named import NamedBy, Share, fates, heard
from standby.preorder.sharers import others_of
from standby.preorder.sharing import ALONE, Others, said_by

from tests.fakes import AT_ONCE, FakeBus, FakeClock
from tests.promises.unruly import searching
from tests.standby.delivery.words import Books, placed, said, word

AT = "2026-05-03T10:00:00.000Z"
MOVES = st.sampled_from(["shipped", "cancelled", None])


def reserved(name: str = "r", *, status: Any = "confirmed", **units: int) -> Reservation:
    """Return a reservation of so many units of some SKUs."""
    return Reservation(
        reservation_id=name,
        kind="preorder",
        status=status,
        lines=tuple(Line(sku=sku, quantity=quantity, campaign=1) for sku, quantity in units.items()),
        customer=None,
        body="",
        created_at=AT,
        held_until=AT,
        expires_at=AT,
        hold_minutes=15,
    )


def events(*messages: Any) -> list[Any]:
    """Return what delivery tells of messages that arrive in this order."""
    store, bus = Books(), FakeBus()
    for number, message in enumerate(messages):
        orders = Orders(store=store, bus=bus, clock=FakeClock(), zone=UTC, backoff=AT_ONCE)
        orders.take(word(message, arrival=number))
    kinds = (OrderPlaced, OrderShipped, OrderCancelled)
    return [hear({"detail-type": name_of(event), "detail": detail_of(event)}, kinds) for event in bus.events]


def after(told: list[Any], known: Reservation, others: Others = ALONE) -> dict[str, str]:
    """Return what became of a reservation's lines once it heard events in this order."""
    orders: tuple[NamedBy, ...] = ()
    for event in told:
        orders = heard(orders, said_by(event, known, others))
    return dict(fates(Reservation(**{**vars(known), "orders": orders})))


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_two_lines_end_as_they_did_in_any_order_and_any_repetition(draw: st.DataObject) -> None:
    outcomes = {sku: draw.draw(MOVES, label=sku) for sku in ("A", "B", "OTHER")}
    messages = [placed("O", *outcomes, reservation_ids=["r"])]
    for minute, (sku, outcome) in enumerate(outcomes.items(), start=1):
        messages += [said(outcome, "O", sku, minute=minute)] if outcome else []
    doubled = draw.draw(st.lists(st.sampled_from(messages), max_size=2))
    told = events(*draw.draw(st.permutations(messages + doubled)))
    twice = draw.draw(st.lists(st.sampled_from(told), max_size=3))

    found = after(draw.draw(st.permutations(told + twice)), reserved(A=1, B=1))

    assert found == {sku: outcome for sku, outcome in outcomes.items() if outcome and sku != "OTHER"}


def test_a_line_of_several_units_is_over_once_all_are() -> None:
    lines = [{"line_id": name, "sku": "A", "quantity": 1} for name in ("1", "2")]
    first = placed("O", reservation_ids=["r"]) | {"lines": lines}

    assert after(events(first, said("shipped", "O", "1", minute=1)), reserved(A=2)) == {}
    shipped = [said("shipped", "O", "1", minute=1), said("cancelled", "O", "2", minute=2)]
    assert after(events(first, *shipped), reserved(A=2)) == {"A": "shipped"}


def test_what_one_of_two_reservations_lost_the_other_keeps() -> None:
    lines = [{"line_id": name, "sku": "A", "quantity": 1} for name in ("1", "2")]
    first = placed("O", reservation_ids=["r", "s"]) | {"lines": lines}
    told = events(first, said("shipped", "O", "2", minute=1), said("cancelled", "O", "1", minute=2))
    both = [reserved("r", A=1), reserved("s", A=1)]

    found = [after([event], one, others_of(event, both)[one.reservation_id]) for one in both for event in told[-1:]]

    assert found == [{"A": "shipped"}, {"A": "cancelled"}]
    asked = [Reservation(**{**vars(both[0]), "cancel_sent_at": AT}), both[1]]
    assert after(told[-1:], asked[0], others_of(told[-1], asked)["r"]) == {"A": "cancelled"}


def test_units_that_nobody_reserved_are_cancelled_first() -> None:
    (first, last) = events(placed("O", reservation_ids=["r"]) | {"lines": line(3)}, said("shipped", "O", minute=1))
    one_cancelled = last._replace(skus=[{"sku": "A", "quantity": 3, "shipped": 0, "cancelled": 2}])

    assert after([first, one_cancelled], reserved(A=1)) == {}


def line(quantity: int) -> list[Any]:
    return [{"line_id": "1", "sku": "A", "quantity": quantity}]


@pytest.mark.parametrize(("what", "fate"), [("shipped", "shipped"), ("cancelled", "cancelled")])
def test_what_no_order_lists_follows_the_newest(what: str, fate: str) -> None:
    told = events(placed("O", "PART-1", "PART-2", reservation_ids=["r"]), said(what, "O", minute=1))

    assert after(told, reserved(KIT=1)) == {"KIT": fate}
    without = [event._replace(skus=()) for event in told]
    assert after(without, reserved(KIT=1)) == {"KIT": fate}, "an order of too many SKUs to list is one thing"


def test_the_newest_order_counts_and_what_an_older_one_shipped_has_left() -> None:
    def by(name: str, at: str, **share: int) -> NamedBy:
        of = Share(1, **share)
        return NamedBy(order_id=name, named_at=at, edition=1, whole=of, shares={"A": of})

    def found(*orders: NamedBy) -> Any:
        known: tuple[NamedBy, ...] = ()
        for order in orders:
            known = heard(known, order)
        return fates(Reservation(**{**vars(reserved(A=1)), "orders": known}))

    assert found(by("O-1", "1", cancelled=1), by("O-2", "2")) == {}
    assert found(by("O-2", "2", cancelled=1), by("O-1", "1")) == {"A": "cancelled"}
    assert found(by("O-2", "2"), by("O-1", "1", shipped=1)) == {"A": "shipped"}
