"""The sweeper put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aws_lambda_powertools import Metrics

from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.queue import SqsQueue
from standby.platform.table import Table
from standby.waitlist import items
from standby.waitlist.closing import Closing
from standby.waitlist.digest_model import Week
from standby.waitlist.directory import Directory
from standby.waitlist.links import Links
from standby.waitlist.meeting import Count
from standby.waitlist.noticing import Noticing
from standby.waitlist.repository import CustomerRepository
from standby.waitlist.settings import SweeperSettings
from standby.waitlist.sweeping import Sweeper
from standby.waitlist.wave_repository import WaveRepository

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from standby.waitlist.attending import Attending
    from standby.waitlist.digesting import Digesting
    from standby.waitlist.store_inviting import StoreInviting


def _digesting(
    settings: SweeperSettings, client: "DynamoDBClient", links: Links, queues: tuple[SqsQueue, SqsQueue], count: Count
) -> "Digesting":
    from standby.shelf.reader import ShelfReader  # noqa: PLC0415 - loaded where a list is due
    from standby.waitlist.digest_repository import DigestRepository  # noqa: PLC0415 - as above
    from standby.waitlist.digesting import Digesting  # noqa: PLC0415 - as above

    mails, sweeps = queues
    return Digesting(
        subscribers=DigestRepository(Table(settings.waitlist_table, client)),
        shelf=ShelfReader(Table(settings.shelf_table, client)),
        links=links,
        mails=mails,
        sweeps=sweeps,
        clock=SystemClock(),
        count=count,
        days=settings.back_in_stock_days,
    )


def _attending(settings: SweeperSettings, table: Table, directory: Directory, count: Count) -> "Attending":
    from standby.waitlist.attending import Attending  # noqa: PLC0415 - loaded where somebody is looked at
    from standby.waitlist.digest_repository import DigestRepository  # noqa: PLC0415 - as above

    return Attending(
        directory=directory,
        subscribers=DigestRepository(table),
        bus=bus.connect(settings.event_bus_name),
        clock=SystemClock(),
        count=count,
        days=settings.quiet_days,
    )


def _inviting(
    settings: SweeperSettings, client: "DynamoDBClient", links: Links, queues: tuple[SqsQueue, SqsQueue], count: Count
) -> "StoreInviting":
    from standby.shelf.reader import ShelfReader  # noqa: PLC0415 - loaded where an offer may be due
    from standby.shelf.stores import StoreReader  # noqa: PLC0415 - as above
    from standby.waitlist.store_inviting import StoreInviting  # noqa: PLC0415 - as above
    from standby.waitlist.store_offer_repository import StoreOfferRepository  # noqa: PLC0415 - as above

    mails, sweeps = queues
    shelf = Table(settings.shelf_table, client)
    return StoreInviting(
        book=StoreOfferRepository(Table(settings.waitlist_table, client)),
        shelf=ShelfReader(shelf),
        directory=StoreReader(shelf, SystemClock()),
        links=links,
        mails=mails,
        sweeps=sweeps,
        bus=bus.connect(settings.event_bus_name),
        clock=SystemClock(),
        count=count,
        zone=ZoneInfo(settings.shop_time_zone),
    )


def assemble(settings: SweeperSettings, metrics: Metrics) -> Sweeper:
    """Build the sweeper."""
    client, sqs = dynamodb.client(), queue.client()
    mails = SqsQueue(settings.mail_bulk_queue_url, sqs)
    sweeps = SqsQueue(settings.waitlist_sweeps_queue_url, sqs)
    links = Links(settings.public_url, secrets.connect(settings.link_keys_table, client).tokens)
    table = Table(settings.waitlist_table, client)
    chains = WaveRepository(table)
    customers = CustomerRepository(table)
    directory = Directory(customers, chains)
    return Sweeper(
        chains=chains,
        chain_shards=items.CHAINS_DUE,
        addresses=customers,
        address_shards=items.CUSTOMERS_DUE,
        directory=directory,
        closing=Closing(directory, SystemClock()),
        noticing=Noticing(directory, SystemClock()),
        mails=mails,
        plans=SqsQueue(settings.waitlist_plans_queue_url, sqs),
        sweeps=sweeps,
        links=links,
        clock=SystemClock(),
        count=counter(metrics),
        week=Week(weekday=settings.digest_weekday, hour=settings.digest_hour, zone=ZoneInfo(settings.shop_time_zone)),
        digesting=cache(partial(_digesting, settings, client, links, (mails, sweeps), counter(metrics))),
        attending=cache(partial(_attending, settings, table, directory, counter(metrics))),
        inviting=cache(partial(_inviting, settings, client, links, (mails, sweeps), counter(metrics))),
    )
