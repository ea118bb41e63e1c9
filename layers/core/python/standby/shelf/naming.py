"""How what is known of SKUs becomes words: in whose language, and which SKUs are one product to whoever reads it."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

FALLBACK = "en"
BETWEEN_VARIANTS = " \N{MIDDLE DOT} "
Price = Mapping[str, Any]
"""An amount of minor units and its currency."""
About = Mapping[str, Any]
"""What is known of a SKU: ``sku``, and of the fields of `cards.Card` those that are known."""


class Named(NamedTuple):
    """SKUs of one product, as somebody reads about them."""

    skus: tuple[str, ...]
    name: str
    """The product's, or the SKU where nobody said what it is called."""
    variant: str
    """The variants' options, or nothing."""
    image: str
    url: str
    abouts: tuple[About, ...]

    @property
    def full_name(self) -> str:
        """The name, with the variant where it is one."""
        return f"{self.name} ({self.variant})" if self.variant and len(self.skus) == 1 else self.name

    @property
    def price_range(self) -> tuple[Price, ...]:
        """The price, or the lowest and the highest; nothing where none is known, or they are in several currencies."""
        prices = [about["price"] for about in self.abouts if "price" in about]
        if len({price["currency"] for price in prices}) != 1:
            return ()
        low, high = (choose(prices, key=itemgetter("amount")) for choose in (min, max))
        return (low,) if low["amount"] == high["amount"] else (low, high)


def named(abouts: Iterable[About], language: str) -> list[Named]:
    """Put SKUs of one product together, in the order in which the products are first named."""
    alike: dict[tuple[str, str], list[About]] = {}
    for about in abouts:
        product_id = about.get("product_id")
        key = ("product", product_id) if product_id else ("sku", about["sku"])
        alike.setdefault(key, []).append(about)
    return [_named(tuple(group), language) for group in alike.values()]


def localized(words: str | Mapping[str, str], language: str) -> str:
    """Return a text in a language, else in a region's form of it, else in English, else the first that there is."""
    if isinstance(words, str):
        return words
    for wanted in (language, FALLBACK):
        for locale in (wanted, *(each for each in words if each.replace("_", "-").lower().startswith(f"{wanted}-"))):
            if words.get(locale):
                return words[locale]
    return next(iter(words.values()))


def spoken(words: Mapping[str, Any], language: str) -> Any:  # noqa: ANN401 - whatever is said by locale
    """Return what is said in a language, or in a region's form of it; ``None`` where nothing is.

    No other language stands in for it: what it translates is in the shop's own.
    """
    for locale in sorted(words):
        if locale.lower() == language or locale.lower().startswith(f"{language}-"):
            return words[locale]
    return None


def _named(group: tuple[About, ...], language: str) -> Named:
    first = group[0]
    variants = [
        spoken(about.get("variants", {}), language) or localized(about["variant"], language)
        for about in group
        if about.get("variant")
    ]
    return Named(
        skus=tuple(dict.fromkeys(about["sku"] for about in group)),
        name=localized(first.get("title", first["sku"]), language),
        variant=BETWEEN_VARIANTS.join(dict.fromkeys(variants)),
        image=next((about["image"] for about in group if about.get("image")), ""),
        url=first.get("url", ""),
        abouts=group,
    )
