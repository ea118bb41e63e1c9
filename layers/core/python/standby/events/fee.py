"""What compensation tells of delivery fees: delivery owes them, as all money of an order, so none is owed twice."""

from typing import NamedTuple

from standby.events.fields import EventId, Instant, Money, OtherId


class DeliveryFeeGiven(NamedTuple):
    """For a delay, a customer is given the delivery fee of their order back, or a part of it.

    ``refund_due_id`` names what is owed from then on: a `RefundDue` with the reason ``delay`` follows, unless the fee
    goes back anyway, because the order was cancelled or withdrawn.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    refund_due_id: EventId
    amount: Money
