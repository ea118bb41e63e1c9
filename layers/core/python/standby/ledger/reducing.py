"""Claims of which some units are given back while the others stay with whoever has them.

What is given back is a claim of its own that has ended: a repeat finds it and does nothing, and by its id it is known
what left all the same (`leaving`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from standby.ledger import items
from standby.ledger.claim_items import (
    Claim,
    Found,
    Watch,
    as_read,
    ended,
    explained,
    live,
    live_parts,
    numbers_moved,
    watched_from,
    watching,
)
from standby.ledger.table import LedgerTable
from standby.platform.frozen import frozen
from standby.platform.table import ConditionCheck, Update, Write

REDUCED_RULE = "units that are given back count as free again; those that were not set aside go first"


@frozen(kw_only=True)
class Reducing:
    """Units of a claim that are given back, but not all of them."""

    table: LedgerTable
    sku: str
    claim_id: str
    units: int
    piece: str
    """The id of the claim that they become."""
    beside: Sequence[Write | ConditionCheck]
    now: datetime
    watch: Watch | None = None
    """``None``: it is found as it was before."""

    def attempt(self) -> None:
        """Give the units back.

        A claim that has ended, or gave them back before, is left alone, and what the caller writes is still done.
        Raises `BesideError`, `TooManyError`, `BusyError`, ``ValueError`` where none would be left; and
        `ConditionFailedError` where something changed meanwhile.
        """
        before = items.ended_claim_key(self.sku, self.piece)
        others = [items.claim_key(*other) for other in self.watch.others] if self.watch else []
        keys = [items.claim_key(self.sku, self.claim_id), before, items.sku_key(self.sku), *others]
        found: Found = self.table.items(keys)
        known = live(found, self.sku, self.claim_id)
        if known is None or known.shipped_at or (before["pk"], before["sk"]) in found:
            if self.beside:
                self.table.beside([], self.beside)
            return
        if not 0 < self.units < known.units:
            message = f"{self.units} units of {known.units} cannot be given back while others stay"
            raise ValueError(message)
        parts, found = live_parts(self.table, [known], found)
        after = self._after(known, known)
        piece = replace(known, claim_id=self.piece, units=self.units, given=known.given - after.given)
        _, kept = ended(piece, "returned", now=self.now)
        writes = [write for claim in (known, *parts) for write in self._moved(claim, known, found)]
        self.table.beside([*writes, kept, *(watching(self.watch, found) if self.watch else ())], self.beside)

    def _after(self, claim: Claim, whole: Claim) -> Claim:
        units = claim.units - self.units * claim.units // whole.units
        return replace(claim, units=units, given=min(claim.given, units))

    def _moved(self, claim: Claim, whole: Claim, found: Found) -> tuple[Write, ...]:
        after = self._after(claim, whole)
        change = claim.freed() + after.taken()
        seen = watched_from(self.watch.since, after) if self.watch else {}
        return (
            Update(
                items.claim_key(claim.sku, claim.claim_id),
                assign={"units": after.units, "given": after.given or None, **seen},
                **as_read(claim),
            ),
            numbers_moved(claim.sku, change, found, now=self.now),
            explained(claim, "claim.reduced", REDUCED_RULE, change, now=self.now, about=f":{after.units}"),
        )
