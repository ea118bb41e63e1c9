"""The API put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING

from standby.delivery.messages import read
from standby.delivery.routes import application
from standby.platform import queue
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.platform.intake import Intake

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

    from standby.delivery.lookup_routes import Desk
    from standby.delivery.settings import ApiSettings


def assemble(settings: "ApiSettings") -> "APIGatewayHttpResolver":
    """Build the resolver."""
    ids = Ids(settings.id_case)
    clock, updates = SystemClock(), queue.connect(settings.order_updates_queue_url)
    intake = Intake(updates=updates, clock=clock, check=partial(read, ids=ids))

    @cache
    def desk() -> "Desk":
        """Build what shows orders, which most requests do not want: the ERP calls more often."""
        from standby.delivery.assembly.lookup import lookup_desk  # noqa: PLC0415 - see above

        return lookup_desk(settings, clock)

    return application(intake=intake, desk=desk, ids=ids)
