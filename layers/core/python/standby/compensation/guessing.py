"""Guesses of voucher codes: who names too many codes that there are not waits, and nobody else does.

A storefront says for whom it asks, by whatever stands for a shopper there. Without that nobody waits: everybody would.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Protocol

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.kept import GUESSES

MOST = 10
"""Codes that there are not, which a shopper may name in one `WINDOW`."""
WINDOW = timedelta(minutes=15)


class Wrong(Protocol):
    """Counts the codes that there were not. Every method raises `BusyError`."""

    def wrong(self, shopper: str, window: str) -> int:
        """Return how many there were."""
        ...

    def add_wrong(self, shopper: str, window: str, expires: int) -> None:
        """Count one more."""
        ...


@frozen(kw_only=True)
class Guesses:
    """Slows down who guesses."""

    counts: Wrong
    clock: Clock

    def seconds_to_wait(self, shopper: str) -> int:
        """Return 0 where a shopper (`shopper_of`) may name a code, else the seconds until they may."""
        now = self.clock.now()
        started = _started(now)
        if self.counts.wrong(shopper, started.isoformat()) < MOST:
            return 0
        return int((started + WINDOW - now).total_seconds()) + 1

    def was_wrong(self, shopper: str) -> None:
        """Count a code that there is not."""
        now = self.clock.now()
        self.counts.add_wrong(shopper, _started(now).isoformat(), int((now + GUESSES).timestamp()))


def shopper_of(caller: str, hint: str) -> str:
    """Return by what the shopper counts for whom a key's holder asks; what the holder says is not in it."""
    return hashlib.sha256(f"{caller}#{hint}".encode()).hexdigest()[:32]


def _started(now: datetime) -> datetime:
    return now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % WINDOW
