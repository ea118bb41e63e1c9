"""The routes behind the links in mails about orders (design §5.2)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response

from standby.delivery.choice_model import RefusedError
from standby.delivery.links import ORDER, PURPOSE
from standby.delivery.tracking import Tracking
from standby.platform.clock import Clock
from standby.platform.code_said import ON_THE_PAGE, code_problems, code_said
from standby.platform.frozen import frozen
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
    resolver,
)
from standby.platform.json_text import from_json
from standby.platform.link import LINK_PROBLEMS, browser_language, opened, readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from standby.delivery.answers import TrackShown
    from standby.delivery.choosing import Choosing
    from standby.delivery.model import Order
    from standby.platform.tokens import Tokens

TOKEN = {"token": "the token in the mailed link"}
FEATURE = "standby.delivery"
GONE = "gone"
"""The problem of a link whose order ended so long ago that it is kept no more."""
REFUSED = frozenset(
    {
        *("day-changed", "too-late", "nothing-to-wait-for", "unknown-shipment", "too-many"),
        *("nothing-to-answer", "nothing-late", "no-address", "withdrawal-closed", "order-changed"),
    }
)
"""Problems that the page of the order says in its own words."""
CONFIRMED = "yes"
YES, NO = "yes", "no"
SHOWN = "shown"
"""The field of the form that confirms a withdrawal: the lines that its page showed, as JSON."""
MOST_WORDING = 100
MOST_NAMED = 100
"""SKUs of an order of which the page says what they are called; the others stand there by themselves."""
BACK = {303: "back to the order, for the page's form"}


class Cards(Protocol):
    """What SKUs are called."""

    def of(self, skus: "Iterable[str]") -> Mapping[str, Any]:
        """Return what SKUs are called; those that nobody described are left out."""
        ...


@frozen(kw_only=True)
class CustomerDesk:
    """The use cases behind the links."""

    tracking: Tracking
    choosing: "Callable[[], Choosing]"
    """Loads what takes a customer's word, for whoever does more than look."""
    tokens: "Callable[[], Tokens]"
    cards: Cards
    clock: Clock
    default_locale: str
    shop_time_zone: str


def application(desk: Callable[[], CustomerDesk]) -> Resolver:  # noqa: C901 - one short function a route
    """Return the resolver of ``delivery_viewer``; ``desk`` is called when the first request needs it."""
    app = resolver()
    for_browsers = readable(app, FEATURE, lambda: desk().default_locale, {GONE: GONE})

    @app.operation(
        "GET /v1/track/<token>",
        "Show an own order: what was promised, what is known, what happened, and what its customer can do",
        {200: "the order as it is now", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def show_order(token: str) -> "TrackShown | Page":
        known = _opened(desk(), token)
        if prefers_html(app):
            return page(_page(app, desk(), known, token, forms=f"{quote(token)}/", home=""))
        return desk().tracking.shown(known)

    @app.operation(
        "POST /v1/track/<token>/wait",
        "Agree to the new day of a shipment that was shown; the same again changes nothing",
        {
            200: "the customer waits",
            **BACK,
            400: "malformed",
            409: "another day is expected now, or there is nothing to wait for",
            **LINK_PROBLEMS,
        },
        body="track.wait",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def wait_for_order(token: str) -> "TrackShown | Page":
        known = _opened(desk(), token)
        return _chosen(app, desk(), token, lambda: desk().choosing().wait(known.order_id, **_waits(app)))

    @app.operation(
        "POST /v1/track/<token>/arrived",
        "Say whether a shipment is there of which no carrier says where it is; the same again changes nothing",
        {
            200: "noted",
            **BACK,
            400: "malformed",
            409: "its day is not over, or where it is, is known",
            **LINK_PROBLEMS,
        },
        body="track.arrived",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def answer_for_order(token: str) -> "TrackShown | Page":
        known = _opened(desk(), token)
        return _chosen(app, desk(), token, lambda: desk().choosing().answer(known.order_id, **_answer(app)))

    @app.operation(
        "POST /v1/track/<token>/cancel",
        "Cancel what is late of an own order: without a code one is mailed, with it the shop is asked to cancel",
        {
            200: "passed on to the shop, or over already",
            202: "noted, and a code is mailed",
            **BACK,
            400: "malformed",
            409: "not the mailed code, no code that can be right, or nothing is late",
            429: "too many codes about it today",
            **LINK_PROBLEMS,
        },
        body="track.cancel",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def cancel_order(token: str) -> "TrackShown | Page":
        known = _opened(desk(), token)

        def cancelled() -> "Order":
            said = code_said(app, FEATURE, "track.cancel")
            with code_problems():
                choosing = desk().choosing()
                return choosing.press(known.order_id) if said is None else choosing.carry_out(known.order_id, said)

        return _chosen(app, desk(), token, cancelled)

    @app.operation(
        "POST /v1/track/<token>/withdraw",
        "Withdraw from an own order by law: the first step shows what it is about, `confirm` carries it out",
        {
            200: "withdrawn; an acknowledgement with date and time is mailed",
            202: "nothing happened yet: confirm it",
            **BACK,
            400: "malformed",
            409: "the time to withdraw is over",
            **LINK_PROBLEMS,
        },
        body="track.withdraw",
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    def withdraw_order(token: str) -> "TrackShown | Page":
        known = _opened(desk(), token)
        if _confirms(app):
            lines = _lines_shown(app)
            return _chosen(app, desk(), token, lambda: desk().choosing().withdraw(known.order_id, lines))
        shown = desk().tracking.shown(known)
        if not shown["withdraw"]["open"]:
            return _chosen(app, desk(), token, lambda: desk().choosing().withdraw(known.order_id))
        if prefers_html(app):
            return page(_page(app, desk(), known, token, confirm_to=_hidden(known)))
        return answer(shown, 202)

    return app


def _chosen(app: Resolver, at: CustomerDesk, token: str, choose: "Callable[[], Order]") -> "TrackShown | Page":
    """Carry out what a customer chose and answer with the order as it is then, or lead a browser back to its page."""
    try:
        made = choose()
    except RefusedError as error:
        problem = Problem(409, error.slug, str(error))
        problem.__cause__ = error
    except Problem as raised:
        problem = raised
    else:
        if prefers_html(app):
            # A relative address, because the API may be served below a stage's path.
            return Response(status_code=303, headers={"Location": f"../{quote(token)}"}, body="")
        shown = at.tracking.shown(made)
        return answer(shown, 202) if shown["cancel"]["asked_at"] and _presses(app) else shown
    if not prefers_html(app) or problem.slug not in ON_THE_PAGE | REFUSED:
        raise problem
    return page(_page(app, at, _opened(at, token), token, wrong=problem.slug), problem.status)


def _presses(app: Resolver) -> bool:
    return app.current_event.path.endswith("/cancel")


def _waits(app: Resolver) -> dict[str, Any]:
    """Return what a customer agrees to, from a form or as JSON. Raises `Problem` 400."""
    form = form_fields(app)
    said: Mapping[str, Any]
    if form:
        said = {name: values[0] for name, values in form.items() if name in ("shipment_id", "until", "wording")}
        said = {name: text for name, text in said.items() if text}
        if "wording" not in said or len(said["wording"]) > MOST_WORDING:
            raise malformed("wording: missing or too long")
    else:
        said = checked_body(app, FEATURE, "track.wait")
    return {"shipment_id": said.get("shipment_id"), "until": said.get("until"), "wording": said["wording"]}


def _answer(app: Resolver) -> dict[str, Any]:
    """Return whether something is there, from a form or as JSON. Raises `Problem` 400."""
    form = form_fields(app)
    if not form:
        said = checked_body(app, FEATURE, "track.arrived")
        return {"shipment_id": said.get("shipment_id"), "arrived": said["arrived"]}
    if form.get("arrived") not in ([YES], [NO]):
        raise malformed("arrived: yes or no")
    return {"shipment_id": form.get("shipment_id", [""])[0] or None, "arrived": form["arrived"] == [YES]}


def _confirms(app: Resolver) -> bool:
    """Tell whether a request is the second step, from a form or as JSON. Raises `Problem` 400.

    A form that does not say what its page showed is the first step: nobody withdraws from what they did not see.
    """
    form = form_fields(app)
    if form or not app.current_event.decoded_body:
        return form.get("confirm") == [CONFIRMED] and SHOWN in form
    return bool(checked_body(app, FEATURE, "track.withdraw").get("confirm"))


def _lines_shown(app: Resolver) -> list[str] | None:
    """Return the lines that were shown, as a form or JSON names them; ``None``: none is named. Raises `Problem` 400."""
    form = form_fields(app)
    if not form:
        named: list[str] | None = checked_body(app, FEATURE, "track.withdraw").get("line_ids")
        return named
    try:
        lines = from_json(form[SHOWN][0])
    except ValueError as error:
        raise malformed(f"{SHOWN}: cannot be read") from error
    if not isinstance(lines, list) or not all(isinstance(each, str) for each in lines):
        raise malformed(f"{SHOWN}: is no list of lines")
    return lines


def _opened(at: CustomerDesk, token: str) -> "Order":
    """Return the order that a link opens. Raises `Problem` 404 or 410."""
    subject = opened(at.tokens(), PURPOSE, token, at.clock.now())
    known = at.tracking.order(subject[ORDER])
    if known is None:
        raise Problem(410, GONE, "the order was so long ago that nothing is kept of it")
    return known


def _page(
    app: Resolver,
    at: CustomerDesk,
    known: "Order",
    token: str,
    *,
    forms: str = "",
    home: str | None = None,
    wrong: str | None = None,
    confirm_to: str | None = None,
) -> str:
    """Write the page of an order. ``forms`` leads to where its forms POST, from the address of the page."""
    from standby.delivery.pages import track_page  # noqa: PLC0415 - templates only where HTML is written

    customer = _customer(known)
    return track_page(
        customer.get("locale") or browser_language(app, at.default_locale),
        at.tracking.shown(known),
        cards=at.cards.of(list(dict.fromkeys(line["sku"] for line in known.lines.values()))[:MOST_NAMED]),
        zones=(customer.get("time_zone"), at.shop_time_zone),
        forms=forms,
        home=f"../{quote(token)}" if home is None else home,
        remedies=f"{'../' if forms else '../../'}remedies/{quote(token)}",
        wrong=wrong,
        confirm_to=confirm_to,
    )


def _customer(known: "Order") -> Mapping[str, str]:
    customer: Mapping[str, str] = {} if known.placed is None else known.placed.fields.get("customer", {})
    return customer


def _hidden(known: "Order") -> str:
    """Return a customer's address so that only they know it again."""
    name, at, domain = _customer(known).get("email", "").partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else ""
