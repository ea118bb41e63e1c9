"""Files of the ERP into stock messages: streamed, summed, checked line by line (design §5.1; features A5).

A file is read in passes. A pass streams the whole file and keeps the sums of one part of its SKUs (all of them, in
files up to `PASS_BYTES`), so memory is bounded whatever the size of the file and the order of its lines. What a pass
found goes to the stock-updates queue as levels, or as pages of a snapshot where the mapping says that the file is a
full count; the next pass is a message to the own queue. A pass that died is repeated from its beginning and sends the
same again, which the ledger takes as what it is: the same words of the same time.

No line is lost in silence: each is in a level, or in the report with its number and why not. A full count with a bad
line doubts itself, so that a SKU that could not be read is not taken for one that is gone.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Protocol
from urllib.parse import unquote_plus

from standby.platform.clock import Clock, to_milliseconds, to_text
from standby.platform.queue import Message, Outgoing, PoisonError, Queue
from standby.stock.csv_file import Stream, UnreadableError
from standby.stock.import_comparison import Comparison, Levels
from standby.stock.import_model import ImportMapping, MissingError, ReplacedError, UnusableMappingError
from standby.stock.import_pass import Job, Pass, PassReader
from standby.stock.messages import parts

KEY = re.compile(r"(inbox|inbox-dry-run)/([a-z0-9][a-z0-9_-]{0,63})/(.+)")
UPLOADED = re.compile(r"([0-9a-f]{24})\.csv")
LARGEST_BYTES = 2 * 1024**3
PAGE_LEVELS = 500
FINDINGS = 300
"""Bad lines, or differences, in one item of the report."""


class Inbox(Protocol):
    """Where files lie."""

    def open(self, key: str, *, etag: str) -> Stream:
        """Return a file's bytes. Raises `MissingError`, `ReplacedError`."""
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
        jobs = [
            _job(record) for record in content.get("Records", ()) if not record["s3"]["object"]["key"].endswith("/")
        ]
        # One file by itself; more (S3 sends one at a time) each as a message of its own, so that poison stays alone.
        if len(jobs) == 1:
            self._guarded(jobs[0])
        else:
            self.imports.send([_message(job) for job in jobs])

    def _guarded(self, job: Job) -> None:
        now = self.clock.now()
        known = self.reports.state(job.import_id)
        if known is not None and (known == ("done", job.sequencer) or _later(known[1], job.sequencer)):
            return
        try:
            self._run(job)
        except ReplacedError as error:
            # Whoever put the other file there meant it: nobody needs to look.
            ended = {"state": "replaced", "reason": str(error), "finished_at": to_text(now)}
            self.reports.write(job.import_id, ended, now=now)
        except (UnreadableError, UnusableMappingError, MissingError) as error:
            failed = {"state": "failed", "reason": str(error), "finished_at": to_text(now), "key": job.key}
            self.reports.write(job.import_id, {**failed, "sequencer": job.sequencer}, now=now)
            self.reports.begin(job.import_id, now=now)
            self.count("ImportsFailed", 1)
            raise PoisonError(f"{job.key}: {error}") from error

    def _run(self, job: Job) -> None:
        now = self.clock.now()
        name = _mapping_name(job.key)
        saved = job.mapping if job.number else self.reports.mapping(name)
        if saved is None:
            raise UnusableMappingError(f"there is no mapping {name!r}: PUT /v1/stock/imports/mappings/{name}")
        if job.size > LARGEST_BYTES:
            raise UnreadableError(f"{job.size:,} bytes are more than {LARGEST_BYTES:,}")
        mapping = ImportMapping.from_document(saved)
        if job.number == 0:
            job = replace(job, run=to_text(now), mapping=saved)
            self.reports.begin(job.import_id, now=now)
        self.reports.write(job.import_id, _described(job, mapping, now), now=now)
        found = self._read(job, mapping, now)
        totals = {name: job.totals.get(name, 0) + more for name, more in found.totals.items()}
        last = job.number + 1 >= job.passes
        if last and not totals["rows"] and totals["bad_lines"]:
            raise UnreadableError(f"none of {totals['bad_lines']:,} lines could be read; is the mapping the right one?")
        if job.dry_run:
            differences = _Findings(self.reports, job, "difference", now)
            totals |= Comparison(self.levels, job, mapping, found, differences.add).run()
            differences.flush()
            pages = dict(job.pages)
        elif mapping.full_count:
            pages = self._send_pages(job, found, bad_lines=totals["bad_lines"], last=last)
        else:
            pages = {}
            self.updates.send(_level_records(job, found))
        if last:
            ended = {
                "state": "done",
                "run": job.run,  # of two chains of passes after a crash, the one that came to the end
                "finished_at": to_text(self.clock.now()),
                "totals": totals,
                "locations": len(pages),
            }
            self.reports.write(job.import_id, ended, now=now)
            self.count("LinesNotImported", totals["bad_lines"])
        else:
            # The report learns the totals from the next pass, so that a pass done twice at once cannot bring old ones.
            self.imports.send([_message(replace(job, number=job.number + 1, totals=totals, pages=pages))])

    def _read(self, job: Job, mapping: ImportMapping, now: datetime) -> Pass:
        found, bad = Pass(), _Findings(self.reports, job, "bad", now)
        PassReader(job, mapping, found, bad.add).read(self.inbox.open(job.key, etag=job.etag), now=now)
        bad.flush()
        return found

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
            place = f"{self._job.run}#{self._job.number:04}-{self._written:06}"
            self._write(self._job.import_id, self._kind, place, self._found, now=self._now)
            self._found, self._written = [], self._written + 1


def import_id_of(key: str, etag: str, sequencer: str) -> str:
    """Return an import's id: the one that an upload was given, else one made of the file's place and content."""
    uploaded = UPLOADED.fullmatch(key.rpartition("/")[2])
    if uploaded:
        return uploaded[1]
    return hashlib.sha256(f"{key}\n{etag}\n{sequencer}".encode()).hexdigest()[:24]


def _later(one: str, other: str) -> bool:
    """Tell whether a sequencer of S3 is later than another of the same key: the shorter is filled up with zeros."""
    longest = max(len(one), len(other))
    return one.ljust(longest, "0") > other.ljust(longest, "0")


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
    """Return an id that is another one when a repeated pass would cut the file by a mapping saved meanwhile."""
    return f"import-{job.import_id}-{to_milliseconds(job.put_at)}-{_mapping_version(job)}"


def _mapping_version(job: Job) -> int | None:
    return (job.mapping or {}).get("version")


def _described(job: Job, mapping: ImportMapping, now: datetime) -> dict[str, Any]:
    described: dict[str, Any] = {
        "state": "importing",
        "key": job.key,
        "bytes": job.size,
        "mapping": _mapping_name(job.key),
        "mapping_version": _mapping_version(job),
        "dry_run": job.dry_run,
        "put_at": job.at,
        "sequencer": job.sequencer,
        "passes": job.passes,
        "passes_done": job.number,
        "reason": None,
        "snapshot_id": _snapshot_id(job) if mapping.full_count and not job.dry_run else None,
    }
    if job.number:
        return described | {"totals": dict(job.totals)}
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
