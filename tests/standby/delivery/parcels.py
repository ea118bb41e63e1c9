"""What an ERP tells of orders while time goes by, as verbs on a `Shop`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from standby.delivery.repository import DUE_SHARDS, OrderRepository
from standby.platform.clock import to_text

from tests.promises.shop import Shop

LOOK = {"sweep": "due"}


@dataclass
class Parcels:
    """Orders of a shop, each of one line, ``1``, in one shipment, ``A``, unless it is said otherwise."""

    shop: Shop

    def day(self, days: int) -> str:
        """Return the shop's day so many days from now."""
        return (self.shop.today() + timedelta(days=days)).isoformat()

    def now(self) -> str:
        """Return the present instant."""
        return to_text(self.shop.world.clock.now())

    def tells(self, kind: str, order_id: str = "O", **fields: Any) -> None:
        """Let a message come, and all that follows from it happen; the clock moves on by a second."""
        self.says(kind, order_id, **fields)
        self.shop.world.settle()
        self.shop.world.clock.advance(seconds=1)

    def says(self, kind: str, order_id: str = "O", **fields: Any) -> None:
        """Let a message come, and nothing follow from it yet."""
        message = {"type": f"order.{kind}", "order_id": order_id, "as_of": self.now(), **fields}
        self.shop.world.send("OrderUpdates", message)

    def places(
        self, order_id: str = "O", *, until: int = 2, email: str | None = "ana@example.org", **more: Any
    ) -> None:
        """Place an order that is promised within so many days."""
        customer = {"locale": "en", **({} if email is None else {"email": email}), **more.pop("customer", {})}
        self.tells("placed", order_id, **self.order(until, **more), customer=customer)

    def order(self, until: int, *, skus: tuple[str, ...] = ("LAMP",), **more: Any) -> dict[str, Any]:
        """Return the fields of an order, a line and a shipment for each SKU."""
        ids = [(sku, str(place), chr(ord("A") + place - 1)) for place, sku in enumerate(skus, 1)]
        return {
            "order_number": "10234",
            "lines": [{"line_id": line_id, "sku": sku, "quantity": 1} for sku, line_id, _ in ids],
            "shipments": [
                {"shipment_id": shipment_id, "promised_until": self.day(until), "line_ids": [line_id]}
                for _, line_id, shipment_id in ids
            ],
            **more,
        }

    def days_pass(self, days: int) -> None:
        """Move the clock, and let it be looked what became late."""
        self.shop.world.clock.advance(days=days)
        self.looks()

    def looks(self) -> None:
        """Look what became late."""
        self.shop.world.send("DeliveryRecords", LOOK)
        self.shop.world.settle()

    def told(self) -> list[tuple[str, str]]:
        """Return who was mailed what, in order."""
        return [(mail.email, mail.subject) for mail in self.shop.world.mails]

    def delays(self) -> list[dict[str, Any]]:
        """Return what all heard of delays, each once."""
        heard = {event["id"]: event for name, event in self.shop.world.events if name == "DelayDetected"}
        return list(heard.values())

    def due(self) -> list[str]:
        """Return the orders that will be looked at some time."""
        store = OrderRepository("Delivery")
        return sorted(order_id for shard in DUE_SHARDS for order_id in store.due(shard, "9999", None)[0])
