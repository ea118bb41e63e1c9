"""A dry run: compare a product file with the catalogue, report what it would change, and write nothing else."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from standby.catalog.model import PRICE_FROM, Product, ProductSaid, Variant
from standby.platform.frozen import frozen

COMPARED = 100
PRODUCTS = ("products_new", "products_changed", "products_same", "products_older")
"""What would become of the products that a file names; of older ones the catalogue knows a newer word."""
SKUS = ("skus_new", "skus_changed", "skus_same", "skus_gone")
COMPARISONS = (*PRODUCTS, *SKUS)
POSITION = "position"
"""A SKU whose product has others in front of it is none that changes."""
Differs = Callable[[Mapping[str, Any]], None]


class Known(Protocol):
    """Where products and SKUs are read, at most 100 at a time."""

    def products(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        """Return those of some products that are known."""
        ...

    def variants(self, skus: Sequence[str]) -> Mapping[str, Variant]:
        """Return those of some SKUs that are known."""
        ...


@frozen(kw_only=True)
class Comparison:
    """Compares the products of one pass with the catalogue."""

    known: Known
    differs: Differs
    """Takes a difference."""

    def run(self, words: Iterable[ProductSaid]) -> Counter[str]:
        """Report the differences, and return how many there are of each kind."""
        counts: Counter[str] = Counter()
        said = iter(words)
        while group := list(islice(said, COMPARED)):
            products = self.known.products([word.product_id for word in group])
            skus = dict.fromkeys(sku for word in group for sku in word.variants)
            variants = {sku: variant for page in _pages(skus) for sku, variant in self.known.variants(page).items()}
            for word in group:
                counts += self._compared(word, products.get(word.product_id), variants)
        return counts

    def _compared(self, said: ProductSaid, known: Product | None, variants: Mapping[str, Variant]) -> Mapping[str, int]:
        if known is not None and known.version > said.version:
            self.differs({"product_id": said.product_id, "what": "older", "fields": [], **dict.fromkeys(SKUS, 0)})
            return Counter(["products_older"])
        skus = Counter(_what(variants.get(sku), said.product_id, content) for sku, content in said.variants.items())
        before = known.skus if known is not None else ()
        skus["skus_gone"] = sum(sku not in said.variants for sku in before)
        about = known.about if known is not None else {}
        names = (about.keys() | said.about.keys()) - {PRICE_FROM}
        changed = sorted(name for name in names if about.get(name) != said.about.get(name))
        alike = not changed and tuple(said.variants) == before and skus["skus_same"] == len(said.variants)
        what = "new" if not before else "same" if alike else "changed"
        if what != "same":
            numbers = {name: skus[name] for name in SKUS}
            fields = changed if before else []
            self.differs({"product_id": said.product_id, "what": what, "fields": fields, **numbers})
        return skus + Counter([f"products_{what}"])


def _what(known: Variant | None, product_id: str, content: Mapping[str, Any]) -> str:
    """Return what becomes of a SKU that a product has."""
    if known is None or known.product_id != product_id:
        return "skus_new"
    return "skus_same" if _plain(known.content or {}) == _plain(content) else "skus_changed"


def _plain(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in content.items() if name != POSITION}


def _pages(skus: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(skus)
    while page := list(islice(waiting, COMPARED)):
        yield page
