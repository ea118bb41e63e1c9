"""The sweeps: each minute what is due, each hour what was lost or never ended, on demand recounts (design §3, §4).

None of them scans: each walks an index of what it looks for, so its cost does not grow with what the ledger remembers.
A SKU stands in the index of unheard changes from its change until a sweep sees that the settler has heard of it.
Each message asks for one page. The rest goes on in another message, so memory stays flat and a crash costs one page.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from standby.ledger.items import SHARDS
from standby.ledger.model import Owed, SettleState, SkuStock
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.cursor import Cursor, CursorError
from standby.platform.faults import of_aws
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Message, Outgoing, PoisonError, Queue
from standby.stock.announcements import about_sku, settle_content
from standby.stock.detector import Detector
from standby.stock.kitter import changed_component

ANNOUNCED_AFTER = timedelta(minutes=5)
"""A change that the settler has not heard of after this time was lost on the way."""
SHOWN = 20
"""Unfinished claims that the log names."""
log = logger("stock")
STREAM_FAILURE = "DDBStreamBatchInfo"
NEEDED = {
    "gone": ("sku", "claim_id"),
    "location": ("location_id",),
    "recount": ("sku", "cause"),
    "sku": ("sku",),
    "snapshot": ("snapshot_id", "location_id", "step"),
}
"""The texts that a sweep's message must have."""
LONGEST_AGE_SECONDS = 1_000_000_000
Unheard = tuple[SkuStock, Owed]


class Pages(Protocol):
    """What the sweeps look for, a page at a time; the cursor is ``None`` at the end."""

    def due(self, shard_name: str, cursor: Cursor | None, *, now: datetime) -> tuple[list[str], Cursor | None]:
        """Return SKUs with something to decide or to announce by now."""
        ...

    def in_location(self, location_id: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs that have a level at a location."""
        ...

    def of_product(self, product_id: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs that belong to a product."""
        ...

    def all_skus(self, shard_name: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs of a shard of the whole ledger."""
        ...

    def unheard(self, shard_name: str, cursor: Cursor | None) -> tuple[Mapping[str, Unheard | None], Cursor | None]:
        """Return SKUs of a shard that changed, and since when nobody noted that their changes were heard.

        ``None`` stands for numbers that cannot be read.
        """
        ...

    def unfinished(self, shard_name: str, *, now: datetime) -> list[tuple[str, str]]:
        """Return claims of a shard that should have ended by now, by SKU and id, at most a page of them."""
        ...

    def shipped(self, shard_name: str, *, now: datetime) -> tuple[list[tuple[str, str]], bool]:
        """Return claims of a shard that were shipped, and whose units levels should count no more, by SKU and id.

        And whether there may be more of them.
        """
        ...

    def heard(self, stock: SkuStock, revision: int) -> None:
        """Note that a SKU's changes up to a revision were heard, unless it changed again."""
        ...

    def states(self, skus: list[str]) -> dict[str, SettleState]:
        """Return the settle states of SKUs, without those that cannot be read."""
        ...

    def stock(self, sku: str) -> SkuStock | None:
        """Return a SKU's numbers."""
        ...


class Recount(Protocol):
    """Brings a SKU in line with its locations and settings."""

    def reconcile(self, sku: str, *, cause: str, now: datetime) -> SkuStock | None:
        """Count a SKU anew and return its numbers then, ``None`` for an unknown SKU."""
        ...


class Claims(Protocol):
    """Who has a right to units."""

    def let_go(self, sku: str, claim_id: str, *, now: datetime) -> None:
        """Drop a claim that was shipped, as no level counts its units any more."""
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
    claims: Claims
    bus: Bus
    settles: Queue
    kits: Queue
    sweeps: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""

    def handle(self, message: Message) -> None:
        """Do one page of one sweep. Raises `PoisonError` for a sweep that does not exist."""
        job = message.json()
        if not isinstance(job, dict):
            raise PoisonError("message: must be object")
        if STREAM_FAILURE in job:
            # The stream's on-failure record names no keys: look at every change that may be unheard, however young.
            # `make redrive` reads the records themselves while the stream holds them, and sends them as "changes".
            job = {"sweep": "unannounced", "older_than_seconds": 0}
        sweeps: dict[str, Callable[[dict[str, Any]], None]] = {
            "due": self._due,
            "unannounced": self._unannounced,
            "location": self._location,
            "recount": self._recount,
            "changes": self._changes,
            "settings": self._settings,
            "sku": self._sku,
            "snapshot": self.snapshots.handle,
            "snapshots": lambda _job: self.snapshots.report(),
            "claims": lambda _job: self._claims(),
            "shipped": self._shipped,
            "gone": lambda job: self._let_go(job["sku"], job["claim_id"]),
        }
        name = job.get("sweep")
        if not isinstance(name, str) or name not in sweeps:
            raise PoisonError(f"sweep: {name!r} is none of {', '.join(sweeps)}")
        missing = [field for field in NEEDED.get(name, ()) if not isinstance(job.get(field), str)]
        if missing:
            raise PoisonError(f"{missing[0]}: missing")
        wrong = [
            f"{field}: must be {what}"
            for field, (fits, what) in SHAPES.items()
            if field in job and not fits(job[field])
        ]
        if wrong:
            raise PoisonError(wrong[0])
        try:
            sweeps[name](job)
        except CursorError as error:
            raise PoisonError(f"cursor: {error}") from error

    def _due(self, job: dict[str, Any]) -> None:
        def look(shard: str) -> None:
            skus, cursor = self.pages.due(shard, job.get("cursor"), now=self.clock.now())
            self.settles.send([Outgoing.of({"sku": sku}) for sku in skus])
            self._go_on({**job, "shard": shard}, cursor)

        self._each_shard(job, look)

    def _unannounced(self, job: dict[str, Any]) -> None:
        """Tell changes again of which the settler has not heard, and take those that it has heard of off the index.

        What counts is when the first of them was made, or a SKU that changes every minute would be young for ever. As
        long as the settler hears of later ones, only the last counts: the others came through.
        """
        self._each_shard(job, partial(self._unheard, job))

    def _unheard(self, job: dict[str, Any], shard: str) -> None:
        asked = "older_than_seconds" in job
        age = timedelta(seconds=job.get("older_than_seconds", ANNOUNCED_AFTER.total_seconds()))
        until = to_text(self.clock.now() - age)
        found, cursor = self.pages.unheard(shard, job.get("cursor"))
        states = self.pages.states(list(found))
        missed = 0

        def look(sku: str) -> None:
            nonlocal missed
            stock, owed = _readable(found[sku], sku)
            heard, at = states[sku].latest_revision, owed.at
            if heard > owed.heard_before:
                self.pages.heard(stock, min(heard, stock.revision))
                at = stock.changed_at
            if heard < stock.revision and (not age or at <= until):
                self._tell_again(stock, states[sku])
                missed += 1

        failed = one_by_one(found, look)
        # What cannot be read is found again every hour. It is counted, or each hour would make a dead letter of it.
        again = [sku for sku, error in failed.items() if asked or of_aws(error)]
        self.sweeps.send([Outgoing.of({"sweep": "sku", "sku": sku}) for sku in again])
        late = missed + len(failed) - len(again)
        if late and not asked:  # the stream should have told
            self.count("ChangesAnnouncedLate", late)
        self._go_on({**job, "shard": shard}, cursor)

    def _claims(self) -> None:
        """Raise the alarm about claims whose orders the ERP knows, and which end neither by its levels nor shipped."""
        self._shipped({"sweep": "shipped"})
        now = self.clock.now()
        found = [each for shard in SHARDS for each in self.pages.unfinished(shard, now=now)]
        if found:  # a metric that is counted every hour costs as much as three alarms
            self.count("ClaimsUnfinished", len(found))
            log.warning("claims unfinished", extra={"claims": found[:SHOWN], "count": len(found)})

    def _shipped(self, job: Mapping[str, Any]) -> None:
        """Free units that left the house a day ago where no level was observed since: it was lower before."""

        def look(shard: str) -> None:
            found, more = self.pages.shipped(shard, now=self.clock.now())
            failed = one_by_one(found, lambda each: self._let_go(*each))
            self.sweeps.send([Outgoing.of({"sweep": "gone", "sku": sku, "claim_id": name}) for sku, name in failed])
            if more and len(failed) < len(found):
                self.sweeps.send([Outgoing.of({**job, "shard": shard})])

        self._each_shard(job, look)

    def _let_go(self, sku: str, claim_id: str) -> None:
        self.claims.let_go(sku, claim_id, now=self.clock.now())

    def _location(self, job: dict[str, Any]) -> None:
        skus, cursor = self.pages.in_location(job["location_id"], job.get("cursor"))
        cause = f"location:{job['location_id']}"
        self._each(
            skus, lambda sku: self._count_anew(sku, cause), lambda sku: {"sweep": "recount", "sku": sku, "cause": cause}
        )
        self._go_on(job, cursor)

    def _recount(self, job: dict[str, Any]) -> None:
        self._count_anew(job["sku"], job["cause"])

    def _count_anew(self, sku: str, cause: str) -> None:
        self.reconciler.reconcile(sku, cause=cause, now=self.clock.now())

    def _settings(self, job: dict[str, Any]) -> None:
        if "sku" in job:
            self._apply_settings(job["sku"], job)
            return
        if "product_id" in job:
            self._page_of_settings(job, *self.pages.of_product(job["product_id"], job.get("cursor")))
            return
        if "shard" not in job:
            # Each SKU takes several requests, so every shard gets a message of its own.
            self.sweeps.send([Outgoing.of({**job, "shard": shard}) for shard in SHARDS])
            return
        self._page_of_settings(job, *self.pages.all_skus(job["shard"], job.get("cursor")))

    def _page_of_settings(self, job: dict[str, Any], skus: list[str], cursor: Cursor | None) -> None:
        alone = {name: value for name, value in job.items() if name not in {"product_id", "shard", "cursor"}}
        self._each(skus, lambda sku: self._apply_settings(sku, job), lambda sku: {**alone, "sku": sku})
        self._go_on(job, cursor)

    def _apply_settings(self, sku: str, job: Mapping[str, Any]) -> None:
        stock = self.reconciler.reconcile(sku, cause=job.get("cause", "settings"), now=self.clock.now())
        if stock and job.get("settle"):
            # A changed minimum restock may make a crossing of units that are free already.
            self.settles.send([Outgoing.of(settle_content(None, stock))])

    def _changes(self, job: dict[str, Any]) -> None:
        """Tell changes of the stream that its function could not tell, each with what was before it.

        One that fails becomes a job of its own. Where AWS fails at all of them, the job comes again.
        """
        detector, records = Detector(bus=self.bus, settles=self.settles, kits=self.kits), job.get("records")
        if not isinstance(records, list):
            raise PoisonError("records: missing")
        if not all(isinstance(record, dict) for record in records):
            raise PoisonError("records: must be objects")
        if len(records) == 1:
            detector.handle(records)
            return
        failed = [
            records[place] for place in one_by_one(range(len(records)), lambda at: detector.handle([records[at]]))
        ]
        self.sweeps.send([Outgoing.of({**job, "records": [record]}) for record in failed])

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
        self.kits.send([Outgoing.of(changed_component(stock.sku))])
        heard = stock.revision <= state.latest_revision
        self.settles.send([Outgoing.of(settle_content(None if heard else state.latest_free, stock))])

    def _each(
        self, skus: Iterable[str], work: Callable[[str], None], alone: Callable[[str], Mapping[str, Any]]
    ) -> None:
        """Do something for each SKU of a page. One that fails becomes a job of its own, and the page goes on.

        Such a job ends in the dead letters, where it names its SKU. Where AWS fails at all, the page comes again.
        """
        self.sweeps.send([Outgoing.of(alone(sku)) for sku in one_by_one(skus, work)])

    def _each_shard(self, job: Mapping[str, Any], work: Callable[[str], None]) -> None:
        """Do something for the job's shard, or for all. Then one that fails gets a message of its own."""
        if "shard" in job:
            work(job["shard"])
        else:
            self.sweeps.send([Outgoing.of({**job, "shard": shard}) for shard in one_by_one(SHARDS, work)])

    def _go_on(self, job: Mapping[str, Any], cursor: Cursor | None) -> None:
        if cursor:
            self.sweeps.send([Outgoing.of({**job, "cursor": dict(cursor)})])


def _readable(found: Unheard | None, sku: str) -> Unheard:
    if found is None:
        raise ValueError(f"{sku}: its numbers cannot be read")
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_shard(value: object) -> bool:
    return value in SHARDS


def _is_cursor(value: object) -> bool:
    return value is None or (isinstance(value, dict) and all(map(_is_text, value.values())))


def _is_age(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LONGEST_AGE_SECONDS


def _is_count(value: object) -> bool:
    return type(value) is int


SHAPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "sku": (_is_text, "text"),
    "product_id": (_is_text, "text"),
    "cause": (_is_text, "text"),
    "shard": (_is_shard, f"one of {', '.join(SHARDS)}"),
    "cursor": (_is_cursor, "an object of texts"),
    "older_than_seconds": (_is_age, "a number of seconds"),
    "falling": (_is_count, "a whole number"),
    "kept": (_is_count, "a whole number"),
    "emptied": (_is_count, "a whole number"),
}
"""What the fields of a sweep's message must be where it has them, beside the texts that it must have."""
