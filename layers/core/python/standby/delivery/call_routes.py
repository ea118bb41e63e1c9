"""The route by which people say what came of a call."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.platform.clock import from_text, to_text
from standby.platform.http import Problem, Resolver, checked_body, key_holder, malformed

if TYPE_CHECKING:
    from standby.delivery.answers import DeliveryShown
    from standby.delivery.lookup_routes import Desk

FEATURE, OPS = "standby.delivery", "ops"


def add_call_routes(app: Resolver, desk: Callable[[], "Desk"]) -> None:
    """Add the route; ``desk`` is called when a request needs it."""

    @app.operation(
        "POST /v1/deliveries/<order_id>/calls",
        "Record what came of a call that somebody was asked to make; it cancels nothing, and the newest word counts",
        {
            200: "the order; `calls` says what came of each",
            400: "malformed",
            404: "unknown-order: nothing was said of this order; no-call: nobody was asked to make such a call",
        },
        body="call.outcome",
        parameters={"order_id": "the order's id, percent-encoded"},
        scope=OPS,
    )
    def record_call(order_id: str) -> "DeliveryShown":
        from standby.delivery.called import NoCallError  # noqa: PLC0415 - few customers are called

        said = checked_body(app, FEATURE, "call.outcome")
        try:
            opened_at = None if said.get("opened_at") is None else to_text(from_text(said["opened_at"]))
        except ValueError as error:
            raise malformed(f"opened_at: {error}") from error
        try:
            desk().called().record(order_id, {**said, "opened_at": opened_at}, key_holder(app))
        except NoCallError as error:
            raise Problem(404, "no-call", "nobody was asked to make such a call") from error
        shown = desk().shower.of(order_id, personal=True)
        if shown is None:
            raise Problem(404, "unknown-order", f"nothing was said of the order {order_id}")
        return shown
