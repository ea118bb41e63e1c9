"""How something is changed while others change it too."""

from collections.abc import Callable
from typing import TypeVar

from standby.platform.backoff import Backoff
from standby.waitlist.model import ChangedMeanwhileError

MEETING = Backoff(attempts=8, base_seconds=0.01, cap_seconds=0.2)
Result = TypeVar("Result")
Count = Callable[[str, int], None]
"""Counts a metric: its name, and by how much."""


def retried(attempt: Callable[[], Result]) -> Result:
    """Run an attempt (read, decide, write on what was read), and repeat it when somebody else was quicker.

    Raises `ChangedMeanwhileError` after some attempts. Many who meet at one address part by waiting a little.
    """
    for number in range(MEETING.attempts - 1):
        try:
            return attempt()
        except ChangedMeanwhileError:
            MEETING.pause(number)
    return attempt()
