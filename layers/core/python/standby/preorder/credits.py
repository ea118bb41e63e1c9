"""Credits of a campaign that expects a rush: its counters have units that the ledger owes them already.

A reservation then writes its counter, its own items and its customer's limit, and meets nobody at the SKU. It gets a
claim of its own when it is confirmed; a hold that ends gives its units back to the counter's credit. What nobody
reserves goes back to the ledger a quarter of an hour after it was granted, or when the campaign ends or shrinks.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from standby.ledger.claims import Beside, BesideError, Claim
from standby.ledger.credits import CreditBook, Drawing, KitError
from standby.platform.backoff import Backoff, BusyError
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.counter_model import CREDIT_KEPT, Counter, CounterName, credit_name
from standby.preorder.model import Campaign, Line, Reservation, claim_id
from standby.preorder.repository import ChangedMeanwhileError, Writes

AHEAD_SECONDS = 2
"""A counter is granted what it sells in so long at the expected rate: seldom enough that the SKU is no bottleneck."""


class Counters(Protocol):
    """Where the campaigns' counters are kept."""

    def counter(self, name: CounterName) -> Counter | None:
        """Return a counter, consistently."""
        ...

    def not_due(self, name: CounterName, counter: Counter) -> None:
        """Write that nothing of a counter's credit goes back any more, unless it was granted some since."""
        ...

    def confirm(self, reservation: Reservation, *, was: Reservation) -> None:
        """Write that a reservation is confirmed, and what follows from it. Raises `ChangedMeanwhileError`."""
        ...


@frozen(kw_only=True)
class Credits:
    """Grants, draws and returns credits."""

    counters: Counters
    writes: Writes
    book: CreditBook
    clock: Clock
    backoff: Backoff

    def grow(self, campaign: Campaign, counters: Sequence[Counter], quantity: int) -> bool:
        """Have units owed to counters ahead; ``False``: the SKU has become a kit, and none can be.

        Whoever asked looks again afterwards: others may have been quicker, or have taken the units.
        """
        now = self.clock.now()
        seen = {counter.shard: counter.credit for counter in counters}
        units = {
            CounterName(campaign.sku, campaign.number, shard): count
            for shard, count in granted(counters, quantity, share(campaign)).items()
        }
        if not units:
            return True
        until = min(to_text(now + CREDIT_KEPT), campaign.ends_at)
        try:
            self.book.grant(
                campaign.sku,
                {credit_name(name): count for name, count in units.items()},
                now=now,
                beside=[self.writes.granted(name, count, seen[name.shard], until) for name, count in units.items()],
            )
        except (BesideError, BusyError):
            return True
        except KitError:
            return False
        return True

    def confirm(self, made: Reservation, was: Reservation, *, now: datetime) -> None:
        """Confirm a reservation, which has claims of its own then. Raises `ChangedMeanwhileError`, `BusyError`."""
        if not on_credit(was):
            self.counters.confirm(made, was=was)
            return
        try:
            self.draw(was, self.writes.confirmed(made, was), now=now)
        except BesideError as error:
            raise ChangedMeanwhileError from error

    def draw(self, reservation: Reservation, beside: Beside, *, now: datetime) -> None:
        """Give the lines of a reservation that are on credit claims of their own. Raises `BesideError`, `BusyError`."""
        self.book.draw(_drawings(reservation), now=now, beside=beside)

    def can_confirm(self, reservation: Reservation, *, now: datetime) -> bool:
        """Tell whether one transaction takes all that confirming a reservation writes."""
        return self.book.fit(_drawings(reservation), now=now, beside=self.writes.confirmed(reservation, reservation))

    def own(self, known: Reservation, *, now: datetime) -> Reservation:
        """Return a reservation of which each line has a claim of its own. Raises `BesideError`, `BusyError`."""
        if not on_credit(known):
            return known
        made = replace(drawn(known), edition=known.edition + 1)
        self.draw(known, self.writes.changed(made), now=now)
        return made

    def recall(self, sku: str, number: int, counters: Sequence[Counter]) -> None:
        """Give back to the ledger what nobody reserved of these counters. Raises `BusyError`."""
        for counter in counters:
            if counter.credit:
                self._give_back(CounterName(sku, number, counter.shard), overdue=False)

    def end_idle(self, name: CounterName) -> None:
        """Give back what nobody reserved of a counter, if it was granted long ago. Raises `BusyError`."""
        self._give_back(name, overdue=True)

    def _give_back(self, name: CounterName, *, overdue: bool) -> None:
        for _ in self.backoff.tries(credit_name(name)):
            now, counter = self.clock.now(), self.counters.counter(name)
            if counter is None or (overdue and (counter.due_at is None or counter.due_at > to_text(now))):
                return
            if not counter.credit:
                self.counters.not_due(name, counter)
                return
            beside = [self.writes.credit_returned(name, counter)]
            try:
                self.book.give_back(name.sku, {credit_name(name): counter.credit}, now=now, beside=beside)
            except BesideError:
                continue  # somebody reserved meanwhile
            return


def share(campaign: Campaign) -> int:
    """Return how many units a counter is granted at once."""
    return math.ceil((campaign.terms.expected_per_second or 1) * AHEAD_SECONDS / campaign.terms.shards)


def granted(counters: Sequence[Counter], quantity: int, least: int) -> dict[int, int]:
    """Return which counters are granted how many units: all that have no credit, and so many that there are enough.

    So a counter that was empty is seldom empty alone, and the SKU is written once for many.
    """
    lacking, units = quantity, dict[int, int]()
    for counter in sorted(counters, key=lambda each: -each.remaining):
        count = min(max(0, counter.remaining), max(least, lacking))
        if count and (lacking > 0 or not counter.credit):
            units[counter.shard] = count
            lacking -= count
    return units


def owed(reservation_id: str, line: Line) -> Claim:
    """Return the claim for a line of what a campaign sells."""
    return Claim(
        claim_id=claim_id(reservation_id, line.sku),
        sku=line.sku,
        kind="preorder",
        units=line.quantity,
        counted_as="owed",
    )


def _drawings(reservation: Reservation) -> list[Drawing]:
    return [
        Drawing(
            claim=replace(owed(reservation.reservation_id, line), taken_at=reservation.created_at),
            units={
                credit_name(CounterName(line.sku, line.campaign or 0, shard)): units
                for shard, units in line.shards.items()
            },
        )
        for line in reservation.lines
        if line.on_credit
    ]


def drawn(reservation: Reservation) -> Reservation:
    """Return a reservation of which each line has a claim of its own, not yet as another edition."""
    return replace(reservation, lines=tuple(replace(line, on_credit=False) for line in reservation.lines))


def on_credit(reservation: Reservation) -> bool:
    """Tell whether some of what is reserved has no claim of its own yet."""
    return any(line.on_credit for line in reservation.lines)
