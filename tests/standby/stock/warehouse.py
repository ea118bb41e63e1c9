"""The stock functions' use cases over one table, as the stack wires them, and the ERP's messages."""

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from standby.imports.repository import ImportRepository
from standby.imports.service import Imports
from standby.ledger.claims import ClaimBook
from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.memberships import MembershipBook
from standby.ledger.model import SettleState, SkuStock
from standby.ledger.purchase_orders import PurchaseOrderBook
from standby.ledger.reader import LedgerReader
from standby.ledger.reconciliation import Reconciler
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.identifier import EXACT
from standby.platform.intake import Intake
from standby.platform.queue import Message, Outgoing
from standby.stock.announcements import settle_content
from standby.stock.belonging import Belonging
from standby.stock.ingester import Ingester
from standby.stock.messages import taken_over_http
from standby.stock.repository import SettleRepository, StockRepository, SweepRepository
from standby.stock.service import Explainer, ShopSettings
from standby.stock.settler import Settler
from standby.stock.snapshots.repository import SnapshotRepository
from standby.stock.snapshots.service import Approvals, SnapshotWorker
from standby.stock.sweeper import Sweeper

from tests.fakes import FakeBus, FakeClock, FakeQueue, sqs_record


class FakeForms:
    """Gives leave to put a file."""

    def form(self, key: str, *, seconds: int, most_bytes: int) -> tuple[str, dict[str, str]]:
        return "https://inbox.example/", {"key": key, "policy": f"{seconds} seconds, {most_bytes} bytes"}


@dataclass
class Warehouse:
    """The stock feature over one table."""

    table: LedgerTable
    clock: FakeClock
    updates: FakeQueue = field(default_factory=FakeQueue)
    dead_letters: FakeQueue = field(default_factory=FakeQueue)
    sweeps: FakeQueue = field(default_factory=FakeQueue)
    settles: FakeQueue = field(default_factory=FakeQueue)
    kits: FakeQueue = field(default_factory=FakeQueue)
    bus: FakeBus = field(default_factory=FakeBus)
    metrics: dict[str, int] = field(default_factory=dict)

    @property
    def ingester(self) -> Ingester:
        return Ingester(
            levels=LevelBook(self.table),
            purchase_orders=PurchaseOrderBook(self.table),
            locations=LocationBook(self.table),
            snapshots=SnapshotRepository(self.table),
            updates=self.updates,
            dead_letters=self.dead_letters,
            sweeps=self.sweeps,
            clock=self.clock,
        )

    @property
    def reader(self) -> LedgerReader:
        return LedgerReader(self.table)

    @property
    def settler(self) -> Settler:
        return Settler(
            ledger=self.reader,
            states=SettleRepository(self.table),
            bus=self.bus,
            settles=self.settles,
            clock=self.clock,
        )

    @property
    def belonging(self) -> Belonging:
        return Belonging(memberships=MembershipBook(self.table), settings=SettingsBook(self.table), sweeps=self.sweeps)

    @property
    def sweeper(self) -> Sweeper:
        return Sweeper(
            pages=SweepRepository(self.table),
            reconciler=Reconciler(self.table),
            snapshots=SnapshotWorker(
                snapshots=SnapshotRepository(self.table),
                levels=LevelBook(self.table),
                sweeps=self.sweeps,
                clock=self.clock,
                count=lambda _name, _value: None,
            ),
            claims=ClaimBook(self.table),
            bus=self.bus,
            settles=self.settles,
            kits=self.kits,
            sweeps=self.sweeps,
            clock=self.clock,
            count=self._count,
        )

    @property
    def intake(self) -> Intake:
        return Intake(updates=self.updates, clock=self.clock, check=partial(taken_over_http, ids=EXACT))

    @property
    def explainer(self) -> Explainer:
        return Explainer(stock=StockRepository(self.table))

    @property
    def settings(self) -> ShopSettings:
        return ShopSettings(stored=SettingsBook(self.table), sweeps=self.sweeps)

    @property
    def approvals(self) -> Approvals:
        return Approvals(snapshots=SnapshotRepository(self.table), sweeps=self.sweeps, clock=self.clock)

    @property
    def imports(self) -> Imports:
        return Imports(
            files=ImportRepository(self.table), inbox=FakeForms(), clock=self.clock, make_id=lambda: "0" * 24
        )

    def _count(self, name: str, value: int) -> None:
        self.metrics[name] = self.metrics.get(name, 0) + value

    def level(self, sku: str, on_hand: float, **more: Any) -> dict[str, Any]:
        """Return a level observed now."""
        told = {"type": "stock.level", "sku": sku, "location_id": "berlin", "on_hand": on_hand}
        return told | {"as_of": to_text(self.clock.now())} | more

    def deliver(self, *contents: Any) -> list[str]:
        """Let the ingester take one delivery of the queue; return the records that it wants again."""
        records = [
            sqs_record(
                content if isinstance(content, str) else json.dumps(content),
                message_id=f"m-{index}",
                sent_at=to_milliseconds(self.clock.now()) + index,
            )
            for index, content in enumerate(contents)
        ]
        answer = self.ingester.handle({"Records": records})
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def redeliver(self, outgoing: Outgoing) -> list[str]:
        """Let the ingester take a message that was sent to a queue."""
        attributes = dict(outgoing.attributes)
        if outgoing.received_at is not None:
            attributes["received_at"] = str(outgoing.received_at)
        record = sqs_record(outgoing.body, sent_at=to_milliseconds(self.clock.now()), attributes=attributes)
        answer = self.ingester.handle({"Records": [record]})
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def counts(self, sku: str, on_hand: float, **more: Any) -> SkuStock:
        """Deliver one level and return the SKU's numbers; the clock moves on by a second."""
        self.deliver(self.level(sku, on_hand, **more))
        self.clock.advance(seconds=1)
        return self.stock(sku)

    def stock(self, sku: str) -> SkuStock:
        found = self.reader.stock(sku)
        assert found is not None
        return found

    def state(self, sku: str) -> SettleState:
        return self.reader.state(sku)

    def tell_settler(self, content: dict[str, Any]) -> None:
        self.settler.handle(Message("m", json.dumps(content), received_at=0))

    def settle(self, stock: SkuStock, *, free_before: int | None = None) -> None:
        """Tell the settler of a revision."""
        self.tell_settler(settle_content(free_before, stock))

    def sweep(self, **job: Any) -> None:
        self.sweeper.handle(Message("m", json.dumps(job), received_at=0))
