"""Goods that came, of which only one of two words is here: the level that counts them, or their ``stock.received``.

ERPs differ in which they send first. Until the other word comes, such units are counted twice, on hand and as on their
way still, or not at all. A SKU remembers how many (`SkuStock.landed`) until the other word, for at most `LASTS`: a rise
may also be a return, and a receipt may tell of what was counted long ago.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from standby.ledger.model import SkuStock
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

    @classmethod
    def counted(cls, known: SkuStock | None, units: int, now: datetime) -> "Landing | None":
        """Return what a level makes of them that counts so many units more; ``None``: it changes nothing.

        No more can be counted twice than are on their way.
        """
        if known is None or units <= 0:
            return None
        before = known.landed_at(to_text(now))
        return cls._of(known, max(before, min(before + units, known.incoming)), now)

    @classmethod
    def received(cls, known: SkuStock | None, units: int, now: datetime) -> "Landing | None":
        """Return what a receipt makes of them by which so many units fewer are on their way."""
        return None if known is None else cls._of(known, known.landed_at(to_text(now)) - units, now)

    @classmethod
    def _of(cls, known: SkuStock, landed: int, now: datetime) -> "Landing | None":
        same = landed == known.landed_at(to_text(now))
        return None if known.kit or same else cls(known, landed, now)

    def on(self, update: Update) -> Update:
        """Write it with a SKU's numbers, on the condition that no other word came meanwhile."""
        until = to_text(self.now + LASTS) if self.landed else None
        written = {**update.assign, "landed": self.landed or None, "landed_until": until}
        return while_landed(replace(update, assign=written), self.known)


def while_landed(update: Update, known: SkuStock) -> Update:
    """Let a SKU's numbers be written only while it remembers what was seen of goods that came."""
    if not known.landed_until:
        return replace(update, absent=(*update.absent, "landed_until"))
    seen = {"landed": known.landed, "landed_until": known.landed_until}
    return replace(update, equal={**(update.equal or {}), **seen})
