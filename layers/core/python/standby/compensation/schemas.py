"""What operators and storefronts send about remedies: the source of the committed JSON Schemas (``make schemas``).

A misspelt field would silently give more, or less, than was meant, so none that is not known is taken.
"""

from dataclasses import field
from typing import Any, ClassVar, Literal, get_args

from standby.compensation.reading import CHOICE_DAYS
from standby.platform.documents import DATE, Price, said
from standby.platform.frozen import frozen
from standby.platform.identifier import schema

EXACTLY: dict[str, Any] = {"additionalProperties": False}
NAME = {"format": "label", "minLength": 1, "maxLength": 64}
COUNTRY = {"pattern": "^[A-Z]{2}$", "errorMessage": "must be a country of ISO 3166, two capital letters"}
SOME = {"minItems": 1, "maxItems": 100}
COUNTRIES = {**SOME, "items": {"type": "string", **COUNTRY}}
VALID_DAYS = {"minimum": 1, "maximum": 3_660}
SOME_KINDS = {"minItems": 1, "maxItems": 3}
MOST_GRACE_HOURS = 720
MOST_RULES, MOST_LEVELS, MOST_CURRENCIES, MOST_MARKETS = 50, 10, 20, 60
MOST_CODES = 50
MOST_WORDS = 500
"""Characters."""
MOST_DAYS = 90
"""For which a choice may be open: so long what it may cost is kept from others."""

Cause = Literal["supplier", "warehouse", "carrier", "customs", "weather", "data", "customer"]
CodedKind = Literal["percent_off", "voucher", "free_shipping"]
Kind = Literal["percent_off", "voucher", "free_shipping", "delivery_fee_back"]


def _labels(most: int) -> dict[str, Any]:
    return {**SOME, "items": {"type": "string", "format": "label", "maxLength": most}}


@frozen(kw_only=True)
class RemedyDocument:
    """What is given. Each is for another order, but the delivery fee, which is that of the late order."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    kind: Kind
    amount: Price | None = field(
        default=None,
        metadata=said(
            about="what a voucher is worth; the most that percent_off takes off; the most that free_shipping costs; "
            "none of delivery_fee_back"
        ),
    )
    percent: int | None = field(default=None, metadata=said({"minimum": 1, "maximum": 100}, about="of percent_off"))
    minimum: Price | None = field(
        default=None, metadata=said(about="an order takes the code only if it comes to so much; none: any order does")
    )
    combinable: bool = field(default=True, metadata=said(about="an order that has another voucher takes the code, too"))
    revocable: bool = field(
        default=False,
        metadata=said(
            about="the shop may take the code back before it is used, and a choice, all codes of which are so, before "
            "it is made; its customer is told so. What was granted stays as it was told"
        ),
    )
    bound: bool = field(
        default=False,
        metadata=said(
            about="nobody but the late order's customer uses the code: by customer.id where the order says it, else by "
            "their e-mail address; of an order without both it is not bound"
        ),
    )


@frozen(kw_only=True)
class ChoiceDocument:
    """What a customer chooses one remedy from. Until then as much counts as given as the dearest can cost."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    remedies: list[RemedyDocument] = field(
        metadata=said({"minItems": 2, "maxItems": len(get_args(Kind))}, about="each of another kind")
    )
    days: int = field(
        default=CHOICE_DAYS, metadata=said({"minimum": 1, "maximum": MOST_DAYS}, about="how long they may choose")
    )
    otherwise: Kind | None = field(
        default=None, metadata=said(about="the kind that they are given where they do not choose; none: nothing")
    )


@frozen(kw_only=True)
class LevelDocument:
    """What is given, all in all, for a delay of so many days or more."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    days_late: int = field(metadata=said({"minimum": 1, "maximum": 365}))
    remedy: RemedyDocument | None = field(default=None, metadata=said(about="either this or a choice"))
    choice: ChoiceDocument | None = None
    call: bool = field(
        default=False,
        metadata=said(about="a person calls the customer, once for each such level, beside a remedy or alone"),
    )


@frozen(kw_only=True)
class ConditionsDocument:
    """What an order must be like. A list names any of; what is not named does not matter."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    causes: list[Cause] | None = field(default=None, metadata=said(SOME, about="why it is late"))
    tiers: list[str] | None = field(default=None, metadata=said(_labels(50), about="of the customer, as orders say it"))
    countries: list[str] | None = field(default=None, metadata=said(COUNTRIES, about="where it goes; ISO 3166"))
    channels: list[str] | None = field(default=None, metadata=said(_labels(100), about="as orders say it"))
    categories: list[str] | None = field(default=None, metadata=said(_labels(200), about="of any line that is late"))
    value_at_least: Price | None = field(default=None, metadata=said(about="the whole order's lines"))
    value_below: Price | None = field(default=None, metadata=said(about="the whole order's lines"))
    policy: str | None = field(
        default=None, metadata=said(NAME, about="the policy that an incident names; none: no incident names one")
    )


@frozen(kw_only=True)
class RuleDocument:
    """Levels for orders that meet conditions. All amounts of a rule are in one currency."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    name: str = field(metadata=said(NAME, about="stands in explanations"))
    levels: list[LevelDocument] = field(metadata=said({"minItems": 1, "maxItems": MOST_LEVELS}))
    when: ConditionsDocument | None = field(default=None, metadata=said(about="none: every order"))


@frozen(kw_only=True)
class ExclusionsDocument:
    """Who gets nothing, whatever the rules say."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    causes: list[Cause] | None = field(
        default=None, metadata=said({"maxItems": 7}, about="none: customer, whose own doing it is")
    )
    customer_types: list[str] | None = field(
        default=None,
        metadata=said({**_labels(50), "minItems": 0}, about="as orders say customer.type; none: staff"),
    )
    unpaid: bool = field(
        default=True,
        metadata=said(about="orders whose payment_status was said, and is neither paid nor partially_refunded"),
    )


@frozen(kw_only=True)
class ValidityDocument:
    """For how many days codes of a kind are valid."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    kind: CodedKind
    days: int = field(metadata=said(VALID_DAYS))


@frozen(kw_only=True)
class MarketDocument:
    """How a country takes vouchers."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    country: str = field(metadata=said(COUNTRY))
    voucher_valid_days: int | None = field(
        default=None,
        metadata=said(
            VALID_DAYS,
            about="of all kinds, whatever the policy says for all countries; in Israel 731 at least for gift vouchers",
        ),
    )
    voucher_valid_days_by_kind: list[ValidityDocument] | None = field(
        default=None, metadata=said(SOME_KINDS, about="kinds for which it is another number there; counts first")
    )
    vouchers_are_advertising: bool | None = field(
        default=None, metadata=said(about="then nobody is mailed one who did not agree to advertising")
    )
    vouchers_are_revocable: bool | None = field(
        default=None, metadata=said(about="whatever remedies say; none: as each remedy says, and never in Israel")
    )
    vouchers_are_bound: bool | None = field(
        default=None, metadata=said(about="whatever remedies say; none: as each remedy says, and never in Israel")
    )


@frozen(kw_only=True)
class PolicyDocument:
    """What delays are worth, and how much may be given. The first rule that an order meets counts."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    rules: list[RuleDocument] = field(metadata=said({"maxItems": MOST_RULES}))
    monthly_budget: list[Price] = field(
        metadata=said({"maxItems": MOST_CURRENCIES}, about="the most that a month may cost, by currency")
    )
    per_order: list[Price] | None = field(
        default=None, metadata=said({"maxItems": MOST_CURRENCIES}, about="the most for one order, by currency")
    )
    per_customer_month: list[Price] | None = field(
        default=None, metadata=said({"maxItems": MOST_CURRENCIES}, about="the most for one customer in a month")
    )
    approval_above: list[Price] | None = field(
        default=None,
        metadata=said(
            {"maxItems": MOST_CURRENCIES},
            about="a remedy that makes it more than this for a shipment, in all, waits until a person approves it",
        ),
    )
    exclusions: ExclusionsDocument | None = None
    grace_hours: int = field(
        default=0,
        metadata=said(
            {"minimum": 0, "maximum": MOST_GRACE_HOURS},
            about="a delay is looked at once it lasted so long; what is back in time by then is given nothing",
        ),
    )
    holdout_percent: int = field(
        default=0,
        metadata=said(
            {"minimum": 0, "maximum": 50},
            about="so many of a hundred customers, always the same ones, get no remedies, to compare; notices and "
            "rights stay as they are",
        ),
    )
    voucher_valid_days: int = field(default=365, metadata=said(VALID_DAYS))
    voucher_valid_days_by_kind: list[ValidityDocument] | None = field(
        default=None,
        metadata=said(
            SOME_KINDS,
            about="kinds for which it is another number, but in countries of which a number is said, and in Israel",
        ),
    )
    markets: list[MarketDocument] | None = field(
        default=None,
        metadata=said(
            {"maxItems": MOST_MARKETS},
            about="countries that differ; unless they say otherwise, Israel's vouchers are advertising, valid five "
            "years, and neither revocable nor bound",
        ),
    )


@frozen(kw_only=True)
class RedeemerDocument:
    """Who pays an order with a voucher, as far as the shop knows it."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    id: str | None = field(default=None, metadata=said(schema("id"), about="as orders say customer.id"))
    email: str | None = field(default=None, metadata=said({"maxLength": 1_000}, about="it is compared, and not kept"))


@frozen(kw_only=True)
class RedeemDocument:
    """An order that is to be paid with a voucher. Both amounts are in one currency."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    order_id: str = field(metadata=said(schema("id")))
    order_total: Price = field(
        metadata=said(about="what it comes to without vouchers: all of its vouchers together take off no more")
    )
    delivery_fee: Price | None = field(
        default=None, metadata=said(about="of this order; a voucher for free shipping takes off no more")
    )
    other_codes: list[str] | None = field(
        default=None,
        metadata=said(
            {"maxItems": MOST_CODES, "items": {"type": "string", "format": "label", "minLength": 1, "maxLength": 100}},
            about="the other codes that the order has, whoever gave them: a voucher may not go beside another",
        ),
    )
    customer: RedeemerDocument | None = field(
        default=None,
        metadata=said(
            about="a voucher that is bound is taken for its own customer alone: who signed in, or the address given at "
            "the checkout"
        ),
    )


@frozen(kw_only=True)
class ReleaseDocument:
    """An order that took a voucher and is not going to be placed."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    order_id: str = field(metadata=said(schema("id"), about="as the voucher was redeemed for"))


@frozen(kw_only=True)
class ChooseDocument:
    """What a customer chooses."""

    remedy_id: str = field(metadata=said({"minLength": 1, "maxLength": 100}, about="the choice, as the page names it"))
    kind: Kind


@frozen(kw_only=True)
class FeedbackDocument:
    """Whether the shop made it right, as its customer says."""

    right: bool
    words: str | None = field(
        default=None, metadata=said({"maxLength": MOST_WORDS}, about="whatever else the customer wants to say")
    )


@frozen(kw_only=True)
class RevokeDocument:
    """A choice that its customer did not make yet, and shall not make any more."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    remedy_id: str = field(metadata=said({"minLength": 1, "maxLength": 100}, about="as what was granted names it"))


@frozen(kw_only=True)
class GiveDocument:
    """What a person gives for an order by hand: by a rule, or a remedy, or what they gave in another way.

    Each says what the shipment's delay is worth in all: what was granted before counts.
    """

    json_schema_extra: ClassVar[dict[str, Any]] = {
        **EXACTLY,
        "oneOf": [{"required": [name]} for name in ("rule", "remedy", "elsewhere")],
    }

    reason: str = field(metadata=said({"format": "label", "minLength": 1, "maxLength": 500}, about="kept; not told"))
    agent: str = field(metadata=said({**NAME, "maxLength": 100}, about="who gives it"))
    shipment_id: str | None = field(
        default=None, metadata=said(schema("id"), about="none where the order has one shipment")
    )
    rule: str | None = field(default=None, metadata=said(NAME, about="of the policy, whatever its conditions say"))
    remedy: RemedyDocument | None = None
    elsewhere: Price | None = field(
        default=None,
        metadata=said(about="what it cost, whatever caps and budget leave; nobody is told, and it counts as a remedy"),
    )


@frozen(kw_only=True)
class DecideDocument:
    """A remedy that waits for approval."""

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    remedy_id: str = field(metadata=said({"minLength": 1, "maxLength": 100}, about="as what was granted names it"))


@frozen(kw_only=True)
class RehearseDocument:
    """A policy, and the late orders of the past for which it is asked what it would have cost.

    An order counts by the day on which its first delay was told.
    """

    json_schema_extra: ClassVar[dict[str, Any]] = EXACTLY

    policy: PolicyDocument
    since: str | None = field(
        default=None, metadata=said(DATE, about="the first day; none: a year ago. Orders are kept for 400 days")
    )
    until: str | None = field(default=None, metadata=said(DATE, about="the last day; none: today"))


MESSAGES: dict[str, type] = {
    "policy": PolicyDocument,
    "policy.rehearse": RehearseDocument,
    "remedy.decide": DecideDocument,
    "remedy.give": GiveDocument,
    "remedy.choose": ChooseDocument,
    "remedy.feedback": FeedbackDocument,
    "remedy.revoke": RevokeDocument,
    "voucher.redeem": RedeemDocument,
    "voucher.release": ReleaseDocument,
}
