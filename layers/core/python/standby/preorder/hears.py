"""What pre-orders hear from the bus, per queue; the stack's rules and the consumers both read it."""

from typing import get_args

from standby.events.preorder import ReservationConfirmed
from standby.events.stock import StockChanged

Allocation = StockChanged | ReservationConfirmed
ALLOCATIONS: tuple[type[Allocation], ...] = get_args(Allocation)
"""PreorderAllocations: units that came or were given back, and reservations that may be given some."""
