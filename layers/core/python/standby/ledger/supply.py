"""How much there is of a SKU, and what is on its way, in one request."""

from standby.ledger import items
from standby.ledger.model import PurchaseOrder, SkuStock
from standby.ledger.table import LedgerTable
from standby.platform.frozen import frozen
from standby.platform.table import Cursor, Query

SKUS_PAGE = 50


@frozen()
class SupplyReader:
    """Answers how much there is of a SKU, and what is on its way."""

    table: LedgerTable
    shards: tuple[str, ...] = items.SHARDS
    """The parts of the ledger that `page` walks through."""

    def supply(self, sku: str) -> tuple[SkuStock | None, list[PurchaseOrder]]:
        """Return the SKU's numbers, ``None`` when the ERP never named it, and its purchase orders' lines.

        They lie side by side in their partition, with two small items between, so that this is one request. A kit has a
        line for each day on which more of it can be made.
        """
        found = self.table.between(items.partition(sku), items.PURCHASE_ORDERS, items.SKU)
        stock = next((items.stock(item) for item in found if item["sk"] == items.SKU), None)
        if stock is not None and stock.kit is not None:
            return stock, [PurchaseOrder(purchase_order_id=day, quantity=n, eta=day) for day, n in stock.kit.arrivals]
        return stock, [items.purchase_order(item) for item in found if item["sk"].startswith(items.PURCHASE_ORDERS)]

    def page(self, shard: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs of a shard of the whole ledger, and where the next page begins; ``None`` behind the last."""
        page = self.table.page(Query(shard, index=items.SKUS, limit=SKUS_PAGE), cursor)
        return [items.sku_of(item) for item in page.items], page.cursor
