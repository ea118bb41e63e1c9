"""The issuer put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.compensation.granting import Issuer
from standby.compensation.order_repository import OrderReader
from standby.compensation.repository import RemedyBook
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.table import Table

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.compensation.mailing import RemedyMails
    from standby.compensation.settings import IssuerSettings


def assemble(settings: "IssuerSettings", metrics: "Metrics") -> Issuer:
    """Build the issuer, which counts in ``metrics``."""
    tables = dynamodb.client()
    tokens = secrets.connect(settings.link_keys_table, tables).tokens

    @cache
    def mails() -> "RemedyMails":
        from standby.compensation.mailing import RemedyMails  # noqa: PLC0415 - loaded where something is granted

        return RemedyMails(lambda: tokens().keys, settings.default_locale)

    return Issuer(
        book=RemedyBook(Table(settings.vouchers_table, tables)),
        orders=OrderReader(settings.deliveries_table, tables),
        bus=bus.connect(settings.event_bus_name),
        mails=mails,
        queue=queue.SeldomQueue(settings.mail_bulk_queue_url),
        clock=SystemClock(),
        zone=ZoneInfo(settings.shop_time_zone),
        home=settings.market.upper(),
        count=counter(metrics),
    )
