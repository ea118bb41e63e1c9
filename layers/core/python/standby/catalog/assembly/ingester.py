"""The ingester put together with AWS, as its function's settings say."""

from collections.abc import Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from standby.catalog.absences.model import ABSENCE
from standby.catalog.messages import LARGEST, Word, read
from standby.catalog.model import ProductAbsent, ProductSaid
from standby.catalog.repository import CatalogRepository
from standby.catalog.retelling import RETELL, Retelling
from standby.catalog.service import Catalogue
from standby.catalog.settings import IngesterSettings
from standby.platform import bus, queue
from standby.platform.arrivals import Arrivals
from standby.platform.clock import SystemClock
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids
from standby.platform.observability import counter
from standby.platform.queue import Queue

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.catalog.absences.repository import AbsenceRepository


@frozen(kw_only=True)
class CompleteFiles:
    """The absences, loaded when a complete file is first spoken of: most words come by messages."""

    table: str
    updates: Queue
    metrics: "Metrics"

    @cached_property
    def _absences(self) -> "AbsenceRepository":
        from standby.catalog.absences.repository import AbsenceRepository  # noqa: PLC0415 - as above

        return AbsenceRepository(self.table)

    def absent_since(self, said: ProductSaid) -> ProductAbsent | None:
        """Return that a newer complete file, which counts already, says nothing of a product; ``None`` without one."""
        if said.feed is None:
            return None
        from standby.catalog.absences.service import LateWords  # noqa: PLC0415 - as above

        return LateWords(absences=self._absences, clock=SystemClock()).absent_since(said)

    def handle(self, catalogue: Catalogue, job: Mapping[str, Any]) -> None:
        """Do a job about an absence. Raises `PoisonError` for one that is none."""
        from standby.catalog.absences.service import AbsenceWorker  # noqa: PLC0415 - as above

        AbsenceWorker(
            absences=self._absences,
            catalogue=catalogue,
            updates=self.updates,
            clock=SystemClock(),
            count=counter(self.metrics),
        ).handle(job)


def assemble(settings: IngesterSettings, metrics: "Metrics") -> Arrivals[Word]:
    """Build the ingester."""
    sqs, clock = queue.client(), SystemClock()
    store, updates = CatalogRepository(settings.catalog_table), queue.connect(settings.catalog_updates_queue_url, sqs)
    files = CompleteFiles(table=settings.catalog_table, updates=updates, metrics=metrics)
    catalogue = Catalogue(store=store, bus=bus.connect(settings.event_bus_name), clock=clock, files=files)
    return Arrivals(
        read=partial(read, ids=Ids(settings.id_case)),
        take=catalogue.take,
        updates=updates,
        dead_letters=queue.connect(settings.catalog_dead_letter_queue_url, sqs),
        clock=clock,
        most_bytes=max(LARGEST.values()),
        jobs={
            RETELL: Retelling(pages=store, teller=catalogue, updates=updates).handle,
            ABSENCE: partial(files.handle, catalogue),
        },
    )
