"""What grants, and tells of it, put together with AWS."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.compensation.granting import Issuer
from standby.compensation.order_repository import OrderReader
from standby.compensation.repository import RemedyBook
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.clock import SystemClock
from standby.platform.hours_settings import ALL
from standby.platform.shop_hours import AlwaysOpen, shop_hours
from standby.platform.table import Table

if TYPE_CHECKING:
    from standby.compensation.mailing import RemedyMails
    from standby.compensation.settings import GrantingSettings


def assemble(
    settings: "GrantingSettings", count: Callable[[str, int], None], own: queue.Queue | None = None
) -> tuple[Issuer, RemedyBook]:
    """Build the issuer, and where it keeps what it grants. ``own`` is the queue that it works off."""
    tables = dynamodb.client()
    tokens = secrets.connect(settings.link_keys_table, tables).tokens
    book = RemedyBook(Table(settings.vouchers_table, tables))

    @cache
    def mails() -> "RemedyMails":
        from standby.compensation.links import Links  # noqa: PLC0415 - loaded where something is granted
        from standby.compensation.mailing import RemedyMails  # noqa: PLC0415 - as above

        return RemedyMails(lambda: tokens().keys, settings.default_locale, Links(settings.public_url, tokens))

    issuer = Issuer(
        book=book,
        orders=OrderReader(settings.deliveries_table, tables),
        bus=bus.connect(settings.event_bus_name),
        mails=mails,
        queue=queue.SeldomQueue(settings.mail_bulk_queue_url),
        clock=SystemClock(),
        zone=ZoneInfo(settings.shop_time_zone),
        home=settings.market.upper(),
        count=count,
        opens=(shop_hours(settings) if settings.quiet_for == ALL else AlwaysOpen()).opens,
        own=own,
    )
    return issuer, book
