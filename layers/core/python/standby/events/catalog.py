"""What the catalogue tells: what products are called, which SKUs they have, and what does not come back."""

from typing import NamedTuple

from standby.events.fields import (
    Edition,
    EventId,
    Instant,
    Localized,
    Money,
    Number,
    ProductId,
    Rating,
    Sku,
    Translations,
    Variants,
    Words,
)


class ProductChanged(NamedTuple):
    """A product, and what changed of its variants: all of them where the product itself changed.

    A large product takes several events with the same ``edition``, each with the whole product and some of the
    variants. A SKU has one product at a time: the one with the newest word that has it. A variant that a product no
    longer has comes as ``gone``, unless another product has it. ``price_from`` is the lowest price of its SKUs where
    the product itself has none.
    """

    id: EventId
    at: Instant
    product_id: ProductId
    edition: Edition
    title: Localized
    discontinued: bool
    variants: Variants
    options: Words = ()
    tags: Words = ()
    similar: Words = ()
    url: str | None = None
    image: str | None = None
    category: str | None = None
    brand: str | None = None
    price: Money | None = None
    price_from: Money | None = None
    rank: Number | None = None
    translations: Translations | None = None
    rating: Rating | None = None


class ProductDiscontinued(NamedTuple):
    """A SKU does not come back: one event per SKU, also where the shop said so of the whole product.

    ``edition`` is the SKU's, as in `ProductChanged`, whose newer word may take it back. The product of a SKU that no
    product has is left out.
    """

    id: EventId
    at: Instant
    sku: Sku
    edition: Edition
    product_id: ProductId | None = None
