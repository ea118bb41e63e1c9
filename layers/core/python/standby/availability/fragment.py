"""A product as a piece of HTML that a shop's server puts into its page: sizes and colours, and what machines read.

It is a table where two options make one, else a list. It loads nothing, runs nothing and has no style of its own; the
shop's style sheet finds the states by ``data-status`` and the SKUs by ``data-sku``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup

from standby.availability import json_ld
from standby.platform.page import Pages

if TYPE_CHECKING:
    from standby.availability.answers import ProductMatrix, VariantCell

AXES = 2
"""Options that make a table."""
MONTH_LENGTH = len("2027-03")
Text = Mapping[str, Any]
Cell = Sequence["VariantCell"]


class Grid(NamedTuple):
    """A table of two options' values. Where no variant has both, a cell is empty."""

    row: str
    column: str
    across: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


def written(product: "ProductMatrix", language: str, zone: ZoneInfo) -> str:
    """Write a product in a language; instants are of the shop's zone."""
    text = _pages().text(language)
    return _pages().write(
        "product",
        language,
        product=product,
        name=product["title"] or product["product_id"],
        grid=grid(product),
        variants=[(variant, variant["text"] or variant["sku"]) for variant in product["variants"]],
        expected=partial(_expected, text),
        released=partial(_released, text),
        as_of=_as_of(text, product["as_of"], zone),
        json_ld=Markup(json_ld.written(product)),  # noqa: S704 - it has no character that HTML knows
    )


def grid(product: "ProductMatrix") -> Grid | None:
    """Return a product's table; ``None`` where its options make none, or a variant lacks one of them."""
    if len(product["options"]) != AXES:
        return None
    down, across = product["options"]
    row, column = down["name"], across["name"]
    cells: dict[tuple[str, str], list[VariantCell]] = {}
    for variant in product["variants"]:
        options = variant["options"]
        if row not in options or column not in options:
            return None
        cells.setdefault((options[row], options[column]), []).append(variant)
    rows = [
        (each["text"], [cells.get((each["value"], other["value"]), ()) for other in across["values"]])
        for each in down["values"]
    ]
    return Grid(down["text"], across["text"], [each["text"] for each in across["values"]], rows)


def _expected(text: Text, day: str) -> str:
    try:
        shown = _day(text, date.fromisoformat(day))
    except ValueError:
        shown = day
    said: str = text["expected"].format(day=shown)
    return said


def _released(text: Text, release_on: str) -> str:
    """Write a release's day, month or period."""
    first, _, last = release_on.partition("/")
    try:
        if len(first) == MONTH_LENGTH:
            begins = date.fromisoformat(f"{first}-01")
            month = text["month"].format(month=text["months"][begins.month - 1], year=begins.year)
            said: str = text["expected_in"].format(month=month)
            return said
        days = [_day(text, date.fromisoformat(day)) for day in (first, last) if day]
    except ValueError:
        return _expected(text, release_on)
    within: str = text["expected"].format(day=days[0]) if len(days) == 1 else text["expected_between"].format(days=days)
    return within


def _as_of(text: Text, instant: str | None, zone: ZoneInfo) -> str:
    if instant is None:
        return ""
    local = datetime.fromisoformat(instant).astimezone(zone)
    shown = text["instant"].format(day=_day(text, local.date()), clock=f"{local:%H:%M}")
    said: str = text["as_of"].format(instant=shown)
    return said


def _day(text: Text, day: date) -> str:
    said: str = text["day"].format(day=day.day, month=text["months"][day.month - 1], year=day.year)
    return said


@cache
def _pages() -> Pages:
    return Pages.of(Path(__file__).with_name("fragments"))
