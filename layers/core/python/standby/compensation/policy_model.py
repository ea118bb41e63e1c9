"""A shop's policy: what a delay is worth to whom, and how much may be given in all.

Every amount is in minor units. The value of a remedy is what it can cost at most: a voucher its amount, a percentage
its cap, free shipping the most that shipping may cost, and a delivery fee the fee itself. What was granted counts by
that value, redeemed or not.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import field
from hashlib import sha256
from typing import Any, NamedTuple

from standby.platform.frozen import frozen

PERCENT_OFF, VOUCHER, FREE_SHIPPING, FEE_BACK = "percent_off", "voucher", "free_shipping", "delivery_fee_back"
CHOICE = "choice"
"""The kind of a grant of which nobody knows yet what its customer chooses, or of which nothing came."""
CODED = frozenset({PERCENT_OFF, VOUCHER, FREE_SHIPPING})
"""Remedies that are a code for another order."""

NO_RULE, TOO_SHORT, NO_BUDGET, CAPPED = "no_rule", "level_not_reached", "budget", "cap"
ONLY_CALL = "call"
"""What so long a delay brings is a call."""
CAUSE, CUSTOMER_TYPE, UNPAID, GONE, UNKNOWN_ORDER = "cause", "customer_type", "unpaid", "cancelled", "order_unknown"
"""Why nothing is granted."""
GRANTED_BEFORE, WORTH_NOTHING, OTHER_CURRENCY = "granted_before", "worth_nothing", "other_currency"
"""Why nothing more is: as much was granted before; what is late cost nothing; or something was granted in another
currency, which nobody subtracts."""
HELD_OUT = "held_out"
"""Nor to whoever is among `Policy.holdout_percent`."""


class Remedy(NamedTuple):
    """What a level gives."""

    kind: str
    amount: int = 0
    """Its value; of the delivery fee back it is the order's."""
    currency: str | None = None
    """``None`` of the delivery fee back: that of the order."""
    percent: int | None = None
    minimum: int | None = None
    """The least that an order must come to so that it takes the code; ``None``: any order does."""
    combinable: bool = True
    """An order that has another voucher takes the code, too."""
    revocable: bool = False
    """The shop may take the code back before an order takes it; its customer is told so."""
    bound: bool = False
    """Nobody but the customer of the late order uses the code."""


class Choice(NamedTuple):
    """Several remedies, of which a customer chooses one."""

    remedies: tuple[Remedy, ...]
    """Of different kinds."""
    days: int
    """So long after the grant."""
    otherwise: str | None = None
    """The kind that is given where nobody chose; ``None``: nothing is."""


class Level(NamedTuple):
    """From so many days late on, all in all, this remedy, or what the customer chooses."""

    days_late: int
    remedy: Remedy | None = None
    choice: Choice | None = None
    """Instead of the one remedy."""
    call: bool = False
    """A person calls the customer, beside that or instead of it."""

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Return what it may come to."""
        if self.choice is not None:
            return self.choice.remedies
        return () if self.remedy is None else (self.remedy,)


@frozen(kw_only=True)
class Conditions:
    """What an order must be like; an empty condition asks nothing."""

    causes: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    at_least: int | None = None
    """The order's value in ``currency``."""
    below: int | None = None
    currency: str | None = None
    policy: str | None = None
    """The name by which an incident asks for this rule; a rule without one is for delays whose incident names none."""


@frozen(kw_only=True)
class Rule:
    """Levels for the orders that meet conditions."""

    name: str
    levels: tuple[Level, ...]
    """The shortest delay first."""
    when: Conditions = Conditions()


@frozen()
class Market:
    """How a country takes vouchers."""

    valid_days: int
    advertising: bool
    """A voucher is advertising there: nobody is mailed one who did not agree to advertising."""
    revocable: bool | None = None
    """Whether the shop may take a code back there, whatever its remedy says; ``None``: as that says."""
    bound: bool | None = None
    """Whether a code is for its customer alone there; ``None``: as its remedy says."""
    by_kind: Mapping[str, int] = field(default_factory=dict)
    """For how many days a code is valid whose kind has a number of its own."""

    def valid_for(self, kind: str) -> int:
        """Return for how many days a code of a kind is valid."""
        return self.by_kind.get(kind, self.valid_days)

    def given(self, remedy: Remedy) -> Remedy:
        """Return a remedy as it is given there."""
        if remedy.kind not in CODED:
            return remedy
        revocable = remedy.revocable if self.revocable is None else self.revocable
        return remedy._replace(revocable=revocable, bound=remedy.bound if self.bound is None else self.bound)


@frozen(kw_only=True)
class Policy:
    """All of it, in one version."""

    version: int
    rules: tuple[Rule, ...]
    per_order: Mapping[str, int] = field(default_factory=dict)
    """The most that is granted for one order, by currency; a currency that is not named has no such cap."""
    per_customer_month: Mapping[str, int] = field(default_factory=dict)
    """The most that is granted to one customer in a calendar month of the shop."""
    monthly_budget: Mapping[str, int] = field(default_factory=dict)
    """The most that is granted to all in such a month; in a currency that is not named nothing is granted."""
    excluded_causes: frozenset[str] = frozenset()
    excluded_types: frozenset[str] = frozenset()
    grace_hours: int = 0
    """A delay that is over before it lasted so long is worth nothing."""
    approval_above: Mapping[str, int] = field(default_factory=dict)
    """What makes that more than this, for one shipment in all, waits until a person approves it."""
    unpaid_too: bool = False
    """Orders that are not paid get remedies too."""
    holdout_percent: int = 0
    """Of customers who get nothing, so that what remedies do can be compared; always the same ones."""
    markets: Mapping[str, Market] = field(default_factory=dict)
    """By country; others have `elsewhere`."""
    elsewhere: Market = Market(valid_days=365, advertising=False)

    def market(self, country: str) -> Market:
        """Return how a country takes vouchers."""
        return self.markets.get(country, self.elsewhere)


@frozen(kw_only=True)
class Case:
    """What is known of a late shipment and its order."""

    days_late: int
    cause: str | None = None
    policy: str | None = None
    order_value: int | None = None
    currency: str | None = None
    """Of the order's value; both are ``None`` where its lines have no prices, or several currencies."""
    late_value: int | None = None
    """What the late lines cost."""
    fee: int = 0
    fee_currency: str | None = None
    tier: str | None = None
    country: str | None = None
    channel: str | None = None
    categories: frozenset[str] = frozenset()
    """Of the late lines."""
    customer_type: str | None = None
    unpaid: bool = False
    """Something was said of its payment, and not that the money has come."""
    payment: str | None = None
    """What was said of it."""
    gone: bool = False
    """Every late line was cancelled or came back."""


class Entitled(NamedTuple):
    """What a delay is worth in all."""

    rule: str
    level: int
    """Days late from which on it is so."""
    remedy: Remedy
    """The dearest, where the customer chooses."""
    value: int
    """What it can cost at most."""
    currency: str
    options: tuple[tuple[Remedy, int], ...] = ()
    """What the customer chooses from, and the value of each; nothing: there is no choice."""
    choice: Choice | None = None

    def in_market(self, market: Market) -> "Entitled":
        """Return the same as a market takes it."""
        options = tuple((market.given(remedy), most) for remedy, most in self.options)
        return self._replace(remedy=market.given(self.remedy), options=options)


def held_out(percent: int, customer: str) -> bool:
    """Tell whether a customer, by a key that stands for them, is among the percentage of all who get nothing.

    Whoever is stays so, and stays so too when the percentage grows.
    """
    return int.from_bytes(sha256(f"standby.holdout {customer}".encode()).digest()[:8]) % 100 < percent


def exclusion(policy: Policy, case: Case) -> str | None:
    """Return why a case gets nothing whatever the rules say; ``None`` where nothing keeps it from them."""
    if case.gone:
        return GONE
    if case.cause in policy.excluded_causes:
        return CAUSE
    if case.customer_type in policy.excluded_types:
        return CUSTOMER_TYPE
    return UNPAID if case.unpaid and not policy.unpaid_too else None


def excluded_by(why: str, case: Case) -> str | None:
    """Return what was said of a case because of which it gets nothing; ``None`` where that is nothing said."""
    return {CAUSE: case.cause, CUSTOMER_TYPE: case.customer_type, UNPAID: case.payment}.get(why)


def rule_for(policy: Policy, case: Case) -> Rule | None:
    """Return the first rule that a case meets and that has something for it: a remedy, or at least a call.

    A rule of which nothing fits, as of the delivery fee of an order that was delivered for free, leaves the case to
    the next one.
    """
    met = [rule for rule in policy.rules if _meets(rule, case)]
    giving = (rule for rule in met if not _remedies(rule) or any(fitting(level, case) for level in rule.levels))
    calling = (rule for rule in met if any(level.call for level in rule.levels))
    return next(giving, None) or next(calling, None)


def entitled(policy: Policy, case: Case) -> Entitled | str:
    """Return what a case is worth in all by a policy, or why it is worth nothing."""
    excluded = exclusion(policy, case)
    if excluded is not None:
        return excluded
    rule = rule_for(policy, case)
    if rule is None:
        return NO_RULE
    reached = _reached(rule, case)
    giving = [level for level in reached if fitting(level, case)]
    if giving:
        return of_level(rule, giving[-1], case)
    return ONLY_CALL if any(level.call for level in reached) else TOO_SHORT


def call_of(policy: Policy, case: Case) -> tuple[str, int] | None:
    """Return by which rule a person calls the customer of a case, and its level; ``None`` where nobody does."""
    rule = None if exclusion(policy, case) is not None else rule_for(policy, case)
    levels = [] if rule is None else [level.days_late for level in _reached(rule, case) if level.call]
    return (rule.name, levels[-1]) if rule is not None and levels else None


def of_level(rule: Rule, level: Level, case: Case) -> Entitled:
    """Return what a case is worth by a level of which anything fits it (`fitting`)."""
    options = tuple((remedy, value(remedy, case)) for remedy in fitting(level, case))
    remedy, most = max(options, key=lambda option: option[1])
    currency = remedy.currency or case.fee_currency
    assert currency is not None, "a rule fits a case without a currency"  # noqa: S101 - what `fits` sees to
    if level.choice is None or len(options) == 1:
        return Entitled(rule.name, level.days_late, remedy, most, currency)
    return Entitled(rule.name, level.days_late, remedy, most, currency, options, level.choice)


def value(remedy: Remedy, case: Case) -> int:
    """Return what a remedy can cost at most: never more than was paid for what is late."""
    if remedy.kind == FEE_BACK:
        return case.fee
    return remedy.amount if case.late_value is None else max(0, min(remedy.amount, case.late_value))


def difference(total: int, granted: int, *lefts: int | None) -> int:
    """Return what is still to be granted so that it is ``total`` in all; never more than any cap leaves over.

    ``lefts`` is what each cap leaves; ``None``: there is no such cap.
    """
    return max(0, min([total - granted, *(left for left in lefts if left is not None)]))


def _reached(rule: Rule, case: Case) -> list[Level]:
    return [level for level in rule.levels if level.days_late <= case.days_late]


def _meets(rule: Rule, case: Case) -> bool:
    when = rule.when
    return (
        when.policy == case.policy
        and _among(when.causes, case.cause)
        and _among(when.tiers, case.tier)
        and _among(when.countries, case.country)
        and _among(when.channels, case.channel)
        and (not when.categories or not when.categories.isdisjoint(case.categories))
        and _worth_enough(when, case)
        and all(remedy.currency in (None, case.currency or remedy.currency) for remedy in _remedies(rule))
    )


def _remedies(rule: Rule) -> list[Remedy]:
    return [remedy for level in rule.levels for remedy in level.remedies]


def _among(wanted: Collection[str], said: str | None) -> bool:
    return not wanted or said in wanted


def _worth_enough(when: Conditions, case: Case) -> bool:
    if when.at_least is None and when.below is None:
        return True
    if case.order_value is None or case.currency != when.currency:
        return False
    return (when.at_least or 0) <= case.order_value and (when.below is None or case.order_value < when.below)


def fitting(level: Level, case: Case) -> tuple[Remedy, ...]:
    """Return what a level can give for an order: of a choice what is left of it, all in one currency.

    A delivery fee in another one than the rest is left out.
    """
    found = tuple(remedy for remedy in level.remedies if fits(remedy, case))
    if len({remedy.currency or case.fee_currency for remedy in found}) <= 1:
        return found
    return tuple(remedy for remedy in found if remedy.currency is not None)


def fits(remedy: Remedy, case: Case) -> bool:
    """Tell whether a remedy can be given for an order: in its currency, and of a percentage the value is known.

    An order without prices gets what is fixed.
    """
    if remedy.kind == FEE_BACK:
        return case.fee > 0
    known = (remedy.currency,) if remedy.kind == PERCENT_OFF else (None, remedy.currency)
    return case.currency in known


def named(policy: Policy) -> str:
    """Return a name for what a policy says, the same however its document says it."""
    return sha256(json.dumps(_plain(policy), sort_keys=True).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a policy
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__ if name != "version"}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
