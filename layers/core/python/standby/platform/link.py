"""What a mailed link opens, for the routes behind it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from standby.platform.http import Handler, Problem, Resolver, page, prefers_html

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens

LINK_PROBLEMS = {404: "the link is not one of ours", 410: "the link's time is over"}


def opened(tokens: "Tokens", purpose: str, token: str, now: datetime) -> Mapping[str, Any]:
    """Return the subject that a link's token opens. Raises `Problem` 404 or 410."""
    from standby.platform.tokens import TokenError, TokenExpiredError  # noqa: PLC0415 - few requests follow a link

    try:
        return tokens.read(purpose, token, now=now)
    except TokenExpiredError as error:
        raise Problem(410, "link-expired", "the link's time is over") from error
    except TokenError as error:
        raise Problem(404, "bad-link", "the link is not one of ours") from error


def readable(app: Resolver, written: Callable[[Problem], str]) -> Callable[[Handler], Handler]:
    """Answer a browser with a page when a route raises a problem, too; ``written`` writes it."""

    def decorate(route: Handler) -> Handler:
        @wraps(route)
        def answered(**parameters: str) -> object:
            try:
                return route(**parameters)
            except Problem as problem:
                if not prefers_html(app):
                    raise
                return page(written(problem), problem.status)

        return cast("Handler", answered)

    return decorate
