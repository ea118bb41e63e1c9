"""The ledger's levels, as a dry run compares files with them."""

from collections.abc import Mapping, Sequence

from standby.ledger import items
from standby.ledger.model import Level
from standby.ledger.table import LedgerTable
from standby.platform.frozen import frozen
from standby.stock.snapshots.repository import SnapshotRepository


@frozen()
class CountedLevels:
    """Reads levels by SKU and by location."""

    table: LedgerTable

    def levels_of(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Level]:
        """Return the levels of SKUs, each key a location and a SKU."""
        found = self.table.items(items.level_key(sku, location_id) for location_id, sku in keys)
        return {(item["location_id"], items.sku_of(item)): items.level(item) for item in found.values()}

    def levels(
        self, location_id: str, cursor: Mapping[str, str] | None
    ) -> tuple[list[tuple[str, Level]], Mapping[str, str] | None]:
        """Return a page of the SKUs that have a level at a location."""
        found, following = SnapshotRepository(self.table).levels(location_id, cursor)
        return [(sku, level) for sku, level in found if level], following
