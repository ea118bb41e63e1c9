"""Units that are set aside for a claim that is owed them, and taken back where they turn out not to be there.

Given units count as held: they move from owed to held, and what is free stays as it is. So nobody is told of goods that
came for those who were promised them (design §2, promise 5).
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
    claim_of,
    explained,
    live,
    live_parts,
    numbers_moved,
    watched_from,
    watching,
)
from standby.ledger.numbers import Change
from standby.ledger.table import LedgerTable
from standby.platform.dynamodb import Item
from standby.platform.frozen import frozen
from standby.platform.table import ConditionCheck, Update, Write

GIVEN_RULE = "units that are on hand, and neither committed to others nor held, are set aside for who lacks them"
TAKEN_BACK_RULE = "units that were set aside and are not there are owed again"


class NothingToGiveError(Exception):
    """Fewer units can be moved than were asked for: ``givable`` many.

    Either the claim lacks (or, taken back, was given) no more, or no more are there.
    """

    def __init__(self, sku: str, units: int, givable: int) -> None:
        super().__init__(f"{sku}: {units} to be moved, {givable} can be")
        self.givable = givable


class EndedError(Exception):
    """The claim does not live any more. ``claim`` is as it ended, ``None`` where it never was."""

    def __init__(self, sku: str, claim_id: str, claim: Claim | None) -> None:
        super().__init__(f"{sku}: the claim {claim_id} {f'was {claim.status}' if claim else 'is unknown'}")
        self.claim = claim


@frozen(kw_only=True)
class Giving:
    """Units of a claim that move between owed and held; ``units`` is negative where they are taken back."""

    table: LedgerTable
    sku: str
    claim_id: str
    units: int
    beside: Sequence[Write | ConditionCheck]
    now: datetime
    watch: Watch | None = None
    """``None``: from now on, and the claim alone."""

    def attempt(self) -> Claim:
        """Move the units and return the claim after it.

        Raises `BesideError` before all others, `NothingToGiveError`, `EndedError`, `TooManyError`, `BusyError`; and
        `ConditionFailedError` where something changed meanwhile.
        """
        watch = self.watch or Watch(self.now)
        others = [items.claim_key(*other) for other in watch.others]
        found: Found = self.table.items([items.claim_key(self.sku, self.claim_id), items.sku_key(self.sku), *others])
        known = live(found, self.sku, self.claim_id)
        if known is None or known.shipped_at:
            self.table.nothing_beside(self.beside)
            raise EndedError(self.sku, self.claim_id, claim_of(self.table, self.sku, self.claim_id))
        parts, found = live_parts(self.table, [known], found)
        most = min(known.lacks, _givable(known, parts, found)) if self.units > 0 else known.given
        if abs(self.units) > most:
            self.table.nothing_beside(self.beside)
            raise NothingToGiveError(self.sku, abs(self.units), most)
        after = replace(known, given=known.given + self.units)
        writes = [write for claim in (known, *parts) for write in self._moved(claim, known, found)]
        self.table.beside([*writes, *watching(watch, found)], self.beside)
        return after

    def _moved(self, claim: Claim, whole: Claim, found: Found) -> tuple[Write, ...]:
        units = self.units * claim.units // whole.units
        change = Change(awaited=-units, allotted=units) if claim.status == "netted" else Change(owed=-units, held=units)
        given, since = claim.given + units, (self.watch or Watch(self.now)).since
        event, rule = ("claim.given", GIVEN_RULE) if units > 0 else ("claim.taken_back", TAKEN_BACK_RULE)
        return (
            Update(
                items.claim_key(claim.sku, claim.claim_id),
                assign={"given": given or None, **watched_from(since, replace(claim, given=given))},
                **as_read(claim),
            ),
            numbers_moved(claim.sku, change, found, now=self.now, at_least=_there(claim.sku, units, found)),
            explained(claim, event, rule, change, now=self.now, about=f":{given}"),
        )


def _givable(known: Claim, parts: Sequence[Claim], found: Found) -> int:
    """Return how many units there are to be given; of a kit, by its scarcest component."""
    if not known.components:
        return _of(known.sku, found)
    return min((_of(part.sku, found) * known.units // part.units for part in parts), default=known.units)


def _of(sku: str, found: Found) -> int:
    """Return how many units of a SKU there are to be given; none of what has become a kit, as they lie nowhere."""
    item = _item(sku, found)
    return 0 if items.KIT_PARTS in item else items.stock(item).givable


def _there(sku: str, units: int, found: Found) -> dict[str, int]:
    """Return the condition that units are there to be given still: free and lacking are no less than they, together.

    Conditions have no arithmetic, so each is compared with a number of its own. What was seen beyond the units is split
    among them: that much may be owed to others, or not any more, before the condition fails without need.
    """
    stock = items.stock(_item(sku, found)) if units > 0 else None
    if stock is None or stock.kit is not None:
        return {}
    beyond = stock.givable - units
    if not stock.awaited:
        owed = stock.owed - beyond // 2
        return {"owed": owed, "free_units": units - owed}
    owed, awaited = stock.owed - beyond // 3, stock.awaited - beyond // 3
    return {"owed": owed, "awaited": awaited, "free_units": units - owed - awaited}


def _item(sku: str, found: Found) -> Item:
    key = items.sku_key(sku)
    return found[key["pk"], key["sk"]]
