"""The stock feature's HTTP routes (design §5.2)."""

from typing import TYPE_CHECKING, Any, TypeVar

from standby.imports.routes import add_import_routes
from standby.imports.service import Imports
from standby.platform.http import (
    Problem,
    Resolver,
    checked_body,
    identifier,
    malformed,
    query_value,
    resolver,
)
from standby.platform.identifier import EXACT, Ids
from standby.platform.intake import ANSWERS, Intake, taken
from standby.stock.messages import LARGEST
from standby.stock.service import Explainer, ShopSettings
from standby.stock.snapshots.routes import add_snapshot_routes
from standby.stock.snapshots.service import Approvals

if TYPE_CHECKING:
    from standby.stock.answers import MessagesTaken, SettingsShown, StockExplained, StockShown

Found = TypeVar("Found")
BY_SKU = {"sku": "the SKU, percent-encoded"}
BY_SCOPE = {"scope": "`shop` or `sku:<sku>`"}
SETTINGS_SHOWN = {200: "the settings that hold, and the scope's version"}
SETTINGS_CHANGED = {
    200: "the settings that hold now, and the scope's version",
    400: "a field is unknown or out of range",
}
NO_SCOPE = {404: "there is no such scope", 409: "not available yet: product scopes, offers"}


def application(
    *,
    intake: Intake,
    explainer: Explainer,
    settings: ShopSettings,
    approvals: Approvals,
    imports: Imports,
    ids: Ids = EXACT,
) -> Resolver:
    """Return the resolver of ``stock_api``. ``ids`` says how the shop's ids are read."""
    app = resolver(lambda: ids)
    add_snapshot_routes(app, approvals)
    add_import_routes(app, imports)
    _add_settings_routes(app, settings)

    @app.operation(
        "POST /v1/messages/stock",
        "Take the ERP's stock messages: one, or a batch of at most 1,000",
        ANSWERS,
        body=" ".join(LARGEST),
        scope="erp",
    )
    def take_messages() -> "MessagesTaken":
        return taken(app, intake)

    @app.operation(
        "GET /v1/stock/<sku>",
        "Show a SKU's numbers, levels by location, purchase orders and settling",
        {200: "the numbers as they are now", 404: "the ERP never named this SKU"},
        parameters=BY_SKU,
        scope="ops",
    )
    def show_stock(sku: str) -> "StockShown":
        return _known(sku, explainer.view(sku))

    @app.operation(
        "GET /v1/stock/<sku>/why",
        "Explain a SKU's numbers: what happened, by which rule, newest last",
        {
            200: "the latest steps; `next` leads to older ones",
            400: "malformed, or before is not a cursor of this list",
            404: "the ERP never named this SKU",
        },
        scope="ops",
        parameters={**BY_SKU, "before": "`next` of the page before"},
    )
    def explain_stock(sku: str) -> "StockExplained":
        before = query_value(app, "before")
        try:
            return _known(sku, explainer.why(sku, before=before))
        except ValueError as error:
            raise malformed("before: not a cursor of this list") from error

    return app


def _add_settings_routes(app: Resolver, settings: ShopSettings) -> None:
    @app.operation(
        "GET /v1/settings/<scope>",
        "Show the settings that hold for the shop or for a SKU",
        {**SETTINGS_SHOWN, 400: "malformed", 404: NO_SCOPE[404], 409: "product scopes come with the catalogue"},
        parameters=BY_SCOPE,
        scope="ops",
    )
    def show_settings(scope: str) -> "SettingsShown":
        return settings.show(_scope(app, scope))

    @app.operation(
        "GET /v1/settings", "Show the settings that hold for a SKU", SETTINGS_SHOWN, parameters=BY_SKU, scope="ops"
    )
    def show_settings_of_sku(sku: str) -> "SettingsShown":
        return settings.show(sku)

    @app.operation(
        "PUT /v1/settings/<scope>",
        "Change some settings: null unsets a field, fields that are not named stay",
        {**SETTINGS_CHANGED, **NO_SCOPE},
        body="settings",
        parameters=BY_SCOPE,
        scope="ops",
    )
    def change_settings(scope: str) -> "SettingsShown":
        return changed(_scope(app, scope))

    @app.operation(
        "PUT /v1/settings",
        "Change some settings of a SKU: null unsets a field, fields that are not named stay",
        {**SETTINGS_CHANGED, 409: "offers are not available yet"},
        body="settings",
        parameters=BY_SKU,
        scope="ops",
    )
    def change_settings_of_sku(sku: str) -> "SettingsShown":
        return changed(sku)

    def changed(sku: str | None) -> "SettingsShown":
        changes: dict[str, Any] = checked_body(app, "standby.stock", "settings")
        changes.pop("version", None)
        if changes.get("offer_hours"):
            raise Problem(409, "offers-unavailable", "offers come with pre-orders; until then offer_hours must be 0")
        return settings.change(sku, changes)


def _known(sku: str, found: Found | None) -> Found:
    if found is None:
        raise Problem(404, "unknown-sku", f"the ERP never named the SKU {sku}")
    return found


def _scope(app: Resolver, scope: str) -> str | None:
    """Return the SKU of a settings scope, ``None`` for the shop. Raises `Problem` 400, 404 or 409."""
    kind, _, name = scope.partition(":")
    if scope == "shop":
        return None
    if kind == "product" and name:
        raise Problem(409, "no-catalogue", "settings of products come with the catalogue; use shop or sku:<sku>")
    if kind == "sku":
        return identifier(app, "sku", name)
    raise Problem(404, "unknown-scope", "settings have the scopes shop and sku:<sku>")
