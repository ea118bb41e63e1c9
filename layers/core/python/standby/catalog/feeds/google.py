"""Google's product feed, tab-separated or XML.

Its "Product data specification" is support.google.com/merchants/answer/7052112. A line is one SKU. Lines with one
``item_group_id`` are one product; a line without it is a product of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from standby.catalog.feeds.model import FeedCells, FeedLine, FeedMapping
from standby.imports.model import BadLineError, shown
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids

OPTIONS = ("color", "size", "material", "pattern")
NEEDED = ("id", "title")
NAMES = (
    *("id", "item_group_id", "title", "link", "image_link", "price", "sale_price", "sale_price_effective_date"),
    *("brand", "product_type", "gtin", "mpn"),
    *OPTIONS,
)
COLUMNS = {name: name for name in NAMES}
LEVELS = " > "
MOST_CHARACTERS = 200


@frozen()
class GoogleReader:
    """Reads the lines of Google's product feed."""

    mapping: FeedMapping
    cells: FeedCells
    ids: Ids

    def product_id(self, cells: Sequence[str]) -> str:
        """Return the group of a line, or its id where it has none. Raises `BadLineError`."""
        name = "item_group_id" if self.cells.text(cells, "item_group_id") else "id"
        return self.cells.id(cells, name, self.ids.product_id)

    def sku(self, cells: Sequence[str]) -> str | None:
        """Return the SKU of a line. Raises `BadLineError`."""
        return self.cells.id(cells, "id", self.ids.sku)

    def hidden(self, cells: Sequence[str]) -> bool:  # noqa: ARG002 - Google's feed has what is sold
        """Tell that a product is shown."""
        return False

    def read(self, cells: Sequence[str]) -> FeedLine:
        """Return what a line says. Raises `BadLineError`."""
        sku = self.sku(cells)
        group = self.cells.text(cells, "item_group_id")
        title = self.cells.text(cells, "title")
        if not title:
            raise BadLineError("title: is empty")
        image = self.cells.text(cells, "image_link")
        price = self._price(cells)
        about = {
            "title": {self.mapping.locale: title},
            "url": self.cells.text(cells, "link"),
            "image": image,
            "brand": self.cells.text(cells, "brand"),
            "category": _category(self.cells.text(cells, "product_type")),
            "price": price,
        }
        ids = {name: self.cells.code(cells, name) for name in ("gtin", "mpn")}
        variant = {
            "price": price,
            "image": image if group else "",
            "external_ids": {name: text for name, text in ids.items() if text},
        }
        return FeedLine(
            product_id=self.product_id(cells),
            about={name: value for name, value in about.items() if value},
            options=OPTIONS,
            sku=sku,
            values=[self.cells.text(cells, name) for name in OPTIONS],
            variant={name: value for name, value in variant.items() if value},
        )

    def _price(self, cells: Sequence[str]) -> dict[str, Any] | None:
        """Return the price of today: the sale's, while it lasts."""
        price = self.cells.price(cells, "price", self.mapping.currency)
        sale = self.cells.price(cells, "sale_price", self.mapping.currency)
        return sale if sale is not None and self._on_sale(cells) else price

    def _on_sale(self, cells: Sequence[str]) -> bool:
        """Tell whether now lies between the two instants that a slash parts. Without them a sale always lasts."""
        text = self.cells.text(cells, "sale_price_effective_date")
        if not text:
            return True
        try:
            begin, end = (datetime.fromisoformat(part.strip()) for part in text.split("/"))
            lasts = begin <= self.cells.cells.now <= end
        except (ValueError, TypeError):
            raise BadLineError(f"sale_price_effective_date: {shown(text)} are no two instants") from None
        return lasts


def _category(product_type: str) -> str:
    """Return the first of the categories that a line has, as far as there is room for its levels."""
    first = product_type.split(",", maxsplit=1)[0].strip() if LEVELS not in product_type else product_type.strip()
    levels = first.split(LEVELS)
    while len(LEVELS.join(levels)) > MOST_CHARACTERS and len(levels) > 1:
        levels.pop(0)
    return LEVELS.join(levels)[:MOST_CHARACTERS]
