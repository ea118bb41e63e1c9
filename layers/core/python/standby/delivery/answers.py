"""What delivery's routes answer."""

from typing import Literal, TypedDict

from standby.delivery.lookup_answers import DeliveryExplained, DeliveryShown, IncidentList, IncidentShown
from standby.platform.answers import Count, Day, Instant, MessagesTaken

__all__ = ["DeliveryExplained", "DeliveryShown", "IncidentList", "IncidentShown", "MessagesTaken", "TrackShown"]


class TrackedLineShown(TypedDict):
    """A line of an order."""

    line_id: str
    sku: str
    quantity: int
    given_up: bool
    """Its customer asked to be rid of it."""


class SilenceShown(TypedDict):
    """What it means that the customer says nothing of a delay."""

    meaning: Literal["consents", "cancels", "nothing"]
    at: Day | None
    """The last day on which an answer, or that it leaves, changes that; ``null``: nothing is decided by silence."""
    until: Day | None
    """The day to which silence agrees."""
    decided: bool
    """Whether that day is over."""


class AgreedShown(TypedDict):
    """The customer agreed to wait."""

    at: Instant
    until: Day | None
    """``null``: whenever it comes."""


class ArrivalShown(TypedDict):
    """Its day is over and no carrier says where it is, so its customer is asked whether it is there.

    Who said that it is may say so again, or take it back, whatever is said since of what is still to come.
    """

    asked: bool
    """No answer was given since that day."""
    arrived: bool | None
    """What they said last; ``null``: nothing, or that it is there, and others said since that it is still to come."""
    at: Instant | None
    """When they did."""


class ShipmentShown(TypedDict):
    """A part of an order that goes by itself."""

    shipment_id: str
    state: Literal["waiting", "shipped", "out", "attempted", "pick_up", "delivered", "cancelled", "returned"]
    promised_until: Day
    expected: Day | None
    """The day by which it comes, or came; ``null``: nobody knows one, or nothing comes any more."""
    days_late: Count
    """From the promised day to the expected one, without one to today; 0: in time."""
    late: bool
    """It is still to come, and late or known to be going to be."""
    cause: str | None
    words: dict[str, str]
    """What operators say of why it is late, by language; it stands in place of the cause."""
    carrier: str | None
    tracking_url: str | None
    lines: list[TrackedLineShown]
    may_wait: bool
    """Whether the customer can agree to `expected`."""
    agreed: AgreedShown | None
    arrival: ArrivalShown | None
    silence: SilenceShown


class StepShown(TypedDict):
    """One thing that happened."""

    at: Instant
    what: str
    """``ordered``, ``day`` (a new one is expected), ``told`` (of a delay), ``shipped``, ``delivered``, ``cancelled``,
    ``returned``, a carrier's state, or what the customer said: ``wait``, ``ask``, ``cancel``, ``withdraw``,
    ``arrived``, ``missing``."""
    shipment_id: str | None
    """``null``: the whole order, or lines of it."""
    day: Day | None
    cause: str | None
    carrier: str | None


class CancelShown(TypedDict):
    """Cancelling what is late, or was told to be."""

    open: bool
    """A code can be mailed that carries it out. Where no address is known, the shop is to be asked."""
    line_ids: list[str]
    """What may be cancelled."""
    asked_at: Instant | None
    """When the customer pressed; a mailed code carries it out."""
    sent_at: Instant | None
    """When the shop was asked to, which has not decided yet."""


class WithdrawShown(TypedDict):
    """Withdrawing by law, for no reason."""

    open: bool
    line_ids: list[str]
    until: Day | None
    """The last day; ``null`` while the time has not begun, or where there is no such right."""
    days: Count
    """So many days after the last delivery it is open; 0: never."""
    sent_at: Instant | None
    """When the customer did, last."""


class RefundShown(TypedDict):
    """How soon money is paid back."""

    count: Count
    of: Literal["days", "business_days"]


class TrackShown(TypedDict):
    """A customer's own order."""

    order: str
    """What the customer knows it by."""
    ordered_at: Instant
    shipments: list[ShipmentShown]
    lines: list[TrackedLineShown]
    """Those in no shipment."""
    history: list[StepShown]
    """The oldest first."""
    cancel: CancelShown
    withdraw: WithdrawShown
    refund: RefundShown
    remedied: Literal["granted", "asked"] | None
    """``granted``: something was given for the wait, which `GET /v1/remedies/{token}` shows; ``asked``: that page only
    asks whether the shop made it right."""
