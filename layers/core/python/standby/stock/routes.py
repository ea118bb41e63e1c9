"""The stock feature's HTTP routes (design §5.2)."""

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, TypeVar

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
BY_SCOPE = {"scope": "`shop`, `product:<product_id>` or `sku:<sku>`"}
BY_NAME = {"sku": "a SKU", "product_id": "a product's id, in place of a SKU"}
SETTINGS_SHOWN = {200: "the settings that hold, and the scope's version"}
SETTINGS_CHANGED = {
    200: "the settings that hold now, and the scope's version",
    400: "a field is unknown or out of range",
}
NO_SCOPE = {404: "there is no such scope"}


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
        "Show the settings that hold for the shop, for a product or for a SKU",
        {**SETTINGS_SHOWN, 400: "malformed", **NO_SCOPE},
        parameters=BY_SCOPE,
        scope="ops",
    )
    def show_settings(scope: str) -> "SettingsShown":
        return settings.show(**_scope(app, scope))

    @app.operation(
        "GET /v1/settings",
        "Show the settings that hold for a SKU or a product",
        {**SETTINGS_SHOWN, 400: "malformed, or not one of the two"},
        parameters=BY_NAME,
        scope="ops",
    )
    def show_settings_of() -> "SettingsShown":
        return settings.show(**_named(app))

    @app.operation(
        "PUT /v1/settings/<scope>",
        "Change some settings: null unsets a field, fields that are not named stay",
        {**SETTINGS_CHANGED, **NO_SCOPE},
        body="settings",
        parameters=BY_SCOPE,
        scope="ops",
    )
    def change_settings(scope: str) -> "SettingsShown":
        return changed(**_scope(app, scope))

    @app.operation(
        "PUT /v1/settings",
        "Change some settings of a SKU or a product: null unsets a field, fields that are not named stay",
        SETTINGS_CHANGED,
        body="settings",
        parameters=BY_NAME,
        scope="ops",
    )
    def change_settings_of() -> "SettingsShown":
        return changed(**_named(app))

    def changed(sku: str | None, product_id: str | None = None) -> "SettingsShown":
        changes: dict[str, Any] = checked_body(app, "standby.stock", "settings")
        changes.pop("version", None)
        return settings.change(sku, changes, product_id=product_id)


class Scope(TypedDict):
    """Whose settings: a SKU's, a product's, or else the shop's."""

    sku: str | None
    product_id: NotRequired[str]


def _known(sku: str, found: Found | None) -> Found:
    if found is None:
        raise Problem(404, "unknown-sku", f"the ERP never named the SKU {sku}")
    return found


def _scope(app: Resolver, scope: str) -> Scope:
    """Return what a scope of settings names. Raises `Problem` 400 or 404."""
    kind, _, name = scope.partition(":")
    if scope == "shop":
        return {"sku": None}
    if kind == "product":
        return {"sku": None, "product_id": identifier(app, "product_id", name)}
    if kind == "sku":
        return {"sku": identifier(app, "sku", name)}
    raise Problem(404, "unknown-scope", "settings have the scopes shop, product:<product_id> and sku:<sku>")


def _named(app: Resolver) -> Scope:
    """Return the SKU or the product that the query names. Raises `Problem` 400."""
    sku, product_id = query_value(app, "sku"), query_value(app, "product_id")
    if sku is not None and product_id is None:
        return {"sku": identifier(app, "sku", sku)}
    if product_id is not None and sku is None:
        return {"sku": None, "product_id": identifier(app, "product_id", product_id)}
    raise malformed("name one sku, or one product_id")
