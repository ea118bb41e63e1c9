"""The API's use cases put together with AWS, as its function's settings say."""

from functools import cache, cached_property, partial
from random import SystemRandom
from typing import TYPE_CHECKING

from standby.ledger.claims import ClaimBook
from standby.ledger.credits import CreditBook
from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue
from standby.platform.backoff import Backoff
from standby.platform.clock import SystemClock
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids
from standby.platform.table import Table
from standby.preorder.campaigns import CampaignDesk
from standby.preorder.cancelling import Cancelling
from standby.preorder.credits import Credits
from standby.preorder.ending import EndingDesk
from standby.preorder.expiring import DelayedExpiries
from standby.preorder.links import Links
from standby.preorder.own import Own
from standby.preorder.repository import PreorderRepository, Writes
from standby.preorder.routes import Desk
from standby.preorder.service import Reserving
from standby.preorder.settings import ApiSettings
from standby.preorder.showing import Shower
from standby.preorder.telling import Announcer
from standby.shelf.lazy_cards import LazyCards

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from standby.platform.secrets import KeptTokens
    from standby.platform.tokens import Tokens
    from standby.preorder.campaign_cancelling import CampaignCancelling
    from standby.preorder.offers import OfferDesk


@frozen()
class SeldomTokens:
    """The keys of links, loaded where a link is followed or mailed. Most requests reserve units."""

    table: str
    client: "DynamoDBClient"

    @cached_property
    def _kept(self) -> "KeptTokens":
        from standby.platform import secrets  # noqa: PLC0415 - see above

        return secrets.connect(self.table, self.client)

    def tokens(self) -> "Tokens":
        """Return the maker and reader of tokens with the keys as they are now."""
        return self._kept.tokens()


def _offers(
    settings: SettingsBook, preorders: PreorderRepository, ledger: LedgerReader, ending: EndingDesk
) -> "OfferDesk":
    from standby.preorder.offers import OfferDesk  # noqa: PLC0415 - loaded where a customer answers an offer
    from standby.preorder.vanished import Vanished  # noqa: PLC0415 - as above

    return OfferDesk(
        preorders=preorders,
        settings=settings,
        ending=ending,
        vanished=Vanished(preorders=preorders, ledger=ledger, claims=ending.claims, clock=ending.clock),
        announcer=ending.announcer,
        clock=ending.clock,
        backoff=ending.backoff,
    )


def assemble(settings: ApiSettings) -> Desk:
    """Build who answers the API's routes."""
    tables, clock, backoff = dynamodb.client(), SystemClock(), Backoff()
    stock = LedgerTable(settings.stock_table, tables)
    ledger, claims = LedgerReader(stock), ClaimBook(stock)
    preorders, writes = PreorderRepository(Table(settings.preorders_table, tables)), Writes(settings.preorders_table)
    tokens, sqs = SeldomTokens(settings.link_keys_table, tables).tokens, queue.client()
    records = queue.SqsQueue(settings.preorder_records_queue_url, sqs)
    announcer = Announcer(
        bus=bus.connect(settings.event_bus_name),
        mails=queue.SqsQueue(settings.mail_urgent_queue_url, sqs),
        links=Links(settings.public_url, tokens),
        stock=ledger.stock,
        reservations=preorders,
        looks=records,
    )
    settings_book, shower = SettingsBook(stock), Shower(preorders, clock)
    ending = EndingDesk(
        preorders=preorders, writes=writes, claims=claims, announcer=announcer, clock=clock, backoff=backoff
    )
    ahead = Credits(counters=preorders, writes=writes, book=CreditBook(stock), clock=clock, backoff=backoff)
    return Desk(
        campaigns=CampaignDesk(preorders, ledger, ahead, records, clock),
        reserving=Reserving(
            preorders=preorders,
            writes=writes,
            claims=claims,
            settings=settings_book,
            expiries=DelayedExpiries(records),
            credits=ahead,
            announcer=announcer,
            clock=clock,
            shuffle=SystemRandom().shuffle,
            backoff=backoff,
        ),
        ending=ending,
        shower=shower,
        cancelling=Cancelling(
            preorders=preorders,
            writes=writes,
            ending=ending,
            mails=announcer.mails,
            links=announcer.links,
            tokens=tokens,
            clock=clock,
            backoff=backoff,
        ),
        campaign_cancelling=lambda: _campaign_cancelling(preorders, records, clock, backoff),
        own=Own(preorders, shower, clock),
        offers=cache(partial(_offers, settings_book, preorders, ledger, ending)),
        tokens=tokens,
        cards=LazyCards(Table(settings.shelf_table, tables), clock),
        clock=clock,
        shop_time_zone=settings.shop_time_zone,
        default_locale=settings.default_locale,
        ids=Ids(settings.id_case),
    )


def _campaign_cancelling(
    preorders: PreorderRepository, records: queue.Queue, clock: SystemClock, backoff: Backoff
) -> "CampaignCancelling":
    """Build what cancels campaigns, which few requests do."""
    from standby.preorder.campaign_cancelling import CampaignCancelling  # noqa: PLC0415 - see above
    from standby.preorder.cancellation_repository import CancellationRepository  # noqa: PLC0415 - see above

    return CampaignCancelling(
        cancellations=CancellationRepository(preorders.table),
        campaigns=preorders,
        records=records,
        clock=clock,
        backoff=backoff,
    )
