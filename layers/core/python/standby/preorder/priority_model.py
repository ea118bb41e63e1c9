"""Exceptions from the order in which customers came, with who made them and why."""

from typing import NamedTuple

FRONT = "#"
"""Begins the places of those who were put in front: before all places that begin with a time."""
MOST_REASON = 500
"""Characters."""


class Prioritised(NamedTuple):
    """An operator put a reservation in front of all, but for those who were put there before it."""

    at: str
    by: str
    """Who, by the name of the key."""
    reason: str

    @property
    def since(self) -> str:
        """Return what its place in line begins with."""
        return f"{FRONT}{self.at}"


def is_prioritised(place: str) -> bool:
    """Tell whether a place in line, by its key, is in front because an operator put it there."""
    return place.startswith(FRONT)
