"""Waiting a little longer each time before trying again."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import field

from standby.platform.frozen import frozen


class BusyError(Exception):
    """A service kept refusing for contention or throttling; nothing was written, and trying later may work."""


@frozen()
class Backoff:
    """Full-jitter exponential back-off (AWS Architecture Blog, "Exponential Backoff And Jitter")."""

    attempts: int = 8
    base_seconds: float = 0.02
    cap_seconds: float = 1.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, attempt: int) -> None:
        """Wait before the attempt with this number (0 is the first repetition)."""
        self.sleep(self.jitter() * min(self.cap_seconds, self.base_seconds * 2**attempt))

    def tries(self, what: str) -> Iterator[int]:
        """Yield the number of each attempt at a write that others may get in first, the first at once.

        Raises `BusyError` after the last.
        """
        for attempt in range(self.attempts):
            if attempt:
                self.pause(attempt - 1)
            yield attempt
        message = f"{what} was written by others {self.attempts} times"
        raise BusyError(message)
