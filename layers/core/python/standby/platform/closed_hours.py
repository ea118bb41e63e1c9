"""Hours in which a shop leaves people alone: each night, and from the eve of a day of rest until it is over.

A day of rest is a day of the week, such as Saturday, or a public holiday; several in a row are one rest. It begins on
the day before, at an hour that the shop sets, because no calendar of holidays knows of eves, and ends on its last day.
All times are the clock on the wall where the customer lives. A time that a clock skips in spring counts as the moment
after the jump; of one that it shows twice in autumn the first counts.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from standby.platform.frozen import frozen
from standby.platform.holidays import Country

DAY = timedelta(days=1)
LONGEST_REST = 30
"""Days in a row that one rest may last."""
MOST_CLOSINGS = 10_000
"""So often hours may close within a time that is counted."""
Span = tuple[datetime, datetime]
"""From an instant to another, in UTC; the latter is outside."""


class AlwaysClosedError(ValueError):
    """These hours leave none that are open."""


@frozen(kw_only=True)
class Rest:
    """Days of rest."""

    weekdays: frozenset[int] = frozenset({6})
    """1 is Monday (ISO 8601)."""
    holidays: Country | None = None
    begins: time = time(15)
    """On the day before the first."""
    ends: time = time(21)
    """On the last."""

    def is_on(self, day: date) -> bool:
        """Tell whether a day is one of rest."""
        return day.isoweekday() in self.weekdays or (self.holidays is not None and self.holidays.is_holiday(day))

    def around(self, day: date) -> tuple[date, date] | None:
        """Return the first and the last day of the rest that a day is part of. Raises `AlwaysClosedError`."""
        if not self.is_on(day):
            return None
        return self._end(day, -DAY), self._end(day, DAY)

    def _end(self, day: date, step: timedelta) -> date:
        """Return the last day of rest in a direction."""
        end = day
        for _ in range(LONGEST_REST):
            if not self.is_on(end + step):
                return end
            end += step
        raise AlwaysClosedError(f"rest: lasts more than {LONGEST_REST} days beside {day}")


@frozen(kw_only=True)
class ClosedHours:
    """When nothing is sent that can wait."""

    zone: ZoneInfo
    quiet: tuple[time, time] | None = None
    """From when to when each night; the end may be on the next day. Both the same: never."""
    rest: Rest | None = None

    def opens(self, moment: datetime) -> datetime:
        """Return the first instant from a moment on that is open: the moment itself, or the end of what closes it.

        Raises `AlwaysClosedError`.
        """
        found = moment
        for _ in range(LONGEST_REST):
            ends = [end for begin, end in self._spans(found) if begin <= found < end]
            if not ends:
                return found
            found = max(ends)
        raise AlwaysClosedError(f"closed from {moment} to {found} and on")

    def is_open(self, moment: datetime) -> bool:
        """Tell whether a moment is open. What closes at it is closed."""
        return self.opens(moment) == moment

    def after(self, moment: datetime, open_for: timedelta) -> datetime:
        """Return when it will have been open so long since a moment: a deadline that no closed hour shortens.

        Raises `AlwaysClosedError`, and ``OverflowError`` behind the year 9999.
        """
        now, left = self.opens(moment), open_for
        for _ in range(MOST_CLOSINGS):
            closes = self._closes(now, now + left)
            if closes is None:
                return now + left
            left -= closes - now
            now = self.opens(closes)
        raise AlwaysClosedError(f"open for less than {open_for} until {now}")

    def _closes(self, moment: datetime, until: datetime) -> datetime | None:
        """Return the first instant behind an open moment, and before another, at which it closes."""
        look = moment
        while look < until + DAY:
            begins = [begin for begin, _ in self._spans(look) if moment < begin < until]
            if begins:
                return min(begins)
            look += DAY
        return None

    def _spans(self, moment: datetime) -> Iterator[Span]:
        """Yield what closes on the day of a moment, the day before, and the day after."""
        today = moment.astimezone(self.zone).date()
        for day in (today - DAY, today, today + DAY, today + 2 * DAY):  # a rest begins on the eve of its first day
            if self.quiet is not None and self.quiet[0] != self.quiet[1]:
                begins, ends = self.quiet
                yield self._at(day, begins), self._at(day if begins < ends else day + DAY, ends)
            rests = self.rest.around(day) if self.rest is not None else None
            if self.rest is not None and rests is not None:
                yield self._at(rests[0] - DAY, self.rest.begins), self._at(rests[1], self.rest.ends)

    def _at(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, self.zone).astimezone(UTC)
