"""What availability hears from the bus; the stack's rule and the projector both read it."""

from typing import get_args

from standby.events.catalog import ProductChanged, ProductDiscontinued
from standby.events.stock import EtaMoved, IncomingChanged, StockChanged

Hint = StockChanged | IncomingChanged | EtaMoved
Change = Hint | ProductChanged | ProductDiscontinued
CHANGES: tuple[type[Change], ...] = get_args(Change)
"""AvailabilityChanges: what may change what a row says."""
