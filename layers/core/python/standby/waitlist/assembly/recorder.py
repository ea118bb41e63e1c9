"""The recorder put together with AWS, as its function's settings say."""

from aws_lambda_powertools import Metrics

from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.table import Table
from standby.waitlist.closing import Closing
from standby.waitlist.digest_repository import DigestRepository
from standby.waitlist.directory import Directory
from standby.waitlist.noticing import Noticing
from standby.waitlist.outcome_repository import OutcomeRepository
from standby.waitlist.reacting import Reacting
from standby.waitlist.recording import Recorder
from standby.waitlist.repository import CustomerRepository
from standby.waitlist.restoring import Restoring
from standby.waitlist.served import Served
from standby.waitlist.settings import RecorderSettings
from standby.waitlist.store_offer_repository import StoreOfferRepository
from standby.waitlist.wave_repository import WaveRepository


def assemble(settings: RecorderSettings, metrics: Metrics) -> Recorder:
    """Build the recorder."""
    table = Table(settings.waitlist_table, dynamodb.client())
    plans, count = queue.SeldomQueue(settings.waitlist_plans_queue_url), counter(metrics)
    waves = WaveRepository(table)
    directory = Directory(CustomerRepository(table), waves)
    closing = Closing(directory, SystemClock())
    return Recorder(
        outcomes=OutcomeRepository(table),
        closing=closing,
        noticing=Noticing(directory, SystemClock()),
        restoring=Restoring(directory, plans, SystemClock(), count),
        served=Served(directory, closing, SystemClock()),
        reacting=Reacting(directory, waves, SystemClock()),
        digests=DigestRepository(table),
        invited=StoreOfferRepository(table),
        clock=SystemClock(),
        count=count,
    )
