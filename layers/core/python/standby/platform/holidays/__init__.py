"""Public holidays and weekends of countries: ``<country>.json`` in this folder, compiled at development time.

They are the days on which all of a country rests. What only a region celebrates is not among them; a shop names such
days itself (`Country.and_on`). Eves, hours and half days are nobody's data: `standby.platform.closed_hours` derives
them by rule. Beyond the compiled years no day is known to be a holiday (`Country.knows`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from standby.platform.frozen import frozen

FOLDER = Path(__file__).parent
MOST_REST_DAYS = 60
"""In a row; a country that rests longer has no business days."""


class UnknownCountryError(ValueError):
    """Nobody compiled the holidays of this country; the text names it and those that there are."""


@frozen()
class Country:
    """When a country rests."""

    weekend: frozenset[int]
    """Days of the week; 1 is Monday (ISO 8601)."""
    years: Mapping[str, Sequence[str]]
    """The holidays as ``MM-DD``, by year."""
    more: frozenset[date] = frozenset()
    """Holidays beside them."""

    @classmethod
    def of(cls, code: str) -> "Country":
        """Return a country by its ISO 3166-1 code of two letters. Raises `UnknownCountryError`."""
        return _compiled(code)

    def and_on(self, days: Iterable[date]) -> "Country":
        """Return it with a shop's own holidays, such as those of its region."""
        return Country(self.weekend, self.years, self.more | frozenset(days))

    def knows(self, day: date) -> bool:
        """Tell whether the holidays of a day's year were compiled."""
        return f"{day.year:04}" in self.years

    def is_holiday(self, day: date) -> bool:
        """Tell whether a day is a holiday."""
        return day in self.more or f"{day:%m-%d}" in self.years.get(f"{day.year:04}", ())

    def is_business_day(self, day: date) -> bool:
        """Tell whether people work on a day."""
        return day.isoweekday() not in self.weekend and not self.is_holiday(day)

    def after(self, day: date, business_days: int) -> date:
        """Return the day that is so many business days after one; 0: that day itself, whatever it is.

        Raises ``OverflowError`` behind the year 9999, ``ValueError`` where people never work.
        """
        rested = 0
        while business_days > 0:
            day += timedelta(days=1)
            works = self.is_business_day(day)
            business_days -= works
            rested = 0 if works else rested + 1
            if rested > MOST_REST_DAYS:
                raise ValueError(f"no business day in {MOST_REST_DAYS} days before {day}")
        return day


def countries() -> list[str]:
    """Return the codes of all that were compiled."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def _compiled(code: str) -> Country:
    if code not in countries():
        raise UnknownCountryError(f"{code!r} is none of {', '.join(countries())}")
    said = json.loads((FOLDER / f"{code}.json").read_text("utf-8"))
    return Country(frozenset(said["weekend"]), said["years"])
