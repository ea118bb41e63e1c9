"""What the ledger answers: which SKUs it ever heard of."""

from standby.ledger.levels import LevelBook
from standby.ledger.purchase_orders import Ordered, PurchaseOrderBook
from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable

from tests.fakes import FakeClock
from tests.standby.ledger.words import reading


def test_a_sku_is_known_by_its_first_level_or_order_however_little_is_there(
    table: LedgerTable, clock: FakeClock
) -> None:
    LevelBook(table).record("SOLD-OUT", [reading("SOLD-OUT", "warehouse-1", 0)], now=clock.now())
    ordered = Ordered(
        quantity=3, eta="2026-06-01", supplier_id=None, as_of="2026-05-03T10:00:00.000Z", version=(1, 0, 0)
    )
    PurchaseOrderBook(table).record("ON-ITS-WAY", "P-1", ordered=ordered, now=clock.now())
    SettingsBook(table).change("ONLY-SET", {"safety_stock": 1})

    asked = ("SOLD-OUT", "ON-ITS-WAY", "ONLY-SET", "You-have-won-1000-EUR")
    assert LedgerReader(table).known(asked) == {"SOLD-OUT", "ON-ITS-WAY"}
