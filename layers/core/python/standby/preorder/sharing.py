"""Which units of an order are a reservation's, where the order names several or wants more than was reserved."""

from collections.abc import Iterable, Mapping, Sequence

from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.preorder.hears import OfOrder
from standby.preorder.model import LIVE, Line, Reservation
from standby.preorder.named import NamedBy, Share


def said_by(event: OfOrder, lines: Iterable[Line], before: Mapping[str, int]) -> NamedBy:
    """Return what an event says of the lines of a reservation.

    ``before`` are the units by SKU that other reservations of the order have ahead of it: what ships is theirs first,
    what is cancelled theirs last. An order of too many SKUs to list is taken as one thing.
    """
    listed = {each["sku"]: Share(each["quantity"], each["shipped"], each["cancelled"]) for each in event.skus}
    whole = Share(*(sum(units) for units in zip(*listed.values(), strict=True))) if listed else _unlisted(event)
    return NamedBy(
        order_id=event.order_id,
        named_at=_named_at(event),
        edition=event.edition or 0,
        whole=whole,
        shares={
            line.sku: _share(listed[line.sku], before.get(line.sku, 0), line.quantity)
            for line in lines
            if line.sku in listed
        },
        shipped_at=_shipped_at(event, whole),
    )


def units_left(event: OrderShipped, line: Line, before: Mapping[str, int]) -> int:
    """Return how many units of a line of a reservation that is over left; of an order that lists no SKUs, all or none.

    ``before`` as in `said_by`. Units that an order does not list have not left: they were cancelled before.
    """
    if not event.skus:
        return line.quantity if event.complete and line.fate is None else 0
    share = said_by(event, [line], before).shares.get(line.sku)
    return share.shipped if share else 0


def units_before(event: OfOrder, known: Sequence[Reservation]) -> Mapping[str, Mapping[str, int]]:
    """Return by reservation, of those that an order names, how many units of each SKU others have ahead of it.

    What left stays with whom it left for, and what is cancelled was of those who asked for that, or wait longest still.
    """
    ahead: dict[str, int] = {}
    found: dict[str, Mapping[str, int]] = {}
    for each in sorted(known, key=_rank) if event.skus else ():
        found[each.reservation_id] = dict(ahead)
        for line in each.every_line:
            ahead[line.sku] = ahead.get(line.sku, 0) + line.quantity
    return found


def _share(listed: Share, before: int, units: int) -> Share:
    quantity = max(0, min(listed.quantity - before, units))
    behind = max(0, listed.quantity - before - quantity)
    shipped = max(0, min(listed.shipped - before, quantity))
    return Share(quantity, shipped, max(0, min(listed.cancelled - behind, quantity - shipped)))


def _rank(known: Reservation) -> int:
    """Return who is shipped first: those with units set aside before others, and at last who wants none any more."""
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
