"""What delivery tells of promises that are broken: what is late, what its customer agreed to, and whom a person calls.

No event says who ordered or where it goes.
"""

from typing import NamedTuple

from standby.events.fields import Day, Edition, EventId, Instant, Number, OtherId, ReservationId, ShipmentIds


class DelayDetected(NamedTuple):
    """A shipment, or a pre-order, comes, or came, later than its customer was promised: once for each new day.

    ``expected`` is that day; without it nobody knows one, or the last that was known is over. ``arrived``: the customer
    has it since that day, which is later than all that was told before, or nothing was. ``days_late`` counts calendar
    days from ``promised_until`` to ``expected``, without it to the day of the event; 0: unknown, and it may still be in
    time.
    What was told before is told again where a better day was told since; its id then ends with ``#`` and a number.
    ``confirmed``: it is known to be late. It is not where its day is over, no carrier says where it is, and its
    customer, who is asked, did not say that it is missing: `ArrivalAnswered` follows.
    ``incident_id`` names what operators declared to be why, ``policy`` the policy for its remedies that they named.
    ``edition`` rises with each change of the order: where two events disagree, the higher one counts.

    Of a pre-order, until an order that tells of its own delays names it, ``reservation_id`` stands there instead of a
    shipment, with ``order_id`` where an order names it all the same, and ``edition`` is the reservation's.
    """

    id: EventId
    at: Instant
    edition: Edition
    promised_until: Day
    days_late: Number
    order_id: OtherId | None = None
    shipment_id: OtherId | None = None
    reservation_id: ReservationId | None = None
    arrived: bool = False
    expected: Day | None = None
    cause: str | None = None
    confirmed: bool = True
    incident_id: str | None = None
    policy: str | None = None


class ArrivalAnswered(NamedTuple):
    """Asked whether a shipment that nobody tracks is there, its customer said that it is, or that it is not.

    The newest counts. ``arrived``: its delay is over, as if it had come in time; otherwise the delay is confirmed.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    arrived: bool


class ConsentGiven(NamedTuple):
    """A customer agreed, in words, to wait for what is late: until a day, or without one, whenever it comes.

    It is a shipment of an order, or a pre-order (``reservation_id``, as `DelayDetected` has it). ``wording`` is the
    version of the words that were agreed to.
    """

    id: EventId
    at: Instant
    wording: str
    order_id: OtherId | None = None
    shipment_id: OtherId | None = None
    reservation_id: ReservationId | None = None
    until: Day | None = None


class CallTaskOpened(NamedTuple):
    """A person is to call a customer: ``GET /v1/deliveries/{order_id}`` has the story and the phone.

    ``reason``: ``notice``: the law wants the delay told, and no e-mail address is known; ``due_by`` is the last day on
    which that is in time. ``returning``: the carrier brings the parcel back; ``failed``: it could not deliver it;
    ``remedy``: the policy of remedies wants a call for so long a delay (`RemedyCallWanted`), once for each such level
    of a shipment. Each of the others is told once of a shipment, and again where it was sent again after it came back.
    ``shipment_ids`` are all of the order of which that is so: a customer is called about one thing once a day.
    ``shipment_id`` is the first of them.
    """

    id: EventId
    at: Instant
    order_id: OtherId
    shipment_id: OtherId
    reason: str
    due_by: Day | None = None
    shipment_ids: ShipmentIds = ()
