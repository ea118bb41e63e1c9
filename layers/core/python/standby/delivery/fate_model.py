"""What became of the lines of an order, by the newest words about them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from sys import maxsize

from standby.delivery.choice_model import ENDING, WITHDRAW, Choice
from standby.delivery.model import (
    ARRIVALS_PER_MILLISECOND,
    CANCELLED,
    DELIVERED,
    LEFT,
    RETURNED,
    SHIPMENT,
    SHIPPED,
    About,
    Fate,
    Order,
    Said,
    Version,
    tracked,
)
from standby.delivery.origin_model import covers
from standby.platform.clock import from_text, to_milliseconds

WHOLE = maxsize
"""Units of a line that was given up when nobody wrote down how many it had."""


def fates(order: Order) -> Mapping[str, Fate]:
    """Return what became of the lines; those that are still to be shipped are not in it.

    A line in several shipments waits for all of them. One that left any of them was shipped.
    """
    places = order.places
    found = {}
    for line_id in order.lines:
        parts = [fate_in(order, line_id, shipment_id) for shipment_id in places.get(line_id, (None,))]
        over = [part for part in parts if part is not None]
        if len(over) == len(parts):
            left = [part for part in over if part.outcome == SHIPPED]
            found[line_id] = max(left or over, key=lambda fate: fate.said.version)
    return found


def fate_in(order: Order, line_id: str, shipment_id: str | None) -> Fate | None:
    """Return what became of a line in one shipment, ``None`` while it waits.

    What left is shipped, unless a newer ``order.cancelled`` names the line or its shipment: one of the whole order
    cancels what has not left, one of a shipment what was not delivered.
    """
    named = newest_about(order, CANCELLED, line_id, shipment_id, whole=False)
    if named is not None and named[0].scope == SHIPMENT and _is_there(order, line_id, shipment_id):
        named = order.said_of_line(CANCELLED, line_id)
    for kind in LEFT:
        left = newest_about(order, kind, line_id, shipment_id)
        if left is not None and (named is None or named[1].version < _left_at(order, line_id, shipment_id)):
            return Fate(SHIPPED, *left)
    cancelled = newest_about(order, CANCELLED, line_id, shipment_id)
    return None if cancelled is None else Fate(CANCELLED, *cancelled)


def newest_about(
    order: Order, kind: str, line_id: str, shipment_id: str | None, *, whole: bool = True
) -> tuple[About, Said] | None:
    """Return the newest word of a kind that covers a line; ``whole`` says whether one of the order does.

    What was said before the line came back, and is sent again, counts no more.
    """
    found = _newest_about(order, kind, line_id, shipment_id, whole=whole)
    if found is None:
        return None
    back = back_before(order, line_id, shipment_id)
    return found if back is None or found[1].version > back else None


def back_before(order: Order, line_id: str, shipment_id: str | None) -> Version | None:
    """Return the word by which a line of a shipment came back that was sent again since; ``None``: there is none.

    It is sent again where it was shipped later than that, or has a place, with a new day, in a later shipment.
    """
    back = _newest_about(order, RETURNED, line_id, shipment_id)
    if back is None:
        return None
    version, since = back[1].version, back[1].fields["occurred_at"]
    again = _newest_about(order, SHIPPED, line_id, shipment_id)
    if again is not None and again[1].version > version and again[1].fields["occurred_at"] > since:
        return version
    if shipment_id is None or shipment_id not in order.first or order.numbering is None:
        return None
    began = None if order.plan is None else order.plan.since(shipment_id, line_id)
    later = began or order.first[shipment_id].version
    instead = later > version and later != order.numbering.version
    return version if instead and order.planned_after(version, shipment_id, (line_id,)) else None


def given_up(order: Order, kinds: Collection[str] = ENDING) -> frozenset[str]:
    """Return the lines that the customer asked to be rid of, but for those that left since; not who withdrew.

    A line that has more units since then is not given up, unless these are of other lines that were.
    """
    units, gone = Counter[str](), Counter[str]()
    for choice in order.chosen:
        if choice.kind in kinds:
            left = frozenset() if choice.kind == WITHDRAW else _left_since(order, choice)
            known = dict(zip(choice.line_ids, (count for _, count in choice.units), strict=False))
            for line_id in choice.line_ids:
                if line_id not in left:
                    units[line_id] = max(units[line_id], known.get(line_id, WHOLE))
    if any(line_id in order.lines and count < order.lines[line_id]["quantity"] for line_id, count in units.items()):
        gone = _given_up_with_others(order, kinds)
    return frozenset(line_id for line_id, count in units.items() if _is_whole(order, line_id, count, gone))


def _is_whole(order: Order, line_id: str, units: int, gone: Counter[str]) -> bool:
    line = order.lines.get(line_id)
    return line is None or bool(units > 0 and units + gone[line["sku"]] >= line["quantity"])


def _given_up_with_others(order: Order, kinds: Collection[str]) -> Counter[str]:
    """Return how many units were given up, by SKU, of lines that the order has no more: ERPs merge lines."""
    found: dict[tuple[str, str], int] = {}
    for choice in order.choices if order.numbering is not None else ():
        if choice.kind in kinds:
            for line_id, sku, quantity in choice.ended(order.lines):
                if not order.now_at((line_id,), choice.at):
                    found[line_id, sku] = max(quantity, found.get((line_id, sku), 0))
    total = Counter[str]()
    for (_, sku), quantity in found.items():
        total[sku] += quantity
    return total


def sent_again_since(order: Order, line_id: str, moment: int) -> bool:
    """Tell whether a line came back after a moment, in microseconds, and was sent again."""
    backs = (back_before(order, line_id, name) for name in order.places.get(line_id, (None,)))
    return any(back is not None and back[2] >= moment for back in backs)


def _left_since(order: Order, choice: Choice) -> frozenset[str]:
    """Return the lines that left after a choice, by a word that came then. What had left is often said again."""
    since = to_milliseconds(from_text(choice.at)) * ARRIVALS_PER_MILLISECOND
    words = {line_id: fate.said.version for line_id, fate in order.fates.items() if fate.outcome == SHIPPED}
    left = (line_id for line_id, version in words.items() if version[2] >= since)
    return frozenset(each for each in left if each not in choice.left or sent_again_since(order, each, since))


def _is_there(order: Order, line_id: str, shipment_id: str | None) -> bool:
    return any(newest_about(order, kind, line_id, shipment_id) for kind in (DELIVERED, tracked("delivered")))


def _left_at(order: Order, line_id: str, shipment_id: str | None) -> Version:
    """Return the version of the newest word that says that a line left."""
    found = (newest_about(order, kind, line_id, shipment_id) for kind in LEFT)
    return max(said.version for _, said in filter(None, found))


def _newest_about(
    order: Order, kind: str, line_id: str, shipment_id: str | None, *, whole: bool = True
) -> tuple[About, Said] | None:
    if kind not in order.kinds:
        return None
    said = (said_of_shipment(order, kind, (line_id,), shipment_id), order.said_of_line(kind, line_id))
    found = [word for word in said if word is not None]
    of_all = order.words.get(About(kind)) if whole else None
    if of_all is not None and covers(order, of_all, line_id):
        found.append((About(kind), of_all))
    return max(found, key=lambda word: word[1].version, default=None)


def said_of_shipment(
    order: Order, kind: str, line_ids: Sequence[str], shipment_id: str | None, own: Sequence[str] = ()
) -> tuple[About, Said] | None:
    """Return the newest word of a kind about a shipment, or about others that had any of some lines of it then.

    ``own`` are lines of which it is enough that a word about that very shipment is true.
    """
    if order.plan is None:
        about = About(kind, SHIPMENT, shipment_id or "")
        return (about, order.words[about]) if about in order.words else None
    from standby.delivery.plan_model import newest_said  # noqa: PLC0415 - the shipments of few orders change

    return newest_said(order, order.plan, kind, line_ids, shipment_id, own=own)
