"""The words and rules of full counts: a snapshot, the parts it comes in, and the brake."""

from collections.abc import Mapping, Sequence
from typing import Literal

from standby.ledger.model import Reading
from standby.platform.frozen import frozen

SnapshotState = Literal[
    "receiving", "counting", "waiting_for_approval", "applying", "applied", "rejected", "superseded"
]
UNDECIDED: tuple[SnapshotState, ...] = ("receiving", "counting", "waiting_for_approval")
FINAL: frozenset[SnapshotState] = frozenset({"applied", "rejected", "superseded"})
Cursor = Mapping[str, str]
"""Where a page of what is kept goes on."""


class SnapshotMismatchError(Exception):
    """A page says something about its snapshot that earlier pages contradict."""


@frozen(kw_only=True)
class SnapshotPart:
    """A page of a snapshot, or a part of a page that was split."""

    snapshot_id: str
    location_id: str
    as_of: str
    moment: int
    """``as_of`` in microseconds since the epoch."""
    arrival: int
    page: int
    pages: int | None
    """How many there are; ``None`` while the sender does not know."""
    part: int = 1
    parts: int = 1
    mark: str = ""
    """What tells the page from another with its number."""
    incomplete: bool = False
    """Levels of the page are missing, so it does not count as come."""
    doubt: str | None = None
    """Why the sender does not trust its own silence: then nothing is emptied without approval."""
    netted_until: str | None = None
    readings: tuple[Reading, ...] = ()
    uncounted: tuple[str, ...] = ()
    """SKUs that it names and does not count: their levels stay as they are."""


@frozen(kw_only=True)
class Snapshot:
    """A full count of one location."""

    snapshot_id: str
    location_id: str
    as_of: str
    moment: int
    arrival: int
    state: SnapshotState = "receiving"
    pages: int | None = None
    pages_received: frozenset[int] = frozenset()
    doubt: str | None = None
    netted_until: str | None = None
    falling: int | None = None
    """SKUs that have units and would have none."""
    stocked: int | None = None
    """SKUs that had units before the snapshot."""
    emptied: int | None = None
    started_at: str
    changed_at: str
    due_at: str | None = None
    decided_by: str | None = None
    superseded_by: str | None = None
    spares: bool | None = None
    """It names SKUs that it does not count."""
    placed: bool = False
    """It was compared with the location's newest snapshot."""

    @property
    def complete(self) -> bool:
        """Tell whether all pages came, each by its number."""
        pages = self.pages
        return pages is not None and len(self.pages_received) >= pages and not first_that_are_missing(self, most=1)

    @property
    def doubts(self) -> str | None:
        """Return why SKUs that it does not name may be there all the same; ``None`` if there is no reason."""
        beyond = [page for page in self.pages_received if self.pages is not None and page > self.pages]
        return self.doubt or (f"page {max(beyond)} came although there are {self.pages} pages" if beyond else None)

    @property
    def silence_counts(self) -> bool:
        """Tell whether what it does not name is gone: nothing makes that doubtful, or somebody approved it."""
        return self.doubts is None or self.decided_by is not None


def first_that_are_missing(snapshot: Snapshot, most: int = 20) -> Sequence[int]:
    """Return the numbers of the first pages that did not come; none while their number is not known."""
    wanted = range(1, (snapshot.pages or 0) + 1)
    missing = (page for page in wanted if page not in snapshot.pages_received)
    return [page for page, _ in zip(missing, range(most), strict=False)]
