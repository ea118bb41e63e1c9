"""The sweeps: each minute what is due, each hour what was never announced, on demand what to recount (design §3, §4).

None of them scans: each walks an index of what it looks for, so its cost does not grow with what the ledger remembers.
A SKU stands in the index of unheard changes from its change until a sweep sees that the settler has heard of it.
Each message asks for one page. The rest goes on in another message, so memory stays flat and a crash costs one page.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from standby.ledger.items import SHARDS
from standby.ledger.model import Owed, SettleState, SkuStock
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Message, Outgoing, PoisonError, Queue
from standby.stock.announcements import about_sku, settle_content

ANNOUNCED_AFTER = timedelta(minutes=5)
"""A change that the settler has not heard of after this time was lost on the way."""
Cursor = Mapping[str, str]
STREAM_FAILURE = "DDBStreamBatchInfo"


class Pages(Protocol):
    """What the sweeps look for, a page at a time; the cursor is ``None`` at the end."""

    def due(self, shard_name: str, cursor: Cursor | None, *, now: datetime) -> tuple[list[str], Cursor | None]:
        """Return SKUs with something to decide or to announce by now."""
        ...

    def in_location(self, location_id: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs that have a level at a location."""
        ...

    def all_skus(self, shard_name: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs of a shard of the whole ledger."""
        ...

    def unheard(self, shard_name: str, cursor: Cursor | None) -> tuple[list[tuple[SkuStock, Owed]], Cursor | None]:
        """Return SKUs of a shard that changed, and since when nobody noted that their changes were heard."""
        ...

    def heard(self, stock: SkuStock, revision: int) -> None:
        """Note that a SKU's changes up to a revision were heard, unless it changed again."""
        ...

    def states(self, skus: list[str]) -> dict[str, SettleState]:
        """Return the settle states of SKUs."""
        ...

    def stock(self, sku: str) -> SkuStock | None:
        """Return a SKU's numbers."""
        ...


class Recount(Protocol):
    """Brings a SKU in line with its locations and settings."""

    def reconcile(self, sku: str, *, cause: str, now: datetime) -> SkuStock | None:
        """Count a SKU anew and return its numbers then, ``None`` for an unknown SKU."""
        ...


class SnapshotJobs(Protocol):
    """Goes on with full counts of locations."""

    def handle(self, job: Mapping[str, Any]) -> None:
        """Do one page of a snapshot."""
        ...

    def report(self) -> None:
        """Raise the alarm about snapshots that wait."""
        ...


@frozen(kw_only=True)
class Sweeper:
    """Looks through the ledger."""

    pages: Pages
    reconciler: Recount
    snapshots: SnapshotJobs
    bus: Bus
    settles: Queue
    sweeps: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""

    def handle(self, message: Message) -> None:
        """Do one page of one sweep. Raises `PoisonError` for a sweep that does not exist."""
        job: dict[str, Any] = message.json()
        if STREAM_FAILURE in job:
            # The stream's on-failure record names no keys: look at every change that may be unheard, however young.
            job = {"sweep": "unannounced", "older_than_seconds": 0}
        sweeps: dict[str, Callable[[dict[str, Any]], None]] = {
            "due": self._due,
            "unannounced": self._unannounced,
            "location": self._location,
            "settings": self._settings,
            "sku": self._sku,
            "snapshot": self.snapshots.handle,
            "snapshots": lambda _job: self.snapshots.report(),
        }
        sweep = sweeps.get(job.get("sweep", ""))
        if sweep is None:
            raise PoisonError(f"sweep: {job.get('sweep')!r} is none of {', '.join(sweeps)}")
        sweep(job)

    def _due(self, job: dict[str, Any]) -> None:
        for shard in _shards(job):
            skus, cursor = self.pages.due(shard, job.get("cursor"), now=self.clock.now())
            self.settles.send([Outgoing.of({"sku": sku}) for sku in skus])
            self._go_on({**job, "shard": shard}, cursor)

    def _unannounced(self, job: dict[str, Any]) -> None:
        """Tell changes again of which the settler has not heard, and take those that it has heard of off the index.

        What counts is when the first of them was made, or a SKU that changes every minute would be young for ever. As
        long as the settler hears of later ones, only the last counts: the others came through.
        """
        age = timedelta(seconds=job.get("older_than_seconds", ANNOUNCED_AFTER.total_seconds()))
        until = to_text(self.clock.now() - age)
        for shard in _shards(job):
            found, cursor = self.pages.unheard(shard, job.get("cursor"))
            states = self.pages.states([stock.sku for stock, _ in found])
            missed = 0
            for stock, owed in found:
                heard, at = states[stock.sku].latest_revision, owed.at
                if heard > owed.heard_before:
                    self.pages.heard(stock, min(heard, stock.revision))
                    at = stock.changed_at
                if heard < stock.revision and (not age or at <= until):
                    self._tell_again(stock, states[stock.sku])
                    missed += 1
            if missed and "older_than_seconds" not in job:  # nobody asked for it: the stream should have told
                self.count("ChangesAnnouncedLate", missed)
            self._go_on({**job, "shard": shard}, cursor)

    def _location(self, job: dict[str, Any]) -> None:
        skus, cursor = self.pages.in_location(job["location_id"], job.get("cursor"))
        for sku in skus:
            self.reconciler.reconcile(sku, cause=f"location:{job['location_id']}", now=self.clock.now())
        self._go_on(job, cursor)

    def _settings(self, job: dict[str, Any]) -> None:
        if "sku" in job:
            self._apply_settings(job["sku"], job)
            return
        if "shard" not in job:
            # Each SKU takes several requests, so every shard gets a message of its own.
            self.sweeps.send([Outgoing.of({**job, "shard": shard}) for shard in SHARDS])
            return
        skus, cursor = self.pages.all_skus(job["shard"], job.get("cursor"))
        for sku in skus:
            self._apply_settings(sku, job)
        self._go_on(job, cursor)

    def _apply_settings(self, sku: str, job: Mapping[str, Any]) -> None:
        stock = self.reconciler.reconcile(sku, cause="settings", now=self.clock.now())
        if stock and job.get("settle"):
            # A changed minimum restock may make a crossing of units that are free already.
            self.settles.send([Outgoing.of(settle_content(None, stock))])

    def _sku(self, job: dict[str, Any]) -> None:
        stock = self.pages.stock(job["sku"])
        if stock:
            self._tell_again(stock, self.pages.states([stock.sku])[stock.sku])

    def _tell_again(self, stock: SkuStock, state: SettleState) -> None:
        """Publish what the detector would have published.

        The numbers before the change are gone; the settle state is the nearest to them.
        """
        before = replace(stock, free=state.latest_free, incoming=-1) if state.latest_revision else None
        self.bus.publish(about_sku(before, stock))
        heard = stock.revision <= state.latest_revision
        self.settles.send([Outgoing.of(settle_content(None if heard else state.latest_free, stock))])

    def _go_on(self, job: Mapping[str, Any], cursor: Cursor | None) -> None:
        if cursor:
            self.sweeps.send([Outgoing.of({**job, "cursor": dict(cursor)})])


def _shards(job: Mapping[str, Any]) -> tuple[str, ...]:
    return (job["shard"],) if "shard" in job else SHARDS
