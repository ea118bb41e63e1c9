"""Who waits to be told of a delay gets a turn: legal deadlines first, then who waits longest, an hour's pace in all.

Every quarter of an hour, and every two minutes while somebody waits, one worker takes as many slots as are free, and
hands out turns by its own queue. A turn is good for two minutes; one that came too late is handed out again. What is
sent is made from the order as it is then, and what is over is not sent. An order waits until that is done, so a
function that dies costs time and slots, and no notice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from standby.delivery.pacing import AHEAD, GOOD_FOR, minute_of
from standby.delivery.turns_repository import Counted, Letter, Turn
from standby.platform.batching import groups
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.faults import of_aws
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue

STEPS = 7
"""So often it is looked again before the schedule does."""
AT_ONCE, LEAST_AT_ONCE = 10, 50
"""A tenth of the hour's pace, or so many, is handed out at a time, so that no queue makes all of it come too late."""
MOST_PRESSING = 2_000
"""Whose deadline is near, handed out at a time."""
TURNS_PER_MESSAGE = 10
QUIET = 2.5 * GOOD_FOR
"""So long after something was last noted to wait it stands in the index, and who noted it has written it."""


class Book(Protocol):
    """Where slots and turns are written down."""

    def counted(self) -> Counted:
        """Return how many left lately."""
        ...

    def take(
        self, known: Counted, number: int, minute: int, *, most: int, beyond: bool = False, lease: str | None = None
    ) -> tuple[bool, Counted]:
        """Take slots, if it stands as it was known; tell whether they were taken, and how it stands."""
        ...

    def unmark(self, queued_at: str) -> None:
        """Note that nothing waits, unless something was put away since."""
        ...

    def of(self, customer: str) -> tuple[Letter | None, Sequence[Turn]]:
        """Return a mail to a customer that is being sent, and which orders wait."""
        ...

    def put_last(self, turn: Turn, now: datetime) -> None:
        """Let an order wait behind all others: it is at fault itself."""
        ...

    def waiting(self, between: tuple[str, str] | None = None) -> Iterator[Turn]:
        """Yield all that wait, in the order of their turns, or those whose deadline is between two instants."""
        ...


@frozen(kw_only=True)
class Turns:
    """Hands out turns, and tells whose turn it is."""

    book: Book
    tell: Callable[[str], None]
    """Tells a customer, by the key of their address, whatever waits for them."""
    queue: Queue
    """The worker's own."""
    clock: Clock
    most: int
    """Notices that leave in an hour."""

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"turn": "next"}``, or turns that were handed out. Raises `PoisonError`, `BusyError`."""
        match content:
            case {"turn": "next", "left": int(left)} if 0 <= left <= STEPS:
                self.look(left)
            case {"turn": "come", "customers": [*customers], "until": str(until)} if all(map(_is_text, customers)):
                if to_text(self.clock.now()) < until:
                    one_by_one(customers, self._come)
            case _:
                raise PoisonError("turn: neither next nor come")

    def look(self, left: int = STEPS) -> None:
        """Hand out the turns that are free, and look again so often while somebody waits. Raises `BusyError`."""
        now = self.clock.now()
        known = self.book.counted()
        if known.queued_at is None:
            return
        if (known.leased_until is not None and to_text(now) < known.leased_until) or self._hand_out(known, now):
            again = [{"turn": "next", "left": left - 1}] if left else []
            self.queue.send(Outgoing.of(each, delay_seconds=int(GOOD_FOR.total_seconds())) for each in again)
        elif now - from_text(known.queued_at) > QUIET:
            self.book.unmark(known.queued_at)

    def _hand_out(self, known: Counted, now: datetime) -> bool:
        """Hand out turns; tell whether anybody waits, as far as that is known."""
        minute = minute_of(now)
        free = known.free(minute, self.most)
        near = (to_text(now), to_text(now + AHEAD))
        pressing = dict.fromkeys(turn.customer for turn in islice(self.book.waiting(near), MOST_PRESSING))
        room = max(0, min(free - len(pressing), max(LEAST_AT_ONCE, self.most // AT_ONCE)))
        chosen = dict(pressing)
        for turn in self.book.waiting() if room else ():
            if len(chosen) >= len(pressing) + room:
                break
            chosen[turn.customer] = None
        if not chosen:
            return not room
        until = to_text(now + GOOD_FOR)
        beyond = len(chosen) > free
        if self.book.take(known, len(chosen), minute, most=self.most, beyond=beyond, lease=until)[0]:
            self.queue.send(map(Outgoing.of, _messages(chosen, until)))
        return True

    def _come(self, customer: str) -> None:
        try:
            self.tell(customer)
        except Exception as error:
            if not of_aws(error):
                for turn in self.book.of(customer)[1]:
                    self.book.put_last(turn, self.clock.now())
            raise


def _messages(chosen: Iterable[str], until: str) -> Iterator[dict[str, Any]]:
    for group in groups(chosen, most=TURNS_PER_MESSAGE, most_weight=TURNS_PER_MESSAGE, weight=lambda _: 1):
        yield {"turn": "come", "customers": group, "until": until}


def _is_text(said: object) -> bool:
    return isinstance(said, str)
