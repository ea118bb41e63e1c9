"""A file from S3's event to its report: streamed, checked line by line, sent on by its kind (design §5.1; features A5).

A file is read in passes. A pass streams the whole file and gathers what one part of its lines says (all of them, in
files up to `PASS_BYTES`): lines that speak of the same thing are of the same part. So memory is bounded whatever the
size of the file and the order of its lines. The file's kind sends on what a pass gathered. Then a message on the
reader's own queue begins the next pass. A pass that died is repeated from its beginning and sends the same again.

No line is lost in silence: each is sent on, or stands in the report with its number and the reason why not.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import unquote_plus

from standby.imports.csv_file import Rows, Stream
from standby.imports.kinds import Gathering, Kind, kind_of
from standby.imports.model import (
    LARGEST_BYTES,
    OURS,
    MissingError,
    ReplacedError,
    UnreadableError,
    UnusableMappingError,
    as_text,
)
from standby.imports.packed import size, unpacked
from standby.imports.passes import Job, PassReader
from standby.platform.clock import Clock, to_text
from standby.platform.counted import counted
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import ATTEMPTS, Message, Outgoing, PoisonError, Queue

KEY = re.compile(r"(inbox|inbox-dry-run)/([a-z0-9][a-z0-9_-]{0,63})/(.+)")
UPLOADED = re.compile(r"([0-9a-f]{24})\.csv")
SHOWN_KEY = 200
STOPPED = f"its reader was stopped {ATTEMPTS} times before it came to the end"
MOST_REMARKS = 50
FINDINGS = 300
"""Bad lines, or differences, in one item of the report."""
CARRIED: Mapping[str, type] = {
    **dict.fromkeys(("import_id", "key", "etag", "sequencer", "at", "run", "announced_at"), str),
    **dict.fromkeys(("size", "number"), int),
    "unpacked": int,
    **dict.fromkeys(("totals", "sent"), dict),
    "remarks": list,
}
Found = TypeVar("Found")
log = logger("imports")


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

    def state(self, import_id: str) -> tuple[str, str, str] | None:
        """Return an import's state, the sequencer of the S3 event that it belongs to, and the key of its file."""
        ...

    def write(self, import_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
        """Write a report's fields."""
        ...

    def begin(self, import_id: str, *, now: datetime) -> None:
        """Add an import to the list, under the time ``now``."""
        ...

    def find(self, import_id: str, kind: str, place: str, found: Sequence[Any], *, now: datetime) -> None:
        """Write a page of findings."""
        ...


@frozen(kw_only=True)
class FileReader:
    """Reads files."""

    inbox: Inbox
    reports: Reports
    kinds: Callable[[str], Kind]
    """Returns a kind of file by its name. Raises `UnusableMappingError`."""
    imports: Queue
    dead_letters: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""

    def handle(self, message: Message) -> None:
        """Do one pass, or begin with the files that S3 tells of. Raises `PoisonError` for what can never be read."""
        content = message.json()
        if not isinstance(content, dict):
            raise PoisonError("message: must be object")
        last_try = message.receive_count >= ATTEMPTS
        if "import" in content:
            self._guarded(_carried(content["import"]), last_try=last_try)
            return
        if content.get("Event") == "s3:TestEvent":
            return
        records = content.get("Records")
        if not isinstance(records, list):
            raise PoisonError("Records: missing" if records is None else "Records: must be array")
        # S3 sends one file at a time. Should there be several, each becomes a message, so that a bad one fails alone.
        if len(records) == 1:
            job = _job(records[0])
            if job is not None:
                self._guarded(self._uploaded(job), last_try=last_try)
        else:
            self.imports.send([Outgoing.of({"Records": [record]}) for record in records])

    def _uploaded(self, job: Job) -> Job:
        """Return the job by the id that its upload was given, if it is one.

        Somebody may put a copy elsewhere, or name a file so by chance. That is another import: S3's sequencers say
        which came later of one key only.
        """
        named = UPLOADED.fullmatch(job.key.rpartition("/")[2])
        known = self.reports.state(named[1]) if named else None
        return replace(job, import_id=named[1]) if named and known and known[2] == job.key else job

    def _guarded(self, job: Job, *, last_try: bool) -> None:
        now = self.clock.now()
        known = self.reports.state(job.import_id)
        if known is not None and (known[:2] == ("done", job.sequencer) or _later(known[1], job.sequencer)):
            return
        try:
            self._run(job, last_try=last_try)
        except ReplacedError as error:
            # Whoever put the other file there meant it: nobody needs to look.
            ended = {"state": "replaced", "reason": str(error), "finished_at": to_text(now)}
            self.reports.write(job.import_id, ended, now=now)
            self._end(job, "replaced", str(error), now)
        except (UnreadableError, UnusableMappingError, MissingError) as error:
            raise self._failed(job, str(error), now) from error
        except PoisonError as poison:
            raise self._failed(job, poison.reason, now) from poison
        except Exception as error:
            # What code cannot bear it will not bear tomorrow. What AWS refuses it may take at another try.
            if not last_try and not isinstance(error, OURS):
                raise
            log.exception("import failed", extra={"import_id": job.import_id})
            raise self._failed(job, f"{type(error).__name__}: {error!s:.500}", now) from error

    def _failed(self, job: Job, reason: str, now: datetime) -> PoisonError:
        """Report that a file could not be read, and return what sets its message aside.

        A reason may name what the file says; no store keeps bytes of it that are no text.
        """
        reason = as_text(reason)
        failed = {"state": "failed", "reason": reason, "finished_at": to_text(now)}
        about = {"key": job.key, "put_at": job.at, "dry_run": job.dry_run, "sequencer": job.sequencer}
        self.reports.write(job.import_id, failed | about, now=now)
        self.reports.begin(job.import_id, now=now)
        self._end(job, "failed", reason, now)
        self.count("ImportsFailed", 1)
        return PoisonError(f"{job.key:.{SHOWN_KEY}}: {reason}")

    def _end(self, job: Job, state: Literal["failed", "replaced"], reason: str, now: datetime) -> None:
        """Let the file's kind take back what it announced. By a mapping that cannot be used nothing was announced."""
        mapping = job.mapping or self.reports.mapping(job.mapping_name)
        if mapping is None:
            return
        try:
            gathering = self.kinds(kind_of(mapping)).gathering(replace(job, mapping=mapping))
        except UnusableMappingError:
            return
        gathering.end(state, reason, now=now)

    def _run(self, job: Job, *, last_try: bool) -> None:
        now = self.clock.now()
        _check_place(job.key)
        name = job.mapping_name
        saved = job.mapping if job.number or job.announced_at else self.reports.mapping(name)
        if saved is None:
            raise UnusableMappingError(f"there is no mapping {name!r}: PUT /v1/imports/mappings/{name}")
        if job.size > LARGEST_BYTES:
            raise UnreadableError(f"{job.size:,} bytes are more than {LARGEST_BYTES:,}")
        if job.number == 0:
            job = replace(job, run=to_text(now), mapping=saved)
        gathering = self.kinds(kind_of(saved)).gathering(job)
        if job.number == 0:
            self.reports.begin(job.import_id, now=now)
        # Whoever is killed at the last try writes nothing any more. So it counts as failed until it comes to its end.
        doomed = {"state": "failed", "reason": STOPPED, "finished_at": to_text(now)} if last_try else {}
        self.reports.write(job.import_id, _described(job, now) | gathering.described() | doomed, now=now)
        announced = job.number or job.announced_at or job.dry_run
        seconds = 0 if announced else gathering.announce(now=now)
        if last_try:
            gathering.end("failed", STOPPED, now=now)
        if seconds:
            self.imports.send([_message(replace(job, announced_at=to_text(now)), delay_seconds=seconds)])
            return
        opened, file = self._open(job, now)
        if opened != job:  # it is parted into other passes than it seemed before it was unpacked
            job, gathering = opened, self.kinds(kind_of(saved)).gathering(opened)
        self._read(job, gathering, file, now)

    def _read(self, job: Job, gathering: Gathering[Any], file: Stream, now: datetime) -> None:
        """Do a pass, and report the end of the file or begin the next pass."""
        bad = _Findings(self.reports, job, "bad", now)
        reader = PassReader(job, gathering, bad.add)
        found = reader.read(file, now=now)
        bad.flush()
        totals = {name: job.totals.get(name, 0) + more for name, more in found.items()}
        remarks = list(dict.fromkeys([*job.remarks, *reader.remarks]))[:MOST_REMARKS]
        last = job.number + 1 >= job.passes
        if last and not totals["rows"] and totals["bad_lines"]:
            read = counted(totals["bad_lines"], "line")
            raise UnreadableError(f"none of {read} could be read; is the mapping the right one?")
        if job.dry_run:
            differences = _Findings(self.reports, job, "difference", now)
            compared, sent = gathering.compare(differences.add, bad_lines=totals["bad_lines"])
            totals |= compared
            differences.flush()
        else:
            sent = gathering.send(bad_lines=totals["bad_lines"], last=last)
        if last:
            ended = {
                "state": "done",
                "reason": None,
                "run": job.run,  # after a crash two chains of passes may run: this one came to the end
                "finished_at": to_text(self.clock.now()),
                "totals": totals,
                "remarks": remarks,
                **gathering.concluded(sent),
            }
            self.reports.write(job.import_id, ended, now=now)
            self.count("LinesNotImported", totals["bad_lines"])
        else:
            # The next pass, not this one, writes these totals to the report: a pass done twice brings no old ones back.
            following = replace(job, number=job.number + 1, totals=totals, sent=sent, remarks=remarks)
            self.imports.send([_message(following)])

    def _open(self, job: Job, now: datetime) -> tuple[Job, Stream]:
        """Open a file. The first pass finds out how many a packed one needs: nobody believes what it says of itself."""
        file, packed = unpacked(self.inbox.open(job.key, etag=job.etag))
        if job.number or not packed:
            return job, file
        if isinstance(file, Rows):
            job = replace(job, unpacked=file.weight)
        else:
            job = replace(job, unpacked=size(file))
            file, _ = unpacked(self.inbox.open(job.key, etag=job.etag))
        self.reports.write(job.import_id, {"passes": job.passes}, now=now)
        return job, file


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
    """Return the id of a file's import, made of its place, its content and when it was put there."""
    return hashlib.sha256(f"{key}\n{etag}\n{sequencer}".encode()).hexdigest()[:24]


def _later(one: str, other: str) -> bool:
    """Tell whether a sequencer of S3 is later than another of the same key: the shorter is filled up with zeros."""
    longest = max(len(one), len(other))
    return one.ljust(longest, "0") > other.ljust(longest, "0")


def _job(record: object) -> Job | None:
    """Read one record of S3's event, ``None`` for a folder. Raises `PoisonError`."""
    thing = _of(_of(record, "s3", dict), "object", dict)
    key = unquote_plus(_of(thing, "key", str))
    if key.endswith("/"):
        return None
    etag, sequencer = _of(thing, "eTag", str, ""), _of(thing, "sequencer", str, "")
    return _timed(
        Job(
            import_id=import_id_of(key, etag, sequencer),
            key=key,
            etag=etag,
            size=_of(thing, "size", int),
            sequencer=sequencer,
            at=_of(record, "eventTime", str),
        )
    )


def _carried(said: object) -> Job:
    """Read the pass that our own message asks for. Raises `PoisonError`."""
    if not isinstance(said, dict):
        raise PoisonError("import: must be object")
    try:
        job = Job(**said)
    except TypeError as error:
        raise PoisonError(f"import: {error}") from error
    for name, kind in CARRIED.items():
        _of(said, name, kind, getattr(job, name))
    _check_place(job.key)
    return _timed(job)


def _of(said: object, name: str, kind: type[Found], otherwise: Found | None = None) -> Found:
    """Return a field. Raises `PoisonError` where it is missing, unless something stands in, or of another type."""
    found = said.get(name, otherwise) if isinstance(said, dict) else None
    if isinstance(found, bool) or not isinstance(found, kind):
        raise PoisonError(f"{name}: missing" if found is None else f"{name}: must be {kind.__name__}")
    return found


def _timed(job: Job) -> Job:
    try:
        job.put_at  # noqa: B018 - it reads the time
    except (ValueError, OverflowError) as error:
        raise PoisonError(f"eventTime: {error}") from error
    return job


def _check_place(key: str) -> None:
    """Raise `PoisonError` for a file outside of a mapping's folder."""
    if not KEY.fullmatch(key):
        raise PoisonError(
            "files belong into inbox/<mapping>/ or inbox-dry-run/<mapping>/; a mapping's name has only a-z 0-9 _ -"
        )


def _message(job: Job, *, delay_seconds: int = 0) -> Outgoing:
    return Outgoing.of({"import": asdict(job)}, delay_seconds=delay_seconds)


def _described(job: Job, now: datetime) -> dict[str, Any]:
    described: dict[str, Any] = {
        "state": "importing",
        "key": job.key,
        "bytes": job.size,
        "mapping": job.mapping_name,
        "mapping_version": (job.mapping or {}).get("version"),
        "dry_run": job.dry_run,
        "put_at": job.at,
        "sequencer": job.sequencer,
        "passes": job.passes,
        "passes_done": job.number,
        "reason": None,
        "finished_at": None,
    }
    if job.number:
        return described | {"totals": dict(job.totals)}
    return described | {"run": job.run, "started_at": to_text(now), "totals": None}
