"""What pre-orders and holds at checkout tell."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple, TypedDict

from standby.events.fields import EventId, Instant, Revision, Sku, Units

MOST_RESERVED = 100
ReservationId = Annotated[str, ("minLength", 1), ("maxLength", 100), ("description", "a reservation's id")]


class ReservedLine(TypedDict):
    """Units of a SKU that a reservation has."""

    sku: Sku
    quantity: Units


ReservedLines = Annotated[Sequence[ReservedLine], ("maxItems", MOST_RESERVED)]


class UnitsFreed(NamedTuple):
    """Units that somebody had a right to became free: a hold expired, was cancelled or declined.

    A level of the ERP never causes this.
    """

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    units: Units = 1


class ReservationConfirmed(NamedTuple):
    """The order of a reservation was placed."""

    id: EventId
    at: Instant
    reservation_id: ReservationId
    kind: str
    lines: ReservedLines


class ReservationCancelled(NamedTuple):
    """A reservation ended and gave its units back: it was cancelled, or its hold expired (``reason``)."""

    id: EventId
    at: Instant
    reservation_id: ReservationId
    kind: str
    reason: str
    lines: ReservedLines
