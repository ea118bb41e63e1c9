"""The planner put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING

from aws_lambda_powertools import Metrics

from standby.ledger.reader import LedgerReader
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.queue import SqsQueue
from standby.platform.table import Table
from standby.waitlist.links import Links
from standby.waitlist.planning import Planner
from standby.waitlist.settings import PlannerSettings
from standby.waitlist.wave_repository import WaveRepository

if TYPE_CHECKING:
    from standby.waitlist.discontinuing import Discontinuing


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


def assemble(settings: PlannerSettings, metrics: Metrics) -> Planner:
    """Build the planner."""
    client, sqs = dynamodb.client(), queue.client()
    table = Table(settings.waitlist_table, client)
    waves = WaveRepository(table)
    ledger = LedgerReader(Table(settings.stock_table, client))
    plans = SqsQueue(settings.waitlist_plans_queue_url, sqs)
    return Planner(
        waves=waves,
        ledger=ledger,
        discontinuing=cache(partial(_discontinuing, waves, ledger, table, Table(settings.shelf_table, client), plans)),
        mails=SqsQueue(settings.mail_bulk_queue_url, sqs),
        offers=SqsQueue(settings.preorder_allocations_queue_url, sqs),
        plans=plans,
        bus=bus.connect(settings.event_bus_name),
        links=Links(settings.public_url, secrets.connect(settings.link_keys_table, client).tokens),
        clock=SystemClock(),
        count=counter(metrics),
    )
