"""What was granted in a month, with what became of it, as CSV for the shop's accounts.

A page is a part of one file: only the first has the line of names, so pages are joined as they come. Amounts are in
minor units. Nothing in it names a customer.
"""

from collections.abc import Mapping, Sequence

from standby.compensation.csv_text import row_of
from standby.compensation.model import ELSEWHERE, Grant
from standby.compensation.movement_model import Movement
from standby.compensation.policy_model import CHOICE, FEE_BACK
from standby.compensation.voucher_model import EXPIRED, GRANTED, REDEEMED, REVOKED, STOOD, Booked

OPEN, NOTHING, PRICE_REDUCTION, DISCOUNT, OTHERWISE = (
    "open",
    "nothing_given",
    "price_reduction_of_order",
    "discount_when_redeemed",
    "given_elsewhere",
)
"""How it is taxed. A free code is no voucher for VAT (Directive (EU) 2016/1065): it reduces the price of the order that
takes it. A delivery fee that goes back reduces the price of the late order."""
COLUMNS = (
    "month",
    "granted_at",
    "remedy_id",
    "order_id",
    "shipment_id",
    "kind",
    "amount",
    "currency",
    "percent",
    "tax_treatment",
    "rule",
    "policy_version",
    "days_late",
    "granted_by",
    "approval",
    "outcome",
    "voucher_status",
    "voucher_ends_on",
    "voucher_expires_at",
    "redeemed_at",
    "redeemed_for",
    "taken_off",
    "revoked_at",
)
MOVEMENT_COLUMNS = (
    "month",
    "at",
    "movement",
    "remedy_id",
    "order_id",
    "kind",
    "currency",
    "owed",
    "taken_off",
    "redeemed_for",
    "tax_treatment",
)


def lines(booked: Sequence[Booked], *, now: str, names: bool) -> str:
    """Return the lines of grants, after the line of names where that is wanted. ``now`` is RFC 3339."""
    rows = [_row(each, now) for each in booked]
    every = [row_of(row.get(name) for name in COLUMNS) for row in rows]
    return "".join([row_of(COLUMNS), *every] if names else every)


def movement_lines(movements: Sequence[Movement], *, month: str, names: bool) -> str:
    """Return the lines of what vouchers moved in a month, after the line of names where that is wanted."""
    every = [
        row_of(
            [
                month,
                each.at,
                each.what,
                each.grant_id,
                each.order_id,
                each.kind,
                each.currency,
                each.owed,
                each.taken_off,
                each.redeemed_for,
                {GRANTED: OPEN, EXPIRED: NOTHING, REVOKED: NOTHING}.get(each.what, DISCOUNT),
            ]
        )
        for each in movements
    ]
    return "".join([row_of(MOVEMENT_COLUMNS), *every] if names else every)


def tax_treatment(grant: Grant) -> str:
    """Return how what was granted is taxed."""
    if grant.outcome is not None and grant.amount == 0:
        return NOTHING
    if grant.kind == CHOICE or grant.awaits:
        return OPEN
    return {FEE_BACK: PRICE_REDUCTION, ELSEWHERE: OTHERWISE}.get(grant.kind, DISCOUNT)


def _row(booked: Booked, now: str) -> Mapping[str, str | int | None]:
    order_id, grant, voucher = booked
    row: dict[str, str | int | None] = {
        "month": grant.month,
        "granted_at": grant.at,
        "remedy_id": grant.grant_id,
        "order_id": order_id,
        "shipment_id": grant.shipment_id,
        "kind": grant.kind,
        "amount": grant.amount,
        "currency": grant.currency,
        "percent": grant.percent,
        "tax_treatment": tax_treatment(grant),
        "rule": grant.rule,
        "policy_version": grant.policy_version,
        "days_late": grant.days_late,
        "granted_by": grant.by,
        "approval": grant.approval,
        "outcome": grant.outcome,
    }
    if voucher is not None:
        status = voucher.status(now)
        row |= {
            "voucher_status": REDEEMED if status == STOOD else status,
            "voucher_ends_on": voucher.ends_on,
            "voucher_expires_at": voucher.expires_at,
            "redeemed_at": voucher.redeemed_at,
            "redeemed_for": voucher.redeemed_for,
            "taken_off": voucher.taken_off,
            "revoked_at": voucher.revoked_at,
        }
    return row
