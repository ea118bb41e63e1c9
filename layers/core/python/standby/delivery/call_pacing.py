"""How many calls are opened on a day (``call_tasks_per_day``): more wait for the next, the nearest legal day first.

People make these calls, so none goes beyond what they can do, and none goes past those with a nearer legal day. Where
such a day will be missed, an alarm rings. A call is looked at again when its day has come, or before that rings, so
what is over by then is not called about.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from itertools import islice
from typing import Protocol

from standby.delivery.calls_repository import NO_DAY
from standby.delivery.promises import today
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.one_by_one import one_by_one

AT_A_TIME = 100
"""Orders that are looked at in a quarter of an hour."""
log = logger("delivery")


class Book(Protocol):
    """Where calls are counted, and wait."""

    def opened(self, day: date) -> int:
        """Return how many calls were opened on a day."""
        ...

    def take(self, day: date, number: int, *, most: int, now: datetime) -> bool:
        """Count calls that are to be opened on a day; tell whether there is room for them."""
        ...

    def put_away(self, order_id: str, due_by: str | None, now: datetime) -> None:
        """Let an order's calls wait."""
        ...

    def version(self, order_id: str) -> int:
        """Return how often an order's calls were put away; 0: they do not wait."""
        ...

    def take_away(self, order_id: str, version: int) -> None:
        """Forget that an order's calls wait, unless they were put away again since."""
        ...

    def waiting(self, until: str | None = None) -> Iterator[tuple[str, str]]:
        """Yield the day and the id of each order whose calls wait, the nearest day first; those until a day."""
        ...


@frozen(kw_only=True)
class CallPace:
    """Says which calls may be opened today, and opens those that waited."""

    book: Book
    most: int
    """Calls in a day."""
    clock: Clock
    zone: tzinfo
    count: Callable[[str, int], None]

    def may(self, order_id: str, days: Sequence[date | None]) -> bool:
        """Tell whether an order's calls, each with its legal day, may be opened now. If not, the order waits."""
        now = self.clock.now()
        day = today(now, self.zone)
        nearest = min((each.isoformat() for each in days if each is not None), default=None)
        number = min(len(days), self.most)
        if not self._is_overtaken(order_id, nearest, day) and self.book.take(day, number, most=self.most, now=now):
            return True
        self.book.put_away(order_id, nearest, now)
        return False

    def _is_overtaken(self, order_id: str, due_by: str | None, day: date) -> bool:
        """Tell whether as many others wait as there is room for, all of them with a nearer legal day."""
        free = max(0, self.most - self.book.opened(day))
        others = (each for each in self.book.waiting() if each[1] != order_id)
        nearer = [each for each, _ in islice(others, free) if due_by is None or each < due_by]
        return free > 0 and sum(each != NO_DAY for each in nearer) >= free

    def look(self, look: Callable[[str], None]) -> None:
        """Look again at as many orders as there is room for today, and ring where a legal day will be missed."""
        day = today(self.clock.now(), self.zone)
        free = self.most - self.book.opened(day)
        waiting = [order_id for _, order_id in islice(self.book.waiting(), max(0, min(free, AT_A_TIME)))]

        def again(order_id: str) -> None:
            version = self.book.version(order_id)
            if version:
                look(order_id)
                self.book.take_away(order_id, version)

        one_by_one(waiting, again)
        if self.book.opened(day) >= self.most:
            late = [order_id for _, order_id in islice(self.book.waiting(day.isoformat()), AT_A_TIME)]
            one_by_one(late, again)
            late = [order_id for order_id in late if self.book.version(order_id)]
            if late:
                self.count("CallsTooLate", len(late))
                log.warning("nobody is left to call in time", extra={"orders": late})
