"""The planner put together with AWS, as its function's settings say."""

from aws_lambda_powertools import Metrics

from standby.ledger.reader import LedgerReader
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.queue import SqsQueue
from standby.platform.table import Table
from standby.shelf.reader import ShelfReader
from standby.waitlist.directory import Directory
from standby.waitlist.discontinuing import Discontinuing
from standby.waitlist.links import Links
from standby.waitlist.planning import Planner
from standby.waitlist.repository import CustomerRepository
from standby.waitlist.settings import PlannerSettings
from standby.waitlist.wave_repository import WaveRepository


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
        discontinuing=Discontinuing(
            line=waves,
            ledger=ledger,
            shelf=ShelfReader(Table(settings.shelf_table, client)),
            directory=Directory(CustomerRepository(table), waves),
            plans=plans,
            clock=SystemClock(),
        ),
        mails=SqsQueue(settings.mail_bulk_queue_url, sqs),
        plans=plans,
        bus=bus.connect(settings.event_bus_name),
        links=Links(settings.public_url, secrets.connect(settings.link_keys_table, client).tokens),
        clock=SystemClock(),
        count=counter(metrics),
    )
