"""Keys and mapping of the Shelf table: what an item's attributes mean, in one place."""

from collections.abc import Mapping
from typing import Any

from standby.platform.dynamodb import Item
from standby.platform.table import Index, Key
from standby.shelf.model import STATUSES, Head, Heard, Product, Row, Status, Supply, Variant

ROW = "ROW"
SUMMARY = "SUMMARY"
SKU_PREFIX, PRODUCT_PREFIX = "SKU#", "PRODUCT#"
BY_PRODUCT = Index("by_product", "product_id", "place")
"""A product's rows in its own order."""
PLACE_DIGITS = 6
COUNTS: Mapping[Status, str] = {
    "InStock": "in_stock",
    "LimitedAvailability": "limited",
    "OutOfStock": "out_of_stock",
    "SoldOut": "sold_out",
    "Discontinued": "gone",
}
"""The attribute of a summary that counts the rows with a status."""
EDITION = "edition"
AS_OF = "as_of"


def row_key(sku: str) -> Key:
    """A SKU's row."""
    return {"pk": f"{SKU_PREFIX}{sku}", "sk": ROW}


def product_key(product_id: str) -> Key:
    """A product's summary."""
    return {"pk": f"{PRODUCT_PREFIX}{product_id}", "sk": SUMMARY}


def row(item: Item) -> Row:
    """Read a row."""
    return Row(
        sku=item["pk"][len(SKU_PREFIX) :],
        supply=Supply(
            revision=item["revision"],
            sellable=item["sellable"],
            low_stock=item["low_stock"],
            incoming=item["incoming"],
            arrivals=tuple(item["arrivals"]),
            as_of=item["stock_as_of"],
        ),
        variant=Variant(
            edition=item["catalog_edition"],
            whole=item["catalog_whole"],
            product_id=item.get("product_id"),
            position=item.get("position", 0),
            options=item.get("options", {}),
            price=item.get("price"),
            image=item.get("image"),
            discontinued=item.get("discontinued", False),
            as_of=item["catalog_as_of"],
        ),
        of_supply=Heard(event=item["stock_event"], at=item["stock_heard_at"]),
        of_variant=Heard(event=item["catalog_event"], at=item["catalog_heard_at"]),
        written_as=item.get("status"),
        edition=item[EDITION],
    )


def row_values(known: Row) -> Item:
    """Write a row with its key and edition. The status is derived, and stored as what its product counts."""
    supply, variant = known.supply, known.variant
    product: dict[str, Any] = {}
    if variant.product_id is not None:
        product = {
            "product_id": variant.product_id,
            "place": f"{variant.position:0{PLACE_DIGITS}}",
            "position": variant.position,
            "options": dict(variant.options),
            "price": variant.price,
            "image": variant.image,
        }
    return {
        **row_key(known.sku),
        "status": known.status,
        "revision": supply.revision,
        "sellable": supply.sellable,
        "low_stock": supply.low_stock,
        "incoming": supply.incoming,
        "arrivals": list(supply.arrivals),
        "stock_as_of": supply.as_of,
        "stock_event": known.of_supply.event,
        "stock_heard_at": known.of_supply.at,
        "catalog_edition": variant.edition,
        "catalog_whole": variant.whole,
        "catalog_as_of": variant.as_of,
        "catalog_event": known.of_variant.event,
        "catalog_heard_at": known.of_variant.at,
        **product,
        "discontinued": variant.discontinued,
        EDITION: known.edition,
    }


def product(item: Item) -> Product:
    """Read a summary."""
    counts = {status: item.get(COUNTS[status], 0) for status in STATUSES}
    return Product(
        product_id=item["pk"][len(PRODUCT_PREFIX) :],
        head=Head(
            edition=item.get(EDITION, 0),
            title=item.get("title", {}),
            url=item.get("url"),
            image=item.get("image"),
            category=item.get("category"),
            brand=item.get("brand"),
            tags=tuple(item.get("tags", ())),
            price=item.get("price"),
            rank=item.get("rank"),
            similar=tuple(item.get("similar", ())),
            options=tuple(item.get("options", ())),
            discontinued=item.get("discontinued", False),
        ),
        counts={status: count for status, count in counts.items() if count},
        as_of=item.get(AS_OF, ""),
    )


def head_values(known: Head) -> Item:
    """Write a head's attributes."""
    return {
        EDITION: known.edition,
        "title": dict(known.title),
        "url": known.url,
        "image": known.image,
        "category": known.category,
        "brand": known.brand,
        "tags": list(known.tags),
        "price": known.price,
        "rank": known.rank,
        "similar": list(known.similar),
        "options": list(known.options),
        "discontinued": known.discontinued,
    }
