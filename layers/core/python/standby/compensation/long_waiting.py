"""What waits for approval longer than it should: it rings, because nobody else says that a customer waits with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from standby.compensation.model import Grant
from standby.platform.clock import Clock, from_text
from standby.platform.frozen import frozen

LONG = timedelta(days=3)
"""So long a remedy may wait until it rings."""
WAITING = "ApprovalsWaiting"
"""Counts, once an hour, what waits longer."""


class Book(Protocol):
    """Where remedies are kept."""

    def awaiting(self, after: str | None) -> tuple[list[tuple[str, Grant]], str | None]:
        """Return a page of what waits for approval, the oldest first, and where the next one starts."""
        ...


@frozen(kw_only=True)
class LongWaiting:
    """Looks for it. Raises `BusyError`."""

    book: Book
    clock: Clock
    count: Callable[[str, int], None]

    def look(self) -> None:
        """Count what waits longer, as far as one page has it; pages of what does not wait any more are passed over."""
        before, place = self.clock.now() - LONG, None
        while True:
            found, place = self.book.awaiting(place)
            late = sum(1 for _, grant in found if from_text(grant.at) <= before)
            if late:
                self.count(WAITING, late)
            if found or place is None:
                return
