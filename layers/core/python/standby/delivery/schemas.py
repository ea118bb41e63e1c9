"""What the ERP and customers may say of orders: the source of the committed JSON Schemas (``make schemas``).

Unknown fields are ignored (design §5.1), and a text without any characters is as if the field were not there. What
customers send behind their links is refused where it has any: a misspelt one would silently do nothing.
"""

from dataclasses import field
from typing import Any, ClassVar, Literal

from standby.events.fields import MOST_LINES, MOST_ORDER_IDS
from standby.platform.documents import CURRENCY, DATE, INSTANT, SEQUENCE, YOURS, Price, said
from standby.platform.frozen import frozen
from standby.platform.identifier import schema

SKU = schema("sku")
ID = schema("id")
QUANTITY = {"minimum": 0, "maximum": 1_000_000}
IDS = {"maxItems": MOST_ORDER_IDS, "items": {"type": "string", **ID}}
LINE_IDS = {"maxItems": MOST_LINES, "items": {"type": "string", **ID}}
SOME_LINES = {"minItems": 1, **LINE_IDS}
CLAIMS = "the claims that it settles; none or null: those it named before; []: none any more"
PAYMENT = (
    "paid, in upper or lower case: the money has come, so no reservation that it names ends as unpaid, whatever "
    "is said later, and what its customer gives up is owed, until all of it is refunded; failed, declined, voided, "
    "expired or cancelled: the vouchers that it took are free again; every other word, such as pending or authorized, "
    "changes nothing"
)
EXACTLY = {"additionalProperties": False}
DAY = "calendar date in the shop's time zone"
WHICH = "neither shipment_id nor line_ids: the whole order; with both, the lines count"

Cause = Literal["supplier", "warehouse", "carrier", "customs", "weather", "data", "customer"]
TrackedState = Literal[
    "labelled",
    "in_transit",
    "delayed",
    "out",
    "attempted",
    "pick_up",
    "delivered",
    "returning",
    "failed",
    "unknown",
]


def _label(most: int) -> dict[str, Any]:
    return {"format": "label", "maxLength": most}


@frozen(kw_only=True)
class Customer:
    """Who ordered. An order without an e-mail address that can be one is kept, and never mailed."""

    id: str | None = field(default=None, metadata=said(ID))
    type: str | None = field(default=None, metadata=said(_label(50), about="such as staff, who are given no remedies"))
    name: str | None = field(default=None, metadata=said({"maxLength": 500}))
    email: str | None = field(default=None, metadata=said({"maxLength": 1_000}))
    phone: str | None = field(default=None, metadata=said(_label(50)))
    locale: str | None = field(default=None, metadata=said(_label(35)))
    time_zone: str | None = field(default=None, metadata=said(_label(60), about="IANA name"))
    tier: str | None = field(default=None, metadata=said(_label(50)))


@frozen(kw_only=True)
class ShipTo:
    """Where it goes: the market, whose rules hold."""

    country: str | None = field(default=None, metadata=said(_label(60), about="ISO 3166, two letters"))
    postal_code: str | None = field(default=None, metadata=said(_label(20)))


@frozen(kw_only=True)
class LinePrice:
    """An amount in minor units; a line that takes something off is below 0."""

    amount: int = field(metadata=said({"minimum": -1_000_000_000_000, "maximum": 1_000_000_000_000}))
    currency: str = field(metadata=said(CURRENCY, about="ISO 4217"))


@frozen(kw_only=True)
class Line:
    """One line of an order. One of 0 units is as if it were not there."""

    line_id: str = field(metadata=said(ID))
    sku: str = field(metadata=said(SKU))
    quantity: int = field(metadata=said(QUANTITY))
    unit_price: LinePrice | None = None
    category: str | None = field(default=None, metadata=said(_label(200)))


@frozen(kw_only=True)
class Shipment:
    """A part of an order that goes by itself, and what the customer was promised of it."""

    shipment_id: str = field(metadata=said(ID))
    promised_until: str = field(metadata=said(DATE, about=f"{DAY}; late once that day is over"))
    line_ids: list[str] = field(metadata=said(LINE_IDS, about="lines of this order"))
    ship_by: str | None = field(default=None, metadata=said(DATE, about=DAY))
    promised_from: str | None = field(default=None, metadata=said(DATE, about=DAY))
    supplier_id: str | None = field(default=None, metadata=said(ID))
    location_id: str | None = field(default=None, metadata=said(schema("location_id")))
    carrier: str | None = field(default=None, metadata=said(_label(100)))


@frozen(kw_only=True)
class Spoken:
    """What every message about an order says."""

    order_id: str = field(metadata=said(ID))
    as_of: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339; when this was so"))
    sequence: int | None = field(default=None, metadata=said(SEQUENCE, about="at equal as_of the higher one wins"))
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class OrderPlaced(Spoken):
    """All that the ERP says of an order, in at most 300,000 bytes.

    What it said before and says no longer is gone, except for its reservations: they stay until it names others.
    """

    type: Literal["order.placed"]
    lines: list[Line] = field(metadata=said({"maxItems": MOST_LINES}))
    order_number: str | None = field(default=None, metadata=said(_label(100), about="what the customer knows it by"))
    channel: str | None = field(default=None, metadata=said(_label(100)))
    customer: Customer | None = None
    ship_to: ShipTo | None = None
    shipments: list[Shipment] | None = field(default=None, metadata=said({"maxItems": MOST_LINES}))
    delivery_fee: Price | None = None
    payment_status: str | None = field(default=None, metadata=said(_label(50), about=PAYMENT))
    reservation_ids: list[str] | None = field(default=None, metadata=said(IDS, about=CLAIMS))
    discount_codes: list[str] | None = field(default=None, metadata=said(IDS))


@frozen(kw_only=True)
class OrderEta(Spoken):
    """When an order, or one shipment of it, is expected."""

    type: Literal["order.eta"]
    eta: str | None = field(metadata=said(DATE, about=f"{DAY}; null: nobody knows"))
    shipment_id: str | None = field(default=None, metadata=said(ID, about="none: all shipments"))
    cause: Cause | None = None


@frozen(kw_only=True)
class OrderTracked(Spoken):
    """What the carrier says of an order, or of one shipment of it."""

    type: Literal["order.tracked"]
    state: TrackedState
    shipment_id: str | None = field(default=None, metadata=said(ID, about="none: all shipments"))
    occurred_at: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339"))
    raw: Any = field(default=None, metadata=said(about="the carrier's own words; kept up to 1,000 bytes"))


@frozen(kw_only=True)
class OrderRefunded(Spoken):
    """Money went back to the customer. Two with the same ``occurred_at``, ``amount`` and ``refund_due_id`` are one.

    Several that name the same debt add up. One that names none pays the oldest debts in its currency, of what was given
    up before it occurred.
    """

    type: Literal["order.refunded"]
    amount: Price
    refund_due_id: str | None = field(default=None, metadata=said(ID, about="as `RefundDue` says it"))
    occurred_at: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339; without one it is as_of"))


@frozen(kw_only=True)
class Moved(Spoken):
    """What became of an order, of one shipment or of some lines."""

    shipment_id: str | None = field(default=None, metadata=said(ID, about=WHICH))
    line_ids: list[str] | None = field(default=None, metadata=said(SOME_LINES))
    occurred_at: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339; without one it is as_of"))


@frozen(kw_only=True)
class OrderShipped(Moved):
    """It left the house."""

    type: Literal["order.shipped"]
    carrier: str | None = field(default=None, metadata=said(_label(100)))
    tracking_url: str | None = field(
        default=None, metadata=said({"maxLength": 2_000}, about="left out unless it begins with https:// or http://")
    )


@frozen(kw_only=True)
class OrderDelivered(Moved):
    """It arrived, so it left the house too."""

    type: Literal["order.delivered"]


@frozen(kw_only=True)
class OrderCancelled(Moved):
    """It will not be shipped. One of the whole order cancels what has not left."""

    type: Literal["order.cancelled"]


@frozen(kw_only=True)
class OrderReturned(Moved):
    """It came back."""

    type: Literal["order.returned"]


@frozen(kw_only=True)
class Region:
    """Where shipments go, as orders say it."""

    country: str | None = field(default=None, metadata=said(_label(50)))
    postal_prefix: str | None = field(default=None, metadata=said(_label(20), about="how the postal codes begin"))


@frozen(kw_only=True)
class IncidentWords:
    """What notices say of an incident."""

    en: str | None = field(default=None, metadata=said({"maxLength": 500}))
    he: str | None = field(default=None, metadata=said({"maxLength": 500}))


@frozen(kw_only=True)
class IncidentDocument:
    """What makes shipments late that a carrier brings to a region, and that are promised for some days."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    cause: Cause
    since: str = field(metadata=said(DATE, about="the first promised day that it explains"))
    until: str | None = field(default=None, metadata=said(DATE, about="the last; none: it goes on"))
    carrier: str | None = field(default=None, metadata=said(_label(100), about="as orders name it; none: all"))
    region: Region | None = field(default=None, metadata=said(about="none: everywhere"))
    words: IncidentWords | None = field(default=None, metadata=said(about="none: the cause in plain words"))
    policy: str | None = field(
        default=None, metadata=said(_label(64), about="the policy by which remedies are granted for it")
    )


@frozen(kw_only=True)
class CallOutcomeDocument:
    """What came of a call that somebody was asked to make (``CallTaskOpened``)."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    reason: Literal["notice", "returning", "failed", "remedy"]
    outcome: Literal["reached", "not_reached", "wrong_number"] = field(
        metadata=said(about="whether the customer was told; what they want is theirs to say behind their link")
    )
    opened_at: str | None = field(
        default=None, metadata=said(INSTANT, about="`at` of the call; none: the newest for this reason")
    )
    note: str | None = field(default=None, metadata=said({"maxLength": 500}, about="shown to the scope ops alone"))


@frozen(kw_only=True)
class WaitDocument:
    """A customer agrees to the new day of a shipment that was shown to them."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    wording: str = field(
        metadata=said({"minLength": 1, "maxLength": 100}, about="the version of the words that were agreed to")
    )
    shipment_id: str | None = field(default=None, metadata=said(ID, about="none: the only one that is late"))
    until: str | None = field(default=None, metadata=said(DATE, about="the day that was shown; none: none was known"))


@frozen(kw_only=True)
class ArrivalDocument:
    """A customer's answer to whether a shipment of which no carrier says where it is has arrived."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    arrived: bool
    shipment_id: str | None = field(default=None, metadata=said(ID, about="none: the only one that is asked about"))


@frozen(kw_only=True)
class CancellationDocument:
    """A customer's wish to cancel what is late, and the code that carries it out."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    code: str | None = field(
        default=None,
        metadata=said(
            {"pattern": "^[0-9]{6}$", "errorMessage": "must be six digits"},
            about="that was mailed; without it, one is mailed",
        ),
    )


@frozen(kw_only=True)
class WithdrawalDocument:
    """A customer's withdrawal."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    confirm: bool = field(default=False, metadata=said(about="the second step; without it nothing happens"))
    line_ids: list[str] | None = field(
        default=None, metadata=said(SOME_LINES, about="the lines that the first step showed; none: all that can be")
    )


MESSAGES: dict[str, type] = {
    "incident": IncidentDocument,
    "call.outcome": CallOutcomeDocument,
    "track.wait": WaitDocument,
    "track.arrived": ArrivalDocument,
    "track.cancel": CancellationDocument,
    "track.withdraw": WithdrawalDocument,
    "order.placed": OrderPlaced,
    "order.eta": OrderEta,
    "order.tracked": OrderTracked,
    "order.refunded": OrderRefunded,
    "order.shipped": OrderShipped,
    "order.delivered": OrderDelivered,
    "order.cancelled": OrderCancelled,
    "order.returned": OrderReturned,
}
