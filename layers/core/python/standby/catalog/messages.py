"""What the shop says of its products, read and checked: each message by itself (design §5.1, promise 9)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from standby.catalog.model import PRICE_FROM, ProductAbsent, ProductEnded, ProductSaid, SkuEnded, Version
from standby.platform.batch import checked, size
from standby.platform.clock import to_text
from standby.platform.identifier import Ids
from standby.platform.moment import Arrival, mark, spoken_of, version
from standby.platform.queue import PoisonError

UPSERTED, DISCONTINUED = "product.upserted", "product.discontinued"
LARGEST: Mapping[str, int] = {UPSERTED: 900_000, DISCONTINUED: 64_000}
"""The types of messages, and the bytes that one may have."""
ABOUT = ("title", "url", "image", "category", "brand", "tags", "price", "rank", "similar", "options", "translations")
RATING = "rating"
"""Is told in hundredths of a star, because events have whole numbers. What nobody rated has none."""
ABOUT_BYTES = 100_000
SKUS_BYTES = 130_000
"""A product's item has all this twice at most, and DynamoDB's 400 KB are enough: its SKUs, and those that leave."""
VARIANT_BYTES = 15_000
"""An item of a SKU has what 20 products say of it, and a page of events has at least one variant."""

Word = ProductSaid | ProductAbsent | ProductEnded | SkuEnded


def read(message: object, *, arrival: Arrival, now: datetime, ids: Ids) -> Word:
    """Read one message. Raises `PoisonError` with a reason."""
    fields = checked(message, package="standby.catalog", largest=LARGEST, ids=ids)
    moment, assumed = spoken_of(fields, "as_of", arrival, now)
    of_message = (*version(moment, arrival, fields.get("sequence")), mark(fields))
    if fields["type"] == UPSERTED:
        return _product(fields, of_message, as_of=to_text(moment), assumed=assumed)
    product_id, sku = fields.get("product_id"), fields.get("sku")
    if product_id is None and sku is None:
        raise PoisonError("product_id or sku: missing")
    if product_id is None:
        return SkuEnded(sku=fields["sku"], version=of_message)
    if sku is not None:
        raise PoisonError("sku: there is a product_id already")
    return ProductEnded(product_id=product_id, version=of_message)


def _lowest(variants: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the lowest price of variants; ``None`` where none has one, or they are in several currencies."""
    prices = [variant["price"] for variant in variants if variant.get("price") is not None]
    if len({price["currency"] for price in prices}) != 1:
        return None
    lowest: Mapping[str, Any] = min(prices, key=lambda price: price["amount"])
    return lowest


def _product(fields: Mapping[str, Any], of_message: Version, *, as_of: str, assumed: bool) -> ProductSaid:
    about = {name: fields[name] for name in ABOUT if fields.get(name) is not None}
    for name in ("title", "translations"):
        if name in about:
            about[name] = _by_locale(name, about[name])
    names = _OptionNames(about.get("options", ()))
    if "options" in about:
        about["options"] = names.listed
    if (rating := fields.get("rating")) is not None and rating["count"]:
        about[RATING] = {"hundredths": round(rating["value"] * 100), "count": rating["count"]}
    variants: dict[str, dict[str, Any]] = {}
    for place, variant in enumerate(fields["variants"]):
        sku = variant["sku"]
        if sku in variants:
            raise PoisonError(f"variants.{place}.sku: {sku:.80} stands there twice")
        variants[sku] = {"position": place, **_content(variant, place, names)}
    lowest = None if "price" in about else _lowest(fields["variants"])
    if lowest is not None:
        about[PRICE_FROM] = lowest
    _bounded("message", about, ABOUT_BYTES, "beside the variants")
    _bounded("variants", list(variants), SKUS_BYTES, "of SKUs")
    return ProductSaid(
        product_id=fields["product_id"],
        version=of_message,
        as_of=as_of,
        as_of_assumed=assumed,
        about=about,
        variants=variants,
        feed=fields.get("feed"),
    )


def _by_locale(name: str, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return texts with their locales written one way. Raises `PoisonError` where one stands there twice."""
    found: dict[str, Any] = {}
    for said, text in texts.items():
        locale = said.replace("_", "-")
        if any(locale.lower() == known.lower() for known in found):
            raise PoisonError(f"{name}.{said}: {locale} stands there twice")
        found[locale] = text
    return found


class _OptionNames:
    """The names of a product's options: those that differ in case or blanks only are one, as it is first written."""

    def __init__(self, listed: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        self.listed = list(dict.fromkeys(map(self.of, listed)))

    def of(self, name: str) -> str:
        """Return the name by which an option is known."""
        return self._known.setdefault("".join(name.split()).casefold(), name)

    def named(self, options: Mapping[str, str], place: str) -> dict[str, str]:
        """Return a variant's options by these names. Raises `PoisonError` where two are one, with different values."""
        found: dict[str, str] = {}
        for said, value in options.items():
            name = self.of(said)
            if found.setdefault(name, value) != value:
                raise PoisonError(f"{place}.{said}: {name} stands there twice, with different values")
        return found


def _content(variant: Mapping[str, Any], place: int, names: _OptionNames) -> dict[str, Any]:
    content = {
        name: variant[name]
        for name in ("options", "price", "image", "external_ids", "components")
        if variant.get(name) is not None
    }
    if "options" in content:
        content["options"] = names.named(content["options"], f"variants.{place}.options")
    named = {variant["sku"]}
    for number, component in enumerate(content.get("components", ())):
        if component["sku"] in named:
            raise PoisonError(f"variants.{place}.components.{number}.sku: {component['sku']:.80} stands there twice")
        named.add(component["sku"])
    _bounded(f"variants.{place}", content, VARIANT_BYTES)
    return content


def _bounded(name: str, content: object, most: int, what: str = "") -> None:
    length = size(content)
    if length > most:
        raise PoisonError(f"{name}: {' '.join(filter(None, (f'{length} bytes', what)))} are more than {most:,}")
