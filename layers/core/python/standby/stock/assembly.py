"""The stock workers, put together from their environment."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.purchase_orders import PurchaseOrderBook
from standby.ledger.reconciliation import Reconciler
from standby.ledger.snapshots import SnapshotBook
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue
from standby.platform.clock import SystemClock
from standby.stock.ingester import Ingester
from standby.stock.repository import SweepRepository
from standby.stock.snapshots import SnapshotWorker
from standby.stock.sweeper import Sweeper

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.stock.settings import IngesterSettings, SweeperSettings


def ingester(settings: "IngesterSettings") -> Ingester:
    """Build the ingester."""
    table, sqs = LedgerTable(settings.stock_table, dynamodb.client()), queue.client()
    return Ingester(
        levels=LevelBook(table),
        purchase_orders=PurchaseOrderBook(table),
        locations=LocationBook(table),
        snapshots=SnapshotBook(table),
        updates=queue.connect(settings.stock_updates_queue_url, sqs),
        dead_letters=queue.connect(settings.stock_updates_dead_letter_queue_url, sqs),
        sweeps=queue.connect(settings.stock_sweeps_queue_url, sqs),
        clock=SystemClock(),
    )


def sweeper(settings: "SweeperSettings", metrics: "Metrics") -> Sweeper:
    """Build the sweeper."""
    table, sqs = LedgerTable(settings.stock_table, dynamodb.client()), queue.client()
    sweeps = queue.connect(settings.stock_sweeps_queue_url, sqs)
    return Sweeper(
        pages=SweepRepository(table),
        reconciler=Reconciler(table),
        snapshots=SnapshotWorker(
            snapshots=SnapshotBook(table),
            levels=LevelBook(table),
            sweeps=sweeps,
            clock=SystemClock(),
            count=counter(metrics),
        ),
        bus=bus.connect(settings.event_bus_name),
        settles=queue.connect(settings.stock_settle_queue_url, sqs),
        sweeps=sweeps,
        clock=SystemClock(),
    )


def counter(metrics: "Metrics") -> Callable[[str, int], None]:
    """Return a function that counts a metric."""

    def count(name: str, value: int) -> None:
        metrics.add_metric(name=name, unit="Count", value=value)

    return count
