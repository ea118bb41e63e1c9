"""The demo shop's goods, stores and stock, as data: what its catalogue and its ERP tell Standby.

``catalogue.json`` has messages ``product.upserted`` and ``stock.json`` messages ``location.upserted``,
``stock.incoming`` and ``stock.level``, all without the instant at which they are said, and pre-order campaigns.
``days`` count from then.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from infra.local.shop.words import LANGUAGES, Language

FOLDER = Path(__file__).parent
COLOUR, SIZE = "Colour", "Size"


@dataclass(frozen=True)
class Variant:
    """One SKU. ``price`` is in minor units."""

    sku: str
    options: Mapping[str, str]
    price: int
    currency: str

    @property
    def colour(self) -> str:
        """Its colour."""
        return self.options[COLOUR]

    @property
    def size(self) -> str | None:
        """Its size, where it has one."""
        return self.options.get(SIZE)


@dataclass(frozen=True)
class Product:
    """What the shop sells, in one or more variants. The price is the lowest of theirs."""

    product_id: str
    title: Mapping[str, str]
    category: str
    tags: tuple[str, ...]
    variants: tuple[Variant, ...]

    @property
    def colours(self) -> tuple[str, ...]:
        """Its colours, in their order."""
        return tuple(dict.fromkeys(variant.colour for variant in self.variants))

    @property
    def sizes(self) -> tuple[str, ...]:
        """Its sizes, in their order; none where it comes in one."""
        return tuple(dict.fromkeys(variant.size for variant in self.variants if variant.size))

    @property
    def price(self) -> int:
        """The lowest price of its variants."""
        return min(variant.price for variant in self.variants)

    @property
    def one_price(self) -> bool:
        """Whether all of its variants cost the same."""
        return len({variant.price for variant in self.variants}) == 1

    def picture(self, colour: str | None = None) -> str:
        """Return the name of the file that shows it, in its first colour if none is said."""
        return f"{self.product_id}-{colour or self.colours[0]}.svg".lower()


@cache
def products() -> tuple[Product, ...]:
    """Return all products in the shop's own order."""
    return tuple(
        Product(
            product_id=said["product_id"],
            title=said["title"],
            category=said["category"],
            tags=tuple(said["tags"]),
            variants=tuple(
                Variant(each["sku"], each["options"], each["price"]["amount"], each["price"]["currency"])
                for each in said["variants"]
            ),
        )
        for said in _read("catalogue")
    )


@cache
def by_name() -> Mapping[str, tuple[Product, Variant | None]]:
    """Return products by their ids, and products and variants by SKUs."""
    found: dict[str, tuple[Product, Variant | None]] = {product.product_id: (product, None) for product in products()}
    found |= {variant.sku: (product, variant) for product in products() for variant in product.variants}
    return found


def catalogue(now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what the shop's catalogue says of its products."""
    for said in _read("catalogue"):
        words = {*said["options"], *(value for each in said["variants"] for value in each["options"].values())}
        translations = {code: {word: Language(code).name(word) for word in sorted(words)} for code in LANGUAGES[1:]}
        yield {**said, "translations": translations, "as_of": now.isoformat()}


def stock(now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what the ERP says of locations, levels and purchase orders."""
    said = _read("stock")
    for location in said["locations"]:
        yield {**location, "as_of": now.isoformat()}
    for level in said["levels"]:
        yield {"type": "stock.level", **level, "as_of": now.isoformat()}
    for incoming in said["incoming"]:
        yield {**_dated(incoming, "eta", now), "as_of": now.isoformat()}


def campaigns(now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the SKUs that can be ordered ahead, each with its terms."""
    for said in _read("stock")["campaigns"]:
        terms = _dated(said, "release_on", now)
        yield terms.pop("sku"), terms


def components(product_id: str) -> list[tuple[str, int]]:
    """Return what a kit is made of: SKUs and units; nothing for what is no kit."""
    return [
        (part["sku"], part["quantity"])
        for said in _read("catalogue")
        if said["product_id"] == product_id
        for variant in said["variants"]
        for part in variant.get("components", ())
    ]


def stores() -> list[dict[str, Any]]:
    """Return the stores one can go to."""
    return [location for location in _read("stock")["locations"] if location["kind"] == "store"]


def _dated(said: Mapping[str, Any], name: str, now: datetime) -> dict[str, Any]:
    """Return what is said with a date in place of its ``days``."""
    day = (now + timedelta(days=said["days"])).date()
    return {key: value for key, value in said.items() if key != "days"} | {name: day.isoformat()}


@cache
def _read(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
