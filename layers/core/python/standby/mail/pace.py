"""The account's sending rate, shared by all senders (design §7: ``MaxSendRate`` through one token item).

Sending time is a timeline. A sender reserves the next free ``mails / rate`` seconds of it and sends when they come. It
reserves once for several calls, so that a thousand mails need few requests.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from standby.platform.clock import Clock

HORIZON = timedelta(seconds=2)
"""The longest stretch that one sender reserves, so that others are never kept waiting long."""
PATIENCE = timedelta(seconds=3)
"""The longest that a sender waits for its turn before it puts the job back."""
URGENT_PATIENCE = timedelta(seconds=10)
GRACE = timedelta(seconds=5)
"""A reservation that was not used this long after its end is forgotten."""
LARGEST_CALL = 50


class Timeline(Protocol):
    """Where sending time is reserved."""

    def take(
        self, milliseconds: int, *, now: datetime, patience: timedelta, busy: bool
    ) -> tuple[datetime | None, datetime]:
        """Return when the reserved time starts (``None``: nothing was reserved) and until when time is taken."""
        ...

    def hold(self, until: datetime) -> None:
        """Let no time be reserved before ``until``."""
        ...


class Rate(Protocol):
    """How fast the account may send."""

    def per_second(self) -> float:
        """Return the mails a second, at least 1."""
        ...


@dataclass
class Pace:
    """Says when the next call may be made. It keeps its reservation in memory between calls."""

    timeline: Timeline
    rate: Rate
    clock: Clock
    sleep: Callable[[float], None]
    _left: int = field(default=0, init=False)
    _next_at: datetime | None = field(default=None, init=False)
    _until: datetime | None = field(default=None, init=False)
    _taken_until: datetime | None = field(default=None, init=False)

    def call_size(self) -> int:
        """Return how many recipients a call may have: at most 50, and at most a second's worth."""
        return max(1, min(LARGEST_CALL, int(self.rate.per_second())))

    def wait(self, mails: int, *, ahead: int, urgent: bool) -> float:
        """Wait until ``mails`` may go and return 0, or return the seconds after which the caller shall come back.

        ``ahead`` is how many mails the caller is going to send, these included. Urgent mail reserves sending time like
        any other, but does not wait for it to come.
        """
        per_second = self.rate.per_second()
        now = self.clock.now()
        if self._left < mails or self._until is None or now > self._until + GRACE:
            wanted = max(mails, min(ahead, int(per_second * HORIZON.total_seconds())))
            patience = URGENT_PATIENCE if urgent else PATIENCE
            busy = self._taken_until is not None and self._taken_until > now
            start, end = self.timeline.take(
                math.ceil(1000 * wanted / per_second), now=now, patience=patience, busy=busy
            )
            self._taken_until = end
            if start is None:
                self._left = 0
                return (end - now).total_seconds()
            self._left, self._next_at, self._until = wanted, start, end
        early = (self._next_at - now).total_seconds() if self._next_at else 0.0
        if early > 0 and not urgent:
            self.sleep(early)
        self._left -= mails
        self._next_at = (self._next_at or now) + timedelta(seconds=mails / per_second)
        return 0.0

    def hold(self, seconds: int) -> None:
        """Let no sender make a call for so long, because SES would refuse it. One of them tries again then."""
        until = self.clock.now() + timedelta(seconds=seconds)
        self.timeline.hold(until)
        self._left, self._taken_until = 0, until
