"""What availability's routes answer."""

from typing import Any, Literal, TypedDict

from standby.platform.answers import Count, Day, Instant, Step

__all__ = [
    "AlternativeList",
    "AlternativeShown",
    "BadgeExplained",
    "BadgeList",
    "BadgeShown",
    "CartChecked",
    "Expected",
    "Likeness",
    "LineChecked",
    "OptionValues",
    "Price",
    "ProductMatrix",
    "Ranked",
    "RatingOf",
    "ReturnList",
    "ReturnedProduct",
    "ReturnedSku",
    "StoreDay",
    "StoreHaving",
    "StoreList",
    "StoreShown",
    "StoreSku",
    "ValueBuyable",
    "VariantCell",
]

Status = Literal[
    "InStock",
    "LimitedAvailability",
    "PreOrder",
    "BackOrder",
    "InStoreOnly",
    "OutOfStock",
    "SoldOut",
    "Discontinued",
]
Action = Literal["buy", "preorder", "collect", "wait"]


class Expected(TypedDict):
    """When more is expected."""

    back_on: Day | None
    """The first such day, in the shop's calendar; ``null`` where it is not known, or all can be had. What is ordered
    ahead is there on that day at the latest."""
    back_on_firm: bool | None
    """Whether the day can be relied on as far as one can tell: no purchase order of the SKU is late."""
    release_on: str | None
    """The day (``2027-03-01``), month or period (``2027-03-01/2027-03-15``) of what is ordered ahead; else ``null``."""


class BadgeShown(Expected):
    """What a shopper is told of a SKU or of a product.

    Of a product it tells neither units nor a day: ``GET /v1/products/{product_id}/availability`` tells them by SKU.
    """

    sku: str | None
    """``null`` where a product was asked for."""
    product_id: str | None
    status: Status | None
    """Of schema.org's ``ItemAvailability``; ``null`` where neither the ERP nor the catalogue ever named it."""
    label: str
    """The status in the reader's language; empty where there is none."""
    units_left: Count | None
    """Only where they are few."""
    actions: list[Action]
    as_of: Instant | None
    """Since when it is so."""


class BadgeList(TypedDict):
    """Badges, in the order asked."""

    items: list[BadgeShown]
    next: None


class LineChecked(Expected):
    """Whether a line of a cart can be had."""

    sku: str
    product_id: str | None
    quantity: Count
    can_be_had: bool
    preorder: bool
    """Whether it is had by ordering ahead: its units come on `back_on`, and are reserved as a pre-order."""
    in_store: bool
    """Whether a store has units of it."""
    units: Count
    """How many units of the quantity can be had, after the lines above took theirs."""
    alternatives: list[str]
    """SKUs of the same product that can be had in this quantity, the most like it first; only where asked for."""
    status: Status | None
    label: str
    as_of: Instant | None


class CartChecked(TypedDict):
    """Whether a cart can be had."""

    can_be_had: bool
    """Whether all of its lines can."""
    lines: list[LineChecked]


class Ranked(TypedDict):
    """What was given, with what cannot be had at the end."""

    items: list[str]
    next: None


class StoreDay(TypedDict):
    """When a store is open on a day."""

    day: Day
    hours: list[list[str]]
    """From when to when, by the clock on its wall; what closes before it opens closes on the next day."""


class StoreSku(TypedDict):
    """A SKU of which a store has units."""

    sku: str
    units_left: Count | None
    """Only where they are few."""


class StoreShown(TypedDict):
    """A store that has units. What the ERP did not say of it is ``null``."""

    location_id: str
    name: str | None
    address: str | dict[str, Any] | None
    """As the ERP said it."""
    phone: str | None
    latitude: float | None
    longitude: float | None
    distance_km: float | None
    """Along a great circle."""
    sells_online: bool
    """Whether what it has can be bought online, too."""
    open_now: bool | None
    hours_today: list[list[str]] | None
    hours_week: list[StoreDay] | None
    """Today and the six days after it, with what is otherwise on a date."""
    hours_text: str | None
    """Opening hours in words, where the ERP said them so."""
    skus: list[StoreSku]
    more_skus: Count
    """SKUs with units, beside these."""


class StoreList(TypedDict):
    """Stores that have a product, the nearest first."""

    items: list[StoreShown]
    next: None
    more_stores: Count
    """Stores with units, beside these."""
    as_of: Instant | None
    """Since when the units are so."""


class StoreHaving(TypedDict):
    """A store that has units of a product."""

    location_id: str
    name: str | None
    sells_online: bool
    """Whether what it has can be bought online, too."""
    skus: list[StoreSku]
    more_skus: Count
    """SKUs with units, beside these."""


class BadgeExplained(TypedDict):
    """The words that a badge was made of, and the rule that made it, newest last."""

    subject: str
    steps: list[Step]


class Price(TypedDict):
    """An amount in minor units, such as cents."""

    amount: Count
    currency: str
    """ISO 4217."""


class VariantCell(Expected):
    """A SKU among those of its product."""

    sku: str
    options: dict[str, str]
    """Its values, by the names of the product's options."""
    text: str
    """Its values in the reader's language, in the order of the product's options; empty where it has none."""
    status: Status | None
    label: str
    units_left: Count | None
    """Only where they are few."""
    in_store: bool
    """Whether a store has units of it."""
    actions: list[Action]
    price: Price | None
    """Of what is ordered ahead the campaign's, else its own, else the product's."""
    image: str | None
    """Its own; ``null`` where it looks like the product."""
    as_of: Instant | None


class ValueBuyable(TypedDict):
    """A value of an option, such as the size M."""

    value: str
    text: str
    """What it is called in the reader's language; itself where the shop did not say."""
    can_be_bought: bool
    """Whether any variant that has it can be bought or ordered ahead now, whatever is chosen."""
    with_choice: bool
    """Whether one can be that has it and all that is chosen of the other options."""
    status: Status | None
    """The best of the variants that fit the choice; ``null`` where there is no such variant."""
    label: str
    units_left: Count | None
    """Where they are few, and one variant alone can be bought."""


class OptionValues(TypedDict):
    """An option, such as the size, with its values in the product's order."""

    name: str
    text: str
    """What it is called in the reader's language."""
    values: list[ValueBuyable]


class ProductMatrix(TypedDict):
    """A product with all of its variants, in its own order, a second old at most times."""

    product_id: str
    title: str | None
    """In the reader's language where the shop named it so."""
    url: str | None
    image: str | None
    brand: str | None
    category: str | None
    price: Price | None
    """Its own, else the lowest of its variants."""
    status: Status | None
    """The best of its variants; ``null`` where it has none."""
    label: str
    units_left: Count | None
    """Where they are few, and one variant alone can be bought."""
    back_on: Day | None
    """When more of any variant is expected, where none can be bought; of what is ordered ahead the earliest promise."""
    release_on: str | None
    """The release of that variant, where it is ordered ahead."""
    actions: list[Action]
    as_of: Instant | None
    choice: dict[str, str]
    """What was chosen, by option."""
    options: list[OptionValues]
    variants: list[VariantCell]
    stores: list[StoreHaving]
    """The first stores that have units, in the order of their names; `…/stores?near=` has all, the nearest first."""
    more_stores: Count
    """Stores with units, beside these."""


class Likeness(TypedDict):
    """Why a product is an alternative, in numbers."""

    place: Count | None
    """Among those that the shop calls similar, from 0."""
    score: Count
    """The sum of the points. It orders those that the shop does not call similar."""
    points: dict[str, Count]
    """For ``choice``, ``brand``, ``price`` and ``tags``, each only where there are any."""
    price_difference: int | None
    """By how many minor units it costs more; less than 0 where it costs less."""
    bits: Count | None
    """In how many of 64 bits the pictures differ, where the products are alike by looks alone; that orders those."""


class AlternativeShown(TypedDict):
    """A product that can be bought instead of another one."""

    product_id: str
    title: str | None
    url: str | None
    image: str | None
    price: Price | None
    """Its own, else the lowest of its variants."""
    status: Status | None
    label: str
    actions: list[Action]
    sku: str | None
    """A variant that can be bought and has all that is chosen; ``null`` where nothing is chosen, or it has none."""
    reason: Literal["similar", "same_category", "looks_alike"]
    """``similar``: the shop says so. ``looks_alike``: its picture does, where the shop's words give no alternative."""
    numbers: Likeness
    as_of: Instant | None


class AlternativeList(TypedDict):
    """What can be bought instead of a product: what the shop calls similar first, in its order."""

    product_id: str
    choice: dict[str, str]
    """What was chosen, by option."""
    items: list[AlternativeShown]
    next: None


class RatingOf(TypedDict):
    """What customers think of a product, as the catalogue says."""

    value: float
    """The mean, of five stars."""
    count: Count
    """How many rated it."""


class ReturnedSku(TypedDict):
    """A SKU that came back and can be bought."""

    sku: str
    options: dict[str, str]
    """Its values, by the names of the product's options."""
    text: str
    """Its values in the reader's language, in the order of the product's options; empty where it has none."""
    status: Status | None
    label: str
    units_left: Count | None
    """Only where they are few."""
    price: Price | None
    """Its own."""
    back_at: Instant


class ReturnedProduct(TypedDict):
    """A product of which something came back and can be bought."""

    product_id: str
    title: str | None
    """In the reader's language where the shop named it so."""
    url: str | None
    image: str | None
    brand: str | None
    category: str | None
    price: Price | None
    """Its own, else the lowest of its variants."""
    rating: RatingOf | None
    status: Status | None
    """The best of the SKUs that came back."""
    label: str
    actions: list[Action]
    back_at: Instant
    """When the newest of them came back."""
    skus: list[ReturnedSku]
    """The newest of those that came back, at most four."""
    as_of: Instant | None


class ReturnList(TypedDict):
    """What came back, the newest first. What was there for the first time is new and is none of it."""

    items: list[ReturnedProduct]
    next: str | None
    """The ``after`` of the next page; a page may have fewer items than were asked for, and still a next."""
    category: str | None
    """The one that was asked for; ``null``: all."""
    days: Count
    """How many days something is listed after it came back, as long as it can be bought."""
