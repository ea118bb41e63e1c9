"""What orders say of a reservation that they name: how many of its units they have, and what became of those.

An order says so by SKU, and of all its lines each time. So a later word (a higher edition) replaces an earlier one, and
words may come twice and in any order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from standby.platform.clock import to_text
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.preorder.model import Reservation

Fate = Literal["shipped", "cancelled"]
MOST_ORDERS = 20
"""Orders that a reservation remembers: the newest."""


class Share(NamedTuple):
    """Units of an order, and what became of them."""

    quantity: int
    shipped: int = 0
    cancelled: int = 0

    @property
    def over(self) -> bool:
        """Tell whether nothing is left to ship."""
        return self.shipped + self.cancelled >= self.quantity


@frozen(kw_only=True)
class NamedBy:
    """An order that names a reservation."""

    order_id: str
    named_at: str
    """The ``as_of`` of its first word that names the reservation."""
    edition: int
    """The order's, as of its newest word."""
    whole: Share
    """All of the order, the goods of others too."""
    shares: Mapping[str, Share]
    """Of it the reservation's, by SKU; those that the order does not list are not in it."""
    shipped_at: str = ""
    """When the last that left of it left (RFC 3339); empty: nothing did."""
    tells: bool = False
    """Its customer hears of delays from it."""


def heard(known: Sequence[NamedBy], said: NamedBy) -> tuple[NamedBy, ...]:
    """Return the orders that name a reservation after one spoke, the newest first."""
    orders = {order.order_id: order for order in known}
    before = orders.get(said.order_id, said)
    newer = max(before, said, key=lambda order: order.edition)
    named_at, shipped_at = min(before.named_at, said.named_at), max(before.shipped_at, said.shipped_at)
    orders[said.order_id] = NamedBy(**{**vars(newer), "named_at": named_at, "shipped_at": shipped_at})
    return tuple(
        sorted(orders.values(), key=lambda order: (order.named_at, order.order_id), reverse=True)[:MOST_ORDERS]
    )


def fates(reservation: "Reservation") -> Mapping[str, Fate]:
    """Return what became of the lines of a reservation of which no unit is left to ship, by SKU.

    A line of which some units were shipped and others cancelled was shipped, but for what left of it before. Of several
    orders with the same goods the newest counts, and older ones for what it does not have; but what an older one
    shipped has left. Units that no order lists follow the newest one: it shipped them if it shipped anything.
    """
    found: dict[str, Fate] = {}
    for line in reservation.lines:
        said = said_of(reservation, line.sku)
        if said.over:
            found[line.sku] = "shipped" if said.shipped > _gone(reservation, line.sku, "shipped") else "cancelled"
    return found


def said_of(reservation: "Reservation", sku: str) -> Share:
    """Return what became of all units that a reservation ever had of a SKU, as `fates` reads its orders."""
    units = sum(line.quantity for line in reservation.every_line if line.sku == sku)
    listed, rest = listed_of(reservation.orders, sku, units)
    newest = reservation.orders[0].whole if reservation.orders else Share(1)
    if not (rest and newest.over):
        return listed
    of_all = (
        listed._replace(shipped=listed.shipped + rest)
        if newest.shipped
        else listed._replace(cancelled=listed.cancelled + rest)
    )
    return of_all if of_all.over else listed


def listed_of(orders: Iterable[NamedBy], sku: str, units: int) -> tuple[Share, int]:
    """Return what orders say of units of a SKU that they list, the newest first, and how many none lists."""
    shipped = cancelled = 0
    rest = units
    for share in (order.shares[sku] for order in orders if sku in order.shares):
        here = min(rest, share.quantity)
        shipped += share.shipped
        cancelled += min(share.cancelled, max(0, here - share.shipped))
        rest -= here
    shipped = min(shipped, units)
    return Share(units, shipped, min(cancelled, units - shipped)), rest


def some_units(known: "Reservation", found: Mapping[str, Fate]) -> Sequence[tuple[str, int, Fate]]:
    """Return by SKU how many units of lines that go on were cancelled or left, and were not noted.

    Of lines that were ``found`` to be over those that were cancelled alone, as the others end with the line.
    """
    cancelled, left = _part(known, "cancelled"), _part(known, "shipped")
    return [
        *((sku, units, "cancelled") for sku, units in sorted(cancelled.items())),
        *((sku, units, "shipped") for sku, units in sorted(left.items()) if sku not in found),
    ]


def _part(known: "Reservation", fate: Fate) -> Mapping[str, int]:
    """Return how many units of a fate are new, of lines of which others stay, by SKU.

    A line keeps those that are to ship still, as units are alike: which of them left and which were cancelled may be
    said otherwise later.
    """
    found = {}
    for line in known.lines:
        said = said_of(known, line.sku)
        to_ship = said.quantity - said.shipped - said.cancelled
        of_fate = said.shipped if fate == "shipped" else said.cancelled
        units = min(of_fate - _gone(known, line.sku, fate), line.quantity - to_ship)
        if 0 < units < line.quantity:
            found[line.sku] = units
    return found


def _gone(known: "Reservation", sku: str, fate: Fate) -> int:
    """Return how many units of a SKU ended so before the others."""
    return sum(line.quantity for line in known.gone if (line.sku, line.fate) == (sku, fate))


def left_at(reservation: "Reservation", now: datetime) -> str:
    """Return when the last goods of a reservation left that were shipped (RFC 3339); never later than now."""
    return min(to_text(now), max((order.shipped_at for order in reservation.orders), default="") or to_text(now))
