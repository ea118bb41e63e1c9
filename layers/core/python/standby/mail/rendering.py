"""Writing mails: a folder per kind, Jinja templates per block, texts per locale, a profile per market (design §7).

A mail is written once per job. SES fills ``{{slot}}`` places per recipient and escapes nothing, so only a kind may make
a slot. While a mail is rendered, a slot is its name between two private characters, and no data may contain these.
Afterwards double braces are parted, and only then do the slots become ``{{slot}}``.

Adding a locale is adding files: ``locales/<language>.json`` and one in every folder of ``kinds``; ``make schemas`` adds
its formats. ``markets/*.json`` may hold the locale's refusal text.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from standby.mail.composing import (
    APART,
    DEFAULT_LANGUAGE,
    SLOT_END,
    SLOT_START,
    Cards,
    Composer,
    isolated,
    plain,
    skus_shown,
)
from standby.mail.kind import INSTEAD, PRODUCT_KINDS, Kind, read_kind
from standby.mail.model import OWN_BLOCKS, Mail, Purpose
from standby.platform.formats import Formats
from standby.platform.language_codes import OLD_CODES
from standby.platform.shop_hours import AlwaysOpen, Hours

MAIL = Path(__file__).parent
WORD_JOINER = "\u2060"
KEPT_MAILS = 8
PARTED = "\n\n"
"""Between two blocks of text."""
SLOT = re.compile(f"{SLOT_START}([a-z_]+){SLOT_END}")
TOGETHER = re.compile(r"(?<=\{)(?=\{)|(?<=\})(?=\})")


def nothing(_skus: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Know of nothing that could be bought instead."""
    return ()


def everything(skus: Sequence[str]) -> Collection[str]:
    """Say of all SKUs that they can be bought."""
    return skus


def no_store(_sku: str, _places: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """Know of no store."""
    return {}


def everywhere(skus: Sequence[str], _location_id: str) -> Collection[str]:
    """Say of all SKUs that a store has them."""
    return skus


def no_cards(_skus: Sequence[str]) -> Cards:
    """Say nothing of any SKU."""
    return {}


@dataclass
class MailRenderer:
    """Writes the mails of one shop.

    ``sender`` is the From header, whose display name is the shop's name; ``identity`` its postal identity; ``market``
    the key of a profile in ``markets``; ``time_zone`` the shop's, for readers whose own is unknown; ``product_page``
    the address of a product's page, with ``{sku}``; ``kinds`` the folders where kinds are looked for; ``cards`` tells
    what the catalogue says of SKUs, ``instead`` which products can be bought in their place, ``there`` which of them
    can be bought, and ``in_store`` which in a store; ``nearest`` finds the stores that are nearest to places and have a
    SKU; ``hours`` are those that a deadline counts.
    """

    sender: str
    identity: str
    market: str
    time_zone: str = "UTC"
    product_page: str | None = None
    kinds: tuple[Path, ...] = (PRODUCT_KINDS,)
    cards: Callable[[Sequence[str]], Cards] = no_cards
    instead: Callable[[Sequence[str]], Sequence[Mapping[str, Any]]] = nothing
    there: Callable[[Sequence[str]], Collection[str]] = everything
    nearest: Callable[[str, Collection[str]], Mapping[str, Mapping[str, Any]]] = no_store
    in_store: Callable[[Sequence[str], str], Collection[str]] = everywhere
    hours: Hours = field(default_factory=AlwaysOpen)
    _kept: dict[tuple[str | None, ...], Mail] = field(default_factory=dict, init=False, repr=False)

    def render(
        self,
        kind: str,
        locale: str,
        data: Mapping[str, Any],
        *,
        time_zone: str | None = None,
        leased_at: datetime | None = None,
        places: Collection[str] = (),
    ) -> Mail:
        """Write a mail, or return the one written last for the same job data and the same words of the catalogue.

        ``time_zone`` is the readers' own; ``leased_at`` is when the lease for the call was taken, for kinds that count
        from there; ``places`` are where recipients are, for kinds that name the nearest store. Raises `PoisonError`
        when the kind is unknown or the data is not what it needs, `BusyError` when stores cannot be read now.
        """
        made_of = read_kind(kind, self.kinds)
        at = leased_at if made_of.at_lease else None
        made_of.require(data)
        left = self._left(made_of, data)
        data = {**data, **(left or {})}
        data = self._with_alternatives(made_of, data)
        cards = self.cards(skus_shown(made_of, data))
        written = json.dumps([data, {sku: dict(cards[sku]) for sku in cards}], sort_keys=True)
        stores = self._stores(made_of, data, places)
        key = (kind, locale, time_zone, at.isoformat() if at else None, APART if stores else None, written)
        mail = self._kept.get(key)
        if mail is None or stores:
            language, words = locale_texts(locale)
            formats = Formats.of(language, time_zone, self.time_zone)
            composer = Composer(
                made_of,
                language,
                words,
                data,
                formats,
                at,
                open_hours=self.hours,
                zone=time_zone,
                product_page=self.product_page,
                cards=cards,
                apart=bool(stores),
            )
            mail = mail or self._write(composer)
            self._keep(key, mail)
            own = {place: _own_blocks(composer, store) for place, store in stores.items()}
            mail = replace(mail, nearest=own) if own else mail
        return replace(mail, nothing=True) if left is None else mail

    def _keep(self, key: tuple[str | None, ...], mail: Mail) -> None:
        if key not in self._kept and len(self._kept) >= KEPT_MAILS:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = mail

    def _stores(self, kind: Kind, data: Mapping[str, Any], places: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return the nearest store by place, where the kind names stores and there are any near."""
        if kind.nearest is None or not places:
            return {}
        said = data[kind.nearest]
        return self.nearest(said if isinstance(said, str) else said["sku"], places)

    def _left(self, kind: Kind, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what is left of a list that only names what can be bought now; ``None``: nothing is."""
        if kind.there is None:
            return {}
        said = {one if isinstance(one, str) else one["sku"]: one for one in data[kind.there]}
        bought = set(self.in_store(list(said), data[kind.store]) if kind.store else self.there(list(said)))
        left = [one for sku, one in said.items() if sku in bought][: kind.most]
        return {kind.there: left} if left else None

    def _with_alternatives(self, kind: Kind, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a job's data with what can be bought instead, where its kind shows that and the readers may see it.

        That is advertising in some markets, also in a mail that was asked for; there only those see it who agreed.
        """
        allowed = data.get("advertising_agreed") or not market_profile(self.market)["alternatives_are_advertising"]
        if not kind.alternatives or INSTEAD in data or not allowed:
            return data
        found = self.instead(skus_shown(kind, data))
        return {**data, INSTEAD: list(found)} if found else data

    def _write(self, composer: Composer) -> Mail:
        kind, language, words = composer.kind, composer.language, composer.words
        profile = market_profile(self.market)
        prefix = profile["advertising_prefix"] if kind.purpose is Purpose.ADVERTISING else ""
        shown = composer.shown()
        body_html, body_text = _bodies(shown, words["direction"])
        context: dict[str, Any] = {
            "lang": language,
            "shop": plain(parseaddr(self.sender)[0] or parseaddr(self.sender)[1]),
            "subject": prefix + composer.text("subject"),
            "preheader": composer.text("preheader"),
            "heading": composer.text("heading"),
            "why": composer.text("why"),
            "refusal": _refusal(profile, language) if kind.leave else "",
            "first_url": next((values["buttons"][0]["url"] for _, values in shown if "buttons" in values), ""),
            "fallback": words["fallback"],
            "leave": words["leave"],
            "leave_url": composer.leave_url(),
            "identity": plain(self.identity),
        }
        direction = words["direction"]
        html = _template(f"frame/{direction}.html").render(context, body=body_html)
        if composer.data.get("parcels"):
            from standby.mail.parcel_markup import with_parcels  # noqa: PLC0415 - few mails are about a parcel

            html = with_parcels(html, composer, context["shop"])
        text = _template("frame/frame.txt").render(context, body=body_text)
        slots = frozenset(SLOT.findall(html) + SLOT.findall(text)).difference(OWN_BLOCKS)
        return Mail(
            purpose=kind.purpose,
            subject=_for_ses(context["subject"]),
            html=_for_ses(html),
            text=_for_ses(text),
            slots=slots,
            leave=kind.leave,
            at_lease=kind.at_lease,
            ends_at=composer.ends_at(),
            advertises=kind.purpose is Purpose.ADVERTISING
            or bool(composer.data.get(INSTEAD) and profile["alternatives_are_advertising"]),
        )


@cache
def templates() -> Environment:
    """Return the templates' environment; HTML is escaped, a missing value is an error."""
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=select_autoescape(["html"], default=False, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["isolated"] = isolated
    return environment


@cache
def locale_texts(locale: str) -> tuple[str, dict[str, Any]]:
    """Return the language and the texts for a locale: ``he-IL``, else ``he``, else the default."""
    wanted = locale.replace("_", "-").lower()
    code = wanted.partition("-")[0]
    for language in (wanted, OLD_CODES.get(code, code), DEFAULT_LANGUAGE):
        path = MAIL / "locales" / f"{language}.json"
        if re.fullmatch(r"[a-z0-9-]+", language) and path.is_file():
            return language, json.loads(path.read_text("utf-8"))
    raise FileNotFoundError(DEFAULT_LANGUAGE)


@cache
def market_profile(market: str) -> dict[str, Any]:
    """Return a market's profile. Raises ``FileNotFoundError`` when there is none."""
    profile: dict[str, Any] = json.loads((MAIL / "markets" / f"{market}.json").read_text("utf-8"))
    return profile


def _template(name: str) -> Template:
    return templates().get_template(name)


def _source(name: str) -> str:
    return (MAIL / name).read_text("utf-8")


def _bodies(shown: Sequence[tuple[str, Mapping[str, Any]]], direction: str) -> tuple[Markup, str]:
    """Write blocks one after another, as HTML and as text."""
    own_html, own_text = (f"{SLOT_START}{name}{SLOT_END}" for name in OWN_BLOCKS)
    html = Markup("").join(
        Markup(own_html if block == APART else _template(f"blocks/{block}/{direction}.html").render(values))  # noqa: S704 - escaped by then
        for block, values in shown
    )
    text = PARTED.join(
        own_text if block == APART else _template(f"blocks/{block}/block.txt").render(values).strip("\n")
        for block, values in shown
    )
    # Where nothing stands there, there is no empty line either: what parts it from the next block comes with it.
    return html, text.replace(f"{own_text}{PARTED}", own_text)


def _own_blocks(composer: Composer, near: Mapping[str, Any]) -> Mapping[str, str]:
    """Write the blocks about the nearest store, as SES puts them into a mail."""
    html, text = _bodies(composer.own(near), composer.words["direction"])
    return dict(zip(OWN_BLOCKS, map(_for_ses, (html, text + PARTED)), strict=True))


def _for_ses(part: str) -> str:
    """Part double braces, and turn the marked slots into the ``{{slot}}`` places of SES."""
    return SLOT.sub(r"{{\1}}", TOGETHER.sub(WORD_JOINER, part))


def _refusal(profile: Mapping[str, Any], language: str) -> str:
    """Return how whoever has a link to leave may refuse further mails; a mail about one's own order has none."""
    texts: Mapping[str, str] = profile["refusal"]
    return texts.get(language) or texts[DEFAULT_LANGUAGE]
