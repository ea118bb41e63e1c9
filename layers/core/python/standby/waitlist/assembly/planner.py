"""The planner put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING

from aws_lambda_powertools import Metrics

from standby.ledger.reader import LedgerReader
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.hours_settings import ALL
from standby.platform.observability import counter
from standby.platform.queue import SqsQueue
from standby.platform.shop_hours import AlwaysOpen, shop_hours
from standby.platform.table import Table
from standby.waitlist.links import Links
from standby.waitlist.planning import Planner
from standby.waitlist.settings import PlannerSettings
from standby.waitlist.wave_repository import WaveRepository

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from standby.waitlist.dating import Dating
    from standby.waitlist.discontinuing import Discontinuing
    from standby.waitlist.inviting_early import EarlyInviting


def _discontinuing(
    waves: WaveRepository, ledger: LedgerReader, table: Table, shelf: Table, plans: SqsQueue
) -> "Discontinuing":
    from standby.shelf.reader import ShelfReader  # noqa: PLC0415 - loaded where a plan asks for it
    from standby.waitlist.directory import Directory  # noqa: PLC0415 - as above
    from standby.waitlist.discontinuing import Discontinuing  # noqa: PLC0415 - as above
    from standby.waitlist.repository import CustomerRepository  # noqa: PLC0415 - as above

    return Discontinuing(
        line=waves,
        ledger=ledger,
        shelf=ShelfReader(shelf),
        directory=Directory(CustomerRepository(table), waves),
        plans=plans,
        clock=SystemClock(),
    )


def _dating(
    waves: WaveRepository,
    settings: PlannerSettings,
    client: "DynamoDBClient",
    links: Links,
    queues: tuple[SqsQueue, SqsQueue],
) -> "Dating":
    from standby.ledger.supply import SupplyReader  # noqa: PLC0415 - loaded where a plan asks for it
    from standby.ledger.table import LedgerTable  # noqa: PLC0415 - as above
    from standby.shelf.reader import ShelfReader  # noqa: PLC0415 - as above
    from standby.waitlist.date_repository import DateRepository  # noqa: PLC0415 - as above
    from standby.waitlist.dating import Dating  # noqa: PLC0415 - as above
    from standby.waitlist.line_pages import LinePages  # noqa: PLC0415 - as above

    mails, plans = queues
    return Dating(
        pages=LinePages(plan="date_page", line=waves, told=DateRepository(waves.table), plans=plans),
        ledger=LedgerReader(Table(settings.stock_table, client)),
        supplies=SupplyReader(LedgerTable(settings.stock_table, client)),
        shelf=ShelfReader(Table(settings.shelf_table, client)),
        links=links,
        mails=mails,
        plans=plans,
        clock=SystemClock(),
    )


def _early(waves: WaveRepository, links: Links, queues: tuple[SqsQueue, SqsQueue], offers: SqsQueue) -> "EarlyInviting":
    from standby.waitlist.date_repository import DateRepository  # noqa: PLC0415 - loaded where a plan asks for it
    from standby.waitlist.inviting_early import EarlyInviting  # noqa: PLC0415 - as above
    from standby.waitlist.line_pages import LinePages  # noqa: PLC0415 - as above

    mails, plans = queues
    told = DateRepository(waves.table, "EARLY")
    pages = LinePages(plan="early_page", line=waves, told=told, plans=plans)
    return EarlyInviting(pages=pages, links=links, mails=mails, preorders=offers, clock=SystemClock())


def assemble(settings: PlannerSettings, metrics: Metrics) -> Planner:
    """Build the planner."""
    client, sqs = dynamodb.client(), queue.client()
    table = Table(settings.waitlist_table, client)
    waves = WaveRepository(table)
    ledger = LedgerReader(Table(settings.stock_table, client))
    plans = SqsQueue(settings.waitlist_plans_queue_url, sqs)
    mails = SqsQueue(settings.mail_bulk_queue_url, sqs)
    links = Links(settings.public_url, secrets.connect(settings.link_keys_table, client).tokens)
    offers = SqsQueue(settings.preorder_allocations_queue_url, sqs)
    return Planner(
        waves=waves,
        ledger=ledger,
        discontinuing=cache(partial(_discontinuing, waves, ledger, table, Table(settings.shelf_table, client), plans)),
        dating=cache(partial(_dating, waves, settings, client, links, (mails, plans))),
        early=cache(partial(_early, waves, links, (mails, plans), offers)),
        mails=mails,
        offers=offers,
        plans=plans,
        bus=bus.connect(settings.event_bus_name),
        links=links,
        clock=SystemClock(),
        count=counter(metrics),
        opens=(shop_hours(settings) if settings.quiet_for == ALL else AlwaysOpen()).opens,
    )
