"""The settler put together with AWS, as its function's settings say."""

from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue
from standby.platform.clock import SystemClock
from standby.stock.repository import SettleRepository
from standby.stock.settings import SettlerSettings
from standby.stock.settler import Settler


def assemble(settings: SettlerSettings) -> Settler:
    """Build the settler."""
    table = LedgerTable(settings.stock_table, dynamodb.client())
    return Settler(
        ledger=LedgerReader(table),
        states=SettleRepository(table),
        bus=bus.connect(settings.event_bus_name),
        settles=queue.connect(settings.stock_settle_queue_url),
        clock=SystemClock(),
    )
