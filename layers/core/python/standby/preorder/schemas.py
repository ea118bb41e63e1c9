"""What operators and the storefront may send: the source of the committed JSON Schemas (``make schemas``).

Unknown fields are refused: a misspelt one would silently do nothing.
"""

from dataclasses import field
from typing import Any, ClassVar, Literal

from standby.platform.documents import DATE, INSTANT, LOCALE, Price, said
from standby.platform.frozen import frozen
from standby.platform.identifier import schema
from standby.preorder.model import MOST_LIMIT_KEYS, MOST_LINES, MOST_PER_SECOND, MOST_SHARDS, MOST_UNITS
from standby.preorder.priority_model import MOST_REASON

SKU = schema("sku")
NAME = {"type": "string", "format": "line", "maxLength": 100}
QUANTITY = {"minimum": 1, "maximum": MOST_UNITS}
MOST_TOKEN = 2_000
"""Characters; a SKU of the longest, escaped, and what signs it are some 1,500."""
EXACTLY = {"additionalProperties": False}


@frozen(kw_only=True)
class EarlyAccessDocument:
    """Customers of these tiers, those on the waitlist, or who has a link may reserve before the campaign opens."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    opens_at: str = field(metadata=said(INSTANT, about="RFC 3339"))
    tiers: list[str] = field(
        default_factory=list, metadata=said({"maxItems": 20, "items": NAME}, about="their case does not count")
    )
    waitlist: bool = field(
        default=False,
        metadata=said(about="those who wait for the SKU are told once, and may reserve with the same address"),
    )
    links: bool = field(
        default=False,
        metadata=said(about="whoever brings a link may reserve; `POST /v1/campaigns/{sku}/links` makes one"),
    )


@frozen(kw_only=True)
class CampaignDocument:
    """A SKU opened for pre-order or back-order, told whole: a field that is not named has its default again.

    Only ``opens_at`` does not: a campaign that is there keeps the opening that it has. The same again changes nothing.
    """

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    kind: Literal["preorder", "backorder"]
    capacity: int | Literal["incoming"] = field(
        metadata=said(
            {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 1_000_000_000}, {"const": "incoming"}]},
            about="units; `incoming`: as many as purchase orders promise and nobody has a right to",
        )
    )
    release_on: str = field(
        metadata=said(
            {"minLength": 7, "maxLength": 21},
            about="calendar date in the shop's time zone, month (`2027-03`) or period (`2027-03-01/2027-03-15`)",
        )
    )
    price: Price
    opens_at: str | None = field(
        default=None, metadata=said(INSTANT, about="RFC 3339; none: at once, or as a campaign that is there has it")
    )
    closes_at: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339"))
    limit_per_customer: int | None = field(default=None, metadata=said(QUANTITY, about="units of the SKU"))
    price_guarantee: Literal["none", "lowest_until_release"] = "none"
    incentive: dict[str, str] | None = field(
        default=None,
        metadata=said(
            {
                "maxProperties": 40,
                "propertyNames": LOCALE,
                "additionalProperties": {"type": "string", "format": "line", "maxLength": 500},
            },
            about="what who pre-orders gets, in words, by locale",
        ),
    )
    deposit: Price | None = field(default=None, metadata=said(about="shown, never taken: the shop's checkout does"))
    early_access: EarlyAccessDocument | None = None
    allocation: Literal["strict", "fill"] = "strict"
    pay: Literal["now", "on_allocation"] = "now"
    checkout_hours: int = field(
        default=48, metadata=said({"minimum": 1, "maximum": 720}, about="to pay in, once units were set aside")
    )
    hold_minutes: int = field(default=15, metadata=said({"minimum": 1, "maximum": 60}, about="to check out in"))
    shards: int = field(
        default=8, metadata=said({"minimum": 1, "maximum": MOST_SHARDS}, about="counters that share the capacity")
    )
    expected_per_second: int | None = field(
        default=None,
        metadata=said(
            {"minimum": 1, "maximum": MOST_PER_SECOND},
            about="reservations in the rush when it opens: units are then `owed` ahead of them, by counter, and what "
            "nobody reserves is owed for up to a quarter of an hour; `make campaign-plan` says what that needs",
        ),
    )


@frozen(kw_only=True)
class CampaignLinkDocument:
    """A link for somebody who may reserve before the campaign opens to all."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    expires_at: str | None = field(
        default=None, metadata=said(INSTANT, about="RFC 3339; at the latest it ends when the campaign opens to all")
    )
    units: int | None = field(
        default=None,
        metadata=said(
            {"minimum": 1, "maximum": 1_000_000},
            about="that can be reserved by it, by all who have it together; without, as many as the campaign has",
        ),
    )


@frozen(kw_only=True)
class ReservedLine:
    """Units of a SKU."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    sku: str = field(metadata=said(SKU))
    quantity: int = field(default=1, metadata=said(QUANTITY))


@frozen(kw_only=True)
class ReservingCustomer:
    """Who reserves. Mails about the reservation go to this address."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    email: str = field(metadata=said({"minLength": 3, "maxLength": 320}))
    locale: str | None = field(default=None, metadata=said(LOCALE, about="such as he or pt-BR"))
    tier: str | None = field(default=None, metadata=said({"maxLength": 100, "format": "line"}))


@frozen(kw_only=True)
class ReservationDocument:
    """Units to reserve, all lines or none."""

    json_schema_extra: ClassVar[dict[str, Any]] = {
        "additionalProperties": False,
        "anyOf": [{"required": ["sku"]}, {"required": ["lines"]}],
    }

    kind: Literal["preorder", "checkout"] = field(
        default="preorder", metadata=said(about="`checkout`: units that are in stock, for the minutes of a checkout")
    )
    sku: str | None = field(default=None, metadata=said(SKU, about="of a single line, in place of lines"))
    quantity: int | None = field(default=None, metadata=said(QUANTITY, about="with sku; 1 where it is not there"))
    lines: list[ReservedLine] | None = field(default=None, metadata=said({"minItems": 1, "maxItems": MOST_LINES}))
    customer: ReservingCustomer | None = field(
        default=None, metadata=said(about="a checkout may begin before it is known who buys; a pre-order may not")
    )
    limit_keys: list[str] | None = field(
        default=None,
        metadata=said(
            {"maxItems": MOST_LIMIT_KEYS, "items": {"type": "string", "minLength": 1, "maxLength": 200}},
            about="whatever else tells one customer from another, such as an account or a card's fingerprint; only "
            "digests of them are kept",
        ),
    )
    access_token: str | None = field(
        default=None,
        metadata=said(
            {"minLength": 1, "maxLength": MOST_TOKEN},
            about="of a link that opens a campaign early; once that is open to all, it is not looked at",
        ),
    )


@frozen(kw_only=True)
class ConfirmationDocument:
    """The order was placed."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    paid: bool = field(default=False, metadata=said(about="whether the money has come"))


@frozen(kw_only=True)
class PriorityDocument:
    """Why a reservation is put in front of the line."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    reason: str = field(metadata=said({"minLength": 1, "maxLength": MOST_REASON, "format": "line"}))


@frozen(kw_only=True)
class WaitDocument:
    """A customer agrees to the new day of a pre-order that was shown to them."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    wording: str = field(
        metadata=said({"minLength": 1, "maxLength": 100}, about="the version of the words that were agreed to")
    )
    until: str | None = field(default=None, metadata=said(DATE, about="the day that was shown; none: none was known"))


@frozen(kw_only=True)
class CancellationDocument:
    """A customer's wish to cancel, and the code that carries it out."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    code: str | None = field(
        default=None,
        metadata=said(
            {"pattern": "^[0-9]{6}$", "errorMessage": "must be six digits"},
            about="that was mailed; without it, one is mailed",
        ),
    )


MESSAGES: dict[str, type] = {
    "campaign": CampaignDocument,
    "campaign.link": CampaignLinkDocument,
    "reservation": ReservationDocument,
    "preorder.cancel": CancellationDocument,
    "preorder.wait": WaitDocument,
    "reservation.confirm": ConfirmationDocument,
    "reservation.prioritise": PriorityDocument,
}
