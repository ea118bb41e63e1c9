"""What takes a customer's word put together with AWS: loaded once one does more than look."""

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING

from standby.delivery.choosing import Choosing
from standby.delivery.links import Links
from standby.delivery.repository import OrderRepository
from standby.delivery.service import Orders
from standby.delivery.settings import ViewerSettings
from standby.platform import bus, queue
from standby.platform.clock import Clock

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens


def assemble(
    settings: ViewerSettings, store: OrderRepository, tokens: "Callable[[], Tokens]", clock: Clock, zone: tzinfo
) -> Choosing:
    """Build what takes a customer's word."""
    return Choosing(
        orders=Orders(
            store=store,
            bus=bus.connect(settings.event_bus_name),
            clock=clock,
            zone=zone,
            late_when=settings.order_late_when,
        ),
        mails=queue.SeldomQueue(settings.mail_urgent_queue_url),
        links=Links(settings.public_url, tokens),
        tokens=tokens,
        clock=clock,
        zone=zone,
        default_locale=settings.default_locale,
    )
