"""Dates, times, numbers and money as a reader's language writes them, in the reader's time zone.

The rules of a language are data: ``<language>.json`` in this folder, compiled from the Unicode CLDR at development
time. Dates and instants come as RFC 3339 texts. A date is a calendar date; no time zone moves it.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from standby.platform.clock import from_text
from standby.platform.frozen import frozen
from standby.platform.money import parts

NON_BREAKING = "\u00a0"


@frozen()
class Formats:
    """One language's ways to write, for readers of one time zone (IANA names)."""

    said: Mapping[str, Any]
    zones: Sequence[str | None]
    """The reader's time zone, then those to take when it is unknown. Times in those say how far from GMT they are."""

    @classmethod
    def of(cls, language: str, *zones: str | None) -> "Formats":
        """Return the ways of a language that has a file here."""
        return cls(_rules(language), zones)

    def date(self, value: str | dt.datetime) -> str:
        """Write ``2026-05-03`` or the day of an instant: May 3, 2026."""
        return self._pattern("date", self._day(value))

    def day(self, value: str | dt.datetime) -> str:
        """Write a date with its day of the week: Sunday, May 3, 2026."""
        return self._pattern("day", self._day(value))

    def time(self, value: str | dt.datetime) -> str:
        """Write an instant's time of day: 5:00 PM."""
        at = self._local(value)
        written = self._pattern("time", at)
        return written if self._zone[1] else f"{written} ({self._offset(at)})"

    def instant(self, value: str | dt.datetime) -> str:
        """Write an instant's date and time: May 3, 2026, 5:00 PM."""
        written: str = self.said["instant"]
        return written.replace("{date}", self.date(value)).replace("{time}", self.time(value))

    def hour(self, value: str) -> str:
        """Write a time of day, ``17:00``, that belongs to no date and no time zone."""
        return self._pattern("time", dt.datetime.combine(dt.date.min, dt.time.fromisoformat(value)))

    def weekday(self, number: int) -> str:
        """Write the name of a day of the week; 1 is Monday (ISO 8601)."""
        name: str = self.said["days"][number - 1]
        return name

    def number(self, value: int) -> str:
        """Write a whole number: 12,345."""
        return self._signed("number", value, self._grouped(abs(value)))

    def decimal(self, value: int, digits: int) -> str:
        """Write a number that is not below 0 and comes in parts, to one decimal place: 457 hundredths are 4.6."""
        tenths = (value * 10 + 10**digits // 2) // 10**digits
        decimal: str = self.said["decimal"]
        return f"{self._grouped(tenths // 10)}{decimal}{tenths % 10}"

    def percent(self, value: int) -> str:
        """Write a whole number of percent: 15%."""
        return self._signed("percent", value, self._grouped(abs(value)))

    def money(self, value: Mapping[str, Any]) -> str:
        """Write an amount of minor units with its currency: ₪129.90.

        Letters keep a space from digits (UTS 35, currency spacing).
        """
        amount, currency = value["amount"], value["currency"]
        whole, rest = parts(amount, currency)
        digits = self._grouped(whole) + (f"{self.said['decimal']}{rest}" if rest else "")
        symbol: str = self.said["symbols"].get(currency, currency)
        if symbol[-1].isalpha() and self.said["money"][0].startswith("{symbol}{"):
            symbol += NON_BREAKING
        return self._signed("money", amount, digits).replace("{symbol}", symbol)

    def _grouped(self, whole: int) -> str:
        group: str = self.said["group"]
        return f"{whole:,}".replace(",", group)

    def _signed(self, form: str, value: int, digits: str) -> str:
        written: str = self.said[form][value < 0]
        return written.replace("{amount}", digits)

    def _day(self, value: str | dt.datetime) -> dt.date:
        return dt.date.fromisoformat(value) if isinstance(value, str) and "T" not in value else self._local(value)

    def _local(self, value: str | dt.datetime) -> dt.datetime:
        return (from_text(value) if isinstance(value, str) else value).astimezone(self._zone[0])

    @cached_property
    def _zone(self) -> tuple[dt.tzinfo, bool]:
        """Return the first name that is a time zone, as a time zone, and whether it is the reader's own."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - most mails show no time, and loading it costs a cold start

        for place, name in enumerate(self.zones):
            with suppress(ValueError, OSError, KeyError):
                return ZoneInfo(name or ""), place == 0
        return dt.UTC, False

    def _offset(self, at: dt.datetime) -> str:
        minutes = round((at.utcoffset() or dt.timedelta()).total_seconds() / 60)
        hours, rest = divmod(abs(minutes), 60)
        written: str = self.said["zone"]
        return written.replace("{offset}", f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}")

    def _pattern(self, form: str, at: dt.date) -> str:
        written: str = self.said[form]
        return written.format_map(self._fields(at))

    def _fields(self, at: dt.date) -> Mapping[str, object]:
        fields: dict[str, object] = {
            "d": at.day,
            "dd": f"{at.day:02d}",
            "M": at.month,
            "MM": f"{at.month:02d}",
            "MMMM": self.said["months"][at.month - 1],
            "y": at.year,
            "EEEE": self.said["days"][at.weekday()],
        }
        if isinstance(at, dt.datetime):
            half = (at.hour - 1) % 12 + 1
            fields |= {
                "H": at.hour,
                "HH": f"{at.hour:02d}",
                "h": half,
                "hh": f"{half:02d}",
                "mm": f"{at.minute:02d}",
                "a": self.said["periods"][at.hour >= 12],  # noqa: PLR2004 - noon
            }
        return fields


@cache
def _rules(language: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(Path(__file__).with_name(f"{language}.json").read_text("utf-8"))
    return found
