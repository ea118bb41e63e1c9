"""An operator puts a reservation in front of the line: an exception, with who made it and why.

Goods that come from then on are its own first. What others were given already stays theirs. What the others are
promised is looked at again: their goods may come with a later delivery now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.preorder.model import Line, Place, RefusedError, Reservation
from standby.preorder.priority_model import Prioritised, is_prioritised
from standby.preorder.promising import page_of
from standby.preorder.repository import ChangedMeanwhileError

if TYPE_CHECKING:
    from standby.preorder.answers import LinePage
    from standby.preorder.cancellation_model import Cancellation

SECONDS = 15
"""So long after somebody is put in front promises are looked at again; by then that is written, or was not."""


class Lines(Protocol):
    """The lines for SKUs."""

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...

    def line(self, sku: str, after: str | None) -> tuple[list[Place], bool]:
        """Return a page of the line for a SKU, and whether more stand behind it."""
        ...


class Fronts(Protocol):
    """Where reservations are put in front of lines."""

    def put_in_front(self, known: Reservation, made: Reservation, cancellations: Mapping[str, int]) -> bool:
        """Move the places of a reservation, and tell whether it has any. Raises `ChangedMeanwhileError`.

        ``cancellations`` are the versions of those of its SKUs; 0: nobody ever asked for one.
        """
        ...


class Cancellations(Protocol):
    """What shops cancel."""

    def cancellation(self, sku: str) -> "Cancellation | None":
        """Return a SKU's newest cancellation."""
        ...


@frozen(kw_only=True)
class Prioritising:
    """Shows lines and puts reservations in front of them."""

    preorders: Lines
    fronts: Fronts
    cancellations: Cancellations
    records: Queue
    clock: Clock
    backoff: Backoff

    def line(self, sku: str, after: str | None) -> "LinePage":
        """Return a page of the line for a SKU, its head first; a SKU that nobody reserved has none in it."""
        places, more = self.preorders.line(sku, after)
        return {
            "items": [
                {
                    "reservation_id": place.reservation_id,
                    "units": place.lacks,
                    "confirmed": place.confirmed,
                    "promised_until": place.promised or None,
                    "prioritised": is_prioritised(place.key),
                }
                for place in places
            ],
            "next": places[-1].key if more else None,
        }

    def prioritise(self, reservation_id: str, *, by: str, reason: str) -> Reservation | None:
        """Put a reservation in front; one that is there stays where it is. ``None``: there is none.

        Raises `RefusedError`: ``not-in-line`` where it waits for nothing, ``being-cancelled`` where the shop cancels
        its campaign, whose pages go from the head of the line to its end.
        """
        for _ in self.backoff.tries(reservation_id):
            known, now = self.preorders.reservation(reservation_id), self.clock.now()
            if known is None or known.unaccepted or known.prioritised is not None:
                return None if known is None or known.unaccepted else known
            made = replace(known, prioritised=Prioritised(to_text(now), by, reason), edition=known.edition + 1)
            lacking = [line for line in known.lines if line.campaign is not None and line.given < line.quantity]
            if known.state(now) not in {"held", "confirmed"} or not lacking:
                raise RefusedError("not-in-line", "the reservation waits for no units")
            versions = self._versions(lacking)
            self.records.send([Outgoing.of(page_of(line.sku, None, 0), delay_seconds=SECONDS) for line in lacking])
            try:
                if self.fronts.put_in_front(known, made, versions):
                    return made
            except ChangedMeanwhileError:
                continue
        raise AssertionError

    def _versions(self, lacking: Sequence[Line]) -> Mapping[str, int]:
        """Return the versions of the cancellations of lines' SKUs. Raises `RefusedError` where one concerns a line."""
        versions = {}
        for line in lacking:
            asked = self.cancellations.cancellation(line.sku)
            if asked is not None and asked.concerns(line.campaign):
                raise RefusedError("being-cancelled", f"{line.sku}: the shop cancels its campaign")
            versions[line.sku] = 0 if asked is None else asked.version
        return versions
