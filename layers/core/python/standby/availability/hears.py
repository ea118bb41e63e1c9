"""What availability hears from the bus; the stack's rule and the projector both read it."""

from typing import get_args

from standby.events.catalog import ProductChanged, ProductDiscontinued
from standby.events.preorder import CampaignChanged
from standby.events.stock import EtaMoved, IncomingChanged, StockChanged, StoreChanged

Hint = StockChanged | IncomingChanged | EtaMoved
Change = Hint | StoreChanged | ProductChanged | ProductDiscontinued | CampaignChanged
CHANGES: tuple[type[Change], ...] = get_args(Change)
"""AvailabilityChanges: what may change what a row, or the directory of stores, says."""
PICTURES: tuple[type[ProductChanged], ...] = (ProductChanged,)
"""AvailabilityPictures: which picture a product has."""
