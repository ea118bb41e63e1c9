"""Shopify's product export, CSV (help.shopify.com, "Using CSV files to import and export products").

The lines of a product follow one another and share its handle. The first has the title and the options' names; each
line may have a SKU of its own; some have a picture only.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from standby.catalog.feeds.model import FeedCells, FeedLine, FeedMapping
from standby.imports.model import BadLineError, shown
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids
from standby.platform.web_address import HANDLE

PLACES = (1, 2, 3)
COLUMNS = {
    "handle": "Handle",
    "title": "Title",
    "vendor": "Vendor",
    "category": "Product Category",
    "type": "Type",
    "tags": "Tags",
    "status": "Status",
    "published": "Published",
    "sku": "Variant SKU",
    "price": "Variant Price",
    "barcode": "Variant Barcode",
    "image": "Image Src",
    "variant_image": "Variant Image",
    **{f"name_{place}": f"Option{place} Name" for place in PLACES},
    **{f"value_{place}": f"Option{place} Value" for place in PLACES},
}
NEEDED = ("handle", "title", "sku", "name_1", "value_1")
NO_OPTIONS = ("Title", "Default Title")
"""What Shopify writes as option and value of a product that has none."""
HIDDEN = frozenset({"draft", "archived"})
MOST_TAGS = 100


@frozen()
class ShopifyReader:
    """Reads the lines of Shopify's product export."""

    mapping: FeedMapping
    cells: FeedCells
    ids: Ids

    def product_id(self, cells: Sequence[str]) -> str:
        """Return the handle of a line. Raises `BadLineError`."""
        return self.cells.id(cells, "handle", self.ids.product_id)

    def sku(self, cells: Sequence[str]) -> str | None:
        """Return the SKU of a line, ``None`` for one that has a picture only. Raises `BadLineError`."""
        return self.cells.id(cells, "sku", self.ids.sku) if self.cells.text(cells, "sku") else None

    def hidden(self, cells: Sequence[str]) -> bool:
        """Tell whether a product's first line says that the shop does not show it."""
        said = {name: self.cells.text(cells, name).lower() for name in ("status", "published")}
        return said["status"] in HIDDEN or said["published"] == "false"

    def read(self, cells: Sequence[str]) -> FeedLine:
        """Return what a line says. Raises `BadLineError`."""
        said = {name: self.cells.text(cells, name) for name in COLUMNS}
        said["barcode"] = self.cells.code(cells, "barcode")
        values = [said[f"value_{place}"] for place in PLACES]
        names = [said[f"name_{place}"] for place in PLACES]
        if (names[0], values[0]) == NO_OPTIONS or (not names[0] and values[0] == NO_OPTIONS[1]):
            names, values = ["", *names[1:]], ["", *values[1:]]
        for place, name in zip(PLACES, names, strict=True):
            if name and name in names[: place - 1]:
                raise BadLineError(f"Option{place} Name: {shown(name)} stands there twice")
        price = self.cells.price(cells, "price", self.mapping.currency)
        variant = {"price": price, "image": said["variant_image"], "external_ids": self._external_ids(said)}
        if not said["sku"] and (price is not None or any(values)):
            raise BadLineError("Variant SKU: is empty, so nobody can tell when this variant is back")
        return FeedLine(
            product_id=self.product_id(cells),
            about=self._about(said),
            options=names if any(names) else (),
            sku=self.sku(cells),
            values=values,
            variant={name: value for name, value in variant.items() if value},
        )

    def _about(self, said: dict[str, str]) -> dict[str, Any]:
        handle = quote(said["handle"], safe="")
        url = self.mapping.product_url.replace(HANDLE, handle) if self.mapping.product_url else ""
        tags = [tag.strip() for tag in said["tags"].split(",") if tag.strip()]
        about = {
            "title": {self.mapping.locale: said["title"]} if said["title"] else None,
            "url": url,
            "image": said["image"],
            "brand": said["vendor"],
            "category": said["type"] or said["category"],
            "tags": tags[:MOST_TAGS],
        }
        return {name: value for name, value in about.items() if value}

    def _external_ids(self, said: dict[str, str]) -> dict[str, str]:
        return {"gtin": said["barcode"]} if said["barcode"] else {}
