"""Goods that left the house, while the level that is stored may count them still.

A level was observed before they left, or behind that. Until one comes that was observed since, units that were shipped
would be free for somebody else. So their claim lives on, as nobody's, for at most `SHIPPED_KEPT`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from standby.ledger import items
from standby.ledger.claim_items import Claim, Found, as_read, explained, kept_until, watched
from standby.ledger.model import Level, SkuStock
from standby.ledger.netting import counted_still, levels_of
from standby.ledger.table import LedgerTable
from standby.platform.table import Update, Write

SHIPPED_RULE = "units that were shipped are nobody's until a level that was observed since counts them no more"


def staying(
    table: LedgerTable, over: Sequence[Claim], found: Found, *, shipped_at: str | None, now: datetime
) -> dict[tuple[str, str], Claim]:
    """Return those claims that levels may count still of some whose goods left, by SKU and id, as they are then.

    Of what a claim lacks, units that are there to be given are taken for its own, so that nobody else is given them.
    The rest was not counted, and is nobody's.
    """
    stays: dict[tuple[str, str], Claim] = {}
    if shipped_at is None or kept_until(shipped_at) <= now:
        return stays
    there: dict[str, int] = {}
    levels: dict[str, list[Level]] = {}
    for claim in over:
        stock = _stock(claim.sku, found)
        if claim.components or stock.kit:  # they lie nowhere
            continue
        if claim.sku not in levels:
            levels[claim.sku], there[claim.sku] = levels_of(table, claim.sku), stock.givable
        units = min(claim.lacks, there[claim.sku])
        has = claim.units - claim.lacks + units
        left = replace(claim, units=has, given=has if claim.counted_as == "owed" else 0, shipped_at=shipped_at)
        if has and counted_still(left, levels[claim.sku]):
            stays[claim.sku, claim.claim_id] = left
            there[claim.sku] -= units
    return stays


def as_looked(update: Update, claims: Iterable[Claim], found: Found) -> Update:
    """Return the update of a SKU's numbers on the condition of what was looked at, where claims lack units."""
    if not any(claim.lacks for claim in claims):
        return update
    return replace(update, equal={**(update.equal or {}), "revision": _stock(items.sku_of(update.key), found).revision})


def moved(claim: Claim, left: Claim, *, now: datetime) -> tuple[Write, Write]:
    """Return the writes by which a claim's goods left, on the condition that it is as it was read."""
    assign = {"units": left.units, "given": left.given or None, "shipped_at": left.shipped_at}
    key = items.claim_key(claim.sku, claim.claim_id)
    change = claim.freed() + left.taken()
    return (
        Update(key, assign={**assign, **watched(left, now=now)}, **as_read(claim)),
        explained(claim, "claim.shipped", SHIPPED_RULE, change, now=now),
    )


def _stock(sku: str, found: Found) -> SkuStock:
    key = items.sku_key(sku)
    return items.stock(found[key["pk"], key["sk"]])
