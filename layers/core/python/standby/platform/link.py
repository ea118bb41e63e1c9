"""What a mailed link opens, for the routes behind it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from standby.platform.contact import accepted_language
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


def with_parameter(url: str, name: str, value: str) -> str:
    """Return an address with one more parameter."""
    parts = urlsplit(url)
    added = urlencode({name: value})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def browser_language(app: Resolver, default_locale: str) -> str:
    """Return the language that whoever follows a link reads first, as far as the browser says."""
    return accepted_language(app.current_event.headers.get("accept-language")) or default_locale


def readable(
    app: Resolver, package: str, default_locale: Callable[[], str], kinds: Mapping[str, str]
) -> Callable[[Handler], Handler]:
    """Answer a browser with a page when a route raises a problem, too: ``problem_page`` of the package's ``pages``.

    ``kinds`` are the problems that it has words of their own for, by their slugs; it knows others by their status.
    """

    def decorate(route: Handler) -> Handler:
        @wraps(route)
        def answered(**parameters: str) -> object:
            try:
                return route(**parameters)
            except Problem as problem:
                if not prefers_html(app):
                    raise
                write = import_module(f"{package}.pages").problem_page  # templates only where HTML is written
                kind = kinds.get(problem.slug, str(problem.status))
                return page(write(browser_language(app, default_locale()), kind), problem.status)

        return cast("Handler", answered)

    return decorate
