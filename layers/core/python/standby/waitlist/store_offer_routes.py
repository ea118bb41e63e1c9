"""The routes by which the shop's back office makes store offers, changes and ends them."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform.http import Page, Problem, Resolver, answer, checked_body, malformed

if TYPE_CHECKING:
    from standby.waitlist.answers import StoreOfferList, StoreOfferShown
    from standby.waitlist.store_offers import StoreOffers

FEATURE = "standby.waitlist"
OPS = "ops"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
BY_ID = {"offer_id": "a-z 0-9 _ -, at most 64 of them; it begins with a letter or a digit"}
NO_OFFER = {404: "there is no such offer, or it is long over"}


class Desk(Protocol):
    """Who answers."""

    @property
    def store_offers(self) -> "Callable[[], StoreOffers]":
        """Loads where store offers are made."""
        ...


def add(app: Resolver, desk: Callable[[], Desk], understood: Callable[..., Any]) -> None:
    """Add the routes to the API's. ``understood`` turns errors of the use cases into HTTP problems."""

    @app.operation(
        "PUT /v1/store-offers/<offer_id>",
        "Invite those who wait to stores that have it, on some days; this replaces the whole of an offer",
        {
            200: "the offer as it is now; a lower `most` takes nobody's place, a higher one makes room",
            201: "a new offer",
            400: "malformed, days in no order or over, or two things at once",
            409: "too many offers go on",
        },
        body="store.offer",
        parameters=BY_ID,
        scope=OPS,
    )
    @understood
    def put_offer(offer_id: str) -> "StoreOfferShown | Page":
        from standby.waitlist.store_offer_model import TermsError  # noqa: PLC0415 - as above
        from standby.waitlist.store_offer_said import shown, terms  # noqa: PLC0415 - where somebody makes an offer
        from standby.waitlist.store_offers import TooManyOffersError  # noqa: PLC0415 - as above

        if not NAME.fullmatch(offer_id):
            raise malformed(f"offer_id: {BY_ID['offer_id']}")
        body = checked_body(app, FEATURE, "store.offer")
        try:
            made, new = desk().store_offers().put(offer_id, terms(body))
        except TermsError as error:
            raise malformed(str(error)) from error
        except TooManyOffersError as error:
            raise Problem(409, "too-many-offers", "end one of those that go on") from error
        return answer(shown(made), 201) if new else shown(made)

    @app.operation(
        "GET /v1/store-offers",
        "List the store offers",
        {200: "all that are kept, those that begin last first"},
        scope=OPS,
    )
    def list_offers() -> "StoreOfferList":
        from standby.waitlist.store_offer_said import shown  # noqa: PLC0415 - as above

        return {"items": [shown(each) for each in desk().store_offers().all()], "next": None}

    @app.operation(
        "GET /v1/store-offers/<offer_id>",
        "Show a store offer, and how many are invited by it",
        {200: "the offer as it is now", **NO_OFFER},
        parameters=BY_ID,
        scope=OPS,
    )
    def show_offer(offer_id: str) -> "StoreOfferShown":
        from standby.waitlist.store_offer_said import shown  # noqa: PLC0415 - as above
        from standby.waitlist.store_offers import UnknownOfferError  # noqa: PLC0415 - as above

        try:
            return shown(desk().store_offers().show(offer_id))
        except UnknownOfferError as error:
            raise _unknown(offer_id) from error

    @app.operation(
        "DELETE /v1/store-offers/<offer_id>",
        "End a store offer: nobody is invited any more, and mails that have not left are called off",
        {204: "ended, now or before", **NO_OFFER},
        parameters=BY_ID,
        scope=OPS,
    )
    @understood
    def end_offer(offer_id: str) -> None:
        from standby.waitlist.store_offers import UnknownOfferError  # noqa: PLC0415 - as above

        try:
            desk().store_offers().end(offer_id)
        except UnknownOfferError as error:
            raise _unknown(offer_id) from error


def _unknown(offer_id: str) -> Problem:
    return Problem(404, "unknown-offer", f"there is no offer {offer_id:.64}")
