"""The API put together with AWS, as its function's settings say."""

from functools import partial
from typing import TYPE_CHECKING

from standby.delivery.messages import read
from standby.delivery.routes import application
from standby.platform import queue
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.platform.intake import Intake

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

    from standby.delivery.settings import ApiSettings


def assemble(settings: "ApiSettings") -> "APIGatewayHttpResolver":
    """Build the resolver."""
    ids = Ids(settings.id_case)
    updates = queue.connect(settings.order_updates_queue_url)
    return application(intake=Intake(updates=updates, clock=SystemClock(), check=partial(read, ids=ids)), ids=ids)
