"""What the waitlist's routes answer."""

from typing import Literal, TypedDict

from standby.platform.answers import Accepted, Count, Day, Instant, Step

__all__ = [
    "Accepted",
    "ConfirmationShown",
    "Confirmed",
    "CountsShown",
    "EntryList",
    "EntryShown",
    "Left",
    "Waiting",
    "WaitlistExplained",
]


class ConfirmationShown(TypedDict):
    """What a confirmation is about."""

    status: Literal["unconfirmed", "confirmed"]
    skus: list[str]


class Confirmed(TypedDict):
    """The entry is in line."""

    status: Literal["confirmed"]
    skus: list[str]


class Waiting(TypedDict):
    """Nothing has changed yet: a POST to the same address leaves."""

    status: Literal["waiting"]


class Left(TypedDict):
    """All entries of the address have ended."""

    status: Literal["left"]


class EntryShown(TypedDict):
    """One's own entry."""

    id: str
    skus: list[str]
    quantity: int
    until: Day
    """The last day of waiting, in the shop's calendar."""
    place: int | None
    """In line, from 1; approximate; ``null`` while unconfirmed."""
    status: Literal["unconfirmed", "waiting"]


class EntryList(TypedDict):
    """One's own entries, oldest first."""

    items: list[EntryShown]
    next: None


class CountsShown(TypedDict):
    """Who waits for a SKU: the first three now, the others since the beginning."""

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
