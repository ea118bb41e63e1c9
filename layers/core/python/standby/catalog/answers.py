"""What the catalogue's routes answer."""

from typing import TypedDict

from standby.platform.answers import Count, Instant
from standby.platform.answers import MessagesTaken as MessagesTaken  # noqa: PLC0414 - re-exported: a route answers it


class PriceShown(TypedDict):
    """An amount in minor units."""

    amount: Count
    currency: str


class ProductRatingShown(TypedDict):
    """What customers think of a product."""

    hundredths: Count
    """The mean in hundredths of a star, of 500 at most."""
    count: Count
    """How many rated it."""


class ProductShown(TypedDict):
    """The newest word about a product."""

    product_id: str
    edition: Count
    """Rises with each change; events carry it."""
    as_of: Instant | None
    """``None``: it was discontinued before it was described."""
    as_of_assumed: bool
    """The message did not say when, so it is the time of its receipt."""
    discontinued: bool
    title: dict[str, str]
    url: str | None
    image: str | None
    category: str | None
    brand: str | None
    tags: list[str]
    price: PriceShown | None
    rank: Count | None
    rating: ProductRatingShown | None
    similar: list[str]
    options: list[str]
    translations: dict[str, dict[str, str]]
    """By locale: what names and values of options are called there."""
    skus: list[str]
    """In the product's own order. A SKU that another product has by a newer word stands there too."""
    feed: str | None
    """The mapping whose complete files bring it; it loses its SKUs once one of them no longer names it."""
