"""What others hear of money that is owed (``RefundDue``)."""

from collections.abc import Iterator

from standby.delivery.choice_telling import REASONS
from standby.delivery.model import Order
from standby.delivery.refund_model import FEE, Refund
from standby.delivery.refunding import untold
from standby.events.fields import CancelledLine, Money
from standby.events.preorder import RefundDue

DELAY = "delay"
"""Why it is owed where the shop gives a delivery fee back."""


def refund_events(order: Order) -> Iterator[RefundDue]:
    """Yield the events of what is owed and nobody heard of. One that is told again has the same id."""
    for refund in untold(order):
        yield _owed(order, refund)


def _owed(order: Order, refund: Refund) -> RefundDue:
    ending = [choice for choice in order.choices if choice.kind in REASONS]
    known = {line_id: (sku, units) for choice in ending for line_id, sku, units in choice.ended(order.lines)}
    units = dict(zip(refund.line_ids, refund.units, strict=False))
    lines: list[CancelledLine] = [
        {"sku": known[each][0], "quantity": units.get(each, known[each][1]), "line_id": each}
        for each in refund.line_ids
        if each in known
    ]
    kinds = [choice.kind for choice in ending if choice.at == (refund.given_at or choice.at)]
    return RefundDue(
        id=refund.id,
        at=refund.at,
        refund_due_id=refund.id,
        reason=DELAY if refund.remedy else REASONS[kinds[-1]],
        lines=lines,
        order_id=order.order_id,
        amount=_money(refund.amount, refund.currency),
        delivery_fee=_money(dict(zip(refund.line_ids, refund.prices, strict=False)).get(FEE), refund.currency),
        due_by=refund.due_by,
    )


def _money(amount: int | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else {"amount": amount, "currency": currency}
