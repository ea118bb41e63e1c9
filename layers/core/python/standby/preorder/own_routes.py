"""The routes behind the links in mails about reservations (design §5.2)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response

from standby.platform.code_said import ON_THE_PAGE, code_problems, code_said
from standby.platform.http import (
    PUBLIC,
    Page,
    Problem,
    Resolver,
    answer,
    checked_body,
    form_fields,
    malformed,
    page,
    prefers_html,
)
from standby.platform.link import LINK_PROBLEMS, browser_language, opened, readable
from standby.preorder.links import PURPOSE, RESERVATION
from standby.preorder.model import RefusedError

if TYPE_CHECKING:
    from standby.preorder.answers import OwnShown
    from standby.preorder.model import Reservation
    from standby.preorder.viewer_routes import CustomerDesk

TOKEN = {"token": "the token in the mailed link"}
FEATURE = "standby.preorder"
MOST_WORDING = 100
REFUSED = frozenset({"day-changed", "nothing-to-wait-for", "too-many"})
"""Problems of who waits that the page of the reservation says in its own words."""
GONE = "gone"
"""The problem of a link whose reservation ended so long ago that it is kept no more."""


def add_own_routes(app: Resolver, desk: "Callable[[], CustomerDesk]") -> None:
    """Add the routes that a signed link opens to its customer."""
    for_browsers = readable(app, FEATURE, lambda: desk().default_locale, {GONE: GONE})

    @app.operation(
        "GET /v1/preorders/<token>",
        "Show an own reservation, its place in line, and what happens next",
        {200: "the reservation as it is now", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def show_own(token: str) -> "OwnShown | Page":
        known = _opened(desk(), token)
        if prefers_html(app):
            return page(_page(app, desk(), known, forms=f"{quote(token)}/"))
        return desk().own.shown(known)

    _add_waiting(app, desk, for_browsers)

    @app.operation(
        "POST /v1/preorders/<token>/cancel",
        "Cancel an own reservation: without a code one is mailed, with it the reservation is cancelled",
        {
            200: "cancelled, passed on to the shop, or over already",
            202: "noted, every clock stands still, and a code is mailed",
            303: "back to the reservation, for the page's form",
            400: "malformed",
            409: "not the mailed code, no code that can be right, or its goods have left the house",
            429: "too many codes about it today",
            **LINK_PROBLEMS,
        },
        body="preorder.cancel",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def cancel_own(token: str) -> "OwnShown | Page":
        known = _opened(desk(), token)
        try:
            made = _cancelled(app, desk(), known)
        except Problem as problem:
            if not prefers_html(app) or problem.slug not in ON_THE_PAGE:
                raise
            return page(_page(app, desk(), _opened(desk(), token), wrong=problem.slug), problem.status)
        if prefers_html(app):
            # A relative address, because the API may be served below a stage's path.
            return Response(status_code=303, headers={"Location": f"../{quote(token)}"}, body="")
        shown = desk().own.shown(made)
        return shown if made.cancel_sent_at or shown["ended_at"] else answer(shown, 202)


def _add_waiting(app: Resolver, desk: "Callable[[], CustomerDesk]", for_browsers: "Callable[[Any], Any]") -> None:
    @app.operation(
        "POST /v1/preorders/<token>/wait",
        "Agree to the new day of an own reservation that was shown; the same again changes nothing",
        {
            200: "the customer waits",
            303: "back to the reservation, for the page's form",
            400: "malformed",
            409: "another day is expected now, or there is nothing to wait for",
            **LINK_PROBLEMS,
        },
        body="preorder.wait",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def wait_for_own(token: str) -> "OwnShown | Page":
        known = _opened(desk(), token)
        try:
            made = _agreed(app, desk(), known)
        except Problem as problem:
            if not prefers_html(app) or problem.slug not in REFUSED:
                raise
            return page(_page(app, desk(), _opened(desk(), token), wrong=problem.slug), problem.status)
        if prefers_html(app):
            return Response(status_code=303, headers={"Location": f"../{quote(token)}"}, body="")
        return desk().own.shown(made)


def _agreed(app: Resolver, at: "CustomerDesk", known: "Reservation") -> "Reservation":
    """Take the customer's word that they wait, and return the reservation as it is then. Raises `Problem`."""
    said = _waits(app)
    try:
        made = at.consenting().wait(known.reservation_id, until=said.get("until"), wording=said["wording"])
    except RefusedError as error:
        raise Problem(409, error.slug, str(error)) from error
    if made is None:
        raise Problem(410, GONE, "the reservation ended so long ago that nothing is kept of it")
    return made


def _waits(app: Resolver) -> "Mapping[str, str]":
    """Return what a customer agrees to, from a form or as JSON. Raises `Problem` 400."""
    form = form_fields(app)
    said: Mapping[str, str]
    if not form:
        said = checked_body(app, FEATURE, "preorder.wait")
        return said
    said = {name: values[0] for name, values in form.items() if name in ("until", "wording") and values[0]}
    if not 0 < len(said.get("wording", "")) <= MOST_WORDING:
        raise malformed("wording: missing or too long")
    return said


def _cancelled(app: Resolver, at: "CustomerDesk", known: "Reservation") -> "Reservation":
    """Press, or carry out with the code that the request has; return the reservation as it is then."""
    about, said = known.reservation_id, code_said(app, FEATURE, "preorder.cancel")
    try:
        with code_problems():
            made = at.cancelling().press(about) if said is None else at.cancelling().carry_out(about, said)
    except RefusedError as error:
        raise Problem(409, error.slug, str(error)) from error
    if made is None:
        raise Problem(410, GONE, "the reservation ended so long ago that nothing is kept of it")
    return made


def _opened(at: "CustomerDesk", token: str) -> "Reservation":
    """Return the reservation that a link opens. Raises `Problem` 404 or 410."""
    subject = opened(at.tokens(), PURPOSE, token, at.clock.now())
    known = at.own.reservation(subject[RESERVATION])
    if known is None:
        raise Problem(410, GONE, "the reservation ended so long ago that nothing is kept of it")
    return known


def _page(app: Resolver, at: "CustomerDesk", known: "Reservation", *, forms: str = "", wrong: str | None = None) -> str:
    """Write the page of a reservation. ``forms`` leads to where its forms POST, from the address of the page."""
    from standby.preorder.pages import own_page  # noqa: PLC0415 - templates only where HTML is written

    locale = known.customer.locale if known.customer else browser_language(app, at.default_locale)
    cards = at.cards.of({line.sku for line in known.every_line})
    own = at.own.shown(known)
    return own_page(locale, own, cards=cards, zone=at.shop_time_zone, forms=forms, wrong=wrong)
