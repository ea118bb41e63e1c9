"""The pages behind the links in mails about reservations, in the customer's language.

Mail scanners follow every link, so showing a page changes nothing: its buttons POST (design, promise 11). Forms name
relative addresses, so that a page works under any domain and path prefix.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zlib import crc32

from standby.platform.formats import Formats
from standby.platform.link import with_parameter
from standby.platform.page import Pages
from standby.preorder.model import AHEAD_MOST
from standby.shelf.on_pages import Cards, products_shown

if TYPE_CHECKING:
    from standby.preorder.answers import OfferShown, OwnShown

RESERVATION = "reservation"
"""The parameter by which a product's page in the shop learns which reservation its visitor is to check out."""

MOMENTS = ("reserved_at", "expires_at", "pay_by", "ended_at", "cancel_asked_at", "cancel_sent_at")


def own_page(
    locale: str, own: "OwnShown", *, cards: Cards, zone: str, forms: str = "", wrong: str | None = None
) -> str:
    """Write the page of a customer's own reservation. ``zone`` is the time zone of its times (an IANA name).

    ``forms`` leads to where its forms POST, ``wrong`` is the slug of the problem that it ran into.
    """
    language = _language(locale)
    formats = Formats.of(language, None, zone)
    lines = [
        {
            **line,
            "product": {**products_shown([line["sku"]], cards, language)[0], "prices": []},  # its own price counts
            "price": formats.money(line["price"]) if line["price"] else "",
            "day": formats.date(line["promised_until"]) if line["promised_until"] else "",
            "place": _place(line["place"], formats, language),
        }
        for line in own["lines"]
    ]
    form = {"open": own["next"] not in (None, "decision"), "forms": forms, "wrong": wrong, "wording": wording(locale)}
    return _pages().write(
        "own", locale, own=own, lines=lines, **form, **_written(own, formats), **_waiting(own, formats, language)
    )


def offer_page(
    locale: str,
    offer: "OfferShown",
    *,
    reservation_id: str,
    token: str,
    cards: Cards,
    zones: tuple[str | None, str],
    vanished: bool = False,
    product_page: str | None = None,
) -> str:
    """Write the page of an offer. ``zones`` are the customer's time zone and, where that is unknown, the shop's.

    ``vanished``: it is over because its units are not there any more.

    Once it is accepted, a button leads to the product's page in the shop, with the reservation's id: the one that the
    catalogue says, else ``product_page`` with the SKU in the place of ``{sku}``.
    """
    language = _language(locale)
    products = products_shown([offer["sku"]], cards, language)
    until = Formats.of(language, *zones).instant(offer["expires_at"]) if offer["expires_at"] else ""
    url = products[0]["url"] or (product_page or "").replace("{sku}", quote(offer["sku"], safe=""))
    shop_url = with_parameter(url, RESERVATION, reservation_id) if url else ""
    written = {"products": products, "until": until, "token": token, "shop_url": shop_url, "vanished": vanished}
    return _pages().write("offer", locale, offer=offer, **written)


def problem_page(locale: str, kind: str) -> str:
    """Write the page that says in words what a problem means for the person who followed the link.

    A ``kind`` is an HTTP status, ``gone`` (the reservation ended long ago), or an offer's: ``too_late``, ``ordered``,
    ``counting`` (its units are missing).
    """
    return _pages().write("problem", locale, kind=kind)


def _written(own: "OwnShown", formats: Formats) -> Mapping[str, Any]:
    """Return the times of a reservation, and what it costs, as a reader's language writes them."""
    moments: Mapping[str, Any] = own
    written = {name: formats.instant(moments[name]) if moments[name] else "" for name in MOMENTS}
    return {**written, "total": formats.money(own["price"]) if own["price"] else ""}


def _place(place: int | None, formats: Formats, language: str) -> str:
    """Write a place in line; behind the last that is counted, that it is behind."""
    if place is None:
        return ""
    if place <= AHEAD_MOST:
        return formats.number(place)
    behind: str = _pages().text(language)["own"]["behind"]
    return behind.replace("{place}", formats.number(AHEAD_MOST))


def wording(locale: str) -> str:
    """Return the version of the words by which a customer agrees to a later day, as they are shown in a language."""
    text = _pages().text(locale)
    return f"{text['lang']}-{crc32(repr(sorted(text['wait'].items())).encode()):08x}"


def _waiting(own: "OwnShown", formats: Formats, language: str) -> Mapping[str, str]:
    """Return what a page says of a delay, and of a customer who waits."""
    text, day, agreed = _pages().text(language)["wait"], own["promised_until"], own["agreed"]
    until = formats.date(day) if day else ""
    at = formats.instant(agreed["at"]) if agreed else ""
    said = text["agreed" if until else "agreed_unknown"].replace("{at}", at).replace("{day}", until)
    return {
        "first_day": formats.date(own["first_promised_until"]) if own["first_promised_until"] else "",
        "until": until,
        "wait_button": text["button" if until else "button_unknown"].replace("{day}", until),
        "agreed_said": said if agreed else "",
    }


def _language(locale: str) -> str:
    language: str = _pages().text(locale)["lang"]
    return language


@cache
def _pages() -> Pages:
    return Pages.of(Path(__file__).with_name("pages"))
