"""A voucher's life: redeemed once, provisional until the order stands, and never after it was taken back or is over."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.voucher_model import (
    CURRENCY,
    OVER,
    REQUEST_OVER,
    TAKEN_BACK,
    USED,
    RefusedError,
    Voucher,
    freed,
    named,
    redeemed,
    revoked,
    stood,
)

ENDS = 50
VOUCHER = Voucher(
    grant_id="g1",
    order_id="LATE",
    kind="voucher",
    amount=500,
    currency="EUR",
    granted_at="000",
    expires_at=f"{ENDS:03}",
)


def redeem(known: Voucher, order_id: str = "NEXT", *, now: int = 10, request: str = "r", **more: Any) -> Voucher:
    said = {"total": 4_000, "currency": "EUR", "fee": None, **more}
    return redeemed(known, order_id=order_id, request=request, now=f"{now:03}", **said)


@pytest.mark.parametrize(
    ("kind", "more", "taken_off"),
    [
        ({"kind": "voucher"}, {}, 500),
        ({"kind": "voucher"}, {"total": 300}, 300),
        ({"kind": "percent_off", "percent": 10}, {"total": 4_009}, 400),
        ({"kind": "percent_off", "percent": 10}, {"total": 9_000}, 500),
        ({"kind": "free_shipping"}, {}, 500),
        ({"kind": "free_shipping"}, {"fee": 390}, 390),
        ({"kind": "free_shipping"}, {"fee": 900}, 500),
    ],
    ids=["amount", "small order", "percent", "percent capped", "shipping", "cheap shipping", "dear shipping"],
)
def test_it_takes_off_what_it_is_worth_for_that_order(kind: Any, more: Any, taken_off: int) -> None:
    fields = {**{name: getattr(VOUCHER, name) for name in Voucher.__annotations__}, **kind}
    assert redeem(Voucher(**fields), **more).taken_off == taken_off


def test_the_same_request_is_answered_the_same_and_another_is_refused() -> None:
    once = redeem(VOUCHER)
    assert redeem(once, now=ENDS + 1) == once
    with pytest.raises(RefusedError, match=USED):
        redeem(once, "OTHER", request="another")


def test_a_voucher_of_another_currency_is_refused() -> None:
    with pytest.raises(RefusedError, match=CURRENCY):
        redeem(VOUCHER, currency="ILS")


def test_an_order_that_came_to_nothing_frees_the_voucher_that_it_took_and_no_other_order_does() -> None:
    once = redeem(VOUCHER)
    assert freed(once, "OTHER", "011") == once
    again = redeem(freed(once, "NEXT", "011"), "AFTER", request="r2")
    assert (again.redeemed_for, again.taken_off, again.freed_from) == ("AFTER", 500, None)
    assert freed(stood(again, "AFTER"), "AFTER", "012").state == "stood"


def test_a_request_whose_order_came_to_nothing_redeems_nothing_when_it_comes_again() -> None:
    free = freed(redeem(VOUCHER), "NEXT", "011")
    with pytest.raises(RefusedError, match=REQUEST_OVER):
        redeem(free)


STEPS = st.lists(
    st.tuples(st.sampled_from(["redeem", "name", "stand", "free", "revoke", "passes"]), st.sampled_from("AB")),
    max_size=12,
)


@dataclass
class Plain:
    """The same life as who has it, and what became of that."""

    now: int = 0
    has: str | None = None
    by: str | None = None
    """The request that redeemed it; ``None``: its order named the code."""
    ended: str | None = None
    spent: set[str] = field(default_factory=set)

    def redeem(self, order: str) -> str | None:
        if self.has == order and self.by in (order, None):
            self.by = order
            return None
        if order in self.spent:
            return REQUEST_OVER
        why = TAKEN_BACK if self.ended == "revoked" else USED if self.has else OVER if self.now >= ENDS else None
        if why is None:
            self.has = self.by = order
        return why

    def revoke(self, _order: str) -> str | None:
        if self.has:
            return USED
        self.ended = "revoked"
        return None

    def name(self, order: str) -> None:
        if not self.has and not self.ended and self.now < ENDS:
            self.has, self.by = order, None

    def stand(self, order: str) -> None:
        if self.has == order:
            self.ended = "stood"

    def free(self, order: str) -> None:
        if self.has == order and not self.ended:
            self.spent |= {self.by} if self.by else set()
            self.has = self.by = None

    def passes(self, _order: str) -> None:
        self.now += 30


def lives(known: Voucher, step: str, order: str, now: str) -> Voucher:
    """Return a voucher after a step."""
    match step:
        case "redeem":
            return redeem(known, order, now=int(now), request=order)
        case "revoke":
            return revoked(known, now)
        case "name":
            return named(known, order, taken_off=500, as_of=now, now=now)
        case "stand":
            return stood(known, order)
        case "free":
            return freed(known, order, now)
    return known


@given(STEPS)
def test_any_history_ends_as_a_plain_list_of_what_happened_says(steps: list[tuple[str, str]]) -> None:
    known, plain = VOUCHER, Plain()
    for step, order in steps:
        now, expected, found = f"{plain.now:03}", getattr(plain, step)(order), None
        try:
            known = lives(known, step, order, now)
        except RefusedError as refused:
            found = refused.why
        assert found == expected
    assert known.state == (plain.ended or ("redeemed" if plain.has else "granted"))
    assert known.redeemed_for == plain.has
