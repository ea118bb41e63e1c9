"""Compile how each language of the mails writes dates, times, numbers and money (``make schemas``).

The source is the Unicode CLDR as babel has it. Babel costs a function a tenth of its cold start, so it is used only
here, at development time. `standby.platform.formats` reads the result, a file a language. This module refuses whatever
that could not write (another calendar's fields, other groups of digits).
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import babel
from babel.numbers import get_currency_symbol, list_currencies
from standby.platform.counted import counted

PRODUCT = Path(__file__).parents[2] / "layers" / "core" / "python" / "standby"
LANGUAGES = sorted(path.stem for path in (PRODUCT / "mail" / "locales").glob("*.json"))
FIELDS = {"d", "dd", "M", "MM", "MMMM", "y", "EEEE", "H", "HH", "h", "hh", "mm", "a"}
"""Fields of CLDR patterns (UTS 35, part 4) that `standby.platform.formats` writes."""
TOKEN = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<field>([a-zA-Z])\3*)")
GROUP = 3


def pattern(cldr: str) -> str:
    """Return a date's pattern with its fields in braces: ``d בMMMM y`` becomes ``{d} ב{MMMM} {y}``."""

    def written(token: re.Match[str]) -> str:
        if token["field"] is None:
            return token["quoted"].replace("''", "'") or "'"
        if token["field"] not in FIELDS:
            raise ValueError(f"{cldr!r}: the field {token['field']} is not written by standby.platform.formats")
        return f"{{{token['field']}}}"

    return TOKEN.sub(written, cldr)


def formats(language: str) -> dict[str, Any]:
    """Return everything that a language needs. Raises ``ValueError`` for what cannot be written."""
    locale = babel.Locale.parse(language)
    money, number, percent = (
        locale.currency_formats["standard"],
        locale.decimal_formats[None],
        locale.percent_formats[None],
    )
    if any(each.grouping != (GROUP, GROUP) for each in (money, number, percent)):
        raise ValueError(f"{language}: digits do not stand in groups of three")
    symbols = locale.number_symbols["latn"]
    periods = locale.day_periods["format"]["abbreviated"]
    currencies = {code: get_currency_symbol(code, locale=locale) for code in sorted(list_currencies())}
    return {
        "months": [locale.months["format"]["wide"][month] for month in range(1, 13)],
        "days": [locale.days["format"]["wide"][day] for day in range(7)],
        "periods": [periods["am"], periods["pm"]],
        "date": pattern(locale.date_formats["long"].pattern),
        "day": pattern(locale.date_formats["full"].pattern),
        "time": pattern(locale.time_formats["short"].pattern),
        "instant": locale.datetime_formats["long"].replace("'", "").replace("{1}", "{date}").replace("{0}", "{time}"),
        "zone": locale.zone_formats["gmt"].replace("%s", "{offset}"),
        "decimal": symbols["decimal"],
        "group": symbols["group"],
        "number": _signed(number),
        "percent": _signed(percent),
        "money": [text.replace("¤", "{symbol}") for text in _signed(money)],
        "symbols": {code: symbol for code, symbol in currencies.items() if symbol != code},
    }


def _signed(form: Any) -> list[str]:  # noqa: ANN401 - babel's
    """Return a number's pattern for positive and for negative ones."""
    return [f"{before}{{amount}}{behind}" for before, behind in zip(form.prefix, form.suffix, strict=True)]


def documents() -> Iterator[tuple[Path, str]]:
    """Yield each language's file and the text that it should have."""
    for language in LANGUAGES:
        path = PRODUCT / "platform" / "formats" / f"{language}.json"
        yield path, json.dumps(formats(language), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` only say which are stale."""
    parser = argparse.ArgumentParser(description="compile the formats of languages")
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    stale = [(path, text) for path, text in documents() if not path.exists() or path.read_text("utf-8") != text]
    for path, text in stale:
        if check:
            print(f"{path.name}: stale, run make schemas", file=sys.stderr)
        else:
            path.write_text(text, "utf-8")
    print(f"{counted(len(stale), 'language')} {'stale' if check else 'written anew'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
