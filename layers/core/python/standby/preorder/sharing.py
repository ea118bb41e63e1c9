"""Which units of an order are a reservation's, where the order names several or wants more than was reserved.

An order's units of a SKU stand in a row: what ships is taken from its front, what is cancelled from its end. In front
stand those that reservations have, then those that nobody reserved, and at the end what was cancelled of reservations
that go on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.platform.frozen import frozen
from standby.preorder.hears import OfOrder
from standby.preorder.model import LIVE, Line, Reservation
from standby.preorder.named import NamedBy, Share, heard, listed_of
from standby.preorder.pieces import claim_names


@frozen()
class Others:
    """Where a reservation's units stand in the rows of an order, by SKU; in one that names no other, at the ends."""

    before: Mapping[str, int] = field(default_factory=dict)
    """Units of others in front of those that it has."""
    behind: Mapping[str, int] = field(default_factory=dict)
    """Units of others behind those that were cancelled of it."""
    kept: Mapping[str, int] = field(default_factory=dict)
    """Units that all of them have."""


ALONE = Others()


class Left(NamedTuple):
    """Units that left although they had been given back."""

    sku: str
    claim_id: str
    units: int


def said_by(event: OfOrder, lines: Iterable[Line], others: Others = ALONE) -> NamedBy:
    """Return what an event says of the lines of a reservation.

    An order of too many SKUs to list is taken as one thing.
    """
    listed = {each["sku"]: Share(each["quantity"], each["shipped"], each["cancelled"]) for each in event.skus}
    whole = Share(*(sum(units) for units in zip(*listed.values(), strict=True))) if listed else _unlisted(event)
    units: dict[str, list[int]] = {}
    for line in lines:
        units.setdefault(line.sku, [0, 0])[_is_back(line)] += line.quantity
    return NamedBy(
        order_id=event.order_id,
        named_at=_named_at(event),
        edition=event.edition or 0,
        whole=whole,
        shares={
            sku: _share(listed[sku], sku, others, has=has, back=back)
            for sku, (has, back) in units.items()
            if sku in listed
        },
        shipped_at=_shipped_at(event, whole),
    )


def left_of(event: OrderShipped, known: Reservation, others: Others) -> Iterator[Left]:
    """Yield what left of a reservation although it had been given back; of an order that lists no SKUs, all or nothing.

    Units that an order does not list have not left: they were cancelled before.
    """
    over = known.status not in LIVE and known.status != "fulfilled"
    given_back: dict[str, list[tuple[str, Line]]] = {}
    for name, line in claim_names(known):
        if line.fate == "cancelled" or (over and line.fate is None):
            given_back.setdefault(line.sku, []).append((name, line))
    orders = heard(known.orders, said_by(event, known.every_line, others))
    for sku, lines in given_back.items():
        if event.skus:
            units = _left(known, orders, sku, sum(line.quantity for _, line in lines))
        else:
            units = sum(line.quantity for _, line in lines if line.fate is None) if event.complete else 0
        for name, line in lines:
            if units > 0:
                yield Left(sku, name, min(units, line.quantity))
            units -= line.quantity


def others_of(event: OfOrder, known: Sequence[Reservation]) -> Mapping[str, Others]:
    """Return by reservation, of those that an order names, where the units of the others stand.

    What left stays with whom it left for, and what is cancelled was of those who asked for that, or wait longest still.
    """
    before: dict[str, dict[str, int]] = {each.reservation_id: {} for each in known}
    behind: dict[str, dict[str, int]] = {each.reservation_id: {} for each in known}
    kept, back = dict[str, int](), dict[str, int]()
    pieces = [(each, line) for each in known for line in each.every_line] if event.skus else []
    for each, line in sorted(pieces, key=lambda piece: _rank(*piece)):
        found, so_far = (behind, back) if _is_back(line) else (before, kept)
        found[each.reservation_id].setdefault(line.sku, so_far.get(line.sku, 0))
        so_far[line.sku] = so_far.get(line.sku, 0) + line.quantity
    return {name: Others(before[name], behind[name], kept) for name in before}


def _share(listed: Share, sku: str, others: Others, *, has: int, back: int) -> Share:
    """Return what became of the units that a reservation has of a SKU, and of those that were cancelled of it."""
    first = others.before.get(sku, 0)
    end = listed.quantity - others.behind.get(sku, 0)
    kept = max(first + has, others.kept.get(sku, 0))
    rows = (_between(listed, first, first + has), _between(listed, max(kept, end - back), end))
    return Share(*(sum(units) for units in zip(*rows, strict=True)))


def _between(listed: Share, first: int, end: int) -> Share:
    """Return what became of the units of an order that stand between two places."""
    quantity = max(0, min(listed.quantity, end) - first)
    shipped = max(0, min(listed.shipped - first, quantity))
    behind = max(0, listed.quantity - first - quantity)
    return Share(quantity, shipped, max(0, min(listed.cancelled - behind, quantity - shipped)))


def _left(known: Reservation, orders: Iterable[NamedBy], sku: str, back: int) -> int:
    """Return how many units left, of those that had been given back, where others may have left or be still to ship.

    What an order still is to ship is of those that were not given back, as are units that it does not list.
    """
    units = sum(line.quantity for line in known.every_line if line.sku == sku)
    said, unlisted = listed_of(orders, sku, units)
    to_ship = units - unlisted - said.shipped - said.cancelled
    theirs = max(0, min(said.shipped, units - back - to_ship))
    return min(said.shipped - theirs, back - said.cancelled)


def _is_back(line: Line) -> bool:
    return line.fate == "cancelled"


def _rank(known: Reservation, line: Line) -> int:
    """Return who is shipped first: those with units set aside before others, and at last who wants none any more."""
    if line.fate is not None:
        return _RANKS.index("fulfilled")  # among what was cancelled of those that go on any order will do, if it stays
    if known.cancel_sent_at is not None and known.status in LIVE:
        return _RANKS.index("asked")
    return _RANKS.index(known.status)


_RANKS = ("fulfilled", "allocated", "confirmed", "held", "asked", "cancelled", "expired")


def _unlisted(event: OfOrder) -> Share:
    match event:
        case OrderShipped(complete=True):
            return Share(1, shipped=1)
        case OrderCancelled(complete=True):
            return Share(1, cancelled=1)
    return Share(1)


def _shipped_at(event: OfOrder, whole: Share) -> str:
    """Return when what left of an order had left: another event that knows of it was published behind that."""
    if isinstance(event, OrderShipped):
        return event.occurred_at
    return event.at if whole.shipped else ""


def _named_at(event: OfOrder) -> str:
    return event.as_of if isinstance(event, OrderPlaced) else event.ordered_at or event.as_of
