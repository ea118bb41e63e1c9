"""One pass of a stock file: its lines summed by SKU and location, and sent as the messages that the ERP could send."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from standby.imports.csv_file import Record, Stream, below_the_header
from standby.imports.model import BadLineError, CellReader, Layout, UnreadableError
from standby.imports.passes import Job
from standby.platform.batch import parts
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.counted import counted
from standby.platform.frozen import frozen
from standby.platform.identifier import EXACT, Ids
from standby.platform.json_text import to_json
from standby.platform.queue import Outgoing, Queue
from standby.stock.counts.comparison import Comparison, Levels
from standby.stock.counts.model import CountsMapping, Line, LineReader, Sum, check_apart
from standby.stock.messages import bulk

MOST_LOCATIONS = 500
PAGE_LEVELS = 500
SHOWN_KEY = 400
"""Characters of a file's place, in a message that takes 500 of a doubt."""


@frozen(kw_only=True)
class StockCounts:
    """The kind of file that says how much there is of each SKU."""

    levels: Levels
    updates: Queue
    ids: Ids = EXACT

    def gathering(self, job: Job) -> "CountsGathering":
        """Begin a pass, by the mapping that the job carries. Raises `UnusableMappingError`."""
        document = job.mapping or {}
        layout = Layout.from_document(document)
        mapping = CountsMapping.from_document(document, layout)
        if mapping.location_id is not None:  # saved, perhaps, before the shop said how its ids are read
            mapping = replace(mapping, location_id=self.ids.location_id(mapping.location_id))
        return CountsGathering(self, job, layout, mapping)


def reading(ids: Ids) -> StockCounts:
    """Return the kind for whoever only reads lines."""
    nowhere: Any = None
    return StockCounts(levels=nowhere, updates=nowhere, ids=ids)


def check(document: Mapping[str, Any]) -> None:
    """Raise `UnusableMappingError` for a mapping that no stock file could fit."""
    CountsMapping.from_document(document, Layout.from_document(document))


@dataclass
class CountsGathering:
    """The sums of one pass."""

    kind: StockCounts
    job: Job
    layout: Layout
    mapping: CountsMapping
    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    """What the file says, by location and SKU."""
    locations: set[str] = field(default_factory=set)
    kept: int = 0
    """Lines that leave everything as it is."""
    uncounted: dict[tuple[str, str], int] = field(default_factory=dict)
    """Where such a line of a full count stands, by location and SKU: it names the SKU, so it does not become 0."""
    counted_at: datetime | None = None
    """The one time of a full count, where its lines say one."""
    _reader: LineReader = field(init=False)

    def announce(self, *, now: datetime) -> int:  # noqa: ARG002 - whoever reads needs to say nothing before
        """Say nothing before: a full count's pages say what they are of."""
        return 0

    def end(self, state: str, reason: str, *, now: datetime) -> None:
        """Do nothing: nothing was announced."""

    def records(self, stream: Stream) -> tuple[dict[str, int], Iterator[Record]]:
        """Return where the columns are, and the records below the header."""
        return below_the_header(stream, self.layout)

    def begin(self, places: Mapping[str, int], *, now: datetime) -> None:
        """Learn the columns' positions in this file, and when it is read. Raises `UnusableMappingError`."""
        check_apart(places)
        self._reader = LineReader(self.mapping, CellReader(self.layout, places, now), self.kind.ids)
        if self.mapping.location_id:
            self.locations.add(self.mapping.location_id)

    def read(self, cells: Sequence[str]) -> Line:
        """Return what a line says. Raises `BadLineError`, `UnreadableError`."""
        line = self._reader.read(cells)
        if self.mapping.full_count and line.as_of is not None:
            if self.counted_at is None:
                self.counted_at = line.as_of
            elif self.counted_at != line.as_of:
                raise BadLineError(f"as_of: a full count has one time, {to_text(self.counted_at)}")
        if line.location_id not in self.locations:
            self.locations.add(line.location_id)
            if len(self.locations) > MOST_LOCATIONS:
                raise UnreadableError(f"more than {MOST_LOCATIONS} locations; is that the right column?")
        return line

    def keep(self, line: Line, number: int) -> None:
        """Add a line to the sums. Raises `BadLineError` where the file names a SKU twice and must not."""
        if line.key in self.uncounted or (line.keeps and self.mapping.full_count and line.key in self.sums):
            at = self.uncounted[line.key] if line.key in self.uncounted else self.sums[line.key].line
            raise BadLineError(f"line {at} names this SKU and location already: either it was counted, or not")
        if line.keeps:
            self.kept += 1
            if self.mapping.full_count and line.sku:
                self.uncounted[line.key] = number
            return
        known = self.sums.get(line.key)
        if known is None:
            self.sums[line.key] = Sum.of(line, number)
        elif self.mapping.sum_lines:
            known.add(line)
        elif line.as_of is None or known.as_of is None or self.mapping.full_count:
            raise BadLineError(f"line {known.line} says this SKU and location already (sum_lines adds them up)")
        elif line.as_of >= known.as_of:
            newer = Sum.of(line, number)
            if line.as_of == known.as_of and newer.quantities() != known.quantities():
                raise BadLineError(f"line {known.line} says otherwise of this SKU and location at the same time")
            self.sums[line.key] = newer

    def names(self) -> Mapping[str, Iterable[str]]:
        """Return the SKUs and locations."""
        return {"sku": (sku for _, sku in chain(self.sums, self.uncounted)), "location": self.locations}

    def gathered(self) -> dict[str, int]:
        """Return how many levels there are, and how many lines leave things as they are."""
        return {"levels": len(self.sums), **({"kept": self.kept} if self.mapping.keep_words else {})}

    def compare(
        self, differs: Callable[[Mapping[str, Any]], None], *, bad_lines: int
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Report how the sums differ from the ledger's levels, and return the totals of all passes so far."""
        return Comparison(
            levels=self.kind.levels,
            job=self.job,
            full_count=self.mapping.full_count,
            doubtful=bad_lines > 0,
            as_of=self.counted_at or self.job.put_at,
            sums=self.sums,
            uncounted=self.uncounted.keys(),
            locations=self.locations,
            differs=differs,
        ).run()

    def send(self, *, bad_lines: int, last: bool) -> dict[str, int]:
        """Send the sums, and return how many pages of a snapshot there are so far, by location."""
        if self.mapping.full_count:
            return self._send_pages(bad_lines=bad_lines, last=last)
        self.kind.updates.send(self._level_batches())
        return {}

    def described(self) -> dict[str, Any]:
        """Return the snapshot that a full count becomes."""
        return {"snapshot_id": self._snapshot_id() if self.mapping.full_count and not self.job.dry_run else None}

    def concluded(self, sent: Mapping[str, int]) -> dict[str, Any]:
        """Return how many locations a full count covered."""
        return {"locations": len(sent)}

    def _snapshot_id(self) -> str:
        """Return the snapshot's id. It names the mapping's version: a file read by a changed mapping is another one."""
        version = (self.job.mapping or {}).get("version")
        return f"import-{self.job.import_id}-{to_milliseconds(self.job.put_at)}-{version}"

    def _send_pages(self, *, bad_lines: int, last: bool) -> dict[str, int]:
        """Send a pass's part of each location's snapshot; the last page says how many there were."""
        pages = dict.fromkeys(sorted(self.locations), 0) | dict(self.job.sent)
        head = {
            "type": "stock.snapshot",
            "snapshot_id": self._snapshot_id(),
            "as_of": to_text(self.counted_at or self.job.put_at),
        }
        received_at = to_milliseconds(self.job.put_at)

        def made() -> Iterator[Outgoing]:
            for location_id in pages:
                named = self._named(location_id)
                while levels := list(islice(named, PAGE_LEVELS)):
                    pages[location_id] += 1
                    content = {**head, "location_id": location_id, "page": pages[location_id], "levels": levels}
                    yield Outgoing(to_json(content), received_at=received_at, group=bulk(self._snapshot_id()))
                if last:
                    pages[location_id] += 1
                    end = {"page": pages[location_id], "pages": pages[location_id], "levels": []}
                    doubt = {"doubt": self._doubt(bad_lines)} if bad_lines else {}
                    content = {**head, "location_id": location_id, **end, **doubt}
                    yield Outgoing(to_json(content), received_at=received_at, group=bulk(self._snapshot_id()))

        self.kind.updates.send(made())
        return pages

    def _doubt(self, bad_lines: int) -> str:
        return f"{counted(bad_lines, 'line')} of {self.job.key:.{SHOWN_KEY}} could not be read"

    def _named(self, location_id: str) -> Iterator[dict[str, Any]]:
        """Yield what the lines say of a location's SKUs, as a snapshot's page says it."""
        yield from ({"sku": sku, **total.quantities()} for (at, sku), total in self.sums.items() if at == location_id)
        yield from ({"sku": sku, "counted": False} for at, sku in self.uncounted if at == location_id)

    def _level_batches(self) -> Iterable[Outgoing]:
        """Yield the levels in batches of messages, each made only when it is about to be sent."""
        put_at, source = self.job.put_at, self.job.key[:200]
        sums = iter(self.sums.items())
        while group := list(islice(sums, PAGE_LEVELS)):
            levels = [
                {
                    "type": "stock.level",
                    "sku": sku,
                    "location_id": location_id,
                    **total.quantities(),
                    "as_of": to_text(total.as_of or put_at),
                    "source": source,
                }
                for (location_id, sku), total in group
            ]
            for part in parts(levels, received_at=to_milliseconds(put_at)):
                yield replace(part, group=bulk(self.job.import_id))
