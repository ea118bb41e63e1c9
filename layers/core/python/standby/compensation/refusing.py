"""Why a delay is granted nothing, or nothing more, and on what that hangs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from standby.compensation.policy_model import (
    CUSTOMER_TYPE,
    GRANTED_BEFORE,
    ONLY_CALL,
    OTHER_CURRENCY,
    TOO_SHORT,
    UNPAID,
    WORTH_NOTHING,
    Case,
    Entitled,
    Policy,
    excluded_by,
    fitting,
    rule_for,
)

if TYPE_CHECKING:
    from standby.compensation.matter_model import Matter

AGAIN = (UNPAID, CUSTOMER_TYPE)
"""Refusals that hang on what an order says, and may say otherwise later: paid, or a customer who is no employee."""


def nothing_more(matter: "Matter", found: Entitled, line_ids: frozenset[str]) -> str | None:
    """Return why a delay is granted nothing more than before; ``None`` where it is, as far as caps and budget leave it.

    Amounts of several currencies are not compared: a person, who sees both, may give by hand what the policy does not.
    """
    if found.value == 0:
        return WORTH_NOTHING
    covered = matter.known.covered(shipment_id=matter.shipment_id, line_ids=line_ids, level=found.level)
    if found.value <= covered[found.currency]:
        return GRANTED_BEFORE
    return OTHER_CURRENCY if matter.hand is None and covered.keys() - {found.currency} else None


def about(policy: Policy, case: Case, why: str) -> Mapping[str, Any]:
    """Return what a refusal hangs on: what was said, or from how many days on a rule gives anything."""
    rule = rule_for(policy, case) if why in (TOO_SHORT, ONLY_CALL) else None
    if rule is None:
        return {"said": excluded_by(why, case)}
    levels = [level for level in rule.levels if fitting(level, case) or (level.call and why == TOO_SHORT)]
    giving = [level.days_late for level in levels]
    return {"rule": rule.name, "level": giving[0] if giving else None}
