"""What delivery tells: which orders there are, what became of their lines, and which promises were broken.

No event says who ordered or where it goes. A large order takes several events, each with some of the lines.
``edition`` rises with each change of the order: where two events disagree, the higher one counts.

``skus`` says of an order that names reservations what became of all of it so far. It is empty for others, and where
that is too much for an event.
"""

from typing import NamedTuple

from standby.events.fields import Day, Edition, EventId, Instant, Number, OrderedSkus, OrderIds, OrderLines, OtherId


class OrderPlaced(NamedTuple):
    """An order with all lines that want units. It is told again when lines, reservations, codes or channel changed.

    The newest ``as_of`` wins. ``reservation_ids`` are the claims that the order settles; of an order that names some,
    ``paid`` says whether the money has come.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    as_of: Instant
    lines: OrderLines
    reservation_ids: OrderIds = ()
    discount_codes: OrderIds = ()
    channel: str | None = None
    edition: Edition | None = None
    skus: OrderedSkus = ()
    paid: bool = False


class OrderShipped(NamedTuple):
    """These lines of an order left the house by one message, whole. ``complete``: nothing of it is left to ship.

    ``reservation_ids`` are those of the whole order, and ``ordered_at`` is the ``as_of`` of its newest `OrderPlaced`.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    occurred_at: Instant
    as_of: Instant
    lines: OrderLines
    complete: bool
    reservation_ids: OrderIds = ()
    shipment_id: OtherId | None = None
    edition: Edition | None = None
    skus: OrderedSkus = ()
    ordered_at: Instant | None = None


class OrderCancelled(NamedTuple):
    """These lines of an order will not be shipped. ``complete``: nothing of it is left to ship.

    A line that was cancelled and left all the same comes in a later `OrderShipped`, and the other way round.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    occurred_at: Instant
    as_of: Instant
    lines: OrderLines
    complete: bool
    reservation_ids: OrderIds = ()
    edition: Edition | None = None
    skus: OrderedSkus = ()
    ordered_at: Instant | None = None


class DelayDetected(NamedTuple):
    """A shipment comes, or came, later than its customer was promised. It is told once for each new day.

    ``expected`` is that day; without it nobody knows one, or the last that was known is over. ``arrived``: the customer
    has it since that day, and was never told that it was late. ``days_late`` counts calendar days from
    ``promised_until`` to ``expected``, without it to the day of the event; 0: unknown, and it may still be in time.
    What was told before is told again where a better day was told since; its id then ends with ``#`` and a number.
    ``edition`` rises with each change of the order: where two events disagree, the higher one counts.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    edition: Edition
    promised_until: Day
    days_late: Number
    arrived: bool = False
    expected: Day | None = None
    cause: str | None = None


class ConsentGiven(NamedTuple):
    """A customer agreed, in words, to wait for a shipment that is late: until a day, or without one, whenever it comes.

    ``wording`` is the version of the words that were agreed to.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    wording: str
    until: Day | None = None


class CallTaskOpened(NamedTuple):
    """A person is to call a customer: ``GET /v1/deliveries/{order_id}`` has the story and the phone.

    ``reason``: ``notice``: the law wants the delay told, and no e-mail address is known. ``due_by`` is the last day on
    which that is in time.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    reason: str
    due_by: Day | None = None
