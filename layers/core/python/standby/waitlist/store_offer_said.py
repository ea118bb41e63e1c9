"""Store offers as the back office says and reads them."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from standby.waitlist.store_offer_model import MORNING, NEAR_KM, Offer, Terms, TermsError

if TYPE_CHECKING:
    from standby.waitlist.answers import StoreOfferShown


def terms(body: Mapping[str, Any]) -> Terms:
    """Read what the shop says of an offer, which its schema accepted. Raises `TermsError`."""
    return Terms(
        kind=body["kind"],
        since=_day("since", body["since"]),
        until=_day("until", body["until"]),
        most=body["most"],
        percent=body.get("percent"),
        hour=_or(body.get("hour"), MORNING),
        km=_or(body.get("km"), NEAR_KM),
        stores=tuple(sorted(body.get("stores") or ())),
        skus=tuple(sorted(body.get("skus") or ())),
        categories=tuple(sorted(body.get("categories") or ())),
        code=body.get("code"),
        texts={name: text for name, text in (body.get("texts") or {}).items() if text},
    )


def shown(offer: Offer) -> "StoreOfferShown":
    """Return an offer as the routes answer it."""
    terms = offer.terms
    return {
        "offer_id": offer.offer_id,
        "kind": terms.kind,
        "percent": terms.percent,
        "since": terms.since.isoformat(),
        "until": terms.until.isoformat(),
        "hour": terms.hour,
        "most": terms.most,
        "km": terms.km,
        "stores": list(terms.stores),
        "skus": list(terms.skus),
        "categories": list(terms.categories),
        "code": terms.code,
        "texts": dict(terms.texts),
        "invited": offer.taken,
        "told": offer.told,
        "ended_at": offer.ended_at,
    }


def _day(name: str, said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise TermsError(f"{name}: {said} is not a date") from error


def _or(said: int | None, otherwise: int) -> int:
    return otherwise if said is None else said
