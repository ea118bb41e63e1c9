"""Goods that left the house, while the level that is stored may count them still.

A level was observed before they left, or behind that, and the queues deliver either word first. Until a level comes
that was observed since, units that were shipped would be free for somebody else, also those that no level counted when
they left. So their claim lives on, as nobody's, for at most `SHIPPED_KEPT`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from standby.ledger import items
from standby.ledger.claim_items import (
    Claim,
    Found,
    as_read,
    claim_of,
    explained,
    kept_until,
    numbers_moved,
    values,
    watched,
)
from standby.ledger.model import Level, SkuStock
from standby.ledger.netting import counted_still, levels_of
from standby.ledger.table import LedgerTable
from standby.platform.identifier import joined
from standby.platform.table import Put, Update, Write

SHIPPED_RULE = "units that were shipped are nobody's until a level that was observed since counts them no more"


def staying(
    table: LedgerTable, over: Sequence[Claim], found: Found, *, shipped_at: str | None, now: datetime
) -> dict[tuple[str, str], Claim]:
    """Return those claims that levels may count still of some whose goods left, by SKU and id, as they are then.

    All units of a claim stay: what it lacked lay there before it left, and a level that was observed then may come yet.
    """
    stays: dict[tuple[str, str], Claim] = {}
    if shipped_at is None or kept_until(shipped_at) <= now:
        return stays
    levels: dict[str, list[Level]] = {}
    for claim in over:
        if claim.components or _stock(claim.sku, found).kit:  # they lie nowhere
            continue
        if claim.sku not in levels:
            levels[claim.sku] = levels_of(table, claim.sku)
        left = replace(claim, shipped_at=shipped_at)
        if counted_still(left, levels[claim.sku]):
            stays[claim.key] = left
    return stays


def moved(claim: Claim, left: Claim, *, now: datetime) -> tuple[Write, Write]:
    """Return the writes by which a claim's goods left, on the condition that it is as it was read."""
    key = items.claim_key(claim.sku, claim.claim_id)
    change = claim.freed() + left.taken()
    return (
        Update(key, assign={"shipped_at": left.shipped_at, **watched(left, now=now)}, **as_read(claim)),
        explained(claim, "claim.shipped", SHIPPED_RULE, change, now=now),
    )


def begun_for_nobody(left: Claim, *, now: datetime) -> Put:
    """Return the write by which units that left are a claim of their own, on the condition that they were none."""
    return Put({**items.claim_key(*left.key), **values(left), **watched(left, now=now)}, absent=("pk",))


def left_all_the_same(
    table: LedgerTable, sku: str, claim_id: str, units: int, *, shipped_at: str, now: datetime
) -> None:
    """Hold for nobody what left of a claim that was given back; of a kit, of each component.

    ``units`` are all that left so far; of those that are held already, or were, nothing more is. Raises `BusyError`.
    """
    known = claim_of(table, sku, claim_id)
    if known is None or known.status != "returned" or kept_until(shipped_at) <= now:
        return
    for part in known.parts() if known.components else [known]:
        gone = replace(part, status="taken", settled_at=None, shipped_at=shipped_at)
        table.retried(partial(_held_for_nobody, table, gone, units * part.units // known.units, now))


def _held_for_nobody(table: LedgerTable, gone: Claim, units: int, now: datetime) -> None:
    key = items.sku_key(gone.sku)
    found = table.items([key])
    stock = _stock(gone.sku, found)
    held, name = 0, joined(gone.claim_id, "left")
    while held < units and (known := claim_of(table, gone.sku, name)):
        held += known.units
        name = joined(gone.claim_id, "left", str(held))
    given = max(0, min(gone.given, units) - held)
    left = replace(gone, claim_id=name, units=units - held, given=given)
    if stock.kit or left.units <= 0 or not counted_still(left, levels_of(table, left.sku)):
        return
    numbers = numbers_moved(left.sku, left.taken(), found, now=now)
    table.apply(
        [
            begun_for_nobody(left, now=now),
            replace(numbers, equal={"revision": stock.revision}),  # nor did a level come meanwhile
            explained(left, "claim.shipped", SHIPPED_RULE, left.taken(), now=now),
        ]
    )


def _stock(sku: str, found: Found) -> SkuStock:
    key = items.sku_key(sku)
    return items.stock(found[key["pk"], key["sk"]])
