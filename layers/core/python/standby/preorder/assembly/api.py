"""The API's use cases put together with AWS, as its function's settings say."""

from random import SystemRandom

from standby.ledger.claims import ClaimBook
from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue
from standby.platform.backoff import Backoff
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.platform.table import Table
from standby.preorder.campaigns import CampaignDesk
from standby.preorder.ending import EndingDesk
from standby.preorder.recording import DelayedExpiries
from standby.preorder.repository import PreorderRepository, Writes
from standby.preorder.routes import Desk
from standby.preorder.service import Reserving
from standby.preorder.settings import ApiSettings
from standby.preorder.showing import Shower
from standby.preorder.telling import Announcer


def assemble(settings: ApiSettings) -> Desk:
    """Build who answers the API's routes."""
    tables, clock, backoff = dynamodb.client(), SystemClock(), Backoff()
    stock = LedgerTable(settings.stock_table, tables)
    ledger, claims = LedgerReader(stock), ClaimBook(stock)
    preorders, writes = PreorderRepository(Table(settings.preorders_table, tables)), Writes(settings.preorders_table)
    announcer = Announcer(
        bus=bus.connect(settings.event_bus_name),
        mails=None,
        stock=ledger.stock,
        reservations=preorders,
    )
    return Desk(
        campaigns=CampaignDesk(preorders, ledger, clock),
        reserving=Reserving(
            preorders=preorders,
            writes=writes,
            claims=claims,
            settings=SettingsBook(stock),
            expiries=DelayedExpiries(queue.connect(settings.preorder_records_queue_url)),
            announcer=announcer,
            clock=clock,
            shuffle=SystemRandom().shuffle,
            backoff=backoff,
        ),
        ending=EndingDesk(
            preorders=preorders, writes=writes, claims=claims, announcer=announcer, clock=clock, backoff=backoff
        ),
        shower=Shower(preorders, clock),
        clock=clock,
        default_locale=settings.default_locale,
        ids=Ids(settings.id_case),
    )
