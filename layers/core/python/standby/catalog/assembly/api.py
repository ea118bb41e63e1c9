"""The API put together with AWS, as its function's settings say."""

from functools import partial
from typing import TYPE_CHECKING

from standby.catalog.absences.repository import AbsenceRepository
from standby.catalog.absences.service import Approvals
from standby.catalog.messages import read
from standby.catalog.repository import CatalogRepository
from standby.catalog.routes import application
from standby.catalog.service import Lookup
from standby.platform import queue
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.platform.intake import Intake

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

    from standby.catalog.settings import ApiSettings


def assemble(settings: "ApiSettings") -> "APIGatewayHttpResolver":
    """Build the resolver."""
    ids, clock = Ids(settings.id_case), SystemClock()
    updates = queue.connect(settings.catalog_updates_queue_url)
    return application(
        intake=Intake(
            updates=updates,
            clock=clock,
            check=partial(read, ids=ids),
        ),
        lookup=Lookup(CatalogRepository(settings.catalog_table)),
        approvals=Approvals(absences=AbsenceRepository(settings.catalog_table), updates=updates, clock=clock),
        ids=ids,
    )
