"""What the waitlist's routes answer."""

from typing import Literal, TypedDict

from standby.platform.answers import Accepted, Count, Day, Instant, Step

__all__ = [
    "Accepted",
    "ConfirmationShown",
    "Confirmed",
    "CountsShown",
    "DigestShown",
    "EntryList",
    "EntryShown",
    "Left",
    "StoreOfferList",
    "StoreOfferShown",
    "Subscribed",
    "Waiting",
    "WaitlistExplained",
    "Wished",
]


class Wished(TypedDict):
    """All that a confirmation confirms."""

    skus: list[str]
    quantity: int
    until: Day
    """The last day of waiting, in the shop's calendar."""
    marketing: bool
    """Whether the customer also agrees to advertising."""
    digest: bool
    """Whether the customer also gets the weekly list of what is back in stock."""


class ConfirmationShown(Wished):
    """What a confirmation is about."""

    status: Literal["unconfirmed", "confirmed"]


class Confirmed(TypedDict):
    """The entry is in line."""

    status: Literal["confirmed"]
    skus: list[str]


class Waiting(TypedDict):
    """Nothing has changed yet. A POST to the same address makes the customer leave."""

    status: Literal["waiting"]


class Left(TypedDict):
    """All entries of the address have ended."""

    status: Literal["left"]


class EntryShown(TypedDict):
    """An entry of the customer who asks."""

    id: str
    skus: list[str]
    quantity: int
    until: Day
    """The last day of waiting, in the shop's calendar."""
    place: int | None
    """The place in line, from 1. It is approximate, and ``null`` while the entry is unconfirmed."""
    status: Literal["unconfirmed", "waiting"]
    near: str | None
    """About where the customer is, to a hundredth of a degree, such as `32.08,34.78`; ``null``: nobody said it. All
    that is kept of the place that the sign-up named."""


class DigestShown(TypedDict):
    """The weekly list that the customer who asks gets."""

    categories: list[str]
    """Those that they follow, by the catalogue's words; there may be none, where it does not say them."""


class EntryList(TypedDict):
    """The entries of the customer who asks, oldest first."""

    items: list[EntryShown]
    next: None
    digest: DigestShown | None
    """``null``: they get no weekly list."""


class CountsShown(TypedDict):
    """How many wait for a SKU.

    ``unconfirmed``, ``waiting`` and ``units_wanted`` say how it is now; the others count since the beginning.
    """

    sku: str
    unconfirmed: Count
    waiting: Count
    units_wanted: Count
    invited: Count
    told: Count
    left: Count
    refused: Count
    as_of: Instant


class WaitlistExplained(TypedDict):
    """The steps by which customers were told or passed over, newest last."""

    subject: str
    steps: list[Step]


class Subscribed(TypedDict):
    """The weekly list, or the store offers, can be ended."""

    status: Literal["subscribed"]
    """It says so to whoever has a link, whether the list was ended before or not."""


class StoreOfferShown(TypedDict):
    """A dated offer by which those who wait are invited to stores."""

    offer_id: str
    kind: Literal["next_purchase_percent", "today_only", "early_access", "gift_wrap"]
    percent: int | None
    since: Day
    until: Day
    hour: Count
    """On each day nobody is invited before this hour of the shop's clock."""
    most: Count
    """So many people are invited at most."""
    km: Count
    stores: list[str]
    """The locations that take part; none: all stores."""
    skus: list[str]
    categories: list[str]
    code: str | None
    texts: dict[str, str]
    """The shop's own words by language."""
    invited: Count
    """Places that are taken. Whoever is not mailed after all gives the place back."""
    told: Count
    """Those whose mails were accepted by SES."""
    ended_at: Instant | None
    """When the shop ended it."""


class StoreOfferList(TypedDict):
    """The store offers that are kept, those that begin last first."""

    items: list[StoreOfferShown]
    next: None
