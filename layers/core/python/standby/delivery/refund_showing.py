"""What is shown of the money that customers are owed, and of what went back."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from standby.delivery.model import Order
from standby.delivery.refund_model import FEE, Refund, payments
from standby.delivery.refunding import settlement, unpaid
from standby.delivery.showing import said_at

if TYPE_CHECKING:
    from standby.delivery.lookup_answers import AmountShown, OwedShown, PaidBackShown
    from standby.platform.answers import Step

IDLE = {
    "another_currency": "another_currency_closes_nothing",
    "before_it_was_given_up": "what_went_back_before_it_was_given_up_closes_nothing",
}
"""The rules by which a payment pays nothing of what is owed."""

REMEDY = "the_delivery_fee_is_given_back_for_a_delay"
"""The rule by which money is owed though nothing was given up."""


def owed(order: Order) -> "list[OwedShown]":
    """Return what the customer is owed still, the oldest first."""
    return [
        {
            "refund_due_id": each.refund.id,
            "line_ids": _lines(each.refund),
            "amount": _money(each.refund.amount, each.refund.currency),
            "left": _money(each.left, each.refund.currency),
            "since": each.refund.at,
            "due_by": each.refund.due_by,
        }
        for each in unpaid(order)
    ]


def paid_back(order: Order) -> "list[PaidBackShown]":
    """Return what went back to the customer, the oldest first."""
    found = settlement(order)
    return [
        {
            "refund_due_id": payment.refund_due_id,
            "amount": {"amount": payment.amount, "currency": payment.currency},
            "occurred_at": payment.occurred_at,
            "counted": found.counted.get(payment, 0),
            "closes_nothing": found.idle.get(payment),
        }
        for payment in payments(said.fields for said in order.refunds.values())
    ]


def steps(order: Order) -> "Iterator[Step]":
    """Yield why money is owed, and what became of what went back."""
    found = settlement(order)
    left = {each.refund.id: each.left for each in found.owed}
    for refund in (each for each in order.refunds_due if each.id in left):
        yield _step(
            refund.at,
            "RefundDue",
            REMEDY if refund.remedy else "what_was_given_up_and_is_not_kept_is_paid_back",
            refund_due_id=refund.id,
            reservation_id=refund.reservation_id or None,
            line_ids=_lines(refund),
            units=[units for line_id, units in zip(refund.line_ids, refund.units, strict=False) if line_id != FEE],
            delivery_fee=dict(zip(refund.line_ids, refund.prices, strict=False)).get(FEE),
            amount=refund.amount,
            currency=refund.currency,
            left=left[refund.id],
            due_by=refund.due_by,
            overdue=refund.rung or None,
        )
    for said in order.refunds.values():
        (payment,) = payments([said.fields])
        idle = found.idle.get(payment)
        yield _step(
            said_at(said),
            "order.refunded",
            "money_went_back" if idle is None else IDLE[idle],
            amount=payment.amount,
            currency=payment.currency,
            refund_due_id=payment.refund_due_id,
            occurred_at=payment.occurred_at,
            counted=found.counted.get(payment),
        )


def _lines(refund: Refund) -> list[str]:
    return [line_id for line_id in refund.line_ids if line_id != FEE]


def _money(amount: int | None, currency: str | None) -> "AmountShown | None":
    return None if amount is None or currency is None else {"amount": amount, "currency": currency}


def _step(at: str, event: str, rule: str, **numbers: Any) -> "Step":  # noqa: ANN401 - as `Step` has them
    said = {name: value for name, value in numbers.items() if value is not None}
    return {"at": at, "event": event, "rule": rule, "numbers": said}
