"""The worker put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.delivery.apology_repository import ApologyBook
from standby.delivery.links import Links
from standby.delivery.mailing import OrderMails
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

    from standby.delivery.deciding import Deciding
    from standby.delivery.refusing import Refusals


def assemble(settings: WorkerSettings, metrics: "Metrics") -> Worker:
    """Build the worker, which counts in ``metrics``."""
    clock, zone = SystemClock(), ZoneInfo(settings.shop_time_zone)
    store = OrderRepository(settings.deliveries_table)
    events = bus.connect(settings.event_bus_name)
    orders = Orders(store=store, bus=events, clock=clock, zone=zone)
    tokens = secrets.connect(settings.link_keys_table, dynamodb.client()).tokens
    mails, count = queue.SeldomQueue(settings.mail_bulk_queue_url), counter(metrics)
    written = OrderMails(Links(settings.public_url, tokens), settings.default_locale)

    @cache
    def deciding() -> "Deciding":
        from standby.delivery.deciding import Deciding  # noqa: PLC0415 - loaded where something is late

        return Deciding(orders=orders, mails=mails, bus=events, written=written, clock=clock, zone=zone, count=count)

    def refusals() -> "Refusals":
        from standby.delivery.refusing import Refusals  # noqa: PLC0415 - loaded where a mail was refused

        return Refusals(orders, deciding(), clock)

    return Worker(
        Sweep(
            shards=DUE_SHARDS,
            page=store.due,
            look=lambda order_id: deciding().look(orders.look(order_id)),
            queue=queue.connect(settings.delivery_records_queue_url),
            clock=clock,
        ),
        Notices(
            orders=orders,
            apologies=ApologyBook(settings.deliveries_table, settings.most_apologies),
            mails=mails,
            written=written,
            clock=clock,
            zone=zone,
            count=count,
        ),
        Receipts(orders=store, mails=mails, written=written, clock=clock),
        deciding,
        refusals,
    )
