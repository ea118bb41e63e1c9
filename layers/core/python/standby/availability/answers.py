"""What availability's routes answer."""

from typing import Literal, TypedDict

from standby.platform.answers import Count, Day, Instant, Step

__all__ = ["BadgeExplained", "BadgeList", "BadgeShown", "CartChecked", "LineChecked", "Ranked"]

Status = Literal["InStock", "LimitedAvailability", "OutOfStock", "SoldOut", "Discontinued"]
Action = Literal["buy", "wait"]


class BadgeShown(TypedDict):
    """What a shopper is told of a SKU or of a product."""

    sku: str | None
    """``null`` where a product was asked for."""
    product_id: str | None
    status: Status | None
    """Of schema.org's ``ItemAvailability``; ``null`` where neither the ERP nor the catalogue ever named it."""
    label: str
    """The status in the reader's language; empty where there is none."""
    units_left: Count | None
    """Only where they are few."""
    back_on: Day | None
    """When more is expected, in the shop's calendar, where nothing can be bought."""
    actions: list[Action]
    as_of: Instant | None
    """Since when it is so."""


class BadgeList(TypedDict):
    """Badges, in the order asked."""

    items: list[BadgeShown]
    next: None


class LineChecked(TypedDict):
    """Whether a line of a cart can be had."""

    sku: str
    quantity: Count
    can_be_had: bool
    units: Count
    """How many units of the quantity can be had, after the lines above took theirs."""
    status: Status | None
    label: str
    back_on: Day | None
    """When more is expected, in the shop's calendar, where not all can be had."""
    as_of: Instant | None


class CartChecked(TypedDict):
    """Whether a cart can be had."""

    can_be_had: bool
    """Whether all of its lines can."""
    lines: list[LineChecked]


class Ranked(TypedDict):
    """What was given, with what cannot be bought at the end."""

    items: list[str]
    next: None


class BadgeExplained(TypedDict):
    """The words that a badge was made of, and the rule that made it, newest last."""

    subject: str
    steps: list[Step]
