"""Time, passed in: nothing below a handler reads the clock by itself.

Instants are RFC 3339 in UTC with milliseconds (``2026-05-03T10:00:00.000Z``): one width, so that the
order of the texts is the order of the instants and DynamoDB can sort and compare them.
"""

from datetime import UTC, datetime
from typing import Protocol

from standby.platform.frozen import frozen


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

    Raises ``ValueError`` when it is not one, also when the offset is missing.
    """
    instant = datetime.fromisoformat(text.upper())  # RFC 3339 §5.6 lets T and Z be lower case
    if instant.tzinfo is None:
        message = f"{text}: an instant needs a time zone"
        raise ValueError(message)
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        message = f"{text}: an instant lies between the years 1 and 9999 in UTC"
        raise ValueError(message) from error


def from_milliseconds(milliseconds: int) -> datetime:
    """Read milliseconds since the Unix epoch (SQS's ``SentTimestamp``)."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_milliseconds(instant: datetime) -> int:
    """Write an aware instant as milliseconds since the Unix epoch."""
    return round(instant.timestamp() * 1000)
