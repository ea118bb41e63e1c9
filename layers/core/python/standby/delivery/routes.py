"""Delivery's HTTP routes (design §5.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.delivery.call_routes import add_call_routes
from standby.delivery.incident_routes import add_incident_routes
from standby.delivery.lookup_routes import Desk, add_lookup_routes
from standby.delivery.messages import LARGEST
from standby.platform.http import Resolver, resolver
from standby.platform.identifier import EXACT, Ids
from standby.platform.intake import ANSWERS, Intake, taken

if TYPE_CHECKING:
    from standby.platform.answers import MessagesTaken


def application(*, intake: Intake, desk: Callable[[], Desk], ids: Ids = EXACT) -> Resolver:
    """Return the resolver of ``delivery_api``; ``desk`` is called when somebody looks an order up.

    ``ids`` says how the shop's ids are read.
    """
    app = resolver(lambda: ids)
    add_lookup_routes(app, desk)
    add_call_routes(app, desk)
    add_incident_routes(app, lambda: desk().incidents)

    @app.operation(
        "POST /v1/messages/orders",
        "Take the ERP's messages about orders: one, or a batch of at most 1,000",
        ANSWERS,
        body=" ".join(LARGEST),
        scope="erp",
    )
    def take_messages() -> "MessagesTaken":
        return taken(app, intake)

    return app
