"""What was promised of each shipment, what is known of it now, and whether that is a delay (design §1).

A promise is late once its day is over where the shop is. What happened decides, not when it was heard of. All follows
from the order itself, so the same words lead to the same delays in whatever order they came.

The first day that a customer was told stays the promise: what the ERP says later is news of it. A later
``order.placed`` may say an earlier day, which is promised then. Where lines move to another shipment, their promise
moves with them; what came back and is sent again is promised anew. An ``order.eta`` outranks what an ``order.placed``
says of the day, unless the ERP had not said that day before it: orders are sent again for other reasons. One that
names no shipments leaves them as they were.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from standby.delivery.choice_model import ANSWERS
from standby.delivery.choice_model import ARRIVED as SAID_ARRIVED
from standby.delivery.day_model import day_told
from standby.delivery.model import (
    ARRIVED,
    ATTEMPTED,
    CANCELLED,
    ETA,
    LEFT,
    RETURNED,
    SHIPMENT,
    SHIPPED,
    About,
    Order,
    Said,
    Version,
    tracked,
)
from standby.delivery.origin_model import FIRST_AT, chosen_of, covers
from standby.platform.clock import from_text
from standby.platform.moment import EPOCH, MICROSECOND

if TYPE_CHECKING:
    from standby.delivery.incident_rules import Incident

DAY = timedelta(days=1)
UNKNOWN, ARRIVED_LATE = "unknown", "arrived"
"""Names of news that have no day."""
AFTER = "after "
"""Begins the name of the news that a day is over; the day follows."""
HELD_UP, CARRIER = tracked("delayed"), "carrier"
"""What a carrier says of its own delay is the cause, where the shop names none."""
ON_ITS_WAY = (SHIPPED, tracked("in_transit"), tracked("out"), ATTEMPTED, HELD_UP)
"""What tells that something is not with its customer yet, where it occurred after they said that it is."""
MOVED, FIRST = "moved", "first"
"""The kind of a word of pre-orders about a line (`standby.delivery.preordered`), and what it was promised at first."""
UNSHIPPED = "ship "
"""Begins the name of the news that nothing left by the day that counts as the promise."""
REMINDED, CALL = "reminder", "call"
"""Name, or begin the name of, what is noted beside the news: that somebody was reminded, and that a person calls."""
NOON = time(12)
"""So late on the day by which something is to leave, it is looked whether it did: the law wants its customer told on
that day (`standby.delivery.rights`), and what leaves in the morning is no news."""
MOST_TOLD = 50
"""News of a shipment's delays that are remembered: the newest."""


class Promise(NamedTuple):
    """What a customer was promised of a shipment, and what is known of it."""

    shipment_id: str
    line_ids: tuple[str, ...]
    """Those that the customer is still to get, or got."""
    promised_until: date
    expected: date | None = None
    """The day by which it is expected now; the promised one while nothing else was said; ``None``: nobody knows."""
    cause: str | None = None
    ship_by: date | None = None
    ships_by: date | None = None
    """The same, where the law of the market goes by it, while something of it has not left."""
    arrived_on: date | None = None
    said_here: bool = False
    """Nobody but its customer says that it arrived: that day is the one on which they said so."""
    over: bool = False
    """Nothing of it is to come any more: it was cancelled, or it came back."""
    there: tuple[str, ...] = ()
    """Those of its lines that are with the customer, as others say."""
    in_time: tuple[str, ...] = ()
    """Those of them that came by the promised day."""

    @property
    def coming(self) -> tuple[str, ...]:
        """Return the lines that are still to come, as far as others say."""
        return tuple(each for each in self.line_ids if each not in self.there)

    @property
    def open(self) -> bool:
        """Tell whether it is still to come."""
        return not self.over and self.arrived_on is None

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it may come without being late anew; ``None`` where nobody knows one."""
        return None if self.expected is None else max(self.expected, self.promised_until)


class Delay(NamedTuple):
    """A promise that is broken, or known to be going to be."""

    promise: Promise
    expected: date | None
    """The day that is told instead; on it the shipment arrived, or is expected. ``None``: nobody knows."""
    days_late: int
    """How many, from the promised day to the new one; without one, to today."""
    news: str
    """Names what is told: a delay is told once for each new day, and again where a better day was told since."""
    incident: "Incident | None" = None
    """What explains it and others like it, as operators declared."""

    @property
    def line_ids(self) -> tuple[str, ...]:
        """Return the lines of which it is told: those still to come; once all came, those that came late."""
        return self.promise.coming or tuple(each for each in self.promise.line_ids if each not in self.promise.in_time)

    @property
    def arrived(self) -> bool:
        """Tell whether the customer has it."""
        return self.promise.arrived_on is not None

    @property
    def unshipped(self) -> bool:
        """Tell whether all that is news is that it did not leave in time."""
        return self.news.startswith(UNSHIPPED)

    @property
    def ahead(self) -> bool:
        """Tell whether nobody knows a new day, and the promised one is not over."""
        return self.unshipped or (self.news == UNKNOWN and not self.days_late)


def promises(order: Order, zone: tzinfo) -> list[Promise]:
    """Return what was promised of the shipments of an order, in the order in which they were named last.

    The promise of a shipment is the first one of its lines that are still to come; once all came, of those that came
    late, or came last. A shipment of which no day was ever said (`standby.platform.moment.NO_DAY`) is no promise.
    """
    placed = order.placed
    if placed is None:
        return []
    wanted = order.lines
    found = []
    for shipment_id in planned(order):
        line_ids = [each for each in held(order, shipment_id) if each in wanted]
        left = [line_id for line_id in line_ids if not _is_over(order, line_id, shipment_id)]
        moved = {each: word[1] for each in left if (word := order.said_of_line(MOVED, each))} if order.words else {}
        due = {each: _due(order, shipment_id, each, moved.get(each)) for each in left or line_ids}
        days = {each: _arrived_on(order, each, shipment_id, due[each], zone) for each in left}
        arrived = {line_id: day for line_id, day in days.items() if day is not None}
        coming = [line_id for line_id in left if line_id not in arrived]
        came = max(arrived.values()) if arrived and not coming else None
        in_time = tuple(line_id for line_id, day in arrived.items() if day <= due[line_id])
        about = coming or [each for each in arrived if each not in in_time]
        about = about or [each for each, day in arrived.items() if day == came] or [*due]
        until = min((due[each] for each in about), default=_due(order, shipment_id))
        if until == date.max:
            continue  # no day was promised of it
        expected, cause = _expected(order, shipment_id, left or line_ids, until)
        if moved:
            expected, cause = _with_moves(order, shipment_id, [*moved.values()], expected, cause, lines=len(left))
        if cause is None and any(order.newest_about(HELD_UP, line_id, shipment_id) for line_id in left):
            cause = CARRIER
        here = _said_here_on(order, shipment_id, coming, zone) if coming and order.choices else None
        found.append(
            Promise(
                shipment_id,
                tuple(left),
                until,
                expected,
                cause,
                ship_by=(ship_by := _ship_by(order, shipment_id)),
                ships_by=ship_by if ship_by is not None and _must_leave(order, shipment_id, left) else None,
                arrived_on=came or here,
                said_here=here is not None,
                over=not left,
                there=tuple(arrived),
                in_time=in_time,
            )
        )
    return found


def planned(order: Order) -> Sequence[str]:
    """Return the shipments of an order: those of the newest ``order.placed`` that names any, where it has lines still.

    Their ids stand in its own order. Such a word need not name shipments: then nothing new is said of them.
    """
    if order.placed is None or order.placed.shipments or not order.shipments:
        return [] if order.placed is None else list(order.placed.shipments)
    newest = max(said.version for said in order.shipments.values())
    named = (name for name, said in order.shipments.items() if said.version == newest)
    return [name for name in named if any(line_id in order.lines for line_id in held(order, name))]


def held(order: Order, shipment_id: str) -> Sequence[str]:
    """Return all lines that were to come in a shipment, by the numbers that they have now."""
    said = order.shipments[shipment_id]
    line_ids: Sequence[str] = said.fields["line_ids"]
    if order.placed is not None and said.version == order.placed.version:
        return line_ids
    return order.now_of(line_ids, said.version)


def delay_of(promise: Promise, today: date) -> Delay | None:
    """Return a promise's delay as it is known today, ``None`` where there is none."""
    until, expected, arrived = promise.promised_until, promise.expected, promise.arrived_on
    if promise.over or promise.said_here:
        return None
    if arrived is not None:
        return Delay(promise, arrived, (arrived - until).days, ARRIVED_LATE) if arrived > until else None
    if expected is None:
        return Delay(promise, None, max(0, (today - until).days), UNKNOWN)
    last = max(expected, until)
    if today > last:
        return Delay(promise, None, (today - until).days, f"{AFTER}{last.isoformat()}")
    if expected > until:
        return Delay(promise, expected, (expected - until).days, expected.isoformat())
    return None


def news_of(found: Iterable[Promise], told: Mapping[str, tuple[str, ...]], today: date) -> Iterator[Delay]:
    """Yield the delays of which nobody heard yet. Who was told that something is late is not told that it came.

    What was told before is news again where something better was told since: nobody shall wait for a day that is not
    true any more.
    """
    for promise in found:
        delay, known = delay_of(promise, today), told.get(promise.shipment_id, ())
        if delay is None or (delay.arrived and known):
            continue
        if delay.news == UNKNOWN and known and known[-1].startswith(AFTER):
            continue  # they know that its day is over, and that nobody knows another
        if delay.news not in known or _day_of_news(delay.news) > _day_of_news(known[-1]):
            yield delay


def _day_of_news(news: str) -> date:
    """Return until when somebody waits who was told some news; the last day of the calendar where they know of none."""
    undated = news in (UNKNOWN, ARRIVED_LATE) or news.startswith((AFTER, UNSHIPPED))
    return date.max if undated else date.fromisoformat(news)


def all_news_of(
    found: Sequence[Promise], told: Mapping[str, tuple[str, ...]], now: datetime, zone: tzinfo
) -> list[Delay]:
    """Return the delays of which nobody heard yet, and what did not leave in time of which no delay was told."""
    news = list(news_of(found, told, today(now, zone)))
    late = {delay.promise.shipment_id for delay in news} | told.keys()
    for promise in found:
        by = promise.ships_by
        if by is not None and promise.open and promise.shipment_id not in late and now >= at(by, NOON, zone):
            news.append(Delay(promise, None, 0, f"{UNSHIPPED}{by.isoformat()}"))
    return news


def came_later(found: Iterable[Promise], told: Mapping[str, tuple[str, ...]]) -> Iterator[Delay]:
    """Yield what came later than all were told, of which that it is late was told: its delay is known only now.

    Customers know. Whoever makes good for delays does not: a day that is over need not mean that it is late.
    """
    for promise in found:
        known = told.get(promise.shipment_id, ())
        came = None if promise.said_here or promise.over else promise.arrived_on
        if came is None or came <= promise.promised_until or not known or ARRIVED_LATE in known:
            continue
        if all(came > _day_told(news, promise.promised_until) for news in known):
            yield Delay(promise, came, (came - promise.promised_until).days, ARRIVED_LATE)


def _day_told(news: str, until: date) -> date:
    """Return the day of which some news said for certain that it is that late; at least the promised one."""
    day = _day_of_news(news)
    return until if day == date.max else day


def next_look(found: Iterable[Promise], told: Mapping[str, tuple[str, ...]], zone: tzinfo) -> datetime | None:
    """Return when a promise will be late of which that was not told; ``None`` where no time alone makes one late."""
    looks = []
    for promise in found:
        last, known = promise.last_day, told.get(promise.shipment_id, ())
        if promise.open and last is not None and last != date.max and f"{AFTER}{last.isoformat()}" not in known:
            looks.append(begin(last + DAY, zone))
        if promise.open and promise.ships_by is not None and not known:
            looks.append(at(promise.ships_by, NOON, zone))
    return min(looks, default=None)


def begin(day: date, zone: tzinfo) -> datetime:
    """Return the instant at which a day begins in a zone, in UTC; the first day of the calendar in UTC at the earliest.

    A midnight that a clock skips counts as the moment after the jump.
    """
    return at(day, time(), zone)


def at(day: date, wall: time, zone: tzinfo) -> datetime:
    """Return the instant of a time of day in a zone, in UTC."""
    try:
        return datetime.combine(day, wall, zone).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, wall, UTC)


def today(now: datetime, zone: tzinfo) -> date:
    """Return the day of an instant in a zone."""
    try:
        return now.astimezone(zone).date()
    except OverflowError:
        return now.date()


def made_by(order: Order, shipment_id: str, line_ids: Iterable[str]) -> tuple[str, Version, str]:
    """Return the day that is promised of a shipment, the word that told it, and the shipment that it named.

    It is the day that was told first of any of the lines, or one that was told since and is earlier.
    """
    newest = order.shipments[shipment_id]
    found = [(newest.fields["promised_until"], newest.version, shipment_id)]
    for line_id in line_ids:
        days = order.days_of(line_id)
        if days is not None:
            back = order.back_before(line_id, shipment_id)
            found += [each for each in day_told(days, shipment_id) if back is None or each[1] > back]
    return min(found)


def _due(order: Order, shipment_id: str, line_id: str | None = None, moved: Said | None = None) -> date:
    """Return the day that is promised of a line of a shipment; without one, of the shipment alone."""
    said = date.fromisoformat(made_by(order, shipment_id, () if line_id is None else (line_id,))[0])
    return said if moved is None or FIRST not in moved.fields else min(said, date.fromisoformat(moved.fields[FIRST]))


def _ship_by(order: Order, shipment_id: str) -> date | None:
    """Return the day that was told first by which a shipment leaves, or one that was told since and is earlier.

    What was told first of other lines under its name is none.
    """
    first, newest = order.first.get(shipment_id), order.shipments[shipment_id]
    if first is not None and order.plan is not None:
        had = order.now_of(first.fields["line_ids"], first.version)
        first = first if {*had} & {*held(order, shipment_id)} else None
    said = (first, newest)
    return min((day for each in said if each is not None and (day := _day(each.fields.get("ship_by")))), default=None)


def _must_leave(order: Order, shipment_id: str, line_ids: Iterable[str]) -> bool:
    """Tell whether the law goes by the day on which a shipment leaves, and something of it did not yet."""
    from standby.delivery.rights.repository import market_of  # noqa: PLC0415 - few orders say by when they leave

    assert order.placed is not None  # noqa: S101 - it has shipments
    if market_of(order.placed.fields.get("ship_to", {}).get("country")).value("promise") != "ship_by":
        return False
    return any(all(order.newest_about(kind, line_id, shipment_id) is None for kind in LEFT) for line_id in line_ids)


def eta_of(order: Order, shipment_id: str, line_ids: Sequence[str]) -> Said | None:
    """Return the ``order.eta`` that says when a shipment is expected; ``None`` where none does.

    It outranks a day that the ERP had said before it, and says in ``order.placed`` again.
    """
    whole = order.words.get(About(ETA))
    own = _own_eta(order, shipment_id, line_ids)
    if whole is not None and line_ids and not any(covers(order, whole, line_id) for line_id in line_ids):
        whole = None
    newest = max((word for word in (whole, own) if word is not None), key=lambda word: word.version, default=None)
    if newest is None or (line_ids and order.planned_after(newest.version, shipment_id, line_ids)):
        return None
    return newest


def _own_eta(order: Order, shipment_id: str, line_ids: Sequence[str]) -> Said | None:
    """Return the newest ``order.eta`` of a shipment, or of others that had any of some lines of it then."""
    if ETA not in order.kinds:
        return None
    if order.plan is None:
        return order.words.get(About(ETA, SHIPMENT, shipment_id))
    from standby.delivery.fate_model import said_of_shipment  # noqa: PLC0415 - the shipments of few orders change

    found = said_of_shipment(order, ETA, line_ids, shipment_id, held(order, shipment_id))
    return None if found is None else found[1]


def _expected(order: Order, shipment_id: str, line_ids: Sequence[str], until: date) -> tuple[date | None, str | None]:
    """Return the day by which a shipment is expected, and why not by the promised one, if somebody said."""
    eta = eta_of(order, shipment_id, line_ids)
    if eta is not None:
        return _day(eta.fields.get("eta")), eta.fields.get("cause")
    said = date.fromisoformat(order.shipments[shipment_id].fields["promised_until"])
    return until if said == date.max else max(said, until), None


def _with_moves(
    order: Order, shipment_id: str, moves: Sequence[Said], expected: date | None, cause: str | None, *, lines: int
) -> tuple[date | None, str | None]:
    """Return the day by which a shipment is expected some of whose lines were pre-ordered, and why.

    What pre-orders said counts of their lines, but for what the ERP said since, as it outranks an ``order.eta``.
    """
    line_ids = order.line_ids_of(shipment_id)
    eta = eta_of(order, shipment_id, line_ids)
    days = [
        _day(word.fields.get("eta"))
        for word in moves
        if (eta is None or word.version > eta.version) and not order.planned_after(word.version, shipment_id, line_ids)
    ]
    if len(days) < lines:
        days.append(expected)
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None, cause if len(days) < lines or expected in days else None


def _is_over(order: Order, line_id: str, shipment_id: str) -> bool:
    """Tell whether a line of a shipment is not to come any more."""
    if order.newest_about(RETURNED, line_id, shipment_id) is not None:
        return True
    fate = order.fate_in(line_id, shipment_id)
    return fate is not None and fate.outcome == CANCELLED


def _arrived_on(order: Order, line_id: str, shipment_id: str, until: date, zone: tzinfo) -> date | None:
    """Return the first day on which a line of a shipment was with its customer, or could have been."""
    anew = order.back_before(line_id, shipment_id) is not None
    words = ((kind, order.newest_about(kind, line_id, shipment_id)) for kind in (*ARRIVED, ATTEMPTED))
    days = {kind: _first_of(found[1], zone, anew=anew) for kind, found in words if found is not None}
    if days.get(ATTEMPTED, until) > until:  # else the shop kept its word, and nobody was there
        del days[ATTEMPTED]
    return min(days.values(), default=None)


def _said_here_on(order: Order, shipment_id: str, line_ids: Sequence[str], zone: tzinfo) -> date | None:
    """Return the day on which a customer said last that lines of a shipment are there; ``None``: they did not.

    Who says so may be mistaken: it counts no more once others say, of a time after it, that it is still to come. A
    newer ``order.placed`` does not: orders are sent again for other reasons.
    """
    said = chosen_of(order, shipment_id, ANSWERS)
    if not said or said[-1].kind != SAID_ARRIVED or not {*line_ids} <= {*said[-1].line_ids}:
        return None
    at_ = from_text(said[-1].at)
    words = (order.newest_about(kind, line_id, shipment_id) for kind in ON_ITS_WAY for line_id in line_ids)
    if any(from_text(word[1].fields["occurred_at"]) >= at_ for word in words if word is not None):
        return None
    day = today(at_, zone)
    days = [eta_of(order, shipment_id, line_ids), *(order.said_of_line(MOVED, each) for each in line_ids)]
    since = [word[1] if isinstance(word, tuple) else word for word in days if word is not None]
    newer = (word for word in since if EPOCH + word.version[0] * MICROSECOND >= at_)
    return None if any((_day(word.fields.get("eta")) or date.max) > day for word in newer) else day


def _first_of(said: Said, zone: tzinfo, *, anew: bool) -> date:
    """Return the day on which something was so first, however often it was said; ``anew``: before it came back, too."""
    at = said.fields["occurred_at"] if anew else said.fields.get(FIRST_AT, said.fields["occurred_at"])
    return today(from_text(at), zone)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
