"""What the routes about full counts answer."""

from typing import TypedDict

from standby.platform.answers import Count, Instant
from standby.stock.snapshots.model import SnapshotState


class Brake(TypedDict):
    """How much a full count would empty, and how much it may empty without approval."""

    falling: Count
    """SKUs that have units and would have none."""
    stocked: Count
    """SKUs that had units before."""
    percent: float
    limit_percent: int


class SnapshotShown(TypedDict):
    """A full count of one location."""

    snapshot_id: str
    location_id: str
    as_of: Instant
    state: SnapshotState
    pages: int | None
    """``null`` while no page said how many there are."""
    pages_received: Count
    pages_missing: list[int]
    """The numbers of the first twenty pages that did not come."""
    doubt: str | None
    """Why the sender is not sure that SKUs which it does not name are gone."""
    brake: Brake | None
    emptied: int | None
    started_at: Instant
    changed_at: Instant
    decided_by: str | None
    superseded_by: str | None


class SnapshotList(TypedDict):
    """The full counts that are not finished yet, or those with one id."""

    items: list[SnapshotShown]
    next: None
