"""Take in what the shop says of its products, and let everybody hear of it.

Every step may be repeated, and others may be at work on the same product or SKU. Writes are conditional on the edition
that was read; who was slower reads again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from standby.catalog.model import (
    NEVER,
    Product,
    ProductAbsent,
    ProductEnded,
    ProductSaid,
    SkuEnded,
    Variant,
)
from standby.catalog.telling import discontinued_events, product_events
from standby.platform.backoff import Backoff
from standby.platform.bus import Bus, Event
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.catalog.answers import ProductShown

READ_AT_ONCE = 100
Moved = Mapping[str, tuple[Variant, bool]]
"""SKUs after a word about them, and whether others see the difference."""


class Store(Protocol):
    """Where products and SKUs are kept."""

    def product(self, product_id: str) -> Product:
        """Return a product as the last finished write left it; its edition is 0 where there is none."""
        ...

    def keep_product(self, product: Product, *, read: int) -> bool:
        """Write a product if its edition is still the one that was ``read``; tell whether it was."""
        ...

    def variants(self, skus: Sequence[str]) -> Mapping[str, Variant]:
        """Return those of at most 100 SKUs that are known, as the last finished write left them."""
        ...

    def keep_variant(self, variant: Variant) -> bool:
        """Write a SKU if its edition is still the one before; tell whether it was."""
        ...


class NewerFiles(Protocol):
    """Where newer files of a feed are known."""

    def absent_since(self, said: ProductSaid) -> ProductAbsent | None:
        """Return that a newer complete file, which counts already, says nothing of a product; ``None`` without one.

        Files of which it is not decided yet whether they count remember the product until then.
        """
        ...


@frozen(kw_only=True)
class Catalogue:
    """Takes in what is said of products."""

    store: Store
    bus: Bus
    clock: Clock
    files: NewerFiles
    backoff: Backoff = Backoff()

    def take(self, word: ProductSaid | ProductAbsent | ProductEnded | SkuEnded) -> None:
        """Take one word in; idempotent. An older word than the known one changes nothing.

        Raises `BusyError` when others kept writing the same.
        """
        if isinstance(word, ProductSaid | ProductAbsent):
            self._described(word)
        elif isinstance(word, ProductEnded):
            self._product_ended(word)
        else:
            self._sku_ended(word)

    def retell(self, product_id: str) -> None:
        """Tell all that is known of a product, and of those of its SKUs that it has."""
        product = self.store.product(product_id)
        moved = self._moved(product.skus, lambda variant: variant)
        self._tell(product, moved, everything=True)

    def _described(self, said: ProductSaid | ProductAbsent) -> None:
        before, product = self._describe(said)
        counts = product.version == said.version and (product.edition > before.edition or before.open)
        if counts:
            having = self._having(product, said) if isinstance(said, ProductSaid) else {}
            moved = having | self._leaving(product)
            # Whoever left it open may have died before anybody heard of it.
            self._tell(product, moved, everything=before.open or before.shown != product.shown)
        if isinstance(said, ProductSaid) and _may_come_late(said, before, product):
            absent = self.files.absent_since(said)
            if absent is not None:
                self._described(absent)
        if counts:
            self.store.keep_product(product.settled(), read=product.edition)

    def _describe(self, said: ProductSaid | ProductAbsent) -> tuple[Product, Product]:
        """Write the product itself; return it as it was and as it is, the same where there is nothing to write."""
        for _ in self.backoff.tries(said.product_id):
            before = self.store.product(said.product_id)
            product = before.told(said) if isinstance(said, ProductSaid) else before.absent(said)
            if product is before:
                break
            if before.leaving and product.version > before.version:  # the new word would forget them
                self._tell(before, self._leaving(before), everything=True)
            if self.store.keep_product(product, read=before.edition):
                break
        return before, product

    def _having(self, product: Product, said: ProductSaid) -> dict[str, tuple[Variant, bool]]:
        discontinued = product.discontinued if product.is_discontinued else NEVER
        return self._moved(
            said.variants,
            lambda variant: variant.told(
                product.product_id, said.version, said.variants[variant.sku], discontinued=discontinued
            ),
        )

    def _leaving(self, product: Product) -> dict[str, tuple[Variant, bool]]:
        return self._moved(
            product.leaving,
            lambda variant: variant.told(product.product_id, product.version, None, discontinued=NEVER),
        )

    def _product_ended(self, said: ProductEnded) -> None:
        for _ in self.backoff.tries(said.product_id):
            product = self.store.product(said.product_id)
            if said.version < max(product.version, product.discontinued):
                return
            if said.version == product.discontinued:
                break
            read, product = product.edition, product.ended(said)
            if self.store.keep_product(product, read=read):
                break
        moved = self._moved(
            product.skus, lambda variant: variant.product_ended(product.product_id, product.discontinued)
        )
        self._tell(product, moved, everything=True)

    def _sku_ended(self, said: SkuEnded) -> None:
        moved = self._moved([said.sku], lambda variant: variant.ended(said.version))
        ((variant, _),) = moved.values()
        if variant.discontinued == said.version and variant.is_discontinued:
            product = self.store.product(variant.product_id) if variant.product_id else None
            self._publish(product, [variant])

    def _moved(self, skus: Iterable[str], change: Callable[[Variant], Variant]) -> dict[str, tuple[Variant, bool]]:
        """Write what a word changes of some SKUs."""
        moved = {}
        names = list(skus)
        for start in range(0, len(names), READ_AT_ONCE):
            page = names[start : start + READ_AT_ONCE]
            known = self.store.variants(page)
            for sku in page:
                moved[sku] = self._one_moved(known.get(sku) or Variant(sku=sku), change)
        return moved

    def _one_moved(self, before: Variant, change: Callable[[Variant], Variant]) -> tuple[Variant, bool]:
        for attempt in self.backoff.tries(before.sku):
            if attempt:
                before = self.store.variants([before.sku]).get(before.sku) or Variant(sku=before.sku)
            after = change(before)
            if after == before or self.store.keep_variant(after):
                break
        return after, after.shown != before.shown

    def _tell(self, product: Product, moved: Moved, *, everything: bool) -> None:
        """Let everybody hear of a product and of what became of its SKUs.

        ``everything`` says that all of it is told, not only what changed. A SKU that another product has is told as
        that one's, where this product has just left it.
        """
        own: list[Variant] = []
        others: dict[str, list[Variant]] = defaultdict(list)
        leaving = set(product.leaving)
        for sku, (variant, changed) in moved.items():
            if not (everything or changed) or variant.version_of(product.product_id) > product.version:
                continue  # whoever takes in a newer word tells it, with what that word says of the product
            if variant.product_id == product.product_id or (variant.product_id is None and sku in leaving):
                own.append(variant)
            elif variant.product_id is not None and sku in leaving:
                others[variant.product_id].append(variant)
        if own or everything:
            self._publish(product, own)
        for product_id, variants in others.items():
            self._publish(self.store.product(product_id), variants)

    def _publish(self, product: Product | None, variants: Sequence[Variant]) -> None:
        at = to_text(self.clock.now())
        events: list[Event] = list(discontinued_events(variants, at=at))
        if product is not None and product.known:
            events = [*product_events(product, variants, at=at), *events]
        self.bus.publish(events)


def _may_come_late(said: ProductSaid, before: Product, product: Product) -> bool:
    """Tell whether a newer file of the feed may not have found the product among those that the feed brought.

    It found what was the feed's for long. A word that left the product open may have died before it could ask.
    """
    if said.feed is None:
        return False
    if product.edition > before.edition:
        return before.open or before.feed != said.feed or product.version != said.version
    return before.open or (before.fed == said.version and before.version != said.version)


class Products(Protocol):
    """Where products are read."""

    def product(self, product_id: str) -> Product:
        """Return a product as the last finished write left it; its edition is 0 where there is none."""
        ...


@frozen()
class Lookup:
    """Tells an operator what is known of a product."""

    products: Products

    def show(self, product_id: str) -> "ProductShown | None":
        """Return the newest word about a product, ``None`` where there is none."""
        product = self.products.product(product_id)
        if not product.edition:
            return None
        about = product.about
        return {
            "product_id": product.product_id,
            "edition": product.edition,
            "as_of": product.as_of or None,
            "as_of_assumed": product.as_of_assumed,
            "discontinued": product.is_discontinued,
            "title": about.get("title", {}),
            "url": about.get("url"),
            "image": about.get("image"),
            "category": about.get("category"),
            "brand": about.get("brand"),
            "tags": about.get("tags", []),
            "price": about.get("price"),
            "rank": about.get("rank"),
            "rating": about.get("rating"),
            "similar": about.get("similar", []),
            "options": about.get("options", []),
            "translations": about.get("translations", {}),
            "skus": list(product.skus),
            "feed": product.feed,
        }
