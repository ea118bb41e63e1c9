"""Kits, short: a camp of a tent and two poles, what the ERP and the catalogue say of it, and who claims it."""

from collections.abc import Mapping
from typing import Any

from standby.ledger import items
from standby.ledger.claims import Claim
from standby.ledger.kits import KitBook
from standby.ledger.levels import LevelBook
from standby.ledger.model import SkuStock
from standby.ledger.purchase_orders import Ordered, PurchaseOrderBook
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.table import Update

from tests.fakes import EPOCH
from tests.standby.ledger.words import reading

TENT, POLE, PEG = "TENT", "POLE", "PEG"
CAMP = "CAMP-KIT"
ORDERED_AT = to_text(EPOCH)


def level(table: LedgerTable, sku: str, units: int, *, second: int = 0, place: str = "berlin", **more: Any) -> None:
    LevelBook(table).record(sku, [reading(sku, place, units, second=second, **more)], now=EPOCH)


def incoming(
    table: LedgerTable, sku: str, units: int, eta: str | None, order: str = "po-1", *, moment: int = 1
) -> None:
    word = Ordered(quantity=units, eta=eta, supplier_id=None, as_of=ORDERED_AT, version=(moment, 0, 0), cause="m")
    PurchaseOrderBook(table).record(sku, order, ordered=word, now=EPOCH)


def define(table: LedgerTable, components: Mapping[str, int], *, edition: int = 1, kit: str = CAMP) -> SkuStock | None:
    """Say what a kit is made of, as the catalogue does, and return its numbers."""
    key = items.membership_key(kit)
    known = table.item(key)
    if known is None or known["edition"] < edition:
        table.write(Update(key, assign={"edition": edition}))
    KitBook(table).define(kit, components.items(), edition=edition, now=EPOCH)
    return LedgerReader(table).stock(kit)


def look(table: LedgerTable, kit: str = CAMP) -> SkuStock:
    found = KitBook(table).look(kit, now=EPOCH)
    assert found is not None
    return found


def camp(table: LedgerTable, *, tents: int = 3, poles: int = 7) -> SkuStock:
    """Return a kit of a tent and two poles."""
    level(table, TENT, tents)
    level(table, POLE, poles)
    made = define(table, {TENT: 1, POLE: 2})
    assert made is not None
    return made


def claim(name: str = "c1", units: int = 1, sku: str = CAMP, **more: Any) -> Claim:
    return Claim(claim_id=name, sku=sku, kind="offer", units=units, **more)
