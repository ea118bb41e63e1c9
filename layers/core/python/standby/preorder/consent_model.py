"""Days to which customers agreed whose pre-order comes later than they were promised.

What somebody agreed to is added and never changed, so that it can be shown as it was.
"""

from typing import NamedTuple

MOST_AGREED = 50
"""Of a reservation. The day would have to move as often."""


class Agreed(NamedTuple):
    """What a customer agreed to."""

    at: str
    """RFC 3339, UTC."""
    until: str | None
    """``None``: they wait, whenever it comes."""
    wording: str
    """The version of the words."""
