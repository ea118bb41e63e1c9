"""Availability's HTTP routes (design §5.2), for storefronts and operators."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.availability import feed_routes, product_routes, return_routes, store_routes
from standby.availability.alternatives import Alternatives
from standby.availability.asking import FRESH_SECONDS, LOCALE, reader
from standby.availability.feed import Feed
from standby.availability.matrix import Matrix
from standby.availability.returns import Returns
from standby.availability.service import Badges
from standby.availability.stores import Stores
from standby.availability.swaps import Swaps
from standby.platform.frozen import frozen
from standby.platform.http import (
    PUBLIC,
    Problem,
    Resolver,
    checked_body,
    identifier,
    malformed,
    query_values,
    resolver,
)
from standby.platform.identifier import EXACT, Ids

if TYPE_CHECKING:
    from standby.availability.answers import BadgeExplained, BadgeList, CartChecked, Ranked

FEATURE = "standby.availability"
MOST = 100


@frozen(kw_only=True)
class Desk:
    """Who answers, and how ids are read."""

    badges: Badges
    matrix: Matrix
    alternatives: Alternatives
    swaps: Swaps
    feed: Feed
    stores: Stores
    returns: Returns
    public_url: str
    """Where the API is reached. No slash at the end."""
    shop_name: str
    ids: Ids = EXACT


def application(desk: Callable[[], Desk]) -> Resolver:
    """Return the resolver of ``availability_api``; ``desk`` is called when the first request needs it."""
    app = resolver(lambda: desk().ids)
    feed_routes.add(app, lambda: desk().feed)
    product_routes.add(app, lambda: desk().matrix, lambda: desk().alternatives)
    store_routes.add(app, lambda: desk().stores)
    return_routes.add(app, lambda: desk().returns, lambda: desk().public_url, lambda: desk().shop_name)

    @app.operation(
        "GET /v1/availability",
        "Tell what can be had: a badge for each of at most 100 SKUs or products, in the order asked",
        {
            200: "the badges; a browser or a CDN may show them again for a few seconds",
            400: "malformed, more than 100, or not either SKUs or products",
        },
        parameters={"sku": "a SKU; several as `sku=A&sku=B`", "product_id": "a product; several likewise", **LOCALE},
        lists=("sku", "product_id"),
        fresh_seconds=FRESH_SECONDS,
        scope=PUBLIC,
    )
    def show() -> "BadgeList":
        asked = {name: query_values(app, name) for name in ("sku", "product_id")}
        name = _one_of(asked)
        names = [identifier(app, name, text) for text in asked[name]]
        badges, language = desk().badges, reader(app, desk().badges.wording).language
        return badges.of_skus(names, language) if name == "sku" else badges.of_products(names, language)

    @app.operation(
        "POST /v1/availability/check",
        "Tell whether a cart can still be had: for each line how many units, and when more is expected",
        {200: "what can be had of each line, and whether all can", 400: "malformed, or more than 100 lines"},
        body="availability.check",
        parameters=LOCALE,
        scope=PUBLIC,
    )
    def check() -> "CartChecked":
        body = checked_body(app, FEATURE, "availability.check")
        lines = [(line["sku"], line.get("quantity", 1)) for line in body["lines"]]
        checked = desk().badges.check(lines, reader(app, desk().badges.wording).language)
        return desk().swaps.offered(checked) if body.get("alternatives") else checked

    @app.operation(
        "POST /v1/listings/rank",
        "Put what is sold out at the end of a listing; the given order stays in both parts",
        {200: "the same, in the new order", 400: "malformed, more than 100, or not either SKUs or products"},
        body="listing.rank",
        scope=PUBLIC,
    )
    def rank() -> "Ranked":
        body = checked_body(app, FEATURE, "listing.rank")
        asked = {"sku": body.get("skus") or [], "product_id": body.get("product_ids") or []}
        name = _one_of(asked)
        badges = desk().badges
        return badges.rank_skus(asked[name]) if name == "sku" else badges.rank_products(asked[name])

    @app.operation(
        "GET /v1/availability/<sku>/why",
        "Explain a SKU's badge: which events, which rule, which numbers, newest last",
        {200: "the words that the badge was made of, and the rule", 404: "neither ERP nor catalogue named this SKU"},
        parameters={"sku": "the SKU, percent-encoded"},
        scope="ops",
    )
    def explain(sku: str) -> "BadgeExplained":
        found = desk().badges.why(sku)
        if found is None:
            raise Problem(404, "unknown-sku", f"neither the ERP nor the catalogue ever named the SKU {sku}")
        return found

    return app


def _one_of(asked: dict[str, list[str]]) -> str:
    """Return the one kind of things that is asked for. Raises `Problem` 400."""
    given = [name for name, names in asked.items() if names]
    if len(given) != 1:
        raise malformed("ask either for SKUs (sku) or for products (product_id)")
    (name,) = given
    if len(asked[name]) > MOST:
        raise malformed(f"{name}: {len(asked[name])} are more than {MOST}")
    return name
