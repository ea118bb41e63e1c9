"""What is answered to whoever looks an order up."""

from typing import Literal, TypedDict

from standby.platform.answers import Count, Day, Instant, Step

LineFate = Literal["waiting", "shipped", "arrived", "returned", "cancelled"]
Delayed = Literal["expected", "unknown", "overdue", "arrived", "unshipped", "reminder", "call"]


class AmountShown(TypedDict):
    """An amount in minor units, such as cents. A line that takes something off is below 0."""

    amount: int
    currency: str
    """ISO 4217."""


class CustomerShown(TypedDict):
    """Who ordered, as the ERP says."""

    id: str | None
    type: str | None
    name: str | None
    email: str | None
    phone: str | None
    locale: str | None
    time_zone: str | None
    tier: str | None
    postal_code: str | None
    """Where it goes."""


class OrderedLineShown(TypedDict):
    """A line of the order, and what became of it."""

    line_id: str
    sku: str
    quantity: Count
    unit_price: AmountShown | None
    category: str | None
    fate: LineFate
    """A line in several shipments waits for all of them."""
    fate_at: Instant | None
    """When that happened; ``null`` while it waits."""


class TrackedShown(TypedDict):
    """What the carrier said last."""

    state: str
    occurred_at: Instant


class ArrivalSaid(TypedDict):
    """What a customer said when they were asked whether it is there."""

    at: Instant
    arrived: bool


class OrderedShipmentShown(TypedDict):
    """A part of the order that goes by itself: what was promised of it, and what is known of it now."""

    shipment_id: str
    line_ids: list[str]
    promised_from: Day | None
    promised_until: Day | None
    """The promise: the day that the customer was told first, or an earlier one that was told since. ``null`` where
    something happened to a shipment of which no ``order.placed`` spoke yet."""
    ship_by: Day | None
    expected: Day | None
    """The day by which it is expected now; ``null`` where nobody knows."""
    cause: str | None
    """Why not by the promised day, where somebody said."""
    shipped_at: Instant | None
    arrived_on: Day | None
    """In the shop's time zone: the day on which its customer had it, could have had it, or said that they have it."""
    over: bool
    """Nothing of it is to come any more: it was cancelled, or it came back."""
    delay: Delayed | None
    """``expected``: it comes after the promised day; ``unknown``: nobody knows the day; ``overdue``: its day is over;
    ``arrived``: it came late. ``null`` where it is not late."""
    days_late: Count
    """From the promised day to the new one; where nobody knows one, to today."""
    confirmed: bool
    """It is known to be late; not where its day is over, no carrier says where it is, and its customer did not say that
    it is missing."""
    arrival: ArrivalSaid | None
    """The newest answer to whether it is there; only of what no carrier tracks is that asked."""
    carrier: str | None
    tracking_url: str | None
    tracked: TrackedShown | None
    supplier_id: str | None
    """``null`` for a key without the scope ops."""
    location_id: str | None
    """As ``supplier_id``."""


class NoticeShown(TypedDict):
    """What the customer was told of a delay, the oldest first."""

    at: Instant
    shipment_id: str
    delay: Delayed
    promised_until: Day
    expected: Day | None
    by: Literal["mail", "refused", "none", "reminder", "call", "preorder"]
    """``refused``: the mail did not go, or did not arrive; ``none``: the order has no address."""


class CallOutcomeShown(TypedDict):
    """What came of a call, as whoever called said last."""

    at: Instant
    outcome: Literal["reached", "not_reached", "wrong_number"]
    note: str | None
    by: str | None
    """The name and id of their key. The scope ops alone is shown it, and the note."""


class CallShown(TypedDict):
    """A call that a person was asked to make: the order has the story, its customer the phone."""

    at: Instant
    shipment_id: str
    reason: str
    """``notice``: no mail reaches whom the law wants told; ``returning``, ``failed``: as the carrier said;
    ``remedy``: the policy of remedies wants it for so long a delay."""
    ask: str
    """What to say and to ask."""
    outcome: CallOutcomeShown | None


class ChoiceShown(TypedDict):
    """What the customer said behind the link in a mail, the oldest first."""

    at: Instant
    kind: Literal["wait", "ask", "cancel", "withdraw", "silence", "arrived", "missing"]
    """``ask``: pressed to cancel, which a mailed code carries out."""
    shipment_id: str | None
    until: Day | None
    """The day that the customer agreed to; ``null``: whenever it comes, or it is about something else."""
    wording: str | None
    """The version of the words that were agreed to."""
    line_ids: list[str]
    """What is cancelled, or withdrawn from."""


class OpenShown(TypedDict):
    """What is open to the customer now."""

    market: str
    """Whose rules hold."""
    cancel: list[str]
    """Lines that are late, or were told to be, which the customer may cancel."""
    withdraw: list[str]
    """Lines that the customer may withdraw from."""
    withdraw_until: Day | None
    """The last day; ``null`` while the time has not begun, or where there is no such right."""


class PaidBackShown(TypedDict):
    """Money that went back to the customer, as the ERP says."""

    refund_due_id: str | None
    amount: AmountShown
    occurred_at: Instant
    counted: Count
    """Minor units of it that paid something of what was owed."""
    closes_nothing: Literal["another_currency", "before_it_was_given_up"] | None
    """Why it pays nothing of what is owed."""


class OwedShown(TypedDict):
    """Money that the customer is owed, for what they gave up and do not keep."""

    refund_due_id: str
    line_ids: list[str]
    amount: AmountShown | None
    """``null``: the ERP did not say what the lines cost. An ``order.refunded`` that names it closes it."""
    left: AmountShown | None
    """What is to be paid of it still; ``null`` as ``amount``."""
    since: Instant
    due_by: Day
    """The last day on which it is in time."""


class HappenedShown(TypedDict):
    """A step of the order's history."""

    as_of: Instant
    event: str
    """The type of the message that says so."""
    occurred_at: Instant | None
    shipment_id: str | None
    """``null``: the whole order, or the lines that the message named."""
    lines: Count | None
    """How many lines the message named; ``null`` where it named none."""
    eta: Day | None
    cause: str | None
    state: str | None
    carrier: str | None


class DeliveryShown(TypedDict):
    """All that is known of an order."""

    order_id: str
    order_number: str | None
    placed_at: Instant | None
    """When the oldest ``order.placed`` says it was so; ``null`` where none came yet. Then there are no lines either."""
    as_of: Instant | None
    """When the newest ``order.placed`` says it was so."""
    channel: str | None
    country: str | None
    """Where it goes, ISO 3166."""
    payment_status: str | None
    delivery_fee: AmountShown | None
    reservation_ids: list[str]
    discount_codes: list[str]
    customer: CustomerShown | None
    """``null`` for a key without the scope ops."""
    lines: list[OrderedLineShown]
    shipments: list[OrderedShipmentShown]
    late: bool
    """A promise of it is broken, or is known to be going to be, by `late_when`."""
    late_when: str
    """The shop's rule: ``one``: once one of its shipments is late; ``all``: once all that are to come are. Customers
    are told by it; what the law wants told is told whenever it wants it."""
    tracking_page: str | None
    """The signed page of the order, for the customer's account in the shop: whoever has the link sees the order. It
    lasts a year from the last day on which something of it may come. ``null`` until an ``order.placed`` came."""
    history: list[HappenedShown]
    """The newest 50 steps, the oldest of them first."""
    notices: list[NoticeShown]
    calls: list[CallShown]
    choices: list[ChoiceShown]
    open: OpenShown | None
    """``null`` until an ``order.placed`` came."""
    refunds_due: list[OwedShown]
    """What is still owed, the oldest first."""
    refunds: list[PaidBackShown]
    """The oldest first."""


class DeliveryExplained(TypedDict):
    """What was said and promised of an order, what became late by which rule, and who was told; newest last."""

    subject: str
    steps: list[Step]


class RegionShown(TypedDict):
    """Where shipments go."""

    country: str | None
    postal_prefix: str | None


class WordsShown(TypedDict):
    """What notices say of it, by language; ``null``: the cause in plain words."""

    en: str | None
    he: str | None


class IncidentShown(TypedDict):
    """What makes shipments late that a carrier brings to a region in some days."""

    incident_id: str
    carrier: str | None
    region: RegionShown
    since: Day
    """The first promised day that it explains."""
    until: Day | None
    """The last; ``null``: it goes on."""
    cause: str
    words: WordsShown
    policy: str | None
    ended_at: Instant | None


class IncidentList(TypedDict):
    """The incidents that are kept."""

    items: list[IncidentShown]
    next: str | None
