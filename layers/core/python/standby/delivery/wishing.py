"""Calls that the policy of remedies wants (``RemedyCallWanted``): the order keeps the wish, and its calls take turns.

Compensation says which level of a delay is worth a call, and says that once. When a person calls is said here, as of
all calls (`standby.delivery.call_pacing`): a wish waits until people have room for it. It is over for a shipment that
came, was given up or is late no more by then, and it goes with the lines wherever these are moved to.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from standby.delivery.calling import REMEDY, Call, reason_of
from standby.delivery.model import BESIDE, Order
from standby.delivery.standing import Parcel
from standby.delivery.told_model import Wish
from standby.events.grant import RemedyCallWanted


def wished(order: Order, event: RemedyCallWanted, at: str) -> Order:
    """Return an order that knows that a call is wanted; the same where one is for that level, or a higher one."""
    same = [wish for wish in order.wishes if wish.shipment_id == event.shipment_id]
    if order.placed is None or any(wish.level >= event.level for wish in same):
        return order
    wish = Wish(event.shipment_id, at, event.level, tuple(order.line_ids_of(event.shipment_id)))
    others = (each for each in order.wishes if each not in same)
    return replace(order, edition=order.edition + 1, wishes=(*others, wish))


def wanted(order: Order, parcels: Iterable[Parcel]) -> Iterator[Call]:
    """Yield the calls that are wanted about shipments that are still to come, and that nobody was asked to make yet."""
    about = [(wish, {*order.now_at(wish.line_ids, wish.at)}) for wish in order.wishes]
    for parcel in parcels:
        name, line_ids = parcel.promise.shipment_id, parcel.promise.coming
        levels = [
            wish.level
            for wish, held in about
            if (wish.shipment_id == name if not held else not held.isdisjoint(line_ids))
        ]
        if levels and parcel.delay is not None and max(levels) > _asked(order, name):
            yield Call(parcel.promise, REMEDY, level=max(levels))


def _asked(order: Order, shipment_id: str) -> int:
    """Return the highest level about which a person was asked to call; -1: nobody was."""
    notes = (each.news for each in order.notices_of(shipment_id, BESIDE) if reason_of(each.news) == REMEDY)
    return max((int(news.rpartition(" ")[2]) for news in notes), default=-1)
