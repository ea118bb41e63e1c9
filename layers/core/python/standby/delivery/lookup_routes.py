"""The routes by which the shop's programs and its people look an order up (design §5.2)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response

from standby.platform.frozen import frozen
from standby.platform.http import Download, Problem, Resolver, scopes
from standby.platform.json_text import to_json

if TYPE_CHECKING:
    from standby.delivery.answers import DeliveryExplained, DeliveryShown
    from standby.delivery.called import Called
    from standby.delivery.explaining import Explainer
    from standby.delivery.incident_routes import IncidentDesk
    from standby.delivery.showing import Shower
    from standby.platform.answers import Step

Found = TypeVar("Found")
OPS = "ops"
JSONL = "application/x-ndjson"
BY_ORDER = {"order_id": "the order's id, percent-encoded"}
UNKNOWN = {404: "nothing was said of this order"}


@frozen(kw_only=True)
class Desk:
    """The use cases behind the routes."""

    shower: "Shower"
    explainer: "Explainer"
    incidents: "IncidentDesk"
    called: "Callable[[], Called]"
    """Loads what takes what came of calls."""


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

    @app.operation(
        "GET /v1/deliveries/<order_id>/proof",
        "Export what an order proves: what was promised, said, told and chosen, a JSON object a line, the oldest first",
        {200: "a file; it names nobody, and follows from the order alone", **UNKNOWN},
        parameters=BY_ORDER,
        media=(JSONL,),
        scope=OPS,
    )
    def prove_delivery(order_id: str) -> Download:
        return _file(order_id, _known(order_id, desk().explainer.proof(order_id)))


def _file(order_id: str, steps: "Sequence[Step]") -> Download:
    """Answer with a file that a browser saves under the order's id."""
    body = "".join(f"{to_json(step)}\n" for step in steps).encode()
    name = f"proof-{quote(order_id, safe='')}.jsonl"
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(status_code=200, content_type=f"{JSONL}; charset=utf-8", body=body, headers=dict(saved))


def _known(order_id: str, found: Found | None) -> Found:
    if found is None:
        raise Problem(404, "unknown-order", f"nothing was said of the order {order_id}")
    return found
