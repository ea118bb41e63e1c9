"""How the reservations that one order names share its units."""

from collections.abc import Mapping, Sequence

from standby.preorder.hears import OfOrder
from standby.preorder.model import LIVE, Line, Reservation
from standby.preorder.sharing import Others, Row, rows_of


def others_of(event: OfOrder, known: Sequence[Reservation]) -> Mapping[str, Others]:
    """Return by reservation, of those that an order names, where the units of the others stand.

    What left stays with whom it left for, and what is cancelled was of those who asked for that, or wait longest still.
    """
    places: dict[str, dict[Row, list[tuple[int, int]]]] = {each.reservation_id: {} for each in known}
    every: dict[Row, int] = {}
    lines = [(each, *of) for each in known for of in rows_of(each)] if event.skus else []
    for each, row, line in sorted(lines, key=lambda of: _rank(*of)):
        first, every[row] = every.get(row, 0), every.get(row, 0) + line.quantity
        places[each.reservation_id].setdefault(row, []).append((first, every[row]))
    return {name: (here, every) for name, here in places.items()}


def _rank(known: Reservation, row: Row, line: Line) -> int:
    """Return who is shipped first: those with units set aside before others, and at last who wants none any more.

    In the row of what was cancelled any order will do that stays as it is.
    """
    _, back = row
    if back or line.fate is not None:
        return _RANKS.index("fulfilled")
    if known.cancel_sent_at is not None and known.status in LIVE:
        return _RANKS.index("asked")
    return _RANKS.index(known.status)


_RANKS = ("fulfilled", "allocated", "confirmed", "held", "asked", "cancelled", "expired")
