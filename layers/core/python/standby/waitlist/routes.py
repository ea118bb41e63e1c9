"""The waitlist's HTTP routes (design §5.2), for customers, the shop's storefront and operators."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response

from standby.platform.caller import Proxies
from standby.platform.clock import Clock
from standby.platform.contact import language
from standby.platform.frozen import frozen
from standby.platform.http import (
    PUBLIC,
    Handler,
    Page,
    Problem,
    Resolver,
    caller_id,
    checked_body,
    form_fields,
    idempotency_key,
    malformed,
    page,
    prefers_html,
    query_value,
    resolver,
    source_ip,
)
from standby.platform.identifier import EXACT, Ids
from standby.platform.link import LINK_PROBLEMS, browser_language, opened, readable
from standby.platform.tokens import Tokens
from standby.waitlist import inputs, plain_form, refusing_routes, store_offer_routes
from standby.waitlist.catalogue import DiscontinuedError
from standby.waitlist.closing import ERASED, LEFT, Leaving
from standby.waitlist.directory import Directory
from standby.waitlist.explaining import Explainer
from standby.waitlist.limits import JoinLimit
from standby.waitlist.model import MOST_ENTRIES, ChangedMeanwhileError, Customer, Entry
from standby.waitlist.own_entries import AlreadyWaitingError, Mine, UnknownSkusError
from standby.waitlist.repeating import OtherBodyError, Request
from standby.waitlist.service import Calendar, FullError, GoneError, SignUp, StoppedError
from standby.waitlist.subscribing import Refusing, Unsubscribing

if TYPE_CHECKING:
    from standby.waitlist.answers import (
        Accepted,
        ConfirmationShown,
        Confirmed,
        CountsShown,
        EntryList,
        EntryShown,
        Left,
        Waiting,
        WaitlistExplained,
        Wished,
    )
    from standby.waitlist.store_offers import StoreOffers

FEATURE = "standby.waitlist"
BY_SKU = {"sku": "the SKU, percent-encoded"}
BY_ID = {"id": "the entry's id"}
TOKEN = {"token": "the token in the mailed link"}
AGAIN = {
    "Idempotency-Key": "the same for each repetition of one request, for 30 days; without it, a request is repeated by "
    "the same body for an hour, and as long as its entry waits"
}
STOPS = {
    LEFT: "left",
    ERASED: "was erased",
    "bounced": "a mail to the customer bounced",
    "complained": "the customer complained about a mail",
}
"""What happened, for each reason for which an address stopped."""
CONFIRM_PROBLEMS = {
    **LINK_PROBLEMS,
    410: "the link's time is over, or the entry is in line no more: told, ended or left, or nothing of it comes back",
}
BUSY_SECONDS = "1"
DISCONTINUED = "discontinued"
GONE = "gone"
"""The problem of an entry that was told, ended or left, or waits for what does not come back.

It has words of its own, which a link that expired has not.
"""


class Cards(Protocol):
    """Where it is told what SKUs are called."""

    def of(self, skus: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return the cards of SKUs; those that nobody described are left out."""
        ...


@frozen(kw_only=True)
class Desk:
    """The use cases behind the routes, and what the routes need beside them."""

    sign_up: SignUp
    leaving: Leaving
    unsubscribing: Unsubscribing
    refusing: Refusing
    store_offers: "Callable[[], StoreOffers]"
    """Loads where the shop makes store offers."""
    mine: Mine
    directory: Directory
    explainer: Explainer
    limit: JoinLimit
    proxies: Proxies
    tokens: Callable[[], Tokens]
    clock: Clock
    calendar: Calendar
    cards: Cards
    default_locale: str
    origins: Collection[str] = ()
    """Whose pages may post a form that signs up."""
    ids: Ids = EXACT


def application(desk: Callable[[], Desk]) -> Resolver:  # noqa: C901, PLR0915 - one short function a route
    """Return the resolver of ``waitlist_api``; ``desk`` is called when the first request needs it."""
    app = resolver(lambda: desk().ids)

    @app.operation(
        "POST /v1/waitlist",
        "Wait for any of several SKUs; a confirmation is mailed",
        {
            202: "accepted, whether address and SKUs are known or not",
            303: "of a form: to the page that says so",
            400: "malformed",
            403: "from a page that is none of the shop's, and not sent as `application/json`",
            413: "a form that is too large",
            415: "a form with files, or not in UTF-8",
            429: "too many from this IP",
        },
        body="waitlist.join",
        form="waitlist.form",
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def join() -> "Accepted":
        """A page's plain form may be posted here too, from the origins in `cors_origins`."""
        at = desk()

        def admit() -> None:
            wait = at.limit.seconds_to_wait(source_ip(app, at.proxies))
            if wait:
                raise Problem(429, "too-many-requests", "too many sign-ups", headers={"Retry-After": str(wait)})

        def wish(body: Mapping[str, Any]) -> None:
            now = at.clock.now()
            at.sign_up.join(inputs.wish(body, calendar=at.calendar, now=now, default_locale=at.default_locale))

        if plain_form.is_posted(app):
            made = plain_form.taken(app, default_locale=at.default_locale, origins=at.origins, admit=admit, join=wish)
            return cast("Accepted", made)  # 303 has no content that would be described
        plain_form.guard(app, at.origins)
        admit()
        wish(checked_body(app, FEATURE, "waitlist.join"))
        return {"status": "accepted"}

    @app.operation(
        "GET /v1/waitlist/asked",
        "Show what happens after a sign-up by a plain form",
        {200: "the page, which is the same for everybody"},
        parameters={"locale": "the page's language; else the browser's"},
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def show_asked() -> Page:
        """It knows nothing of who signed up."""
        from standby.waitlist.pages import asked_page  # noqa: PLC0415 - templates only where HTML is written

        said = language(query_value(app, "locale"))
        return page(asked_page(said or browser_language(app, desk().default_locale)))

    @app.operation(
        "POST /v1/waitlist/entries",
        "Put somebody on the list whose consent the shop already has",
        {
            202: "accepted, also when the same request comes again",
            400: "malformed",
            409: "not in line: left, bounced or complained since that consent, suppressed, too many entries, or "
            "nothing of it comes back",
            422: "the `Idempotency-Key` was used for another request",
        },
        body="waitlist.entry",
        headers=AGAIN,
        scope="storefront",
    )
    @_understood
    def enroll() -> "Accepted":
        at = desk()
        body = checked_body(app, FEATURE, "waitlist.entry")
        now = at.clock.now()
        wish = inputs.wish(body, calendar=at.calendar, now=now, default_locale=at.default_locale)
        given = inputs.consented_at(body["consent"]["at"], now)
        request = Request.of(caller_id(app), idempotency_key(app), body)
        at.sign_up.enroll(wish, consented_at=given, source=body["consent"]["source"], request=request)
        return {"status": "accepted"}

    @app.operation(
        "GET /v1/waitlist/confirm",
        "Show what a confirmation is about",
        {200: "its SKUs; of a confirmed entry those that are in line", **CONFIRM_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def show_confirmation() -> "ConfirmationShown | Page":
        token, subject = _subject(app, desk(), "confirm")
        entry = desk().sign_up.pending(subject["a"], subject["e"])
        if prefers_html(app):
            from standby.waitlist.pages import confirm_page  # noqa: PLC0415 - templates only where HTML is written

            state = "done" if entry.waiting else "ask"
            cards = desk().cards.of(entry.skus)
            shown = confirm_page(entry.locale, state, token=token, cards=cards, **_wished(entry))  # type: ignore[arg-type]
            return page(shown)
        return {"status": "confirmed" if entry.waiting else "unconfirmed", **_wished(entry)}

    @app.operation(
        "POST /v1/waitlist/confirm",
        "Confirm and get in line",
        {
            200: "in line",
            409: "waiting for as much as one may; the link works once another entry has ended",
            **CONFIRM_PROBLEMS,
        },
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def confirm() -> "Confirmed | Page":
        token, subject = _subject(app, desk(), "confirm")
        try:
            entry = desk().sign_up.confirm(subject["a"], subject["e"])
        except FullError:
            if not prefers_html(app):
                raise
            return _full(desk(), subject["a"])
        if prefers_html(app):
            from standby.waitlist.pages import confirm_page  # noqa: PLC0415 - templates only where HTML is written

            cards = desk().cards.of(entry.skus)
            return page(confirm_page(entry.locale, "done", token=token, cards=cards, **_wished(entry)))
        return {"status": "confirmed", "skus": list(entry.skus)}

    @app.operation(
        "GET /v1/waitlist/leave",
        "Show what leaving does",
        {200: "the button", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def show_leaving() -> "Waiting | Page":
        token, subject = _subject(app, desk(), "leave")
        if prefers_html(app):
            from standby.waitlist.pages import leave_page  # noqa: PLC0415 - templates only where HTML is written

            return page(leave_page(_locale(app, desk(), subject["a"]), "ask", token=token))
        return {"status": "waiting"}

    @app.operation(
        "POST /v1/waitlist/leave",
        "Leave: end all entries of the address (also by one click, RFC 8058)",
        {200: "left", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def leave() -> "Left | Page":
        token, subject = _subject(app, desk(), "leave")
        locale = _locale(app, desk(), subject["a"]) if prefers_html(app) else ""
        desk().leaving.leave(subject["a"])
        if prefers_html(app):
            from standby.waitlist.pages import leave_page  # noqa: PLC0415 - templates only where HTML is written

            return page(leave_page(locale, "done", token=token))
        return {"status": "left"}

    refusing_routes.add(app, desk, _readable(app, desk), lambda purpose: _subject(app, desk(), purpose))
    store_offer_routes.add(app, desk, _understood)

    @app.operation(
        "GET /v1/waitlist/mine",
        "Show own entries, and the weekly list with its categories",
        {200: "the entries", **LINK_PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def show_mine() -> "EntryList | Page":
        token, subject = _subject(app, desk(), "mine")
        customer, entries = desk().mine.entries(subject["a"])
        if prefers_html(app):
            from standby.waitlist.pages import mine_page  # noqa: PLC0415 - templates only where HTML is written

            saved = "saved" in app.current_event.query_string_parameters
            locale = _spoken(customer) or browser_language(app, desk().default_locale)
            return page(mine_page(locale, entries, token=token, saved=saved, **_about(desk(), customer, entries)))
        return {"items": entries, "next": None, "digest": desk().mine.digest(customer)}

    @app.operation(
        "PATCH /v1/waitlist/mine/<id>",
        "Change an own entry",
        {
            200: "the entry as it is now",
            400: "malformed",
            409: "already waiting for it, or it does not come back",
            **LINK_PROBLEMS,
        },
        body="waitlist.change",
        parameters={**BY_ID, **TOKEN},
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def change(id: str) -> "EntryShown":
        _, subject = _subject(app, desk(), "mine")
        body = checked_body(app, FEATURE, "waitlist.change")
        wanted = inputs.change(body, calendar=desk().calendar, now=desk().clock.now())
        return desk().mine.change(subject["a"], id, wanted)

    @app.operation(
        "DELETE /v1/waitlist/mine/<id>",
        "End an own entry; the id `digest` ends the weekly list, `all` ends that and every entry",
        {204: "ended", **LINK_PROBLEMS},
        parameters={**BY_ID, **TOKEN},
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def remove(id: str) -> None:
        _, subject = _subject(app, desk(), "mine")
        _end(desk(), subject["a"], id)

    @app.operation(
        "POST /v1/waitlist/mine/<id>",
        "Change or end an own entry by the page's form; `digest` and `all` are ids as for `DELETE`",
        {303: "back to the entries", 400: "malformed", **LINK_PROBLEMS},
        parameters={**BY_ID, **TOKEN},
        pages=True,
        scope=PUBLIC,
    )
    @_readable(app, desk)
    def submit(id: str) -> Page:
        token, subject = _subject(app, desk(), "mine")
        form = form_fields(app)
        if form.get("action") == ["leave"]:
            _end(desk(), subject["a"], id)
        elif form.get("action") == ["update"]:
            wanted = inputs.form_change(form, calendar=desk().calendar, now=desk().clock.now())
            desk().mine.change(subject["a"], id, wanted)
        else:
            raise malformed("action: must be update or leave")
        # A relative address, because the API may be served below a stage's path.
        return Response(status_code=303, headers={"Location": f"../mine?token={quote(token)}&saved=1"}, body="")

    @app.operation(
        "GET /v1/waitlist/<sku>",
        "Count who waits for a SKU",
        {200: "the counts, which are 0 for a SKU that nobody ever waited for"},
        parameters=BY_SKU,
        scope="ops",
    )
    def show_counts(sku: str) -> "CountsShown":
        return desk().explainer.counts(sku)

    @app.operation(
        "GET /v1/waitlist/<sku>/why",
        "Explain who was told and why",
        {200: "the steps"},
        parameters=BY_SKU,
        scope="ops",
    )
    def explain(sku: str) -> "WaitlistExplained":
        return desk().explainer.why(sku)

    return app


def _readable(app: Resolver, desk: Callable[[], Desk]) -> Callable[[Handler], Handler]:
    """Answer a browser with a page when the route raises a problem, too."""
    for_browsers = readable(app, FEATURE, lambda: desk().default_locale, {GONE: GONE, DISCONTINUED: GONE})
    return lambda route: for_browsers(_understood(route))


def _understood(route: Handler) -> Handler:
    """Turn the errors of the use cases into HTTP problems."""

    @wraps(route)
    def answered(**parameters: str) -> object:
        try:
            return route(**parameters)
        except GoneError as error:
            raise Problem(410, GONE, "the entry has ended") from error
        except AlreadyWaitingError as error:
            raise Problem(409, "already-waiting", "other entries of this address wait for that already") from error
        except UnknownSkusError as error:
            raise malformed(*(f"skus: {sku} is unknown" for sku in error.skus)) from error
        except DiscontinuedError as error:
            raise Problem(409, DISCONTINUED, f"does not come back: {error}") from error
        except OtherBodyError as error:
            raise Problem(422, "other-request", "this Idempotency-Key was used for another request") from error
        except StoppedError as error:
            raise Problem(409, *_stopped(error)) from error
        except FullError as error:
            raise Problem(409, "too-many-entries", f"an address has at most {MOST_ENTRIES} entries") from error
        except ChangedMeanwhileError as error:
            detail = "somebody else is changing the same; trying again helps"
            raise Problem(503, "busy", detail, headers={"Retry-After": BUSY_SECONDS}) from error

    return cast("Handler", answered)


def _stopped(error: StoppedError) -> tuple[str, str]:
    """Return the type and the words of the problem that an address stopped."""
    if error.why in {LEFT, ERASED}:
        return "left", f"the customer {STOPS[error.why]} after that consent"
    if error.lasting:
        return "suppressed", f"{STOPS[error.why]}; the address gets no mail until an operator lifts that"
    return "suppressed", f"{STOPS[error.why]} after that consent; a newer consent counts"


def _subject(app: Resolver, at: Desk, purpose: str) -> tuple[str, Mapping[str, Any]]:
    """Return the request's token and what it opens. Raises `Problem` 404 or 410."""
    token = app.current_event.query_string_parameters.get("token") or (form_fields(app).get("token") or [""])[0]
    return token, opened(at.tokens(), purpose, token, at.clock.now())


def _wished(entry: Entry) -> "Wished":
    """Return all that a confirmation confirms."""
    return {
        "skus": list(entry.skus),
        "quantity": entry.quantity,
        "until": entry.until,
        "marketing": entry.consent.marketing,
        "digest": entry.digest,
    }


def _full(at: Desk, address: str) -> Page:
    """Show the entries of somebody who may have no more of them, so that one of them can be ended.

    The link in the mailbox that led here proves as much as the one that opens this page.
    """
    from standby.waitlist.pages import mine_page  # noqa: PLC0415 - templates only where HTML is written

    customer, entries = at.mine.entries(address)
    token = at.sign_up.links.mine(address, at.clock.now())
    locale = _spoken(customer) or at.default_locale
    return page(mine_page(locale, entries, token=token, full=True, **_about(at, customer, entries)), 409)


def _about(at: Desk, customer: Customer, entries: "Sequence[EntryShown]") -> dict[str, Any]:
    """Return what the catalogue says of everything that somebody waits for, and the categories of their weekly list."""
    digest = at.mine.digest(customer)
    cards = at.cards.of(sku for entry in entries for sku in entry["skus"])
    return {"cards": cards, "followed": None if digest is None else digest["categories"]}


def _spoken(customer: Customer) -> str:
    """Return the language in which somebody signed up last; empty where that is not known any more."""
    return customer.locale or (customer.digest.locale if customer.digest else "")


def _end(at: Desk, address: str, entry_id: str) -> None:
    """End an entry, the weekly list, or everything."""
    match entry_id:
        case "all":
            at.leaving.leave(address)
        case "digest":
            at.unsubscribing.leave(address)
        case _:
            at.mine.remove(address, entry_id)


def _locale(app: Resolver, at: Desk, address: str) -> str:
    """Return the language in which somebody signed up, else the browser's."""
    return at.directory.customers.customer(address).locale or browser_language(app, at.default_locale)
