"""What is back in stock, as an Atom feed (RFC 4287), as a page, and as a piece that a shop's server puts into its own.

The page loads nothing but the products' pictures and runs nothing. The piece has no style of its own; the shop's style
sheet finds the products by ``data-product-id``.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from standby.platform.clock import to_text
from standby.platform.counted import form
from standby.platform.formats import Formats
from standby.platform.frozen import frozen
from standby.platform.page import Pages

if TYPE_CHECKING:
    from standby.availability.answers import RatingOf, ReturnedProduct, ReturnList

PATH = "/v1/back-in-stock"
BETWEEN_VARIANTS = " \N{MIDDLE DOT} "
UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (§2.2)."""
Texts = Mapping[str, Any]


@frozen(kw_only=True)
class About:
    """For whom it is written, and where it stands."""

    public_url: str
    shop: str
    language: str
    locale: str | None
    """The language that was asked for by name, which links keep."""
    after: str | None
    """Where the page begins, where it is not the first."""
    zone: ZoneInfo

    @property
    def texts(self) -> Texts:
        """Return the words."""
        return _pages().text(self.language)

    @property
    def formats(self) -> Formats:
        """Return how the language writes days and money."""
        return Formats.of(self.language, self.zone.key)

    def link(self, **query: str | None) -> str:
        """Return an address of this list, whole."""
        named = {name: value for name, value in {"locale": self.locale, **query}.items() if value is not None}
        return f"{self.public_url}{PATH}{'?' if named else ''}{urlencode(named)}"

    def entry_id(self, product_id: str, back_at: str) -> str:
        """Return what an entry about one return is known by, in every language."""
        return f"{self.public_url}{PATH}?{urlencode({'product_id': product_id})}#{back_at}"


def whole(found: "ReturnList", about: About) -> str:
    """Write a page of its own."""
    return _pages().write("returns", about.language, **_values(found, about))


def fragment(found: "ReturnList", about: About) -> str:
    """Write a list for a shop's own page."""
    return _pages().write("returns_list", about.language, **_values(found, about))


def atom(found: "ReturnList", about: About, now: datetime) -> str:
    """Write a feed. Each return is an entry of its own, with an id that stays.

    ``now`` dates the feed in which nothing is, to the day.
    """
    category = found["category"]
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    updated = max((product["back_at"] for product in found["items"]), default=to_text(day))
    own = {"category": category, "format": "atom"}
    links = [("self", about.link(**own, after=about.after)), ("alternate", about.link(category=category))]
    if found["next"] is not None:
        links.append(("next", about.link(**own, after=found["next"])))
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{_xml(about.language)}">',
        f"<id>{_xml(about.link(category=category))}</id>",
        f"<title>{_xml(_title(found, about))}</title>",
        f"<updated>{updated}</updated>",
        f"<author><name>{_xml(about.shop)}</name></author>",
        *(f'<link rel="{rel}" href="{_xml(url)}"{_type_of(rel)}/>' for rel, url in links),
        *(_entry(product, about) for product in found["items"]),
        "</feed>",
    ]
    return "\n".join(parts) + "\n"


def _entry(product: "ReturnedProduct", about: About) -> str:
    shown = _shown(product, about)
    said = BETWEEN_VARIANTS.join(filter(None, (shown["variants"], shown["label"], *shown["prices"], shown["rating"])))
    picture = Markup('<p><img src="{}" alt=""></p>').format(product["image"]) if product["image"] else Markup()
    content = picture + Markup("<p>{}</p>").format(said)
    parts = [
        "<entry>",
        f"<id>{_xml(about.entry_id(product['product_id'], product['back_at']))}</id>",
        f"<title>{_xml(shown['name'])}</title>",
        f"<updated>{product['back_at']}</updated>",
        f'<link rel="alternate" href="{_xml(product["url"])}"/>' if product["url"] else "",
        f'<category term="{_xml(product["category"])}"/>' if product["category"] else "",
        f"<summary>{_xml(said)}</summary>",
        f'<content type="html">{_xml(str(content))}</content>',
        "</entry>",
    ]
    return "\n".join(part for part in parts if part)


def _type_of(rel: str) -> str:
    return ' type="text/html"' if rel == "alternate" else ' type="application/atom+xml"'


def _xml(text: str) -> str:
    """Write a text as XML has it."""
    return str(escape(UNWRITABLE.sub("", text)))


def _title(found: "ReturnList", about: About) -> str:
    text, category = about.texts["returns"], found["category"]
    said: str = text["heading"] if category is None else text["heading_of"].format(category=category)
    return said


def _values(found: "ReturnList", about: About) -> dict[str, Any]:
    category = found["category"]
    days = found["days"]
    return {
        "found": found,
        "heading": _title(found, about),
        "category": category,
        "feed_url": about.link(category=category, format="atom"),
        "next_query": None
        if found["next"] is None
        else urlencode({**({"category": category} if category else {}), **_locale(about), "after": found["next"]}),
        "first_query": urlencode({**({"category": category} if category else {}), **_locale(about)}),
        "first": about.after is None,
        "days": form(about.language, days, about.texts["returns"]["note"]).replace("#", about.formats.number(days)),
        "products": [_shown(product, about) for product in found["items"]],
    }


def _locale(about: About) -> dict[str, str]:
    return {} if about.locale is None else {"locale": about.locale}


def _shown(product: "ReturnedProduct", about: About) -> dict[str, Any]:
    """Return what is shown of a product, in words."""
    formats = about.formats
    prices = [price for sku in product["skus"] if (price := sku["price"])] or [
        price for price in [product["price"]] if price
    ]
    return {
        "product_id": product["product_id"],
        "name": product["title"] or product["product_id"],
        "url": product["url"],
        "image": product["image"],
        "brand": product["brand"],
        "variants": BETWEEN_VARIANTS.join(dict.fromkeys(sku["text"] for sku in product["skus"] if sku["text"])),
        "label": product["label"],
        "few": product["status"] == "LimitedAvailability",
        "prices": _range(prices, formats),
        "rating": rated(product["rating"], about.language, about.texts["returns"]["rating"], formats),
        "back_at": product["back_at"],
        "back": about.texts["returns"]["back"].format(day=formats.date(product["back_at"])),
        "status": product["status"],
        "skus": [sku["sku"] for sku in product["skus"]],
    }


def _range(prices: Iterable[Mapping[str, Any]], formats: Formats) -> list[str]:
    """Return the price, or the lowest and the highest; nothing where they are in several currencies."""
    known = list(prices)
    if len({price["currency"] for price in known}) != 1:
        return []
    amounts = sorted({price["amount"] for price in known})
    currency = known[0]["currency"]
    ends = dict.fromkeys((amounts[0], amounts[-1]))
    return [formats.money({"amount": amount, "currency": currency}) for amount in ends]


def rated(rating: "RatingOf | None", language: str, forms: Mapping[str, str], formats: Formats) -> str:
    """Return a product's rating in words, or nothing."""
    if rating is None:
        return ""
    value = formats.decimal(round(rating["value"] * 100), 2)
    return form(language, rating["count"], forms).format(value=value).replace("#", formats.number(rating["count"]))


@cache
def _pages() -> Pages:
    return Pages.of(Path(__file__).with_name("fragments"))
