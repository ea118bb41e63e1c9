"""How long SES has failed a job, as it travels with the job through its queue.

A job that is put back is a new message, so its queue never sees it grow old. What SES answered is remembered in an
attribute of the message: when the failures began, and when the latest one was.
"""

from datetime import datetime, timedelta

from standby.platform.clock import from_milliseconds, to_milliseconds
from standby.platform.frozen import frozen

FAILING = "failing"
"""The attribute of a job put back that holds the outage that it met."""
LONGEST_DELAY_SECONDS = 900
"""What SQS takes, and how long after SES is back the last job may come."""
FORGOTTEN_AFTER = timedelta(minutes=20)
"""A failure that comes later than this after the one before begins a new outage."""
LONG = timedelta(minutes=15)
LONGEST = 13
"""Digits of an instant in milliseconds."""


@frozen()
class Outage:
    """A row of failures without anything accepted between them."""

    since: datetime
    latest: datetime

    @classmethod
    def of(cls, text: str | None) -> "Outage | None":
        """Read what `text` wrote; ``None`` where it is missing or written by a stranger."""
        parts = (text or "").split()
        if len(parts) != 2 or not all(part.isdecimal() and len(part) <= LONGEST for part in parts):  # noqa: PLR2004
            return None
        return cls(*(from_milliseconds(int(part)) for part in parts))

    @classmethod
    def failed(cls, known: "Outage | None", now: datetime) -> "Outage":
        """Return the outage after one more failure."""
        if known is None or now - known.latest > FORGOTTEN_AFTER:
            return cls(now, now)
        return cls(known.since, now)

    @property
    def long(self) -> bool:
        """Tell whether somebody should know."""
        return self.latest - self.since >= LONG

    def delay(self, least: int) -> int:
        """Return the seconds until the next attempt: they double with each failure, up to what SQS takes."""
        lasted = int((self.latest - self.since).total_seconds())
        return min(LONGEST_DELAY_SECONDS, max(least, lasted))

    def text(self) -> str:
        """Write the outage as an attribute."""
        return f"{to_milliseconds(self.since)} {to_milliseconds(self.latest)}"
