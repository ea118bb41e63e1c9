"""Files of the ERP into stock messages: streamed, summed, checked line by line (design §5.1; features A5).

A file is read in passes. A pass streams the whole file and keeps the sums of one part of its SKUs (all of them, in
files up to `PASS_BYTES`), so memory is bounded whatever the size of the file and the order of its lines. What a pass
found goes to the stock-updates queue as levels, or as pages of a snapshot where the mapping says that the file is a full
count; the next pass is a message to the own queue. A pass that died is repeated from its beginning and sends the same
again, which the ledger takes as what it is: the same words of the same time.

No line is lost in silence: each is in a level, or in the report with its number and why not. A full count with a bad
line doubts itself, so that a SKU that could not be read is not taken for one that is gone.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Protocol
from urllib.parse import unquote_plus
from zlib import crc32

from standby.ledger.model import Level
from standby.ledger.snapshots import brakes
from standby.platform.clock import Clock, to_milliseconds, to_text
from standby.platform.observability import logger
from standby.platform.queue import Message, Outgoing, PoisonError, Queue
from standby.stock.csv_file import Record, Stream, UnreadableError, records
from standby.stock.import_model import (
    BadLineError,
    ImportMapping,
    Line,
    LineReader,
    UnusableMappingError,
    places,
    whole_units,
)
from standby.stock.messages import parts

KEY = re.compile(r"(inbox|inbox-dry-run)/([a-z0-9][a-z0-9_-]{0,63})/(.+)")
UPLOADED = re.compile(r"([0-9a-f]{24})\.csv")
PASS_BYTES = 16 * 1024 * 1024
LARGEST_BYTES = 2 * 1024**3
PAGE_LEVELS = 500
COMPARED = 100
COMPARISONS = ("same", "changed", "emptied", "new", "older", "absent", "stocked")
FINDINGS = 500
"""Bad lines, or differences, in one item of the report."""
MOST_LOCATIONS = 500
log = logger("stock")


class MissingError(Exception):
    """The file is not there any more, or another one is in its place."""


class Inbox(Protocol):
    """Where files lie."""

    def open(self, key: str, *, etag: str) -> Stream:
        """Return a file's bytes. Raises `MissingError`."""
        ...


class Reports(Protocol):
    """Where mappings are saved and imports reported."""

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return a saved mapping."""
        ...

    def state(self, import_id: str) -> tuple[str, str] | None:
        """Return an import's state, and of which event of S3 it is."""
        ...

    def write(self, import_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
        """Write a report's fields."""
        ...

    def begin(self, import_id: str, *, now: datetime) -> None:
        """List an import under its time."""
        ...

    def find(self, import_id: str, kind: str, place: str, found: Sequence[Any], *, now: datetime) -> None:
        """Write a page of findings."""
        ...


class Levels(Protocol):
    """Where levels are read, for a comparison."""

    def levels_of(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Level]:
        """Return the levels of SKUs at locations."""
        ...

    def levels(
        self, location_id: str, cursor: Mapping[str, str] | None
    ) -> tuple[list[tuple[str, Level]], Mapping[str, str] | None]:
        """Return a page of the SKUs that have a level at a location."""
        ...


@dataclass(frozen=True, kw_only=True)
class Job:
    """One pass of one file's import, with what the passes before it counted."""

    import_id: str
    key: str
    etag: str
    size: int
    sequencer: str
    at: str
    """When the file was put there (RFC 3339)."""
    run: str = ""
    """When the first pass began: a file imported again has findings of its own."""
    number: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    pages: Mapping[str, int] = field(default_factory=dict)
    """Snapshot pages sent so far, by location."""

    @property
    def passes(self) -> int:
        """How many passes the file needs."""
        return 1 + self.size // PASS_BYTES

    @property
    def dry_run(self) -> bool:
        """Tell whether nothing is to be written."""
        return self.key.startswith("inbox-dry-run/")

    @property
    def put_at(self) -> datetime:
        """When the file was put there."""
        return datetime.fromisoformat(self.at).astimezone(UTC)


@dataclass
class Sum:
    """What the lines of one SKU at one location say together."""

    line: int
    on_hand: Decimal | None
    committed: Decimal | None
    available: Decimal | None
    as_of: datetime | None

    def add(self, other: Line) -> None:
        """Add another line; the newest time counts."""
        self.on_hand = _added(self.on_hand, other.on_hand)
        self.committed = _added(self.committed, other.committed)
        self.available = _added(self.available, other.available)
        if other.as_of is not None and self.as_of is not None:
            self.as_of = max(self.as_of, other.as_of)

    def quantities(self) -> dict[str, int]:
        """Return the quantities in whole units, as a message has them."""
        said = {"on_hand": self.on_hand, "committed": self.committed, "available": self.available}
        return {name: whole_units(units) for name, units in said.items() if units is not None}


@dataclass
class Pass:
    """What one pass found."""

    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    locations: set[str] = field(default_factory=set)
    totals: dict[str, int] = field(default_factory=lambda: {"lines": 0, "bad_lines": 0, "levels": 0})
    counted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Importer:
    """Imports files."""

    inbox: Inbox
    reports: Reports
    levels: Levels
    updates: Queue
    imports: Queue
    dead_letters: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""

    def take(self, message: Message) -> None:
        """Do one pass, or begin with the files that S3 tells of. Raises `PoisonError` for a file that is none."""
        content = message.json()
        if not isinstance(content, dict):
            raise PoisonError("message: must be object")
        if "import" in content:
            self._guarded(Job(**content["import"]))
            return
        jobs = [_job(record) for record in content.get("Records", ()) if record["s3"]["object"].get("size", 0)]
        # One file by itself; more (S3 sends one at a time) each as a message of its own, so that poison stays alone.
        if len(jobs) == 1:
            self._guarded(jobs[0])
        else:
            self.imports.send([_message(job) for job in jobs])

    def _guarded(self, job: Job) -> None:
        now = self.clock.now()
        if self.reports.state(job.import_id) == ("done", job.sequencer):
            return
        try:
            self._run(job)
        except (UnreadableError, UnusableMappingError, MissingError) as error:
            failed = {"state": "failed", "reason": str(error), "finished_at": to_text(now), "key": job.key}
            self.reports.write(job.import_id, {**failed, "sequencer": job.sequencer}, now=now)
            self.reports.begin(job.import_id, now=now)
            self.count("ImportsFailed", 1)
            raise PoisonError(f"{job.key}: {error}") from error

    def _run(self, job: Job) -> None:
        now = self.clock.now()
        name = _mapping_name(job.key)
        saved = self.reports.mapping(name)
        if saved is None:
            raise UnusableMappingError(f"there is no mapping {name!r}: PUT /v1/stock/imports/mappings/{name}")
        if job.size > LARGEST_BYTES:
            raise UnreadableError(f"{job.size:,} bytes are more than {LARGEST_BYTES:,}")
        mapping = ImportMapping.from_document(saved)
        if job.number == 0:
            job = replace(job, run=to_text(now))
            self.reports.begin(job.import_id, now=now)
        self.reports.write(job.import_id, _described(job, mapping, saved.get("version"), now), now=now)
        found = self._read(job, mapping)
        totals = {name: job.totals.get(name, 0) + more for name, more in found.totals.items()}
        last = job.number + 1 >= job.passes
        if last and not totals["lines"] and totals["bad_lines"]:
            raise UnreadableError(f"none of {totals['bad_lines']:,} lines could be read; is the mapping the right one?")
        if job.dry_run:
            totals |= self._compare(job, mapping, found)
            pages = dict(job.pages)
        elif mapping.full_count:
            pages = self._send_pages(job, found, bad_lines=totals["bad_lines"], last=last)
        else:
            pages = {}
            self.updates.send(_level_records(job, found))
        if last:
            ended = {
                "state": "done",
                "finished_at": to_text(self.clock.now()),
                "totals": totals,
                "locations": len(pages),
            }
            self.reports.write(job.import_id, ended, now=now)
            self.count("LinesNotImported", totals["bad_lines"])
        else:
            self.reports.write(job.import_id, {"totals": totals}, now=now)
            self.imports.send([_message(replace(job, number=job.number + 1, totals=totals, pages=pages))])

    # ---- reading ----

    def _read(self, job: Job, mapping: ImportMapping) -> Pass:
        stream = self.inbox.open(job.key, etag=job.etag)
        lines = records(stream, encoding=mapping.encoding, delimiter=mapping.delimiter, skip_lines=mapping.skip_lines)
        header = None
        if mapping.header:
            first = next(lines, None)
            if first is None or first.problem:
                raise UnreadableError(first.problem if first and first.problem else "the file is empty")
            header = first.cells
        reader = LineReader(mapping, places(mapping, header), self.clock.now())
        found = Pass()
        if mapping.location_id:
            found.locations.add(mapping.location_id)
        bad = _Findings(self.reports, job, "bad", self.clock.now())
        for record in lines:
            try:
                self._add(job, mapping, found, record, reader)
            except BadLineError as error:
                # A record whose SKU is unreadable belongs to no part of the file: the first pass reports it.
                bad.add({"line": record.line, "lines": record.lines, "reason": str(error), "text": _text(record)})
                found.totals["bad_lines"] += record.lines
        bad.flush()
        found.totals["levels"] = len(found.sums)
        return found

    def _add(self, job: Job, mapping: ImportMapping, found: Pass, record: Record, reader: LineReader) -> None:
        if record.problem:
            if job.number == 0:
                raise BadLineError(record.problem)
            return
        try:
            line = reader.read(record.cells)
        except BadLineError:
            if job.number == 0:
                raise
            return
        found.locations.add(line.location_id)
        if len(found.locations) > MOST_LOCATIONS:
            raise UnreadableError(f"more than {MOST_LOCATIONS} locations; is that the right column?")
        key = (line.location_id, line.sku)
        if job.passes > 1 and crc32("\n".join(key).encode()) % job.passes != job.number:
            return
        self._sum(mapping, found, key, line, record.line)
        found.totals["lines"] += record.lines

    def _sum(self, mapping: ImportMapping, found: Pass, key: tuple[str, str], line: Line, number: int) -> None:
        if mapping.full_count and line.as_of is not None:
            if found.counted_at is None:
                found.counted_at = line.as_of
            elif found.counted_at != line.as_of:
                raise BadLineError(f"as_of: a full count has one time, {to_text(found.counted_at)}")
        known = found.sums.get(key)
        if known is None:
            found.sums[key] = Sum(number, line.on_hand, line.committed, line.available, line.as_of)
        elif mapping.sum_lines:
            known.add(line)
        elif line.as_of is None or known.as_of is None or mapping.full_count:
            raise BadLineError(f"line {known.line} says this SKU and location already (sum_lines adds them up)")
        elif line.as_of >= known.as_of:
            found.sums[key] = Sum(number, line.on_hand, line.committed, line.available, line.as_of)

    # ---- writing ----

    def _send_pages(self, job: Job, found: Pass, *, bad_lines: int, last: bool) -> dict[str, int]:
        """Send a pass's part of each location's snapshot; the last page says how many there were."""
        pages = dict.fromkeys(sorted(found.locations), 0) | dict(job.pages)
        head = {
            "type": "stock.snapshot",
            "snapshot_id": _snapshot_id(job),
            "as_of": to_text(found.counted_at or job.put_at),
        }
        received_at = to_milliseconds(job.put_at)

        def made() -> Iterator[Outgoing]:
            for location_id in pages:
                sums = ((sku, total) for (place, sku), total in found.sums.items() if place == location_id)
                while page := list(islice(sums, PAGE_LEVELS)):
                    pages[location_id] += 1
                    levels = [{"sku": sku, **total.quantities()} for sku, total in page]
                    content = {**head, "location_id": location_id, "page": pages[location_id], "levels": levels}
                    yield Outgoing.of(content, received_at=received_at)
                if last:
                    pages[location_id] += 1
                    end = {"page": pages[location_id], "pages": pages[location_id], "levels": []}
                    doubt = {"doubt": f"{bad_lines:,} lines of {job.key} could not be read"} if bad_lines else {}
                    yield Outgoing.of({**head, "location_id": location_id, **end, **doubt}, received_at=received_at)

        self.updates.send(made())
        return pages

    # ---- comparing ----

    def _compare(self, job: Job, mapping: ImportMapping, found: Pass) -> dict[str, int]:
        """Report what an import would change. Returns the totals so far."""
        counts = {name: job.totals.get(name, 0) for name in COMPARISONS}
        differences = _Findings(self.reports, job, "difference", self.clock.now())
        sums = iter(found.sums.items())
        while group := dict(islice(sums, COMPARED)):
            known = self.levels.levels_of(list(group))
            for key, total in group.items():
                kind, difference = _difference(job, key, total, known.get(key))
                counts[kind] += 1
                counts["stocked"] += bool(key in known and known[key].on_hand)
                if kind != "same":
                    differences.add(difference)
        if mapping.full_count:
            for location_id in sorted(found.locations):
                self._compare_absent(job, location_id, found, counts, differences)
        differences.flush()
        return counts | {
            "would_wait": int(mapping.full_count and brakes(counts["emptied"] + counts["absent"], counts["stocked"]))
        }

    def _compare_absent(
        self, job: Job, location_id: str, found: Pass, counts: dict[str, int], differences: "_Findings"
    ) -> None:
        cursor: Mapping[str, str] | None = None
        while True:
            levels, cursor = self.levels.levels(location_id, cursor)
            for sku, level in levels:
                key = (location_id, sku)
                own = job.passes == 1 or crc32("\n".join(key).encode()) % job.passes == job.number
                if not own or key in found.sums or not level.on_hand:
                    continue
                counts["stocked"] += 1
                counts["absent"] += 1
                was = {"on_hand": level.on_hand, "committed": level.committed}
                now = {"on_hand": 0, "committed": 0}
                differences.add({"sku": sku, "location_id": location_id, "what": "absent", "was": was, "now": now})
            if cursor is None:
                return


class _Findings:
    """Writes findings in items of `FINDINGS`."""

    def __init__(self, reports: Reports, job: Job, kind: str, now: datetime) -> None:
        self._write = reports.find
        self._job, self._kind, self._now = job, kind, now
        self._found: list[Any] = []
        self._written = 0

    def add(self, finding: Mapping[str, Any]) -> None:
        self._found.append(finding)
        if len(self._found) == FINDINGS:
            self.flush()

    def flush(self) -> None:
        if self._found:
            place = f"{self._job.run}#{self._job.number:04}#{self._written:06}"
            self._write(self._job.import_id, self._kind, place, self._found, now=self._now)
            self._found, self._written = [], self._written + 1


def _difference(job: Job, key: tuple[str, str], total: Sum, level: Level | None) -> tuple[str, dict[str, Any]]:
    """Return what kind of difference a SKU's sum makes to its level, and the difference."""
    said = total.quantities()
    now = {
        "on_hand": max(0, said.get("on_hand", said.get("available", 0))),
        "committed": max(0, said.get("committed", 0)),
    }
    was = level and {"on_hand": level.on_hand, "committed": level.committed}
    kind = "new" if was is None else "same" if was == now else "changed"
    if level and level.as_of > to_text(total.as_of or job.put_at):
        kind = "older"
    elif kind == "changed" and was and was["on_hand"] and not now["on_hand"]:
        kind = "emptied"
    return kind, {"sku": key[1], "location_id": key[0], "what": kind, "was": was, "now": now}


def import_id_of(key: str, etag: str, sequencer: str) -> str:
    """Return an import's id: the one that an upload was given, else one made of the file's place and content."""
    uploaded = UPLOADED.fullmatch(key.rpartition("/")[2])
    if uploaded:
        return uploaded[1]
    return hashlib.sha256(f"{key}\n{etag}\n{sequencer}".encode()).hexdigest()[:24]


def _job(record: Mapping[str, Any]) -> Job:
    """Read one record of S3's event. Raises `PoisonError` for a file outside of a mapping's folder."""
    thing = record["s3"]["object"]
    key, etag, sequencer = unquote_plus(thing["key"]), thing.get("eTag", ""), thing.get("sequencer", "")
    _mapping_name(key)
    return Job(
        import_id=import_id_of(key, etag, sequencer),
        key=key,
        etag=etag,
        size=thing["size"],
        sequencer=sequencer,
        at=record["eventTime"],
    )


def _mapping_name(key: str) -> str:
    found = KEY.fullmatch(key)
    if found is None:
        raise PoisonError(f"{key:.200}: files belong into inbox/<mapping>/ or inbox-dry-run/<mapping>/")
    return found[2]


def _message(job: Job) -> Outgoing:
    return Outgoing.of({"import": asdict(job)})


def _snapshot_id(job: Job) -> str:
    return f"import-{job.import_id}-{to_milliseconds(job.put_at)}"


def _described(job: Job, mapping: ImportMapping, version: int | None, now: datetime) -> dict[str, Any]:
    described: dict[str, Any] = {
        "state": "importing",
        "key": job.key,
        "bytes": job.size,
        "mapping": _mapping_name(job.key),
        "mapping_version": version,
        "dry_run": job.dry_run,
        "put_at": job.at,
        "sequencer": job.sequencer,
        "passes": job.passes,
        "passes_done": job.number,
        "reason": None,
        "snapshot_id": _snapshot_id(job) if mapping.full_count and not job.dry_run else None,
    }
    if job.number:
        return described
    return described | {"run": job.run, "started_at": to_text(now), "finished_at": None, "totals": None}


def _level_records(job: Job, found: Pass) -> Iterable[Outgoing]:
    """Return the levels as batches of work messages, made while they are sent."""
    sums = iter(found.sums.items())
    first = 0
    while group := list(islice(sums, PAGE_LEVELS)):
        levels = [
            {
                "type": "stock.level",
                "sku": sku,
                "location_id": location_id,
                **total.quantities(),
                "as_of": to_text(total.as_of or job.put_at),
                "source": job.key[:200],
            }
            for (location_id, sku), total in group
        ]
        yield from parts(levels, received_at=to_milliseconds(job.put_at), first=first)
        first += len(levels)


def _added(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else left + right


def _text(record: Record) -> str:
    return " | ".join(record.cells)[:120].encode(errors="replace").decode()
