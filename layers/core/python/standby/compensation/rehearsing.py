"""Rehearsing a policy: what it would have cost for delays of the past, without granting anything (feature B11).

Decides as `granting` does, by the same rules, caps and budgets, of delays as they were in the end: who was granted a
level and then a higher one was granted the value of the higher one. What was spent is kept in memory by month, and by
order and customer only of those who were granted something.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from standby.compensation.policy_model import (
    CAPPED,
    CHOICE,
    FEE_BACK,
    HELD_OUT,
    NO_BUDGET,
    Case,
    Policy,
    difference,
    entitled,
    held_out,
)

NO_TIER, OTHER_TIERS = "", "other"
"""The tier of customers of whom none is known, and of those of the tiers that are not told apart."""
MOST_TIERS = 50
"""That are told apart: as an order says them, there may be any number."""


class About(NamedTuple):
    """By what a cost is counted."""

    month: str
    tier: str
    rule: str
    kind: str


class Past(NamedTuple):
    """A shipment that came late, with its order."""

    order_id: str
    month: str
    """In which it came, or until when it had not: 2026-05."""
    case: Case
    customer: str | None = None
    """Whoever ordered; ``None``: nobody knows, so that no cap for a customer holds."""


class Given(NamedTuple):
    """What would have been given for a shipment."""

    amount: int
    currency: str
    rule: str


@dataclass(slots=True)
class Sum:
    """Shipments, and minor units."""

    count: int = 0
    amount: int = 0

    def add(self, amount: int, count: int = 1) -> None:
        """Count one more, or what became of one that was counted."""
        self.count += count
        self.amount += amount


@dataclass(slots=True)
class Choices:
    """Past choices, of the very options that would be offered, of which it is known what became of them."""

    count: int = 0
    reserved: int = 0
    """What they count for."""
    came_to: int = 0
    """What the customers' choices came to."""


@dataclass(slots=True)
class Costs:
    """What a policy would have cost in a currency."""

    total: Sum = field(default_factory=Sum)
    by_rule: dict[str, Sum] = field(default_factory=dict)
    by_month: dict[str, Sum] = field(default_factory=dict)
    by_month_and_rule: dict[str, Counter[str]] = field(default_factory=dict)
    """Minor units."""
    by_tier: dict[str, Sum] = field(default_factory=dict)
    by_kind: dict[str, Sum] = field(default_factory=dict)

    def add(self, about: "About", amount: int, count: int = 1) -> None:
        """Count what would have been given, or what became of it."""
        self.total.add(amount, count)
        tier = about.tier if about.tier in self.by_tier or len(self.by_tier) < MOST_TIERS else OTHER_TIERS
        for sums, name in (
            (self.by_rule, about.rule),
            (self.by_month, about.month),
            (self.by_tier, tier),
            (self.by_kind, about.kind),
        ):
            sums.setdefault(name, Sum()).add(amount, count)
        self.by_month_and_rule.setdefault(about.month, Counter())[about.rule] += amount


@dataclass(slots=True)
class Rehearsal:
    """A policy, and what it would have cost so far."""

    policy: Policy
    late: int = 0
    """Shipments that came late."""
    costs: dict[str, Costs] = field(default_factory=dict)
    """By currency."""
    refused: Counter[str] = field(default_factory=Counter)
    """Shipments that would have been given nothing, by why."""
    _of_orders: Counter[tuple[str, str]] = field(default_factory=Counter)
    _of_customers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _of_months: Counter[tuple[str, str]] = field(default_factory=Counter)
    _fees: Counter[str] = field(default_factory=Counter)
    """What was given back of orders' delivery fees."""

    @property
    def orders(self) -> int:
        """Return how many orders would have been given something."""
        return len({order_id for order_id, _ in self._of_orders})

    def take(self, past: Past) -> Given | str:
        """Count a shipment, and return what it would have been given, or why nothing."""
        self.late += 1
        given = self._given(past)
        if isinstance(given, str):
            self.refused[given] += 1
        return given

    def take_all(self, shipments: Iterable[Past]) -> "Rehearsal":
        """Count shipments, and return this."""
        for past in shipments:
            self.take(past)
        return self

    def _given(self, past: Past) -> Given | str:
        found = entitled(self.policy, replace(past.case, fee=max(0, past.case.fee - self._fees[past.order_id])))
        if isinstance(found, str):
            return found
        if self.policy.holdout_percent and held_out(self.policy.holdout_percent, past.customer or past.order_id):
            return HELD_OUT
        amount = difference(found.value, 0, *self._lefts(past, found.currency))
        if amount <= 0:
            return CAPPED
        spent = (past.month, found.currency)
        if self._of_months[spent] + amount > self.policy.monthly_budget.get(found.currency, 0):
            return NO_BUDGET
        self._of_months[spent] += amount
        self._of_orders[past.order_id, found.currency] += amount
        if FEE_BACK in {remedy.kind for remedy in (found.remedy, *(option for option, _ in found.options))}:
            self._fees[past.order_id] += min(amount, past.case.fee)
        if past.customer is not None and found.currency in self.policy.per_customer_month:
            self._of_customers[past.customer, past.month, found.currency] += amount
        kind = CHOICE if found.options else found.remedy.kind
        about = About(past.month, past.case.tier or NO_TIER, found.rule, kind)
        self.costs.setdefault(found.currency, Costs()).add(about, amount)
        return Given(amount, found.currency, found.rule)

    def _lefts(self, past: Past, currency: str) -> Iterable[int | None]:
        """Yield what each cap leaves."""
        most = self.policy.per_order.get(currency)
        yield None if most is None else most - self._of_orders[past.order_id, currency]
        cap = self.policy.per_customer_month.get(currency)
        if cap is not None and past.customer is not None:
            yield cap - self._of_customers[past.customer, past.month, currency]
