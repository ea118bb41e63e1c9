"""Money that customers are owed: for what they gave up, once the ERP cancelled it or it came back.

It is written into the order together with the word that makes it so, so each unit is owed once, whatever is repeated.
The ERP's ``order.refunded`` closes it; where that does not come in the time that the market's law gives, it rings.
What the ERP cancels by itself is its own to pay back, and the delivery fee with it where that was the last that was to
come.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from standby.delivery.choice_model import ENDING, Price
from standby.delivery.model import ARRIVALS_PER_MILLISECOND, Order
from standby.delivery.promises import today
from standby.delivery.refund_model import FEE, Owed, Refund, Settled, payments, settled
from standby.platform.clock import from_text, to_milliseconds, to_text
from standby.platform.moment import mark

if TYPE_CHECKING:
    from standby.delivery.given_up import Claim, GivenUp

WEEKEND = frozenset({6, 7})
"""Of a country whose holidays nobody compiled."""
Key = str | int
"""What a line is, whatever its number is now."""
Part = tuple[str, int, int, Price | None]
"""A line, which of its units that were given up (from, to), and what one of them cost."""


def owing(order: Order, before: Order, *, now: datetime, zone: tzinfo) -> Order:
    """Return an order with what is owed for units that were given up and do not come; each is owed once.

    ``before`` is the order as it was before it was changed. Only who paid is owed anything: any ``payment_status`` said
    so (`refund_model.has_paid`).
    """
    if any(refund.remedy for refund in order.refunds_due):
        from standby.delivery.fee_remedies import owed  # noqa: PLC0415 - few fees are given back

        return owed(_owing_for_what_was_given_up(order, before, now=now, zone=zone), now=now, zone=zone)
    return _owing_for_what_was_given_up(order, before, now=now, zone=zone)


def _owing_for_what_was_given_up(order: Order, before: Order, *, now: datetime, zone: tzinfo) -> Order:
    if order.placed is None or not any(choice.kind in ENDING for choice in order.choices):
        return order
    from standby.delivery.given_up import completed  # noqa: PLC0415 - few orders are given up

    order = completed(order, before)
    covered = _covered(order)
    parts: dict[tuple[str, str | None], list[Part]] = defaultdict(list)
    for each in _given_up(order):
        for at, part in _parts(order, each, covered[each.key]):
            price = part[-1]
            parts[at, None if price is None else price[1]].append(part)
    if not parts:
        return order
    due_by = due_day(order, today(now, zone)).isoformat()
    new = (
        _refund(order.order_id, part, at=to_text(now), due_by=due_by, given_at=at)
        for (at, _), part in sorted(parts.items(), key=lambda each: (each[0][0], each[0][1] or ""))
    )
    return replace(order, refunds_due=(*order.refunds_due, *new))


def overdue(order: Order, day: date) -> list[Refund]:
    """Return what should have been paid back before a day, and of which nobody was told."""
    return [refund for refund in to_ring(order) if day.isoformat() > refund.due_by]


def to_ring(order: Order) -> list[Refund]:
    """Return what the customer is owed still, and of which nobody was told that it is overdue."""
    return [each.refund for each in unpaid(order) if not each.refund.rung]


def unpaid(order: Order) -> list[Owed]:
    """Return what the customer is owed still, the oldest first."""
    return [each for each in settlement(order).owed if each.left != 0] if order.refunds_due else []


def untold(order: Order) -> list[Refund]:
    """Return what is owed and nobody heard of. What was paid before it could be told is not asked for."""
    if all(refund.told for refund in order.refunds_due):
        return []
    return [each.refund for each in unpaid(order) if not each.refund.told]


def settlement(order: Order) -> Settled:
    """Return what is owed of an order after all that went back, and what became of each of these payments."""
    paid = payments(said.fields for said in order.refunds.values())
    if not order.refunds_due:
        return settled((), paid)
    gone = {each.key: each.gone for each in _given_up(order)}
    due: list[tuple[Refund, int | None]] = []
    seen = Counter[Key]()
    for refund in order.refunds_due:
        if refund.asked_elsewhere:
            seen.update(dict(zip(_keys(order, refund), refund.units, strict=True)))
            due += [(refund, refund.amount)] if refund.due_by else []
            continue
        units = []
        for key, count in zip(_keys(order, refund), refund.units, strict=False):
            units.append(max(0, min(count, gone.get(key, 0) - seen[key])))
            seen[key] += count
        due.append((refund, _amount_of(refund, units)))
    return settled(due, paid)


def _amount_of(refund: Refund, units: Sequence[int]) -> int | None:
    """Return as much of a debt as is owed still: the ERP may have taken units back that it had cancelled."""
    if not refund.units:
        return refund.amount
    if not any(units):
        return 0
    if refund.currency is None:
        return None
    return sum(price * count for price, count in zip(refund.prices, units, strict=True))


def _given_up(order: Order) -> "list[GivenUp]":
    from standby.delivery.given_up import given_up  # noqa: PLC0415 - as above

    return given_up(order)


def _keys(order: Order, refund: Refund) -> list[Key]:
    """Return which lines a debt is for, whatever their numbers are now."""
    at = refund.given_at or refund.at
    return [FEE if each == FEE else key_of(order, each, at) for each in refund.line_ids]


def _covered(order: Order) -> Counter[Key]:
    """Return the units of each line, and of the delivery fee, that were owed before."""
    found = Counter[Key]()
    for refund in order.refunds_due:
        units = refund.units
        if not units and not refund.reservation_id:
            ended = {each: count for one in order.choices for each, _, count in one.ended(order.lines)}
            units = tuple(ended.get(line_id, 0) for line_id in refund.line_ids)
            found[FEE] += 1
        found.update(dict(zip(_keys(order, refund), units, strict=True)))
    return found


def key_of(order: Order, line_id: str, at: str) -> Key:
    """Return what is the same for a line under all its numbers; it was named by one of them at an instant."""
    numbering = order.numbering
    if numbering is None or numbering.plain:
        return line_id
    version = numbering.known_at(to_milliseconds(from_text(at)) * ARRIVALS_PER_MILLISECOND)
    mark_ = numbering.line_of(line_id, version)
    return line_id if mark_ is None else mark_


def _parts(order: Order, given: "GivenUp", covered: int) -> Iterable[tuple[str, Part]]:
    """Yield what is owed of a line and was not before, by when it was given up."""
    start = 0
    for claim in given.claims:
        first, last = max(start, covered), min(start + claim.units, given.gone)
        price = _price(order, claim)
        if first < last and (price is not None or claim.line_id != FEE):
            yield claim.at, (claim.line_id, first, last, price)
        start += claim.units


def _price(order: Order, claim: "Claim") -> Price | None:
    """Return what one unit cost; of the delivery fee what is left of it; ``None``: nobody said, or nothing is."""
    if claim.line_id != FEE or claim.price is None or not any(refund.remedy for refund in order.refunds_due):
        return claim.price
    from standby.delivery.fee_remedies import less_given  # noqa: PLC0415 - as above

    return less_given(order, claim.price)


def _refund(order_id: str, parts: Sequence[Part], *, at: str, due_by: str, given_at: str) -> Refund:
    """Return a debt. Its id is made of what it is for, so that no other of the order has it."""
    prices = [price for *_, price in parts if price is not None]
    return Refund(
        f"{order_id}@refund:{mark({'parts': parts}):08x}",
        at,
        tuple(line_id for line_id, *_ in parts),
        due_by,
        sum(price[0] * (last - first) for _, first, last, price in parts if price is not None) if prices else None,
        prices[0][1] if prices else None,
        units=tuple(last - first for _, first, last, _ in parts),
        prices=tuple(amount for amount, _ in prices),
        given_at=given_at,
    )


def due_day(order: Order, since: date) -> date:
    """Return the last day on which money that is owed since a day is paid in time, by the law of the order's market."""
    from standby.delivery.rights.repository import market_of  # noqa: PLC0415 - few orders are given up
    from standby.platform.holidays import Country, UnknownCountryError  # noqa: PLC0415 - as above

    assert order.placed is not None  # noqa: S101 - it has lines
    country = (order.placed.fields.get("ship_to", {}).get("country") or "").strip().upper()
    try:
        rests = Country.of(country)
    except UnknownCountryError:
        rests = Country(WEEKEND, {})
    return market_of(country).refund_by(since, rests)
