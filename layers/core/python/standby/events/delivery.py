"""What delivery tells: which orders there are, and which of their lines left the house or were cancelled.

No event says who ordered or where it goes. A large order takes several events, each with some of the lines.
``edition`` rises with each change of the order: where two events disagree, the higher one counts.

``skus`` says of an order that names reservations what became of all of it so far. It is empty for others, and where
that is too much for an event.
"""

from typing import NamedTuple

from standby.events.fields import Edition, EventId, Instant, OrderedSkus, OrderIds, OrderLines, OtherId


class OrderPlaced(NamedTuple):
    """An order with all lines that want units. It is told again when lines, reservations, codes or channel changed.

    Of one that was late it is also told when it was paid, or when its customer's type was corrected.

    The newest ``as_of`` wins. ``reservation_ids`` are the claims that the order settles; of an order that names some,
    ``paid`` says whether the money has come, and ``tells`` that its customer hears of delays from the order: it says by
    when each line comes, and where to write. ``payment_failed``: its payment came to nothing, whatever it names.
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
    tells: bool = False
    payment_failed: bool = False


class OrderShipped(NamedTuple):
    """These lines of an order left the house by one message, whole. ``complete``: nothing of it is left to ship.

    ``reservation_ids`` are those of the whole order, ``ordered_at`` is the ``as_of`` of its newest `OrderPlaced`, and
    ``tells`` is as there.
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
    tells: bool = False


class OrderCancelled(NamedTuple):
    """These lines of an order will not be shipped. ``complete``: nothing of it is left to ship.

    ``came_to_nothing``: nothing of it ever left, and all of it was cancelled.
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
    tells: bool = False
    came_to_nothing: bool = False
