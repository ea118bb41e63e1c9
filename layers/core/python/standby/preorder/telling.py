"""Telling what became of reservations: each event at least once, whenever a function dies, and the same each time.

A reservation owes its events from the write that made them true, and stands in the index of what is due until it was
noted that they were published.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from standby.events.preorder import ReservationCancelled, ReservationConfirmed, ReservedLine, UnitsFreed
from standby.ledger.model import SkuStock
from standby.platform.bus import Bus, Event
from standby.platform.frozen import frozen
from standby.preorder.model import Reservation

CONFIRMED = "ReservationConfirmed"
CANCELLED = "ReservationCancelled"
FREED = "UnitsFreed"


class Told(Protocol):
    """Where it is noted that events were published."""

    def told(self, reservation: Reservation) -> None:
        """Write that all of a reservation's events were published, unless it was changed since."""
        ...


@frozen(kw_only=True)
class Announcer:
    """Publishes what reservations owe."""

    bus: Bus
    stock: Callable[[str], SkuStock | None]
    reservations: Told

    def tell(self, reservation: Reservation) -> None:
        """Publish all that a reservation owes, and note that."""
        if reservation.owed:
            self.bus.publish([event for name in reservation.owed for event in self._events(reservation, name)])
            self.reservations.told(reservation)

    def _events(self, reservation: Reservation, name: str) -> Iterator[Event]:
        about, lines = reservation.reservation_id, _lines(reservation)
        if name == CONFIRMED and reservation.confirmed_at is not None:
            yield ReservationConfirmed(
                id=f"{about}@confirmed",
                at=reservation.confirmed_at,
                reservation_id=about,
                kind=reservation.kind,
                lines=lines,
            )
        if name == CANCELLED and reservation.ended_at is not None:
            yield ReservationCancelled(
                id=f"{about}@ended",
                at=reservation.ended_at,
                reservation_id=about,
                kind=reservation.kind,
                reason=reservation.status,
                lines=lines,
            )
        if name == FREED and reservation.ended_at is not None:
            for line in reservation.lines:
                stock = self.stock(line.sku)
                yield UnitsFreed(
                    id=f"{about}@{line.sku}",
                    at=reservation.ended_at,
                    sku=line.sku,
                    revision=stock.revision if stock else 0,
                    units=line.quantity,
                )


def _lines(reservation: Reservation) -> list[ReservedLine]:
    return [{"sku": line.sku, "quantity": line.quantity} for line in reservation.lines]
