"""What the operator asks over HTTP: a SKU's numbers and why, the shop's settings."""

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from standby.ledger.model import Kit, Level, PurchaseOrder, SettleState, SkuSettings, SkuView, Step
from standby.platform.frozen import frozen
from standby.platform.queue import Queue
from standby.stock.recounts import RECOUNTED, follows_settings, recounts

if TYPE_CHECKING:
    from standby.stock.answers import (
        KitShown,
        LevelShown,
        PurchaseOrderShown,
        SettingsShown,
        Settling,
        StockExplained,
        StockShown,
    )

STEPS_PAGE = 100
CURSOR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z#\S.*")
LONGEST_CURSOR = 1_000
"""Bytes that a sort key of DynamoDB has room for, beside the word in front of a step's."""


class Stock(Protocol):
    """Where the numbers and their explanations are read."""

    def view(self, sku: str) -> SkuView | None:
        """Return everything that is known about a SKU, ``None`` for an unknown one."""
        ...

    def steps(self, sku: str, *, before: str | None, limit: int) -> tuple[list[Step], str | None]:
        """Return the latest steps before a cursor (``None``: of all), oldest first, and the cursor of older ones."""
        ...


class StoredSettings(Protocol):
    """Where the settings of SKUs, of products and, without both, of the shop are kept."""

    def resolve(self, sku: str | None, *, product_id: str | None = None) -> tuple[SkuSettings, int]:
        """Return the merged settings, and how often the scope was changed."""
        ...

    def change(self, sku: str | None, changes: Mapping[str, Any], *, product_id: str | None = None) -> None:
        """Set fields of a scope; ``None`` unsets one."""
        ...


@frozen(kw_only=True)
class Explainer:
    """Tells an operator what there is of a SKU, and why."""

    stock: Stock

    def view(self, sku: str) -> "StockShown | None":
        """Return a SKU's numbers, levels, purchase orders and settle state, ``None`` for an unknown SKU."""
        view = self.stock.view(sku)
        if view is None:
            return None
        stock = view.stock
        return {
            "sku": sku,
            "product_id": view.product_id,
            "on_hand": stock.on_hand,
            "committed": stock.committed,
            "safety": stock.safety,
            "owed": stock.owed,
            "held": stock.held,
            "awaited": stock.awaited,
            "allotted": stock.allotted,
            "shipped": stock.shipped,
            "free": stock.free,
            "sellable": stock.sellable,
            "incoming": stock.incoming,
            "in_store": stock.in_store,
            "low_stock": stock.low_stock,
            "revision": stock.revision,
            "changed_at": stock.changed_at,
            "state": view.state.state,
            "kit": _kit(stock.kit) if stock.kit else None,
            "settling": _settling(view.state),
            "levels": [_level(level) for level in view.levels],
            "purchase_orders": [_purchase_order(line) for line in view.purchase_orders],
        }

    def why(self, sku: str, *, before: str | None) -> "StockExplained | None":
        """Return the latest steps of a SKU's explanation, newest last, ``None`` for an unknown SKU.

        ``next`` is the value of ``before`` that leads to older steps, ``None`` at the end. Raises ``ValueError`` for a
        cursor that is not one of ours.
        """
        steps, older = self.stock.steps(sku, before=None if before is None else _opened(before), limit=STEPS_PAGE)
        if not steps and before is None and self.stock.view(sku) is None:
            return None
        return {
            "subject": sku,
            "steps": [
                {"at": step.at, "event": step.event, "rule": step.rule, "numbers": dict(step.numbers)} for step in steps
            ],
            "next": older and _closed(older),
        }


@frozen(kw_only=True)
class ShopSettings:
    """Shows and changes the shop's settings."""

    stored: StoredSettings
    sweeps: Queue

    def show(self, sku: str | None, *, product_id: str | None = None) -> "SettingsShown":
        """Return the settings of a SKU, a product or the shop, merged, with the version of that scope."""
        merged, version = self.stored.resolve(sku, product_id=product_id)
        return {
            "safety_stock": merged.safety_stock,
            "low_stock": merged.low_stock,
            "minimum_restock": merged.minimum_restock,
            "settle_seconds": merged.settle_seconds,
            "wave_ratio": merged.wave_ratio,
            "wave_interval_seconds": merged.wave_interval_seconds,
            "notify_everyone": merged.notify_everyone,
            "offer_hours": merged.offer_hours,
            "date_slip_days": merged.date_slip_days,
            "checkout_minutes": merged.checkout_minutes,
            "checkout_limit": merged.checkout_limit,
            "net_by_as_of": merged.net_by_as_of,
            "version": version,
        }

    def change(self, sku: str | None, changes: Mapping[str, Any], *, product_id: str | None = None) -> "SettingsShown":
        """Change a scope and return what holds then; stored numbers follow in the background, page by page."""
        if changes:
            self.stored.change(sku, changes, product_id=product_id)
        if RECOUNTED & changes.keys():
            of = {"sku": sku, "product_id": product_id}
            job = follows_settings(changes, **{name: value for name, value in of.items() if value is not None})
            self.sweeps.send(recounts(job))
        return self.show(sku, product_id=product_id)


def _closed(cursor: str) -> str:
    return urlsafe_b64encode(cursor.encode()).decode()


def _opened(cursor: str) -> str:
    """Return what a cursor stands for. Raises ``ValueError`` for one that is none of ours."""
    opened = b64decode(cursor, altchars=b"-_", validate=True)
    place = opened.decode()
    if len(opened) > LONGEST_CURSOR or not CURSOR.fullmatch(place):
        raise ValueError(cursor)
    return place


def _kit(kit: Kit) -> "KitShown":
    return {
        "components": [{"sku": sku, "quantity": quantity} for sku, quantity in kit.components],
        "edition": kit.edition,
    }


def _settling(state: SettleState) -> "Settling":
    return {
        "crossing_revision": state.crossing_revision,
        "due_at": state.due_at,
        "restock_revision": state.restock_revision,
        "restocked_at": state.restocked_at,
        "announced": state.announced,
    }


def _level(level: Level) -> "LevelShown":
    return {
        "location_id": level.location_id,
        "on_hand": level.on_hand,
        "committed": level.committed,
        "counts": level.counting.counts,
        "buffer": level.counting.buffer,
        "store": level.counting.store,
        "as_of": level.as_of,
        "as_of_assumed": level.as_of_assumed,
        "netted_until": level.netted_until,
        "told": dict(level.said),
    }


def _purchase_order(line: PurchaseOrder) -> "PurchaseOrderShown":
    return {
        "purchase_order_id": line.purchase_order_id,
        "quantity": line.quantity,
        "received": line.received,
        "open": line.open,
        "eta": line.eta,
        "supplier_id": line.supplier_id,
        "as_of": line.as_of,
    }
