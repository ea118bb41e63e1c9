"""Claims of which some units are given back, or leave the house, while the others stay with whoever has them.

What is given back is a claim of its own that has ended: a repeat finds it and does nothing, and by its id it is known
what left all the same (`leaving`). What leaves is one, too, that lives on for nobody as long as a level may count it.
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
from standby.ledger.leaving import begun_for_nobody, staying
from standby.ledger.numbers import Change
from standby.ledger.table import LedgerTable
from standby.platform.frozen import frozen
from standby.platform.identifier import joined
from standby.platform.table import ConditionCheck, Update, Write

REDUCED_RULE = "units that are given back count as free again; those that were not set aside go first"
LEFT_RULE = "units that were shipped are their order's no more; those that were set aside go first"


@frozen(kw_only=True)
class Reducing:
    """Units of a claim that are given back, or left, but not all of them."""

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
    shipped_at: str | None = None
    """When they left the house (RFC 3339); ``None``: they are given back."""

    def attempt(self) -> list[Claim]:
        """Take the units off the claim; return what levels may count still of what left.

        A claim that has ended, or lost them before, is left alone, and what the caller writes is still done. Raises
        `BesideError`, `TooManyError`, `BusyError`, ``ValueError`` where none would be left; and
        `ConditionFailedError` where something changed meanwhile.
        """
        before = [key(self.sku, self.piece) for key in (items.claim_key, items.ended_claim_key)]
        others = [items.claim_key(*other) for other in self.watch.others] if self.watch else []
        keys = [items.claim_key(self.sku, self.claim_id), *before, items.sku_key(self.sku), *others]
        found: Found = self.table.items(keys)
        known = live(found, self.sku, self.claim_id)
        if known is None or known.shipped_at or any((key["pk"], key["sk"]) in found for key in before):
            if self.beside:
                self.table.beside([], self.beside)
            return []
        if not 0 < self.units < known.units:
            message = f"{self.units} units of {known.units} cannot go while others stay"
            raise ValueError(message)
        parts, found = live_parts(self.table, [known], found)
        pieces = {claim.key: self._piece(claim, known) for claim in (known, *parts)}
        stays = staying(self.table, [*pieces.values()], found, shipped_at=self.shipped_at, now=self.now)
        piece = pieces[known.key]
        writes = [
            write
            for claim in (known, *parts)
            for write in self._moved(claim, pieces[claim.key], stays.get(pieces[claim.key].key), found)
        ]
        if piece.key not in stays:
            writes.append(ended(piece, "dropped" if self.shipped_at else "returned", now=self.now)[1])
        self.table.beside([*writes, *(watching(self.watch, found) if self.watch else ())], self.beside)
        return [*stays.values()]

    def _piece(self, claim: Claim, whole: Claim) -> Claim:
        units = self.units * claim.units // whole.units
        given = min(claim.given, units) if self.shipped_at else max(0, claim.given + units - claim.units)
        name = joined(self.piece, whole.sku) if claim.kit else self.piece
        return replace(claim, claim_id=name, units=units, given=given)

    def _moved(self, claim: Claim, piece: Claim, stays: Claim | None, found: Found) -> tuple[Write, ...]:
        after = replace(claim, units=claim.units - piece.units, given=claim.given - piece.given)
        change = claim.freed() + after.taken() + (stays.taken() if stays else Change())
        if self.shipped_at:
            change = replace(change, netted_units=change.free)
        rule = LEFT_RULE if self.shipped_at else REDUCED_RULE
        seen = watched_from(self.watch.since, after) if self.watch else {}
        return (
            Update(
                items.claim_key(claim.sku, claim.claim_id),
                assign={"units": after.units, "given": after.given or None, **seen},
                **as_read(claim),
            ),
            numbers_moved(claim.sku, change, found, now=self.now),
            explained(claim, "claim.reduced", rule, change, now=self.now, about=f":{after.units}"),
            *((begun_for_nobody(stays, now=self.now),) if stays else ()),
        )
