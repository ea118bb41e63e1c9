"""What a voucher is worth and what may become of it.

``granted`` → ``redeemed``, which is provisional until something of the order left → ``stood``, or back to ``granted``
where that order came to nothing: it was cancelled, never paid, or nobody placed it in time (`Voucher.held_until`).
``granted`` → ``revoked``. One that nobody redeemed in its time is expired; that follows from the clock, and is no
state.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from standby.compensation.model import Grant
from standby.compensation.policy_model import FREE_SHIPPING, PERCENT_OFF
from standby.compensation.validity_model import LastDay
from standby.platform.frozen import frozen

GRANTED, REDEEMED, STOOD, REVOKED = "granted", "redeemed", "stood", "revoked"
EXPIRED = "expired"
USED, OVER, TAKEN_BACK, CURRENCY = "voucher-redeemed", "voucher-expired", "voucher-revoked", "voucher-currency"
ORDER_OVER, REQUEST_OVER = "voucher-order-over", "voucher-request-over"
MINIMUM, ALONE, COVERED = "below-minimum", "not-combinable", "order-covered"
STANDS, NOT_TAKEN = "voucher-stands", "voucher-not-taken"
OTHERS, FOR_GOOD = "other-customer", "not-revocable"
"""Why a voucher is not taken, or not given or taken back."""
MOST_SPENT = 10
"""Requests that are kept of those that were replaced, or whose orders came to nothing: the newest."""
HOLD = timedelta(hours=24)
"""So long after an order took a voucher the ERP may tell the order. After that nobody will: the checkout was left."""

AGAIN_DAYS = 7
"""So many days more a voucher has whose last day passed while an order had it that came to nothing."""


class RefusedError(Exception):
    """A voucher is not taken; ``why`` is one of the words above."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Redeemer(NamedTuple):
    """Who wants to use a voucher, as far as the shop says it."""

    customer_id: str | None = None
    """The shop's own id."""
    key: str | None = None
    """The key of their mailbox."""


NOBODY = Redeemer()
"""Somebody of whom the shop says nothing."""


@frozen(kw_only=True)
class Voucher:
    """One voucher. Its code is not in it: nobody who reads it can redeem it."""

    grant_id: str
    order_id: str
    """The late order for which it was granted."""
    kind: str
    amount: int
    """The most that it takes off, in minor units."""
    currency: str
    percent: int | None = None
    minimum: int | None = None
    """The least that an order must come to so that it takes it, in minor units; ``None``: any order does."""
    combinable: bool = True
    """An order that has another voucher takes it, too."""
    revocable: bool = True
    """The shop may take it back before an order takes it. One that was granted before policies said so may be."""
    holder_id: str | None = None
    """Whose it is alone, by the shop's own id of that customer."""
    holder_key: str | None = None
    """Whose it is alone, by the key of their mailbox, where the shop gave no id; neither: it is not bound."""
    granted_at: str
    expires_at: str
    """RFC 3339; from then on it is not taken any more."""
    ends_on: str | None = None
    """The last day on which it is, of the shop's calendar, as its customer was told (`validity_model`)."""
    edition: int = 1
    state: str = GRANTED
    redeemed_for: str | None = None
    """The order that took it."""
    redeemed_at: str | None = None
    request: str | None = None
    """A hash of the request that redeemed it: the same request again is answered the same."""
    asked: str | None = None
    """A hash of what that request asked."""
    taken_off: int | None = None
    held_until: str | None = None
    """Until then the order may be placed; after that it gives the voucher back by itself. ``None``: it never does."""
    placed: bool = False
    """The ERP told that order, so only what the ERP says of it frees the voucher."""
    freed_at: str | None = None
    """When it became free again, because the order that had taken it came to nothing."""
    freed_from: str | None = None
    """That order."""
    prolonged: bool = False
    """Its last day passed while an order had it that came to nothing, so it had some days more (`AGAIN_DAYS`)."""
    spent: tuple[str, ...] = ()
    """Hashes of the requests that redeemed it for such orders, or before another one of the same order did."""
    lapsed: bool = False
    """Nobody redeemed it in its time, and the accounts have that."""
    revoked_at: str | None = None
    told: bool = True
    """All heard of its last change."""

    def status(self, now: str) -> str:
        """Return its state, or `EXPIRED`."""
        return EXPIRED if self.state == GRANTED and self.expires_at <= now else self.state

    @property
    def bound(self) -> bool:
        """Tell whether one customer alone uses it."""
        return self.holder_id is not None or self.holder_key is not None

    def is_for(self, who: Redeemer) -> bool:
        """Tell whether somebody may use it. Where the shop has an id for its customer, no address stands for that."""
        if self.holder_id is not None:
            return who.customer_id == self.holder_id
        return self.holder_key in (None, who.key)

    def left_by(self, now: str) -> str | None:
        """Return the order that took it and that nobody placed in time; ``None``: there is none."""
        over = self.held_until is not None and self.held_until <= now
        return self.redeemed_for if over and self.state == REDEEMED and not self.placed else None

    @property
    def due_at(self) -> str | None:
        """Return when somebody must look at it: it is to be told, is over, or may be left by its order."""
        if not self.told:
            return self.revoked_at or self.freed_at or self.redeemed_at
        if self.state == GRANTED:
            return None if self.lapsed else self.expires_at
        return self.held_until if self.state == REDEEMED and not self.placed else None

    def taking_off(self, total: int, fee: int | None) -> int:
        """Return how much it takes off an order of ``total``, whose shipping costs ``fee`` where that was said."""
        if self.kind == PERCENT_OFF:
            return min(self.amount, total * (self.percent or 0) // 100)
        if self.kind == FREE_SHIPPING:
            return self.amount if fee is None else min(self.amount, fee)
        return min(self.amount, total)


class Basket(NamedTuple):
    """The vouchers that an order has taken."""

    last: str | None
    """Names the last time that it took one; ``None``: it took none yet."""
    codes: Sequence[str]
    """The hashes of their codes."""


class Asks(NamedTuple):
    """A request, which is kept with what it asks, so that its key names no other one."""

    request: str
    """A hash that names it."""
    asked: str
    """A hash of what it asks, and of which voucher."""


class Booked(NamedTuple):
    """A grant, its order, and its voucher."""

    order_id: str
    grant: Grant
    voucher: Voucher | None


def voucher_of(grant: Grant, order_id: str) -> Voucher:
    """Return the voucher that a grant brings."""
    assert grant.expires_at is not None  # noqa: S101 - what has a code ends
    return Voucher(
        grant_id=grant.grant_id,
        order_id=order_id,
        kind=grant.kind,
        amount=grant.amount,
        currency=grant.currency,
        percent=grant.percent,
        minimum=grant.minimum,
        combinable=grant.combinable,
        revocable=grant.revocable,
        holder_id=grant.holder_id if grant.bound else None,
        holder_key=grant.holder_key if grant.bound else None,
        granted_at=grant.settled_at or grant.at,
        expires_at=grant.expires_at,
        ends_on=grant.ends_on,
    )


def redeemed(
    voucher: Voucher,
    *,
    order_id: str,
    total: int,
    currency: str,
    fee: int | None,
    request: str,
    asked: str = "",
    now: str,
    held_until: str | None = None,
    who: Redeemer = NOBODY,
    done_before: bool = False,
) -> Voucher:
    """Return a voucher after an order took it; the same voucher where the same request did before.

    An order that has it already may ask again until it is placed, because its cart changed: what it takes off is
    counted anew. Where the order named it already (`named`), its request is this one from now on. ``done_before``
    says that this request redeemed it once, though that may be longer ago than `Voucher.spent` reaches. Raises
    `RefusedError`.
    """
    over = done_before or request in voucher.spent
    theirs = voucher.state in (REDEEMED, STOOD) and voucher.redeemed_for == order_id
    if theirs and (voucher.request == request or (voucher.asked == asked and over)):
        return voucher
    if (theirs and voucher.request is None) or (theirs and voucher.asked == asked):
        return replace(voucher, edition=voucher.edition + 1, request=request, asked=asked, spent=_spent(voucher))
    if over:
        raise RefusedError(REQUEST_OVER)
    why = {REDEEMED: USED, STOOD: USED, REVOKED: TAKEN_BACK, EXPIRED: OVER}.get(voucher.status(now))
    if theirs and voucher.state == REDEEMED and not voucher.placed:
        why = None
        if voucher.expires_at <= now:
            held_until = voucher.held_until  # a cart that is edited every day would keep it for ever
    if why is None and not voucher.is_for(who):
        why = OTHERS
    if why is None and currency != voucher.currency:
        why = CURRENCY
    taken_off = voucher.taking_off(total, fee)
    if why is None and (total < (voucher.minimum or 0) or taken_off == 0):
        why = MINIMUM  # nobody gives a voucher away for nothing
    if why is not None:
        raise RefusedError(why)
    taken = _taken(voucher, order_id, taken_off, now)
    return replace(taken, request=request, asked=asked, held_until=held_until, spent=_spent(voucher))


def within(voucher: Voucher, others: Collection[Voucher], total: int) -> Voucher:
    """Return a voucher that takes off no more than its order's other vouchers leave of the total."""
    left = total - sum(other.taken_off or 0 for other in others if other.currency == voucher.currency)
    return replace(voucher, taken_off=max(0, min(voucher.taken_off or 0, left)))


def go_together(voucher: Voucher, others: Collection[Voucher], *, named: bool) -> bool:
    """Tell whether an order that has ``others`` may take a voucher, too.

    ``named``: its storefront says that the order has another code, whoever gave that.
    """
    alone = not voucher.combinable
    return not (alone and (named or others)) and all(other.combinable for other in others)


def named(voucher: Voucher, order_id: str, *, taken_off: int | None, as_of: str, now: str) -> Voucher:
    """Return a voucher after an order named its code; the same one where that takes nothing, because it is not free.

    ``as_of`` is when the order named it, ``taken_off`` what that takes off; ``None``: nobody knows.
    """
    if voucher.status(as_of) != GRANTED:
        return voucher
    return _taken(voucher, order_id, voucher.amount if taken_off is None else taken_off, now)


def _taken(voucher: Voucher, order_id: str, taken_off: int, now: str) -> Voucher:
    return replace(
        voucher,
        edition=voucher.edition + 1,
        state=REDEEMED,
        redeemed_for=order_id,
        redeemed_at=now,
        request=None,
        asked=None,
        taken_off=taken_off,
        held_until=None,
        lapsed=False,
        placed=False,
        freed_at=None,
        freed_from=None,
        told=False,
    )


def lapsed(voucher: Voucher, now: str) -> Voucher:
    """Return a voucher after its time was over and nobody redeemed it; the same one while it is not."""
    if voucher.lapsed or voucher.status(now) != EXPIRED:
        return voucher
    return replace(voucher, edition=voucher.edition + 1, lapsed=True)


def _spent(voucher: Voucher) -> tuple[str, ...]:
    """Return the requests that redeem a voucher no more, once the one that redeemed it does not count either."""
    before = [] if voucher.request is None else [voucher.request]
    return (*voucher.spent, *before)[-MOST_SPENT:]


def placed(voucher: Voucher, order_id: str) -> Voucher:
    """Return a voucher after the ERP told the order that took it; the same one where another order did, or none."""
    if voucher.placed or (voucher.state, voucher.redeemed_for) != (REDEEMED, order_id):
        return voucher
    return replace(voucher, edition=voucher.edition + 1, placed=True)


def stood(voucher: Voucher, order_id: str) -> Voucher:
    """Return a voucher after the order that took it stands; the same one where another order did, or none."""
    if (voucher.state, voucher.redeemed_for) != (REDEEMED, order_id):
        return voucher
    return replace(voucher, edition=voucher.edition + 1, state=STOOD)


def freed(voucher: Voucher, order_id: str, now: str, *, again: LastDay | None = None) -> Voucher:
    """Return a voucher after the order that took it came to nothing; the same one where another order did, or none.

    Where its last day passed meanwhile it may be used until ``again``, once: it was taken in time. ``None``: it is not.
    """
    if (voucher.state, voucher.redeemed_for) != (REDEEMED, order_id):
        return voucher
    if again is not None and voucher.expires_at <= now and not voucher.prolonged:
        voucher = replace(voucher, expires_at=again.over_at, ends_on=again.day, prolonged=True)
    return replace(
        voucher,
        edition=voucher.edition + 1,
        state=GRANTED,
        redeemed_for=None,
        redeemed_at=None,
        request=None,
        asked=None,
        taken_off=None,
        held_until=None,
        placed=False,
        freed_at=now,
        freed_from=order_id,
        spent=_spent(voucher),
        told=False,
    )


def released(voucher: Voucher, order_id: str, now: str) -> Voucher:
    """Return a voucher that an order gave back; the same one where it did before. Raises `RefusedError`.

    An order that the ERP told gives nothing back by itself: it is cancelled, or its payment fails.
    """
    if voucher.placed and voucher.redeemed_for == order_id:
        raise RefusedError(STANDS)
    after = freed(voucher, order_id, now)
    if after is voucher and voucher.freed_from != order_id:
        raise RefusedError(STANDS if (voucher.state, voucher.redeemed_for) == (STOOD, order_id) else NOT_TAKEN)
    return after


def withdrawn(voucher: Voucher, now: str) -> Voucher:
    """Return a voucher that nobody was told of after it was taken back; the same one where an order took it.

    What its customer was promised does not count: they were promised nothing.
    """
    if voucher.state != GRANTED:
        return voucher
    return replace(voucher, edition=voucher.edition + 1, state=REVOKED, revoked_at=now, told=False)


def revoked(voucher: Voucher, now: str) -> Voucher:
    """Return a voucher that was taken back; the same one where it was before.

    Raises `RefusedError` once it is redeemed, and for one that was given for good.
    """
    if voucher.state == REVOKED:
        return voucher
    if voucher.state in (REDEEMED, STOOD):
        raise RefusedError(USED)
    if not voucher.revocable:
        raise RefusedError(FOR_GOOD)
    return withdrawn(voucher, now)
