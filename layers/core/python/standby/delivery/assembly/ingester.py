"""The ingester put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.delivery.messages import LARGEST, read
from standby.delivery.model import Word
from standby.delivery.repository import OrderRepository
from standby.delivery.service import Orders
from standby.delivery.settings import IngesterSettings
from standby.platform import bus, queue
from standby.platform.arrivals import Arrivals
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids

if TYPE_CHECKING:
    from standby.delivery.incidents import Incidents


def assemble(settings: IngesterSettings) -> Arrivals[Word]:
    """Build the ingester."""
    clock = SystemClock()
    store = OrderRepository(settings.deliveries_table)
    zone = ZoneInfo(settings.shop_time_zone)

    @cache
    def incidents() -> "Incidents":
        from standby.delivery.assembly.incidents import incidents_of  # noqa: PLC0415 - loaded where something is late

        return incidents_of(settings.deliveries_table, clock)

    orders = Orders(
        store=store,
        bus=bus.connect(settings.event_bus_name),
        clock=clock,
        zone=zone,
        late_when=settings.order_late_when,
        explain=lambda order, delays: incidents().explain(order, delays),
    )
    return Arrivals(
        read=partial(read, ids=Ids(settings.id_case)),
        take=orders.take,
        updates=queue.SeldomQueue(settings.order_updates_queue_url),
        dead_letters=queue.SeldomQueue(settings.delivery_dead_letter_queue_url),
        clock=clock,
        most_bytes=max(LARGEST.values()),
    )
