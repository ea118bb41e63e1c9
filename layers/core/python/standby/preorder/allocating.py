"""Setting units aside for who pre-ordered, in the order in which they came (design §2, promise 5).

Goods that are there and owed to somebody go to the head of the line, in part if need be, and nobody passes the head,
unless the campaign fills and nobody loses a day by that (`filling`). A reservation whose order was not placed yet keeps
its units, and is given them once it is confirmed; where its hold ends instead, the next in line is given them.

Where less is counted than was set aside, the latest offers that nobody took end first (`vanished`), then the last in
line lose theirs; both stand where they stood. Goods that
leave are told by a level and by an order, whichever comes first, so nothing is taken back at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from standby.events.hearing import hear
from standby.events.preorder import ReservationConfirmed
from standby.events.stock import StockChanged
from standby.ledger.claims import BesideError, Claim, ClaimBook, EndedError, NothingToGiveError
from standby.ledger.model import SkuStock
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.preorder import hears
from standby.preorder.early import EarlyDoor
from standby.preorder.filling import Filling, nobody
from standby.preorder.model import Place, Reservation, claim_id, reservation_id_of
from standby.preorder.repository import Writes
from standby.preorder.telling import ALLOCATED, TAKEN_BACK, Announcer, allocated, watch

if TYPE_CHECKING:
    from standby.preorder.ending import EndingDesk
    from standby.preorder.offering import Offering
    from standby.preorder.priority_model import Prioritised
    from standby.preorder.vanished import Vanished

ATTEMPTS = 5
"""How often a place is looked at again while others change it."""
RECOUNT_SECONDS = 600
"""So long after units were found missing it is looked whether they still are."""
AGAIN_SECONDS = 5
"""So long after somebody else was quicker it is looked again."""


class Ledger(Protocol):
    """The numbers of SKUs."""

    def stock(self, sku: str) -> SkuStock | None:
        """Return a SKU's numbers, ``None`` when the ERP never named it."""
        ...


class Lines(Protocol):
    """The lines for SKUs."""

    def line(self, sku: str, after: str | None) -> tuple[list[Place], bool]:
        """Return a page of the line for a SKU, and whether more stand behind it."""
        ...

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...


@frozen(kw_only=True)
class Allocator:
    """Gives units to the line, a page of it per message."""

    preorders: Lines
    writes: Writes
    ledger: Ledger
    claims: ClaimBook
    filling: Filling
    announcer: Announcer
    offering: Callable[[], "Offering"]
    """Loads what makes offers; goods that come for who pre-ordered do not need it."""
    vanished: Callable[[], "tuple[Vanished, EndingDesk]"]
    """Loads what ends offers whose units are missing, which is seldom."""
    early: EarlyDoor
    allocations: Queue
    clock: Clock

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle an event, a page of a line, ``{"recount": sku}``, a job of offers, or who may reserve early.

        Raises `PoisonError` for all else.
        """
        match content:
            case {"offer": dict()}:
                self.offering().handle(content)
                return
            case {"early": _}:
                self.early.handle(content)
                return
            case {"recount": str(sku)}:
                self._recount(sku)
                return
            case {"allocate": str(sku), "after": str(after), "kept": int(kept)}:
                self._allocate(sku, after, kept, passed=int(content.get("passed", 0)))
                return
        match hear(content, hears.ALLOCATIONS):
            case StockChanged(misplaced=misplaced, sku=sku):
                if misplaced:
                    self._place(sku)
            case ReservationConfirmed(kind="preorder", lines=lines):
                for line in lines:
                    self._allocate(line["sku"], None, 0)
            case ReservationConfirmed():
                return
            case _:
                raise PoisonError("neither an event that pre-orders hear, nor a page of a line or offers")

    def _place(self, sku: str) -> None:
        """Give what is there, or have it looked at later that less is there than was given."""
        stock = self.ledger.stock(sku)
        if stock is not None and stock.missing:
            self.allocations.send([Outgoing.of({"recount": sku}, delay_seconds=RECOUNT_SECONDS)])
        else:
            self._allocate(sku, None, 0)

    def _recount(self, sku: str) -> None:
        """Take back what was offered, or given to the line, and is not there.

        What is held at checkout may be the rest of it.
        """
        stock = self.ledger.stock(sku)
        if stock is None or not stock.missing:
            return
        vanished, ending = self.vanished()
        for offer_id in vanished.offers(stock):
            ending.give_back(offer_id, "vanished")
        served = self.claims.given(sku)
        over = sum(claim.given for claim in served) - stock.on_hand
        for claim, known in self._last_first(served) if over > 0 else ():
            units = min(over, claim.given)
            self._take_back(claim, known, units)
            over -= units
            if over <= 0:
                return

    def _last_first(self, served: Sequence[Claim]) -> Iterator[tuple[Claim, Reservation | None]]:
        """Yield who was given units, the last in line first: whom an operator put in front comes at the end."""
        spared: list[tuple[Prioritised, Claim, Reservation]] = []
        for claim in reversed(served):
            known = self.preorders.reservation(reservation_id_of(claim.claim_id))
            if known is None or known.prioritised is None:
                yield claim, known
            else:
                spared.append((known.prioritised, claim, known))
        for _, claim, known in sorted(spared, key=lambda each: each[0].at, reverse=True):
            yield claim, known

    def _take_back(self, claim: Claim, known: Reservation | None, units: int) -> None:
        """Take units back from a line of a reservation. Where others changed what it has, all is looked at anew."""
        if known is None or known.status not in {"confirmed", "allocated"} or known.over(self.clock.now()):
            return  # what ends gives back what it has
        now = self.clock.now()
        made = _taken_back(known, claim.sku, units, now)
        line = next((line for line in made.lines if line.sku == claim.sku), None)
        if line is None:
            return  # it was cancelled or shipped before the rest
        beside = self.writes.taken_back(made, line)
        try:
            back = watch(made, now, claim.sku) if known.status == "allocated" else None
            self.claims.take_back(claim.sku, claim.claim_id, units, now=now, beside=beside, watch=back)
        except (BesideError, EndedError, NothingToGiveError):
            self.allocations.send([Outgoing.of({"recount": claim.sku}, delay_seconds=AGAIN_SECONDS)])
        else:
            self.announcer.tell(made)

    def _allocate(self, sku: str, after: str | None, kept: int, *, passed: int = 0, strict: bool = False) -> None:
        """Give what is there to a page of the line. ``kept`` units are for those ahead of it.

        Those who may be passed lack ``passed`` units so far; what is left behind the last goes to the first of them.
        """
        stock = self.ledger.stock(sku)
        left = 0 if stock is None else min(stock.givable, stock.lacking) - kept
        if left <= 0:
            return
        may_pass = nobody if strict else self.filling.rule(sku)
        places, more = self.preorders.line(sku, after)
        for place in places:
            units = min(left, place.lacks)
            if units < place.lacks and may_pass(place, passed + place.lacks):
                passed += place.lacks
                continue
            if units < place.lacks and passed:
                more = False  # from here on the line is strict, and so from its head
                break
            served = self._give(sku, place, units) if place.confirmed else units
            if served is None:
                return
            left, kept = left - served, kept + (0 if place.confirmed else units)
            if left <= 0:
                return
        if more:
            page = {"allocate": sku, "after": places[-1].key, "kept": kept}
            self.allocations.send([Outgoing.of({**page, "passed": passed} if passed else page)])
        elif passed:
            self._allocate(sku, None, 0, strict=True)

    def _give(self, sku: str, place: Place, units: int) -> int | None:
        """Give a place units and return how many it got; ``None``: there are none any more.

        A reservation that ended, or whose claim did, gets none. Whoever takes or brings units makes the line be looked
        at again, because the ledger tells of each change.
        """
        for _ in range(ATTEMPTS):
            known = self.preorders.reservation(place.reservation_id)
            if known is None or known.status != "confirmed":
                return 0
            now = self.clock.now()
            made = _given(known, sku, units, now)
            line = next((line for line in made.lines if line.sku == sku), None)
            if line is None or line.given > line.quantity:
                return 0  # somebody else gave it units since its place was read, or ended it
            beside = self.writes.given(made, line, units)
            try:
                name, until = claim_id(known.reservation_id, sku), watch(made, now, sku)
                self.claims.give(sku, name, units, now=now, beside=beside, watch=until)
            except BesideError:
                continue
            except NothingToGiveError:
                return None
            except EndedError:
                return 0
            self.announcer.tell(made)
            return units
        return 0


def _taken_back(known: Reservation, sku: str, units: int, now: datetime) -> Reservation:
    """Return a reservation of which a line lacks units again. It need not be paid until they are there."""
    lines = tuple(replace(line, given=line.given - units) if line.sku == sku else line for line in known.lines)
    made = replace(known, lines=lines, edition=known.edition + 1)
    if known.status != "allocated":
        return made
    owed = (*(name for name in known.owed if name != ALLOCATED), TAKEN_BACK)
    back = replace(made, status="confirmed", allocated_at=None, pay_by=None, taken_back_at=to_text(now))
    return replace(back, owed=owed)


def _given(known: Reservation, sku: str, units: int, now: datetime) -> Reservation:
    """Return a reservation to whose line units were given; with the last of them, all of it is allocated."""
    lines = tuple(replace(line, given=line.given + units) if line.sku == sku else line for line in known.lines)
    return allocated(replace(known, lines=lines, edition=known.edition + 1), now)
