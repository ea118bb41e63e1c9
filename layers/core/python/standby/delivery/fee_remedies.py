"""Delivery fees that are given back for delays (``DeliveryFeeGiven``): each part of a fee is owed once.

The order itself keeps what was given, in the order of its editions with all else that is owed of it. What was given
first is taken off the fee that is owed once all was given up. Where the fee goes back first, what is given later waits:
it is owed only if something comes after all.
"""

from dataclasses import replace
from datetime import datetime, tzinfo

from standby.delivery.choice_model import Price
from standby.delivery.given_up import left_of
from standby.delivery.model import Order
from standby.delivery.promises import today
from standby.delivery.refund_model import FEE, Refund, has_paid
from standby.delivery.refunding import due_day
from standby.events.fee import DeliveryFeeGiven
from standby.platform.clock import to_text


def given(order: Order, event: DeliveryFeeGiven) -> Order:
    """Return an order that knows what was given of its fee; the same where that is known. `owed` says from when on."""
    if order.placed is None or any(each.id == event.refund_due_id for each in order.refunds_due):
        return order
    amount, currency = event.amount["amount"], event.amount["currency"]
    waits = Refund(
        event.refund_due_id,
        event.at,
        (FEE,),
        "",
        amount,
        currency,
        units=(0,),
        prices=(amount,),
        given_at=event.at,
        remedy=True,
    )
    return order.owes((*order.refunds_due, waits))


def owed(order: Order, *, now: datetime, zone: tzinfo) -> Order:
    """Return an order that owes what was given of its fee, unless the fee goes back anyway, or was never paid."""
    if not _stands(order):
        return order
    for each in order.refunds_due:
        amount = _still_paid(order, each) if _waits(each) else 0
        if amount > 0:
            due_by = due_day(order, today(now, zone)).isoformat()
            owes = each._replace(at=to_text(now), due_by=due_by, amount=amount, prices=(amount,))
            refunds = tuple(owes if one is each else _less(one, owes) for one in order.refunds_due)
            order = replace(order, refunds_due=refunds)
    return order


def less_given(order: Order, fee: Price) -> Price | None:
    """Return what is left of a delivery fee beside what was given of it before; ``None``: nothing."""
    amount, currency = fee
    left = amount - _given(order, currency)
    return (left, currency) if left > 0 else None


def _waits(refund: Refund) -> bool:
    return refund.remedy and not refund.due_by


def _stands(order: Order) -> bool:
    """Tell whether its customer is to get, or keeps, something of an order for whose delivery they paid."""
    placed = order.placed
    if placed is None or not left_of(order):
        return False
    return not placed.fields.get("payment_status") or has_paid(placed)


def _given(order: Order, currency: str | None) -> int:
    return sum(
        each.amount or 0 for each in order.refunds_due if each.remedy and each.due_by and each.currency == currency
    )


def _still_paid(order: Order, waiting: Refund) -> int:
    """Return how much of what was given can be owed: never more than the fee that the order says, where it says one."""
    fee = None if order.placed is None else order.placed.fields.get("delivery_fee")
    if fee is None:
        return waiting.amount or 0
    if fee["currency"] != waiting.currency:
        return 0
    paid: int = fee["amount"]
    return max(0, min(waiting.amount or 0, paid - _given(order, waiting.currency)))


def _less(refund: Refund, given: Refund) -> Refund:
    """Return a debt for what was given up without what is given of its fee now: it is owed no more of it."""
    if refund.remedy or FEE not in refund.line_ids or refund.currency != given.currency or not refund.prices:
        return refund
    prices = dict(zip(refund.line_ids, refund.prices, strict=True))
    part = min(prices[FEE], given.amount or 0)
    prices[FEE] -= part
    return refund._replace(prices=tuple(prices.values()), amount=(refund.amount or 0) - part)
