"""The HTTP routes of the feed for shopping platforms."""

from collections.abc import Callable, Sequence

from aws_lambda_powertools.event_handler import Response

from standby.availability import feed
from standby.platform.http import ENCODING, PUBLIC, Download, Problem, Resolver, malformed, query_value, takes_gzip

FRESH_SECONDS = 60
"""How long a CDN may show a feed again without asking. It is much work, and platforms fetch it a few times a day."""
PARTS = {
    "part": "which part of the feed, from 1; without it, all of it",
    "parts": f"into how many parts it is divided: {', '.join(map(str, feed.PARTS))}",
}
ANSWERS = {
    200: "the file; gzip for whoever takes it",
    400: "malformed, or longer than an answer can be: ask for it in parts, or take gzip",
}
TSV, JSONL = "text/tab-separated-values", "application/x-ndjson"


def add(app: Resolver, made: Callable[[], feed.Feed]) -> None:
    """Add the routes of the feed to the API's."""

    @app.operation(
        "GET /v1/feeds/availability.tsv",
        "Tell shopping platforms what can be had: a supplemental feed of all SKUs, in Google's words",
        ANSWERS,
        parameters=PARTS,
        fresh_seconds=FRESH_SECONDS,
        varies=(ENCODING,),
        media=(TSV,),
        scope=PUBLIC,
    )
    def feed_tsv() -> Download:
        """A heading, then `id`, `availability` and `availability_date` (ISO 8601; only of what is sold ahead)."""
        return _file(app, made(), feed.tsv, TSV, heading=feed.tsv(feed.COLUMNS))

    @app.operation(
        "GET /v1/feeds/availability.jsonl",
        "The same, a JSON object a line",
        ANSWERS,
        parameters=PARTS,
        fresh_seconds=FRESH_SECONDS,
        varies=(ENCODING,),
        media=(JSONL,),
        scope=PUBLIC,
    )
    def feed_jsonl() -> Download:
        return _file(app, made(), feed.jsonl, JSONL)


def _file(app: Resolver, made: feed.Feed, write: feed.Write, media: str, *, heading: str = "") -> Download:
    """Answer with a feed or with a part of it. Raises `Problem` 400."""
    parts = _number(app, "parts", feed.PARTS)
    part = _number(app, "part", range(1, parts + 1))
    packed = takes_gzip(app)
    try:
        body = made.written(write, heading=heading, part=part, parts=parts, packed=packed)
    except feed.TooLongError as error:
        raise Problem(400, "too-long", "longer than an answer can be: ask for parts, or take gzip") from error
    headers = {"Content-Encoding": "gzip"} if packed else {}
    return Response(status_code=200, content_type=f"{media}; charset=utf-8", body=body, headers=dict(headers))


def _number(app: Resolver, name: str, known: Sequence[int]) -> int:
    """Return a number of the query, the first of those that it may be where it is not there. Raises `Problem` 400."""
    said = query_value(app, name)
    if said is None:
        return known[0]
    found = {str(number): number for number in known}.get(said)
    if found is None:
        raise malformed(f"{name}: must be one of {', '.join(map(str, known))}")
    return found
