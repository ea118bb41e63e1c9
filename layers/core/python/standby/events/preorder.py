"""What pre-orders and offers tell. Nobody publishes it yet; the waitlist listens already."""

from typing import NamedTuple

from standby.events.fields import EventId, Instant, Revision, Sku


class UnitsFreed(NamedTuple):
    """Units that were held came back by expiry, cancel or decline, never by a level of the ERP."""

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
