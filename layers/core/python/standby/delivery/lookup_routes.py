"""The routes by which the shop's programs and its people look an order up (design §5.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from standby.platform.frozen import frozen
from standby.platform.http import Problem, Resolver, scopes

if TYPE_CHECKING:
    from standby.delivery.answers import DeliveryExplained, DeliveryShown
    from standby.delivery.explaining import Explainer
    from standby.delivery.showing import Shower

Found = TypeVar("Found")
OPS = "ops"
BY_ORDER = {"order_id": "the order's id, percent-encoded"}
UNKNOWN = {404: "nothing was said of this order"}


@frozen(kw_only=True)
class Desk:
    """The use cases behind the routes."""

    shower: "Shower"
    explainer: "Explainer"


def add_lookup_routes(app: Resolver, desk: Callable[[], Desk]) -> None:
    """Add the routes; ``desk`` is called when a request needs it."""

    @app.operation(
        "GET /v1/deliveries/<order_id>",
        "Show what is known of an order: promises, what became of it, what its customer was told",
        {200: "the order as it is now; who ordered stands there for the scope ops alone", **UNKNOWN},
        parameters=BY_ORDER,
        scope=f"storefront {OPS}",
    )
    def show_delivery(order_id: str) -> "DeliveryShown":
        return _known(order_id, desk().shower.of(order_id, personal=OPS in scopes(app)))

    @app.operation(
        "GET /v1/deliveries/<order_id>/why",
        "Explain an order: which word made which promise, what became late by which rule, who was told or not",
        {200: "the steps, newest last", **UNKNOWN},
        parameters=BY_ORDER,
        scope=OPS,
    )
    def explain_delivery(order_id: str) -> "DeliveryExplained":
        return _known(order_id, desk().explainer.why(order_id))


def _known(order_id: str, found: Found | None) -> Found:
    if found is None:
        raise Problem(404, "unknown-order", f"nothing was said of the order {order_id}")
    return found
