"""When a place is open, as the ERP says it: days of the week, and dates that are otherwise.

    {"mon": [["09:00", "13:00"], ["16:00", "19:30"]], "fri": ["09:00", "14:00"], "sat": [],
     "exceptions": {"2026-12-25": [], "2026-12-31": [["09:00", "13:00"]]}}

Times are the clock on the wall. A day that is not named is closed. What closes at or before the time at which it opens
closes on the next day; the whole day is ``["00:00", "24:00"]``. An exception stands in place of what would begin on
its date.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from standby.platform.frozen import frozen

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXCEPTIONS = "exceptions"
MOST_SPANS = 10
"""Spans of one day."""
MOST_EXCEPTIONS = 400
"""Dates: more than a year of them."""
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MIDNIGHT = "24:00"
Span = tuple[str, str]
"""From when to when, as ``HH:MM``."""


class HoursError(ValueError):
    """These are no opening hours; the text names where."""


@frozen()
class OpeningHours:
    """When a place is open."""

    week: Mapping[str, tuple[Span, ...]]
    exceptions: Mapping[str, tuple[Span, ...]]

    def on(self, day: date) -> tuple[Span, ...]:
        """Return the spans that begin on a day."""
        return self.exceptions.get(day.isoformat(), self.week.get(DAYS[day.weekday()], ()))

    def open_at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Tell whether the place is open at a moment. What opens at it is open, what closes at it is not.

        Where a clock is put back, the first of two equal times counts.
        """
        today = moment.astimezone(zone).date()
        return any(
            opens <= moment < closes
            for day in (today - timedelta(days=1), today)
            for opens, closes in (_instants(day, span, zone) for span in self.on(day))
        )


def opening_hours(said: Mapping[str, Any]) -> OpeningHours:
    """Read opening hours. Raises `HoursError`."""
    exceptions = said.get(EXCEPTIONS, {})
    if not isinstance(exceptions, Mapping):
        raise HoursError(f"{EXCEPTIONS}: must be object")
    if len(exceptions) > MOST_EXCEPTIONS:
        raise HoursError(f"{EXCEPTIONS}: {len(exceptions)} are more than {MOST_EXCEPTIONS}")
    for name in said:
        if name not in DAYS and name != EXCEPTIONS:
            raise HoursError(f"{name:.40}: is none of {', '.join((*DAYS, EXCEPTIONS))}")
    return OpeningHours(
        {day: _spans(day, said[day]) for day in DAYS if day in said},
        {_date(day): _spans(f"{EXCEPTIONS}.{day:.40}", spans) for day, spans in exceptions.items()},
    )


def _date(said: str) -> str:
    try:
        if DATE.fullmatch(said):
            return date.fromisoformat(said).isoformat()
    except ValueError:
        pass
    raise HoursError(f"{EXCEPTIONS}.{said:.40}: is no date")


def _spans(where: str, said: object) -> tuple[Span, ...]:
    """Read a day's spans. One alone needs no list around it, and nothing is closed."""
    if said is None:
        return ()
    if not isinstance(said, list):
        raise HoursError(f"{where}: must be array")
    spans = [said] if said and all(isinstance(each, str) for each in said) else said
    if len(spans) > MOST_SPANS:
        raise HoursError(f"{where}: {len(spans)} are more than {MOST_SPANS}")
    return tuple(_span(where, span) for span in spans)


def _span(where: str, said: object) -> Span:
    match said:
        case [str(opens), str(closes)] if TIME.fullmatch(opens) and TIME.fullmatch(closes) and opens != MIDNIGHT:
            if opens == closes:
                raise HoursError(f'{where}: {opens} is when it opens and closes; the whole day is "00:00" to "24:00"')
            return opens, closes
    raise HoursError(f'{where}: must be from when to when, such as ["09:00", "17:30"]')


def _instants(day: date, span: Span, zone: ZoneInfo) -> tuple[datetime, datetime]:
    opens, closes = span
    until = day + timedelta(days=closes <= opens or closes == MIDNIGHT)
    return _instant(day, opens, zone), _instant(until, closes, zone)


def _instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat("00:00" if clock == MIDNIGHT else clock), zone).astimezone(UTC)
