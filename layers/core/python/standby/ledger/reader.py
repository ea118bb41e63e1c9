"""Reading the ledger: consistent, so that a decision is never made on numbers of a moment ago."""

from collections.abc import Iterable

from standby.ledger import items
from standby.ledger.model import SettleState, SkuSettings, SkuStock
from standby.ledger.settings_book import SettingsBook
from standby.platform.frozen import frozen
from standby.platform.table import Table


@frozen()
class LedgerReader:
    """Answers what a feature must know about a SKU."""

    table: Table

    def stock(self, sku: str) -> SkuStock | None:
        """Return the SKU's numbers, ``None`` when the ERP never named it."""
        item = self.table.item(items.sku_key(sku))
        return items.stock(item) if item else None

    def known(self, skus: Iterable[str]) -> frozenset[str]:
        """Return those of at most 100 SKUs that the ERP ever named, in a level or as incoming goods, or that are owed.

        A SKU stays known when it is sold out, however long.
        """
        found = self.table.batch(items.sku_key(sku) for sku in skus)
        return frozenset(items.sku_of(item) for item in found)

    def state(self, sku: str) -> SettleState:
        """Return whether the SKU is out, pending or in; unknown SKUs are out."""
        item = self.table.item(items.settle_key(sku))
        return items.settle_state(item) if item else SettleState()

    def settings(self, sku: str) -> SkuSettings:
        """Return the SKU's settings, merged."""
        return SettingsBook(self.table).resolve(sku)[0]
