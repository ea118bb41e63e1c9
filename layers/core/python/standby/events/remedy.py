"""What compensation tells: what delayed customers were given, what became of it, and that no more can be given.

No event has an address or a voucher's code. Who ordered is said by the shop's own id, and only of a code that is bound;
`VoucherRevoked` has the key that hides the customer's address, by which Mail keeps back what it did not send yet.

A shop that takes codes with a coupon system of its own mirrors them from these events. A code is there once
`RemedyGranted`, or `RemedyChosen` for the same ``grant_id``, has one of the kinds ``percent_off``, ``voucher`` and
``free_shipping``: with its worth, currency, ``expires_at``, ``minimum`` and ``combinable``. One that is ``bound`` is
taken for the late order's customer alone: ``customer_id``, or, where the shop gave none, whoever has that order's
e-mail address, which the shop knows. Codes are kept as hashes, so the code itself is asked for by
``GET /v1/deliveries/{order_id}/remedies``, under the same id; the shop knows whose order that is. Of `VoucherRedeemed`,
`VoucherFreed` and `VoucherRevoked` of one ``grant_id`` the highest ``edition`` says what is so; without any the code is
free. From ``expires_at`` on no order takes it, and no event says that. What the shop's own system takes, its
``order.placed`` names in ``discount_codes``.
"""

from typing import NamedTuple

from standby.events.fields import Address, Currency, EventId, Instant, Money, Number, OtherId, References, Words


class RemedyChosen(NamedTuple):
    """A customer chose one of several remedies, or did not in time, and is given what the policy gives then.

    ``grant_id`` is the `RemedyGranted` that offered it, by its ``id``. ``kind`` is never ``choice``; of the delivery
    fee back `DeliveryFeeGiven` tells, too. ``amount`` is what it can cost at most; ``freed`` is what the dearest
    could cost beyond that, which counts as granted no more. ``minimum``, ``combinable``, ``bound`` and
    ``customer_id`` are as in `RemedyGranted`.
    """

    id: EventId
    at: Instant
    grant_id: EventId
    order_id: OtherId
    shipment_id: OtherId
    kind: str
    amount: Money
    freed: Money
    by_customer: bool
    percent: Number | None = None
    expires_at: Instant | None = None
    minimum: Money | None = None
    combinable: bool = True
    bound: bool = False
    customer_id: OtherId | None = None


class RemedyLapsed(NamedTuple):
    """Nothing comes of a choice between remedies, or of a remedy never told, so all of it counts as granted no more.

    ``reason``: ``lapsed``, nobody chose in time; ``replaced``, the delay became longer, and another `RemedyGranted`
    offers more; ``revoked``, the shop took it back; ``cancelled``, what was late was cancelled, or came back. That is
    so of a code, too, of which its customer was not told yet, and then `VoucherRevoked` tells of it as well.
    ``grant_id`` is the `RemedyGranted` that offered it, by its ``id``.
    """

    id: EventId
    at: Instant
    grant_id: EventId
    order_id: OtherId
    shipment_id: OtherId
    reason: str
    freed: Money


class RemedyRated(NamedTuple):
    """A customer said whether the shop made a delay right: yes, or no. The newest answer about an order counts.

    ``kinds`` are those of the remedies that they were given; ``held_out``: they were given none, to compare
    (`RemedyWithheld`). What else they wrote is not told, since it may say who they are.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    right: bool
    kinds: Words
    held_out: bool


class VoucherRedeemed(NamedTuple):
    """An order took a voucher: ``order_id``; ``granted_for`` is the late order for which it was granted.

    ``grant_id`` is the `RemedyGranted` that brought it, by its ``id``. An order that has it already takes it again
    where its cart changed: ``taken_off`` is then another. ``edition`` rises with each change of a voucher: of what is
    told of one, the highest counts.
    """

    id: EventId
    at: Instant
    grant_id: EventId
    granted_for: OtherId
    order_id: OtherId
    taken_off: Money
    edition: Number = 0


class VoucherFreed(NamedTuple):
    """The order that had taken a voucher came to nothing, so another one may take it: cancelled, or never paid.

    Or its checkout was left: nobody placed it within a day. It is told of ``order_id``; ``granted_for`` is the late
    order. Where its time is over by now, no order takes it. ``edition`` is as in `VoucherRedeemed`.
    """

    id: EventId
    at: Instant
    grant_id: EventId
    granted_for: OtherId
    order_id: OtherId
    edition: Number = 0
    expires_at: Instant | None = None
    """Until when it may be used by now, where its last day passed while that order had it; else that is as it was."""


class VoucherRevoked(NamedTuple):
    """The shop took a voucher back before any order took it.

    Its customer has ``address``, as far as that is known; ``references`` name what no mail to them tells of any more.
    """

    id: EventId
    at: Instant
    grant_id: EventId
    granted_for: OtherId
    edition: Number = 0
    address: Address | None = None
    references: References = ()


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
