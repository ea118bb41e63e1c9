"""How many notices of delays leave in an hour (``notices_per_hour``), and who waits where there are more.

A notice takes a slot, for which the minute counts in which it was taken: what left in the last hour, and a few minutes
more for clocks and queues, is never above the limit. While others wait nobody goes past them, but for those whose legal
deadline is near: they go at once, beyond the limit if need be. Who waits is kept in the table until `turns` sends them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from standby.delivery.turns_repository import Counted
from standby.platform.address import address_key
from standby.platform.clock import from_text

AHEAD = timedelta(minutes=75)
"""So long before its legal deadline a notice waits no more: mail wants it an hour before (`standby.mail.waiting`), and
it is looked every quarter of an hour."""
GOOD_FOR = timedelta(minutes=2)
"""So long a slot may be used that was handed out."""
SEEN_FOR = timedelta(seconds=30)
"""So long it is remembered that others wait."""
TRIES = 6


class Book(Protocol):
    """Where slots and turns are written down."""

    def counted(self) -> Counted:
        """Return how many left lately."""
        ...

    def begin(self, number: int, minute: int, *, most: int) -> tuple[bool, Counted]:
        """Take slots where none left for an hour; tell whether they were taken, and how it stands."""
        ...

    def take(
        self, known: Counted, number: int, minute: int, *, most: int, beyond: bool = False, lease: str | None = None
    ) -> tuple[bool, Counted]:
        """Take slots, if it stands as it was known; tell whether they were taken, and how it stands."""
        ...

    def give_back(self, number: int, minute: int) -> None:
        """Give slots back that were not used."""
        ...

    def mark(self, now: datetime) -> None:
        """Note that something is going to wait."""
        ...

    def put_away(self, customer: str, order_id: str, send_by: str | None, now: datetime) -> None:
        """Let an order wait."""
        ...


def presses(send_by: str | None, now: datetime) -> bool:
    """Tell whether a legal deadline would be missed by waiting; one that was missed already is not."""
    return send_by is not None and now < from_text(send_by) <= now + AHEAD


def minute_of(now: datetime) -> int:
    """Return the minute of an instant, since the epoch."""
    return int(now.timestamp()) // 60


@dataclass
class Slots:
    """Says which notices may go now. It keeps slots, and what it saw, in memory between notices."""

    book: Book
    most: int
    """Notices that leave in an hour."""
    _expected: int = field(default=1, init=False)
    _spare: int = field(default=0, init=False)
    _minute: int = field(default=-1, init=False)
    _known: Counted | None = field(default=None, init=False)
    _refused_at: datetime | None = field(default=None, init=False)
    _marked_at: datetime | None = field(default=None, init=False)

    def expect(self, notices: int) -> None:
        """Take slots for so many notices at once, because as many are to be asked for."""
        self._expected = notices

    def give_back(self) -> None:
        """Give back what nobody asked for."""
        if self._spare:
            self.book.give_back(self._spare, self._minute)
        self._expected, self._spare = 1, 0

    def may(self, order_id: str, email: str, send_by: str | None, now: datetime) -> bool:
        """Tell whether an order's notice may go now. If not, the order waits. Raises `BusyError`."""
        minute = minute_of(now)
        wanted, self._expected = min(max(1, self._expected), self.most), self._expected - 1
        if self._spare and minute <= self._minute:
            self._spare -= 1
            return True
        self._spare = 0
        near = presses(send_by, now)
        if (near or not _within(self._refused_at, now)) and self._take(1 if near else wanted, minute, beyond=near):
            return True
        self._refused_at = now
        self.wait(order_id, email, send_by, now)
        return False

    def wait(self, order_id: str, email: str, send_by: str | None, now: datetime) -> None:
        """Let an order wait for its turn, whether or not there is room."""
        self._note(now)
        self.book.put_away(address_key(email), order_id, send_by, now)

    def _take(self, wanted: int, minute: int, *, beyond: bool) -> bool:
        known, fresh = self._known, False
        for _ in range(TRIES):
            number = wanted
            if known is None:
                taken, known = self.book.begin(number, minute, most=self.most)
            else:
                number = wanted if beyond else min(wanted, known.free(minute, self.most))
                refused = not beyond and (number <= 0 or known.queued_at is not None)
                if refused and fresh:
                    break
                if refused:
                    taken, known = False, self.book.counted()
                else:
                    taken, known = self.book.take(known, number, minute, most=self.most, beyond=beyond)
            fresh = True
            if taken:
                self._known, self._spare, self._minute = known, number - 1, known.minute
                return True
        self._known = known
        return False

    def _note(self, now: datetime) -> None:
        """Note that something waits, before it does, unless that was noted just now."""
        seen = None if self._known is None or self._known.queued_at is None else from_text(self._known.queued_at)
        if not _within(self._marked_at, now) and not _within(seen, now):
            self.book.mark(now)
            self._marked_at = now


def _within(at: datetime | None, now: datetime) -> bool:
    return at is not None and abs(now - at) < SEEN_FOR
