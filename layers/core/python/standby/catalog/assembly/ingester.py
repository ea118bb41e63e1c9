"""The ingester put together with AWS, as its function's settings say."""

from standby.catalog.ingester import Ingester
from standby.catalog.repository import CatalogRepository
from standby.catalog.service import Catalogue
from standby.catalog.settings import IngesterSettings
from standby.platform import bus, queue
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids


def assemble(settings: IngesterSettings) -> Ingester:
    """Build the ingester."""
    sqs, clock = queue.client(), SystemClock()
    return Ingester(
        catalogue=Catalogue(
            store=CatalogRepository(settings.catalog_table), bus=bus.connect(settings.event_bus_name), clock=clock
        ),
        updates=queue.connect(settings.catalog_updates_queue_url, sqs),
        dead_letters=queue.connect(settings.catalog_dead_letter_queue_url, sqs),
        clock=clock,
        ids=Ids(settings.id_case),
    )
