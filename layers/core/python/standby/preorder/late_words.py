"""What follows from an order that names a reservation whose cancellation somebody wanted before.

An order may be placed, or paid, while its customer cancels; and who pays again for what was not paid places another.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from standby.events.delivery import OrderPlaced
from standby.preorder.model import LIVE, Reservation
from standby.preorder.telling import REFUND, requested_name

if TYPE_CHECKING:
    from standby.preorder.hears import OfOrder


def followed(made: Reservation, known: Reservation, event: "OfOrder") -> Reservation:
    """Return a reservation of which an order spoke, with what follows from a cancellation that was wanted before.

    While it lives, it belongs to the newest order, which the ERP is asked to cancel as it was the one before. Once it
    is over, each order is asked for that names it, and what turns out to be paid is owed. What nobody paid for in
    time is the ERP's to pay back.
    """
    if known.status in LIVE:
        asks = known.cancel_sent_at is not None and made.order_id != known.order_id
        return replace(made, owed=(*made.owed, requested_name(made.order_id))) if asks else made
    if not isinstance(event, OrderPlaced):
        return made
    return replace(made, paid=known.paid or event.paid, owed=(*made.owed, *_owed_late(known, event)))


def _owed_late(known: Reservation, placed: OrderPlaced) -> Iterator[str]:
    cancelled = known.status == "cancelled" and known.cancelled_by is not None
    if (cancelled or known.unpaid) and placed.order_id not in {order.order_id for order in known.orders}:
        yield requested_name(placed.order_id)
    if placed.paid and not known.paid and (cancelled or _lost_some(known)):
        yield REFUND


def _lost_some(known: Reservation) -> bool:
    """Tell whether lines of a reservation whose goods left were cancelled, as its customer or the shop wanted."""
    cancelled = known.cancelled_by is not None and any(line.fate == "cancelled" for line in known.gone)
    return cancelled and known.status == "fulfilled"
