"""The HTTP API's manners: problem documents (RFC 9457), scopes, JSON bodies, HTML when the browser prefers it."""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, ServiceError

from standby.platform.backoff import BusyError
from standby.platform.caller import Proxies
from standby.platform.json_text import from_json, to_json
from standby.platform.observability import logger

PROBLEM_JSON = "application/problem+json"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
WEIGHT = re.compile(r"0(\.\d*)?|1(\.0*)?|\.\d+")
IDEMPOTENCY_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
log = logger("http")

GET, HEAD = "GET", "HEAD"
PUBLIC = "public"
"""Stands in place of a scope where anybody may call a route without a key."""

FORBIDDEN = "the key lacks the scope"
Page = Response[str]
Handler = TypeVar("Handler", bound=Callable[..., Mapping[str, object] | Page | None])
"""Answers a request: with content to be written as JSON, with a page or a redirection, or with nothing (204)."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
"""Headers of every answer, a page or JSON or none: what a link or a key opens is for nobody else's eyes, so no caching,
no scripts, no framing, no guessing what it is, and no referrer that carries a token."""


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """An answer to the caller that is not a success. ``slug`` ends the problem's type, ``/problems/<slug>``."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        title: str | None = None,
        headers: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.title = title or HTTPStatus(status).phrase
        self.headers = headers or {}
        self.more = more or {}


BUSY = Problem(503, "busy", "too much is going on at once; try again in a moment", headers={"Retry-After": "1"})
UNEXPECTED = Problem(500, "unexpected", "something went wrong on our side; trying again may help")


class Operation(NamedTuple):
    """What one method of one path does, for whom, and what it answers; the OpenAPI document is made of these."""

    method: str
    path: str
    summary: str
    answers: Mapping[int, str]
    scope: str
    body: str | None
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    pages: bool
    handler: Callable[..., object]


class Resolver(APIGatewayHttpResolver):
    """A resolver whose routes demand the scope that their documentation names: one call of `operation` says both.

    Every answer has the same headers, and ``HEAD`` is answered wherever ``GET`` is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[Operation] = []

    def resolve(self, event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401 - the base's signature
        """Answer an event of the gateway."""
        answered = super().resolve(event, context)
        answered["headers"] = {**HEADERS, **answered["headers"]}
        if self.current_event.http_method == HEAD:
            answered["body"] = ""
        return answered

    def operation(
        self,
        route: str,
        summary: str,
        answers: Mapping[int, str],
        *,
        scope: str,
        body: str | None = None,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        pages: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Add a route like ``GET /v1/stock/<sku>``, which the decorated function answers.

        ``answers`` says what each status means. The lowest status is the success. The function's return annotation
        describes that answer: a name of its package's ``answers`` module, `Page`, ``None`` or several of them.
        ``scope`` is the scope that the caller's key needs, or `PUBLIC`. Of several scopes with spaces between, one is
        enough. The scope is checked before anything else happens.
        ``body`` names a JSON Schema of the feature. Several names with spaces between are kinds of messages; the body
        is then one message or a batch.
        ``parameters`` says what each parameter of the path and the query is, ``headers`` what each header is that the
        route reads.
        ``pages`` says that problems may be pages too.
        """
        if not scope.split():
            raise ValueError(f"{route}: name the scope, or say PUBLIC")
        method, path = route.split()
        meanings = answers if scope == PUBLIC else {**answers, 403: FORBIDDEN}
        success = min(answers)

        def add(handler: Handler) -> Handler:
            def served(**parameters: str) -> Response[str]:
                if scope != PUBLIC:
                    require_scope(self, *scope.split())
                made = handler(**parameters)
                if made is None:
                    return Response(status_code=success, body="")
                return made if isinstance(made, Response) else answer(made, success)

            asked = (parameters or {}, headers or {})
            said = Operation(method, path, summary, meanings, scope, body, *asked, pages, handler)
            self.operations.append(said)
            self.route(path, [method, HEAD] if method == GET else method)(served)
            return handler

        return add


def resolver() -> Resolver:
    """Return a resolver whose every error is a problem document."""
    app = Resolver()

    @app.exception_handler(Problem)  # type: ignore[untyped-decorator]
    def _problem(problem: Problem) -> Response[str]:
        return problem_response(app, problem)

    @app.not_found
    def _not_found(_error: NotFoundError) -> Response[str]:
        return problem_response(app, Problem(404, "not-found", "there is nothing at this address"))

    @app.exception_handler(ServiceError)  # type: ignore[untyped-decorator]
    def _refused(error: ServiceError) -> Response[str]:
        slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return problem_response(app, Problem(error.status_code, slug, str(error.msg)))

    @app.exception_handler(BusyError)  # type: ignore[untyped-decorator]
    def _busy(_error: BusyError) -> Response[str]:
        return problem_response(app, BUSY)

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def _unexpected(error: Exception) -> Response[str]:
        log.error("unexpected", exc_info=error)
        return problem_response(app, UNEXPECTED)

    return app


def problem_response(app: APIGatewayHttpResolver, problem: Problem) -> Response[str]:
    """Write a problem document; ``instance`` is the request's path."""
    document = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": app.current_event.path,
        **problem.more,
    }
    return Response(
        status_code=problem.status, content_type=PROBLEM_JSON, body=to_json(document), headers=dict(problem.headers)
    )


def answer(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response[str]:
    """Write a JSON answer."""
    return Response(status_code=status, content_type=JSON, body=to_json(content), headers=dict(headers or {}))


def page(html: str, status: int = 200) -> Page:
    """Write an HTML page behind a mailed link."""
    return Response(status_code=status, content_type=HTML, body=html)


def json_body(app: APIGatewayHttpResolver) -> Any:  # noqa: ANN401 - JSON
    """Return the request's body as JSON. Raises `Problem` 400."""
    try:
        return from_json(app.current_event.decoded_body or "")
    except ValueError as error:
        raise Problem(400, "not-json", f"the body is not JSON: {error}") from error


def checked_body(app: APIGatewayHttpResolver, check: Callable[[Any], Sequence[str]]) -> Any:  # noqa: ANN401 - JSON
    """Return the body as JSON after ``check``, which lists what is wrong with it. Raises `Problem` 400."""
    body = json_body(app)
    wrong = check(body)
    if wrong:
        raise Problem(400, "malformed", "; ".join(wrong), more={"errors": list(wrong)})
    return _whole(body)


def _whole(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Write numbers like 5.0, which JSON Schema takes for integers, as integers."""
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def scopes(app: APIGatewayHttpResolver) -> frozenset[str]:
    """Return the scopes that the authorizer found for the caller's key."""
    context = app.current_event.raw_event.get("requestContext", {}).get("authorizer") or {}
    return frozenset(((context.get("lambda") or {}).get("scopes") or "").split())


def caller(app: APIGatewayHttpResolver) -> str:
    """Return the name of the key that the authorizer found, else its id; ``""`` where there is none."""
    context = app.current_event.raw_event.get("requestContext", {}).get("authorizer") or {}
    found = context.get("lambda") or {}
    return str(found.get("name") or found.get("key_id") or "")


def require_scope(app: APIGatewayHttpResolver, *allowed: str) -> None:
    """Let only callers with one of these scopes pass. Raises `Problem` 403."""
    if not scopes(app) & set(allowed):
        wanted = " or ".join(sorted(allowed))
        raise Problem(403, "scope-missing", f"this key does not have the scope {wanted}")


def idempotency_key(app: APIGatewayHttpResolver) -> str | None:
    """Return the key by which a repeated request is known as the same; ``None`` without one. Raises `Problem` 400."""
    key: str | None = app.current_event.headers.get("idempotency-key")
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        wrong = "Idempotency-Key: must be 1 to 255 printable characters of ASCII"
        raise Problem(400, "malformed", wrong, more={"errors": [wrong]})
    return key


def caller_id(app: APIGatewayHttpResolver) -> str:
    """Return the id of the API key that the authorizer found."""
    context = app.current_event.raw_event.get("requestContext", {}).get("authorizer") or {}
    key_id: str = (context.get("lambda") or {}).get("key_id") or ""
    return key_id


def prefers_html(app: APIGatewayHttpResolver) -> bool:
    """Tell whether ``Accept`` ranks HTML above JSON (RFC 9110 §12.5.1).

    The closest range counts (``text/html``, ``text/*``, ``*/*``). At equal weight the closer one wins, then the one
    named first, then JSON, because a client that accepts anything is a program.
    """
    ranges: dict[str, tuple[float, int]] = {}
    for place, part in enumerate((app.current_event.headers.get("accept") or "").split(",")):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        if WEIGHT.fullmatch(weight):
            ranges.setdefault(kind, (float(weight), -place))
    html, json = _rank("text/html", ranges), _rank("application/json", ranges)
    return html[0] > 0 and html > json


def _rank(kind: str, ranges: Mapping[str, tuple[float, int]]) -> tuple[float, int, int]:
    """Return a media type's weight, how closely it was named, and how early."""
    for closeness, name in ((2, kind), (1, f"{kind.partition('/')[0]}/*"), (0, "*/*")):
        if name in ranges:
            weight, place = ranges[name]
            return weight, closeness, place
    return 0.0, 0, 0


def source_ip(app: APIGatewayHttpResolver, proxies: Proxies) -> str:
    """Return the caller's address: the one that API Gateway saw, or that of whom the shop's proxies name."""
    context = app.current_event.raw_event.get("requestContext", {})
    return proxies.caller(app.current_event.headers, context.get("http", {}).get("sourceIp", ""))
