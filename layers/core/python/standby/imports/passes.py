"""One pass over a file: which lines are good and kept, and which are not and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from standby.imports.csv_file import Record, Rows, Stream
from standby.imports.kinds import Gathering, Key
from standby.imports.model import BadLineError, as_text, shown
from standby.platform.frozen import frozen

PASS_BYTES = 16 * 1024 * 1024
MOST_ALIKE = 5
LONGEST_REASON = 300
"""Characters of a bad line's reason: a store keeps many of them in one item."""


@frozen(kw_only=True)
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
    """When the first pass began. A file that is imported again has other findings under another ``run``."""
    number: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    sent: Mapping[str, int] = field(default_factory=dict)
    """What the kind of file noted of what it sent so far, or would have sent in a dry run."""
    mapping: Mapping[str, Any] | None = None
    """The mapping as it was when the first pass began, so that every pass reads the file by the same mapping."""
    unpacked: int = 0
    """How many bytes a packed file has once it is unpacked; 0 for one that is not packed."""
    remarks: Sequence[str] = field(default_factory=list)
    """What the passes before it found that somebody should know."""
    announced_at: str = ""
    """When it was said that the file is going to be read, where its kind says so before."""

    @property
    def passes(self) -> int:
        """How many passes the file needs."""
        return 1 + max(self.size, self.unpacked) // PASS_BYTES

    def owns(self, key: Key) -> bool:
        """Tell whether something that lines speak of belongs to the part of the file that this pass keeps.

        What differs only in capitals and blanks is of the same part.
        """
        return self.passes == 1 or crc32("\n".join(map(folded, key)).encode()) % self.passes == self.number

    @property
    def mapping_name(self) -> str:
        """Return the name of the mapping by which the file is read."""
        return self.key.partition("/")[2].partition("/")[0]

    @property
    def dry_run(self) -> bool:
        """Tell whether nothing is to be written."""
        return self.key.startswith("inbox-dry-run/")

    @property
    def put_at(self) -> datetime:
        """When the file was put there."""
        return datetime.fromisoformat(self.at).astimezone(UTC)


@dataclass
class PassReader:
    """Reads one pass."""

    job: Job
    gathering: Gathering[Any]
    bad: Callable[[Mapping[str, Any]], None]
    """Takes a bad line's finding."""
    totals: dict[str, int] = field(default_factory=lambda: {"rows": 0, "bad_lines": 0})
    remarks: list[str] = field(default_factory=list)
    """What somebody should know of the file, though nothing of it is bad."""

    def read(self, stream: Stream, *, now: datetime) -> dict[str, int]:
        """Read the whole file and return this pass's totals. Raises `UnreadableError`, `UnusableMappingError`."""
        found, lines = self.gathering.records(stream)
        self.gathering.begin(found, now=now)
        self._keep_all(lines)
        if isinstance(stream, Rows) and self.job.number == 0:
            self.remarks.extend(stream.remarks())
        for what, names in self.gathering.names().items():
            self.remarks.extend(lookalikes(what, names))
        return self.totals | self.gathering.gathered()

    def _keep_all(self, lines: Iterable[Record]) -> None:
        for record in lines:
            try:
                if record.problem:
                    raise BadLineError(record.problem)  # noqa: TRY301 - reported like every other bad line
                line = self.gathering.read(record.cells)
            except BadLineError as error:
                # A line that cannot be read belongs to no part of the file: the first pass reports it.
                if self.job.number == 0:
                    self._report(record, str(error))
                continue
            if line.problem is not None:
                self._report(record, line.problem)
            if not self.job.owns(line.key):
                continue
            try:
                self.gathering.keep(line, record.line)
            except BadLineError as error:
                self._report(record, str(error))
            else:
                self.totals["rows"] += 1

    def _report(self, record: Record, reason: str) -> None:
        reason = as_text(reason[:LONGEST_REASON])
        self.bad({"line": record.line, "lines": record.lines, "reason": reason, "text": beginning(record)})
        self.totals["bad_lines"] += record.lines


def folded(name: str) -> str:
    """Return a name as it is read by who overlooks capitals and blanks."""
    return "".join(name.split()).upper()


def lookalikes(what: str, names: Iterable[str]) -> Iterator[str]:
    """Say which names differ only in capitals or blanks: most are one thing, written in two ways."""
    known = set(names)
    alike: dict[str, set[str]] = {}
    for name in known:
        plain = folded(name)
        if plain != name:  # who writes all in capitals costs no memory
            alike.setdefault(plain, set()).add(name)
    for plain, found in sorted(alike.items()):
        group = sorted(found | ({plain} & known))
        if len(group) > 1:
            yield f"{what}: {', '.join(map(shown, group[:MOST_ALIKE]))} differ only in capitals or blanks"


def beginning(record: Record) -> str:
    """Return how a record begins, in letters that every store keeps."""
    return " | ".join(record.cells)[:120].encode(errors="replace").decode()
