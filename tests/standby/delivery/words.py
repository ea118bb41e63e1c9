"""What an ERP says of orders, and what must be known and heard then, computed from all messages at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from standby.delivery.messages import read
from standby.delivery.model import Order, Word
from standby.platform.clock import to_milliseconds
from standby.platform.identifier import EXACT, Ids
from standby.platform.moment import Arrival

from tests.fakes import EPOCH
from tests.standby.delivery import paper

AT = to_milliseconds(EPOCH)
LEFT = ("order.shipped", "order.delivered", "order.returned")
HAD = ("in_transit", "out", "attempted", "pick_up", "delivered", "returning")
"""What a carrier says of what left."""


def at(minute: int) -> str:
    """Return a minute in the hour before ten."""
    return f"2026-05-03T09:{minute:02}:00Z"


def placed(order_id: str, *skus: str, minute: int = 0, shipments: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """Return an order of one unit of each SKU, each in the line of its name; shipments say which lines they have."""
    return {
        "type": "order.placed",
        "order_id": order_id,
        "lines": [{"line_id": sku, "sku": sku, "quantity": 1} for sku in skus],
        "shipments": [
            {"shipment_id": name, "promised_until": "2026-05-07", "line_ids": list(lines)}
            for name, lines in (shipments or {}).items()
        ],
        "as_of": at(minute),
        **more,
    }


def said(kind: str, order_id: str, *lines: str, minute: int = 0, **more: Any) -> dict[str, Any]:
    """Return another message about an order: about some lines, about ``shipment_id``, or about all of it."""
    which = {"line_ids": list(lines)} if lines else {}
    return {"type": f"order.{kind}", "order_id": order_id, **which, "as_of": at(minute), **more}


def word(message: Mapping[str, Any], *, arrival: int = 0, ids: Ids = EXACT) -> Word:
    """Return what a message says."""
    return read(message, arrival=Arrival(AT + arrival), now=EPOCH, ids=ids)


@dataclass
class Books:
    """A store in memory. ``interrupt`` is called before and after each of its calls."""

    orders: dict[str, Order] = field(default_factory=dict)
    due: dict[str, str | None] = field(default_factory=dict)
    """When each order must be looked at again."""
    writes: int = 0

    def interrupt(self) -> None:
        """Break or delay a call."""

    def order(self, order_id: str) -> Order:
        self.interrupt()
        return self.orders.get(order_id) or Order(order_id=order_id)

    def keep(self, order: Order, *, now: datetime, due_at: str | None) -> bool:
        self.interrupt()
        known = self.orders.get(order.order_id) or Order(order_id=order.order_id)
        if known.edition != order.edition - 1:
            return False
        self.orders[order.order_id] = order
        self.due[order.order_id] = due_at
        self.writes += 1
        self.interrupt()
        return True


def expected(messages: Iterable[tuple[int, Mapping[str, Any]]], order_id: str) -> tuple[Any, dict[str, str]]:
    """Return the order's newest lines, and what became of them, from all messages with the times of their arrival."""
    ours = sorted(
        ((message["as_of"], arrival, message) for arrival, message in messages if message["order_id"] == order_id),
        key=lambda each: each[:2],
    )
    orders = [message for *_, message in ours if message["type"] == "order.placed"]
    if not orders:
        return None, {}
    newest = orders[-1]
    lines = [line["line_id"] for line in newest["lines"] if line["quantity"]]
    fates = {line_id: _fate(line_id, ours, orders) for line_id in lines}
    return newest, {line_id: fate for line_id, fate in fates.items() if fate is not None}


def _fate(line_id: str, ours: Any, orders: Any) -> str | None:
    naming = [
        order for order in orders if any(each["line_id"] == line_id and each["quantity"] for each in order["lines"])
    ]
    since = "" if naming[0] is orders[0] else naming[0]["as_of"]
    messages = [message for *_, message in ours]
    parts = {_part(line_id, shipment_id, messages, since) for shipment_id in paper.places(line_id, messages) or [None]}
    if None in parts:
        return None
    return "shipped" if "shipped" in parts else "cancelled"


def _part(line_id: str, shipment_id: str | None, messages: Any, since: str) -> str | None:
    def names(place: int, message: Any) -> bool:
        of = None if "line_ids" in message else message.get("shipment_id")
        may_be = of is not None and (of == shipment_id or message["type"] != "order.cancelled")
        about = may_be and paper.is_about(place, of, line_id, shipment_id, messages)
        return about or line_id in message.get("line_ids", ())

    def is_of_all(message: Any) -> bool:
        return "line_ids" not in message and "shipment_id" not in message and bool(message["as_of"] >= since)

    delivered = [(place, each) for place, each in enumerate(messages) if each["type"] == "order.delivered"]
    there = any(names(place, message) or is_of_all(message) for place, message in delivered)
    left, named, whole = -1, -1, False
    for place, message in enumerate(messages):
        by_name, everything = names(place, message), is_of_all(message)
        if (message["type"] in LEFT or message.get("state") in HAD) and (by_name or everything):
            left = place
        elif message["type"] == "order.cancelled":
            named = place if by_name and ("line_ids" in message or not there) else named
            whole = whole or everything
    if left > named:
        return "shipped"
    return "cancelled" if named >= 0 or whole else None


@dataclass
class Listener:
    """What somebody knows who only hears events."""

    lines: dict[str, list[Any]] = field(default_factory=dict)
    fates: dict[tuple[str, str], str] = field(default_factory=dict)
    _editions: dict[Any, int] = field(default_factory=dict)

    def hear(self, name: str, event: Mapping[str, Any]) -> None:
        """Hear an event, in any order; the higher edition counts."""
        order_id, edition = event["order_id"], event["edition"]
        if name == "OrderPlaced":
            if edition > self._editions.get(order_id, 0):
                self.lines[order_id] = []
                self._editions[order_id] = edition
            if edition == self._editions[order_id]:
                self.lines[order_id] += [line for line in event["lines"] if line not in self.lines[order_id]]
            return
        for line in event["lines"]:
            about = (order_id, line["line_id"])
            if edition >= self._editions.get(about, 0):
                self._editions[about] = edition
                self.fates[about] = {"OrderShipped": "shipped", "OrderCancelled": "cancelled"}[name]
