"""The codes that carry cancellations out, and the rules that a shopkeeper would recognise.

A code is made of the keys of links, what it is about and a number that counts the codes about it, as RFC 4226 makes
one-time passwords of a counter (`standby.platform.tokens`): no table has it.
"""

from datetime import datetime, timedelta

from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen

CODE_LIFE = timedelta(minutes=10)
CODE_EVERY = timedelta(minutes=1)
"""A new code is made only so long after the one before."""
MOST_TRIES = 5
"""Of one code."""
MOST_CODES = 10
"""Mailed about one reservation or order in a day, by UTC."""


class WrongCodeError(Exception):
    """It is not the code that was mailed."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class CodeOverError(Exception):
    """No code is there that could be right: it is too old, was used, or was tried too often."""


class TooManyCodesError(Exception):
    """No more codes are mailed about this today."""


@frozen(kw_only=True)
class Code:
    """What was mailed to carry a cancellation out, but for the code itself, which is kept nowhere."""

    number: int
    """Counts the codes about one thing, from 1."""
    made_at: str
    made_today: int
    tries: int = 0
    used: bool = False

    @property
    def valid_until(self) -> str:
        """Return until when it can be used."""
        return to_text(from_text(self.made_at) + CODE_LIFE)

    def may_be_tried(self, now: datetime) -> bool:
        """Tell whether it can still be right."""
        return not self.used and self.tries < MOST_TRIES and to_text(now) < self.valid_until


def next_code(known: Code | None, now: datetime) -> Code | None:
    """Return the code that is mailed now: within a minute the same again; ``None``: no more today."""
    at = to_text(now)
    if known is None:
        return Code(number=1, made_at=at, made_today=1)
    if now < from_text(known.made_at) + CODE_EVERY:
        return known
    made_today = known.made_today if at[:10] == known.made_at[:10] else 0
    if made_today >= MOST_CODES:
        return None
    return Code(number=known.number + 1, made_at=at, made_today=made_today + 1)
