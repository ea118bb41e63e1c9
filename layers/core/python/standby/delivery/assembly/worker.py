"""The worker put together with AWS, as its function's settings say."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.delivery.apology_repository import ApologyBook
from standby.delivery.links import Links
from standby.delivery.noticing import Notices
from standby.delivery.receipts import Receipts
from standby.delivery.repository import DUE_SHARDS, OrderRepository
from standby.delivery.service import Orders
from standby.delivery.settings import WorkerSettings
from standby.delivery.working import Worker
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.sweep import Sweep

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics


def assemble(settings: WorkerSettings, metrics: "Metrics") -> Worker:
    """Build the worker, which counts in ``metrics``."""
    clock, zone = SystemClock(), ZoneInfo(settings.shop_time_zone)
    store = OrderRepository(settings.deliveries_table)
    orders = Orders(store=store, bus=bus.connect(settings.event_bus_name), clock=clock, zone=zone)
    tokens = secrets.connect(settings.link_keys_table, dynamodb.client()).tokens
    mails, links = queue.SeldomQueue(settings.mail_bulk_queue_url), Links(settings.public_url, tokens)
    return Worker(
        Sweep(
            shards=DUE_SHARDS,
            page=store.due,
            look=orders.look,
            queue=queue.connect(settings.delivery_records_queue_url),
            clock=clock,
        ),
        Notices(
            orders=orders,
            apologies=ApologyBook(settings.deliveries_table, settings.most_apologies),
            mails=mails,
            links=links,
            clock=clock,
            zone=zone,
            default_locale=settings.default_locale,
            count=counter(metrics),
        ),
        Receipts(orders=store, mails=mails, links=links, clock=clock, default_locale=settings.default_locale),
    )
