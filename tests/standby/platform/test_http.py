"""The HTTP API's manners."""

import base64
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import BadRequestError
from standby.platform import http
from standby.platform.backoff import BusyError
from standby.platform.caller import Proxies
from standby.platform.http import (
    HEADERS,
    PUBLIC,
    Problem,
    Resolver,
    answer,
    checked_body,
    json_body,
    page,
    prefers_html,
    query_values,
    resolver,
    source_ip,
)
from standby.platform.identifier import Ids

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
INTERNET_EXPLORER = "text/html, application/xhtml+xml, image/jxr, */*"


def request(
    path: str = "/v1/stock/A",
    *,
    method: str = "GET",
    body: str | None = None,
    headers: dict[str, str] | None = None,
    authorizer: Any = None,
    encoded: bool = False,
) -> dict[str, Any]:
    """Return an HTTP API event (payload 2.0)."""
    context: dict[str, Any] = {"http": {"method": method, "path": path, "sourceIp": "203.0.113.7"}, "stage": "$default"}
    if authorizer is not None:
        context["authorizer"] = authorizer
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers or {},
        "requestContext": context,
        "body": body,
        "isBase64Encoded": encoded,
    }


def resolve(app: APIGatewayHttpResolver, event: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
    """Return the status, the body as JSON and the headers of an answer."""
    context: Any = None
    response = app.resolve(event, context)
    headers = (
        {name: values[0] for name, values in response["multiValueHeaders"].items()}
        if ("multiValueHeaders" in response)
        else response["headers"]
    )
    return response["statusCode"], json.loads(response["body"]), headers


def asked(event: dict[str, Any], route: Any) -> tuple[int, Any, dict[str, str]]:
    """Answer one event with one route, which gets the resolver."""
    app = resolver()
    app.route(event["rawPath"], event["requestContext"]["http"]["method"])(lambda: route(app))
    return resolve(app, event)


def raising(error: Exception) -> Any:
    def route(_app: APIGatewayHttpResolver) -> Any:
        raise error

    return route


# ---------------------------------------------------------------------- problems


def test_a_problem_is_a_problem_document() -> None:
    problem = Problem(409, "sold-out", "two are wanted, one is left", headers={"Retry-After": "5"}, more={"left": 1})
    status, document, headers = asked(request("/v1/reservations"), raising(problem))
    assert status == 409
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Retry-After"] == "5"
    assert document == {
        "type": "/problems/sold-out",
        "title": "Conflict",
        "status": 409,
        "detail": "two are wanted, one is left",
        "instance": "/v1/reservations",
        "left": 1,
    }


def test_an_address_that_leads_nowhere_is_a_problem_document() -> None:
    status, document, headers = resolve(resolver(), request("/v1/nowhere"))
    assert (status, document["type"], document["instance"]) == (404, "/problems/not-found", "/v1/nowhere")
    assert headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "instance"),
    [
        ("/v1/stock/כוס /1#2?", "/v1/stock/%D7%9B%D7%95%D7%A1%20/1%232%3F"),
        ("/v1/stock/100%25", "/v1/stock/100%25"),
        ("/v1/stock/a+b=c@d", "/v1/stock/a+b=c@d"),
    ],
)
def test_a_problem_names_the_path_as_an_address_has_it(path: str, instance: str) -> None:
    """API Gateway decodes a path but for ``%25``; ``instance`` is a reference (RFC 9457 §3.1.5, RFC 3986)."""
    _, document, _ = resolve(resolver(), request(path))
    assert document["instance"] == instance


def test_a_method_that_is_not_served_is_a_problem_document() -> None:
    app = resolver()
    app.get("/v1/stock/A")(lambda: answer({}))
    status, document, _headers = resolve(app, request(method="DELETE"))
    assert (status, document["type"]) == (404, "/problems/not-found")


def test_an_unexpected_error_tells_the_caller_nothing_and_the_log_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(http.log.registered_handler, "stream", log)
    status, document, _headers = asked(request(), raising(RuntimeError("password hunter2")))
    assert (status, document["type"]) == (500, "/problems/unexpected")
    assert "hunter2" not in json.dumps(document)
    assert "hunter2" in log.getvalue()


def test_a_problem_of_the_library_s_own_is_no_error_of_ours() -> None:
    status, document, _headers = asked(request(), raising(BadRequestError("no boundary")))
    assert (status, document["status"]) == (400, 400)
    assert document["type"] == "/problems/bad-request"
    assert document["detail"] == "no boundary"


def test_contention_asks_the_caller_to_come_again() -> None:
    status, document, headers = asked(request(), raising(BusyError("the table was busy 8 times")))
    assert (status, document["type"], headers["Retry-After"]) == (503, "/problems/busy", "1")


# ---------------------------------------------------------------------- answers


def test_an_answer_is_json_with_text_as_it_is() -> None:
    app = resolver()
    app.get("/v1/stock/A")(lambda: answer({"name": "חולצה"}, 202, {"Location": "/v1/x"}))
    context: Any = None
    response = app.resolve(request(), context)
    assert (response["statusCode"], response["body"]) == (202, '{"name":"חולצה"}')


def test_a_page_is_html() -> None:
    response = page("<!doctype html>", 410)
    assert (response.status_code, response.body) == (410, "<!doctype html>")
    assert response.headers == {"Content-Type": "text/html; charset=utf-8"}


def served() -> Resolver:
    """Return routes that answer in every way there is."""
    app = resolver()

    def operation(route: str, handler: Any) -> None:
        app.operation(route, "Try it", {200: "it worked"}, scope=PUBLIC)(handler)

    operation("GET /json", lambda: {"name": "חולצה"})
    operation("GET /page", lambda: page("<!doctype html>"))
    operation("GET /problem", lambda: raising(Problem(409, "sold-out", "none is left"))(app))
    operation("GET /broken", lambda: raising(RuntimeError("hunter2"))(app))
    operation("DELETE /nothing", lambda: None)
    operation("POST /elsewhere", lambda: Response(status_code=303, headers={"Location": "/json"}))
    return app


WAYS = ("GET /json", "GET /page", "GET /problem", "GET /broken", "GET /nowhere", "DELETE /nothing", "POST /elsewhere")


def said(route: str) -> Any:
    method, path = route.split()
    context: Any = None
    return served().resolve(request(path, method=method), context)


@pytest.mark.promise("P11")
@pytest.mark.parametrize("route", WAYS)
def test_nobody_keeps_frames_or_is_told_of_any_answer(route: str) -> None:
    headers = said(route)["headers"]
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    for rule in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("route", [route for route in WAYS if route.startswith("GET")])
def test_head_answers_what_get_answers_without_its_body(route: str) -> None:
    asked, got = said(route.replace("GET", "HEAD")), said(route)
    assert got["body"]
    assert asked == {**got, "body": ""}


def test_head_changes_nothing_where_there_is_no_get() -> None:
    assert said("HEAD /nothing")["statusCode"] == said("HEAD /elsewhere")["statusCode"] == 404


# ---------------------------------------------------------------------- bodies


def test_a_body_is_read_as_json() -> None:
    status, document, _ = asked(request(method="POST", body='{"sku": "A"}'), lambda app: answer(json_body(app)))
    assert (status, document) == (200, {"sku": "A"})


def test_an_encoded_body_is_decoded_first() -> None:
    body = base64.b64encode('{"name": "חולצה"}'.encode()).decode()
    event = request(method="POST", body=body, encoded=True)
    assert asked(event, lambda app: answer(json_body(app)))[1] == {"name": "חולצה"}


@pytest.mark.parametrize(
    ("body", "encoded"),
    [
        (None, False),
        ("", False),
        ("sku=A", False),
        ('{"sku": ', False),
        ('{"on_hand": NaN}', False),
        (r'{"sku": "\ud800"}', False),
        ("[" * 100_000, False),
        ("9" * 5_000, False),
        (base64.b64encode(b"\xff\xfe{}").decode(), True),
        ("%%%", True),
    ],
    ids=["none", "empty", "form", "open", "nan", "half", "deep", "digits", "bytes", "not-base64"],
)
def test_a_body_that_is_no_json_is_the_caller_s_error(body: str | None, encoded: bool) -> None:  # noqa: FBT001
    event = request(method="POST", body=body, encoded=encoded)
    status, document, _ = asked(event, lambda app: answer(json_body(app)))
    assert (status, document["type"]) == (400, "/problems/not-json")


def test_what_is_wrong_with_a_body_is_listed() -> None:
    event = request(method="POST", body="{}")
    status, document, _ = asked(event, lambda app: checked_body(app, "standby.imports", "upload"))
    assert (status, document["type"]) == (400, "/problems/malformed")
    assert document["detail"] == "mapping: missing"
    assert document["errors"] == ["mapping: missing"]


def test_a_body_that_is_right_passes_its_check() -> None:
    event = request(method="POST", body='{"mapping": "daily", "dry_run": null}')
    assert asked(event, lambda app: answer(checked_body(app, "standby.imports", "upload")))[1] == {"mapping": "daily"}


def test_a_byte_order_mark_before_a_body_is_skipped() -> None:
    event = request(method="POST", body='\ufeff{"sku": "A"}')
    assert asked(event, lambda app: answer(json_body(app)))[1] == {"sku": "A"}


# ------------------------------------------------------------------- parameters


def found(path: str, query: str = "", *, case: str = "exact") -> tuple[int, Any]:
    """Ask routes about SKUs, and return what they were asked for."""
    app = resolver(lambda: Ids(case))
    for route in ("GET /v1/stock/<sku>", "GET /v1/stock/<sku>/why"):
        app.operation(route, "Show a SKU", {200: "its numbers"}, scope="ops")(lambda sku: {"sku": sku})
    event = request(authorizer={"lambda": {"scopes": "ops"}}) | {"rawPath": path, "rawQueryString": query}
    status, document, _ = resolve(app, event)
    return status, document.get("sku") or document["detail"]


@pytest.mark.parametrize(
    ("path", "sku"),
    [
        ("A B", "A B"),
        ("A%20B", "A B"),
        ("A+B", "A+B"),
        ("50%25", "50%"),
        ("A%2520B", "A%20B"),
        ("A#1 (red) & *,*", "A#1 (red) & *,*"),
        ('"<b>"\\`', '"<b>"\\`'),
        ("חולצה אדומה", "חולצה אדומה"),
        ("%D7%90", "א"),
        ("★ 漢字", "★ 漢字"),
        ("Cafe\u0301", "Caf\u00e9"),
        (" MUG ", "MUG"),
        ("A%2FB", "A/B"),
        ("entries", "entries"),
    ],
)
def test_a_sku_in_a_path_is_what_the_shop_calls_it(path: str, sku: str) -> None:
    assert found(f"/v1/stock/{path}") == (200, sku)
    assert found(f"/v1/stock/{path}/why") == (200, sku)


SKUS = ["A/B", "why", "A?B=1&sku=C#D", "50% off", "A+B", "A, B", "..", "חולצה/אדומה", "★", "10452"]


@pytest.mark.parametrize("sku", SKUS)
def test_every_sku_is_reached_by_the_query(sku: str) -> None:
    assert found("/v1/stock", urlencode({"sku": sku})) == (200, sku)
    assert found("/v1/stock/why", urlencode({"before": "x", "sku": sku})) == (200, sku)


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/v1/stock", "", "sku: missing"),
        ("/v1/stock/why", "", "sku: missing"),
        ("/v1/stock", "sku=A&sku=B", "sku: stands there 2 times"),
        ("/v1/stock", "sku=", "sku: is empty"),
        ("/v1/stock", "sku=%FF", "the query is not UTF-8, or too long"),
        ("/v1/stock", "&".join(["sku=A"] * 2_000), "the query is not UTF-8, or too long"),
        ("/v1/stock/ ", "", "sku: is empty"),
        (
            "/v1/stock/A%E2%80%8BB",
            "",
            "sku: has U+200B ZERO WIDTH SPACE in it, which nobody sees or tells from a space",
        ),
        ("/v1/stock/A\nB", "", "sku: has U+000A in it, which nobody sees or tells from a space"),
        ("/v1/stock/" + "x" * 101, "", "sku: has more than 100 characters"),
    ],
    ids=str,
)
def test_what_is_no_sku_is_named(path: str, query: str, said: str) -> None:
    assert found(path, query) == (400, said)


def test_a_shop_may_say_that_case_does_not_count() -> None:
    assert found("/v1/stock/mug", case="upper") == (200, "MUG")
    assert found("/v1/stock", "sku=MUG", case="lower") == (200, "mug")


def test_values_of_a_list_are_read_from_the_query_as_it_was_written() -> None:
    event = request() | {"rawQueryString": "sku=A%2CB&x=&sku=C+D", "queryStringParameters": {"sku": "A,B,C D", "x": ""}}
    body = asked(event, lambda app: answer([query_values(app, name) for name in ("sku", "x", "y")]))[1]
    assert body == [["A,B", "C D"], [""], []]


# ---------------------------------------------------------------------- scopes


def scoped(authorizer: Any, *allowed: str) -> tuple[int, Any]:
    app = resolver()
    passed = app.operation("GET /v1/stock/<sku>", "Show a SKU", {200: "its numbers"}, scope=" ".join(allowed))
    passed(lambda sku: answer({"passed": sku == "A"}))
    status, document, _headers = resolve(app, request(authorizer=authorizer))
    return status, document


@pytest.mark.parametrize("scopes", ["ops", "erp ops", "ops erp storefront"])
def test_a_key_with_the_scope_passes(scopes: str) -> None:
    assert scoped({"lambda": {"scopes": scopes}}, "ops") == (200, {"passed": True})


def test_one_of_several_scopes_is_enough() -> None:
    assert scoped({"lambda": {"scopes": "storefront"}}, "ops", "storefront")[0] == 200


@pytest.mark.parametrize(
    "authorizer",
    [
        None,
        {},
        {"lambda": None},
        {"lambda": {}},
        {"lambda": {"scopes": ""}},
        {"lambda": {"scopes": None}},
        {"lambda": {"scopes": "erp"}},
        {"lambda": {"scopes": "operations"}},
        {"jwt": {"claims": {}, "scopes": ["ops"]}},
    ],
)
def test_a_key_without_the_scope_does_not_pass(authorizer: Any) -> None:
    status, document = scoped(authorizer, "ops")
    assert (status, document["type"]) == (403, "/problems/scope-missing")
    assert document["detail"] == "this key does not have the scope ops"


def test_a_public_operation_asks_for_no_key() -> None:
    assert scoped(None, PUBLIC) == (200, {"passed": True})


@pytest.mark.parametrize("scope", ["", " "])
def test_an_operation_without_a_scope_that_is_not_called_public_is_not_built(scope: str) -> None:
    with pytest.raises(ValueError, match="GET /v1/stock: name the scope, or say PUBLIC"):
        resolver().operation("GET /v1/stock", "List SKUs", {200: "all"}, scope=scope)
    with pytest.raises(TypeError, match="scope"):
        resolver().operation("GET /v1/stock", "List SKUs", {200: "all"})  # type: ignore[call-arg]


def test_an_operation_is_documented_with_what_it_asks_for() -> None:
    app = resolver()
    app.operation("GET /v1/stock", "List SKUs", {200: "all"}, scope="ops")(lambda: answer([]))
    (said,) = app.operations
    assert (said.method, said.path, said.scope) == ("GET", "/v1/stock", "ops")
    assert said.answers == {200: "all", 403: "the key lacks the scope"}


# ---------------------------------------------------------------------- HTML or JSON


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (CHROME, True),
        (FIREFOX, True),
        (INTERNET_EXPLORER, True),
        ("text/html", True),
        ("TEXT/HTML;charset=utf-8", True),
        ("text/*", True),
        ("text/html, application/json", True),
        ("application/json;q=0.5, text/html;q=0.9", True),
        ("application/json;q=0.1, */*", True),
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/plain, */*", False),
        ("*/*, application/json", False),
        ("application/json, text/html", False),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0, */*", False),
        ("text/html;q=0", False),
        ("text/html;q=high", False),
        ("text/html;q=2", False),
        ("text/html;q=nan, application/json", False),
        (";;;,,,", False),
    ],
)
def test_html_is_answered_to_who_prefers_it(accept: str | None, html: bool) -> None:  # noqa: FBT001
    headers = {} if accept is None else {"accept": accept}
    event = request(headers=headers)
    assert asked(event, lambda app: answer(prefers_html(app)))[1] is html


def test_the_accept_header_is_found_in_any_case() -> None:
    assert asked(request(headers={"Accept": "text/html"}), lambda app: answer(prefers_html(app)))[1] is True


@pytest.mark.parametrize("name", ["x-forwarded-for", "X-Forwarded-For"])
def test_the_caller_s_address_is_the_gateway_s_word_unless_a_proxy_is_trusted(name: str) -> None:
    event = request(headers={name: "192.0.2.9, 198.51.100.1"})
    assert asked(event, lambda app: answer(source_ip(app, Proxies())))[1] == "203.0.113.7"
    assert asked(event, lambda app: answer(source_ip(app, Proxies(1))))[1] == "198.51.100.1"
