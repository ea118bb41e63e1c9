"""Vouchers as plain notes: which order has one, which had it, and what of an order was told last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from standby.platform.clock import from_text

HOLD = timedelta(hours=24)
"""So long an order that nobody placed has a voucher."""
TOTAL = 4_000
"""What each of these orders comes to."""
PERCENT = 10
"""Of each voucher that is a percentage."""


@dataclass
class Coupon:
    """The code of a gift."""

    ends: datetime
    currency: str
    kind: str
    amount: int
    revocable: bool
    owner: str | None
    """Whose it is alone; ``None``: whoever has the code uses it."""
    state: str = "granted"
    holder: str | None = None
    by: str | None = None
    """The request that took it; ``None``: the order named it."""
    asked: tuple[int, str | None] | None = None
    """What the order came to, and whose it was, as that request said."""
    takes: int = 0
    """What it takes off."""
    held_until: datetime | None = None
    placed: bool = False
    freed_from: str | None = None
    spent: list[str] = field(default_factory=list)
    users: set[str] = field(default_factory=set)
    """Orders that took it, and did not give it back themselves."""
    taken: int = 0
    freed: int = 0

    def off(self, total: int) -> int:
        """Return what it takes off an order."""
        return min(self.amount, {"voucher": total, "percent_off": total * PERCENT // 100}.get(self.kind, self.amount))

    def take(self, order: str, takes: int) -> None:
        """Let an order have it."""
        self.state, self.holder, self.takes, self.placed, self.freed_from = "redeemed", order, takes, False, None
        self.by, self.asked, self.held_until = None, None, None
        self.users.add(order)
        self.taken += 1

    def free(self, order: str) -> bool:
        """Take it from an order; tell whether that had it."""
        if (self.state, self.holder) != ("redeemed", order):
            return False
        self.spent += [] if self.by is None else [self.by]
        self.state, self.holder, self.by, self.asked, self.takes = "granted", None, None, None, 0
        self.placed, self.held_until, self.freed_from = False, None, order
        self.freed += 1
        return True


@dataclass
class Next:
    """An order that may take vouchers, as far as it was told."""

    name: str
    currency: str
    known: bool = False
    """Its shop said it."""
    payment: str | None = None
    """What its shop said last of that."""
    noted: bool = False
    said: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("cancelled", "shipped", "failed", "paying"), -1)
    )

    @property
    def over(self) -> bool:
        """Tell whether it came to nothing."""
        failed = self.said["failed"] if self.said["failed"] > self.said["paying"] else -1
        return max(self.said["cancelled"], failed) > self.said["shipped"]


Nexts = Mapping[str, Next]
Coupons = Mapping[str, Coupon]


def own(coupon: Coupon, orders: Nexts, now: datetime) -> None:
    """Let an order that nobody placed in time give a voucher back."""
    left = coupon.held_until is not None and coupon.held_until <= now
    if left and coupon.state == "redeemed" and not coupon.placed and coupon.holder is not None:
        if orders[coupon.holder].known:
            coupon.placed = True
        else:
            coupon.free(coupon.holder)


def redeem(coupon: Coupon, order: Next, request: str, cart: tuple[int, int, str | None], now: datetime) -> str:
    """Let an order take a voucher by a request; return why not.

    ``cart`` is what it comes to, what its other vouchers take off, and whose it is.
    """
    total, others, who = cart
    asked = (total, who)
    theirs = coupon.state in ("redeemed", "stood") and coupon.holder == order.name
    if theirs and (coupon.by == request or (coupon.asked == asked and request in coupon.spent)):
        return ""
    before = [] if coupon.by is None else [coupon.by]
    if theirs and (coupon.by is None or coupon.asked == asked):
        coupon.spent += before
        coupon.by, coupon.asked = request, asked
        return ""
    again = theirs and coupon.state == "redeemed" and not coupon.placed
    wrong = {
        "voucher-request-over": request in coupon.spent,
        "voucher-revoked": coupon.state == "revoked",
        "voucher-redeemed": coupon.state in ("redeemed", "stood") and not again,
        "voucher-expired": coupon.ends <= now and not again,
        "other-customer": coupon.owner not in (None, who),
        "voucher-currency": coupon.currency != order.currency,
        "order-covered": others >= total,
        "voucher-order-over": order.over and order.noted,
    }
    if any(wrong.values()):
        return next(why for why, so in wrong.items() if so)
    until = coupon.held_until if again and coupon.ends <= now else now + HOLD
    coupon.take(order.name, min(coupon.off(total), total - others))
    coupon.spent += before
    coupon.by, coupon.asked, coupon.held_until = request, asked, until
    return ""


def release(coupon: Coupon, order: Next) -> str:
    """Let an order give a voucher back; return why not."""
    has = coupon.state == "redeemed" and coupon.holder == order.name
    if has and (coupon.placed or order.known):
        return "voucher-stands"
    if coupon.free(order.name):
        coupon.users.discard(order.name)
        return ""
    if coupon.freed_from == order.name:
        return ""
    return "voucher-stands" if (coupon.state, coupon.holder) == ("stood", order.name) else "voucher-not-taken"


def revoke(coupon: Coupon) -> str:
    """Take a voucher back; return why not."""
    if coupon.state in ("redeemed", "stood"):
        return "voucher-redeemed"
    if not coupon.revocable and coupon.state != "revoked":
        return "not-revocable"
    coupon.state = "revoked"
    return ""


def hear(orders: Nexts, name: str, told: Mapping[str, Any], coupons: Coupons, now: datetime) -> None:
    """Take in what was told of an order by an event of a name. ``coupons`` are all, by their codes."""
    order, edition = orders[told["order_id"]], told.get("edition") or 0
    named = [coupons[code] for code in told.get("discount_codes", ()) if code in coupons]
    used = [each for each in coupons.values() if order.name in each.users]
    word = {"OrderShipped": "shipped", "OrderCancelled": "cancelled"}.get(name, "paying")
    if name == "OrderPlaced" and told.get("payment_failed"):
        word = "failed"
    if name != "OrderCancelled" or told.get("came_to_nothing"):
        before = dict(order.said)
        order.said[word] = max(edition, order.said[word])
        order.noted = order.noted or order.over
        if not order.noted:
            order.said = before  # of an order that never came to nothing, nobody notes anything
    every = [*used, *(each for each in named if each not in used)]
    if order.noted and order.over:
        for each in used:
            own(each, orders, now)
            each.free(order.name)
        return
    as_of = from_text(told["as_of"]) if name == "OrderPlaced" else now
    for each in every:
        own(each, orders, now)
        if each.state == "granted" and as_of < each.ends and (not order.known or each.currency == order.currency):
            each.take(order.name, each.off(TOTAL))
    for each in every if name == "OrderPlaced" else used:
        if (each.state, each.holder) == ("redeemed", order.name) and name != "OrderCancelled":
            each.placed = each.placed or name == "OrderPlaced"
            each.state = "stood" if name == "OrderShipped" else each.state
