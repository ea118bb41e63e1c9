"""What pre-orders and holds at checkout tell."""

from typing import NamedTuple

from standby.events.fields import EventId, Instant, ReservationId, ReservedLines, Revision, Sku, Units


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


class ReservationAllocated(NamedTuple):
    """All units of a reservation are there and were set aside for it."""

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
