"""Vouchers at a checkout: looked up, redeemed once, taken back.

A change is written first, then told, then it is noted that it was told; the same request again goes on where it ended.
A voucher that was redeemed is provisional until its order stands (`following`).
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, NamedTuple, Protocol

from standby.compensation.codes import digest, read
from standby.compensation.model import CHANGED, WRITTEN
from standby.compensation.voucher_model import (
    ALONE,
    GRANTED,
    ORDER_OVER,
    REDEEMED,
    REVOKED,
    Basket,
    RefusedError,
    Voucher,
    go_together,
    redeemed,
    released,
    revoked,
)
from standby.events.remedy import VoucherFreed, VoucherRedeemed, VoucherRevoked
from standby.platform.backoff import Backoff
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json


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

    @classmethod
    def of(cls, caller: str, key: str, body: Mapping[str, Any]) -> "Wish":
        """Read a checked body. ``caller`` and ``key`` name the request."""
        total, fee = body["order_total"], body.get("delivery_fee")
        others = sorted(set(body.get("other_codes") or ()))
        return cls(
            order_id=body["order_id"],
            total=total["amount"],
            currency=total["currency"],
            fee=None if fee is None else fee["amount"],
            request=hashed(f"{caller}#{key}"),
            asked=hashed(to_json([body["order_id"], total, fee, *([others] if others else [])])),
            others=frozenset(others),
        )


class Vouchers(Protocol):
    """Where vouchers are kept. Every method raises `BusyError`."""

    def voucher(self, code: str) -> Voucher | None:
        """Return the voucher with a code, by the code's hash."""
        ...

    def keep_voucher(self, voucher: Voucher, code: str, *, forget: str | None = None) -> bool:
        """Write a voucher if its edition is still the one before; tell whether it was.

        That the order ``forget`` took it is known no more then.
        """
        ...

    def vouchers(self, codes: Sequence[str]) -> Mapping[str, Voucher]:
        """Return vouchers by the hashes of their codes; those that are kept no more are left out."""
        ...

    def basket(self, order_id: str) -> Basket:
        """Return what an order has taken."""
        ...

    def take(self, voucher: Voucher, code: str, basket: Basket | None = None) -> str:
        """Write a voucher that an order takes; return `WRITTEN`, `CHANGED`, or `ORDER_OVER`: it came to nothing.

        ``basket`` is what the order had taken, if that matters: if it took another one since, nothing is written.
        """
        ...


@frozen(kw_only=True)
class Till:
    """Takes vouchers."""

    book: Vouchers
    bus: Bus
    clock: Clock
    backoff: Backoff = field(default_factory=Backoff)

    def show(self, typed: str) -> Voucher:
        """Return the voucher of a code. Raises `UnknownVoucherError`."""
        return self._known(typed)[1]

    def redeem(self, typed: str, wish: Wish) -> Voucher:
        """Let an order take a voucher, and return it.

        Raises `UnknownVoucherError`, `RefusedError`, and `OtherRequestError` where the request's key was used for
        something else.
        """

        def change(known: Voucher) -> Voucher:
            if known.request == wish.request and known.asked != wish.asked:
                raise OtherRequestError
            return redeemed(
                known,
                order_id=wish.order_id,
                total=wish.total,
                currency=wish.currency,
                fee=wish.fee,
                request=wish.request,
                asked=wish.asked,
                now=to_text(self.clock.now()),
            )

        return self._changed(typed, change, beside=wish.others)

    def release(self, typed: str, order_id: str) -> Voucher:
        """Let an order give a voucher back that it took and will not be placed with, and return it.

        Raises `UnknownVoucherError`, and `RefusedError` where it does not have it, or something of it left.
        """
        return self._changed(typed, lambda known: released(known, order_id, to_text(self.clock.now())), forget=order_id)

    def revoke(self, typed: str) -> Voucher:
        """Take a voucher back. Raises `UnknownVoucherError`, and `RefusedError` for one that was redeemed."""
        return self._changed(typed, lambda known: revoked(known, to_text(self.clock.now())))

    def change(
        self,
        code: str,
        change: Callable[[Voucher], Voucher],
        *,
        forget: str | None = None,
        beside: Collection[str] | None = None,
    ) -> Voucher | None:
        """Change the voucher with a code, by the code's hash, and tell of it; ``None`` where there is none.

        That the order ``forget`` took it is known no more then. ``beside`` are the other codes that the order has
        that is to take it; ``None``: it takes it whatever it has, since it was placed with it.
        Raises what ``change`` raises, and `RefusedError` where the order that is to take it came to nothing.
        """
        for _ in self.backoff.tries("a voucher"):
            known = self.book.voucher(code)
            if known is None:
                return None
            if not known.told:  # somebody died over it, or is telling it now
                known = self._tell(known, code)
                if known is None:
                    continue
            after = change(known)
            if after is known:
                return known
            outcome = self._keep(known, after, code, forget, beside)
            if outcome == ORDER_OVER:
                raise RefusedError(ORDER_OVER)
            told = (after if after.told else self._tell(after, code)) if outcome == WRITTEN else None
            if told is not None:
                return told
        raise AssertionError("tries raise at their end")

    def _keep(
        self, known: Voucher, after: Voucher, code: str, forget: str | None, beside: Collection[str] | None
    ) -> str:
        if after.state == REDEEMED and known.state != REDEEMED:
            basket = None if beside is None else self._fitting(after, code, beside)
            return self.book.take(after, code, basket)
        return WRITTEN if self.book.keep_voucher(after, code, forget=forget) else CHANGED

    def _fitting(self, voucher: Voucher, code: str, beside: Collection[str]) -> Basket:
        """Return what an order took before. Raises `RefusedError` where a voucher does not go beside that."""
        assert voucher.redeemed_for is not None  # noqa: S101 - as `_keep` sees to
        basket = self.book.basket(voucher.redeemed_for)
        kept = self.book.vouchers([each for each in basket.codes if each != code])
        others = [each for each in kept.values() if each.redeemed_for == voucher.redeemed_for]
        named = any((exact := read(each)) is None or digest(exact) != code for each in beside)
        if not go_together(voucher, others, named=named):
            raise RefusedError(ALONE)
        return basket

    def _tell(self, voucher: Voucher, code: str) -> Voucher | None:
        """Tell of a voucher's last change, and return it as it is noted; ``None`` where it changed meanwhile."""
        self.bus.publish([_event(voucher)])
        noted = replace(voucher, told=True, edition=voucher.edition + 1)
        return noted if self.book.keep_voucher(noted, code) else None

    def _known(self, typed: str) -> tuple[str, Voucher]:
        code = _hash(typed)
        kept = self.book.voucher(code)
        if kept is None:
            raise UnknownVoucherError
        return code, kept

    def _changed(
        self,
        typed: str,
        change: Callable[[Voucher], Voucher],
        *,
        forget: str | None = None,
        beside: Collection[str] | None = None,
    ) -> Voucher:
        changed = self.change(_hash(typed), change, forget=forget, beside=beside)
        if changed is None:
            raise UnknownVoucherError
        return changed


def _hash(typed: str) -> str:
    """Return the hash of a code; of what can be none, too, so that it is looked for as long as any other."""
    return digest(read(typed) or typed)


def _event(voucher: Voucher) -> VoucherRedeemed | VoucherRevoked | VoucherFreed:
    if voucher.state == REVOKED and voucher.revoked_at is not None:
        return VoucherRevoked(
            id=f"{voucher.grant_id}#revoked",
            at=voucher.revoked_at,
            grant_id=voucher.grant_id,
            granted_for=voucher.order_id,
        )
    if voucher.state == GRANTED and voucher.freed_at is not None and voucher.freed_from is not None:
        return VoucherFreed(
            id=f"{voucher.grant_id}#freed#{voucher.freed_at}",
            at=voucher.freed_at,
            grant_id=voucher.grant_id,
            granted_for=voucher.order_id,
            order_id=voucher.freed_from,
        )
    assert voucher.redeemed_at is not None  # noqa: S101 - nothing else is left untold
    assert voucher.redeemed_for is not None  # noqa: S101 - as above
    return VoucherRedeemed(
        id=f"{voucher.grant_id}#redeemed#{voucher.redeemed_at}",
        at=voucher.redeemed_at,
        grant_id=voucher.grant_id,
        granted_for=voucher.order_id,
        order_id=voucher.redeemed_for,
        taken_off={"amount": voucher.taken_off or 0, "currency": voucher.currency},
    )


def hashed(text: str) -> str:
    """Return a text that names a request, and does not tell its key."""
    return hashlib.sha256(text.encode()).hexdigest()
