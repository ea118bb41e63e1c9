"""The listing: which products a visitor's choice leaves, and in which order."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from infra.local.shop.goods import Product, Variant, products

SORTS: Mapping[str, Callable[[Product], tuple[object, ...]]] = {
    "ours": lambda _: (),
    "price": lambda product: (product.price,),
    "price-down": lambda product: (-product.price,),
    "title": lambda product: (product.title["en"],),
}


@dataclass(frozen=True)
class Choice:
    """What a visitor wants to see. ``now`` leaves out what cannot be had."""

    category: str = ""
    colours: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    sort: str = "ours"
    now: bool = False

    @classmethod
    def of(cls, query: Mapping[str, list[str]]) -> "Choice":
        """Read it from an address; what is unknown is left out."""
        sort = (query.get("sort") or ["ours"])[0]
        return cls(
            category=(query.get("category") or [""])[0],
            colours=frozenset(query.get("colour", ())),
            sizes=frozenset(query.get("size", ())),
            sort=sort if sort in SORTS else "ours",
            now="now" in query,
        )

    @property
    def narrow(self) -> bool:
        """Whether anything is filtered but the category."""
        return bool(self.colours or self.sizes or self.now)

    def fits(self, variant: Variant) -> bool:
        """Tell whether a variant is of a chosen colour and size."""
        return (not self.colours or variant.colour in self.colours) and (not self.sizes or variant.size in self.sizes)


def chosen(choice: Choice) -> list[tuple[Product, list[Variant]]]:
    """Return the products that fit, sorted, each with its variants that do."""
    found = [
        (product, fitting)
        for product in products()
        if choice.category in ("", product.category) and (fitting := [*filter(choice.fits, product.variants)])
    ]
    return sorted(found, key=lambda each: SORTS[choice.sort](each[0]))


def categories() -> list[str]:
    """Return all categories, in the shop's order."""
    return list(dict.fromkeys(product.category for product in products()))


def colours(category: str) -> list[str]:
    """Return the colours that a category has, or all."""
    return sorted({colour for product in _of(category) for colour in product.colours})


def sizes(category: str) -> list[str]:
    """Return the sizes of a category, in the products' order."""
    return list(dict.fromkeys(size for product in _of(category) for size in product.sizes)) if category else []


def _of(category: str) -> Iterable[Product]:
    return (product for product in products() if category in ("", product.category))
