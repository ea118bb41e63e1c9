"""What pre-orders and holds at checkout tell."""

from typing import NamedTuple

from standby.events.fields import (
    Address,
    Amounts,
    CancelledLines,
    Day,
    Edition,
    EventId,
    Instant,
    Money,
    Number,
    OtherId,
    Release,
    ReservationId,
    ReservedLines,
    Revision,
    Sku,
    Units,
)


class UnitsFreed(NamedTuple):
    """Units that somebody had a right to became free: a hold expired, was cancelled or declined.

    A level of the ERP never causes this.
    """

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    units: Units = 1


class CampaignChanged(NamedTuple):
    """A SKU's campaign was opened, changed or closed, or another number of units remains.

    It opens and closes by the clock, without an event of its own. ``remaining`` is what was there when the event was
    made, or some fewer: where many remain it is told in coarse steps. It is left out where as many can be reserved as
    purchase orders promise and nobody has a right to. ``closes_at`` is when it closed, or will by
    the clock: at the latest when the day is over that it promises.
    ``number`` counts the SKU's campaigns. With ``early_for_waitlist`` those who wait may reserve from
    ``early_opens_at`` on, as some tiers may.
    """

    id: EventId
    at: Instant
    sku: Sku
    edition: Edition
    kind: str
    opens_at: Instant
    release_on: Release
    promised_until: Day
    price: Money
    closes_at: Instant | None = None
    early_opens_at: Instant | None = None
    number: Number = 0
    early_for_waitlist: bool = False
    remaining: Units | None = None
    limit_per_customer: Units | None = None


class OfferAccepted(NamedTuple):
    """Somebody in line took what was offered; the reservation is one to check out with now.

    ``address`` hides the customer's.
    """

    id: EventId
    at: Instant
    sku: Sku
    reservation_id: ReservationId
    units: Units
    address: Address | None = None


class OfferExpired(NamedTuple):
    """Somebody in line did not take what was offered; the units are free again.

    ``reason``: ``declined``, ``silent`` (the time was over), ``unsent`` (the mail was never accepted, or refused),
    ``left`` (the customer stopped all mails or was erased), ``unmade``: no units were there any more when the offer was
    to be made, nobody was mailed, and the customer goes on waiting; ``vanished``: less was counted since, and the
    customer is back in line. ``reference`` names the place in line, ``address`` hides the customer's.
    """

    id: EventId
    at: Instant
    sku: Sku
    reservation_id: ReservationId
    units: Units
    reason: str
    reference: str
    address: Address | None = None


class PromiseMoved(NamedTuple):
    """The day moved by which a customer was promised units, because goods come later, earlier, or no longer at all.

    Without ``promised_until`` no day is known: the customer was mailed that, once. ``edition`` rises with each change
    of the reservation: where two events disagree, the higher one counts.

    With ``order_id`` an order that tells of its own delays has the reservation, and tells this, too. As the order takes
    it over, the days stay, and what it must know comes along: ``told_until``, the latest day that the customer was told
    beside the first; ``told_undated``, that they were told that no day is known; and to what they agreed, and when.
    It comes again where the mail that told that reached nobody, with ``untold_until`` or ``untold_undated`` instead.
    """

    id: EventId
    at: Instant
    reservation_id: ReservationId
    edition: Edition
    sku: Sku
    units: Units
    promised_until: Day | None = None
    previous_promised_until: Day | None = None
    order_id: OtherId | None = None
    first_promised_until: Day | None = None
    told_until: Day | None = None
    told_undated: bool = False
    untold_until: Day | None = None
    untold_undated: bool = False
    agreed_at: Instant | None = None
    agreed_until: Day | None = None
    wording: str | None = None


class ReservationConfirmed(NamedTuple):
    """The order of a reservation was placed. It names whoever reserved, if the storefront said so."""

    id: EventId
    at: Instant
    reservation_id: ReservationId
    kind: str
    lines: ReservedLines
    address: Address | None = None


class ReservationAllocated(NamedTuple):
    """All units of a reservation are there and were set aside for it."""

    id: EventId
    at: Instant
    reservation_id: ReservationId
    kind: str
    lines: ReservedLines


class AllocationTakenBack(NamedTuple):
    """Less was counted than had been set aside: a reservation of which all units were lacks some again.

    It keeps its place in line, before all that came later, and is allocated again once they are there.
    """

    id: EventId
    at: Instant
    reservation_id: ReservationId
    kind: str
    lines: ReservedLines


class ReservationCancelled(NamedTuple):
    """A reservation ended and gave its units back: it was cancelled, or its hold expired (``reason``)."""

    id: EventId
    at: Instant
    reservation_id: ReservationId
    kind: str
    reason: str
    lines: ReservedLines


class CancellationRequested(NamedTuple):
    """Somebody wants an order cancelled that the ERP knows: its ``order.cancelled`` or ``order.shipped`` decides.

    ``reason``: ``customer``, ``shop``, ``unpaid``, where the units set aside for it went to the next in line,
    ``withdrawal``: the customer withdrew by law, and what has arrived comes back; ``silence``: the law takes it for a
    cancellation. ``reservation_id`` is the reservation of which it was asked; without one it was asked of the order
    itself, whose lines are named. Many lines take several events.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    reason: str
    lines: CancelledLines
    reservation_id: ReservationId | None = None


class RefundDue(NamedTuple):
    """Somebody paid for what was cancelled, or sent back, and is owed the money, once, as they paid it (``method``).

    ``reason``: ``customer``, ``shop``, ``unpaid``, ``withdrawal``, or ``silence``, which the law took for a
    cancellation; ``delay``: their order is late, and the shop gives its delivery fee back, or a part, for no lines.
    ``refund_due_id`` names it; ``order.refunded`` may say it. ``amount`` is the price that its customer was told last,
    where all lines are in one currency, else ``amounts`` has one of each: what was paid is known to the checkout. It
    is what the customer paid for the units, so it includes tax where the prices of the order do, and ``delivery_fee``,
    which is said where it is owed, too. ``due_by`` is the last day on which it is in time by the law of the market.
    ``reservation_id`` is the reservation that was cancelled; without one it is owed for lines of the order itself.
    """

    id: EventId
    at: Instant
    refund_due_id: EventId
    reason: str
    lines: CancelledLines
    reservation_id: ReservationId | None = None
    order_id: OtherId | None = None
    amount: Money | None = None
    amounts: Amounts | None = None
    due_by: Day | None = None
    delivery_fee: Money | None = None
    method: str = "original"
