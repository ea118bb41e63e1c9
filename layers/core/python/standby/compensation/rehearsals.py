"""Rehearsals of a policy over the shop's own records: begun over HTTP, worked off a page a message, and then shown."""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from standby.compensation.past_orders import AS_NOW, NO_DAY_KNOWN, found
from standby.compensation.policy_model import named
from standby.compensation.reading import policy_of
from standby.compensation.rehearsed import (
    CURRENT,
    DECIDE,
    FAILED,
    FINISHED,
    GATHER,
    REHEARSED,
    RUNNING,
    Document,
    Rehearsed,
)
from standby.compensation.replaying import PastOrder, Replay, Spender, Tally
from standby.platform.clock import Clock, day_begins, day_ends, from_text, to_text
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.kept import ORDERS
from standby.platform.queue import Outgoing, PoisonError, Queue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from standby.compensation.model import Remedies
    from standby.compensation.ordered import Ordered

MOST_A_DAY = 50
"""Rehearsals that may begin on a day."""
STALE = timedelta(hours=1)
"""One that wrote no page for so long has failed, and another may begin."""
LONGEST = timedelta(days=1)
"""So long a rehearsal may take: what it works with is not kept much longer."""
USUAL = timedelta(days=365)
"""Over which it goes where nobody says otherwise."""
GATHERED, DECIDED = 500, 200
"""Orders that are looked at, and late ones that are decided, in one page."""
MESSAGE = "rehearsal"


class NotBegunError(Exception):
    """A rehearsal does not begin, and why."""


class BusyRehearsalError(NotBegunError):
    """Another rehearsal runs, whose id this is."""


class NoDaysError(NotBegunError):
    """There is no day to look at; it says why."""


class TooManyError(NotBegunError):
    """As many as may began on this day."""


class Book(Protocol):
    """Where rehearsals are kept. Every method raises `BusyError`."""

    def rehearsal(self, rehearsal_id: str) -> Rehearsed | None:
        """Return a rehearsal."""
        ...

    def rehearsed(self, policy: str) -> Mapping[str, Any] | None:
        """Return what the last finished rehearsal of a policy in which orders were late came to, or else the last."""
        ...

    def running(self) -> Mapping[str, Any]:
        """Return which rehearsal ran last (``last``), and how many (``count``) began on its ``day``."""
        ...

    def begin(self, rehearsal: Rehearsed, *, before: Mapping[str, Any], day: str, count: int) -> bool:
        """Write a rehearsal that begins, if none did since ``before``; tell whether it is written."""
        ...

    def add_orders(self, rehearsal: Rehearsed, orders: "Iterable[PastOrder]") -> None:
        """Keep late orders, each at the moment of what is to be decided next of it."""
        ...

    def orders(self, rehearsal: Rehearsed, *, limit: int) -> tuple[list[PastOrder], str | None]:
        """Return the next page of late orders, and where it ends; ``None``: it is the last."""
        ...

    def spent(self, rehearsal: Rehearsed, name: str, spender: Spender) -> int:
        """Return what a customer was granted in a month, on paper, before this page."""
        ...

    def keep_spent(self, rehearsal: Rehearsed, name: str, spent: Mapping[Spender, tuple[int, int]]) -> bool:
        """Write what customers were granted before this page and are now; ``False``: a later page wrote already."""
        ...

    def keep(self, rehearsal: Rehearsed, *, policy: str) -> bool:
        """Write a rehearsal after a page, if that page was not written before; tell whether it was written."""
        ...


class Orders(Protocol):
    """What customers ordered."""

    def page(self, cursor: Cursor | None, *, limit: int) -> "tuple[list[Ordered], Cursor | None]":
        """Look at ``limit`` orders, and return them and where the next page starts. Raises `CursorError`."""
        ...


class Granted(Protocol):
    """What was granted."""

    def all_remedies(self, order_ids: "Iterable[str]") -> "dict[str, Remedies]":
        """Return what is known of orders, of those of which anything is."""
        ...


@frozen(kw_only=True)
class Beginning:
    """Begins rehearsals."""

    book: Book
    queue: Queue
    clock: Clock
    zone: tzinfo

    def begin(
        self,
        policy: Document,
        current: Mapping[str, Any] | None,
        *,
        by: str,
        made: Callable[[], str],
        first: date | None,
        last: date | None,
    ) -> Rehearsed:
        """Begin a rehearsal of a sound policy over orders whose first delay was told on one of these days.

        ``current`` is the policy in force as it was set, ``made`` makes an id. The one that runs is returned where it
        is of the same, over the same days, and did nothing yet. Raises `NoDaysError`, `BusyRehearsalError`,
        `TooManyError`, `BusyError`.
        """
        now = self.clock.now()
        day = f"{now:%Y-%m-%d}"
        before = self.book.running()
        rehearsal = Rehearsed(
            rehearsal_id=made(),
            by=by,
            started_at=to_text(now),
            first=to_text(now - USUAL if first is None else max(day_begins(first, self.zone), now - ORDERS)),
            until=to_text(now if last is None else min(now, day_ends(last, self.zone))),
            policy=policy,
            asked=f"{first or ''}/{last or ''}",
            current=None if current is None else current["document"],
            current_version=None if current is None else int(current["version"]),
            moved_at=to_text(now),
        )
        self._check(rehearsal, first, last, now)
        other = self.book.rehearsal(before["last"]) if before else None
        if other is not None and state(other, now) == RUNNING:
            if other.page or (other.policy, other.asked) != (policy, rehearsal.asked):
                raise BusyRehearsalError(other.rehearsal_id)
            self._ask(other)  # whoever began it may have died before it asked for its first page
            return other
        count = before["count"] + 1 if before.get("day") == day else 1
        if count > MOST_A_DAY:
            raise TooManyError
        if not self.book.begin(rehearsal, before=before, day=day, count=count):
            raise BusyRehearsalError(self.book.running()["last"])
        self._ask(rehearsal)
        return rehearsal

    def _check(self, rehearsal: Rehearsed, first: date | None, last: date | None, now: datetime) -> None:
        """Raise `NoDaysError` where no day that was asked for can have had late orders."""
        if first is not None and first > now.astimezone(self.zone).date():
            raise NoDaysError(f"since: {first} is to come")
        if rehearsal.first > rehearsal.until:
            looked = from_text(rehearsal.first).astimezone(self.zone).date()
            raise NoDaysError(f"until: {last} is before the first day that is looked at, {looked}")

    def _ask(self, rehearsal: Rehearsed) -> None:
        self.queue.send([_message(rehearsal)])


@frozen(kw_only=True)
class Rehearsing:
    """Works off the pages of rehearsals."""

    book: Book
    orders: Orders
    granted: Granted
    queue: Queue
    clock: Clock
    zone: tzinfo
    home: str

    def handle(self, content: Mapping[str, Any]) -> None:
        """Work off a page, and ask for the next. Raises `PoisonError`, `BusyError`."""
        rehearsal_id, page = content.get(MESSAGE), content.get("page")
        rehearsal = self.book.rehearsal(rehearsal_id) if isinstance(rehearsal_id, str) else None
        if rehearsal is None or not isinstance(page, int):
            raise PoisonError("no page of a rehearsal that is kept")
        if rehearsal.status != RUNNING or page != rehearsal.page:
            if rehearsal.status == RUNNING and page == rehearsal.page - 1:
                self.queue.send([_message(rehearsal)])  # whoever wrote that page may have died before it asked for this
            return
        if self.clock.now() - from_text(rehearsal.started_at) > LONGEST:
            raise PoisonError("the rehearsal began too long ago; begin another")
        written = self._gather(rehearsal) if rehearsal.phase == GATHER else self._decide(rehearsal)
        if written and rehearsal.status == RUNNING:
            self.queue.send([_message(rehearsal)])

    def _gather(self, rehearsal: Rehearsed) -> bool:
        """Look through a page of orders for late ones; tell whether that was written."""
        try:
            page, cursor = self.orders.page(rehearsal.cursor, limit=GATHERED)
        except CursorError as error:
            raise PoisonError(f"cursor: {error}") from error
        late = [each for each in page if each.kept.get("told_delays")]
        known = self.granted.all_remedies(each.order_id for each in late)
        orders = []
        for ordered in late:
            past = found(ordered, known.get(ordered.order_id), self.zone)
            if past is None:
                continue
            rehearsal.undecided[NO_DAY_KNOWN] += past.undecided
            rows = past.order.rows
            if rows and rehearsal.first <= rows[0].at < rehearsal.until:
                seen = tuple(row for row in rows if row.at < rehearsal.until)
                orders.append(replace(past.order, rows=seen))
                shipments = len({row.shipment_id for row in seen})
                rehearsal.late += 1
                rehearsal.shipments += shipments
                rehearsal.undecided[AS_NOW] += len(past.as_now & {row.shipment_id for row in seen})
        self.book.add_orders(rehearsal, orders)
        rehearsal.looked_at += len(page)
        rehearsal.cursor = cursor
        rehearsal.phase = DECIDE if cursor is None else GATHER
        return self._written(rehearsal)

    def _decide(self, rehearsal: Rehearsed) -> bool:
        """Decide a page of late orders by both policies; tell whether that was written."""
        page, end = self.book.orders(rehearsal, limit=DECIDED)
        replays = [self._replay(rehearsal, name, said) for name, said in _policies(rehearsal)]
        waiting = [(order.turn, order) for order in page]
        heapq.heapify(waiting)
        later = []
        while waiting:
            _, order = heapq.heappop(waiting)
            grants = {replay.name: replay.decide(order) for replay in replays}
            order = replace(order, place=order.place + 1, grants=grants)
            if order.over:
                continue
            if end is None or f"ORDER#{order.turn}" <= end:
                heapq.heappush(waiting, (order.turn, order))
            else:
                later.append(order)
        self.book.add_orders(rehearsal, later)
        for replay in replays:
            spent = {
                each: (replay.before[each], amount)
                for each, amount in replay.spent.items()
                if amount != replay.before[each]
            }
            if not self.book.keep_spent(rehearsal, replay.name, spent):
                return False
            rehearsal.tallies[replay.name] = replay.tally
        rehearsal.cursor = None if end is None else {"sk": end}
        rehearsal.status = FINISHED if end is None else RUNNING
        return self._written(rehearsal)

    def _replay(self, rehearsal: Rehearsed, name: str, said: Document) -> Replay:
        return Replay(
            name=name,
            policy=policy_of(said, version=0),
            zone=self.zone,
            home=self.home,
            spent_before=lambda spender: self.book.spent(rehearsal, name, spender),
            tally=rehearsal.tallies.get(name) or Tally(),
        )

    def _written(self, rehearsal: Rehearsed) -> bool:
        rehearsal.page += 1
        rehearsal.moved_at = to_text(self.clock.now())
        return self.book.keep(rehearsal, policy=named(policy_of(rehearsal.policy, version=0)))


def state(rehearsal: Rehearsed, now: datetime) -> str:
    """Return whether a rehearsal runs, is finished, or failed: no page of it was written for long."""
    if rehearsal.status == RUNNING and now - from_text(rehearsal.moved_at) > STALE:
        return FAILED
    return rehearsal.status


def _policies(rehearsal: Rehearsed) -> list[tuple[str, Document]]:
    said = [(REHEARSED, rehearsal.policy)]
    return said if rehearsal.current is None else [*said, (CURRENT, rehearsal.current)]


def _message(rehearsal: Rehearsed) -> Outgoing:
    return Outgoing.of({MESSAGE: rehearsal.rehearsal_id, "page": rehearsal.page})
