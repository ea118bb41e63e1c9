"""Vouchers at a checkout: looked up, redeemed once, taken back.

A change is written first, then told, then it is noted that it was told; the same request again goes on where it ended.
A voucher that was redeemed is provisional until its order stands (`following`). All vouchers of an order take off no
more than it comes to. An order that nobody placed in time gives its voucher back by itself.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from standby.compensation.codes import digest, read
from standby.compensation.model import CHANGED, WRITTEN
from standby.compensation.referring import of_grant
from standby.compensation.voucher_model import (
    ALONE,
    COVERED,
    GRANTED,
    HOLD,
    NOBODY,
    ORDER_OVER,
    REDEEMED,
    REVOKED,
    STANDS,
    Asks,
    Basket,
    Redeemer,
    RefusedError,
    Voucher,
    freed,
    go_together,
    lapsed,
    placed,
    redeemed,
    released,
    revoked,
    within,
)
from standby.events.remedy import VoucherFreed, VoucherRedeemed, VoucherRevoked
from standby.platform import address
from standby.platform.backoff import Backoff
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json

if TYPE_CHECKING:
    from standby.compensation.ordered import Ordered


class UnknownVoucherError(Exception):
    """There is no such voucher; a code that was mistyped is answered the same as one that never was."""


class OtherRequestError(Exception):
    """The key of the request was used for another request before."""


class Wish(NamedTuple):
    """An order that is to be paid with a voucher."""

    order_id: str
    total: int
    """Minor units."""
    currency: str
    fee: int | None
    """What its shipping costs."""
    request: str
    """A hash that names the request."""
    asked: str
    """A hash of what it asks."""
    others: frozenset[str] = frozenset()
    """The other codes that the order has, as the storefront writes them."""
    who: Redeemer = NOBODY

    @classmethod
    def of(cls, caller: str, key: str, body: Mapping[str, Any]) -> "Wish":
        """Read a checked body. ``caller`` and ``key`` name the request."""
        total, fee = body["order_total"], body.get("delivery_fee")
        others = sorted(set(body.get("other_codes") or ()))
        who = _redeemer(body.get("customer") or {})
        said = [*([others] if others else []), *([who._asdict()] if any(who) else [])]
        return cls(
            order_id=body["order_id"],
            total=total["amount"],
            currency=total["currency"],
            fee=None if fee is None else fee["amount"],
            request=hashed(f"{caller}#{key}"),
            asked=hashed(to_json([body["order_id"], total, fee, *said])),
            others=frozenset(others),
            who=who,
        )


class Cart(NamedTuple):
    """What an order comes to that takes a voucher, and what else it has."""

    total: int | None
    """Minor units; ``None``: nobody knows."""
    others: Collection[str] | None
    """Its other codes; ``None``: it was placed with the voucher, so it takes it whatever else it has."""


class Vouchers(Protocol):
    """Where vouchers are kept. Every method raises `BusyError`."""

    def voucher(self, code: str) -> Voucher | None:
        """Return the voucher with a code, by the code's hash."""
        ...

    def keep_voucher(
        self,
        voucher: Voucher,
        code: str,
        *,
        before: Voucher | None = None,
        forget: str | None = None,
        asks: Asks | None = None,
        now: datetime,
    ) -> bool:
        """Write a voucher if its edition is still the one before; tell whether it was.

        ``before`` is what it was, where its change may be one of the accounts.
        That the order ``forget`` took it is known no more then. Nothing is written where the request asked something
        else before.
        """
        ...

    def asked(self, request: str) -> str | None:
        """Return what a request asked; ``None``: nothing that was done."""
        ...

    def basket(self, order_id: str) -> Basket:
        """Return what an order has taken."""
        ...

    def take(
        self,
        voucher: Voucher,
        code: str,
        basket: Basket,
        *,
        before: Voucher,
        asks: Asks | None = None,
        now: datetime,
    ) -> str:
        """Write a voucher that an order takes; return `WRITTEN`, `CHANGED`, or `ORDER_OVER`: it came to nothing.

        ``basket`` is what the order had taken: if it took another one since, nothing is written.
        """
        ...


@frozen(kw_only=True)
class Till:
    """Takes vouchers."""

    book: Vouchers
    bus: Bus
    clock: Clock
    order: "Callable[[str], Ordered | None]"
    """Returns an order; ``None`` where the ERP told none."""
    backoff: Backoff = field(default_factory=Backoff)

    def told_of(self, order_id: str) -> bool:
        """Tell whether the ERP told an order."""
        return self.order(order_id) is not None

    def show(self, typed: str) -> Voucher:
        """Return the voucher of a code as it counts now. Raises `UnknownVoucherError`."""
        known, now = self.book.voucher(_hash(typed)), to_text(self.clock.now())
        if known is None:
            raise UnknownVoucherError
        left_by = known.left_by(now)
        return known if left_by is None or self.told_of(left_by) else freed(known, left_by, now)

    def redeem(self, typed: str, wish: Wish) -> Voucher:
        """Let an order take a voucher, and return it.

        Raises `UnknownVoucherError`, `RefusedError`, and `OtherRequestError` where the request's key was used for
        something else.
        """
        asks = Asks(wish.request, hashed(f"{_hash(typed)}#{wish.asked}"))
        done_before = self.book.asked(wish.request) is not None  # asked before the voucher is read, which has it then

        def change(known: Voucher) -> Voucher:
            asked = self.book.asked(wish.request)
            if asked not in (None, asks.asked) or (known.request == wish.request and known.asked != wish.asked):
                raise OtherRequestError
            now = self.clock.now()
            return redeemed(
                known,
                order_id=wish.order_id,
                total=wish.total,
                currency=wish.currency,
                fee=wish.fee,
                request=wish.request,
                asked=wish.asked,
                now=to_text(now),
                held_until=to_text(now + HOLD),
                who=wish.who,
                done_before=done_before,
            )

        return self._changed(typed, change, cart=Cart(wish.total, wish.others), asks=asks)

    def release(self, typed: str, order_id: str) -> Voucher:
        """Let an order give a voucher back that it took and will not be placed with, and return it.

        Raises `UnknownVoucherError`, and `RefusedError` where it does not have it, or the ERP told the order.
        """

        def change(known: Voucher) -> Voucher:
            after = released(known, order_id, to_text(self.clock.now()))
            if after is not known and self.told_of(order_id):
                raise RefusedError(STANDS)
            return after

        return self._changed(typed, change, forget=order_id)

    def revoke(self, typed: str) -> Voucher:
        """Take a voucher back.

        Raises `UnknownVoucherError`, and `RefusedError` for one that was redeemed, or given for good.
        """
        return self._changed(typed, lambda known: revoked(known, to_text(self.clock.now())))

    def look(self, code: str) -> None:
        """Tell of a voucher, by the hash of its code, what is still to be told, and free what its order left."""
        self.change(code, lambda known: known)

    def change(
        self,
        code: str,
        change: Callable[[Voucher], Voucher],
        *,
        forget: str | None = None,
        cart: Cart | None = None,
        asks: Asks | None = None,
    ) -> Voucher | None:
        """Change the voucher with a code, by the code's hash, and tell of it; ``None`` where there is none.

        That the order ``forget`` took it is known no more then. ``cart`` is what the order has that is to take it,
        where it may be taken, ``asks`` the request.
        Raises what ``change`` raises, and `RefusedError` where the order that is to take it came to nothing, or has
        vouchers that do not go beside it, or leave nothing of what it comes to.
        """
        for _ in self.backoff.tries("a voucher"):
            known = self.book.voucher(code)
            if known is None:
                return None
            if not known.told:  # somebody died over it, or is telling it now
                known = self._tell(known, code)
            known = known and self._own(known, code)
            if known is None:
                continue
            after = change(known)
            if after is known:
                return known
            if cart is not None and after.state == REDEEMED and not after.told:
                after, outcome = self._take(known, after, code, cart, asks)
            else:
                now = self.clock.now()
                kept = self.book.keep_voucher(after, code, before=known, forget=forget, asks=asks, now=now)
                outcome = WRITTEN if kept else CHANGED
            if outcome == ORDER_OVER:
                raise RefusedError(ORDER_OVER)
            told = (after if after.told else self._tell(after, code)) if outcome == WRITTEN else None
            if told is not None:
                return told
        raise AssertionError("tries raise at their end")

    def _own(self, known: Voucher, code: str) -> Voucher | None:
        """Return a voucher after time did what it does; ``None``: it changed meanwhile.

        It is over where nobody redeemed it, and an order that nobody placed in time gives it back.

        That the order took it is known on: where it is placed after all, it takes it again.
        """
        now = self.clock.now()
        order_id = known.left_by(to_text(now))
        if order_id is None:
            after = lapsed(known, to_text(now))
        else:
            after = placed(known, order_id) if self.told_of(order_id) else freed(known, order_id, to_text(now))
        if after is known:
            return known
        if not self.book.keep_voucher(after, code, before=known, now=now):
            return None
        return after if after.told else self._tell(after, code)

    def _take(self, known: Voucher, voucher: Voucher, code: str, cart: Cart, asks: Asks | None) -> tuple[Voucher, str]:
        """Write a voucher that an order takes, as far as that is not covered; return it, and what came of it.

        Raises `RefusedError` where it does not go beside what the order took before, or that leaves nothing.
        """
        assert voucher.redeemed_for is not None  # noqa: S101 - as `change` sees to
        basket = self.book.basket(voucher.redeemed_for)
        kept = [self.book.voucher(each) for each in basket.codes if each != code]
        others = [each for each in kept if each is not None and each.redeemed_for == voucher.redeemed_for]
        if cart.others is not None:
            named = any((exact := read(each)) is None or digest(exact) != code for each in cart.others)
            if not go_together(voucher, others, named=named):
                raise RefusedError(ALONE)
        if cart.total is not None:
            voucher = within(voucher, others, cart.total)
            if cart.others is not None and not voucher.taken_off:
                raise RefusedError(COVERED)
        return voucher, self.book.take(voucher, code, basket, before=known, asks=asks, now=self.clock.now())

    def _tell(self, voucher: Voucher, code: str) -> Voucher | None:
        """Tell of a voucher's last change, and return it as it is noted; ``None`` where it changed meanwhile."""
        self.bus.publish([self._event(voucher)])
        noted = replace(voucher, told=True, edition=voucher.edition + 1)
        return noted if self.book.keep_voucher(noted, code, now=self.clock.now()) else None

    def _event(self, voucher: Voucher) -> VoucherRedeemed | VoucherRevoked | VoucherFreed:
        if voucher.state != REVOKED or voucher.revoked_at is None:
            return _event(voucher)
        late = self.order(voucher.order_id)
        return VoucherRevoked(
            id=f"{voucher.grant_id}#revoked",
            at=voucher.revoked_at,
            edition=voucher.edition,
            grant_id=voucher.grant_id,
            granted_for=voucher.order_id,
            address=None if late is None else late.address,
            references=[of_grant(voucher.grant_id)],
        )

    def _changed(self, typed: str, change: Callable[[Voucher], Voucher], **more: Any) -> Voucher:  # noqa: ANN401 - as `change`
        changed = self.change(_hash(typed), change, **more)
        if changed is None:
            raise UnknownVoucherError
        return changed


def _redeemer(said: Mapping[str, Any]) -> Redeemer:
    """Read who redeems; of an address only its key goes on."""
    email = address.typed(said.get("email") or "")
    return Redeemer(said.get("id"), address.mailbox_key(email) if email else None)


def _hash(typed: str) -> str:
    """Return the hash of a code; of what can be none, too, so that it is looked for as long as any other."""
    return digest(read(typed) or typed)


def _event(voucher: Voucher) -> VoucherRedeemed | VoucherFreed:
    if voucher.state == GRANTED and voucher.freed_at is not None and voucher.freed_from is not None:
        return VoucherFreed(
            id=f"{voucher.grant_id}#freed#{voucher.edition}",
            at=voucher.freed_at,
            edition=voucher.edition,
            grant_id=voucher.grant_id,
            granted_for=voucher.order_id,
            order_id=voucher.freed_from,
            expires_at=voucher.expires_at if voucher.prolonged else None,
        )
    assert voucher.redeemed_at is not None  # noqa: S101 - nothing else is left untold
    assert voucher.redeemed_for is not None  # noqa: S101 - as above
    return VoucherRedeemed(
        id=f"{voucher.grant_id}#redeemed#{voucher.edition}",
        at=voucher.redeemed_at,
        edition=voucher.edition,
        grant_id=voucher.grant_id,
        granted_for=voucher.order_id,
        order_id=voucher.redeemed_for,
        taken_off={"amount": voucher.taken_off or 0, "currency": voucher.currency},
    )


def hashed(text: str) -> str:
    """Return a text that names a request, and does not tell its key."""
    return hashlib.sha256(text.encode()).hexdigest()
