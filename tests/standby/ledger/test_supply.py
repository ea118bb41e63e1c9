"""A SKU's numbers, levels and purchase orders come in one request, and nothing else of it does."""

import pytest
from standby.ledger.levels import LevelBook
from standby.ledger.purchase_orders import Ordered, PurchaseOrderBook
from standby.ledger.supply import SkuSupply, SupplyReader
from standby.ledger.table import LedgerTable

from tests.fakes import FakeClock
from tests.standby.ledger.words import reading

SHIRT = "SHIRT-RED-M"


def ordered(quantity: int) -> Ordered:
    return Ordered(quantity=quantity, eta="2026-06-01", supplier_id=None, as_of="t", version=(1, 0, 0), cause="m")


def test_numbers_and_lines_are_one_request(
    table: LedgerTable, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    LevelBook(table).record(SHIRT, [reading(SHIRT, f"shop-{number}", 2) for number in range(3)], now=clock.now())
    for line in ("P-1", "P-2"):
        PurchaseOrderBook(table).record(SHIRT, line, ordered=ordered(4), now=clock.now())
    PurchaseOrderBook(table).record(f"{SHIRT}-L", "P-1", ordered=ordered(9), now=clock.now())
    monkeypatch.setattr(table.dynamodb, "get_item", None)

    found = SupplyReader(table).supply(SHIRT)

    stock = found.stock
    assert stock is not None
    assert (stock.free, stock.incoming, stock.revision) == (6, 8, 3)
    assert [(line.purchase_order_id, line.open) for line in found.lines] == [("P-1", 4), ("P-2", 4)]
    assert [(level.location_id, level.on_hand) for level in found.levels] == [(f"shop-{each}", 2) for each in range(3)]


def test_of_a_sku_that_nobody_named_there_is_nothing(table: LedgerTable) -> None:
    assert SupplyReader(table).supply(SHIRT) == SkuSupply(lines=[], levels=[])
