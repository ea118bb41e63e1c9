"""The HTTP API's manners: problem documents (RFC 9457), scopes, JSON bodies, HTML when the browser prefers it."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qs, parse_qsl, quote, unquote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, ServiceError

from standby.platform.backoff import BusyError
from standby.platform.caller import Proxies
from standby.platform.identifier import EXACT, IdentifierError, Ids
from standby.platform.json_text import from_json, to_json
from standby.platform.observability import logger
from standby.platform.schema import UnfitError, reader

PROBLEM_JSON = "application/problem+json"
JSON = "application/json"
HTML_MEDIA = "text/html"
HTML = f"{HTML_MEDIA}; charset=utf-8"
WEIGHT = re.compile(r"0(\.\d*)?|1(\.0*)?|\.\d+")
IDEMPOTENCY_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
log = logger("http")

GET, HEAD = "GET", "HEAD"
PUBLIC = "public"
"""Stands in place of a scope where anybody may call a route without a key."""

FORBIDDEN = "the key lacks the scope"
MALFORMED = "malformed"
NOT_JSON = "not-json"
UNCHANGED = "the answer would be the one with this `ETag`"
KNOWN_ALREADY = {"If-None-Match": "the `ETag` of an earlier answer"}
ETAG_LENGTH = 32
MOST_PARAMETERS = 1_000
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 40
"""Of a page's form."""
IDENTIFIERS = {
    "sku": "sku",
    "product_id": "product_id",
    "location_id": "location_id",
    "snapshot_id": "id",
    "order_id": "id",
}
"""Names of parameters that are ids, and how `Ids` reads each."""
TWINNED = ("sku", "product_id", "snapshot_id", "order_id")
"""Parameters that may not fit a path: a slash ends them there, and a word of a route takes their place."""
Page = Response[str]
Download = Response[bytes]
"""A file, of one of its operation's ``media``."""
Handler = TypeVar("Handler", bound=Callable[..., Mapping[str, object] | Page | Download | None])
"""Answers a request: with content to be written as JSON, with a page or a redirection, a file, or nothing (204)."""
OF_A_PATH = "/%:@!$&'()*+,;=~"
"""What stands in a path as it is (RFC 3986 §3.3). The gateway decodes all but ``%25``, so a percent sign was one."""
ACCEPT, LANGUAGE, ENCODING = "Accept", "Accept-Language", "Accept-Encoding"

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
    form: str | None
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    asked: tuple[str, ...]
    """The parameters that the query must have."""
    lists: Sequence[str]
    """The parameters that the query may have several times."""
    fresh_seconds: int
    varies: Sequence[str]
    pages: bool
    media: Sequence[str]
    handler: Callable[..., object]


class Resolver(APIGatewayHttpResolver):
    """A resolver whose routes demand the scope that their documentation names: one call of `operation` says both.

    Every answer has the same headers, and ``HEAD`` is answered wherever ``GET`` is.

    ``ids`` says how the shop's ids are read; it is called once a request needs it.
    """

    def __init__(self, ids: Callable[[], Ids] = lambda: EXACT) -> None:
        super().__init__()
        self.operations: list[Operation] = []
        self.ids = ids

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = "^{}$") -> re.Pattern[str]:
        """Let a path's parameter have any character but a slash. The base class knows a few ASCII ones only."""
        return re.compile(base_regex.format(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", rule)), re.DOTALL)

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
        form: str | None = None,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        lists: Sequence[str] = (),
        fresh_seconds: int = 0,
        varies: Sequence[str] = (LANGUAGE,),
        pages: bool = False,
        media: Sequence[str] = (),
        twin: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Add a route like ``GET /v1/stock/<sku>``, which the decorated function answers.

        ``answers`` says what each status means. The lowest status is the success. The function's return annotation
        describes that answer: a name of its package's ``answers`` module, `Page`, ``None`` or several of them.
        ``scope`` is the scope that the caller's key needs, or `PUBLIC`. Of several scopes with spaces between, one is
        enough. The scope is checked before anything else happens.
        ``body`` names a JSON Schema of the feature. Several names with spaces between are kinds of messages; the body
        is then one message or a batch. ``form`` names the schema of a page's form that may be posted instead.
        ``parameters`` says what each parameter of the path and the query is, ``headers`` what each header is that the
        route reads. What the function takes and the path does not have stands in the query, once. An id (`IDENTIFIERS`)
        is read as everywhere; what is none is answered 400.
        ``lists`` names the parameters that the query may have several times (`query_values`).
        ``fresh_seconds`` is how long browsers and CDNs may show a success again without asking; after that they ask
        with its ``ETag`` and are answered 304 where it would be the same. ``varies`` names the request's headers on
        which such an answer depends (RFC 9110 §12.5.5), so that a CDN keeps one for each of their values.
        ``pages`` says that problems may be pages too. ``media`` are the types of a `Download`, and of a `Page`
        that is not HTML alone.
        ``twin`` says that a route with a SKU in its path is also reached by ``?sku=`` (`TWINNED`), for SKUs that do not
        fit a path: ``GET /v1/stock/<sku>/why`` has the twin ``GET /v1/stock/why``.
        """
        if not scope.split():
            raise ValueError(f"{route}: name the scope, or say PUBLIC")
        method, path = route.split()
        meanings = answers if scope == PUBLIC else {**answers, 403: FORBIDDEN}
        success = min(answers)

        def add(handler: Handler) -> Handler:
            taken = tuple(inspect.signature(handler).parameters)
            told_headers = {**(headers or {}), **(KNOWN_ALREADY if fresh_seconds else {})}
            answered = {**meanings, **({304: UNCHANGED} if fresh_seconds else {})}
            said = answered if IDENTIFIERS.keys().isdisjoint(taken) else {400: MALFORMED, **answered}
            for at in [path, *(_without(path, name) for name in TWINNED if twin and f"/<{name}>" in path)]:
                in_query = tuple(name for name in taken if f"<{name}>" not in at)
                told = (parameters or {}, told_headers, in_query, lists, fresh_seconds, varies)
                operation = Operation(method, at, summary, said, scope, body, form, *told, pages, media, handler)
                self.operations.append(operation)
                self.route(at, [method, HEAD] if method == GET else method)(self._served(operation, success))
            return handler

        return add

    def _served(self, operation: Operation, success: int) -> Callable[..., Page | Download]:
        def served(**in_path: str) -> Page | Download:
            if operation.scope != PUBLIC:
                require_scope(self, *operation.scope.split())
            # The gateway decodes a path but for %25; what decodes it all leaves nothing to do here but for such SKUs.
            found = {name: unquote(text) for name, text in in_path.items()}
            found |= {name: _asked(self, name) for name in operation.asked}
            made = operation.handler(**{name: identifier(self, name, text) for name, text in found.items()})
            if made is None:
                return Response(status_code=success, body="")
            given = made if isinstance(made, Response) else answer(made, success)
            return _kept(self, given, operation) if operation.fresh_seconds else given

        return served


def resolver(ids: Callable[[], Ids] = lambda: EXACT) -> Resolver:
    """Return a resolver whose every error is a problem document."""
    app = Resolver(ids)

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
        "instance": quote(app.current_event.path, safe=OF_A_PATH),
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


def malformed(*wrong: str) -> Problem:
    """Return the problem that lists what is wrong with a request."""
    return Problem(400, MALFORMED, "; ".join(wrong), more={"errors": list(wrong)})


def json_body(app: APIGatewayHttpResolver) -> Any:  # noqa: ANN401 - JSON
    """Return the request's body as JSON. Raises `Problem` 400."""
    try:
        return from_json(app.current_event.decoded_body or "")
    except ValueError as error:
        raise Problem(400, NOT_JSON, f"the body is not JSON: {error}") from error


def checked_body(app: Resolver, package: str, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return the body as a schema of a feature reads it (`standby.platform.schema.reader`). Raises `Problem` 400."""
    body = json_body(app)
    try:
        return reader(package, name, app.ids())(body)
    except UnfitError as error:
        raise malformed(*error.wrong) from error


def form_fields(app: APIGatewayHttpResolver) -> dict[str, list[str]]:
    """Return the fields of a form that a page posted; any other body has none. Raises `Problem` 400."""
    event = app.current_event
    kind = (event.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind != FORM:
        return {}
    try:
        return parse_qs(event.decoded_body or "", keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise malformed("the form cannot be read") from error


def query_values(app: APIGatewayHttpResolver, name: str) -> list[str]:
    """Return all values of a parameter of the query, in their order. Raises `Problem` 400.

    They come from the query as it was written, because the gateway joins the values of a repeated name with commas.
    """
    return [value for given, value in _query(app) if given == name]


def query_value(app: APIGatewayHttpResolver, name: str) -> str | None:
    """Return the value of a parameter of the query that stands there once, if at all. Raises `Problem` 400."""
    values = query_values(app, name)
    if len(values) > 1:
        raise malformed(f"{name}: stands there {len(values)} times")
    return values[0] if values else None


def identifier(app: Resolver, name: str, text: str) -> str:
    """Return a parameter as it is, an id as `Ids` reads it. Raises `Problem` 400."""
    if name not in IDENTIFIERS:
        return text
    try:
        read: str = getattr(app.ids(), IDENTIFIERS[name])(text)
    except IdentifierError as error:
        raise malformed(f"{name}: {error}") from error
    return read


def _kept(app: APIGatewayHttpResolver, made: Page | Download, operation: Operation) -> Page | Download:
    """Let others keep an answer for seconds, and answer whoever has it already that it is the same (RFC 9110 §13.1.2).

    A proxy that compresses marks an ``ETag`` as weak, and is answered all the same.
    """
    body = made.body or ""
    etag = f'"{sha256(body if isinstance(body, bytes) else body.encode()).hexdigest()[:ETAG_LENGTH]}"'
    headers = {"ETag": etag, **kept_headers(operation)}
    known = (app.current_event.headers.get("if-none-match") or "").split(",")
    if {etag, "*"} & {tag.strip().removeprefix("W/") for tag in known}:
        return Response(status_code=304, body="", headers=dict(headers))
    made.headers.update(headers)
    return made


def kept_headers(operation: Operation) -> dict[str, str]:
    """Return how long, and by which headers of the request, an operation's success may be kept."""
    varies = {"Vary": ", ".join(operation.varies)} if operation.varies else {}
    return {"Cache-Control": f"public, max-age={operation.fresh_seconds}", **varies}


def _asked(app: APIGatewayHttpResolver, name: str) -> str:
    value = query_value(app, name)
    if value is None:
        raise malformed(f"{name}: missing")
    return value


def _query(app: APIGatewayHttpResolver) -> tuple[tuple[str, str], ...]:
    try:
        return _pairs(app.current_event.raw_event.get("rawQueryString") or "")
    except ValueError as error:
        raise malformed("the query is not UTF-8, or too long") from error


@lru_cache(maxsize=1)
def _pairs(written: str) -> tuple[tuple[str, str], ...]:
    """Return the names and values of a query. One request asks for several of them, one after the other."""
    return tuple(parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS))


def _without(path: str, name: str) -> str:
    return path.replace(f"/<{name}>", "")


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


def key_holder(app: APIGatewayHttpResolver) -> str:
    """Return who calls, by the name of the key and its id, as what was decided is signed."""
    context = (app.current_event.raw_event["requestContext"].get("authorizer") or {}).get("lambda") or {}
    return f"{context.get('name', '')} ({context.get('key_id', '')})"


def prefers_html(app: APIGatewayHttpResolver) -> bool:
    """Tell whether ``Accept`` ranks HTML above JSON, which counts more because who accepts anything is a program."""
    return preferred(app, (JSON, HTML_MEDIA)) == HTML_MEDIA


def preferred(app: APIGatewayHttpResolver, offered: Sequence[str]) -> str:
    """Return which of some media types ``Accept`` ranks highest (RFC 9110 §12.5.1); the first where it names none.

    The closest range counts (``text/html``, ``text/*``, ``*/*``). At equal weight the closer one wins, then the one
    named first, then the one offered first.
    """
    ranges: dict[str, tuple[float, int]] = {}
    for place, part in enumerate((app.current_event.headers.get("accept") or "").split(",")):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        if WEIGHT.fullmatch(weight):
            ranges.setdefault(kind, (float(weight), -place))
    ranks = {kind: _rank(kind, ranges) for kind in offered}
    best = max(offered, key=lambda kind: ranks[kind])
    return best if ranks[best][0] > 0 else offered[0]


def takes_gzip(app: APIGatewayHttpResolver) -> bool:
    """Tell whether ``Accept-Encoding`` names gzip (RFC 9110 §12.5.3). Who sends none gets plain text."""
    for part in (app.current_event.headers.get("accept-encoding") or "").split(","):
        coding, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if coding in ("gzip", "x-gzip"):
            return not any(text.startswith("q=") and not text[2:].strip("0.") for text in parameters)
    return False


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
