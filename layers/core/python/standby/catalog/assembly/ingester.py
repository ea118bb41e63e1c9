"""The ingester put together with AWS, as its function's settings say."""

from standby.catalog.ingester import Ingester
from standby.catalog.repository import CatalogRepository
from standby.catalog.retelling import Retelling
from standby.catalog.service import Catalogue
from standby.catalog.settings import IngesterSettings
from standby.platform import bus, queue
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids


def assemble(settings: IngesterSettings) -> Ingester:
    """Build the ingester."""
    sqs, clock = queue.client(), SystemClock()
    store, updates = CatalogRepository(settings.catalog_table), queue.connect(settings.catalog_updates_queue_url, sqs)
    catalogue = Catalogue(store=store, bus=bus.connect(settings.event_bus_name), clock=clock)
    return Ingester(
        catalogue=catalogue,
        retelling=Retelling(pages=store, teller=catalogue, updates=updates),
        updates=updates,
        dead_letters=queue.connect(settings.catalog_dead_letter_queue_url, sqs),
        clock=clock,
        ids=Ids(settings.id_case),
    )
