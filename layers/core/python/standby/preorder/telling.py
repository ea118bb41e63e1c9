"""Telling what became of reservations: each event at least once, whenever a function dies, and the same each time.

A reservation owes its events from the write that made them true, and stands in the index of what is due until it was
noted that they were published.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Protocol

from standby.events.fields import ReservedLine
from standby.events.preorder import (
    ReservationAllocated,
    ReservationCancelled,
    ReservationConfirmed,
    UnitsFreed,
)
from standby.ledger.model import SkuStock
from standby.mail_job import MailJob, Recipient
from standby.platform.bus import Bus, Event
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.preorder.model import Reservation

ALLOCATED = "ReservationAllocated"
CONFIRMED = "ReservationConfirmed"
CANCELLED = "ReservationCancelled"
FREED = "UnitsFreed"
FORM = "p1"
"""Begins the reference of a mail about a reservation, so that no other feature takes it for its own."""
MAIL_VALID = timedelta(days=14)


class Told(Protocol):
    """Where it is noted that events were published."""

    def told(self, reservation: Reservation) -> None:
        """Write that all of a reservation's events were published, unless it was changed since."""
        ...


@frozen(kw_only=True)
class Announcer:
    """Publishes what reservations owe."""

    bus: Bus
    mails: Queue | None
    """``None``: whoever tells sends no mails, and leaves what needs one to others."""
    stock: Callable[[str], SkuStock | None]
    reservations: Told

    def tell(self, reservation: Reservation) -> None:
        """Publish all that a reservation owes, and note that."""
        jobs = [Outgoing.of(job.content()) for job in _arrived(reservation)] if ALLOCATED in reservation.owed else []
        if reservation.owed and (self.mails or not jobs):
            self.bus.publish([event for name in reservation.owed for event in self._events(reservation, name)])
            if self.mails and jobs:
                self.mails.send(jobs)
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
        if name == ALLOCATED and reservation.allocated_at is not None:
            yield ReservationAllocated(
                id=f"{about}@allocated",
                at=reservation.allocated_at,
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


def _arrived(reservation: Reservation) -> Iterator[MailJob]:
    """Make the mail that says that all of a reservation is here; none for one that has ended since.

    Mail sends a job once, by its id, however often it is made.
    """
    customer, at = reservation.customer, reservation.allocated_at
    if customer is None or at is None or reservation.status != "allocated":
        return
    data: dict[str, object] = {"skus": [line.sku for line in reservation.lines]}
    if reservation.pay_by is not None:
        data["pay_by"] = reservation.pay_by
    yield MailJob(
        job_id=f"allocated#{reservation.reservation_id}",
        kind="allocated",
        locale=customer.locale,
        data=data,
        recipients=[Recipient(reference=f"{FORM}~{reservation.reservation_id}", email=customer.email)],
        valid_until=to_text(from_text(at) + MAIL_VALID),
    )


def _lines(reservation: Reservation) -> list[ReservedLine]:
    return [{"sku": line.sku, "quantity": line.quantity} for line in reservation.lines]
