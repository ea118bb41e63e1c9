"""The routes behind the links in mails about reservations (design §5.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.platform.contact import accepted_language
from standby.platform.http import PUBLIC, Page, Problem, Resolver, page, prefers_html
from standby.platform.link import LINK_PROBLEMS, opened, readable
from standby.preorder.links import PURPOSE, RESERVATION

if TYPE_CHECKING:
    from standby.preorder.answers import OwnShown
    from standby.preorder.model import Reservation
    from standby.preorder.routes import Desk

TOKEN = {"token": "the token in the mailed link"}
GONE = "gone"
"""The problem of a link whose reservation ended so long ago that it is kept no more."""


def add_own_routes(app: Resolver, desk: "Callable[[], Desk]") -> None:
    """Add the routes that a signed link opens to its customer."""

    def written(problem: Problem) -> str:
        from standby.preorder.pages import problem_page  # noqa: PLC0415 - templates only where HTML is written

        return problem_page(_language(app, desk()), GONE if problem.slug == GONE else str(problem.status))

    @app.operation(
        "GET /v1/preorders/<token>",
        "Show an own reservation, its place in line, and what happens next",
        {200: "the reservation as it is now", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @readable(app, written)
    def show_own(token: str) -> "OwnShown | Page":
        known = _opened(desk(), token)
        if prefers_html(app):
            return page(_page(app, desk(), known))
        return desk().own.shown(known)


def _opened(at: "Desk", token: str) -> "Reservation":
    """Return the reservation that a link opens. Raises `Problem` 404 or 410."""
    subject = opened(at.tokens(), PURPOSE, token, at.clock.now())
    known = at.own.reservation(subject[RESERVATION])
    if known is None:
        raise Problem(410, GONE, "the reservation ended so long ago that nothing is kept of it")
    return known


def _page(app: Resolver, at: "Desk", known: "Reservation") -> str:
    from standby.preorder.pages import own_page  # noqa: PLC0415 - templates only where HTML is written

    locale = known.customer.locale if known.customer else _language(app, at)
    cards = at.cards.of(line.sku for line in known.lines)
    return own_page(locale, at.own.shown(known), cards=cards, zone=at.shop_time_zone)


def _language(app: Resolver, at: "Desk") -> str:
    return accepted_language(app.current_event.headers.get("accept-language")) or at.default_locale
