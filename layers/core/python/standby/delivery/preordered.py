"""What pre-orders say of the lines of an order that has a reservation (``PromiseMoved``): by when their goods come.

Until an order tells of its own delays, pre-orders tell their customer, and afterwards the order does, and they say
nothing. So one of both tells, and the order knows what was told before, and to what its customer agreed.

Where the mail of pre-orders reached nobody, the order hears that, and tells it itself.

It counts as an ``order.eta`` of these lines would: of both the newest. What was promised as it was reserved stays the
promise where the ERP says a later day.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, tzinfo
from typing import Any, Protocol

from standby.delivery.choice_model import WAIT, Choice
from standby.delivery.model import ARRIVALS_PER_MILLISECOND, LINE, MAILED, PREORDER, About, Happened, Order, Said, Step
from standby.delivery.promises import FIRST, MOST_TOLD, MOVED, UNKNOWN, Delay, delay_of, promises, today
from standby.delivery.told_model import REFUSED, Notice
from standby.events.preorder import CancellationRequested, PromiseMoved, RefundDue
from standby.platform.clock import Clock, from_text, to_milliseconds
from standby.platform.frozen import frozen
from standby.platform.moment import mark

NO_DAY = "9999"
"""Stands behind every day: nobody named one of a line."""


class Orders(Protocol):
    """Where orders are read, changed and told of."""

    def change(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, and return it as it is then. Raises `BusyError`."""
        ...

    def tell(self, order: Order) -> bool:
        """Tell what nobody heard of."""
        ...


@frozen()
class Preordered:
    """Takes what pre-orders say into the orders that have them."""

    orders: Orders
    clock: Clock
    zone: tzinfo

    def hear(self, order_id: str, event: PromiseMoved) -> Order:
        """Take an event in, tell what is late by it, and return the order. Repeating changes nothing."""
        day = today(self.clock.now(), self.zone)
        order = self.orders.change(order_id, lambda known: taken(known, event, day, self.zone))
        self.orders.tell(order)
        return order

    def owe(self, event: CancellationRequested | RefundDue) -> None:
        """Note what pre-orders owe of an order, or will once the ERP cancelled it. Repeating changes nothing."""
        if event.order_id is None:
            return
        from standby.delivery.preorder_refunds import owed, wished  # noqa: PLC0415 - few pre-orders are cancelled

        def change(order: Order) -> Order:
            return owed(order, event, self.zone) if isinstance(event, RefundDue) else wished(order, event)

        self.orders.tell(self.orders.change(event.order_id, change))


def taken(order: Order, event: PromiseMoved, day: date, zone: tzinfo) -> Order:
    """Return an order once it is known what pre-orders said on a day; the same order where that is nothing new."""
    line_ids = _ordered_ahead(order, event)
    after = order.after(_word(order, event, line_ids)) if line_ids else order
    if event.untold_until or event.untold_undated:
        after = _untold(after, order.edition + 1, event, line_ids)
    if after is order:
        return order
    told, notices, choices = dict(after.told_delays), list(after.notices), list(after.choices)
    for promise in promises(after, zone):
        if not {*line_ids} & {*promise.line_ids}:
            continue
        name, delay = promise.shipment_id, delay_of(promise, day)
        known = told.get(name, ())
        news = [each for each in _told_before(event, delay) if each not in known]
        if news:
            told[name] = (*known, *news)[-MOST_TOLD:]
        notices += [
            Notice(
                event.at, name, each, promise.promised_until.isoformat(), None if each == UNKNOWN else each, PREORDER
            )
            for each in news
            if each not in after.noticed.get(name, ())
        ]
        agreed = _agreed(event, name) if delay is not None and promise.open else None
        if agreed is not None and agreed not in choices:
            choices.append(agreed)
    heard = after.told_choices == len(after.choices)
    return replace(
        after,
        told_delays=told,
        notices=tuple(notices),
        choices=tuple(choices),
        told_choices=len(choices) if heard else after.told_choices,
    )


def _untold(order: Order, edition: int, event: PromiseMoved, line_ids: Sequence[str]) -> Order:
    """Return an order once the mail of its pre-order reached nobody: it tells that itself, if it told nothing since.

    The same order where that is known.
    """
    names = {name for line_id in line_ids for name in order.places.get(line_id, ())}
    newest = {each.shipment_id: each for each in order.notices if each.by in {*MAILED, PREORDER}}
    missed = [
        each
        for name, each in newest.items()
        if name in names and each.by == PREORDER and (each.news == UNKNOWN) == event.untold_undated
    ]
    if not missed:
        return order
    notices = tuple(each._replace(by=REFUSED, to=PREORDER) if each in missed else each for each in order.notices)
    return replace(order, edition=edition, notices=notices).to_tell_again()


def _ordered_ahead(order: Order, event: PromiseMoved) -> list[str]:
    """Return the lines of which a reservation is.

    Where an order has more units of the SKU than were ordered ahead, those are the lines that come last: what is in
    stock comes before. They stay that, whatever the ERP says of days later. Of several reservations nobody knows which
    line is whose, so all lines are of each.
    """
    lines, fates = order.lines, order.fates
    named = [line_id for line_id, line in lines.items() if line["sku"] == event.sku]
    waiting = [line_id for line_id in named if line_id not in fates]
    if len(order.reservation_ids) > 1 or not 0 < event.units < sum(lines[each]["quantity"] for each in waiting):
        return named
    places = order.places

    def rank(line_id: str) -> tuple[bool, str]:
        days = [order.shipments[name].fields["promised_until"] for name in places.get(line_id, ())]
        return About(MOVED, LINE, line_id) in order.words, max(days, default=NO_DAY)

    ranked = sorted(waiting, key=rank, reverse=True)
    for line_id in ranked:
        if lines[line_id]["quantity"] == event.units:
            return [line_id]
    found: list[str] = []
    while ranked and sum(lines[each]["quantity"] for each in found) < event.units:
        found.append(ranked.pop(0))
    return found


def _word(order: Order, event: PromiseMoved, line_ids: Sequence[str]) -> Happened:
    said: dict[str, Any] = {"eta": event.promised_until, FIRST: event.first_promised_until}
    said = {name: day for name, day in said.items() if day is not None}
    moment = to_milliseconds(from_text(event.at)) * ARRIVALS_PER_MILLISECOND
    name = mark({**said, "reservation": event.reservation_id})
    step = {"lines": str(len(line_ids)), **({"eta": said["eta"]} if "eta" in said else {})}
    return Happened(
        order_id=order.order_id,
        said=Said(version=(moment, event.edition, 0, name), fields={**said, "as_of": event.at}),
        about=tuple(About(MOVED, LINE, line_id) for line_id in line_ids),
        step=Step(moment, name, MOVED, tuple(sorted(step.items()))),
    )


def _told_before(event: PromiseMoved, delay: Delay | None) -> list[str]:
    """Return the names of the news of which pre-orders told the customer, the newest last.

    Who was told a day was told, too, that it comes no earlier.
    """
    news = []
    if event.told_until is not None:
        expected = None if delay is None or delay.arrived or delay.expected is None else delay.expected.isoformat()
        if expected is not None and expected < event.told_until:
            news.append(expected)
        news.append(event.told_until)
    return [*news, UNKNOWN] if event.told_undated else news


def _agreed(event: PromiseMoved, shipment_id: str) -> Choice | None:
    if event.agreed_at is None:
        return None
    return Choice(event.agreed_at, WAIT, shipment_id, event.agreed_until, event.wording or "")
