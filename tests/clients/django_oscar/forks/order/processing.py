"""What becomes of an order moves the stock, and Standby hears of it."""

from typing import Any

from care import telling
from django.db import transaction
from oscar.apps.order import exceptions, processing


class EventHandler(processing.EventHandler):  # type: ignore[misc]
    """The dashboard ships or cancels whole orders."""

    @transaction.atomic
    def handle_order_status_change(self, order: Any, new_status: str, note_msg: str | None = None) -> None:
        """Ship or cancel an order. Raises `InvalidOrderStatus` for goods that have not come yet."""
        lines = list(order.lines.all())
        if new_status == "Shipped":
            records, quantities = [line.stockrecord for line in lines], [line.quantity for line in lines]
            if not self.are_stock_allocations_available(records, quantities):
                raise exceptions.InvalidOrderStatus("the goods are not there yet")
            self.consume_stock_allocations(order)
            telling.moved("order.shipped", order)
        elif new_status == "Cancelled":
            self.cancel_stock_allocations(order)
            telling.moved("order.cancelled", order)
        super().handle_order_status_change(order, new_status, note_msg)
