"""Which units of an order are a reservation's, where the order names several or wants more than was reserved.

An order's units of a SKU stand in two rows. In one stand those that were cancelled by its own word. In the other are
those that reservations have still, the first of them in front, and behind them those that nobody reserved. What ships
is taken from a row's front, what is cancelled from its end.
"""

from collections.abc import Iterator, Mapping, Sequence

from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.preorder.hears import OfOrder
from standby.preorder.model import Line, Reservation
from standby.preorder.named import NamedBy, Share, fates

Row = tuple[str, bool]
"""A SKU, and whether its units were cancelled."""


Others = tuple[Mapping[Row, Sequence[tuple[int, int]]], Mapping[Row, int] | None]
"""Where a reservation's units stand in the rows of an order: in which places, each from one to before another, and how
many all have that the order names (`standby.preorder.sharers`); ``None``: it names no other."""
ALONE: Others = ({}, None)


def said_by(event: OfOrder, known: Reservation, others: Others = ALONE) -> NamedBy:
    """Return what an event says of a reservation. An order of too many SKUs to list is taken as one thing."""
    listed = _listed(event)
    whole = _sum(*listed.values()) if listed else _unlisted(event)
    return NamedBy(
        order_id=event.order_id,
        named_at=_named_at(event),
        edition=event.edition or 0,
        whole=whole,
        shares={sku: _sum(*rows) for sku, rows in shares_of(event, known, others).items()},
        shipped_at=_shipped_at(event, whole),
        tells=event.tells,
    )


def shares_of(event: OfOrder, known: Reservation, others: Others) -> Mapping[str, tuple[Share, Share]]:
    """Return what became of a reservation's units in both rows, by SKU that the order lists."""
    own, listed = dict[Row, int](), _listed(event)
    for row, line in rows_of(known):
        own[row] = own.get(row, 0) + line.quantity
    places, of_all = others
    every = own if of_all is None else of_all
    found = {}
    for sku in dict.fromkeys(line.sku for line in known.every_line if line.sku in listed):
        rows = _rows(listed[sku], every.get((sku, False), 0), every.get((sku, True), 0))
        here = [places.get((sku, back)) or [(0, own.get((sku, back), 0))] for back in (False, True)]
        found[sku] = (
            _sum(*(_between(rows[0], *place) for place in here[0])),
            _sum(*(_between(rows[1], *place) for place in here[1])),
        )
    return found


def _rows(listed: Share, have: int, back: int) -> tuple[Share, Share]:
    """Return what became of an order's units in both rows: that of all which go on, and that of those given back.

    Of an order that lists fewer units than were reserved, it lists at first those that were given back if they are
    called cancelled, and those that go on if not. Given back units that are called cancelled no more have left, if
    others are still to ship.
    """
    gone = min(back, max(listed.quantity - have, listed.cancelled))
    rest = listed.quantity - gone
    to_ship = listed.quantity - listed.shipped - listed.cancelled
    theirs = max(0, min(listed.shipped, rest - to_ship))
    left = max(0, min(listed.shipped - theirs, gone - listed.cancelled))
    lost = min(listed.cancelled, gone - left)
    return Share(rest, listed.shipped - left, listed.cancelled - lost), Share(gone, left, lost)


def _between(listed: Share, first: int, end: int) -> Share:
    """Return what became of the units of an order that stand between two places."""
    quantity = max(0, min(listed.quantity, end) - first)
    shipped = max(0, min(listed.shipped - first, quantity))
    behind = max(0, listed.quantity - first - quantity)
    return Share(quantity, shipped, max(0, min(listed.cancelled - behind, quantity - shipped)))


def rows_of(known: Reservation) -> Iterator[tuple[Row, Line]]:
    """Yield all lines of a reservation, with the row in which their units stand.

    With the last unit that an order cancels the reservation is cancelled, and its line is not marked.
    """
    found = fates(known) if known.status == "cancelled" else {}
    for line in known.every_line:
        yield (line.sku, "cancelled" in {line.fate, found.get(line.sku)}), line


def _listed(event: OfOrder) -> Mapping[str, Share]:
    return {each["sku"]: Share(each["quantity"], each["shipped"], each["cancelled"]) for each in event.skus}


def _sum(*shares: Share) -> Share:
    return Share(*(sum(units) for units in zip(*shares, strict=True)))


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
