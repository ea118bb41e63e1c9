"""A location that is counted: the ERP's pages in, the jobs that follow, the levels that come of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from standby.ledger import items
from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.purchase_orders import PurchaseOrderBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.queue import Message, Outgoing
from standby.stock.ingester import Ingester
from standby.stock.snapshots.repository import SnapshotRepository
from standby.stock.snapshots.service import Approvals, SnapshotWorker

from tests.fakes import EPOCH, FakeClock, FakeQueue, sqs_record

MILLISECONDS = 1_777_802_400_000


def at(second: float) -> str:
    """Return the instant so many seconds after the tests' epoch."""
    return to_text(EPOCH + timedelta(seconds=second))


@dataclass
class Warehouse:
    """An ingester and a snapshot worker on one ledger, their queues delivered in the order that a test chooses."""

    table: LedgerTable
    clock: FakeClock = field(default_factory=FakeClock)
    updates: FakeQueue = field(default_factory=FakeQueue)
    dead: FakeQueue = field(default_factory=FakeQueue)
    sweeps: FakeQueue = field(default_factory=FakeQueue)
    metrics: dict[str, int] = field(default_factory=dict)
    sent: int = 0

    def __post_init__(self) -> None:
        self.clock.advance(minutes=10)
        self.book = SnapshotRepository(self.table)
        self.ingester = Ingester(
            levels=LevelBook(self.table),
            purchase_orders=PurchaseOrderBook(self.table),
            locations=LocationBook(self.table),
            snapshots=self.book,
            updates=self.updates,
            dead_letters=self.dead,
            sweeps=self.sweeps,
            clock=self.clock,
        )
        self.worker = SnapshotWorker(
            snapshots=self.book, levels=LevelBook(self.table), sweeps=self.sweeps, clock=self.clock, count=self.count
        )
        self.approvals = Approvals(snapshots=self.book, sweeps=self.sweeps, clock=self.clock)

    def count(self, name: str, value: int) -> None:
        self.metrics[name] = self.metrics.get(name, 0) + value

    def take(self, *messages: object) -> None:
        """Hand messages to the ingester, each as a record, and then the records that it makes of them."""
        waiting = [Outgoing.of(message) for message in messages]
        while waiting:
            for start in range(0, len(waiting), 10):
                self._deliver(waiting[start : start + 10])
            waiting = self.updates.drain()

    def work(self, *, most: int = 1_000) -> None:
        """Do the jobs until there are none."""
        for _ in range(most):
            jobs = self.sweeps.drain()
            if not jobs:
                return
            for job in jobs:
                self.worker.handle(json.loads(job.body))
        raise AssertionError(most)

    def level(self, sku: str, location_id: str, on_hand: int, *, second: float, **more: Any) -> None:
        self.take(level(sku, location_id, on_hand, second=second, **more))

    def on_hand(self, location_id: str, *skus: str) -> dict[str, int | None]:
        """Return what lies at a location, ``None`` where nothing was ever said."""
        found = {sku: self.table.item(items.level_key(sku, location_id)) for sku in skus}
        return {sku: item and items.level(item).on_hand for sku, item in found.items()}

    def state(self, snapshot_id: str, location_id: str | None = None) -> str:
        seen = self.approvals.view(snapshot_id, location_id)
        assert seen
        state: str = seen["state"]
        return state

    def _deliver(self, outgoings: Sequence[Outgoing]) -> None:
        records = [self._record(outgoing) for outgoing in outgoings]
        assert self.ingester.handle({"Records": records}) == {"batchItemFailures": []}

    def _record(self, outgoing: Outgoing) -> dict[str, Any]:
        self.sent += 1
        attributes = dict(outgoing.attributes)
        if outgoing.received_at is not None:
            attributes["received_at"] = str(outgoing.received_at)
        return sqs_record(
            outgoing.body, message_id=f"m-{self.sent}", sent_at=MILLISECONDS + self.sent, attributes=attributes
        )


def level(sku: str, location_id: str, on_hand: int, *, second: float, **more: Any) -> dict[str, Any]:
    return {
        "type": "stock.level",
        "sku": sku,
        "location_id": location_id,
        "on_hand": on_hand,
        "as_of": at(second),
        **more,
    }


def pages(
    snapshot_id: str, location_id: str, *levels: Mapping[str, int | None], second: float, **more: Any
) -> list[dict[str, Any]]:
    """Return a snapshot whose pages name these SKUs; ``None`` stands for one that was not counted."""
    return [
        {
            "type": "stock.snapshot",
            "snapshot_id": snapshot_id,
            "location_id": location_id,
            "as_of": at(second),
            "page": number,
            "pages": len(levels),
            "levels": [
                {"sku": sku, "counted": False} if on_hand is None else {"sku": sku, "on_hand": on_hand}
                for sku, on_hand in page.items()
            ],
            **more,
        }
        for number, page in enumerate(levels, start=1)
    ]


def message(body: object) -> Message:
    return Message.from_record(sqs_record(json.dumps(body)))


def moment(second: float) -> datetime:
    return EPOCH + timedelta(seconds=second)


def many(prefix: str, count: int, on_hand: int) -> dict[str, int]:
    return {f"{prefix}-{number}": on_hand for number in range(count)}


def cut(levels: Sequence[tuple[str, int]], count: int) -> list[dict[str, int]]:
    """Deal levels out to so many pages."""
    return [dict(levels[start::count]) for start in range(count)]
