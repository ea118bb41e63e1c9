"""Money that customers are owed, and what was paid of it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

MOST_REFUNDS = 100
"""Refunds of an order that are kept: those with the newest words."""


class Refund(NamedTuple):
    """Money that a customer is owed, for lines that they gave up and that were cancelled, or came back."""

    id: str
    at: str
    """RFC 3339, UTC; since when."""
    line_ids: tuple[str, ...]
    due_by: str
    """The last day on which it is in time."""
    amount: int | None = None
    """Minor units; ``None``: the ERP did not say what the lines cost, or it did in several currencies."""
    currency: str | None = None
    rung: bool = False
    """It was overdue, and somebody was told."""


def unpaid(due: Sequence[Refund], paid: Sequence[Mapping[str, Any]]) -> Sequence[Refund]:
    """Return what is owed still. What the ERP paid without naming it pays the oldest first."""
    named = {fields.get("refund_due_id") for fields in paid}
    unnamed = sum(fields["amount"]["amount"] for fields in paid if "refund_due_id" not in fields)
    left = []
    for refund in due:
        if refund.id in named:
            continue
        if refund.amount is not None and refund.amount <= unnamed:
            unnamed -= refund.amount
            continue
        left.append(refund)
    return left
