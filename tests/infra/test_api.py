"""The routes of design §5.2: who may call which.

What there is stands in ``openapi.json``, who may call it in each feature's ``scopes.json`` (`tests.test_scopes`).
"""

from pathlib import Path

from infra.constructs.routes import all_routes
from infra.operations.templates import target
from infra.stage import Limits
from tests.infra.template import Stacks, synthesize

HELD = {
    "POST /v1/waitlist",
    "GET /v1/waitlist/confirm",
    "POST /v1/waitlist/confirm",
    "GET /v1/waitlist/leave",
    "POST /v1/waitlist/leave",
    "GET /v1/waitlist/mine",
    "PATCH /v1/waitlist/mine/{id}",
    "DELETE /v1/waitlist/mine/{id}",
    "POST /v1/waitlist/mine/{id}",
    "POST /v1/messages/stock",
    "POST /v1/imports/uploads",
    "GET /v1/imports",
    "GET /v1/imports/mappings/{name}",
    "PUT /v1/imports/mappings/{name}",
    "GET /v1/imports/{import_id}",
    "GET /v1/imports/{import_id}/bad-lines",
    "GET /v1/imports/{import_id}/differences",
    "GET /v1/stock/snapshots",
    "GET /v1/stock/snapshots/{snapshot_id}",
    "POST /v1/stock/snapshots/{snapshot_id}/approve",
    "POST /v1/stock/snapshots/{snapshot_id}/reject",
    "GET /v1/stock/{sku}",
    "GET /v1/stock/{sku}/why",
    "GET /v1/settings/{scope}",
    "PUT /v1/settings/{scope}",
    "POST /v1/waitlist/entries",
    "GET /v1/waitlist/{sku}",
    "GET /v1/waitlist/{sku}/why",
}
"""Routes that somebody calls: a mailed link, a storefront, an ERP. More may come; none of these may go."""
NOT_SERVED = "the API has other routes than openapi.json: make schemas, and base.api.serve(function) in infra/features"


def routes(template: Stacks, kind: str) -> set[str]:
    return {
        route["RouteKey"]
        for route in template.properties("ApiGatewayV2::Route").values()
        if route["AuthorizationType"] == kind
    }


def test_no_route_that_somebody_calls_is_gone(prod: Stacks) -> None:
    gone = HELD - routes(prod, "NONE") - routes(prod, "CUSTOM")
    assert gone == set(), "mailed links, storefronts and ERPs call these: keep them, or take them out of HELD"


def test_a_route_that_another_function_answers_now_stays_in_its_place(prod: Stacks) -> None:
    """In another it would have another logical id, and be made while the old one is there still."""
    places = {
        prod.path(name): target(route["Target"]["Fn::Join"][1][-1])
        for name, route in prod.properties("ApiGatewayV2::Route").items()
        if "/v1/preorders/" in route["RouteKey"] or "/v1/offers/" in route["RouteKey"]
    }
    assert {place.rpartition("/Gateway/")[0] for place in places} == {"Preorder/Api"}
    answering = {prod.path(name) for name in places.values()}
    assert len(answering) == 1


def test_browsers_reach_the_public_routes_without_a_key(prod: Stacks) -> None:
    assert routes(prod, "NONE") == {route.key for route in all_routes() if route.public}, NOT_SERVED


def test_head_is_a_route_wherever_get_is_for_the_same_callers(prod: Stacks) -> None:
    """The gateway answers 404 to ``HEAD`` on a route of ``GET``."""
    for kind in ("NONE", "CUSTOM"):
        paths = {method: set[str]() for method in ("GET", "HEAD")}
        for route in routes(prod, kind):
            method, path = route.split()
            paths.setdefault(method, set()).add(path)
        assert paths["GET"] == paths["HEAD"]
        assert paths["GET"]


def test_every_server_route_asks_the_authorizer(prod: Stacks) -> None:
    assert routes(prod, "CUSTOM") == {route.key for route in all_routes() if not route.public}, NOT_SERVED
    (authorizer,) = prod.of("ApiGatewayV2::Authorizer")
    asked = {
        target(route["AuthorizerId"])
        for route in prod.properties("ApiGatewayV2::Route").values()
        if route["AuthorizationType"] == "CUSTOM"
    }
    assert asked == {authorizer}


def test_the_authorizers_answer_is_kept_for_a_minute_by_key(prod: Stacks) -> None:
    (authorizer,) = prod.properties("ApiGatewayV2::Authorizer").values()
    assert authorizer["AuthorizerResultTtlInSeconds"] == 60
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    assert authorizer["EnableSimpleResponses"] is True


def test_each_route_leads_to_its_features_function(prod: Stacks) -> None:
    behind = {
        name: target(integration["IntegrationUri"])
        for name, integration in prod.properties("ApiGatewayV2::Integration").items()
    }
    served: dict[str, set[str]] = {}
    for route in prod.properties("ApiGatewayV2::Route").values():
        integration = route["Target"]["Fn::Join"][1][1]["Ref"]
        served.setdefault(behind[integration], set()).add(route["RouteKey"])
    answered: dict[str, set[str]] = {}
    for route in all_routes():
        answered.setdefault(prod.functions[route.function][0], set()).add(route.key)
    assert served == answered


def test_only_the_shops_pages_may_call_from_a_browser(prod: Stacks) -> None:
    (api,) = prod.properties("ApiGatewayV2::Api").values()
    assert api["CorsConfiguration"]["AllowOrigins"] == ["https://shop.example"]
    assert "AllowCredentials" not in api["CorsConfiguration"]
    assert sorted(api["CorsConfiguration"]["AllowMethods"]) == ["DELETE", "GET", "HEAD", "PATCH", "POST"]


CALLERS = {
    "POST /v1/waitlist": "public",
    "POST /v1/waitlist/confirm": "links",
    "PATCH /v1/waitlist/mine/{id}": "links",
    "GET /v1/waitlist/leave": "leaving",
    "POST /v1/waitlist/leave": "leaving",
    "POST /v1/messages/stock": "erp",
    "POST /v1/imports/uploads": "erp",
    "POST /v1/waitlist/entries": "storefront",
    "GET /v1/stock/{sku}": "ops",
    "GET /v1/availability": "public",
    "GET /v1/feeds/availability.tsv": "feeds",
}


def test_each_route_has_a_limit_of_its_own_by_who_calls_it(tmp_path: Path) -> None:
    limits = {
        name: {"per_second": 10 * place, "burst": 100 * place} for place, name in enumerate(Limits.model_fields, 1)
    }
    stacks = synthesize(tmp_path, stage="prod", limits=limits)
    (stage,) = stacks.properties("ApiGatewayV2::Stage").values()
    said = {
        route: {"per_second": settings["ThrottlingRateLimit"], "burst": settings["ThrottlingBurstLimit"]}
        for route, settings in stage["RouteSettings"].items()
    }
    assert {route: said[route] for route in CALLERS} == {route: limits[name] for route, name in CALLERS.items()}
    assert said.keys() == {route["RouteKey"] for route in stacks.properties("ApiGatewayV2::Route").values()}
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == limits["public"]["per_second"]


def test_every_limit_is_that_of_some_route() -> None:
    assert {route.callers for route in all_routes()} == set(Limits.model_fields)


def test_nobody_without_a_key_uses_up_what_a_key_may_ask(prod: Stacks) -> None:
    """AWS counts per route: as long as each route has settings, none shares the default's bucket."""
    (stage,) = prod.properties("ApiGatewayV2::Stage").values()
    assert set(stage["RouteSettings"]) == {
        route["RouteKey"] for route in prod.properties("ApiGatewayV2::Route").values()
    }


def test_the_access_log_keeps_no_token(prod: Stacks) -> None:
    (stage,) = prod.properties("ApiGatewayV2::Stage").values()
    kept = stage["AccessLogSettings"]["Format"]
    assert "$context.routeKey" in kept
    assert [word for word in ("path", "query", "header", "authorizer.token") if word in kept] == []
