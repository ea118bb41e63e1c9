"""What the demo shop's pages say, in English and Hebrew."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "he")
SHEKEL = "₪"


@dataclass(frozen=True)
class Language:
    """One of the shop's languages."""

    code: str

    @property
    def direction(self) -> str:
        """Where its lines begin, as HTML says it."""
        return "rtl" if self.code == "he" else "ltr"

    @property
    def other(self) -> str:
        """The code of the shop's other language."""
        return next(code for code in LANGUAGES if code != self.code)

    def say(self, key: str, **values: object) -> str:
        """Return a text with its values. Raises ``KeyError`` for one that nobody wrote."""
        text: str = _words()[self.code][key]
        return text.format(**values)

    def counted(self, key: str, count: int) -> str:
        """Return the text for none, one or more."""
        return self.say(f"{key}.{count if count in (0, 1) else 'n'}", count=count)

    def name(self, text: str) -> str:
        """Return the name of a colour, a category, a store or a place; one without a translation stays as it is."""
        if self.code == "en":
            return text
        named: str = _words()["names"].get(text, text)
        return named

    def about(self, product_id: str) -> str:
        """Return what the shop says of a product."""
        told: str = _words()["about"][product_id][self.code]
        return told

    def money(self, amount: int) -> str:
        """Return an amount of agorot in shekels; whole ones without decimals."""
        shekels = f"{amount / 100:,.2f}".removesuffix(".00")
        return f"{shekels} {SHEKEL}" if self.code == "he" else f"{SHEKEL}{shekels}"

    def day(self, date: str) -> str:
        """Return a calendar date in words; what is a month or a period stays as it is."""
        try:
            _, month, day = map(int, date.split("-"))
        except ValueError:
            return date
        return self.say("on", day=day, month=self.say("months").split("|")[month - 1])


def language(chosen: str, accepted: str) -> Language:
    """Return the language that a visitor chose, else one that the browser asks for, else English."""
    asked = [each.split(";")[0].strip()[:2].lower() for each in accepted.split(",")]
    return Language(next((code for code in (chosen, *asked) if code in LANGUAGES), LANGUAGES[0]))


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
    return words
