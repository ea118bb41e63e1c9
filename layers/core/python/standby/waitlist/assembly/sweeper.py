"""The sweeper put together with AWS, as its function's settings say."""

from aws_lambda_powertools import Metrics

from standby.platform import dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.queue import SqsQueue
from standby.platform.table import Table
from standby.waitlist import items
from standby.waitlist.closing import Closing
from standby.waitlist.directory import Directory
from standby.waitlist.links import Links
from standby.waitlist.noticing import Noticing
from standby.waitlist.repository import CustomerRepository
from standby.waitlist.settings import SweeperSettings
from standby.waitlist.sweeping import Sweeper
from standby.waitlist.wave_repository import WaveRepository


def assemble(settings: SweeperSettings, metrics: Metrics) -> Sweeper:
    """Build the sweeper."""
    client, sqs = dynamodb.client(), queue.client()
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
        mails=SqsQueue(settings.mail_bulk_queue_url, sqs),
        plans=SqsQueue(settings.waitlist_plans_queue_url, sqs),
        sweeps=SqsQueue(settings.waitlist_sweeps_queue_url, sqs),
        links=Links(settings.public_url, secrets.connect(settings.link_keys_table, client).tokens),
        clock=SystemClock(),
        count=counter(metrics),
    )
