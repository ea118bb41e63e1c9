"""The HTTP route to what is back in stock: as JSON, as an Atom feed, as a page, and as a piece of one."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import Response

from standby.availability.asking import LOCALE, reader
from standby.availability.returns import MOST_SHOWN, CursorError, Place, Returns
from standby.platform.http import (
    ACCEPT,
    HTML_MEDIA,
    JSON,
    LANGUAGE,
    PUBLIC,
    Page,
    Resolver,
    malformed,
    page,
    preferred,
    query_value,
)

if TYPE_CHECKING:
    from standby.availability.answers import ReturnList

FRESH_SECONDS = 30
"""How long a browser or a CDN may show it again without asking."""
ATOM = "application/atom+xml"
FRAGMENT = "fragment"
FORMATS = {"json": JSON, "atom": ATOM, "html": HTML_MEDIA, FRAGMENT: FRAGMENT}
"""Values of ``format``; without it, ``Accept`` chooses among the first three."""
LONGEST_CATEGORY = 200
NUMBER = re.compile(r"[0-9]{1,3}")
BAD_CURSOR = "after: not a place of this list"


def add(app: Resolver, returns: Callable[[], Returns], public_url: Callable[[], str], shop: Callable[[], str]) -> None:
    """Add the route to the API's. ``public_url`` is where the API is reached, ``shop`` what the shop is called."""

    @app.operation(
        "GET /v1/back-in-stock",
        "Show what is back in stock and can be bought, the newest first: a list, a feed or a page",
        {
            200: "the products; none where nothing came back, and for an unknown category",
            400: "malformed, or after is not a place of this list",
        },
        parameters={
            "category": "only products of this category, as the catalogue names it",
            "after": "the `next` of the page before",
            "limit": f"how many products at most, up to {MOST_SHOWN}; without it, as many",
            "format": f"{', '.join(FORMATS)}; without it, `Accept` chooses. A fragment is a piece of a page",
            **LOCALE,
        },
        fresh_seconds=FRESH_SECONDS,
        varies=(ACCEPT, LANGUAGE),
        media=(ATOM, HTML_MEDIA),
        scope=PUBLIC,
    )
    def show_returns() -> "ReturnList | Page":
        """What was there for the first time is new, not back. What is sold out again or does not come back goes."""
        form, badges = _form(app), returns().badges
        asking = reader(app, badges.wording)
        category, after, limit, locale = (query_value(app, name) for name in ("category", "after", "limit", "locale"))
        if category is not None and not 0 < len(category) <= LONGEST_CATEGORY:
            raise malformed(f"category: must have 1 to {LONGEST_CATEGORY} characters")
        found = returns().of(category, _place(after), _most(limit), asking)
        if form == JSON:
            return found
        from standby.availability import returns_written as written  # noqa: PLC0415 - Jinja is long in coming

        about = written.About(
            public_url=public_url(), shop=shop(), language=asking.language, locale=locale, after=after, zone=badges.zone
        )
        if form == ATOM:
            body = written.atom(found, about, badges.clock.now())
            return Response(status_code=200, content_type=f"{ATOM}; charset=utf-8", body=body)
        return page(written.fragment(found, about) if form == FRAGMENT else written.whole(found, about))


def _form(app: Resolver) -> str:
    """Return the form of the answer. Raises `Problem` 400."""
    asked = query_value(app, "format")
    if asked is None:
        return preferred(app, (JSON, ATOM, HTML_MEDIA))
    if asked not in FORMATS:
        raise malformed(f"format: must be one of {', '.join(FORMATS)}")
    return FORMATS[asked]


def _place(said: str | None) -> Place | None:
    """Read where a page begins. Raises `Problem` 400."""
    try:
        return None if said is None else Place.of(said)
    except CursorError as error:
        raise malformed(BAD_CURSOR) from error


def _most(said: str | None) -> int:
    """Read how many products are wanted. Raises `Problem` 400."""
    if said is None:
        return MOST_SHOWN
    if not NUMBER.fullmatch(said) or not 1 <= int(said) <= MOST_SHOWN:
        raise malformed(f"limit: must be a whole number from 1 to {MOST_SHOWN}")
    return int(said)
