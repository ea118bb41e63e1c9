"""The HTTP routes behind the links in advertising that end it: the weekly list, and the store offers."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from standby.platform.http import PUBLIC, Handler, Page, Resolver, page, prefers_html
from standby.platform.link import LINK_PROBLEMS, browser_language

if TYPE_CHECKING:
    from standby.waitlist.answers import Left, Subscribed

TOKEN = {"token": "the token in the mailed link"}


class Ending(Protocol):
    """Ends one kind of advertising."""

    def locale(self, address: str) -> str | None:
        """Return the language in which an address gets it; ``None`` where it gets none."""
        ...

    def leave(self, address: str) -> None:
        """End it."""
        ...


class Desk(Protocol):
    """Who answers."""

    @property
    def unsubscribing(self) -> Ending:
        """Ends the list."""
        ...

    @property
    def refusing(self) -> Ending:
        """Ends the store offers."""
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


class Refused(NamedTuple):
    """A kind of advertising: the purpose of its links, the path and the words of its routes."""

    purpose: Literal["digest", "store_offers"]
    path: str
    what: str


DIGEST = Refused("digest", "digest", "the weekly list of what is back in stock")
STORE_OFFERS = Refused("store_offers", "store-offers", "the invitations to stores")
Subject = Callable[[str], tuple[str, Mapping[str, Any]]]


def add(app: Resolver, desk: Callable[[], Desk], readable: Readable, subject: Subject) -> None:
    """Add the routes to the API's. ``subject`` opens the request's token; it raises `Problem` 404 or 410."""
    _add(app, desk, readable, subject, refused=DIGEST, ending=lambda: desk().unsubscribing)
    _add(app, desk, readable, subject, refused=STORE_OFFERS, ending=lambda: desk().refusing)


def _add(
    app: Resolver,
    desk: Callable[[], Desk],
    readable: Readable,
    subject: Subject,
    *,
    refused: Refused,
    ending: Callable[[], Ending],
) -> None:
    def shown(address: str, state: Literal["ask", "done"], token: str) -> Page:
        from standby.waitlist.pages import refused_page  # noqa: PLC0415 - templates only where HTML is written

        locale = ending().locale(address) or browser_language(app, desk().default_locale)
        return page(refused_page(locale, refused.purpose, state, token=token))

    @app.operation(
        f"GET /v1/waitlist/{refused.path}/leave",
        f"Show what ending {refused.what} does",
        {200: "the button", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @readable
    def show() -> "Subscribed | Page":
        token, about = subject(refused.purpose)
        if prefers_html(app):
            return shown(about["a"], "ask", token)
        return {"status": "subscribed"}

    @app.operation(
        f"POST /v1/waitlist/{refused.path}/leave",
        f"End {refused.what} (also by one click, RFC 8058); what is waited for goes on",
        {200: "ended", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @readable
    def end() -> "Left | Page":
        token, about = subject(refused.purpose)
        done = shown(about["a"], "done", token) if prefers_html(app) else None
        ending().leave(about["a"])
        return done or {"status": "left"}
