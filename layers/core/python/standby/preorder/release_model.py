"""When what is sold ahead is released, as shops say it: a day, a month or a period."""

from datetime import date, timedelta

OVER_EVERYWHERE = timedelta(hours=36)
"""So long after it began in UTC a day is over at UTC-12, where it ends last."""


def last_day(release_on: str) -> str:
    """Return the last day of a release's day, month or period. Raises ``ValueError`` for anything else."""
    first, _, last = release_on.partition("/")
    begins, ends = _days(first)
    if last:
        if len(first) != len("2027-03-01"):
            raise ValueError(_WRONG_RELEASE)
        _, ends = _days(last)
        if len(last) != len(first) or ends < begins:
            raise ValueError(_WRONG_RELEASE)
    return ends.isoformat()


_WRONG_RELEASE = "must be a day (2027-03-01), a month (2027-03) or a period (2027-03-01/2027-03-15)"


def _days(text: str) -> tuple[date, date]:
    try:
        if len(text) == len("2027-03"):
            begins = date.fromisoformat(f"{text}-01")
            following = begins.replace(day=28) + timedelta(days=4)
            return begins, following - timedelta(days=following.day)
        day = date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(_WRONG_RELEASE) from error
    if day.isoformat() != text:
        raise ValueError(_WRONG_RELEASE)  # ISO 8601 has more ways to write it
    return day, day
