"""The projector put together with AWS, as its function's settings say."""

from datetime import timedelta

from standby.availability.directory import Directory
from standby.availability.projection import Projector
from standby.availability.repository import ShelfRepository
from standby.availability.settings import ProjectorSettings
from standby.ledger.locations import LocationReader
from standby.ledger.supply import SupplyReader
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.table import Table


def assemble(settings: ProjectorSettings) -> Projector:
    """Build the projector."""
    client, clock = dynamodb.client(), SystemClock()
    stock = LedgerTable(settings.stock_table, client)
    ledger = SupplyReader(stock)
    shelf = ShelfRepository(table=Table(settings.shelf_table, client), clock=clock)
    return Projector(
        shelf=shelf,
        ledger=ledger,
        skus=ledger,
        directory=Directory(locations=LocationReader(stock), shelf=shelf),
        changes=queue.SeldomQueue(settings.availability_changes_queue_url),
        dead_letters=queue.SeldomQueue(settings.availability_dead_letter_queue_url),
        clock=clock,
        least_away=timedelta(minutes=settings.back_after_minutes),
    )
