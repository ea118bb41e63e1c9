"""A full count of 250,000 SKUs: as a file and as messages, into a ledger, beside an independent calculation.

``python -m tests.benchmarks.importing [rows]`` prints rows a second and the peak memory of each step. Reading (file to
messages) is the reader's own code on a file in memory and a queue that counts. Writing runs `stock_ingester`'s and
`stock_sweeper`'s code on a table in memory. That table (`LightTable`) does conditional writes as DynamoDB does, and
little else; moto's would need milliseconds a call. So our own work is measured, and the levels are checked. The peak of
that step is the process's, the whole ledger included.
"""

# ruff: noqa: T201 - it prints what it measured

import io
import json
import random
import resource
import sys
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from standby.imports.reading import FileReader
from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.purchase_orders import PurchaseOrderBook
from standby.ledger.table import LedgerTable
from standby.platform.queue import Message, Outgoing
from standby.stock.counts.service import StockCounts
from standby.stock.ingester import Ingester
from standby.stock.snapshots.repository import SnapshotRepository
from standby.stock.snapshots.service import Approvals, SnapshotWorker

from tests.benchmarks.light_table import LightDynamoDB
from tests.fakes import AT_ONCE, FakeClock, sqs_record

ROWS = 250_000
LOTS = 3
"""Every so many rows comes another lot of a SKU that came before, mostly far before."""
LOCATION = "main"
PUT_AT = "2026-05-03T09:59:00.000Z"
MAPPING = {
    "columns": {"sku": "מק״ט", "on_hand": "כמות"},  # noqa: RUF001 - Hebrew letters are no Latin ones
    "location_id": LOCATION,
    "encoding": "windows-1255",
    "decimal": ",",
    "sum_lines": True,
    "unit_factor": 0.5,
    "full_count": True,
    "version": 1,
}


def rows(count: int) -> list[tuple[str, str]]:
    """Return SKUs and quantities as the ERP prints them; the lots of a SKU lie far apart."""
    dice = random.Random(11)
    made = []
    for number in range(count):
        sku = f"SKU-{number if number % LOTS else dice.randrange(number + 1):07}"
        thousandths = dice.choice((0, 0, 500, 1_000, 12_000, 1_234_500))
        whole, rest = divmod(thousandths, 1_000)
        made.append((sku, f"{whole:,}".replace(",", ".") + (f",{rest:03}" if rest else "")))
    return made


def expected(made: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return each SKU's units without the product's code: exact decimals are summed, halved and rounded down."""
    sums: dict[str, Decimal] = {}
    for sku, text in made:
        sums[sku] = sums.get(sku, Decimal(0)) + Decimal(text.replace(".", "").replace(",", "."))
    return {sku: int((total / 2).to_integral_value(ROUND_FLOOR)) for sku, total in sums.items()}


def as_file(made: Iterable[tuple[str, str]]) -> bytes:
    """Return the file: Windows-1255, quoted line breaks, decimal commas."""
    lines = ["מק״ט;תיאור;כמות"]  # noqa: RUF001 - Hebrew letters are no Latin ones
    lines += [f'{sku};"חולצה ""{number % 50}""\nאדומה";{text}' for number, (sku, text) in enumerate(made)]  # noqa: RUF001
    return "\r\n".join(lines).encode("windows-1255")


@dataclass
class Files:
    """One file, one mapping, one report."""

    content: bytes
    report: dict[str, Any] = field(default_factory=dict)

    def open(self, key: str, *, etag: str) -> io.BytesIO:
        return io.BytesIO(self.content)

    def mapping(self, name: str) -> dict[str, Any]:
        return dict(MAPPING)

    def state(self, import_id: str) -> None:
        return None

    def begin(self, import_id: str, *, now: datetime) -> None:
        return None

    def write(self, import_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
        self.report |= values

    def find(self, import_id: str, kind: str, place: str, found: Sequence[Any], *, now: datetime) -> None:
        raise AssertionError(found[:3])

    def levels_of(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
        return {}

    def levels(self, location_id: str, cursor: Any) -> tuple[list[Any], None]:
        return [], None


@dataclass
class CountingQueue:
    """Keeps what was sent until it is taken. With ``kept`` False it only counts, so that memory is the sender's own."""

    kept: bool = True
    waiting: deque[Outgoing] = field(default_factory=deque)
    count: int = 0

    def send(self, messages: Iterable[Outgoing]) -> None:
        for message in messages:
            self.count += 1
            if self.kept:
                self.waiting.append(message)


def measured(name: str, count: int, work: Callable[[], None]) -> None:
    """Run a piece of work twice, for its time and for its memory, and print both."""
    started, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    told(name, count, seconds, cpu, peak)


def told(name: str, count: int, seconds: float, cpu: float, peak: float) -> None:
    """Print a line; the rate is by CPU time, because other work may run on the machine."""
    rate = f"{count / cpu:>9,.0f} rows per CPU second"
    print(f"{name:<20}{rate}, {seconds:>6.1f} s ({cpu:.1f} CPU), peak {peak / 2**20:,.0f} MiB")


def reader(content: bytes, updates: CountingQueue, imports: CountingQueue) -> tuple[FileReader, Files]:
    """Return the reader of one file."""
    files = Files(content)
    made = FileReader(
        inbox=files,
        reports=files,
        kinds={"stock": StockCounts(levels=files, updates=updates)}.__getitem__,
        imports=imports,
        dead_letters=CountingQueue(),
        clock=FakeClock(),
        count=lambda _name, _value: None,
    )
    return made, files


def read_file(content: bytes, updates: CountingQueue) -> dict[str, Any]:
    """Import a file, all its passes, and return the report."""
    imports = CountingQueue()
    made, files = reader(content, updates, imports)
    thing = {"key": "inbox/main/stock.csv", "size": len(content), "eTag": "e", "sequencer": "1"}
    record = {"eventTime": PUT_AT, "s3": {"bucket": {"name": "b"}, "object": thing}}
    made.handle(Message.from_record(sqs_record(json.dumps({"Records": [record]}))))
    while imports.waiting:
        made.handle(Message.from_record(sqs_record(imports.waiting.popleft().body)))
    return files.report


@dataclass
class Location:
    """The stock functions on a ledger in memory."""

    dynamodb: LightDynamoDB = field(default_factory=LightDynamoDB)
    updates: CountingQueue = field(default_factory=CountingQueue)
    sweeps: CountingQueue = field(default_factory=CountingQueue)
    dead: CountingQueue = field(default_factory=CountingQueue)

    def __post_init__(self) -> None:
        table = LedgerTable("Stock", self.dynamodb, AT_ONCE)  # type: ignore[arg-type] # as much of a client as is used
        clock = FakeClock()
        levels, snapshots = LevelBook(table), SnapshotRepository(table)
        self.ingester = Ingester(
            levels=levels,
            purchase_orders=PurchaseOrderBook(table),
            locations=LocationBook(table),
            snapshots=snapshots,
            updates=self.updates,
            dead_letters=self.dead,
            sweeps=self.sweeps,
            clock=clock,
        )
        self.worker = SnapshotWorker(
            snapshots=snapshots, levels=levels, sweeps=self.sweeps, clock=clock, count=lambda _name, _value: None
        )
        self.snapshots = snapshots
        self.approvals = Approvals(snapshots=snapshots, sweeps=self.sweeps, clock=clock)

    def run(self) -> None:
        """Let everything run that waits."""
        number = 0
        while self.updates.waiting:
            batch = [self.updates.waiting.popleft() for _ in range(min(10, len(self.updates.waiting)))]
            records = []
            for outgoing in batch:
                number += 1
                attributes = dict(outgoing.attributes) | {"received_at": str(outgoing.received_at)}
                records.append(sqs_record(outgoing.body, message_id=f"m-{number}", attributes=attributes))
            assert self.ingester.handle({"Records": records}) == {"batchItemFailures": []}
        while self.sweeps.waiting:
            self.worker.handle(json.loads(self.sweeps.waiting.popleft().body))

    def on_hand(self) -> dict[str, int]:
        """Return what the ledger says lies there."""
        found = {}
        for (pk, sk), item in self.dynamodb.items.items():
            if sk == f"LEVEL#{LOCATION}":
                found[pk.removeprefix("SKU#")] = int(item["on_hand"]["N"])
        return found


def main(arguments: Sequence[str]) -> int:
    """Measure, compare, print."""
    count = int(arguments[0]) if arguments else ROWS
    made = rows(count)
    content, right = as_file(made), expected(made)
    print(f"{count:,} rows, {len(right):,} SKUs, {len(content) / 1e6:.1f} MB of Windows-1255")
    measured("file to messages", count, lambda: read_file(content, CountingQueue(kept=False)) and None)

    place = Location()
    before = seed(place, count)
    report = read_file(content, place.updates)
    assert report["totals"] == {"rows": count, "bad_lines": 0, "levels": len(right)}, report
    started, cpu = time.perf_counter(), time.process_time()
    place.run()
    (snapshot,) = place.snapshots.find(report["snapshot_id"])
    print(f"snapshot {snapshot.state}: {snapshot.falling:,} of {snapshot.stocked:,} SKUs with units would have none")
    assert snapshot.state == "waiting_for_approval"
    place.approvals.approve(snapshot.snapshot_id, LOCATION, by="benchmark")
    place.run()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    (snapshot,) = place.snapshots.find(report["snapshot_id"])
    print(f"snapshot {snapshot.state}: {snapshot.emptied:,} emptied; {place.dynamodb.requests:,} requests to DynamoDB")
    told("messages to ledger", len(right), seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    wanted = dict.fromkeys(before, 0) | right
    found = place.on_hand()
    wrong = {sku for sku in wanted.keys() | found.keys() if wanted.get(sku) != found.get(sku)}
    print(f"levels unlike the independent calculation: {len(wrong)} of {len(wanted):,}")
    return 1 if wrong or place.dead.count or snapshot.state != "applied" else 0


def seed(place: Location, count: int) -> dict[str, int]:
    """Give the location SKUs that the file does not name, and five times as many that it may name; return all."""
    earlier = datetime(2026, 5, 3, 8, 0, tzinfo=UTC).isoformat()
    units = {f"SKU-{number:07}": 9 for number in range(1, count, 10)}
    units |= {f"OLD-{number}": 3 for number in range(count // 50)}
    levels = [
        {"type": "stock.level", "sku": sku, "location_id": LOCATION, "on_hand": on_hand, "as_of": earlier}
        for sku, on_hand in units.items()
    ]
    for start in range(0, len(levels), 25):
        body = {"type": "batch", "messages": levels[start : start + 25]}
        place.updates.send([Outgoing.of(body, received_at=1_777_800_000_000)])
    place.run()
    return units


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
