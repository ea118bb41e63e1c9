"""What is shown of a rehearsal over the shop's own records: figures, or a page with a chart."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from standby.compensation.policy_model import CHOICE
from standby.compensation.rehearsal_page import Shown, page
from standby.compensation.rehearsals import state
from standby.compensation.rehearsed import CURRENT, FINISHED, RUNNING, Rehearsed
from standby.compensation.rehearsing import Choices, Costs, Sum
from standby.compensation.replaying import Tally
from standby.platform.clock import from_text

if TYPE_CHECKING:
    from standby.compensation.answers import (
        RehearsalShown,
        RehearsedCostShown,
        RehearsedPolicyShown,
        RehearsedSumShown,
        RehearsedWhyShown,
    )


def rehearsal_shown(rehearsal: Rehearsed, now: datetime) -> "RehearsalShown":
    """Show a rehearsal, as far as it came."""
    current = rehearsal.tallies.get(CURRENT)
    found = state(rehearsal, now)
    return {
        "id": rehearsal.rehearsal_id,
        "status": found,  # type: ignore[typeddict-item] # one of these words
        "started_at": rehearsal.started_at,
        "finished_at": rehearsal.moved_at if found == FINISHED else None,
        "by": rehearsal.by,
        "since": rehearsal.first,
        "until": rehearsal.until,
        "document": rehearsal.policy,
        "orders": rehearsal.looked_at,
        "late_orders": rehearsal.late,
        "late_shipments": rehearsal.shipments,
        "policy": _policy(rehearsal.tally),
        "current_version": rehearsal.current_version,
        "current": None if rehearsal.current_version is None else _policy(current or Tally()),
        "undecided": _why(rehearsal.undecided),
    }


def rehearsal_page(rehearsal: Rehearsed, now: datetime, zone: tzinfo) -> str:
    """Write the page of a rehearsal, with days of a zone."""
    shown, found, tally = rehearsal_shown(rehearsal, now), state(rehearsal, now), rehearsal.tally
    first = from_text(rehearsal.first).astimezone(zone).date()
    last = (from_text(rehearsal.until) - timedelta(milliseconds=1)).astimezone(zone).date()
    about = [
        (
            f"{shown['orders']:,} orders were looked at. The first delay of {shown['late_orders']:,} of them, with "
            f"{shown['late_shipments']:,} late shipments, was told from {first} to {last}."
        ),
        f"{tally.orders:,} orders would have been given something.",
    ]
    if found != FINISHED:
        about.insert(0, "It still runs: these are not all figures yet." if found == RUNNING else "It failed half-way.")
    current = None if rehearsal.current_version is None else rehearsal.tallies.get(CURRENT, Tally())
    if current is not None:
        about.append(
            f"Version {rehearsal.current_version}, in force when this began, comes to {current.orders:,} orders."
        )
    return page(
        Shown(
            about=about,
            costs=tally.costs,
            refused=tally.refused,
            other=None if current is None else current.costs,
            other_name=f"Version {rehearsal.current_version}",
            unsure=rehearsal.undecided + tally.unsure,
            choices=tally.choices,
        )
    )


def _policy(tally: Tally) -> "RehearsedPolicyShown":
    return {
        "orders": tally.orders,
        "cost": [
            _cost(currency, costs, tally.choices.get(currency)) for currency, costs in sorted(tally.costs.items())
        ],
        "nothing": _why(tally.refused),
        "undecided": _why(tally.unsure),
    }


def _cost(currency: str, costs: Costs, choices: Choices | None) -> "RehearsedCostShown":
    known = choices or Choices()
    return {
        "currency": currency,
        "remedies": costs.total.count,
        "amount": costs.total.amount,
        "kept_for_choices": costs.by_kind.get(CHOICE, Sum()).amount,
        "past_choices": {"count": known.count, "kept": known.reserved, "came_to": known.came_to},
        "by_rule": _sums(costs.by_rule),
        "by_month": _sums(costs.by_month),
        "by_tier": _sums(costs.by_tier),
        "by_kind": _sums(costs.by_kind),
    }


def _sums(sums: Mapping[str, Sum]) -> "list[RehearsedSumShown]":
    return [
        {"name": name or None, "remedies": each.count, "amount": each.amount} for name, each in sorted(sums.items())
    ]


def _why(counted: Counter[str]) -> "list[RehearsedWhyShown]":
    return [{"why": why, "shipments": number} for why, number in counted.most_common() if number]  # type: ignore[typeddict-item] # these words
