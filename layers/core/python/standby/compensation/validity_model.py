"""Until when something may be used: a day of the shop's calendar, which counts whole.

Mails and pages name that day, so nothing ends before it is over: not where the clocks change on it, either.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

from standby.platform.clock import to_text


class LastDay(NamedTuple):
    """The last day on which something may be used."""

    day: str
    """Of the shop's calendar: 2027-05-03."""
    over_at: str
    """The instant (RFC 3339) in which it is over; from then on it may not."""


def last_day(at: datetime, days: int, zone: tzinfo) -> LastDay:
    """Return the last day of what begins at an instant and may be used for so many days after that one."""
    day = at.astimezone(zone).date() + timedelta(days=days)
    end = datetime.combine(day + timedelta(days=1), time.min, zone)
    return LastDay(day.isoformat(), to_text(end.astimezone(UTC)))


def with_last_day(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a grant or a voucher as it is kept; one without a last day has the one that its mail named."""
    return kept if kept.get("expires_at") is None else {"ends_on": kept["expires_at"][:10], **kept}
