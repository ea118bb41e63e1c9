"""Writing mails: Jinja templates, one file of texts per locale, one profile per market (design §7).

A mail is written once per job. What differs by recipient are ``{{slot}}`` places that SES fills without escaping, so
only the templates may make one: while rendering a slot is a pair of private characters around its name, which are taken
out of all data; afterwards braces that stand together are parted, and only then do the slots become ``{{slot}}``.

Adding a locale is adding ``locales/<language>.json`` (its texts; ``markets/*.json`` may have its refusal text).
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from standby.mail.model import KINDS, Kind, Mail, Purpose
from standby.platform.queue import PoisonError

DEFAULT_LOCALE = "en"
SLOT_START, SLOT_END = "\ue000", "\ue001"
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
WORD_JOINER = "\u2060"
LONGEST_NAME = 200
KEPT_MAILS = 8
LINK = re.compile(r"https?://[^\s<>\"'`{}\\]+")
PLACE = re.compile(f"{SLOT_START}([a-z_]+){SLOT_END}")
TOGETHER = re.compile(r"(?<=\{)(?=\{)|(?<=\})(?=\})")


@dataclass
class MailRenderer:
    """Writes the mails of one shop.

    ``sender`` is the From header, whose display name is the shop's name; ``identity`` its postal identity; ``market``
    the key of a profile in ``markets``.
    """

    sender: str
    identity: str
    market: str
    _kept: dict[tuple[str, str, str], Mail] = field(default_factory=dict, init=False, repr=False)

    def render(self, kind: str, locale: str, data: Mapping[str, Any]) -> Mail:
        """Write a mail, or return the one written last for the same job data.

        Raises `PoisonError` when the kind is unknown or the data lacks what it needs.
        """
        key = (kind, locale, json.dumps(data, sort_keys=True))
        mail = self._kept.get(key)
        if mail is None:
            mail = self._write(kind, locale, data)
            if len(self._kept) >= KEPT_MAILS:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = mail
        return mail

    def _write(self, kind: str, locale: str, data: Mapping[str, Any]) -> Mail:
        needs = KINDS.get(kind)
        if needs is None:
            raise PoisonError(f"kind: {kind} is unknown")
        items = _items(needs, data)
        links = {name: _link(name, data.get(name)) for name in needs.links}
        language, texts = locale_texts(locale)
        profile = market_profile(self.market)
        prefix = profile["advertising_prefix"] if needs.purpose is Purpose.ADVERTISING else ""
        words = texts["kinds"][kind]
        named = _listing(items, texts["and"])
        context: dict[str, Any] = {
            **{name: _filled(text, named) for name, text in words.items()},
            **links,
            "subject": prefix + _filled(words["subject"], named),
            "lang": language,
            "shop": _plain(parseaddr(self.sender)[0] or parseaddr(self.sender)[1]),
            "items": items,
            "button_url": links[needs.button],
            "button_slot": needs.button.removesuffix("_url"),
            "fallback": texts["fallback"],
            "leave": texts["leave"],
            "refusal": profile["refusal"].get(language) or profile["refusal"][DEFAULT_LOCALE],
            "identity": _plain(self.identity),
        }
        html = templates().get_template(f"notice.{texts['direction']}.html").render(context)
        isolated = context | {"items": [_isolated(item) for item in items]}
        text = templates().get_template("notice.txt").render(isolated)
        return _mail(needs.purpose, context["subject"], html, text)


@cache
def templates() -> Environment:
    """Return the templates' environment; HTML is escaped, a missing value is an error."""
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=select_autoescape(["html"], default=False, default_for_string=True),
        undefined=StrictUndefined,
    )
    environment.globals["slot"] = _slot
    return environment


@cache
def locale_texts(locale: str) -> tuple[str, dict[str, Any]]:
    """Return the language and the texts for a locale: ``he-IL``, else ``he``, else the default."""
    wanted = locale.replace("_", "-").lower()
    for language in (wanted, wanted.partition("-")[0], DEFAULT_LOCALE):
        path = files("standby.mail").joinpath("locales", f"{language}.json")
        if re.fullmatch(r"[a-z0-9-]+", language) and path.is_file():
            return language, json.loads(path.read_text("utf-8"))
    raise FileNotFoundError(DEFAULT_LOCALE)


@cache
def market_profile(market: str) -> dict[str, Any]:
    """Return a market's profile. Raises ``FileNotFoundError`` when there is none."""
    profile: dict[str, Any] = json.loads(files("standby.mail").joinpath("markets", f"{market}.json").read_text("utf-8"))
    return profile


def _source(name: str) -> str:
    return files("standby.mail").joinpath("templates", name).read_text("utf-8")


def _slot(name: str) -> Markup:
    return Markup(f"{SLOT_START}{name}{SLOT_END}")  # noqa: S704 - the name stands in our own template


def _mail(purpose: Purpose, subject: str, html: str, text: str) -> Mail:
    slots = frozenset(PLACE.findall(html) + PLACE.findall(text))
    subject, html, text = (PLACE.sub(r"{{\1}}", TOGETHER.sub(WORD_JOINER, part)) for part in (subject, html, text))
    return Mail(purpose, subject, html, text, slots)


def _items(needs: Kind, data: Mapping[str, Any]) -> list[str]:
    name = next((name for name in needs.names if name in data), needs.names[0])
    value = data.get(name)
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) and each for each in values):
        raise PoisonError(f"data.{name}: missing or not text")
    return [_plain(each) for each in values if isinstance(each, str)]


def _link(name: str, value: object) -> str:
    if not isinstance(value, str) or LINK.fullmatch(value) is None:
        raise PoisonError(f"data.{name}: missing or not a plain http address")
    return _plain(value, longest=len(value))


def _plain(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Take control, direction and private characters out of a text, so that it can only be read."""
    kept = "".join(each for each in text if unicodedata.category(each) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
    return kept[:longest]


def _isolated(text: str) -> str:
    """Wrap a text so that its direction of writing does not disturb the sentence around it (Unicode UAX 9)."""
    return f"{ISOLATE}{text}{END_ISOLATE}"


def _listing(items: list[str], and_: str) -> str:
    first, last = ", ".join(map(_isolated, items[:-1])), _isolated(items[-1])
    return and_.replace("{first}", first).replace("{last}", last) if first else last


def _filled(text: str, items: str) -> str:
    return text.replace("{items}", items)
