"""Money that customers are owed, and which payments close which of it.

A payment that names a debt pays that one. One that names none pays the oldest first, of what was given up before it:
money that went back earlier was for something else. Only money in the currency of a debt pays it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from standby.delivery.model import Placed

MOST_REFUNDS = 100
"""Refunds of an order that are kept: those with the newest words."""
FEE = ""
"""Stands among the lines of a debt for the delivery fee."""
PAID_BEFORE = "paid_before"
"""The field of a word about the whole order that says that another word said that it is paid."""
PAID_BACK, PARTLY_PAID_BACK = "refunded", "partially_refunded"
"""Payment statuses of orders that were paid, and of which all money went back, or some."""
Effect = Literal["another_currency", "before_it_was_given_up"]
"""Why a payment pays nothing of what is owed."""


class Refund(NamedTuple):
    """Money that a customer is owed, for lines that they gave up and that were cancelled, or came back."""

    id: str
    at: str
    """RFC 3339, UTC; since when."""
    line_ids: tuple[str, ...]
    due_by: str
    """The last day on which it is in time."""
    amount: int | None = None
    """Minor units; ``None``: the ERP did not say what the lines cost."""
    currency: str | None = None
    rung: bool = False
    """It was overdue, and somebody was told."""
    units: tuple[int, ...] = ()
    """Of each line; none: it is of an older form, and of all that was given up of them."""
    prices: tuple[int, ...] = ()
    """What one unit of each line cost; none where there is no amount."""
    given_at: str = ""
    """When it was given up, RFC 3339; empty: it is of an older form."""
    told: bool = False
    """Others heard of it."""
    reservation_id: str = ""
    """The pre-order that owes it, and told it; empty: the order does. Without ``due_by`` the ERP is asked to cancel it
    and did not yet."""
    remedy: bool = False
    """A part of the delivery fee that is given back for a delay. Without ``due_by`` the fee goes back anyway, and it
    waits (`standby.delivery.fee_remedies`)."""

    @property
    def asked_elsewhere(self) -> bool:
        """Tell whether it is owed for another reason than that its lines were given up of the order."""
        return bool(self.reservation_id) or self.remedy


def refunds_of(kept: Sequence[Sequence[Any]], told: int) -> tuple[Refund, ...]:
    """Return debts that were kept as JSON. Of those of an older form others heard of so many: the oldest ones."""
    found = (Refund(*each) for each in kept)
    return tuple(
        refund._replace(
            line_ids=tuple(refund.line_ids),
            units=tuple(refund.units),
            prices=tuple(refund.prices),
            told=refund.told or place < told,
        )
        for place, refund in enumerate(found)
    )


def having_paid(placed: "Placed", *others: "Placed | None") -> "Placed":
    """Return a word about the whole order that knows whether the customer ever paid, by it or by another one."""
    paid = any(each is not None and (each.paid or PAID_BEFORE in each.fields) for each in others)
    return replace(placed, fields={**placed.fields, PAID_BEFORE: True}) if paid and not placed.paid else placed


def has_paid(placed: "Placed") -> bool:
    """Tell whether the customer once paid, and did not get all of it back. A status left out changes nothing."""
    status = str(placed.fields.get("payment_status", "")).strip().casefold()
    return placed.paid or (status != PAID_BACK and (status == PARTLY_PAID_BACK or PAID_BEFORE in placed.fields))


class Payment(NamedTuple):
    """Money that went back, as the ERP says."""

    occurred_at: str
    amount: int
    currency: str
    refund_due_id: str | None


class Owed(NamedTuple):
    """A debt, and what was paid of it."""

    refund: Refund
    amount: int | None
    """As much of it as is owed still, whatever was paid; ``None``: nobody knows how much."""
    paid: int = 0
    """Minor units, of this currency."""
    named: bool = False
    """A payment named it."""

    @property
    def left(self) -> int | None:
        """What is to be paid; ``None``: nobody knows how much. Whoever pays such a debt says so by naming it."""
        if self.amount is None:
            return 0 if self.named else None
        return max(0, self.amount - self.paid)


class Settled(NamedTuple):
    """What is owed after all payments, and what became of each of these."""

    owed: Sequence[Owed]
    counted: Mapping[Payment, int]
    """Minor units of each payment that paid something of what is owed."""
    idle: Mapping[Payment, Effect]
    """Payments that pay nothing of it, though something is owed."""


def payments(words: Iterable[Mapping[str, Any]]) -> Sequence[Payment]:
    """Return what went back, the oldest first; what is told twice is one."""
    found = {
        Payment(said["occurred_at"], said["amount"]["amount"], said["amount"]["currency"], said.get("refund_due_id"))
        for said in words
    }
    return sorted(found, key=lambda each: (each[:3], each.refund_due_id or ""))


def settled(due: Sequence[tuple[Refund, int | None]], paid: Sequence[Payment]) -> Settled:
    """Return what is owed after payments. ``due`` are debts, with as much of each as is owed still."""
    owed = {refund.id: Owed(refund, amount) for refund, amount in due}
    counted: dict[Payment, int] = {}
    idle: dict[Payment, Effect] = {}
    for payment in (each for each in paid if each.refund_due_id in owed):
        known = owed[str(payment.refund_due_id)]
        if known.amount is not None and known.refund.currency != payment.currency:
            idle[payment] = "another_currency"
            continue
        counted[payment] = payment.amount if known.left is None else min(known.left, payment.amount)
        owed[known.refund.id] = known._replace(paid=known.paid + payment.amount, named=True)
    oldest = sorted(owed.values(), key=lambda each: (_since(each.refund), each.refund.at, each.refund.id))
    for payment in (each for each in paid if each.refund_due_id is None):
        rest = payment.amount
        for refund in (each.refund for each in oldest):
            known = owed[refund.id]
            if rest and known.left and _pays(payment, refund):
                part = min(rest, known.left)
                owed[refund.id], rest = known._replace(paid=known.paid + part), rest - part
        counted[payment] = payment.amount - rest
        if rest == payment.amount and oldest and (why := _why_not(payment, [each.refund for each in oldest])):
            idle[payment] = why
    return Settled([owed[refund.id] for refund, _ in due], counted, idle)


def _since(refund: Refund) -> str:
    return refund.given_at or refund.at


def _pays(payment: Payment, refund: Refund) -> bool:
    """Tell whether a payment that names nothing may be for a debt. Of one of an older form that was never asked."""
    return payment.currency == refund.currency and payment.occurred_at >= refund.given_at


def _why_not(payment: Payment, due: Sequence[Refund]) -> Effect | None:
    if any(_pays(payment, refund) for refund in due):
        return None
    same = any(payment.currency == refund.currency for refund in due)
    return "before_it_was_given_up" if same else "another_currency"
