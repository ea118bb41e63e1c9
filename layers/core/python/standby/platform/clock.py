"""Time, passed in: nothing below a handler reads the clock by itself.

Instants are RFC 3339 in UTC with milliseconds (``2026-05-03T10:00:00.000Z``): one width, so that the
order of the texts is the order of the instants and DynamoDB can sort and compare them.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from standby.platform.frozen import frozen

RFC_3339 = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]|:60)(\.[0-9]+)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""``date-time`` (RFC 3339 §5.6), with the space that its note allows in place of T. Compiled when first used."""

ZERO_DAY = "1970-01-01"
"""The last of the days by which other systems say that they know none."""
NO_DAY = date.max.isoformat()
"""Stands where a record must have a day and nobody said one: behind every other. Other systems say it so, too."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


@frozen()
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def to_text(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 UTC with milliseconds.

    Raises ``ValueError`` for an instant without a time zone.
    """
    if instant.tzinfo is None:
        message = f"{instant.isoformat()}: an instant needs a time zone"
        raise ValueError(message)
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read an RFC 3339 instant (any offset, any precision) as an aware UTC ``datetime``.

    A leap second, which is 23:59:60 in UTC on the last day of a month, is read as the last microsecond before it ends
    the day. Raises ``ValueError`` for everything else, also for other forms of ISO 8601 and without an offset.
    """
    found = re.fullmatch(RFC_3339, text)
    if found is None:
        message = f"{text:.40} is no instant of RFC 3339, such as 2026-05-03T10:00:00Z"
        raise ValueError(message)
    leaps = found[1] == ":60"
    said = f"{text[:16]}:59.999999{found[3]}" if leaps else text
    instant = datetime.fromisoformat(said.upper())  # RFC 3339 §5.6 lets T and Z be lower case
    try:
        instant = instant.astimezone(UTC)
        after = instant + timedelta(microseconds=1) if leaps else None
    except OverflowError as error:
        message = f"{text}: an instant lies between the years 1 and 9999 in UTC"
        raise ValueError(message) from error
    if after is not None and (after.day, after.hour, after.minute) != (1, 0, 0):
        message = f"{text}: a leap second ends the last day of a month, at 23:59:60 in UTC"
        raise ValueError(message)
    return instant


def day_begins(day: date, zone: tzinfo) -> datetime:
    """Return the instant at which a day begins in a zone, in UTC; the first instant that there is at the earliest."""
    try:
        return datetime.combine(day, time.min, zone).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def day_ends(day: date, zone: tzinfo) -> datetime:
    """Return the instant at which a day is over in a zone, in UTC; the last instant that there is at the latest."""
    try:
        return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def from_milliseconds(milliseconds: int) -> datetime:
    """Read milliseconds since the Unix epoch (SQS's ``SentTimestamp``)."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_milliseconds(instant: datetime) -> int:
    """Write an aware instant as milliseconds since the Unix epoch."""
    return round(instant.timestamp() * 1000)
