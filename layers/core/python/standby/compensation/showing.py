"""What was granted, as routes show it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from standby.compensation.codes import codes_of, digest
from standby.compensation.model import (
    DENIED,
    ELSEWHERE,
    LAPSED,
    REPLACED,
    REVOKED,
    Grant,
    Option,
    Refusal,
    Remedies,
    Wanted,
    may_be_taken_back,
)
from standby.compensation.policy_model import CODED, GONE
from standby.compensation.voucher_model import REDEEMED, STOOD, Voucher
from standby.platform.tokens import TokenKeys

if TYPE_CHECKING:
    from standby.compensation.answers import (
        OptionShown,
        OwnRemediesShown,
        OwnRemedyShown,
        RatingShown,
        RemediesShown,
        RemedyCallShown,
        RemedyRefusedShown,
        RemedyShown,
        WorthShown,
    )

CHOOSE, GIVEN = "choose", "given"
Keys = Callable[[], TokenKeys]


def worth_shown(amount: int, currency: str) -> "WorthShown":
    """Return an amount."""
    return {"amount": amount, "currency": currency}


def minimum_shown(code: Grant | Option | Voucher, currency: str) -> "WorthShown | None":
    """Return the least that an order must come to so that it takes a code."""
    return None if code.minimum is None else worth_shown(code.minimum, currency)


def options_shown(grant: Grant) -> "list[OptionShown]":
    """Return what a customer chooses from, or did."""
    return [
        {
            "kind": option.kind,  # type: ignore[typeddict-item] # one of these words
            "amount": worth_shown(option.amount, grant.currency),
            "percent": option.percent,
            "minimum": minimum_shown(option, grant.currency),
            "combinable": option.combinable,
            "revocable": may_be_taken_back(option),
            "bound": option.bound,
            "ends_on": option.ends_on or (grant.ends_on if grant.open and option.kind in CODED else None),
        }
        for option in grant.options
    ]


def code_of(grant: Grant, keys: Keys) -> str | None:
    """Return the code of a grant; ``None`` where it has none, or the key that made it is gone."""
    if grant.code is None:
        return None
    return next((each for each in codes_of(keys(), grant.grant_id) if digest(each) == grant.code), None)


def rating_shown(known: Remedies) -> "RatingShown | None":
    """Return what a customer said last."""
    if known.rating is None:
        return None
    return {"at": known.rating.at, "right": known.rating.right, "words": known.rating.words}


def own_shown(
    number: str,
    known: Remedies,
    vouchers: Mapping[str, Voucher],
    keys: Keys,
    *,
    now: str,
    gone: Callable[[Grant], bool],
) -> "OwnRemediesShown":
    """Return what a customer sees of what was granted, but for what was replaced by more, or waits for approval.

    ``vouchers`` are those of the order, by the hash of their codes; ``now`` is RFC 3339. ``gone`` tells whether all for
    which something was granted was cancelled or came back.
    """
    shown = [
        _own(grant, vouchers.get(grant.code or ""), keys, now, gone)
        for grant in reversed(known.grants)
        if grant.outcome != REPLACED and not grant.awaits and grant.approval != DENIED and grant.kind != ELSEWHERE
    ]
    return {"order": number, "remedies": shown, "may_rate": known.may_rate, "rating": rating_shown(known)}


def _own(
    grant: Grant, voucher: Voucher | None, keys: Keys, now: str, gone: Callable[[Grant], bool]
) -> "OwnRemedyShown":
    status = GONE if grant.open and gone(grant) else _status(grant, voucher, now)
    return {
        "remedy_id": grant.grant_id,
        "at": grant.settled_at or grant.at,
        "kind": grant.kind,  # type: ignore[typeddict-item] # one of these words
        "status": status,  # type: ignore[typeddict-item] # as above
        "amount": worth_shown(grant.amount, grant.currency),
        "percent": grant.percent,
        "minimum": minimum_shown(grant, grant.currency),
        "combinable": grant.combinable,
        "revocable": may_be_taken_back(grant),
        "bound": grant.bound,
        "code": code_of(grant, keys) if status == GIVEN else None,
        "expires_at": (voucher or grant).expires_at,
        "ends_on": (voucher or grant).ends_on,
        "options": options_shown(grant) if status == CHOOSE else [],
        "choose_by": grant.choose_by if status == CHOOSE else None,
    }


def _status(grant: Grant, voucher: Voucher | None, now: str) -> str:
    if grant.open:
        return CHOOSE if grant.choose_until is None or now < grant.choose_until else LAPSED
    if grant.outcome in (LAPSED, REVOKED, GONE):
        return grant.outcome
    if voucher is None:
        return GIVEN
    state = voucher.status(now)
    return {REDEEMED: REDEEMED, STOOD: REDEEMED}.get(state, GIVEN if state == "granted" else state)


def remedies_shown(known: Remedies, keys: Keys) -> "RemediesShown":
    """Return what was granted for an order, and why not more."""
    return {
        "order_id": known.order_id,
        "granted": [granted_shown(grant, keys) for grant in known.grants],
        "rating": rating_shown(known),
        "refused": [_refused(refusal) for refusal in known.refusals],
        "calls": [_call(wanted) for wanted in known.calls],
    }


def granted_shown(grant: Grant, keys: Keys) -> "RemedyShown":
    """Return a grant."""
    return {
        "remedy_id": grant.grant_id,
        "at": grant.at,
        "shipment_id": grant.shipment_id,
        "kind": grant.kind,  # type: ignore[typeddict-item] # one of these words
        "amount": worth_shown(grant.amount, grant.currency),
        "percent": grant.percent,
        "minimum": minimum_shown(grant, grant.currency),
        "combinable": grant.combinable,
        "revocable": may_be_taken_back(grant),
        "bound": grant.bound,
        "days_late": grant.days_late,
        "level": grant.level,
        "rule": grant.rule,
        "policy_version": grant.policy_version,
        "told": grant.told,  # type: ignore[typeddict-item] # one of these words
        "code": code_of(grant, keys),
        "expires_at": grant.expires_at,
        "ends_on": grant.ends_on,
        "options": options_shown(grant),
        "choose_until": grant.choose_until,
        "outcome": grant.outcome,  # type: ignore[typeddict-item] # one of these words
        "approval": grant.approval,  # type: ignore[typeddict-item] # one of these words
        "by": grant.by,
        "reason": grant.reason,
        "decided_by": grant.decided_by,
    }


def _call(wanted: Wanted) -> "RemedyCallShown":
    return {
        "at": wanted.at,
        "shipment_id": wanted.shipment_id,
        "days_late": wanted.days_late,
        "level": wanted.level,
        "rule": wanted.rule,
        "policy_version": wanted.policy_version,
        "opened": wanted.opened,
    }


def _refused(refusal: Refusal) -> "RemedyRefusedShown":
    def shown(amount: int | None) -> "WorthShown | None":
        return None if refusal.currency is None or amount is None else worth_shown(amount, refusal.currency)

    return {
        "at": refusal.at,
        "shipment_id": refusal.shipment_id,
        "days_late": refusal.days_late,
        "why": refusal.why,  # type: ignore[typeddict-item] # one of these words
        "rule": refusal.rule,
        "policy_version": refusal.policy_version,
        "amount": shown(refusal.amount),
        "level": refusal.level,
        "worth": shown(refusal.worth),
        "most": shown(refusal.most),
        "left": shown(refusal.left),
        "said": refusal.said,
    }
