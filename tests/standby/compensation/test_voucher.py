"""A voucher's life: redeemed once, provisional until the order stands, and never after it was taken back or is over."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.voucher_model import (
    CURRENCY,
    OVER,
    TAKEN_BACK,
    USED,
    RefusedError,
    Voucher,
    freed,
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
    assert freed(once, "OTHER") == once
    again = redeem(freed(once, "NEXT"), "AFTER", request="r2")
    assert (again.redeemed_for, again.taken_off) == ("AFTER", 500)
    assert freed(stood(again, "AFTER"), "AFTER").state == "stood"


STEPS = st.lists(
    st.tuples(st.sampled_from(["redeem", "stand", "free", "revoke", "pass"]), st.sampled_from("AB")), max_size=12
)


@dataclass
class Plain:
    """The same life as a list of what happened."""

    log: list[str] = field(default_factory=list)
    now: int = 0

    def does(self, step: str, order: str) -> str | None:
        taken = self.log[-1:] and self.log[-1] in ("A", "B") and self.log[-1]
        if step == "pass":
            self.now += 30
        elif step == "redeem":
            if self.log[-1:] == ["revoked"]:
                return TAKEN_BACK
            if taken == order:
                return None  # the same request
            if taken or self.log[-1:] == ["stood"]:
                return None if self.log[-1:] == ["stood"] and self.log[-2] == order else USED
            if self.now >= ENDS:
                return OVER
            self.log.append(order)
        elif step == "revoke":
            if taken or self.log[-1:] == ["stood"]:
                return USED
            self.log.append("revoked")
        elif taken == order:
            self.log.append("stood") if step == "stand" else self.log.clear()
        return None


@given(STEPS)
def test_any_history_ends_as_a_plain_list_of_what_happened_says(steps: list[tuple[str, str]]) -> None:
    known, plain = VOUCHER, Plain()
    for step, order in steps:
        expected, found = plain.does(step, order), None
        try:
            if step == "redeem":
                known = redeem(known, order, now=plain.now, request=order)
            elif step == "revoke":
                known = revoked(known, f"{plain.now:03}")
            elif step != "pass":
                known = (stood if step == "stand" else freed)(known, order)
        except RefusedError as refused:
            found = refused.why
        assert found == expected
    ends = {"A": "redeemed", "B": "redeemed"}
    assert known.state == (ends.get(plain.log[-1], plain.log[-1]) if plain.log else "granted")
