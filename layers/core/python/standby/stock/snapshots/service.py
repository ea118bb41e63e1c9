"""What happens once all pages of a snapshot came, and who decides when too much would be emptied.

The way of a snapshot: ``receiving`` → ``counting`` (a look through the location: how many SKUs with units would have
none?) → ``applying``, or over the brake of 20 % ``waiting_for_approval`` → ``applying`` → ``applied``. Applying writes
what was held back, then empties what the snapshot does not name; each is written like any level, so whatever the ERP
said later stays. What it names and does not count stays, too: for the brake it is there as before. A snapshot in doubt
that would leave nothing without units waits for nobody, and its silence says nothing. Every job does one page and sends
itself the cursor; two chains of jobs do the same work twice, and no harm. What is lost when a function dies is mended
by the redelivered job.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from standby.ledger.model import Level, Reading
from standby.platform.brake import BRAKE_PERCENT, brakes
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json
from standby.platform.observability import logger
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.stock.snapshots.model import (
    UNDECIDED,
    Cursor,
    Snapshot,
    SnapshotState,
    first_that_are_missing,
)

if TYPE_CHECKING:
    from standby.stock.snapshots.answers import Brake, SnapshotShown

INDEX_LAG_SECONDS = 5
"""How long a new level may be missing from the index of levels. Both walks through it wait so long.

The first, or the brake would not weigh levels that came just before; the second, which empties, after older words are
refused.
"""
log = logger("stock")


class Snapshots(Protocol):
    """Where snapshots are kept."""

    def get(self, snapshot_id: str, location_id: str) -> Snapshot | None:
        """Return a snapshot."""
        ...

    def find(self, snapshot_id: str) -> list[Snapshot]:
        """Return the snapshots with an id, of each location one."""
        ...

    def unfinished(self, *, due_by: datetime | None = None) -> tuple[list[Snapshot], list[str]]:
        """Return snapshots that nobody is done with, and the ids of those that cannot be read."""
        ...

    def move(self, snapshot: Snapshot, state: SnapshotState, *, now: datetime, **more: str | int) -> Snapshot | None:
        """Bring a snapshot to another state; ``None`` when somebody else moved it meanwhile."""
        ...

    def levels(self, location_id: str, cursor: Cursor | None) -> tuple[list[tuple[str, Level | None]], Cursor | None]:
        """Return a page of the SKUs that have a level at a location, ``None`` for a level that cannot be read."""
        ...

    def held(self, snapshot: Snapshot, cursor: Cursor | None) -> tuple[list[Reading], Cursor | None]:
        """Return a page of the readings that were held back."""
        ...

    def spared(self, snapshot: Snapshot, skus: Iterable[str]) -> frozenset[str]:
        """Return those of the SKUs that a snapshot names and does not count."""
        ...

    def outdate(self, snapshot: Snapshot) -> None:
        """Let no level of the location that is older than the snapshot count any more."""
        ...


class Levels(Protocol):
    """Where levels are kept."""

    def record(self, sku: str, readings: Iterable[Reading], *, now: datetime) -> None:
        """Take readings of one SKU in as one change; idempotent."""
        ...


def snapshot_job(snapshot: Snapshot, step: str = "count", **more: object) -> dict[str, Any]:
    """Return the message that goes on with a snapshot whose pages came."""
    return {
        "sweep": "snapshot",
        "snapshot_id": snapshot.snapshot_id,
        "location_id": snapshot.location_id,
        "step": step,
        **more,
    }


@frozen(kw_only=True)
class SnapshotWorker:
    """Counts and applies snapshots, page by page."""

    snapshots: Snapshots
    levels: Levels
    sweeps: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""

    def handle(self, job: Mapping[str, Any]) -> None:
        """Do one job. Raises `PoisonError` for a step that does not exist."""
        snapshot = self.snapshots.get(job["snapshot_id"], job["location_id"])
        if snapshot is None:
            return
        steps: dict[str, Callable[[Snapshot, Mapping[str, Any]], None]] = {
            "count": self._count,
            "held": self._held,
            "absent": self._absent,
            "one": self._one,
        }
        step = steps.get(job["step"])
        if step is None:
            raise PoisonError(f"step: {job['step']!r} is none of {', '.join(steps)}")
        step(snapshot, job)

    def report(self) -> None:
        """Raise the alarm about snapshots that wait for pages too long, or for somebody's approval."""
        overdue, unreadable = self.snapshots.unfinished(due_by=self.clock.now())
        if overdue or unreadable:  # a metric that is counted every hour costs as much as three alarms
            self.count("SnapshotsUnfinished", len(overdue) + len(unreadable))
        for snapshot in overdue:
            log.warning("snapshot unfinished", extra={"snapshot": show(snapshot)})

    def _count(self, snapshot: Snapshot, job: Mapping[str, Any]) -> None:
        if snapshot.state == "receiving" and snapshot.complete:
            moved = self.snapshots.move(snapshot, "counting", now=self.clock.now())
            if moved is None:
                raise RuntimeError(f"snapshot {snapshot.snapshot_id} was moved meanwhile")  # SQS tries again
            snapshot = moved
        if snapshot.state == "applying":  # decided by a job that died before it could say so
            self._send(snapshot_job(snapshot, "held"))
        if snapshot.state != "counting":
            return
        found, cursor = self.snapshots.levels(snapshot.location_id, job.get("cursor"))
        fallen = [sku for sku, level in found if _falls(level, snapshot)]
        spared = len(self.snapshots.spared(snapshot, fallen))
        falling = len(fallen) - spared + job.get("falling", 0)
        kept = spared + sum(_keeps(level, snapshot) for _, level in found) + job.get("kept", 0)
        if cursor:
            self._send(snapshot_job(snapshot, "count", cursor=dict(cursor), falling=falling, kept=kept))
            return
        stopped = falling > 0 and (snapshot.doubts is not None or brakes(falling, falling + kept))
        moved = self.snapshots.move(
            snapshot,
            "waiting_for_approval" if stopped else "applying",
            now=self.clock.now(),
            falling=falling,
            stocked=falling + kept,
        )
        if moved and stopped:
            self.count("SnapshotsUnfinished", 1)
            log.warning("snapshot waits for approval", extra={"snapshot": show(moved)})
        elif moved:
            self._send(snapshot_job(moved, "held"))

    def _held(self, snapshot: Snapshot, job: Mapping[str, Any]) -> None:
        if snapshot.state != "applying":
            return
        if "cursor" not in job and snapshot.silence_counts:
            self.snapshots.outdate(snapshot)
        held, cursor = self.snapshots.held(snapshot, job.get("cursor"))
        # Pages that contradict each other about a SKU leave it as it is, as the brake weighed it.
        spared = self.snapshots.spared(snapshot, [reading.sku for reading in held])
        readings = [reading for reading in held if reading.sku not in spared]
        self._record(snapshot, readings, cursor=job.get("cursor"))
        emptied = job.get("emptied", 0) + len(readings)
        if cursor:
            self._send(snapshot_job(snapshot, "held", cursor=dict(cursor), emptied=emptied))
        elif snapshot.silence_counts:
            self._send(snapshot_job(snapshot, "absent", emptied=emptied), delay_seconds=INDEX_LAG_SECONDS)
        else:
            self.snapshots.move(snapshot, "applied", now=self.clock.now(), emptied=emptied)

    def _absent(self, snapshot: Snapshot, job: Mapping[str, Any]) -> None:
        if snapshot.state != "applying":
            return
        found, cursor = self.snapshots.levels(snapshot.location_id, job.get("cursor"))
        older = [sku for sku, level in found if level is None or _would_empty(level, snapshot)]
        spared = self.snapshots.spared(snapshot, older)
        absent = [sku for sku in older if sku not in spared]
        self._record(snapshot, [_absent_reading(snapshot, sku) for sku in absent])
        emptied = job.get("emptied", 0) + len(absent)
        if cursor:
            self._send(snapshot_job(snapshot, "absent", cursor=dict(cursor), emptied=emptied))
        else:
            self.snapshots.move(snapshot, "applied", now=self.clock.now(), emptied=emptied)

    def _record(self, snapshot: Snapshot, readings: Sequence[Reading], **page: Cursor | None) -> None:
        """Write readings. One that fails becomes a job of its own, which says where it was found, and the others go on.

        Where AWS fails at all of them, the page comes again.
        """

        def write(place: int) -> None:
            self.levels.record(readings[place].sku, [readings[place]], now=self.clock.now())

        for place in one_by_one(range(len(readings)), write):
            self._send(snapshot_job(snapshot, "one", sku=readings[place].sku, **page))

    def _one(self, snapshot: Snapshot, job: Mapping[str, Any]) -> None:
        """Write what a snapshot says about one SKU, which failed among others; as any level, it may come late."""
        sku = job["sku"]
        readings = [_absent_reading(snapshot, sku)]
        if "cursor" in job:
            found, _ = self.snapshots.held(snapshot, job["cursor"])
            readings = [reading for reading in found if reading.sku == sku]
        self.levels.record(sku, readings, now=self.clock.now())

    def _send(self, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        self.sweeps.send([Outgoing.of(job, delay_seconds=delay_seconds)])


class UndecidableError(Exception):
    """The snapshot is not in a state in which that can be decided; the text says in which it is."""


class AmbiguousError(Exception):
    """Snapshots of several locations have this id."""

    def __init__(self, locations: list[str]) -> None:
        super().__init__(", ".join(locations))
        self.locations = locations


@frozen(kw_only=True)
class Approvals:
    """Shows snapshots to an operator, and takes the decision that the brake asks for."""

    snapshots: Snapshots
    sweeps: Queue
    clock: Clock

    def unfinished(self) -> "list[SnapshotShown]":
        """Return the snapshots that nobody is done with."""
        return [show(snapshot) for snapshot in self.snapshots.unfinished()[0]]

    def called(self, snapshot_id: str) -> "list[SnapshotShown]":
        """Return the snapshots with an id, of each location one."""
        return [show(snapshot) for snapshot in self.snapshots.find(snapshot_id)]

    def view(self, snapshot_id: str, location_id: str | None) -> "SnapshotShown | None":
        """Return a snapshot, ``None`` for an unknown one. Raises `AmbiguousError` when the id does not say which."""
        snapshot = self._find(snapshot_id, location_id)
        return show(snapshot) if snapshot else None

    def approve(self, snapshot_id: str, location_id: str | None, *, by: str) -> "SnapshotShown | None":
        """Let a snapshot that waits for approval empty what it says. Repeating it is harmless.

        Raises `UndecidableError`, `AmbiguousError`.
        """
        snapshot = self._find(snapshot_id, location_id)
        if snapshot is None:
            return None
        if snapshot.state == "waiting_for_approval":
            snapshot = self.snapshots.move(snapshot, "applying", now=self.clock.now(), decided_by=by)
        if snapshot is not None and snapshot.state == "applied" and snapshot.decided_by is not None:
            return show(snapshot)
        if snapshot is None or snapshot.state != "applying":
            raise UndecidableError(snapshot.state if snapshot else "being decided by somebody else")
        self.sweeps.send([Outgoing.of(snapshot_job(snapshot, "held"))])
        return show(snapshot)

    def reject(self, snapshot_id: str, location_id: str | None, *, by: str) -> "SnapshotShown | None":
        """Let a snapshot empty nothing, now or later; units that it brought stay. Repeating it is harmless.

        Raises `UndecidableError`, `AmbiguousError`.
        """
        snapshot = self._find(snapshot_id, location_id)
        if snapshot is None:
            return None
        if snapshot.state in UNDECIDED:
            snapshot = self.snapshots.move(snapshot, "rejected", now=self.clock.now(), decided_by=by)
        if snapshot is None or snapshot.state != "rejected":
            raise UndecidableError(snapshot.state if snapshot else "being decided by somebody else")
        return show(snapshot)

    def _find(self, snapshot_id: str, location_id: str | None) -> Snapshot | None:
        if location_id is not None:
            return self.snapshots.get(snapshot_id, location_id)
        found = self.snapshots.find(snapshot_id)
        if len(found) > 1:
            raise AmbiguousError([snapshot.location_id for snapshot in found])
        return found[0] if found else None


def show(snapshot: Snapshot) -> "SnapshotShown":
    """Return what an operator is shown of a snapshot."""
    brake: Brake | None = None
    if snapshot.falling is not None and snapshot.stocked is not None:
        brake = {
            "falling": snapshot.falling,
            "stocked": snapshot.stocked,
            "percent": round(100 * snapshot.falling / snapshot.stocked, 1) if snapshot.stocked else 0.0,
            "limit_percent": BRAKE_PERCENT,
        }
    return {
        "snapshot_id": snapshot.snapshot_id,
        "location_id": snapshot.location_id,
        "as_of": snapshot.as_of,
        "state": snapshot.state,
        "pages": snapshot.pages,
        "pages_received": len(snapshot.pages_received),
        "pages_missing": list(first_that_are_missing(snapshot)),
        "doubt": snapshot.doubts,
        "brake": brake,
        "emptied": snapshot.emptied,
        "started_at": snapshot.started_at,
        "changed_at": snapshot.changed_at,
        "decided_by": snapshot.decided_by,
        "superseded_by": snapshot.superseded_by,
    }


def _absent_reading(snapshot: Snapshot, sku: str) -> Reading:
    """Return what a snapshot says about a SKU that it does not name."""
    return Reading(
        sku=sku,
        location_id=snapshot.location_id,
        on_hand=0,
        committed=0,
        version=(snapshot.moment, 0, snapshot.arrival),
        as_of=snapshot.as_of,
        netted_until=snapshot.netted_until,
        said={"absent_from": to_json(snapshot.snapshot_id)},
        cause=f"absent:{snapshot.snapshot_id}",
    )


def _older(level: Level, snapshot: Snapshot) -> bool:
    return level.version[0] < snapshot.moment


def _would_empty(level: Level, snapshot: Snapshot) -> bool:
    return _older(level, snapshot) and bool(level.on_hand or level.committed)


def _falls(level: Level | None, snapshot: Snapshot) -> bool:
    """Tell whether nothing would be left where there are units; the snapshot's own units are written already.

    A level that cannot be read may have units.
    """
    return level is None or (level.on_hand > 0 and _older(level, snapshot))


def _keeps(level: Level | None, snapshot: Snapshot) -> bool:
    """Tell whether units stay where there were units before. What the snapshot brought anew weighs nothing."""
    if level is None:
        return False
    before = level.stocked_since is None or level.stocked_since < snapshot.as_of
    return level.on_hand > 0 and not _older(level, snapshot) and before
