"""What the routes about absences answer."""

from typing import TypedDict

from standby.catalog.absences.model import State
from standby.platform.answers import Count, Instant


class AbsenceBrake(TypedDict):
    """How much a complete file leaves out, and how much it may leave out without approval."""

    absent: Count
    """Products that the feed had brought, or SKUs of those that stay, and that the file does not name."""
    known: Count
    """All that the feed had brought."""
    percent: float
    limit_percent: int


class ProductLosing(TypedDict):
    """A product that would lose SKUs."""

    product_id: str
    skus: list[str]
    """The first 100 of them."""


class AbsenceShown(TypedDict):
    """What a complete file of a product feed does not name."""

    absence_id: str
    mapping: str
    key: str
    """Where the file lies."""
    as_of: Instant
    """When the file was put there."""
    state: State
    doubt: str | None
    """Why the file may name more products than could be read, or why it was not read to its end."""
    brake: AbsenceBrake | None
    """``null`` while the file is being read, and where it could not be read."""
    sku_brake: AbsenceBrake | None
    """The same of the SKUs of products that the file names. A file of several parts is braked part by part."""
    products_held: Count
    """Products that the file names without some of their SKUs, too many of all: what it says of them waits, too."""
    losing: list[ProductLosing]
    """The first 100 of these, where one absence is asked for."""
    product_ids: list[str]
    """The first 100 that it does not name, where one absence is asked for."""
    started_at: Instant
    changed_at: Instant
    decided_by: str | None
    superseded_by: str | None


class AbsenceList(TypedDict):
    """The latest absences, newest first."""

    items: list[AbsenceShown]
    next: None
