"""What pre-orders hear from the bus, per queue; the stack's rules and the consumers both read it."""

from typing import get_args

from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.events.preorder import ReservationConfirmed
from standby.events.stock import StockChanged

Allocation = StockChanged | ReservationConfirmed
ALLOCATIONS: tuple[type[Allocation], ...] = get_args(Allocation)
"""PreorderAllocations: units that came or were given back, and reservations that may be given some."""

Record = OrderPlaced | OrderShipped | OrderCancelled
RECORDS: tuple[type[Record], ...] = get_args(Record)
"""PreorderRecords: what became of the orders that name reservations."""
