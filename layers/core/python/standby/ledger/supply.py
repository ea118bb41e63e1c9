"""How much there is of a SKU, where, and what is on its way, in one request."""

from collections.abc import Sequence
from dataclasses import replace

from standby.ledger import items
from standby.ledger.model import Level, PurchaseOrder, SkuStock
from standby.ledger.table import LedgerTable
from standby.platform.frozen import frozen
from standby.platform.table import Cursor, Query

SKUS_PAGE = 50
LAST_DAY = "9999-12-31"
"""Behind every day on which something is expected."""


@frozen(kw_only=True)
class SkuSupply:
    """What there is of a SKU."""

    stock: SkuStock | None = None
    """``None`` when the ERP never named it."""
    lines: Sequence[PurchaseOrder] = ()
    """What is on its way."""
    levels: Sequence[Level] = ()
    """What lies where."""

    def coming(self, at: str) -> list[PurchaseOrder]:
        """Return what is on its way at a moment (RFC 3339), by its day; at last what comes nobody knows when.

        What a level counts before its receipt is not on its way any more (`standby.ledger.landing`); what comes first
        came first.
        """
        came = max(0, self.stock.landed_at(at)) if self.stock else 0
        found = []
        for line in sorted(
            (line for line in self.lines if line.open), key=lambda line: (line.eta or LAST_DAY, line.open)
        ):
            here = min(came, line.open)
            came -= here
            if line.open > here:
                found.append(replace(line, received=line.received + here))
        return found

    def received(self, at: str) -> int:
        """Return how many units were received and are in no level yet, at a moment (RFC 3339)."""
        return self.stock.received(at) if self.stock else 0


@frozen()
class SupplyReader:
    """Answers how much there is of a SKU, where, and what is on its way."""

    table: LedgerTable
    shards: tuple[str, ...] = items.SHARDS
    """The parts of the ledger that `page` walks through."""

    def supply(self, sku: str) -> SkuSupply:
        """Return the SKU's numbers, its levels and its purchase orders' lines.

        They lie side by side in their partition, with two small items between, so that this is one request. A kit has a
        line for each day on which more of it can be made, and lies nowhere.
        """
        found = self.table.between(items.partition(sku), items.LEVELS, items.SKU)
        stock = next((items.stock(item) for item in found if item["sk"] == items.SKU), None)
        if stock is not None and stock.kit is not None:
            made = [PurchaseOrder(purchase_order_id=day, quantity=n, eta=day) for day, n in stock.kit.arrivals]
            return SkuSupply(stock=stock, lines=made)
        return SkuSupply(
            stock=stock,
            lines=[items.purchase_order(item) for item in found if item["sk"].startswith(items.PURCHASE_ORDERS)],
            levels=[items.level(item) for item in found if item["sk"].startswith(items.LEVELS)],
        )

    def page(self, shard: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs of a shard of the whole ledger, and where the next page begins; ``None`` behind the last."""
        page = self.table.page(Query(shard, index=items.SKUS, limit=SKUS_PAGE), cursor)
        return [items.sku_of(item) for item in page.items], page.cursor
