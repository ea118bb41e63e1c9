"""The API's use cases put together with AWS, as its function's settings say."""

from functools import cached_property
from random import SystemRandom
from typing import TYPE_CHECKING

from standby.ledger.credits import CreditBook
from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids
from standby.platform.table import Table
from standby.preorder.assembly.ending import ending_desk
from standby.preorder.campaigns import CampaignDesk
from standby.preorder.credits import Credits
from standby.preorder.early_links import EarlyLinks
from standby.preorder.expiring import DelayedExpiries
from standby.preorder.repository import PreorderRepository
from standby.preorder.routes import Desk
from standby.preorder.service import Reserving
from standby.preorder.settings import ApiSettings
from standby.preorder.showing import Shower
from standby.shelf.lazy_cards import LazyCards

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from standby.platform.secrets import KeptTokens
    from standby.platform.tokens import Tokens
    from standby.preorder.campaign_cancelling import CampaignCancelling
    from standby.preorder.prioritising import Prioritising


@frozen()
class SeldomTokens:
    """The keys of links, loaded where a link is mailed. Most requests reserve units."""

    table: str
    client: "DynamoDBClient"

    @cached_property
    def _kept(self) -> "KeptTokens":
        from standby.platform import secrets  # noqa: PLC0415 - see above

        return secrets.connect(self.table, self.client)

    def tokens(self) -> "Tokens":
        """Return the maker and reader of tokens with the keys as they are now."""
        return self._kept.tokens()


def assemble(settings: ApiSettings) -> Desk:
    """Build who answers the API's routes."""
    tables, sqs = dynamodb.client(), queue.client()
    stock = LedgerTable(settings.stock_table, tables)
    preorders = PreorderRepository(Table(settings.preorders_table, tables))
    tokens = SeldomTokens(settings.link_keys_table, tables).tokens
    ending = ending_desk(settings, preorders, stock, tokens, sqs)
    writes, announcer, clock, backoff = ending.writes, ending.announcer, ending.clock, ending.backoff
    records = queue.SqsQueue(settings.preorder_records_queue_url, sqs)
    ahead = Credits(counters=preorders, writes=writes, book=CreditBook(stock), clock=clock, backoff=backoff)
    links = EarlyLinks(preorders, tokens, clock)
    return Desk(
        campaigns=CampaignDesk(preorders, LedgerReader(stock), ahead, records, clock),
        reserving=Reserving(
            preorders=preorders,
            writes=writes,
            claims=ending.claims,
            settings=SettingsBook(stock),
            expiries=DelayedExpiries(records),
            credits=ahead,
            links=links,
            announcer=announcer,
            clock=clock,
            shuffle=SystemRandom().shuffle,
            backoff=backoff,
        ),
        ending=ending,
        shower=Shower(preorders, clock),
        campaign_cancelling=lambda: _campaign_cancelling(preorders, records, clock, backoff),
        prioritising=lambda: _prioritising(preorders, records, clock, backoff),
        clock=clock,
        default_locale=settings.default_locale,
        links=links,
        cards=LazyCards(Table(settings.shelf_table, tables), clock),
        ids=Ids(settings.id_case),
    )


def _campaign_cancelling(
    preorders: PreorderRepository, records: queue.Queue, clock: Clock, backoff: Backoff
) -> "CampaignCancelling":
    """Build what cancels campaigns, which few requests do."""
    from standby.preorder.assembly.cancelling import campaign_cancelling  # noqa: PLC0415 - see above

    return campaign_cancelling(preorders, records, clock, backoff)


def _prioritising(
    preorders: PreorderRepository, records: queue.Queue, clock: Clock, backoff: Backoff
) -> "Prioritising":
    """Build what makes exceptions from the order in line, which few requests do."""
    from standby.preorder.cancellation_repository import CancellationRepository  # noqa: PLC0415 - see above
    from standby.preorder.prioritising import Prioritising  # noqa: PLC0415 - see above
    from standby.preorder.priority_repository import PriorityRepository  # noqa: PLC0415 - see above

    return Prioritising(
        preorders=preorders,
        fronts=PriorityRepository(preorders.table),
        cancellations=CancellationRepository(preorders.table),
        records=records,
        clock=clock,
        backoff=backoff,
    )
