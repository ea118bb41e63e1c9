"""What is told about a change of the ledger. The same change makes the same ids, however often it is told."""

from collections.abc import Iterator
from typing import Any

from standby.events.stock import EtaMoved, IncomingChanged, LowStock, SoldOut, StockChanged, StoreChanged
from standby.ledger.model import Location, PurchaseOrder, SkuStock
from standby.platform.bus import Event
from standby.platform.identifier import joined


def about_sku(before: SkuStock | None, after: SkuStock) -> Iterator[Event]:
    """Yield the events of a SKU's new revision."""
    sku, revision, at = after.sku, after.revision, after.changed_at
    yield StockChanged(
        id=_id(after, "StockChanged"),
        at=at,
        sku=sku,
        revision=revision,
        on_hand=after.on_hand,
        committed=after.committed,
        safety=after.safety,
        owed=after.owed,
        held=after.held,
        free=after.free,
        sellable=after.sellable,
        incoming=after.incoming,
        in_store=after.in_store,
        givable=after.givable,
        lacking=after.lacking,
        misplaced=after.misplaced,
    )
    sellable_before = before.sellable if before else 0
    if sellable_before > 0 and after.sellable == 0:
        yield SoldOut(id=_id(after, "SoldOut"), at=at, sku=sku, revision=revision)
    if sellable_before > after.low_stock >= after.sellable > 0:
        yield LowStock(id=_id(after, "LowStock"), at=at, sku=sku, revision=revision, sellable=after.sellable)
    came = ((before.incoming, before.landed) if before else (0, 0)) != (after.incoming, after.landed)
    if came or (before is not None and after.moves_lacking(before)):
        yield IncomingChanged(
            id=_id(after, "IncomingChanged"), at=at, sku=sku, revision=revision, incoming=after.incoming
        )


def settle_content(free_before: int | None, after: SkuStock) -> dict[str, Any]:
    """Return the settle message of a SKU's revision. Without the units free before, it tells of no goods that came."""
    goods = 0 if free_before is None else after.free - free_before - after.netted_units
    return {
        "sku": after.sku,
        "revision": after.revision,
        "free": after.free,
        "at": after.changed_at,
        "netted": after.netted,
        "goods": goods,
    }


def about_purchase_order(sku: str, before: PurchaseOrder | None, after: PurchaseOrder) -> Iterator[Event]:
    """Yield `EtaMoved` where a purchase order's line is expected on another day."""
    previous = before.eta if before else None
    if after.eta != previous:
        yield EtaMoved(
            id=f"{joined(sku, after.purchase_order_id)}@{after.edition}:EtaMoved",
            at=after.changed_at,
            sku=sku,
            purchase_order_id=after.purchase_order_id,
            eta=after.eta,
            previous_eta=previous,
            quantity=after.open,
            supplier_id=after.supplier_id,
        )


def about_location(before: Location | None, after: Location) -> Iterator[Event]:
    """Yield `StoreChanged` where a location was described anew."""
    if before is None or before.edition != after.edition:
        yield StoreChanged(
            id=f"{after.location_id}@{after.edition}:StoreChanged", at=after.as_of, location_id=after.location_id
        )


def _id(after: SkuStock, name: str) -> str:
    return f"{after.sku}@{after.revision}:{name}"
