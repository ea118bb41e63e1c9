"""Money that customers are owed: for what they gave up, once the ERP cancelled it or it came back.

It is written into the order together with the word that makes it so, so each line is owed once, whatever is repeated.
The ERP's ``order.refunded`` closes it; where that does not come in the time that the market's law gives, it rings.
What the ERP cancels by itself is its own to pay back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo

from standby.delivery.model import CANCELLED, RETURNED, Fate, Order
from standby.delivery.promises import today
from standby.delivery.refund_model import Refund
from standby.platform.clock import to_text
from standby.platform.moment import mark

WEEKEND = frozenset({6, 7})
"""Of a country whose holidays nobody compiled."""


def owing(order: Order, *, now: datetime, zone: tzinfo) -> Order:
    """Return an order with what is owed for lines that were given up, and are cancelled, or back; that is owed once.

    Only who paid is owed anything: ``payment_status`` says so.
    """
    if order.placed is None or not order.placed.paid or not order.given_up:
        return order
    known = {line_id for refund in order.refunds_due for line_id in order.now_at(refund.line_ids, refund.at)}
    fates, places = order.fates, order.places
    lines = tuple(
        line_id
        for line_id in order.lines
        if line_id in order.given_up and line_id not in known and _is_back(order, line_id, fates, places)
    )
    if not lines:
        return order
    amount = _amount(order, lines)
    return order.owing(
        Refund(
            f"{order.order_id}@refund:{mark({'lines': list(lines)}):08x}",
            to_text(now),
            lines,
            _due_by(order, today(now, zone)).isoformat(),
            None if amount is None else amount[0],
            None if amount is None else amount[1],
        )
    )


def overdue(order: Order, day: date) -> list[Refund]:
    """Return what should have been paid back before a day, and of which nobody was told."""
    return [each for each in order.unpaid_refunds if not each.rung and day.isoformat() > each.due_by]


def _is_back(order: Order, line_id: str, fates: Mapping[str, Fate], places: Mapping[str, Sequence[str]]) -> bool:
    fate = fates.get(line_id)
    if fate is not None and fate.outcome == CANCELLED:
        return True
    return any(order.newest_about(RETURNED, line_id, name) for name in places.get(line_id, (None,)))


def _amount(order: Order, line_ids: Iterable[str]) -> tuple[int, str] | None:
    """Return what lines cost, with the delivery fee where nothing of the order is left; ``None``: nobody said."""
    prices = [(order.lines[line_id].get("unit_price"), order.lines[line_id]["quantity"]) for line_id in line_ids]
    if any(price is None for price, _ in prices):
        return None
    costs = [(price["amount"] * quantity, price["currency"]) for price, quantity in prices if price is not None]
    known = {line_id for refund in order.refunds_due for line_id in order.now_at(refund.line_ids, refund.at)}
    assert order.placed is not None  # noqa: S101 - it has lines
    fee = order.placed.fields.get("delivery_fee")
    if fee is not None and {*order.lines} <= {*line_ids, *known}:
        costs.append((fee["amount"], fee["currency"]))
    currencies = {currency for _, currency in costs}
    return (sum(amount for amount, _ in costs), currencies.pop()) if len(currencies) == 1 else None


def _due_by(order: Order, since: date) -> date:
    from standby.delivery.rights.repository import market_of  # noqa: PLC0415 - few orders are given up
    from standby.platform.holidays import Country, UnknownCountryError  # noqa: PLC0415 - as above

    assert order.placed is not None  # noqa: S101 - it has lines
    country = (order.placed.fields.get("ship_to", {}).get("country") or "").strip().upper()
    try:
        rests = Country.of(country)
    except UnknownCountryError:
        rests = Country(WEEKEND, {})
    return market_of(country).refund_by(since, rests)
