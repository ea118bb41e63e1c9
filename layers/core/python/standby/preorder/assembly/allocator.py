"""The allocator put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING

from standby.ledger.claims import ClaimBook
from standby.ledger.reader import LedgerReader
from standby.ledger.supply import SupplyReader
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, secrets
from standby.platform.backoff import Backoff
from standby.platform.clock import SystemClock
from standby.platform.queue import SeldomQueue
from standby.platform.table import Table
from standby.preorder.allocating import Allocator
from standby.preorder.early import EarlyDoor
from standby.preorder.filling import Filling
from standby.preorder.links import Links
from standby.preorder.repository import PreorderRepository, Writes
from standby.preorder.settings import AllocatorSettings
from standby.preorder.telling import Announcer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from standby.preorder.ending import EndingDesk
    from standby.preorder.offering import Offering
    from standby.preorder.vanished import Vanished


def _offering(settings: AllocatorSettings, tables: "DynamoDBClient", announcer: Announcer) -> "Offering":
    from standby.platform.hours_settings import ALL  # noqa: PLC0415 - loaded where something is offered
    from standby.platform.shop_hours import shop_hours  # noqa: PLC0415 - loaded where something is offered
    from standby.preorder.offering import Offering  # noqa: PLC0415 - as above

    return Offering(
        preorders=PreorderRepository(Table(settings.preorders_table, tables)),
        writes=Writes(settings.preorders_table),
        claims=ClaimBook(LedgerTable(settings.stock_table, tables)),
        announcer=announcer,
        mails=announcer.mails,
        jobs=SeldomQueue(settings.preorder_allocations_queue_url),
        links=announcer.links,
        clock=SystemClock(),
        hours=shop_hours(settings),
        mail_waits=settings.quiet_for == ALL,
    )


def _vanished(
    preorders: PreorderRepository, writes: Writes, stock: LedgerTable, announcer: Announcer
) -> "tuple[Vanished, EndingDesk]":
    from standby.preorder.ending import EndingDesk  # noqa: PLC0415 - loaded where offered units are missing
    from standby.preorder.vanished import Vanished  # noqa: PLC0415 - as above

    claims, clock = ClaimBook(stock), SystemClock()
    ending = EndingDesk(
        preorders=preorders, writes=writes, claims=claims, announcer=announcer, clock=clock, backoff=Backoff()
    )
    return Vanished(preorders=preorders, ledger=LedgerReader(stock), claims=claims, clock=clock), ending


def assemble(settings: AllocatorSettings) -> Allocator:
    """Build the allocator."""
    tables = dynamodb.client()
    stock = LedgerTable(settings.stock_table, tables)
    ledger, preorders = LedgerReader(stock), PreorderRepository(Table(settings.preorders_table, tables))
    announcer = Announcer(
        bus=bus.connect(settings.event_bus_name),
        mails=SeldomQueue(settings.mail_bulk_queue_url),
        links=Links(settings.public_url, secrets.connect(settings.link_keys_table, tables).tokens),
        stock=ledger.stock,
        reservations=preorders,
    )
    writes = Writes(settings.preorders_table)
    return Allocator(
        preorders=preorders,
        writes=writes,
        ledger=ledger,
        claims=ClaimBook(stock),
        filling=Filling(
            preorders=preorders, supply=SupplyReader(stock), clock=SystemClock(), time_zone=settings.shop_time_zone
        ),
        announcer=announcer,
        offering=cache(partial(_offering, settings, tables, announcer)),
        vanished=cache(partial(_vanished, preorders, writes, stock, announcer)),
        early=EarlyDoor(preorders),
        allocations=SeldomQueue(settings.preorder_allocations_queue_url),
        clock=SystemClock(),
    )
