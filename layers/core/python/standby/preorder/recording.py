"""What becomes of reservations: holds that are over, events that were not told yet, and the orders that name them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from standby.events.hearing import hear
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import LONGEST_DELAY_SECONDS, Outgoing, PoisonError, Queue
from standby.preorder import hears
from standby.preorder.ending import EndingDesk
from standby.preorder.ordering import OrderDesk

LATE_SECONDS = 1
"""A message about a hold comes so much after its end, so that it is over by the clock of whoever reads it."""


class Due(Protocol):
    """The index of what is due."""

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of the reservations that are due in a shard, and where the next page starts.

        Raises `CursorError`.
        """
        ...


@frozen()
class DelayedExpiries:
    """Asks by a delayed message that a hold is ended; what is further ahead is left to the sweep."""

    records: Queue

    def end(self, reservation_id: str, *, at: str, now: datetime) -> None:
        """Have a hold ended at an instant, or soon after it."""
        seconds = int((from_text(at) - now).total_seconds()) + LATE_SECONDS
        if seconds <= LONGEST_DELAY_SECONDS:
            self.records.send([Outgoing.of({"expire": reservation_id}, delay_seconds=max(0, seconds))])


@frozen(kw_only=True)
class Recorder:
    """Ends holds whose time is over, and follows orders."""

    due: Due
    shards: tuple[str, ...]
    ending: EndingDesk
    orders: OrderDesk
    records: Queue
    clock: Clock

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"expire": id}``, ``{"sweep": "due"}`` or a shard of it, and events about orders.

        Raises `PoisonError` for all else.
        """
        match content:
            case {"expire": str(reservation_id)}:
                self.ending.expire(reservation_id)
            case {"sweep": "due", "shard": shard} if shard in self.shards:
                try:
                    self._shard(shard, content.get("cursor"))
                except CursorError as error:
                    raise PoisonError(f"cursor: {error}") from error
            case {"sweep": "due", "shard": _}:
                raise PoisonError(f"shard: must be one of {', '.join(self.shards)}")
            case {"sweep": "due"}:
                failed = one_by_one(self.shards, lambda shard: self._shard(shard, None))
                self.records.send([Outgoing.of({"sweep": "due", "shard": shard}) for shard in failed])
            case _:
                event = hear(content, hears.RECORDS)
                if event is None:
                    raise PoisonError("neither a hold nor a sweep, nor an event about an order")
                self.orders.handle(event)

    def _shard(self, shard: str, cursor: Cursor | None) -> None:
        found, after = self.due.due(shard, to_text(self.clock.now()), cursor)
        one_by_one(found, self._look)
        if after is not None:
            self.records.send([Outgoing.of({"sweep": "due", "shard": shard, "cursor": after})])

    def _look(self, reservation_id: str) -> None:
        self.ending.expire(reservation_id)
