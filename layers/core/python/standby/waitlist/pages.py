"""The pages behind the links in the waitlist's mails, in the customer's language.

Mail scanners follow every link, so showing a page changes nothing: its button POSTs (design, promise 11). Forms name
relative addresses, so that a page works under any domain and path prefix.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from standby.platform.formats import Formats
from standby.platform.page import Pages
from standby.shelf.on_pages import Cards, products_shown

NO_CARDS: Cards = MappingProxyType({})
State = Literal["ask", "done"]


def confirm_page(
    locale: str,
    state: State,
    *,
    skus: Sequence[str],
    token: str,
    cards: Cards = NO_CARDS,
    quantity: int = 1,
    until: str = "",
    marketing: bool = False,
    digest: bool = False,
) -> str:
    """Write the page of the double opt-in: ``ask`` has the button, ``done`` says that it worked.

    It shows all that is confirmed, as the mail does: ``until`` is the last day (``YYYY-MM-DD``), ``marketing`` whether
    advertising is agreed to, ``digest`` whether the weekly list comes with it, ``cards`` what the catalogue says of
    SKUs.
    """
    products = products_shown(skus, cards, _language(locale))
    day = _formats(locale).date(until) if until else ""
    about = {"products": products, "several": len(skus) > 1, "quantity": quantity, "until": until, "day": day}
    return _pages().write("confirm", locale, state=state, token=token, marketing=marketing, digest=digest, **about)


def asked_page(locale: str) -> str:
    """Write the page after a sign-up by a form. It is the same whether the address is known or not."""
    return _pages().write("asked", locale)


def retry_page(
    locale: str, typed: Mapping[str, str], *, skus: Sequence[str], wrong: Collection[str], ticked: bool
) -> str:
    """Write the form of a sign-up once more, with what was typed and what is wrong with it (names of fields).

    ``ticked`` says that boxes were, which stay empty here.
    """
    return _pages().write("retry", locale, typed=typed, chosen=skus, wrong=wrong, ticked=ticked)


def leave_page(locale: str, state: State, *, token: str) -> str:
    """Write the page that ends every entry of an address: ``ask`` has the button, ``done`` says that it worked."""
    return _pages().write("leave", locale, state=state, token=token, about="leave")


def refused_page(locale: str, about: Literal["digest", "store_offers"], state: State, *, token: str) -> str:
    """Write the page that ends weekly list or store offers: ``ask`` has the button, ``done`` says that it worked."""
    return _pages().write("leave", locale, state=state, token=token, about=about)


def mine_page(
    locale: str,
    entries: Sequence[Mapping[str, Any]],
    *,
    token: str,
    cards: Cards = NO_CARDS,
    saved: bool = False,
    full: bool = False,
    followed: Sequence[str] | None = None,
) -> str:
    """Write the page of somebody's own entries, each with its form, and of the weekly list that they get.

    An entry has ``id``, ``skus``, ``quantity``, ``until`` (a date or an instant as text, or ``None``), ``place`` (in
    line, approximate, or ``None``) and ``status``. The forms POST ``action`` (``update`` or ``leave``), ``quantity``
    and ``until`` to ``mine/<id>?token=…``; ``mine/all`` leaves every entry and the list, ``mine/digest`` the
    list alone. ``full`` says that there is room for no other. ``followed`` are the categories by which the list is
    made; ``None``: they get none.
    """
    language = _language(locale)
    shown = [
        {
            **entry,
            "until": (entry["until"] or "")[:10],
            "products": products_shown(entry["skus"], cards, language),
        }
        for entry in entries
    ]
    return _pages().write("mine", locale, entries=shown, token=token, saved=saved, full=full, followed=followed)


def problem_page(locale: str, kind: str) -> str:
    """Write the page that says in words what a problem means for the person who followed the link.

    A ``kind`` is an HTTP status, or ``gone``: the entry was told, ended or left.
    """
    return _pages().write("problem", locale, kind=kind)


def _language(locale: str) -> str:
    language: str = _pages().text(locale)["lang"]
    return language


def _formats(locale: str) -> Formats:
    """Return how the page's language writes dates and money."""
    return Formats.of(_language(locale))


@cache
def _pages() -> Pages:
    return Pages.of(Path(__file__).with_name("pages"))
