"""What moves what a shop owes by its vouchers: each is a line of its accounts, in the month in which it happened.

A voucher that somebody may still redeem is owed with the most that it takes off. So the sum of all that moved until a
month's end is what is owed by then.
"""

from typing import NamedTuple

from standby.compensation.voucher_model import EXPIRED, GRANTED, REDEEMED, REVOKED, Voucher

FREED, PRICED_ANEW = "freed", "priced_anew"


class Movement(NamedTuple):
    """One of them."""

    at: str
    what: str
    """`GRANTED`, `REDEEMED`, `PRICED_ANEW`: its order's cart changed, `FREED`, `EXPIRED` or `REVOKED`."""
    grant_id: str
    edition: int
    """The voucher's by then: it has one movement of each."""
    order_id: str
    """The late order."""
    kind: str
    currency: str
    owed: int
    """How much more is owed, in minor units; below zero: less."""
    taken_off: int
    """How much more orders took off; below zero: less."""
    redeemed_for: str | None
    """The order that took it, or gave it back."""


def moved(before: Voucher | None, after: Voucher, now: str) -> Movement | None:
    """Return what the change of a voucher moved; ``None``: nothing. ``before``: ``None`` where it is granted by it."""
    what = GRANTED if before is None else _what(before, after)
    if what is None:
        return None
    owed, taken_off = (0, 0) if before is None else (_owed(before), before.taken_off or 0)
    return Movement(
        at=now,
        what=what,
        grant_id=after.grant_id,
        edition=after.edition,
        order_id=after.order_id,
        kind=after.kind,
        currency=after.currency,
        owed=_owed(after) - owed,
        taken_off=(after.taken_off or 0) - taken_off,
        redeemed_for=after.freed_from if what == FREED else after.redeemed_for,
    )


def _what(before: Voucher, after: Voucher) -> str | None:
    if after.state == GRANTED:
        if before.state == REDEEMED:
            return FREED
        return EXPIRED if after.lapsed and not before.lapsed else None
    if after.state != before.state:
        return after.state if after.state in (REDEEMED, REVOKED) else None
    return PRICED_ANEW if after.taken_off != before.taken_off else None


def _owed(voucher: Voucher) -> int:
    return voucher.amount if voucher.state == GRANTED and not voucher.lapsed else 0
