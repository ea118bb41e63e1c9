"""The page behind the link to what was granted for an order, in the customer's language.

Mail scanners follow every link, so showing it changes nothing: its buttons POST (design, promise 11). Forms and links
name relative addresses, so that a page works under any domain and path prefix.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standby.compensation.policy_model import GONE, PERCENT_OFF
from standby.compensation.showing import CHOOSE
from standby.platform.formats import Formats
from standby.platform.page import Pages

if TYPE_CHECKING:
    from standby.compensation.answers import OptionShown, OwnRemediesShown, OwnRemedyShown, WorthShown

ISOLATE, POP = "\u2068", "\u2069"
"""Around what is of another direction than the words that it stands in (Unicode: FSI and PDI)."""
DEAD = frozenset({"expired", "revoked", "lapsed", GONE})


def remedies_page(
    locale: str,
    shown: "OwnRemediesShown",
    *,
    zones: tuple[str | None, str],
    forms: str,
    track: str,
    wrong: str | None = None,
) -> str:
    """Write the page of what a customer was granted. ``zones`` are the customer's time zone, if known, and the shop's.

    ``forms`` stands before the addresses to which its forms POST, ``track`` leads to the order. ``wrong`` is the slug
    of the problem that a form ran into.
    """
    text = _pages().text(locale)
    formats = Formats.of(text["lang"], *zones)
    mark = _mark(shown)
    return _pages().write(
        "remedies",
        locale,
        head=text["head"][mark],
        mark=mark,
        number=f"{ISOLATE}{shown['order']}{POP}",
        rate=shown["may_rate"],
        rating=shown["rating"],
        remedies=[_remedy(remedy, text, formats) for remedy in shown["remedies"]],
        forms=forms,
        track=track,
        wrong=wrong,
    )


def problem_page(locale: str, kind: str) -> str:
    """Write the page that says in words what a problem means for the person who followed the link."""
    return _pages().write("problem", locale, kind=kind)


def _mark(shown: "OwnRemediesShown") -> str:
    """Return what the page says first."""
    states = {remedy["status"] for remedy in shown["remedies"]}
    if CHOOSE in states:
        return CHOOSE
    if not states:
        return "asked" if shown["may_rate"] else "none"
    if states == {GONE}:
        return GONE
    return "over" if states <= DEAD else "given"


def _remedy(remedy: "OwnRemedyShown", text: Mapping[str, Any], formats: Formats) -> dict[str, Any]:
    until = formats.date(remedy["choose_by"]) if remedy["choose_by"] else ""
    ends = formats.date(remedy["ends_on"]) if remedy["ends_on"] else ""
    differ = len({option["ends_on"] for option in remedy["options"]} - {None}) > 1
    if differ:
        ends = ""  # each says its own
    return {
        **remedy,
        **_words(remedy["kind"], remedy["amount"], remedy["percent"], text, formats),
        "conditions": _conditions(remedy, text, formats),
        "offered": [_option(option, text, formats, own=differ) for option in remedy["options"]],
        "until": text["choose"]["until"].replace("{day}", until),
        "ends": text["choose" if remedy["status"] == CHOOSE else "code"]["ends"].replace("{day}", ends) if ends else "",
    }


def _option(option: "OptionShown", text: Mapping[str, Any], formats: Formats, *, own: bool) -> dict[str, Any]:
    """Write one of several. ``own``: the last day of its code is another than that of the rest."""
    words = _words(option["kind"], option["amount"], option["percent"], text, formats)
    conditions = _conditions(option, text, formats)
    if own and option["ends_on"] is not None:
        conditions = [text["choose"]["ends"].replace("{day}", formats.date(option["ends_on"])), *conditions]
    return {**option, **words, "conditions": conditions}


def _conditions(code: "OptionShown | OwnRemedyShown", text: Mapping[str, Any], formats: Formats) -> list[str]:
    """Write what orders take a code, whose it is, and whether the shop may take it back."""
    words, said = text["code"], []
    if code["minimum"] is not None:
        said.append(_filled(words["minimum"], {"minimum": f"{ISOLATE}{formats.money(code['minimum'])}{POP}"}))
    also = {"alone": not code["combinable"], "bound": code["bound"], "revocable": code["revocable"]}
    return [*said, *(words[name] for name, so in also.items() if so)]


def _words(
    kind: str, amount: "WorthShown", percent: int | None, text: Mapping[str, Any], formats: Formats
) -> dict[str, str]:
    """Write what a remedy is."""
    money = f"{ISOLATE}{formats.money(amount)}{POP}"
    places = {"worth": formats.percent(percent or 0) if kind == PERCENT_OFF else "", "most": money}
    places |= {"value": money, "fee": money}
    return {name: _filled(said, places) for name, said in text["worth"][kind].items()}


def _filled(said: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        said = said.replace(f"{{{name}}}", value)
    return said


@cache
def _pages() -> Pages:
    return Pages.of(Path(__file__).with_name("pages"))
