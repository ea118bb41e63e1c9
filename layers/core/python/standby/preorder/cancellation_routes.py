"""The routes by which a shop cancels all that is in line for a SKU."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.platform.http import Problem, Resolver, key_holder
from standby.preorder.cursors import AFTER, BAD_CURSOR, after

if TYPE_CHECKING:
    from standby.preorder.answers import CancellationPage, CancellationShown
    from standby.preorder.routes import Desk

BY_SKU = {"sku": "the SKU, percent-encoded"}
NONE = {404: "nobody ever asked for it"}


def add_cancellation_routes(app: Resolver, desk: "Callable[[], Desk]") -> None:
    """Add the routes with which operators cancel campaigns."""

    @app.operation(
        "POST /v1/campaigns/<sku>/cancel",
        "Ask that everybody in line for a SKU is cancelled, and see what would be lost; nothing happens until approved",
        {200: "the cancellation, which waits for approval", 404: "the SKU never had a campaign"},
        parameters=BY_SKU,
        scope="ops",
    )
    def ask_cancellation(sku: str) -> "CancellationShown":
        return _found(desk().campaign_cancelling().ask(sku, by=key_holder(app)), "the SKU never had a campaign")

    @app.operation(
        "GET /v1/campaigns/<sku>/cancellation",
        "Show what was asked to be cancelled of a SKU, and who is in line for it now",
        {200: "the newest cancellation", **NONE},
        parameters=BY_SKU,
        scope="ops",
    )
    def show_cancellation(sku: str) -> "CancellationShown":
        return _found(desk().campaign_cancelling().show(sku))

    @app.operation(
        "GET /v1/cancellations",
        "List the cancellations that wait for a decision, also those that the catalogue asked for",
        {200: "a page of them, by SKU; `next` leads on", 400: BAD_CURSOR},
        parameters=AFTER,
        scope="ops",
    )
    def list_cancellations() -> "CancellationPage":
        return desk().campaign_cancelling().waiting(after(app))

    @app.operation(
        "POST /v1/campaigns/<sku>/cancellation/approve",
        "Close the campaign and cancel everybody in line, but for what is set aside whole; repeating is harmless",
        {200: "it is being cancelled", 409: "it was rejected", **NONE},
        parameters=BY_SKU,
        scope="ops",
    )
    def approve_cancellation(sku: str) -> "CancellationShown":
        return _decided(lambda: desk().campaign_cancelling().approve(sku, by=key_holder(app)))

    @app.operation(
        "POST /v1/campaigns/<sku>/cancellation/reject",
        "Leave everybody in line; repeating is harmless",
        {200: "nothing is cancelled", 409: "it was approved", **NONE},
        parameters=BY_SKU,
        scope="ops",
    )
    def reject_cancellation(sku: str) -> "CancellationShown":
        return _decided(lambda: desk().campaign_cancelling().reject(sku, by=key_holder(app)))


def _decided(decide: "Callable[[], CancellationShown | None]") -> "CancellationShown":
    """Return the answer to a decision. Raises `Problem` 404 or 409."""
    from standby.preorder.cancellation_model import DecidedError  # noqa: PLC0415 - few requests decide

    try:
        return _found(decide())
    except DecidedError as error:
        raise Problem(409, "cancellation-decided", f"the cancellation is {error}") from error


def _found(shown: "CancellationShown | None", unknown: str = NONE[404]) -> "CancellationShown":
    if shown is None:
        raise Problem(404, "unknown-cancellation", unknown)
    return shown
