"""What compensation's routes answer."""

from typing import Any, Literal, TypedDict

from standby.platform.answers import Count, Day, Instant

Kind = Literal["percent_off", "voucher", "free_shipping", "delivery_fee_back"]
Granted = Literal["percent_off", "voucher", "free_shipping", "delivery_fee_back", "choice", "elsewhere"]
"""``choice``: its customer chooses, or did not, and nothing came of it; ``elsewhere``: it was given in another way."""


class WorthShown(TypedDict):
    """An amount in minor units, such as cents."""

    amount: Count
    currency: str


class VoucherShown(TypedDict):
    """A voucher."""

    status: Literal["granted", "redeemed", "revoked", "expired"]
    kind: Kind
    amount: WorthShown
    """The most that it takes off."""
    percent: Count | None
    """Of ``percent_off``."""
    minimum: WorthShown | None
    """The least that an order must come to; ``null``: any order takes it."""
    combinable: bool
    """An order that has another voucher takes it, too."""
    revocable: bool
    """The shop may take it back until it is used."""
    bound: bool
    """It is for one customer alone."""
    expires_at: Instant
    """When the last day of it is over."""
    ends_on: Day | None
    """That day, of the shop's calendar, as mail and page name it."""
    redeemed_for: str | None
    """The order that took it."""
    stands: bool
    """Something of that order left. Until then it is free again as soon as the order is cancelled, or never paid."""
    value: WorthShown | None
    """What it took off that order."""


class OptionShown(TypedDict):
    """One of the remedies that a customer chooses from."""

    kind: Kind
    amount: WorthShown
    percent: Count | None
    minimum: WorthShown | None
    """The least that an order must come to; ``null``: any order takes it."""
    combinable: bool
    """An order that has another voucher takes it, too."""
    revocable: bool
    """The shop may take it back until it is used."""
    bound: bool
    """It is for one customer alone."""
    ends_on: Day | None
    """The day, of the shop's calendar, on which its code is valid at least; ``null``: it is none."""


class OwnRemedyShown(TypedDict):
    """What a customer was granted for the wait."""

    remedy_id: str
    at: Instant
    kind: Granted
    status: Literal["choose", "given", "redeemed", "expired", "revoked", "lapsed", "cancelled"]
    """``choose``: one of the options, until the end of ``choose_by``; ``lapsed``: nobody chose in time; ``cancelled``:
    what was late was cancelled, or came back."""
    amount: WorthShown
    percent: Count | None
    minimum: WorthShown | None
    """As of an option."""
    combinable: bool
    revocable: bool
    """The shop may take it back: a code until it is used, a choice until it is made."""
    bound: bool
    """Its code is for this customer alone."""
    code: str | None
    expires_at: Instant | None
    """When the last day of its code is over."""
    ends_on: Day | None
    """That day, of the shop's calendar, as mail and page name it; of a choice the one on which a code is valid at
    least, whichever is chosen."""
    options: list[OptionShown]
    choose_by: Day | None


class RatingShown(TypedDict):
    """Whether the shop made it right, as its customer says."""

    at: Instant
    right: bool
    words: str


class OwnRemediesShown(TypedDict):
    """What a customer was granted for a late order."""

    order: str
    remedies: list[OwnRemedyShown]
    """The newest first."""
    may_rate: bool
    """The customer may say whether the shop made it right."""
    rating: RatingShown | None
    """What they said last."""


class RemedyShown(TypedDict):
    """What was granted for a late shipment."""

    remedy_id: str
    at: Instant
    shipment_id: str
    kind: Granted
    amount: WorthShown
    """What it can cost at most; by this it counts."""
    percent: Count | None
    minimum: WorthShown | None
    """As of an option."""
    combinable: bool
    revocable: bool
    """The shop may take it back: a code until it is used, a choice until it is made."""
    bound: bool
    """Its code is for its customer alone."""
    days_late: Count
    """From the first day that was ever promised."""
    level: Count
    """Days late from which on the policy gives so much."""
    rule: str
    policy_version: Count
    told: Literal["mail", "advertising", "none", "nothing", "waiting", "gathered", "going"] | None
    """How the customer was told: by mail; not, because vouchers are advertising where they are; nowhere to write; or
    nothing came of it; or it waits for approval, or for minutes until one mail has all that is granted of the order by
    then, or that mail is going. ``null``: nobody was told yet."""
    code: str | None
    """Of a voucher, as its customer types it."""
    expires_at: Instant | None
    """When the last day of its code is over."""
    ends_on: Day | None
    """That day, of the shop's calendar, as mail and page name it."""
    options: list[OptionShown]
    """What its customer could choose from; none: it was fixed."""
    choose_until: Instant | None
    outcome: Literal["chosen", "otherwise", "lapsed", "revoked", "replaced", "denied", "cancelled"] | None
    """How the choice ended: by its customer; by its time, with what the policy gives then, or with nothing; taken back
    by the shop; or replaced, as the delay became longer. Or that what waited for approval was denied. ``cancelled``:
    what was late was cancelled, or came back, before its customer chose or somebody approved it."""
    approval: Literal["awaiting_approval", "approved", "denied"] | None
    """``null``: it needed none."""
    by: str | None
    """Who granted or recorded it by hand; ``null``: the policy granted it."""
    reason: str | None
    decided_by: str | None
    """Who approved or denied it."""


class RemedyRefusedShown(TypedDict):
    """Why nothing, or nothing more, was granted."""

    at: Instant
    shipment_id: str
    days_late: Count
    why: Literal[
        "no_rule",
        "level_not_reached",
        "call",
        "budget",
        "no_room",
        "cap",
        "cause",
        "customer_type",
        "unpaid",
        "cancelled",
        "order_unknown",
        "held_out",
        "granted_before",
        "worth_nothing",
        "other_currency",
    ]
    rule: str | None
    policy_version: Count
    amount: WorthShown | None
    """What it would have been."""
    level: Count | None
    """Days late from which on it would be so, or from which on the rule gives anything."""
    worth: WorthShown | None
    """What the level is worth in all; the rest of it was granted before."""
    most: WorthShown | None
    """What the month's budget, or the cap that leaves least, allows in all."""
    left: WorthShown | None
    """What that cap left over."""
    said: str | None
    """What is excluded: the cause, the customer's type, or what was said of the payment."""


class RemedyCallShown(TypedDict):
    """That a person is to call the customer, because the policy says so."""

    at: Instant
    shipment_id: str
    days_late: Count
    level: Count
    """Days late from which on somebody calls."""
    rule: str
    policy_version: Count
    opened: bool
    """``RemedyCallWanted`` told of it; ``false``: it did on that day, of the same shipment."""


class RemediesShown(TypedDict):
    """What was granted for an order, and why not more."""

    order_id: str
    granted: list[RemedyShown]
    rating: RatingShown | None
    """What its customer said last."""
    refused: list[RemedyRefusedShown]
    """The newest 50 and the newest of each shipment, the oldest of them first."""
    calls: list[RemedyCallShown]


class RehearsalNamed(TypedDict):
    """What a policy would have cost, by its last rehearsal: ``orders`` of ``late_orders`` would have been given any."""

    id: str
    finished_at: Instant
    since: Instant
    until: Instant
    late_orders: Count
    orders: Count
    cost: list[WorthShown]


class PolicyVersionShown(TypedDict):
    """A version of the policy, and who changed what by it."""

    version: Count
    set_by: str
    set_at: Instant
    changed: list[str]
    """The parts of the document that the version before had otherwise."""
    rehearsal: RehearsalNamed | None
    """Its last rehearsal before it was set."""


class PolicyShown(TypedDict):
    """The policy that holds."""

    version: Count
    set_by: str
    """The name and id of the key by which it was set."""
    set_at: Instant
    policy: Any
    """The document, as it was set."""
    rehearsal: RehearsalNamed | None
    """The last rehearsal of what it says, before it was set or else after; ``null``: there was none. One in which no
    order was late is named only where there is no other."""
    versions: list[PolicyVersionShown]
    """The newest 20, the newest first."""


class RehearsedSumShown(TypedDict):
    """A part of the cost."""

    name: str | None
    """``null``: the tier of customers of whom none is known."""
    remedies: int
    amount: int
    """Minor units."""


class PastChoicesShown(TypedDict):
    """Past choices between the very same remedies, of which it is known what became of them."""

    count: Count
    kept: Count
    """What the rehearsal counts for them."""
    came_to: Count
    """What they came to: what customers chose, or nothing."""


class RehearsedCostShown(TypedDict):
    """What a policy would have cost in a currency, in minor units."""

    currency: str
    remedies: Count
    amount: Count
    """A choice counts by the dearest of its remedies."""
    kept_for_choices: Count
    """So much of ``amount``."""
    past_choices: PastChoicesShown
    by_rule: list[RehearsedSumShown]
    by_month: list[RehearsedSumShown]
    by_tier: list[RehearsedSumShown]
    by_kind: list[RehearsedSumShown]


class RehearsedWhyShown(TypedDict):
    """How many shipments, and why."""

    why: Literal[
        "no_rule",
        "level_not_reached",
        "call",
        "budget",
        "cap",
        "cause",
        "customer_type",
        "unpaid",
        "cancelled",
        "granted_before",
        "worth_nothing",
        "other_currency",
        "order_unknown",
        "held_out",
        "within_grace",
        "grace",
        "as_it_is_now",
        "day_unknown",
    ]
    shipments: Count


class RehearsedPolicyShown(TypedDict):
    """What a policy would have granted."""

    orders: Count
    """That would have been given something."""
    cost: list[RehearsedCostShown]
    nothing: list[RehearsedWhyShown]
    """Late, and given nothing. ``within_grace``: the delay was over within the grace, or that was not over yet."""
    undecided: list[RehearsedWhyShown]
    """Counted, though it is not certain. ``grace``: nobody looked whether the delay lasted as long as the policy's."""


class RehearsalShown(TypedDict):
    """A rehearsal, as far as it came, over orders whose first delay was told between ``since`` and ``until``."""

    id: str
    status: Literal["running", "finished", "failed"]
    started_at: Instant
    finished_at: Instant | None
    by: str
    since: Instant
    until: Instant
    document: Any
    """The policy, as it was sent."""
    orders: Count
    """That were looked at."""
    late_orders: Count
    late_shipments: Count
    policy: RehearsedPolicyShown
    current_version: Count | None
    """Of the policy that was in force when it began; ``null``: there was none."""
    current: RehearsedPolicyShown | None
    undecided: list[RehearsedWhyShown]
    """Shipments that no policy decides for certain. ``as_it_is_now``: no policy was in force then, so the order
    counts as it is now; ``day_unknown``: nobody knew a day, so it is left out."""


class ApprovalShown(TypedDict):
    """What waits for approval."""

    order_id: str
    remedy: RemedyShown


class ApprovalsShown(TypedDict):
    """A page of what waits for approval, the oldest first."""

    items: list[ApprovalShown]
    next: str | None
