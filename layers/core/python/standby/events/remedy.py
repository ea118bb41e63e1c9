"""What compensation tells: what delayed customers were given, and that no more can be given for now.

No event says who ordered, and none has a voucher's code.
"""

from typing import NamedTuple

from standby.events.fields import Currency, EventId, Instant, Money, Number, OtherId


class RemedyGranted(NamedTuple):
    """A delay was made good: the difference to what was granted before for the same shipment.

    ``kind``: ``percent_off``, ``voucher``, ``free_shipping``, or ``delivery_fee_back``, which a `RefundDue` tells
    beside this. ``amount`` is what it can cost at most. ``level`` is the number of days late from which on the policy
    gives so much, by its ``rule``; ``days_late`` are counted from the first day that was ever promised.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    kind: str
    amount: Money
    rule: str
    policy_version: Number
    level: Number
    days_late: Number
    percent: Number | None = None
    expires_at: Instant | None = None


class BudgetEnded(NamedTuple):
    """A remedy was refused, because it and what was granted in a month are more than the shop meant to spend.

    It is told once a month and currency; a smaller remedy may still fit. Customers hear that their order is late all
    the same. ``month`` is one of the shop's calendar, such as 2026-05.
    """

    id: EventId
    at: Instant
    month: str
    currency: Currency
    budget: Number
