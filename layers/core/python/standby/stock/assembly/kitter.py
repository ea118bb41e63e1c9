"""The kitter put together with AWS, as its function's settings say."""

from standby.ledger.kits import KitBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.stock.kitter import Kitter
from standby.stock.settings import KitterSettings


def assemble(settings: KitterSettings) -> Kitter:
    """Build the kitter."""
    return Kitter(
        kits=KitBook(LedgerTable(settings.stock_table, dynamodb.client())),
        jobs=queue.SeldomQueue(settings.stock_kits_queue_url),
        clock=SystemClock(),
    )
