"""Recipients whom SES does not mail while the account is in its sandbox, as they travel with a job through its queue.

The sandbox mails verified addresses only (SES developer guide, "Request production access"). The other recipients of
the job must not wait for them: a sandbox sends one mail a second, so whoever is tried again and again takes the turn of
the rest. Who was refused so is therefore left out of the job's calls until somebody may have verified the address.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from standby.platform.clock import from_milliseconds, to_milliseconds
from standby.platform.frozen import frozen

UNVERIFIED = "unverified"
"""The attribute of a job put back that holds whom SES does not mail."""
ASKED_AGAIN_AFTER = timedelta(minutes=15)
MOST, LONGEST = 51, 13
"""Numbers of an attribute that we wrote, and their digits: an instant in milliseconds, and fifty places."""


@frozen()
class Unverified:
    """The places of recipients in their job, and until when they are left out of its calls."""

    places: frozenset[int] = frozenset()
    until: datetime | None = None

    @classmethod
    def of(cls, text: str | None, now: datetime) -> "Unverified":
        """Read what `text` wrote; nobody where it is missing, over, or written by a stranger."""
        parts = (text or "").split()
        if not parts or len(parts) > MOST or not all(part.isdecimal() and len(part) <= LONGEST for part in parts):
            return cls()
        until = from_milliseconds(int(parts[0]))
        return cls(frozenset(map(int, parts[1:])), until) if now < until <= now + 2 * ASKED_AGAIN_AFTER else cls()

    def joined(self, places: Collection[int], now: datetime) -> "Unverified":
        """Return these and others; all of them are asked about again when the first are."""
        return Unverified(self.places | frozenset(places), self.until or now + ASKED_AGAIN_AFTER)

    def text(self) -> str:
        """Write them as an attribute; nothing for nobody."""
        return " ".join(map(str, [to_milliseconds(self.until), *sorted(self.places)])) if self.until else ""
