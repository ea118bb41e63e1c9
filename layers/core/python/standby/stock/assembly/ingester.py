"""The ingester put together with AWS, as its function's settings say."""

from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.purchase_orders import PurchaseOrderBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.stock.ingester import Ingester
from standby.stock.settings import IngesterSettings
from standby.stock.snapshots.repository import SnapshotRepository


def assemble(settings: IngesterSettings) -> Ingester:
    """Build the ingester."""
    table, sqs = LedgerTable(settings.stock_table, dynamodb.client()), queue.client()
    return Ingester(
        levels=LevelBook(table),
        purchase_orders=PurchaseOrderBook(table),
        locations=LocationBook(table),
        snapshots=SnapshotRepository(table),
        updates=queue.connect(settings.stock_updates_queue_url, sqs),
        dead_letters=queue.connect(settings.stock_updates_dead_letter_queue_url, sqs),
        sweeps=queue.connect(settings.stock_sweeps_queue_url, sqs),
        clock=SystemClock(),
        ids=Ids(settings.id_case),
    )
