"""What shows and explains orders, put together with AWS; loaded when somebody first looks one up."""

from functools import cache
from zoneinfo import ZoneInfo

from standby.delivery.apology_repository import ApologyBook
from standby.delivery.called import Called
from standby.delivery.called_repository import CallOutcomes
from standby.delivery.explaining import Explainer
from standby.delivery.incident_repository import IncidentBook
from standby.delivery.incident_routes import IncidentDesk
from standby.delivery.incidents import Incidents
from standby.delivery.links import Links
from standby.delivery.lookup_routes import Desk
from standby.delivery.repository import OrderRepository
from standby.delivery.service import Lookup
from standby.delivery.settings import ApiSettings
from standby.delivery.showing import Shower
from standby.platform import dynamodb, secrets
from standby.platform.clock import Clock


def lookup_desk(settings: ApiSettings, clock: Clock) -> Desk:
    """Build the desk."""
    table, zone = settings.deliveries_table, ZoneInfo(settings.shop_time_zone)
    orders, book = Lookup(OrderRepository(table)), IncidentBook(table)
    outcomes = CallOutcomes(table)

    @cache
    def links() -> Links:
        return Links(settings.public_url, secrets.connect(settings.link_keys_table, dynamodb.client()).tokens)

    return Desk(
        shower=Shower(
            orders=orders,
            clock=clock,
            zone=zone,
            late_when=settings.order_late_when,
            outcomes=outcomes.of,
            links=links,
        ),
        explainer=Explainer(
            orders=orders,
            apologies=ApologyBook(table, most=0),
            clock=clock,
            zone=zone,
            explain=Incidents(book, clock).explain,
        ),
        called=lambda: Called(orders, outcomes, clock),
        incidents=IncidentDesk(book=book, clock=clock, zone=zone),
    )
