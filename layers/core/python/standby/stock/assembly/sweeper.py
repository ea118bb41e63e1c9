"""The sweeper put together with AWS, as its function's settings say."""

from aws_lambda_powertools import Metrics

from standby.ledger.claims import ClaimBook
from standby.ledger.levels import LevelBook
from standby.ledger.reconciliation import Reconciler
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.stock.repository import SweepRepository
from standby.stock.settings import SweeperSettings
from standby.stock.snapshots.repository import SnapshotRepository
from standby.stock.snapshots.service import SnapshotWorker
from standby.stock.sweeper import Sweeper


def assemble(settings: SweeperSettings, metrics: Metrics) -> Sweeper:
    """Build the sweeper."""
    table, sqs = LedgerTable(settings.stock_table, dynamodb.client()), queue.client()
    sweeps = queue.connect(settings.stock_sweeps_queue_url, sqs)
    count = counter(metrics)
    return Sweeper(
        pages=SweepRepository(table),
        reconciler=Reconciler(table),
        snapshots=SnapshotWorker(
            snapshots=SnapshotRepository(table),
            levels=LevelBook(table),
            sweeps=sweeps,
            clock=SystemClock(),
            count=count,
        ),
        claims=ClaimBook(table),
        bus=bus.connect(settings.event_bus_name),
        settles=queue.connect(settings.stock_settle_queue_url, sqs),
        kits=queue.connect(settings.stock_kits_queue_url, sqs),
        sweeps=sweeps,
        clock=SystemClock(),
        count=count,
    )
