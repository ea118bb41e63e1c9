"""Incoming goods: what is ordered, what came so far, and therefore what is still to come (design §4).

``stock.incoming`` and ``stock.received`` are two words about one line, each with an order of its own; either may come
first. Receiving lowers what is incoming and never raises what is on hand: the ERP's level does, before or after it
(`standby.ledger.landing`).
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from standby.ledger import items
from standby.ledger.landing import Landing
from standby.ledger.model import PurchaseOrder, SkuStock, Version
from standby.ledger.netting import levels_of
from standby.ledger.numbers import Change, kept_of_kit, numbers, step
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.table import Update

RULE = "the newest word about the order and the newest about the receipt count; to come: max(0, ordered - received)"


@frozen(kw_only=True)
class Ordered:
    """What ``stock.incoming`` says about a line: ``quantity`` 0 cancels it; ``eta`` is a calendar date."""

    quantity: int
    eta: str | None
    supplier_id: str | None
    as_of: str
    version: Version
    cause: str = ""


@frozen(kw_only=True)
class Received:
    """What ``stock.received`` says: how many units of the line came so far."""

    quantity: int
    version: Version
    cause: str = ""


@frozen()
class PurchaseOrderBook:
    """Keeps what is on its way."""

    table: LedgerTable

    def record(
        self,
        sku: str,
        purchase_order_id: str,
        *,
        ordered: Ordered | None = None,
        received: Received | None = None,
        now: datetime,
    ) -> None:
        """Take in what was said about one line. Idempotent; older words change nothing. Raises `BusyError`."""
        self.table.retried(partial(self._attempt, sku, purchase_order_id, ordered, received, now))

    def _attempt(
        self, sku: str, purchase_order_id: str, ordered: Ordered | None, received: Received | None, now: datetime
    ) -> None:
        sku_key, line_key = items.sku_key(sku), items.purchase_order_key(sku, purchase_order_id)
        found = self.table.items([sku_key, line_key])
        item = found.get((line_key["pk"], line_key["sk"]))
        before = items.purchase_order(item) if item else PurchaseOrder(purchase_order_id=purchase_order_id)
        after = _moved(before, ordered, received)
        if after == before:
            return
        known_item = found.get((sku_key["pk"], sku_key["sk"]))
        write = _line_update(sku, before, replace(after, changed_at=to_text(now)))
        if not _matters(before, after):
            self.table.apply([write])
            return
        known = items.stock(known_item) if known_item else None
        change = Change(incoming=after.open - before.open)
        cause = "+".join(word.cause for word in (ordered, received) if word)
        event = "stock.incoming" if ordered and after.ordered_version != before.ordered_version else "stock.received"
        landing = self._landing(known, -change.incoming, received, now) if event == "stock.received" else None
        explained = {
            "change": change.numbers(),
            "purchase_order_id": purchase_order_id,
            "quantity": after.quantity,
            "received": after.received,
            "eta": after.eta,
            "was_eta": before.eta,
            **({"landed": landing.landed} if landing else {}),
        } | kept_of_kit(known)
        self.table.apply(
            [
                write,
                numbers(
                    sku,
                    known,
                    change,
                    landing=landing,
                    settings=lambda: SettingsBook(self.table).resolve(sku)[0],
                    now=now,
                ),
                step(sku, cause, event, RULE, explained, now=now),
            ]
        )

    def _landing(self, known: SkuStock | None, units: int, received: Received | None, now: datetime) -> Landing | None:
        """Return what a receipt leaves to remember of goods that came; levels are read only where none rose before."""
        landing = Landing.received(known, units, now, at=received.version[0] if received else 0)
        if landing is None or landing.landed >= 0:
            return landing
        return landing.contained(levels_of(self.table, landing.known.sku))


def _moved(before: PurchaseOrder, ordered: Ordered | None, received: Received | None) -> PurchaseOrder:
    after = before
    if ordered and ordered.version > before.ordered_version:
        after = replace(
            after,
            quantity=ordered.quantity,
            eta=ordered.eta,
            supplier_id=ordered.supplier_id,
            as_of=ordered.as_of,
            ordered_version=ordered.version,
        )
    if received and received.version > before.received_version:
        after = replace(after, received=received.quantity, received_version=received.version)
    return after


def _matters(before: PurchaseOrder, after: PurchaseOrder) -> bool:
    """Tell whether a line's open units, date or supplier changed, so that the SKU's revision must rise."""
    return (before.open, before.eta, before.supplier_id) != (after.open, after.eta, after.supplier_id)


def _line_update(sku: str, before: PurchaseOrder, after: PurchaseOrder) -> Update:
    key = items.purchase_order_key(sku, after.purchase_order_id)
    values = items.purchase_order_values(after) | {"edition": before.edition + 1}
    if before.edition == 0:
        return Update(key, assign=values, absent=("pk",))
    return Update(key, assign=values, equal={"edition": before.edition})
