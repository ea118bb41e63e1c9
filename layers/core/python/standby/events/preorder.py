"""What pre-orders and offers tell. Nobody publishes it yet; the waitlist listens already."""

from typing import NamedTuple

from standby.events.fields import EventId, Instant, Revision, Sku, Units


class UnitsFreed(NamedTuple):
    """Held units became free: a hold expired, was cancelled or declined. A level of the ERP never causes this."""

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    units: Units = 1
