"""A shop whose storefront asks what can be had, and a catalogue that speaks in events."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from standby.availability.directory import store_of
from standby.availability.projection import supply_of
from standby.availability.repository import ShelfRepository
from standby.ledger.locations import LocationReader
from standby.ledger.supply import SupplyReader
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.table import Query, Table
from standby.shelf import items
from standby.shelf.model import Head, Product, Row, Store, Supply
from standby.shelf.reader import ShelfReader

from tests.gateway import http_event
from tests.promises.shop import OPS, Shop
from tests.world import World

API = "availability_api"
QUEUE = "AvailabilityChanges"


class Storefront(Shop):
    """What a storefront asks, and what its shelf holds."""

    def asks(self, *query: tuple[str, str], method: str = "GET", **headers: str) -> dict[str, Any]:
        """Send ``GET /v1/availability`` with a query and headers; return the gateway's answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: dict[str, Any] = self.world.run(
            API,
            http_event(method, "/v1/availability", query=query, headers=named),  # type: ignore[arg-type] # pairs
        )
        return answer

    def asks_for(
        self, product_id: str, *query: tuple[str, str], what: str = "availability", method: str = "GET", **headers: str
    ) -> dict[str, Any]:
        """Send ``GET /v1/products/{product_id}/availability`` or the like; return the gateway's answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/v1/products/{product_id}/{what}"
        answer: dict[str, Any] = self.world.run(
            API,
            http_event(method, path, query=query, headers=named),  # type: ignore[arg-type] # pairs
        )
        return answer

    def product(self, product_id: str, *query: tuple[str, str], **headers: str) -> dict[str, Any]:
        """Return a product whole."""
        answer = self.asks_for(product_id, *query, **headers)
        assert answer["statusCode"] == 200, answer
        return dict(json.loads(answer["body"]))

    def stores(self, product_id: str, **query: str) -> list[dict[str, Any]]:
        """Return the stores that have a product."""
        status, answer = self.world.request(API, "GET", f"/v1/products/{product_id}/stores", query=query)
        assert status == 200, answer
        return list(answer["items"])

    def table(self) -> Table:
        """Return the shelf's table."""
        return Table("Availability", self.world.dynamodb)

    def reader(self) -> ShelfReader:
        """Return what reads the shelf."""
        return ShelfReader(self.table())

    def shelf(self) -> ShelfRepository:
        """Return what writes the shelf."""
        return ShelfRepository(table=self.table(), clock=self.world.clock)

    def badges(self, *skus: str, **headers: str) -> list[dict[str, Any]]:
        """Return the badges of SKUs."""
        return self._items(self.asks(*(("sku", sku) for sku in skus), **headers))

    def products(self, *product_ids: str) -> list[dict[str, Any]]:
        """Return the badges of products."""
        return self._items(self.asks(*(("product_id", name) for name in product_ids)))

    def statuses(self, *skus: str) -> list[Any]:
        """Return the statuses of SKUs."""
        return [badge["status"] for badge in self.badges(*skus)]

    def checks(self, *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
        """Check a cart."""
        cart: dict[str, Any] = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines], **more}
        status, answer = self.world.request(API, "POST", "/v1/availability/check", body=cart)
        assert status == 200, answer
        return dict(answer)

    def why(self, sku: str) -> Any:
        """Return what explains a SKU's badge."""
        status, answer = self.world.request(API, "GET", f"/v1/availability/{sku}/why", scopes=OPS)
        assert status == 200, answer
        return answer

    def describes(self, location_id: str, kind: str = "store", **about: Any) -> None:
        """Let the ERP describe a location, and run everything."""
        at = to_text(self.world.clock.now())
        self._tells({"type": "location.upserted", "location_id": location_id, "kind": kind, **about, "as_of": at})

    def orders(self, sku: str, quantity: int, eta: str | None, **more: Any) -> None:
        """Let the ERP order goods, and run everything."""
        said = {"purchase_order_id": "P-1", "sku": sku, "quantity": quantity, "eta": eta, **more}
        self._tells({"type": "stock.incoming", "as_of": to_text(self.world.clock.now()), **said})

    def receives(self, sku: str, quantity: int) -> None:
        """Let the ERP receive goods, and run everything."""
        at = to_text(self.world.clock.now())
        self._tells(
            {
                "type": "stock.received",
                "purchase_order_id": "P-1",
                "sku": sku,
                "quantity": quantity,
                "occurred_at": at,
            }
        )

    def _tells(self, message: Mapping[str, Any]) -> None:
        self.world.send("StockUpdates", message)
        self.world.settle()
        assert not self.world.failures
        self.world.clock.advance(seconds=1)

    @staticmethod
    def _items(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        assert answer["statusCode"] == 200, answer
        return list(json.loads(answer["body"])["items"])


def envelope(name: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as EventBridge hands it to the queue."""
    return {"source": "standby", "detail-type": name, "detail": {"version": 1, **detail}}


def variant(sku: str, edition: int, **more: Any) -> dict[str, Any]:
    """Return what a product says of a SKU."""
    return {"sku": sku, "edition": edition, "gone": False, "discontinued": False, **more}


def product_changed(product_id: str, edition: int, *variants: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a `ProductChanged`."""
    detail = {
        "id": f"{product_id}@{edition}:{'+'.join(each['sku'] for each in variants)}",
        "at": f"2026-05-03T10:{edition // 60:02}:{edition % 60:02}.000Z",
        "product_id": product_id,
        "edition": edition,
        "title": {"en": f"{product_id} {edition}"},
        "discontinued": False,
        "variants": list(variants),
        **more,
    }
    return envelope("ProductChanged", detail)


def discontinued(sku: str, edition: int, product_id: str | None) -> dict[str, Any]:
    """Return a `ProductDiscontinued`."""
    detail = {"id": f"{sku}@{edition}:ProductDiscontinued", "at": "2026-05-03T10:30:00.000Z", "sku": sku}
    return envelope(
        "ProductDiscontinued", {**detail, "edition": edition, **({"product_id": product_id} if product_id else {})}
    )


def shelf(world: World) -> ShelfReader:
    """Return what reads the world's shelf."""
    return ShelfReader(Table("Availability", world.dynamodb))


def row(world: World, sku: str) -> Row:
    """Return a SKU's row, which may be none of the table's."""
    return shelf(world).rows([sku]).get(sku) or Row(sku=sku)


def product(world: World, product_id: str) -> Product:
    """Return a product, which may be none of the table's."""
    return shelf(world).products([product_id]).get(product_id) or Product(product_id=product_id)


def on_the_ledger(world: World, sku: str) -> Supply:
    """Return what a row must say of the ledger as it is now."""
    return supply_of(SupplyReader(LedgerTable("Stock", world.dynamodb)).supply(sku))


def described(world: World) -> dict[str, Store]:
    """Return what the directory must say of locations."""
    reader = LocationReader(LedgerTable("Stock", world.dynamodb))
    known = [reader.location(pk.removeprefix("LOCATION#")) for pk in world.memory.tables["Stock"].items]
    return {each.location_id: store_of(each) for each in known if each is not None}


def head(world: World, product_id: str) -> Head:
    """Return what a product says of itself, which may be nothing."""
    return shelf(world).heads([product_id]).get(product_id) or Head()


def in_order(world: World, product_id: str) -> list[str]:
    """Return a product's SKUs in its own order, from the index."""
    page = Table("Availability", world.dynamodb).page(Query(product_id, index=items.BY_PRODUCT))
    return [item["pk"].removeprefix(items.SKU_PREFIX) for item in page.items]


def counts_of(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """Count rows by product and status, and those that can be waited for, plainly."""
    counts: dict[str, dict[str, int]] = {}
    for each in rows:
        if each.variant.product_id is not None:
            found = counts.setdefault(each.variant.product_id, {})
            for name in (str(each.status), *(["awaited"] if each.awaited else [])):
                found[name] = found.get(name, 0) + 1
    return counts


def summary(world: World, product_id: str) -> dict[str, int]:
    """Return what a product counts its rows by, as `counts_of` does."""
    counted = product(world, product_id)
    return {**counted.counts, **({"awaited": counted.awaited} if counted.awaited else {})}
