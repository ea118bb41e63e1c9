"""What a page shows of SKUs, in its own language (``products.html`` of `standby.platform.page` draws it)."""

from collections.abc import Iterable, Mapping
from typing import Any

from standby.platform.formats import Formats
from standby.shelf.naming import named

Cards = Mapping[str, Mapping[str, Any]]
"""What the catalogue says of SKUs (`standby.shelf.cards`)."""


def products_shown(skus: Iterable[str], cards: Cards, language: str) -> list[dict[str, Any]]:
    """Return what is shown of SKUs, those of one product together."""
    formats = Formats.of(language)
    return [
        {**product._asdict(), "prices": [formats.money(price) for price in product.price_range]}
        for product in named([{**cards.get(sku, {}), "sku": sku} for sku in skus], language)
    ]
