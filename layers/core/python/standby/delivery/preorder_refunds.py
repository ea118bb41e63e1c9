"""Money that pre-orders say is owed for units of an order (``RefundDue`` with its reservation).

Who cancels a pre-order on its own page is owed the money by that feature, under its id, once the ERP carried it out.
The order keeps the debt: so ``order.refunded`` closes it by that id, and it rings like any other. From the wish on, the
order itself owes nothing for these units, whatever its customer says on the order's page: they are asked for once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from standby.delivery.model import Order
from standby.delivery.promises import today
from standby.delivery.refund_model import Refund
from standby.delivery.refunding import due_day
from standby.events.preorder import CancellationRequested, RefundDue
from standby.platform.clock import from_text

UNPAID = "unpaid"
"""Why pre-orders have an order cancelled for which nothing is owed."""


def wished(order: Order, event: CancellationRequested) -> Order:
    """Return an order once it is known that pre-orders owe what is cancelled of it; the same where that is known."""
    if order.placed is None or event.reservation_id is None or event.reason == UNPAID:
        return order
    if any(each.reservation_id == event.reservation_id for each in order.refunds_due):
        return order
    return order.owes((*order.refunds_due, _refund(order, event.reservation_id, event.id, event.at, event.lines)))


def owed(order: Order, event: RefundDue, zone: tzinfo) -> Order:
    """Return an order with what pre-orders owe of it; the same where that is known."""
    if order.placed is None or event.reservation_id is None:
        return order
    if any(each.id == event.refund_due_id for each in order.refunds_due):
        return order
    known = next((each for each in order.refunds_due if each.reservation_id == event.reservation_id), None)
    refund = known or _refund(order, event.reservation_id, event.refund_due_id, event.at, event.lines)
    amount = event.amount
    refund = refund._replace(
        id=event.refund_due_id,
        at=event.at,
        due_by=due_day(order, today(from_text(event.at), zone)).isoformat(),
        amount=None if amount is None else amount["amount"],
        currency=None if amount is None else amount["currency"],
    )
    others = tuple(each for each in order.refunds_due if each is not known)
    return order.owes((*others, refund))


def _refund(order: Order, reservation_id: str, name: str, at: str, lines: Sequence[Mapping[str, Any]]) -> Refund:
    parts = [part for line in lines for part in _parts(order, line["sku"], line["quantity"])]
    return Refund(
        name,
        at,
        tuple(line_id for line_id, _ in parts),
        "",
        units=tuple(units for _, units in parts),
        given_at=at,
        told=True,
        reservation_id=reservation_id,
    )


def _parts(order: Order, sku: str, units: int) -> Iterator[tuple[str, int]]:
    """Yield of which lines units of a SKU are, and how many of each: those that the order has, else that it had."""
    rest = units
    for line_id, line in order.lines.items():
        if rest and line["sku"] == sku:
            yield line_id, min(rest, line["quantity"])
            rest -= min(rest, line["quantity"])
    gone = [] if order.numbering is None else order.numbering.gone()
    was = next((line_id for _, (line_id, has, _) in gone if has == sku), None)
    if rest and was is not None:
        yield was, rest
