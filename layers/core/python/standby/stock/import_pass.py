"""One pass over a file: which lines are good, what they add up to, and which are not and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

from standby.platform.clock import to_text
from standby.stock.csv_file import Record, Stream, UnreadableError, records
from standby.stock.import_model import BadLineError, ImportMapping, Line, LineReader, places, whole_units

PASS_BYTES = 16 * 1024 * 1024
MOST_LOCATIONS = 500
Key = tuple[str, str]
"""A location and a SKU."""


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
    mapping: Mapping[str, Any] | None = None
    """The mapping as it was when the first pass began: every pass reads the file by the same."""

    @property
    def passes(self) -> int:
        """How many passes the file needs."""
        return 1 + self.size // PASS_BYTES

    def owns(self, key: Key) -> bool:
        """Tell whether a SKU at a location belongs to the part of the file that this pass keeps."""
        return self.passes == 1 or crc32("\n".join(key).encode()) % self.passes == self.number

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

    sums: dict[Key, Sum] = field(default_factory=dict)
    locations: set[str] = field(default_factory=set)
    totals: dict[str, int] = field(default_factory=lambda: {"rows": 0, "bad_lines": 0, "levels": 0})
    counted_at: datetime | None = None


@dataclass(frozen=True)
class PassReader:
    """Reads one pass."""

    job: Job
    mapping: ImportMapping
    found: Pass
    bad: Callable[[Mapping[str, Any]], None]
    """Takes a bad line's finding."""

    def read(self, stream: Stream, *, now: datetime) -> None:
        """Read the whole file. Raises `UnreadableError`, `UnusableMappingError`."""
        mapping = self.mapping
        lines = records(stream, encoding=mapping.encoding, delimiter=mapping.delimiter, skip_lines=mapping.skip_lines)
        header = None
        if mapping.header:
            first = next(lines, None)
            if first is None or first.problem:
                raise UnreadableError(first.problem if first and first.problem else "the file is empty")
            header = first.cells
        if mapping.location_id:
            self.found.locations.add(mapping.location_id)
        self._add_all(lines, LineReader(mapping, places(mapping, header), now))
        self.found.totals["levels"] = len(self.found.sums)

    def _add_all(self, lines: Iterable[Record], reader: LineReader) -> None:
        for record in lines:
            try:
                line = self._line(record, reader)
            except BadLineError as error:
                # A line that cannot be read belongs to no part of the file: the first pass reports it.
                if self.job.number == 0:
                    self._report(record, error)
                continue
            key = (line.location_id, line.sku)
            if not self.job.owns(key):
                continue
            try:
                self._sum(key, line, record.line)
            except BadLineError as error:
                self._report(record, error)
            else:
                self.found.totals["rows"] += 1

    def _line(self, record: Record, reader: LineReader) -> Line:
        if record.problem:
            raise BadLineError(record.problem)
        line = reader.read(record.cells)
        found = self.found
        if self.mapping.full_count and line.as_of is not None:
            if found.counted_at is None:
                found.counted_at = line.as_of
            elif found.counted_at != line.as_of:
                raise BadLineError(f"as_of: a full count has one time, {to_text(found.counted_at)}")
        if line.location_id not in found.locations:
            found.locations.add(line.location_id)
            if len(found.locations) > MOST_LOCATIONS:
                raise UnreadableError(f"more than {MOST_LOCATIONS} locations; is that the right column?")
        return line

    def _report(self, record: Record, error: BadLineError) -> None:
        self.bad({"line": record.line, "lines": record.lines, "reason": str(error), "text": _text(record)})
        self.found.totals["bad_lines"] += record.lines

    def _sum(self, key: Key, line: Line, number: int) -> None:
        sums = self.found.sums
        known = sums.get(key)
        if known is None:
            sums[key] = Sum(number, line.on_hand, line.committed, line.available, line.as_of)
        elif self.mapping.sum_lines:
            known.add(line)
        elif line.as_of is None or known.as_of is None or self.mapping.full_count:
            raise BadLineError(f"line {known.line} says this SKU and location already (sum_lines adds them up)")
        elif line.as_of >= known.as_of:
            sums[key] = Sum(number, line.on_hand, line.committed, line.available, line.as_of)


def _added(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else left + right


def _text(record: Record) -> str:
    return " | ".join(record.cells)[:120].encode(errors="replace").decode()
