"""The routes behind the link in an offer's mail (design §5.2)."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, cast

from standby.platform.http import PUBLIC, Handler, Page, Problem, Resolver, page, prefers_html
from standby.platform.link import LINK_PROBLEMS, opened, readable
from standby.preorder.links import OFFER
from standby.preorder.model import RefusedError, TooLateError, VanishedError, offer_status

if TYPE_CHECKING:
    from standby.preorder.answers import OfferShown, ReservationShown
    from standby.preorder.model import Reservation
    from standby.preorder.viewer_routes import CustomerDesk

TOKEN = {"token": "the token in the mailed link"}
PROBLEMS = {**LINK_PROBLEMS, 410: "too late: the offer, or the link's time, is over"}
TOO_LATE, ORDERED, COUNTING = "too-late", "ordered", "counting"
KINDS = {TOO_LATE: "too_late", ORDERED: "ordered", COUNTING: "counting"}
FEATURE = "standby.preorder"


def add_offer_routes(app: Resolver, desk: "Callable[[], CustomerDesk]") -> None:
    """Add the routes that show, take and give back what is set aside for a customer."""
    for_browsers = readable(app, FEATURE, lambda: desk().default_locale, KINDS)

    @app.operation(
        "GET /v1/offers/<token>",
        "Show what is set aside for a customer",
        {200: "the offer as it is now", **PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    @_understood
    def show_offer(token: str) -> "OfferShown | Page":
        known = desk().offers().offer(_offer_id(desk(), token))
        return page(_page(desk(), known, token)) if prefers_html(app) else _shown(desk(), known)

    @app.operation(
        "POST /v1/offers/<token>/accept",
        "Take an offer: it is a reservation to check out with then",
        {201: "the reservation; again the same", 409: "its units are missing, and are counted again", **PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    @_understood
    def accept(token: str) -> "ReservationShown | Page":
        known = desk().offers().accept(_offer_id(desk(), token))
        return page(_page(desk(), known, token), 201) if prefers_html(app) else desk().shower.shown(known)

    @app.operation(
        "POST /v1/offers/<token>/decline",
        "Give an offer back: the next in line is offered it",
        {200: "declined, now or before", 409: "the order was placed", **PROBLEMS},
        parameters=TOKEN,
        pages=True,
        scope=PUBLIC,
    )
    @for_browsers
    @_understood
    def decline(token: str) -> "OfferShown | Page":
        known = desk().offers().decline(_offer_id(desk(), token))
        return page(_page(desk(), known, token)) if prefers_html(app) else _shown(desk(), known)


def _offer_id(at: "CustomerDesk", token: str) -> str:
    """Return the id of the offer that a link opens. Raises `Problem` 404 or 410."""
    offer_id: str = opened(at.tokens(), OFFER, token, at.clock.now())["o"]
    return offer_id


def _shown(at: "CustomerDesk", known: "Reservation") -> "OfferShown":
    line = known.every_line[-1]  # of one SKU, some of which may have left or been cancelled before the rest
    status = offer_status(known, at.clock.now())
    until = _until(known) if status in {"open", "accepted"} else None
    return {"sku": line.sku, "quantity": line.quantity, "status": status, "expires_at": until}


def _until(known: "Reservation") -> str | None:
    """Return when an offer ends; a moment after its mail came, that may not be known yet."""
    told = known.offer is not None and known.offer.leased_at is not None
    return known.expires_at if known.status == "held" and (told or not known.unaccepted) else None


def _page(at: "CustomerDesk", known: "Reservation", token: str) -> str:
    from standby.preorder.pages import offer_page  # noqa: PLC0415 - templates only where HTML is written

    locale, zone = (known.offer.locale, known.offer.time_zone) if known.offer else ("", None)
    return offer_page(
        locale or at.default_locale,
        _shown(at, known),
        reservation_id=known.reservation_id,
        token=token,
        cards=at.cards.of({line.sku for line in known.every_line}),
        zones=(zone, at.shop_time_zone),
        vanished=known.offer is not None and known.offer.over == "vanished",
        product_page=at.shop_product_url,
    )


def _understood(route: Handler) -> Handler:
    """Let the refusals of the use cases be problems."""

    @wraps(route)
    def understood(**parameters: str) -> object:
        try:
            return route(**parameters)
        except TooLateError as error:
            raise Problem(410, TOO_LATE, "the offer is over") from error
        except VanishedError as error:
            raise Problem(
                409, COUNTING, "its units are missing; within ten minutes it is over, or open again"
            ) from error
        except RefusedError as error:
            raise Problem(409, ORDERED, str(error)) from error

    return cast("Handler", understood)
