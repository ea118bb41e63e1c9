"""The days that customers were promised, when the goods behind them move (design §3: `EtaMoved` reaches pre-orders).

Or when the shop puts off the release.

A line is covered in its order: first by what is there to be given, then by purchase orders by their days. Who is
covered by goods that come after the day of the release is promised that later day, and the day of the release again
where the goods come earlier after all. Who is covered by nothing any more has no day, if the campaign sells what
purchase orders promise; where the shop itself named a number of units, it answers for the day. So the last in line lose
theirs first. Goods that come nobody knows when move no day, neither of who reserved nor for who reserves next.

A pass goes through a line in pages. What it wrote may be of numbers that changed meanwhile; then it begins again, so
whoever was last wrote by the newest. Places know what was promised, so a pass reads only reservations that it changes.

Safety stock and what others ordered are filled before the line. Goods that leave are told by a level and by an order,
whichever comes first; so what is missing of these takes a day from nobody before it was looked at again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from standby.ledger.supply import SkuSupply
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.preorder.announcing import PROMISES, looks
from standby.preorder.model import Campaign, Line, Moved, Place, Reservation, promised
from standby.preorder.repository import ChangedMeanwhileError
from standby.preorder.telling import Announcer, postponed_name

if TYPE_CHECKING:
    from standby.events.stock import EtaMoved, IncomingChanged


class Lines(Protocol):
    """Where lines and reservations are kept. Writes raise `ChangedMeanwhileError`."""

    def campaign(self, sku: str) -> tuple[Campaign | None, Sequence[object]]:
        """Return a SKU's campaign."""
        ...

    def line(self, sku: str, after: str | None) -> tuple[list[Place], bool]:
        """Return a page of the line for a SKU, and whether more stand behind it."""
        ...

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...

    def promise(self, reservation: Reservation, line: Line) -> None:
        """Write what a line is promised now, with its place."""
        ...

    def delays(self, campaign: Campaign, until: str | None, *, short: bool) -> None:
        """Write until when a campaign promises from now on, ``None``: until its release, and if goods are short."""
        ...


class Ledger(Protocol):
    """What there is of a SKU, and what is on its way."""

    def supply(self, sku: str) -> SkuSupply:
        """Return the SKU's numbers, its levels and its purchase orders' lines."""
        ...


THERE = ""
"""Stands for the day of goods that are there."""
DOUBT_SECONDS = 600
"""So long after safety stock was found unfilled it is looked whether it still is; as units that are taken back are."""
RAISED, OVER = "raised", "over"
"""Of a pass over a line: some days stayed that such units would take; they were looked at again, and are taken."""
UNKNOWN = "?"
"""Stands for the day of goods that come nobody knows when."""


class Arrival(NamedTuple):
    """Goods that come on a day, are `THERE`, or come nobody knows when (`UNKNOWN`)."""

    day: str
    units: int


def page_of(sku: str, after: str | None, before: int) -> dict[str, str | int | None]:
    """Return the message that asks for a page of a line. ``before`` units are wanted by those ahead of it."""
    return {PROMISES: sku, "after": after, "before": before}


@frozen(kw_only=True)
class Promiser:
    """Moves what customers were promised."""

    lines: Lines
    ledger: Ledger
    announcer: Announcer
    records: Queue
    clock: Clock
    backoff: Backoff

    def hear(self, event: "EtaMoved | IncomingChanged") -> None:
        """Go through the first page of a line whose goods moved."""
        self._page(event.sku, None, 0, None)

    def handle(self, job: Mapping[str, Any]) -> None:
        """Go through a page. ``before`` units are wanted by those ahead of it. Raises `PoisonError` for other jobs."""
        match job:
            case {"promises": str(sku), "after": str() | None as after, "before": int(before)}:
                self._page(sku, after, before, job.get("doubt"))
            case _:
                raise PoisonError("promises: asks for no page of a line")

    def _page(self, sku: str, after: str | None, before: int, doubt: str | None) -> None:
        places, more = self.lines.line(sku, after)
        campaign, _ = self.lines.campaign(sku)
        if campaign is None:
            return
        found = self.ledger.supply(sku)
        arrivals = arriving(found, to_text(self.clock.now()))
        first = found.stock.unfilled if found.stock else 0
        wanted, moved = before, False
        for place in places:
            wanted += place.lacks
            day = cover(arrivals, first + wanted)
            if doubt != OVER and day != cover(arrivals, wanted) and not self._stands(campaign, place, day):
                doubt = RAISED
            else:
                moved |= self._moved(campaign, place, day)
        if more:
            self._next(sku, places[-1].key, wanted, doubt)
        else:
            short = campaign.terms.capacity is None and wanted > 0 and cover(arrivals, first + wanted) is None
            moved |= self._delayed(campaign, cover(arrivals, first + wanted + 1), short=short)
            if doubt == RAISED:
                self._next(sku, None, 0, OVER, delay_seconds=DOUBT_SECONDS)
        stock = self.ledger.supply(sku).stock if moved else found.stock
        if stock is not None and found.stock is not None and stock.revision != found.stock.revision:
            self._next(sku, None, 0, doubt)

    def _next(self, sku: str, after: str | None, before: int, doubt: str | None, *, delay_seconds: int = 0) -> None:
        page = page_of(sku, after, before)
        self.records.send([Outgoing.of({**page, "doubt": doubt} if doubt else page, delay_seconds=delay_seconds)])

    def _delayed(self, campaign: Campaign, day: str | None, *, short: bool) -> bool:
        """Let a campaign promise no earlier than goods come for who is next in line, and tell whether that is new."""
        until = day if day is not None and day > campaign.released_until else None
        if day == UNKNOWN or (day is None and campaign.terms.capacity is None):
            until = campaign.delayed_until  # it is promised as before, or nothing is sold, so nothing is promised
        if (until, short) == (campaign.delayed_until, campaign.short):
            return False
        self.lines.delays(campaign, until, short=short)
        self.records.send(looks([campaign.sku]))
        return True

    def _moved(self, campaign: Campaign, place: Place, day: str | None) -> bool:
        """Promise a place what its goods allow, and tell whether that is new."""
        sku = campaign.sku
        if self._stands(campaign, place, day):
            return False
        for _ in self.backoff.tries(place.reservation_id):
            known = self.lines.reservation(place.reservation_id)
            line = next((each for each in known.lines if each.sku == sku), None) if known is not None else None
            if known is None or line is None or known.status not in {"held", "confirmed"}:
                return False
            first = line.first_promise or line.promised_until
            due = "" if first is None else _due(campaign, line, first)
            until = _promised(due, self._counts(day, place, due), line.promised_until) if due else None
            if until == line.promised_until:
                return False
            made = replace(line, promised_until=until, first_promise=first)
            edition = known.edition + 1
            at, of_order = to_text(self.clock.now()), known.told_by_order
            owed = Moved(sku, edition, line.promised_until, until, at, of_order).text
            whole = replace(
                known,
                lines=tuple(made if each.sku == sku else each for each in known.lines),
                edition=edition,
                owed=(*known.owed, owed),
            )
            whole = _told_later(whole, at)
            try:
                self.lines.promise(whole, made)
            except ChangedMeanwhileError:
                continue
            self.announcer.tell(whole)
            return True
        raise AssertionError

    def _stands(self, campaign: Campaign, place: Place, day: str | None) -> bool:
        """Tell whether a place is promised already what its goods allow, as far as the line says."""
        if place.first is None:
            return False
        due = _due(campaign, place, place.first)
        return _promised(due, self._counts(day, place, due), place.promised) == place.promised

    def _counts(self, day: str | None, place: Place, due: str) -> str | None:
        """Return the day that counts for a place: where no goods cover it, the shop may answer for its release.

        Once that is over nobody knows a day.
        """
        if day is not None or place.follows:
            return day
        return THERE if due >= to_text(self.clock.now())[:10] else UNKNOWN


def arriving(found: SkuSupply, at: str) -> list[Arrival]:
    """Return what covers a line, in its order: what is there, what comes by its days, what comes nobody knows when.

    What was received and is in no level yet at that moment (RFC 3339) is there.
    """
    stock = found.stock
    there = 0 if stock is None else min(stock.givable, stock.lacking)
    arrivals = [Arrival(line.eta or UNKNOWN, line.open) for line in found.coming(at)]
    return [Arrival(THERE, there + found.received(at)), *arrivals]


def cover(arrivals: Iterable[Arrival], wanted: int) -> str | None:
    """Return the day by which so many units came, `THERE` or `UNKNOWN`; ``None``: too few come."""
    for day, units in arrivals:
        wanted -= units
        if wanted <= 0:
            return day
    return None


def _told_later(made: Reservation, at: str) -> Reservation:
    """Return a reservation whose day moved, which owes its customer the word of a day later than any that was told."""
    day, first = promised(made.lines), promised([replace(line, promised_until=_first(line)) for line in made.lines])
    told = made.told_until or first
    if made.status != "confirmed" or made.told_by_order or day is None or told is None or day <= told:
        return made
    return replace(made, told_until=day, owed=(*made.owed, postponed_name(told, day, at)))


def _first(line: Line) -> str | None:
    return line.first_promise or line.promised_until


def _due(campaign: Campaign, of: Place | Line, first: str) -> str:
    """Return the day first promised, or that of the release where the shop has put it off since."""
    return max(first, campaign.released_until) if of.campaign == campaign.number else first


def _promised(due: str, day: str | None, before: str | None) -> str | None:
    """Return what is promised: the day of the release, or that on which the goods come where it is later.

    Where nobody knows when they come, no day earlier than the one that was promised before, and none where none was.
    """
    if day == UNKNOWN:
        day = before
    return None if day is None else max(due, day)
