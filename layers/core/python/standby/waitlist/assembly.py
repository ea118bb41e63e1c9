"""The workers put together with AWS, as the functions' settings say."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Metrics

from standby.ledger.reader import LedgerReader
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.queue import SqsQueue
from standby.waitlist import items
from standby.waitlist.closing import Closing
from standby.waitlist.outcome_repository import OutcomeRepository
from standby.waitlist.planning import Planner
from standby.waitlist.recording import Recorder
from standby.waitlist.repository import CustomerRepository
from standby.waitlist.service import Book, Count, Links
from standby.waitlist.settings import PlannerSettings, RecorderSettings, SweeperSettings
from standby.waitlist.sweeping import Sweeper
from standby.waitlist.wave_repository import WaveRepository

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def planner(settings: PlannerSettings, metrics: Metrics) -> Planner:
    """Return the planner."""
    table, sqs = dynamodb.client(), queue.client()
    return Planner(
        waves=WaveRepository(settings.waitlist_table, table),
        ledger=LedgerReader(settings.stock_table, table),
        mails=SqsQueue(settings.mail_bulk_queue_url, sqs),
        plans=SqsQueue(settings.waitlist_plans_queue_url, sqs),
        bus=bus.connect(settings.event_bus_name),
        links=Links(settings.public_url, secrets.connect(settings.link_keys_secret_arn).tokens),
        clock=SystemClock(),
        count=counter(metrics),
    )


def recorder(settings: RecorderSettings, metrics: Metrics) -> Recorder:
    """Return the recorder."""
    table = dynamodb.client()
    return Recorder(
        outcomes=OutcomeRepository(settings.waitlist_table, table),
        closing=Closing(_book(settings.waitlist_table, table), SystemClock()),
        clock=SystemClock(),
        count=counter(metrics),
    )


def sweeper(settings: SweeperSettings, metrics: Metrics) -> Sweeper:
    """Return the sweeper."""
    table, sqs = dynamodb.client(), queue.client()
    book = _book(settings.waitlist_table, table)
    return Sweeper(
        chains=WaveRepository(settings.waitlist_table, table),
        chain_shards=items.CHAINS_DUE,
        addresses=CustomerRepository(settings.waitlist_table, table),
        address_shards=items.CUSTOMERS_DUE,
        book=book,
        closing=Closing(book, SystemClock()),
        mails=SqsQueue(settings.mail_bulk_queue_url, sqs),
        plans=SqsQueue(settings.waitlist_plans_queue_url, sqs),
        sweeps=SqsQueue(settings.waitlist_sweeps_queue_url, sqs),
        links=Links(settings.public_url, secrets.connect(settings.link_keys_secret_arn).tokens),
        clock=SystemClock(),
        count=counter(metrics),
    )


def counter(metrics: Metrics) -> Count:
    """Return a function that counts a metric."""

    def count(name: str, value: int) -> None:
        metrics.add_metric(name=name, unit="Count", value=value)

    return count


def _book(table: str, client: "DynamoDBClient") -> Book:
    return Book(CustomerRepository(table, client), WaveRepository(table, client))
