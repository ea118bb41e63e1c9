"""Vouchers at a checkout: looked up, redeemed once, taken back.

A change is written first, then told, then it is noted that it was told; the same request again goes on where it ended.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, NamedTuple, Protocol

from standby.compensation.codes import digest, read
from standby.compensation.voucher_model import REVOKED, Voucher, redeemed, revoked
from standby.events.remedy import VoucherRedeemed, VoucherRevoked
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

    @classmethod
    def of(cls, caller: str, key: str, body: Mapping[str, Any]) -> "Wish":
        """Read a checked body. ``caller`` and ``key`` name the request."""
        total, fee = body["order_total"], body.get("delivery_fee")
        return cls(
            order_id=body["order_id"],
            total=total["amount"],
            currency=total["currency"],
            fee=None if fee is None else fee["amount"],
            request=_hash(f"{caller}#{key}"),
            asked=_hash(to_json([body["order_id"], total, fee])),
        )


class Vouchers(Protocol):
    """Where vouchers are kept. Every method raises `BusyError`."""

    def voucher(self, code: str) -> Voucher | None:
        """Return the voucher with a code, by the code's hash."""
        ...

    def keep_voucher(self, voucher: Voucher, code: str) -> bool:
        """Write a voucher if its edition is still the one before; tell whether it was."""
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

        return self._changed(typed, change)

    def revoke(self, typed: str) -> Voucher:
        """Take a voucher back. Raises `UnknownVoucherError`, and `RefusedError` for one that was redeemed."""
        return self._changed(typed, lambda known: revoked(known, to_text(self.clock.now())))

    def _known(self, typed: str) -> tuple[str, Voucher]:
        code = read(typed)
        kept = None if code is None else self.book.voucher(digest(code))
        if code is None or kept is None:
            raise UnknownVoucherError
        return digest(code), kept

    def _changed(self, typed: str, change: Callable[[Voucher], Voucher]) -> Voucher:
        for _ in self.backoff.tries("a voucher"):
            code, known = self._known(typed)
            after = change(known)
            if after is not known and not self.book.keep_voucher(after, code):
                continue
            if after.told:
                return after
            self.bus.publish([_event(after)])
            noted = replace(after, told=True, edition=after.edition + 1)
            if self.book.keep_voucher(noted, code):
                return noted
        raise AssertionError("tries raise at their end")


def _event(voucher: Voucher) -> VoucherRedeemed | VoucherRevoked:
    if voucher.state == REVOKED and voucher.revoked_at is not None:
        return VoucherRevoked(
            id=f"{voucher.grant_id}#revoked",
            at=voucher.revoked_at,
            grant_id=voucher.grant_id,
            granted_for=voucher.order_id,
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


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
