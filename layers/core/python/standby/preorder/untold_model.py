"""The mails about a reservation's day that reached nobody, as it keeps them.

Mail sends a job once. So the mail that tells the same again has a number in its name: how many of it reached nobody.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Untold(NamedTuple):
    """A mail about a reservation's day that reached nobody."""

    job: str
    """The mail's job, without its number."""
    at: str
    """Of the event that said so (RFC 3339)."""
    again: bool = False
    """It was sent once again."""


def numbered(job: str, untold: Sequence[Untold]) -> str:
    """Return the id of the next job that says what the job does which reached nobody so often."""
    number = sum(each.job == job for each in untold)
    return f"{job}#{number}" if number else job
