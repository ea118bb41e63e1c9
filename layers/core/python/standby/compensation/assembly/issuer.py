"""The issuer put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.compensation.granting import Issuer
from standby.compensation.issuing import Issuing
from standby.compensation.order_repository import OrderReader
from standby.compensation.repository import RemedyBook
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.table import Table

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.compensation.following import Follower
    from standby.compensation.mailing import RemedyMails
    from standby.compensation.settings import IssuerSettings


def assemble(settings: "IssuerSettings", metrics: "Metrics") -> Issuing:
    """Build what works off the queue, which counts in ``metrics``."""
    tables, clock, count = dynamodb.client(), SystemClock(), counter(metrics)
    book = RemedyBook(Table(settings.vouchers_table, tables))
    orders, events = OrderReader(settings.deliveries_table, tables), bus.connect(settings.event_bus_name)
    tokens = secrets.connect(settings.link_keys_table, tables).tokens

    @cache
    def mails() -> "RemedyMails":
        from standby.compensation.mailing import RemedyMails  # noqa: PLC0415 - loaded where something is granted

        return RemedyMails(lambda: tokens().keys, settings.default_locale)

    @cache
    def follower() -> "Follower":
        from standby.compensation.following import Follower  # noqa: PLC0415 - loaded where an order is heard of
        from standby.compensation.redeeming import Till  # noqa: PLC0415 - as above

        till = Till(book=book, bus=events, clock=clock)
        return Follower(uses=book, till=till, orders=orders, clock=clock, count=count)

    issuer = Issuer(
        book=book,
        orders=orders,
        bus=events,
        mails=mails,
        queue=queue.SeldomQueue(settings.mail_bulk_queue_url),
        clock=clock,
        zone=ZoneInfo(settings.shop_time_zone),
        home=settings.market.upper(),
        count=count,
    )
    return Issuing(issuer, follower)
