"""The viewer's use cases put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING

from standby.compensation.order_repository import OrderReader
from standby.compensation.repository import RemedyBook
from standby.compensation.viewer_routes import CustomerDesk
from standby.platform import dynamodb, secrets
from standby.platform.clock import SystemClock
from standby.platform.table import Table

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.compensation.choosing import Choosing
    from standby.compensation.settings import ViewerSettings


def assemble(settings: "ViewerSettings", metrics: "Metrics") -> CustomerDesk:
    """Build who answers the routes behind the link; what is counted goes to ``metrics``."""
    tables, clock = dynamodb.client(), SystemClock()

    @cache
    def choosing() -> "Choosing":
        from standby.compensation.assembly.choosing import assemble  # noqa: PLC0415 - most requests only look

        return assemble(settings, metrics)

    return CustomerDesk(
        book=RemedyBook(Table(settings.vouchers_table, tables)),
        orders=OrderReader(settings.deliveries_table, tables),
        choosing=choosing,
        tokens=secrets.connect(settings.link_keys_table, tables).tokens,
        clock=clock,
        default_locale=settings.default_locale,
        shop_time_zone=settings.shop_time_zone,
    )
