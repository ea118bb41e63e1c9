"""What nobody heard of an order yet, in events that EventBridge takes. No event names or places a customer."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from standby.delivery.model import SHIPMENT, SHIPPED, Fate, Order, Placed
from standby.delivery.promises import MOST_TOLD, Delay, held, planned
from standby.events.delay import DelayDetected
from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.events.fields import MOST_LINES, OrderedSku, OrderLine
from standby.platform.batch import size
from standby.platform.batching import groups
from standby.platform.bus import EVENT_BYTES, Event, name_of
from standby.platform.clock import NO_DAY
from standby.platform.frozen import frozen
from standby.platform.moment import mark
from standby.platform.payment import is_unpaid, payment_failed


@frozen(kw_only=True)
class Untold:
    """Events, and what has been heard of an order once they are published."""

    events: Sequence[Event]
    told: int
    lines: Mapping[str, str]
    delays: Mapping[str, tuple[str, ...]]
    refunds: frozenset[str]
    """The ids of what is owed."""


def untold(order: Order, delays: Sequence[Delay], *, at: str, zone: tzinfo) -> Untold | None:
    """Return what must be told of an order, ``None`` where all was heard. Before it came nothing is told of it.

    ``delays`` are those that nobody heard of (`standby.delivery.promises.news_of`).

    An order is told anew when its lines, reservations, codes or channel changed, or reservations that it names were
    paid; one that was late also when it was paid, or its customer's type changed; a line when it left or was cancelled.
    """
    placed = order.placed
    if placed is None:
        return None
    events: list[Event] = []
    refunds: frozenset[str] = frozenset()
    told = _mark(order, placed)
    if told != order.told:
        events += _paged(_placed(order, placed, at=at), _lines(order, order.lines))
    fates = order.fates
    news = {line_id: fate for line_id, fate in fates.items() if order.told_lines.get(line_id) != fate.outcome}
    for fate, line_ids in _by_word(news):
        moved = _moved(order, placed, fate, at=at, complete=len(fates) == len(order.lines))
        events += _paged(moved, _lines(order, line_ids))
    events += [_late(order, delay, at=at, zone=zone) for delay in delays]
    if order.untold_choices:
        from standby.delivery.choice_telling import said_events  # noqa: PLC0415 - few customers choose

        for choice in order.untold_choices:
            events += said_events(order, choice)
    if order.refunds_due:
        from standby.delivery.refund_telling import refund_events  # noqa: PLC0415 - few orders are given up

        events += (owed := list(refund_events(order)))
        refunds = frozenset(each.refund_due_id for each in owed)
    if not events:
        return None
    known = order.told_delays
    return Untold(
        events=events,
        told=told,
        lines={line_id: fate.outcome for line_id, fate in news.items()},
        delays={name: (*known.get(name, ()), news)[-MOST_TOLD:] for name, news in _news(delays)},
        refunds=refunds,
    )


def doubting(order: Order) -> Order:
    """Return an order that is to be written without what was heard of it and is to be told otherwise now.

    Whoever tells it may die before it is written down that it was heard, and by then the order may be again what was
    heard before: that must be told anew.
    """
    placed, told, lines = order.placed, order.told, order.told_lines
    if placed is not None and told is not None and told != _mark(order, placed):
        told = None
    if lines:
        fates = order.fates
        lines = {
            name: outcome for name, outcome in lines.items() if name not in fates or fates[name].outcome == outcome
        }
    return order if (told, lines) == (order.told, order.told_lines) else replace(order, told=told, told_lines=lines)


def _mark(order: Order, placed: Placed) -> int:
    about = {**_content(order, placed), "lines": _lines(order, order.lines)}
    if order.told_delays:
        about |= _excluding(placed)
    if order.reservation_ids and (over := _archived(order)):
        about["archived"] = over
    return mark(about)


def _excluding(placed: Placed) -> dict[str, Any]:
    """Return for what remedies may have been refused: of an order that is late all hear once it is otherwise."""
    unpaid = is_unpaid(placed.fields.get("payment_status"))
    of = str(placed.fields.get("customer", {}).get("type") or "").strip().casefold()
    return {**({"unpaid": True} if unpaid else {}), **({"type": of} if of else {})}


def _news(delays: Sequence[Delay]) -> Iterator[tuple[str, str]]:
    for delay in delays:
        yield delay.promise.shipment_id, delay.news


def _late(order: Order, delay: Delay, *, at: str, zone: tzinfo) -> DelayDetected:
    from standby.delivery.arriving import is_confirmed  # noqa: PLC0415 - loaded where something is late

    promise, expected = delay.promise, delay.expected
    again = order.told_delays.get(promise.shipment_id, ()).count(delay.news)
    others = 0 if order.plan is None else order.plan.changes(promise.shipment_id)
    news = f"{delay.news}#{again}" if again else delay.news
    if others:  # of what the shipment had before the same may have been told under its name
        news = f"{delay.news}#{again}.{others}"
    return DelayDetected(
        id=f"{order.order_id}@{promise.shipment_id}:{promise.promised_until.isoformat()}:{news}",
        at=at,
        order_id=order.order_id,
        shipment_id=promise.shipment_id,
        edition=order.edition,
        promised_until=promise.promised_until.isoformat(),
        days_late=delay.days_late,
        arrived=delay.arrived,
        expected=None if expected is None else expected.isoformat(),
        cause=promise.cause,
        incident_id=None if delay.incident is None else delay.incident.incident_id,
        policy=None if delay.incident is None else delay.incident.policy,
        confirmed=is_confirmed(order, delay, zone),
    )


def _content(order: Order, placed: Placed) -> dict[str, Any]:
    about = {"discount_codes": placed.fields.get("discount_codes", []), "channel": placed.fields.get("channel")}
    if payment_failed(placed.fields.get("payment_status")):
        about["payment_failed"] = True
    if order.reservation_ids and placed.paid:
        about["paid"] = True
    if order.reservation_ids and _tells(order):
        about["tells"] = True
    return {"reservation_ids": order.reservation_ids, **about}


def _tells(order: Order) -> bool:
    """Tell whether a customer hears of delays from the order: it says when each line comes, and where to write."""
    named = [name for name in planned(order) if order.shipments[name].fields["promised_until"] != NO_DAY]
    dated = {line_id for name in named for line_id in held(order, name)}
    return order.has_address and bool(order.lines) and dated >= order.lines.keys()


def _lines(order: Order, line_ids: Mapping[str, Any] | Sequence[str]) -> list[OrderLine]:
    lines = order.lines
    return [
        {"line_id": line_id, "sku": lines[line_id]["sku"], "quantity": lines[line_id]["quantity"]}
        for line_id in line_ids
    ]


def _by_word(news: Mapping[str, Fate]) -> Iterator[tuple[Fate, list[str]]]:
    """Yield the lines of which one message told, the oldest message first."""
    told: dict[Any, list[str]] = defaultdict(list)
    for line_id, fate in news.items():
        told[fate.said.version, fate.outcome].append(line_id)
    for _, line_ids in sorted(told.items()):
        yield news[line_ids[0]], line_ids


def _placed(order: Order, placed: Placed, *, at: str) -> OrderPlaced:
    return OrderPlaced(
        id="",
        at=at,
        order_id=order.order_id,
        as_of=placed.fields["as_of"],
        lines=(),
        edition=order.edition,
        skus=_skus(order),
        **_content(order, placed),
    )


def _moved(order: Order, placed: Placed, fate: Fate, *, at: str, complete: bool) -> OrderShipped | OrderCancelled:
    said = fate.said.fields
    about: dict[str, Any] = {
        "order_id": order.order_id,
        "occurred_at": said["occurred_at"],
        "as_of": said["as_of"],
        "reservation_ids": order.reservation_ids,
        "complete": complete,
        "edition": order.edition,
        "skus": _skus(order),
        "ordered_at": placed.fields["as_of"],
        "tells": bool(order.reservation_ids) and _tells(order),
    }
    if fate.outcome != SHIPPED:
        return OrderCancelled(id="", at=at, lines=(), came_to_nothing=complete and not _left(order), **about)
    named = fate.about.id if fate.about.scope == SHIPMENT else said.get("shipment_id")
    return OrderShipped(id="", at=at, lines=(), shipment_id=named, **about)


def _left(order: Order) -> bool:
    """Tell whether anything of an order ever left, as far as that is known."""
    outcomes = [*(fate.outcome for fate in order.fates.values()), *(outcome for _, outcome, _ in _archived(order))]
    return SHIPPED in outcomes


def _skus(order: Order) -> list[OrderedSku]:
    """Return what became of all of an order that names reservations; nothing where that leaves no room for lines."""
    if not order.reservation_ids:
        return []
    found: dict[str, OrderedSku] = {}
    fates = order.fates
    for line_id, line in order.lines.items():
        outcome = fates[line_id].outcome if line_id in fates else None
        _count(found, line["sku"], line["quantity"], outcome)
    for sku, outcome, quantity in _archived(order):
        _count(found, sku, quantity, outcome)
    skus = list(found.values())
    return skus if size(skus) <= EVENT_BYTES // 2 else []


def _archived(order: Order) -> Sequence[tuple[str, str, int]]:
    if order.numbering is None or order.numbering.plain:
        return []
    from standby.delivery.archived import archived  # noqa: PLC0415 - the lines of few orders change

    return archived(order)


def _count(found: dict[str, OrderedSku], sku: str, quantity: int, outcome: str | None) -> None:
    of = found.setdefault(sku, {"sku": sku, "quantity": 0, "shipped": 0, "cancelled": 0})
    of["quantity"] += quantity
    if outcome is not None:
        of["shipped" if outcome == SHIPPED else "cancelled"] += quantity


def _paged(head: Any, lines: Sequence[OrderLine]) -> Iterator[Event]:  # noqa: ANN401 - any of the events
    """Yield an event with all lines, in as many events as they need; without lines it is one.

    What is told stands in the ids, so an event with the same id says the same.
    """
    room = EVENT_BYTES - size(head._asdict())
    for page in list(groups(lines, most=MOST_LINES, most_weight=room, weight=size)) or [[]]:
        event = head._replace(lines=page)
        said = mark({**event._asdict(), "id": None, "at": None})
        yield event._replace(id=f"{head.order_id}@{head.edition}:{name_of(head)}:{said:08x}")
