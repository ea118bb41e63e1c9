"""What availability's routes answer."""

from typing import Literal, TypedDict

from standby.platform.answers import Count, Day, Instant, Step

__all__ = [
    "BadgeExplained",
    "BadgeList",
    "BadgeShown",
    "CartChecked",
    "Expected",
    "LineChecked",
    "OptionValues",
    "Price",
    "ProductMatrix",
    "Ranked",
    "ValueBuyable",
    "VariantCell",
]

Status = Literal["InStock", "LimitedAvailability", "InStoreOnly", "OutOfStock", "SoldOut", "Discontinued"]
Action = Literal["buy", "collect", "wait"]


class Expected(TypedDict):
    """When more is expected."""

    back_on: Day | None
    """The first such day, in the shop's calendar; ``null`` where it is not known, or all can be had."""
    back_on_firm: bool | None
    """Whether the day can be relied on as far as one can tell: no purchase order of the SKU is late."""


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
    quantity: Count
    can_be_had: bool
    in_store: bool
    """Whether a store has units of it."""
    units: Count
    """How many units of the quantity can be had, after the lines above took theirs."""
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
    status: Status | None
    label: str
    units_left: Count | None
    """Only where they are few."""
    actions: list[Action]
    price: Price | None
    """Its own, else the product's."""
    image: str | None
    """Its own; ``null`` where it looks like the product."""
    as_of: Instant | None


class ValueBuyable(TypedDict):
    """A value of an option, such as the size M."""

    value: str
    can_be_bought: bool
    """Whether any variant that has it can be bought now, whatever is chosen."""
    with_choice: bool
    """Whether one can be bought that has it and all that is chosen of the other options."""
    status: Status | None
    """The best of the variants that fit the choice; ``null`` where there is no such variant."""
    label: str
    units_left: Count | None
    """Where they are few, and one variant alone can be bought."""


class OptionValues(TypedDict):
    """An option, such as the size, with its values in the product's order."""

    name: str
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
    status: Status | None
    """The best of its variants; ``null`` where it has none."""
    label: str
    units_left: Count | None
    """Where they are few, and one variant alone can be bought."""
    back_on: Day | None
    """When more of any variant is expected, where none can be bought."""
    actions: list[Action]
    as_of: Instant | None
    choice: dict[str, str]
    """What was chosen, by option."""
    options: list[OptionValues]
    variants: list[VariantCell]
