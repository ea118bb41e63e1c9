"""What the routes of pre-orders answer."""

from typing import Literal, NotRequired, TypedDict

from standby.platform.answers import Count, Day, Instant

__all__ = [
    "CampaignLinkShown",
    "CampaignShown",
    "CancellationPage",
    "CancellationShown",
    "LinePage",
    "OfferShown",
    "OwnShown",
    "ReservationShown",
]

Next = Literal["checkout", "arrival", "payment", "delivery", "decision"]


class MoneyShown(TypedDict):
    """An amount in minor units."""

    amount: Count
    currency: str


class EarlyAccessShown(TypedDict):
    """Who may reserve before the campaign opens to all."""

    opens_at: Instant
    tiers: list[str]
    waitlist: bool
    links: bool


class CampaignLinkShown(TypedDict):
    """A link by which a campaign can be reserved from before it opens to all."""

    token: str
    """What `POST /v1/reservations` takes as `access_token`."""
    url: str | None
    """The product's page in the shop with the token as its parameter `access_token`, where the catalogue names one."""
    expires_at: Instant
    units: Count | None


class CampaignShown(TypedDict):
    """A SKU's campaign as it is now."""

    sku: str
    kind: Literal["preorder", "backorder"]
    capacity: int | Literal["incoming"]
    limit_per_customer: int | None
    opens_at: Instant
    closes_at: Instant | None
    release_on: str
    """A day, a month or a period, as the shop said it."""
    promised_until: Day
    """Its last day, which customers are promised."""
    price: MoneyShown
    price_guarantee: Literal["none", "lowest_until_release"]
    incentive: dict[str, str]
    deposit: MoneyShown | None
    early_access: EarlyAccessShown | None
    allocation: Literal["strict", "fill"]
    pay: Literal["now", "on_allocation"]
    checkout_hours: int
    hold_minutes: int
    shards: int
    expected_per_second: int | None
    status: Literal["scheduled", "open", "closed"]
    reserved: Count
    """Units that reservations have, confirmed ones too."""
    confirmed: Count
    remaining: Count
    overcommitted: Count
    """Units that were promised and that no purchase order brings any more."""
    closed_at: Instant | None
    version: int


class LineShown(TypedDict):
    """Units of a SKU that a reservation has."""

    sku: str
    quantity: int
    price: MoneyShown | None
    promised_until: Day | None
    allocated: Count
    """Units that were set aside for it."""


class ReservationShown(TypedDict):
    """A reservation. With one line, SKU and quantity stand beside the lines, too."""

    id: str
    kind: Literal["preorder", "checkout"]
    sku: NotRequired[str]
    quantity: NotRequired[int]
    status: Literal["held", "confirmed", "allocated", "fulfilled", "cancelled", "expired"]
    lines: list[LineShown]
    expires_at: Instant | None
    """When the hold ends; ``null`` once it is confirmed or has ended."""
    promised_until: Day | None
    """The latest of the lines' days."""
    price: MoneyShown | None
    """Of all lines together; ``null`` where the shop's own prices count."""
    paid: bool
    prioritised: "PrioritisedShown | None"
    """Who put it in front of the line, and why; ``null``: nobody."""


class PrioritisedShown(TypedDict):
    """An exception that an operator made."""

    at: Instant
    by: str
    reason: str


class PlaceShown(TypedDict):
    """A place in the line for a SKU."""

    reservation_id: str
    units: Count
    """Those that it lacks."""
    confirmed: bool
    """Its order was placed; else it keeps its place until its hold ends."""
    promised_until: Day | None
    prioritised: bool
    """An operator put it in front; its reservation says who, and why."""


class LinePage(TypedDict):
    """A page of the line for a SKU, its head first."""

    items: list[PlaceShown]
    next: str | None
    """Asks for the page behind it, as ``after``; ``null`` behind the last."""


class OwnLineShown(LineShown):
    """A line of an own reservation."""

    place: Count | None
    """In line, from 1, about; 1,001 stands for all behind it. ``null`` where it waits for nothing."""


class ConsentShown(TypedDict):
    """A customer's word that they wait."""

    at: Instant
    until: Day | None
    """``null``: whenever it comes."""


class LateShown(TypedDict):
    """What a customer is told of a delay."""

    late: bool
    """It comes later than promised, or nobody knows when; once an order tells of its own delays, its page says so."""
    first_promised_until: Day | None
    """The day that was promised as it was reserved."""
    may_wait: bool
    """Its customer can agree to the day that is expected now, or to wait whenever it comes."""
    agreed: ConsentShown | None
    """To what its customer agreed last, of a pre-order that is late."""


class OwnShown(LateShown):
    """A customer's own reservation."""

    kind: Literal["preorder", "checkout"]
    status: Literal["held", "confirmed", "allocated", "fulfilled", "cancelled", "expired"]
    next: Next | None
    """What happens next: the customer orders, goods arrive, the customer pays, the shop delivers, or decides whether it
    can still be cancelled; ``null`` at the end."""
    lines: list[OwnLineShown]
    cancel_asked_at: Instant | None
    """When the customer first asked to cancel; a mailed code carries it out."""
    cancel_sent_at: Instant | None
    """When the shop was asked to cancel the order that it knew already."""
    reserved_at: Instant
    expires_at: Instant | None
    """When the hold ends; ``null`` once it is confirmed or has ended."""
    pay_by: Instant | None
    """Until when it must be paid, where its units are set aside until then only."""
    ended_at: Instant | None
    promised_until: Day | None
    """The latest of the lines' days."""
    price: MoneyShown | None
    paid: bool


class OfferShown(TypedDict):
    """Units that are set aside for a customer in line."""

    sku: str
    quantity: int
    status: Literal["open", "accepted", "declined", "expired"]
    expires_at: Instant | None
    """``null`` once it is ordered or over, and in the moment before it is known when the mail left."""


class CancellationShown(TypedDict):
    """The newest wish to cancel everybody in line for a SKU, and what would be lost."""

    sku: str
    status: Literal["waiting", "cancelling", "cancelled", "rejected"]
    asked_at: Instant
    asked_by: str
    """The name of the key; `catalogue` where the product does not come back."""
    decided_at: Instant | None
    decided_by: str | None
    ended_at: Instant | None
    """When everybody was cancelled."""
    reservations: Count
    """In line now, at most 1,000."""
    units: Count
    """That these lack."""
    more: bool
    """Whether more than 1,000 are in line."""


class CancellationPage(TypedDict):
    """Cancellations that wait for a decision, by SKU."""

    items: list[CancellationShown]
    next: str | None
    """Asks for the page behind it, as ``after``; ``null`` behind the last."""
