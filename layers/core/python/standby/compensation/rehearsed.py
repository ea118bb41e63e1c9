"""A rehearsal over a shop's own records: what is rehearsed, how far it came, and what would have been granted so far.

It runs in pages. First it looks through all orders for late ones (`GATHER`), then it decides these in the order in
which they were decided (`DECIDE`), by the rehearsed policy and by the one that was in force when it began.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from standby.compensation.model import Grant, Option
from standby.compensation.rehearsing import Choices, Costs, Sum
from standby.compensation.replaying import Chosen, PastOrder, Tally
from standby.compensation.seen_model import kept_of, seen_of
from standby.platform.cursor import Cursor

GATHER, DECIDE = "gather", "decide"
RUNNING, FINISHED, FAILED = "running", "finished", "failed"
REHEARSED, CURRENT = "policy", "current"
"""The names of both policies."""
Document = Mapping[str, Any]


@dataclass(kw_only=True)
class Rehearsed:
    """A rehearsal. ``page`` rises with each page that is written."""

    rehearsal_id: str
    by: str
    started_at: str
    first: str
    """Orders whose first delay was told at this moment or later,"""
    until: str
    """and before this one."""
    policy: Document
    asked: str = ""
    """The days that were asked for, as they were said."""
    current: Document | None = None
    """The policy that was in force; ``None``: there was none."""
    current_version: int | None = None
    status: str = RUNNING
    phase: str = GATHER
    page: int = 0
    cursor: Cursor | None = None
    moved_at: str = ""
    """When the last page was written."""
    looked_at: int = 0
    """Orders."""
    late: int = 0
    """Orders that were late within the time."""
    shipments: int = 0
    """Of these, that were late."""
    undecided: Counter[str] = field(default_factory=Counter)
    """Shipments that cannot be decided, or not for certain, whatever the policy, by why."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    """By the name of the policy."""

    @property
    def tally(self) -> Tally:
        """Return what the rehearsed policy would have granted."""
        return self.tallies.get(REHEARSED, Tally())

    @property
    def summary(self) -> dict[str, Any]:
        """Return what stands beside a policy that was set after it."""
        return {
            "id": self.rehearsal_id,
            "finished_at": self.moved_at,
            "since": self.first,
            "until": self.until,
            "late_orders": self.late,
            "orders": self.tally.orders,
            "cost": [
                {"currency": currency, "amount": costs.total.amount}
                for currency, costs in sorted(self.tally.costs.items())
            ],
        }


# ---- as JSON ----


def tally_kept(tally: Tally) -> dict[str, Any]:
    """Return a tally as JSON."""
    return {
        "orders": tally.orders,
        "costs": {currency: _costs_kept(costs) for currency, costs in tally.costs.items()},
        "refused": tally.refused,
        "unsure": tally.unsure,
        "granted": [[*key, amount] for key, amount in tally.granted.items()],
        "choices": {currency: asdict(each) for currency, each in tally.choices.items()},
    }


def _costs_kept(costs: Costs) -> dict[str, Any]:
    sums = {name: {key: asdict(each) for key, each in getattr(costs, name).items()} for name in SUMS}
    return {"total": asdict(costs.total), "by_month_and_rule": costs.by_month_and_rule, **sums}


def tally_of(kept: Mapping[str, Any]) -> Tally:
    """Return a tally from JSON."""
    return Tally(
        orders=kept["orders"],
        costs={currency: _costs(each) for currency, each in kept["costs"].items()},
        refused=Counter(kept["refused"]),
        unsure=Counter(kept["unsure"]),
        granted=Counter({(month, currency): amount for month, currency, amount in kept["granted"]}),
        choices={currency: Choices(**each) for currency, each in kept["choices"].items()},
    )


def _costs(kept: Mapping[str, Any]) -> Costs:
    sums = {name: {key: Sum(**each) for key, each in kept[name].items()} for name in SUMS}
    rules = {month: Counter(each) for month, each in kept["by_month_and_rule"].items()}
    return Costs(total=Sum(**kept["total"]), by_month_and_rule=rules, **sums)


SUMS = ("by_rule", "by_month", "by_tier", "by_kind")


def order_kept(order: PastOrder) -> dict[str, Any]:
    """Return a past order as JSON, without its id."""
    kept = {
        **kept_of(order.rows),
        "place": order.place,
        "granted": order.granted,
        "counted_as": order.counted_as,
        "customer": order.customer,
        "lines": order.lines,
        "chosen": order.chosen,
        "grants": {name: [asdict(grant) for grant in grants] for name, grants in order.grants.items()},
    }
    return {name: value for name, value in kept.items() if value}


def order_of(order_id: str, kept: Mapping[str, Any]) -> PastOrder:
    """Return a past order from JSON."""
    return PastOrder(
        order_id=order_id,
        rows=seen_of(kept),
        place=kept.get("place", 0),
        granted=tuple(kept.get("granted", ())),
        counted_as=kept["counted_as"],
        customer=kept.get("customer"),
        lines=kept.get("lines", {}),
        chosen=tuple(Chosen(*each) for each in kept.get("chosen", ())),
        grants={name: tuple(map(_grant, grants)) for name, grants in kept.get("grants", {}).items()},
    )


def _grant(kept: Mapping[str, Any]) -> Grant:
    options = tuple(Option(*option) for option in kept["options"])
    return Grant(**{**kept, "options": options, "line_ids": tuple(kept["line_ids"])})
