"""A SKU's numbers, levels and purchase orders come in one request, and nothing else of it does."""

import pytest
from standby.ledger.levels import LevelBook
from standby.ledger.model import PurchaseOrder, SkuStock
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


@pytest.mark.parametrize(
    ("landed", "coming", "received"),
    [
        (0, [("2026-05-01", 2), ("2026-06-01", 4), (None, 3)], 0),
        (3, [("2026-06-01", 3), (None, 3)], 0),
        (8, [(None, 1)], 0),
        (20, [], 0),
        (-2, [("2026-05-01", 2), ("2026-06-01", 4), (None, 3)], 2),
    ],
)
def test_what_a_level_counts_before_its_receipt_comes_no_more(
    landed: int, coming: list[tuple[str | None, int]], received: int
) -> None:
    lines = [
        PurchaseOrder(purchase_order_id="P-3", quantity=3),
        PurchaseOrder(purchase_order_id="P-2", quantity=5, received=1, eta="2026-06-01"),
        PurchaseOrder(purchase_order_id="P-1", quantity=2, eta="2026-05-01"),
        PurchaseOrder(purchase_order_id="P-0", quantity=2, received=2, eta="2026-05-01"),
    ]
    stock = SkuStock(sku=SHIRT, incoming=9, landed=landed, landed_until="2026-05-04T10:00:00.000Z")
    found = SkuSupply(stock=stock, lines=lines)

    at = "2026-05-03T10:00:00.000Z"
    assert [(line.eta, line.open) for line in found.coming(at)] == coming
    assert found.received(at) == received
    assert len(found.coming("2026-05-05T10:00:00.000Z")) == 3, "a day later nothing is known of it"


def test_of_a_sku_that_nobody_named_there_is_nothing(table: LedgerTable) -> None:
    assert SupplyReader(table).supply(SHIRT) == SkuSupply(lines=[], levels=[])
