"""Goods that came, of which only one of two words is here: the level that counts them, or their ``stock.received``.

ERPs differ in which they send first. Until the other word comes, such units are counted twice, on hand and as on their
way still, or not at all. A SKU remembers how many (`SkuStock.landed`) until the other word, for at most `LASTS`: a rise
may also be a return, and a receipt may tell of what was counted long ago. What was received is remembered only until
each location's level was observed after it: what is in none of them then was sold.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from standby.ledger.model import Level, SkuStock
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.table import Update

LASTS = timedelta(days=1)


@frozen()
class Landing:
    """What a word makes of the units of which the other word is to come yet."""

    known: SkuStock
    landed: int
    now: datetime
    received_at: int = 0
    """When the newest receipt was, in microseconds, where ``landed`` is below 0."""

    @classmethod
    def counted(cls, known: SkuStock | None, units: int, now: datetime, *, after: bool = False) -> "Landing | None":
        """Return what a level makes of them that counts so many units more; ``None``: it changes nothing.

        No more can be counted twice than are on their way. ``after``: with it every level was observed after the
        receipt.
        """
        if known is None or (units <= 0 and not after):
            return None
        before = known.landed_at(to_text(now))
        landed = max(before, min(before + max(0, units), known.incoming))
        return cls._of(known, max(0, landed) if after else landed, now, known.received_at)

    @classmethod
    def received(cls, known: SkuStock | None, units: int, now: datetime, *, at: int) -> "Landing | None":
        """Return what a receipt makes of them, of a moment in microseconds, by which so many fewer are on their way."""
        if known is None:
            return None
        before = known.landed_at(to_text(now))
        return cls._of(known, before - units, now, max(at, known.received_at) if before < 0 else at)

    @classmethod
    def _of(cls, known: SkuStock, landed: int, now: datetime, received_at: int) -> "Landing | None":
        same = landed == known.landed_at(to_text(now))
        return None if known.kit or same else cls(known, landed, now, received_at if landed < 0 else 0)

    def contained(self, levels: Iterable[Level]) -> "Landing | None":
        """Return what is left to remember where levels may have been observed after the receipt already."""
        if self.landed >= 0 or not observed_after(levels, self.received_at):
            return self
        return self._of(self.known, 0, self.now, 0)

    def on(self, update: Update) -> Update:
        """Write it with a SKU's numbers, on the condition that no other word came meanwhile."""
        until = to_text(self.now + LASTS) if self.landed else None
        remembered = {"landed": self.landed or None, "landed_until": until, "received_at": self.received_at or None}
        return while_landed(replace(update, assign={**update.assign, **remembered}), self.known)


def observed_after(levels: Iterable[Level], moment: int) -> bool:
    """Tell whether the level of each location that counts was observed at a moment (microseconds) or later."""
    counting = [level for level in levels if level.counting.counts]
    return bool(counting) and all(level.version[0] >= moment and not level.as_of_assumed for level in counting)


def while_landed(update: Update, known: SkuStock) -> Update:
    """Let a SKU's numbers be written only while it remembers what was seen of goods that came."""
    if not known.landed_until:
        return replace(update, absent=(*update.absent, "landed_until"))
    seen = {"landed": known.landed, "landed_until": known.landed_until}
    return replace(update, equal={**(update.equal or {}), **seen})
