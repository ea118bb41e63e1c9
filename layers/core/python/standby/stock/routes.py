"""The stock feature's HTTP routes (design §5.2)."""

import re
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from standby.imports.routes import add_import_routes
from standby.imports.service import Imports
from standby.platform.http import Problem, Resolver, checked_body, json_body, resolver
from standby.platform.queue import PoisonError
from standby.platform.schema import checker
from standby.stock.messages import BATCH, BATCH_LIMIT, TYPES, unpacked
from standby.stock.service import Explainer, Intake, ShopSettings
from standby.stock.snapshots.routes import add_snapshot_routes
from standby.stock.snapshots.service import Approvals

if TYPE_CHECKING:
    from standby.stock.answers import MessagesTaken, SettingsShown, StockExplained, StockShown

Found = TypeVar("Found")
BY_SKU = {"sku": "the SKU, percent-encoded"}
BY_SCOPE = {"scope": "`shop` or `sku:<sku>`"}
SKU = re.compile(r"[A-Za-z0-9._:+-]{1,64}")


def application(
    *, intake: Intake, explainer: Explainer, settings: ShopSettings, approvals: Approvals, imports: Imports
) -> Resolver:
    """Return the resolver of ``stock_api``."""
    app = resolver()
    add_snapshot_routes(app, approvals)
    add_import_routes(app, imports)

    @app.operation(
        "POST /v1/messages/stock",
        "Take the ERP's stock messages: one, or a batch of at most 1,000",
        {
            202: "how many were accepted, and what is wrong with the others, by index",
            400: "not JSON, or neither a message nor a batch",
            413: "more than 1,000 messages",
        },
        body=" ".join(TYPES),
        scope="erp",
    )
    def take_messages() -> "MessagesTaken":
        return intake.accept(_messages(json_body(app)))

    @app.operation(
        "GET /v1/stock/<sku>",
        "Show a SKU's numbers, levels by location, purchase orders and settling",
        {200: "the numbers as they are now", 404: "the ERP never named this SKU"},
        parameters=BY_SKU,
        scope="ops",
    )
    def show_stock(sku: str) -> "StockShown":
        name = _sku(sku)
        return _known(name, explainer.view(name))

    @app.operation(
        "GET /v1/stock/<sku>/why",
        "Explain a SKU's numbers: what happened, by which rule, newest last",
        {
            200: "the latest steps; `next` leads to older ones",
            400: "before is not a cursor of this list",
            404: "the ERP never named this SKU",
        },
        scope="ops",
        parameters={**BY_SKU, "before": "`next` of the page before"},
    )
    def explain_stock(sku: str) -> "StockExplained":
        name = _sku(sku)
        before = app.current_event.query_string_parameters.get("before")
        try:
            return _known(name, explainer.why(name, before=before))
        except ValueError as error:
            raise Problem(400, "malformed", "before: not a cursor of this list") from error

    @app.operation(
        "GET /v1/settings/<scope>",
        "Show the settings that hold for the shop or for a SKU",
        {
            200: "the settings that hold, and the scope's version",
            404: "there is no such scope",
            409: "product scopes come with the catalogue",
        },
        parameters=BY_SCOPE,
        scope="ops",
    )
    def show_settings(scope: str) -> "SettingsShown":
        return settings.show(_scope(scope))

    @app.operation(
        "PUT /v1/settings/<scope>",
        "Change some settings: null unsets a field, fields that are not named stay",
        {
            200: "the settings that hold now, and the scope's version",
            400: "a field is unknown or out of range",
            404: "there is no such scope",
            409: "not available yet: product scopes, offers",
        },
        body="settings",
        parameters=BY_SCOPE,
        scope="ops",
    )
    def change_settings(scope: str) -> "SettingsShown":
        sku = _scope(scope)
        changes: dict[str, Any] = checked_body(app, checker("standby.stock", "settings"))
        changes.pop("version", None)
        if changes.get("offer_hours"):
            raise Problem(409, "offers-unavailable", "offers come with pre-orders; until then offer_hours must be 0")
        return settings.change(sku, changes)

    return app


def _messages(body: object) -> list[Any]:
    """Return the messages of a body: one, or a batch's. Raises `Problem` 400 or 413."""
    if not isinstance(body, dict):
        raise Problem(400, "malformed", "the body must be one message or a batch of messages")
    listed = body.get("messages") if body.get("type") == BATCH else None
    if isinstance(listed, list) and len(listed) > BATCH_LIMIT:
        raise Problem(413, "too-many-messages", f"{len(listed):,} messages are more than {BATCH_LIMIT:,}")
    try:
        return unpacked(body)
    except PoisonError as poison:
        raise Problem(400, "malformed", poison.reason) from poison


def _sku(text: str) -> str:
    """Return the SKU in a path, percent-decoded. Raises `Problem` 404."""
    sku = unquote(text)
    if not SKU.fullmatch(sku):
        raise Problem(404, "unknown-sku", "there is no such SKU")
    return sku


def _known(sku: str, found: Found | None) -> Found:
    if found is None:
        raise Problem(404, "unknown-sku", f"the ERP never named the SKU {sku}")
    return found


def _scope(text: str) -> str | None:
    """Return the SKU of a settings scope, ``None`` for the shop. Raises `Problem` 404 or 409."""
    scope = unquote(text)
    kind, _, name = scope.partition(":")
    if scope == "shop":
        return None
    if kind == "product" and name:
        raise Problem(409, "no-catalogue", "settings of products come with the catalogue; use shop or sku:<sku>")
    if kind == "sku" and SKU.fullmatch(name):
        return name
    raise Problem(404, "unknown-scope", "settings have the scopes shop and sku:<sku>")
