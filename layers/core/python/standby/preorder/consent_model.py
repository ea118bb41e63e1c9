"""Days to which customers agreed whose pre-order comes later than they were promised.

What somebody agreed to is added and never changed, so that it can be shown as it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from standby.preorder.model import promised

if TYPE_CHECKING:
    from standby.preorder.model import Line, Reservation

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


def first_promised(lines: Sequence["Line"]) -> str | None:
    """Return the day by which all of some lines was promised as they were reserved."""
    return promised([replace(line, promised_until=line.first_promise or line.promised_until) for line in lines])


def is_late(known: "Reservation") -> bool:
    """Tell whether a reservation comes later than promised, or nobody knows when, and its order does not tell that."""
    first, day = first_promised(known.lines), promised(known.lines)
    if known.status != "confirmed" or known.told_by_order or known.cancel_sent_at is not None or first is None:
        return False
    return day is None or day > first


def has_agreed(known: "Reservation") -> bool:
    """Tell whether the customer of a late reservation waits for the day that is expected now."""
    return is_late(known) and bool(known.agreed) and known.agreed[-1].until == promised(known.lines)
