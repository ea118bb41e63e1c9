"""What a customer sees of an own order, behind the signed link in its mails."""

from collections.abc import Callable, Iterable
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Protocol

from standby.delivery.choice_model import ARRIVED
from standby.delivery.history import steps
from standby.delivery.model import Order
from standby.delivery.promises import Delay, today
from standby.delivery.standing import Parcel, Standing, standing
from standby.platform.clock import Clock
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.delivery.answers import ArrivalShown, ShipmentShown, TrackedLineShown, TrackShown


class Orders(Protocol):
    """Where orders are read."""

    def order(self, order_id: str) -> Order:
        """Return an order as the last finished write left it; its edition is 0 where there is none."""
        ...


@frozen(kw_only=True)
class Tracking:
    """Shows customers their own orders."""

    orders: Orders
    clock: Clock
    zone: tzinfo
    """The shop's."""
    explain: Callable[[Order, list[Delay]], list[Delay]] = lambda _order, delays: delays
    """Says which incident explains what is late (`standby.delivery.incidents`)."""
    remedied: Callable[[str], str | None] = lambda _order_id: None
    """Tells whether anything was granted for an order (`standby.delivery.remedy_marks`)."""

    def order(self, order_id: str) -> Order | None:
        """Return an order that was placed; ``None``: nothing is kept of it any more."""
        order = self.orders.order(order_id)
        return None if order.placed is None else order

    def standing(self, order: Order) -> Standing:
        """Return how an order stands now."""
        return standing(order, self.zone, self.clock.now())

    def shown(self, order: Order) -> "TrackShown":
        """Return what its customer sees of an order now."""
        found = self.standing(order)
        days = found.market.value("withdrawal_days") or 0
        late = [parcel.delay for parcel in found.parcels if parcel.delay is not None]
        why = {each.promise.shipment_id: each for each in self.explain(order, late)} if late else {}
        day = today(self.clock.now(), self.zone)
        return {
            "order": order.number,
            "ordered_at": found.ordered_at,
            "shipments": [_shipment(order, each, why.get(each.promise.shipment_id), day) for each in found.parcels],
            "lines": _lines(order, found.unpromised),
            "history": steps(order, found.ordered_at),
            "cancel": {
                "open": bool(found.cancels) and order.has_address,
                "line_ids": list(found.cancels),
                "asked_at": found.asked.at if found.asked and found.cancels and order.has_address else None,
                "sent_at": found.cancelled.at if found.cancelled else None,
            },
            "withdraw": {
                "open": bool(found.withdraws),
                "line_ids": list(found.withdraws),
                "until": _text(found.withdraw_until),
                "days": days,
                "sent_at": found.withdrawn.at if found.withdrawn else None,
            },
            "refund": found.market.value("refund"),
            "remedied": self.remedied(order.order_id),  # type: ignore[typeddict-item] # one of these words
        }


def _shipment(order: Order, parcel: Parcel, delay: Delay | None, day: date) -> "ShipmentShown":
    promise, silence, agreed = parcel.promise, parcel.silence, parcel.agreed
    late = parcel.late
    counts = (late or (promise.open and parcel.waits)) and not parcel.given_up
    return {
        "shipment_id": promise.shipment_id,
        "state": parcel.state,
        "promised_until": promise.promised_until.isoformat(),
        "expected": _text(_expected(parcel)),
        "days_late": delay.days_late if delay else 0,
        "late": late,
        "cause": delay.promise.cause if delay else None,
        "words": _words(delay),
        "carrier": parcel.carrier,
        "tracking_url": parcel.tracking_url,
        "lines": _lines(order, parcel.line_ids),
        "may_wait": parcel.may_wait,
        "agreed": {"at": agreed.at, "until": agreed.until} if agreed and counts else None,
        "arrival": _arrival(parcel),
        "silence": {
            "meaning": silence.meaning,
            "at": _text(silence.at),
            "until": _text(silence.until),
            "decided": silence.decided(day),
        },
    }


def _words(delay: Delay | None) -> dict[str, str]:
    if delay is None or delay.incident is None:
        return {}
    from standby.delivery.incidents import own_words  # noqa: PLC0415 - loaded where an incident goes on

    return dict(own_words(delay))


def _arrival(parcel: Parcel) -> "ArrivalShown | None":
    asked = parcel.question
    if asked is None or parcel.given_up:
        return None
    answer = asked.answer
    if answer is not None and answer.kind == ARRIVED and not parcel.promise.said_here:
        answer = None  # others said since that it is still to come
    return {
        "asked": asked.open,
        "arrived": None if answer is None else parcel.promise.said_here,
        "at": None if answer is None else answer.at,
    }


def _expected(parcel: Parcel) -> date | None:
    """Return the day by which a shipment comes, or came."""
    promise, delay = parcel.promise, parcel.delay
    if promise.over or promise.said_here:
        return None
    if promise.arrived_on is not None:
        return promise.arrived_on
    return delay.expected if delay is not None else promise.expected


def _lines(order: Order, line_ids: Iterable[str]) -> "list[TrackedLineShown]":
    lines = order.lines
    return [
        {
            "line_id": line_id,
            "sku": lines[line_id]["sku"],
            "quantity": lines[line_id]["quantity"],
            "given_up": line_id in order.given_up,
        }
        for line_id in line_ids
    ]


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
