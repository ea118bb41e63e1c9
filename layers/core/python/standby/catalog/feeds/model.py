"""What a line of a product file says, and what the lines of one product say together."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from standby.imports.model import BadLineError, CellReader, Layout, UnusableMappingError, shown
from standby.platform.frozen import frozen
from standby.platform.identifier import IdentifierError
from standby.platform.money import CURRENCIES, minor_digits

GOOGLE, GOOGLE_XML, SHOPIFY = "google", "google-xml", "shopify"
FORMATS = (GOOGLE, GOOGLE_XML, SHOPIFY)
CODE = re.compile(r"[A-Z]{3}")
"""What stands beside an amount as a currency does."""


@frozen(kw_only=True)
class FeedMapping:
    """How a product file is to be read, beside its layout."""

    format: str
    locale: str = "en"
    """The language of its titles."""
    currency: str | None = None
    """Of prices that name none. Shopify's export never does."""
    product_url: str | None = None
    """The address of a product's page, with ``{handle}``, which Shopify's export does not say."""
    complete: bool = False
    """Each file names all products that there are (`standby.catalog.absences`)."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "FeedMapping":
        """Read a saved mapping, which the schema allowed. Raises `UnusableMappingError`."""
        names = ("format", "locale", "currency", "product_url", "complete")
        mapping = cls(**{name: document[name] for name in names if document.get(name) is not None})
        if mapping.format == SHOPIFY and mapping.currency is None:
            raise UnusableMappingError("currency: Shopify's export does not say it, so the mapping must")
        return mapping


def layout_of(document: Mapping[str, Any], columns: Mapping[str, str], needed: Sequence[str]) -> Layout:
    """Return the layout of a file whose columns its format names. Raises `UnusableMappingError`."""
    optional = frozenset(columns) - frozenset(needed)
    layout = Layout.from_document({**document, "columns": dict(columns)})
    return Layout(**{**vars_of(layout), "optional": optional})


def vars_of(layout: Layout) -> dict[str, Any]:
    """Return a layout's fields by name."""
    return {name: getattr(layout, name) for name in layout.__dataclass_fields__}


@frozen(kw_only=True)
class FeedLine:
    """What one line says: something of a product, and perhaps one of its SKUs."""

    product_id: str
    about: Mapping[str, Any] = field(default_factory=dict)
    options: Sequence[str] = ()
    """Names of the product's options, where the line says them."""
    sku: str | None = None
    values: Sequence[str] = ()
    """The SKU's options in the product's order; an empty one has no value."""
    variant: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None
    """What of it is not taken: its SKU, which is another product's already."""

    def shown(self) -> dict[str, Any]:
        """Return it as JSON."""
        options = {name: value for name, value in zip(self.options, self.values, strict=False) if name and value}
        return {"product_id": self.product_id, "sku": self.sku, "options": options, **self.about, **self.variant}

    @property
    def key(self) -> tuple[str]:
        """Return the product that it speaks of."""
        return (self.product_id,)


@dataclass
class FeedProduct:
    """What the lines of one product say together: of what is said twice, the first counts."""

    line: int
    """Number of the first line."""
    about: dict[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    variants: dict[str, tuple[int, Sequence[str], Mapping[str, Any]]] = field(default_factory=dict)
    """By SKU: the line, the values of its options, and what else is said of it."""

    def add(self, said: FeedLine, number: int) -> None:
        """Take a line in. Raises `BadLineError` where it names a SKU again."""
        if said.sku is not None and said.sku in self.variants:
            raise BadLineError(f"line {self.variants[said.sku][0]} says this SKU already")
        self.about = {**said.about, **self.about}
        self.options = self.options or tuple(said.options)
        if said.sku is not None:
            self.variants[said.sku] = (number, said.values, said.variant)

    def message(self, product_id: str) -> dict[str, Any]:
        """Return the ``product.upserted`` that the lines are, without its time."""
        used = [
            (place, name)
            for place, name in enumerate(self.options)
            if name and any(place < len(values) and values[place] for _, values, _ in self.variants.values())
        ]
        variants = []
        for sku, (_, values, variant) in self.variants.items():
            options = {name: values[place] for place, name in used if place < len(values) and values[place]}
            variants.append({"sku": sku, **({"options": options} if options else {}), **variant})
        return {
            "type": "product.upserted",
            "product_id": product_id,
            **self.about,
            "options": [name for _, name in used],
            "variants": variants,
        }


@frozen()
class FeedCells:
    """The cells of a product file."""

    cells: CellReader

    def text(self, cells: Sequence[str], name: str) -> str:
        """Return what stands in a column, ``""`` where the file has no such column. Raises `BadLineError`."""
        return self.cells.text(cells, name) if name in self.cells.places else ""

    def code(self, cells: Sequence[str], name: str) -> str:
        """Return an id as text, ``""`` where the file has no such column. Raises `BadLineError`."""
        return self.cells.code(cells, name) if name in self.cells.places else ""

    def id(self, cells: Sequence[str], name: str, read: Callable[[str], str]) -> str:
        """Return an id as it is stored. Raises `BadLineError`."""
        try:
            return read(self.code(cells, name))
        except IdentifierError as error:
            raise BadLineError(f"{name}: {error}") from error

    def price(self, cells: Sequence[str], name: str, currency: str | None) -> dict[str, Any] | None:
        """Return an amount of money such as ``129.90 ILS``, ``None`` for an empty cell. Raises `BadLineError`.

        The currency may stand in front or behind; where there is none, ``currency`` is meant.
        """
        text = self.text(cells, name)
        if not text:
            return None
        first, _, rest = text.partition(" ")
        last = text.rpartition(" ")
        if CODE.fullmatch(last[2]):
            number, currency = last[0], last[2]
        elif CODE.fullmatch(first):
            number, currency = rest, first
        else:
            number = text
        if currency is None:
            raise BadLineError(f"{name}: {shown(text)} names no currency")
        if currency not in CURRENCIES:
            raise BadLineError(f"{name}: {currency} is no currency of ISO 4217")
        try:
            amount = self.cells.number(number.strip()) * Decimal(10) ** minor_digits(currency)
        except ValueError:
            raise BadLineError(f"{name}: {shown(text)} is no price") from None
        if amount != amount.to_integral_value() or amount < 0:
            raise BadLineError(f"{name}: {shown(text)} is no amount of {currency}")
        return {"amount": int(amount), "currency": currency}
