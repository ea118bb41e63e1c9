"""What compensation tells at first of what a delay is worth; apart from the rest, since delivery hears of it alone."""

from typing import NamedTuple

from standby.events.fields import EventId, Instant, Money, Number, OtherId, Words


class RemedyGranted(NamedTuple):
    """A delay was made good: the difference to what was granted before for the same shipment.

    ``kind``: ``percent_off``, ``voucher``, ``free_shipping``, or ``delivery_fee_back``, of which `DeliveryFeeGiven`
    tells, too; ``choice``: the customer chooses one of the kinds in ``options`` until ``choose_until``, and
    `RemedyChosen` or `RemedyLapsed` tells what comes of it. ``amount`` is what it can cost at most. ``level`` is the
    number of days late from which on the policy gives so much, by its ``rule``; ``days_late`` are counted from the
    first day that was ever promised. A person may give a remedy of their own (rule ``by_hand``), or record what was
    given in another way (``elsewhere``). An order takes the code from ``minimum`` on, if that is said, and beside
    another voucher only if it is ``combinable``; one that is ``bound`` is for the late order's customer alone:
    ``customer_id``, where the shop gave one, else by their address, which no event has. What waits for approval is
    told once it is approved.
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
    options: Words = ()
    choose_until: Instant | None = None
    minimum: Money | None = None
    combinable: bool = True
    bound: bool = False
    customer_id: OtherId | None = None


class RemedyWithheld(NamedTuple):
    """A customer is given nothing for a delay, because the policy holds so many out (``holdout_percent``), to compare.

    ``amount`` is what it would have cost at most. Notices and rights are as everybody's.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    rule: str
    policy_version: Number
    days_late: Number
    amount: Money


class RemedyCallWanted(NamedTuple):
    """The policy wants a person to call the customer of a shipment that is so late, once for each such ``level``.

    ``level`` is from how many days late on; the highest that was wanted counts. Delivery opens the call on a day on
    which people have room for it (`CallTaskOpened`), unless the shipment is there by then.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    level: Number
    days_late: Number
    rule: str
    policy_version: Number
