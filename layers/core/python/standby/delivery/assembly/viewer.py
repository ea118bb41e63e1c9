"""The viewer's use cases put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.delivery.remedy_repository import RemedyMarks
from standby.delivery.repository import OrderRepository
from standby.delivery.settings import ViewerSettings
from standby.delivery.tracking import Tracking
from standby.delivery.viewer_routes import CustomerDesk
from standby.platform import dynamodb, secrets
from standby.platform.clock import SystemClock
from standby.platform.table import Table
from standby.shelf.lazy_cards import LazyCards

if TYPE_CHECKING:
    from standby.delivery.choosing import Choosing
    from standby.delivery.incidents import Incidents


def assemble(settings: ViewerSettings) -> CustomerDesk:
    """Build who answers the routes behind mailed links."""
    tables, clock, zone = dynamodb.client(), SystemClock(), ZoneInfo(settings.shop_time_zone)
    store = OrderRepository(settings.deliveries_table)
    tokens = secrets.connect(settings.link_keys_table, tables).tokens

    @cache
    def incidents() -> "Incidents":
        from standby.delivery.assembly.incidents import incidents_of  # noqa: PLC0415 - loaded where something is late

        return incidents_of(settings.deliveries_table, clock)

    @cache
    def choosing() -> "Choosing":
        from standby.delivery.assembly.choosing import assemble  # noqa: PLC0415 - most requests only look

        return assemble(settings, store, tokens, clock, zone)

    return CustomerDesk(
        tracking=Tracking(
            orders=store,
            clock=clock,
            zone=zone,
            explain=lambda order, delays: incidents().explain(order, delays),
            remedied=RemedyMarks(Table(settings.deliveries_table, tables)).marked,
        ),
        choosing=choosing,
        tokens=tokens,
        cards=LazyCards(Table(settings.shelf_table, tables), clock),
        clock=clock,
        default_locale=settings.default_locale,
        shop_time_zone=settings.shop_time_zone,
    )
