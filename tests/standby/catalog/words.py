"""What a shop says of its products, and what must be known of it then, computed from all words at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from standby.catalog.messages import Word, read
from standby.catalog.model import NEVER, Product, ProductAbsent, ProductEnded, ProductSaid, SkuEnded, Variant, Version
from standby.events.catalog import ProductChanged, ProductDiscontinued
from standby.platform.bus import Event
from standby.platform.clock import to_milliseconds
from standby.platform.identifier import EXACT, Ids
from standby.platform.moment import Arrival

from tests.fakes import EPOCH

AT = to_milliseconds(EPOCH)


def upserted(product_id: str, *skus: str, minute: int = 0, **more: Any) -> dict[str, Any]:
    """Return the message that a product has these SKUs, as of a minute before ten."""
    return {
        "type": "product.upserted",
        "product_id": product_id,
        "title": {"en": f"{product_id} {more.pop('title', '')}".strip()},
        "variants": [{"sku": sku, "price": {"amount": 100, "currency": "ILS"}} for sku in skus],
        "as_of": f"2026-05-03T09:{minute:02}:00Z",
        **more,
    }


def discontinued(*, minute: int = 0, **what: str) -> dict[str, Any]:
    """Return the message that a product or a SKU does not come back."""
    return {"type": "product.discontinued", **what, "as_of": f"2026-05-03T09:{minute:02}:00Z"}


def locales(number: int = 40) -> list[str]:
    """Return as many locales as a product may have."""
    return [f"x{chr(97 + each // 26)}{chr(97 + each % 26)}" for each in range(number)]


def word(message: Mapping[str, Any], *, arrival: int = 0, ids: Ids = EXACT) -> Word:
    """Return what a message says."""
    return read(message, arrival=Arrival(AT + arrival), now=EPOCH, ids=ids)


@dataclass
class Shelves:
    """A store in memory. ``interrupt`` is called before and after each of its calls."""

    products: dict[str, Product] = field(default_factory=dict)
    skus: dict[str, Variant] = field(default_factory=dict)
    writes: int = 0

    def interrupt(self) -> None:
        """Break or delay a call."""

    def product(self, product_id: str) -> Product:
        self.interrupt()
        return self.products.get(product_id) or Product(product_id=product_id)

    def keep_product(self, product: Product, *, read: int) -> bool:
        self.interrupt()
        known = self.products.get(product.product_id) or Product(product_id=product.product_id)
        if known.edition != read:
            return False
        self.products[product.product_id] = product
        self.writes += 1
        self.interrupt()
        return True

    def variants(self, skus: Sequence[str]) -> Mapping[str, Variant]:
        self.interrupt()
        assert 0 < len(skus) <= 100
        return {sku: self.skus[sku] for sku in skus if sku in self.skus}

    def keep_variant(self, variant: Variant) -> bool:
        self.interrupt()
        known = self.skus.get(variant.sku) or Variant(sku=variant.sku)
        if known.edition != variant.edition - 1:
            return False
        self.skus[variant.sku] = variant
        self.writes += 1
        self.interrupt()
        return True


class NoFiles:
    """No feed has complete files."""

    def absent_since(self, said: ProductSaid) -> ProductAbsent | None:
        assert said.feed is None


@dataclass
class Listener:
    """Whoever keeps what events say of SKUs and products, and ignores lower editions than it has seen."""

    products: dict[str, ProductChanged] = field(default_factory=dict)
    skus: dict[str, tuple[int, Any]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    """SKUs of which it heard last that they do not come back."""
    _ended_at: dict[str, int] = field(default_factory=dict)

    def hear(self, events: Iterable[Event]) -> None:
        """Take events in, in their order."""
        for event in events:
            if isinstance(event, ProductChanged):
                self._product(event)
            elif isinstance(event, ProductDiscontinued):
                self._ended_at[event.sku] = max(event.edition, self._ended_at.get(event.sku, 0))

    def _product(self, event: ProductChanged) -> None:
        known = self.products.get(event.product_id)
        if known is None or event.edition >= known.edition:
            self.products[event.product_id] = event
        for told in event.variants:
            if told["edition"] >= self.skus.get(told["sku"], (0, None))[0]:
                said = None
                if not told["gone"]:
                    about = (event.product_id, event.title["en"])
                    said = (about, told["position"], told["price"]["amount"], told["discontinued"])
                self.skus[told["sku"]] = (told["edition"], said)

    def knows(self) -> dict[str, Any]:
        """Return what it knows of each SKU that some product has."""
        return {sku: said for sku, (_, said) in self.skus.items() if said is not None}

    def titles(self) -> dict[str, Any]:
        """Return each product's title, and whether it is discontinued."""
        return {name: (event.title["en"], event.discontinued) for name, event in self.products.items()}

    def heard_ended(self, sku: str) -> bool:
        """Tell whether it heard that a SKU does not come back, after all else that it heard of it."""
        return self._ended_at.get(sku, 0) >= self.skus.get(sku, (1, None))[0]


def expected(words: Iterable[Word]) -> tuple[dict[str, Any], dict[str, Any], set[str]]:
    """Return what must be known in the end: SKUs, products, and the SKUs of no product that do not come back."""
    newest: dict[str, ProductSaid] = {}
    product_ended: dict[str, Version] = {}
    sku_ended: dict[str, Version] = {}
    for said in sorted(words, key=lambda said: said.version):
        match said:
            case ProductSaid():
                newest[said.product_id] = said
            case ProductEnded():
                product_ended[said.product_id] = said.version
            case SkuEnded():
                sku_ended[said.sku] = said.version
    skus: dict[str, Any] = {}
    for said in sorted(newest.values(), key=lambda said: said.version):
        for sku, content in said.variants.items():
            ended = max(product_ended.get(said.product_id, NEVER), sku_ended.get(sku, NEVER)) > said.version
            about = (said.product_id, said.about["title"]["en"])
            skus[sku] = (about, content["position"], content["price"]["amount"], ended)
    titles = {
        name: (said.about["title"]["en"], product_ended.get(name, NEVER) > said.version)
        for name, said in newest.items()
    }
    return skus, titles, {sku for sku in sku_ended if sku not in skus}
