"""The HTTP routes behind the link in the weekly list that ends it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform.http import PUBLIC, Handler, Page, Resolver, page, prefers_html
from standby.platform.link import LINK_PROBLEMS, browser_language

if TYPE_CHECKING:
    from standby.waitlist.answers import Left, Subscribed
    from standby.waitlist.subscribing import Unsubscribing

TOKEN = {"token": "the token in the mailed link"}


class Desk(Protocol):
    """Who answers."""

    @property
    def unsubscribing(self) -> "Unsubscribing":
        """Ends the list."""
        ...

    @property
    def default_locale(self) -> str:
        """The shop's language."""
        ...


class Readable(Protocol):
    """Answers a browser with a page when a route raises a problem, too."""

    def __call__(self, route: Handler, /) -> Handler:
        """Return the route that does."""
        ...


def add(
    app: Resolver,
    desk: Callable[[], Desk],
    readable: Readable,
    subject: Callable[[str], tuple[str, Mapping[str, Any]]],
) -> None:
    """Add the routes to the API's. ``subject`` opens the request's token; it raises `Problem` 404 or 410."""

    def shown(address: str, state: str, token: str) -> Page:
        from standby.waitlist.pages import digest_page  # noqa: PLC0415 - templates only where HTML is written

        locale = desk().unsubscribing.locale(address) or browser_language(app, desk().default_locale)
        return page(digest_page(locale, "done" if state == "done" else "ask", token=token))

    @app.operation(
        "GET /v1/waitlist/digest/leave",
        "Show what ending the weekly list of what is back in stock does",
        {200: "the button", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @readable
    def show_digest() -> "Subscribed | Page":
        token, about = subject("digest")
        if prefers_html(app):
            return shown(about["a"], "ask", token)
        return {"status": "subscribed"}

    @app.operation(
        "POST /v1/waitlist/digest/leave",
        "End the weekly list (also by one click, RFC 8058); what is waited for goes on",
        {200: "ended", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @readable
    def end_digest() -> "Left | Page":
        token, about = subject("digest")
        done = shown(about["a"], "done", token) if prefers_html(app) else None
        desk().unsubscribing.leave(about["a"])
        return done or {"status": "left"}
