"""The HTTP routes of pre-orders (design §5.2), for operators and the shop's storefront."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from standby.platform.clock import Clock, from_text, to_text
from standby.platform.contact import address, language
from standby.platform.frozen import frozen
from standby.platform.http import (
    Handler,
    Page,
    Problem,
    Resolver,
    answer,
    caller_id,
    checked_body,
    idempotency_key,
    key_holder,
    malformed,
    resolver,
)
from standby.platform.identifier import EXACT, Ids
from standby.platform.link import with_parameter
from standby.preorder.campaigns import CampaignDesk, terms_of
from standby.preorder.cancellation_routes import add_cancellation_routes
from standby.preorder.cursors import AFTER, BAD_CURSOR, after
from standby.preorder.early_links import EarlyLinks
from standby.preorder.ending import EndingDesk
from standby.preorder.model import MOST_UNITS, Customer, RefusedError
from standby.preorder.repository import ChangedMeanwhileError
from standby.preorder.service import OtherBodyError, Request, Reserving, Wish
from standby.preorder.showing import Cards, Shower

if TYPE_CHECKING:
    from standby.preorder.answers import CampaignLinkShown, CampaignShown, LinePage, ReservationShown
    from standby.preorder.campaign_cancelling import CampaignCancelling
    from standby.preorder.prioritising import Prioritising

FEATURE = "standby.preorder"
Known = TypeVar("Known")
ACCESS = "access_token"
"""The parameter by which a product's page in the shop learns of a link's token, and what reserving calls it."""
BY_SKU = {"sku": "the SKU, percent-encoded"}
BY_ID = {"id": "the reservation's id"}
AGAIN = {"Idempotency-Key": "the same for each repetition of one request, as long as its reservation is kept"}
NO_CAMPAIGN = {404: "the SKU never had a campaign"}
NO_RESERVATION = {404: "there is no such reservation"}


@frozen(kw_only=True)
class Desk:
    """The use cases behind the routes."""

    campaigns: CampaignDesk
    reserving: Reserving
    ending: EndingDesk
    shower: Shower
    campaign_cancelling: "Callable[[], CampaignCancelling]"
    prioritising: "Callable[[], Prioritising]"
    """Loads what makes exceptions, which operators seldom do."""
    clock: Clock
    default_locale: str
    links: EarlyLinks
    cards: Cards
    ids: Ids = EXACT


def application(desk: Callable[[], Desk]) -> Resolver:
    """Return the resolver of ``preorder_api``; ``desk`` is called when the first request needs it."""
    app = resolver(lambda: desk().ids)
    _add_campaign_routes(app, desk)
    _add_line_routes(app, desk)
    add_cancellation_routes(app, desk)

    @app.operation(
        "POST /v1/reservations",
        "Reserve units for one customer: all lines, or none",
        {
            201: "held; the same request again is answered the same",
            400: "malformed, or without an `Idempotency-Key`",
            409: "sold out, above the customer's limit, not open, or the promised day is over",
            422: "the `Idempotency-Key` was used for another request",
        },
        body="reservation",
        headers=AGAIN,
        scope="storefront",
    )
    @_understood
    def reserve() -> "ReservationShown":
        key = idempotency_key(app)
        if key is None:
            raise malformed("Idempotency-Key: missing")
        body = checked_body(app, FEATURE, "reservation")
        wish = _wish(body, desk().default_locale)
        made = desk().reserving.reserve(wish, Request.of(caller_id(app), key, body))
        return desk().shower.begun(made, [sku for sku, _ in wish.lines])

    @app.operation(
        "GET /v1/reservations/<id>",
        "Show a reservation",
        {200: "the reservation as it is now", **NO_RESERVATION},
        parameters=BY_ID,
        scope="storefront",
    )
    def show(id: str) -> "ReservationShown":
        return _found(desk().shower.of(id))

    @app.operation(
        "POST /v1/reservations/<id>/confirm",
        "Say that the order was placed, and perhaps paid",
        {200: "confirmed, now or before", 400: "malformed", 409: "it has expired or was cancelled", **NO_RESERVATION},
        body="reservation.confirm",
        parameters=BY_ID,
        scope="storefront",
    )
    @_understood
    def confirm(id: str) -> "ReservationShown":
        body = checked_body(app, FEATURE, "reservation.confirm") if app.current_event.decoded_body else {}
        made = desk().reserving.confirm(id, paid=body.get("paid", False))
        return desk().shower.shown(_found(made))

    @app.operation(
        "POST /v1/reservations/<id>/extend",
        "Let a hold last longer, two hours in all at most",
        {
            200: "the reservation; `expires_at` says until when",
            409: "it has expired or was cancelled",
            **NO_RESERVATION,
        },
        parameters=BY_ID,
        scope="storefront",
    )
    @_understood
    def extend(id: str) -> "ReservationShown":
        return desk().shower.shown(_found(desk().reserving.extend(id)))

    @app.operation(
        "POST /v1/reservations/<id>/cancel",
        "Give the units back",
        {200: "cancelled, or ended before", 409: "its goods have left the house", **NO_RESERVATION},
        parameters=BY_ID,
        scope="storefront",
    )
    @_understood
    def cancel(id: str) -> "ReservationShown":
        return desk().shower.shown(_found(desk().ending.cancel(id)))

    return app


def _add_campaign_routes(app: Resolver, desk: Callable[[], Desk]) -> None:
    @app.operation(
        "PUT /v1/campaigns/<sku>",
        "Open a SKU for pre-order or back-order, or change its campaign",
        {
            200: "the campaign as it is now",
            201: "a new campaign",
            400: "malformed",
            409: "below what is reserved, fixed as long as the campaign lasts, or the SKU is a kit",
        },
        body="campaign",
        parameters=BY_SKU,
        scope="ops",
    )
    @_understood
    def put_campaign(sku: str) -> "CampaignShown | Page":
        body = checked_body(app, FEATURE, "campaign")
        try:
            terms = terms_of(body)
        except ValueError as error:
            raise malformed(str(error)) from error
        made, new = desk().campaigns.put(sku, terms)
        return answer(made, 201) if new else made

    @app.operation(
        "GET /v1/campaigns/<sku>",
        "Show a SKU's campaign, and how much of it is sold",
        {200: "the campaign as it is now", **NO_CAMPAIGN},
        parameters=BY_SKU,
        scope="ops",
    )
    def show_campaign(sku: str) -> "CampaignShown":
        return _campaign(desk().campaigns.show(sku))

    @app.operation(
        "POST /v1/campaigns/<sku>/close",
        "Close a SKU's campaign: nothing more is reserved, and who reserved keeps it",
        {200: "closed, now or before", **NO_CAMPAIGN},
        parameters=BY_SKU,
        scope="ops",
    )
    @_understood
    def close_campaign(sku: str) -> "CampaignShown":
        return _campaign(desk().campaigns.close(sku))

    @app.operation(
        "POST /v1/campaigns/<sku>/links",
        "Make a link: whoever brings it may reserve before the campaign opens to all",
        {
            201: "a new link, each time",
            400: "malformed",
            409: "the campaign's `early_access` does not say `links`, or it is open or closed already",
            **NO_CAMPAIGN,
        },
        body="campaign.link",
        parameters=BY_SKU,
        scope="ops",
    )
    @_understood
    def make_link(sku: str) -> "CampaignLinkShown | Page":
        body = checked_body(app, FEATURE, "campaign.link") if app.current_event.decoded_body else {}
        try:
            expires_at = to_text(from_text(said)) if (said := body.get("expires_at")) is not None else None
        except ValueError as error:
            raise malformed(f"expires_at: {error}") from error
        made = desk().links.make(sku, expires_at, body.get("units"))
        if made is None:
            raise Problem(404, "unknown-campaign", NO_CAMPAIGN[404])
        url = desk().cards.of([sku]).get(sku, {}).get("url")
        leads = with_parameter(url, ACCESS, made.token) if url else None
        shown: CampaignLinkShown = {
            "token": made.token,
            "url": leads,
            "expires_at": made.expires_at,
            "units": body.get("units"),
        }
        return answer(shown, 201)


def _add_line_routes(app: Resolver, desk: Callable[[], Desk]) -> None:
    @app.operation(
        "GET /v1/campaigns/<sku>/line",
        "Show who waits for a SKU's units, the next to be given some first; no addresses",
        {200: "a page of the line; nobody is in that of a SKU that was never opened", 400: BAD_CURSOR},
        parameters={**BY_SKU, **AFTER},
        scope="ops",
    )
    def show_line(sku: str) -> "LinePage":
        return desk().prioritising().line(sku, after(app))

    @app.operation(
        "POST /v1/reservations/<id>/prioritise",
        "Put a reservation in front of the line, as an exception; who did it and why is kept",
        {200: "it is in front, now or before", 400: "malformed", 409: "it waits for no units", **NO_RESERVATION},
        body="reservation.prioritise",
        parameters=BY_ID,
        scope="ops",
    )
    @_understood
    def prioritise(id: str) -> "ReservationShown":
        reason = checked_body(app, FEATURE, "reservation.prioritise")["reason"]
        made = desk().prioritising().prioritise(id, by=key_holder(app), reason=reason)
        return desk().shower.shown(_found(made))


def _wish(body: Mapping[str, Any], default_locale: str) -> Wish:
    """Read a reservation that its schema accepted. Raises `Problem` 400."""
    kind, customer = body.get("kind", "preorder"), body.get("customer")
    sku, quantity, several = body.get("sku"), body.get("quantity"), body.get("lines")
    if (sku is None) == (several is None):
        raise malformed("sku, lines: must be one of them")
    if several is not None and quantity is not None:
        raise malformed("quantity: each line has its own")
    lines: dict[str, int] = {}
    for line in several or [{"sku": sku, "quantity": quantity or 1}]:
        lines[line["sku"]] = lines.get(line["sku"], 0) + line.get("quantity", 1)
    if max(lines.values()) > MOST_UNITS:
        raise malformed(f"lines: at most {MOST_UNITS} units of a SKU")
    if kind == "checkout" and body.get("access_token") is not None:
        raise malformed("access_token: opens pre-orders only")
    if customer is None and kind == "preorder":
        raise malformed("customer: missing")
    who = customer and Customer(
        email=address(customer["email"]),
        locale=language(customer.get("locale")) or default_locale,
        tier=customer.get("tier"),
    )
    return Wish(
        kind=kind,
        lines=tuple(lines.items()),
        customer=who,
        limit_keys=tuple(body.get("limit_keys") or ()),
        access=body.get("access_token"),
    )


def _understood(handler: Handler) -> Handler:
    """Let a route's refusals be problems."""

    @wraps(handler)
    def understood(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the route takes and answers
        try:
            return handler(*arguments, **named)
        except RefusedError as error:
            raise Problem(400 if error.slug == "malformed" else 409, error.slug, str(error)) from error
        except OtherBodyError as error:
            raise Problem(422, "other-request", "the Idempotency-Key was used for another request") from error
        except ChangedMeanwhileError as error:
            raise Problem(409, "changed-meanwhile", "somebody else changed it at the same time; try again") from error

    return cast("Handler", understood)


def _campaign(shown: "CampaignShown | None") -> "CampaignShown":
    if shown is None:
        raise Problem(404, "unknown-campaign", "the SKU never had a campaign")
    return shown


def _found(known: Known | None) -> Known:
    if known is None:
        raise Problem(404, "unknown-reservation", "there is no such reservation")
    return known
