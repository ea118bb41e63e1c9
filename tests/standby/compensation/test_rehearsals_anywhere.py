"""A rehearsal of the policy in force comes to what it granted, to the minor unit, after any history."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promises.shop import Shop
from tests.promises.unruly import searching
from tests.standby.compensation.rehearser import Rehearser, cost
from tests.standby.compensation.remedied import FEE, eur, percent, rule, voucher
from tests.world import furnish

pytestmark = pytest.mark.promise("P6", "P10")

RULES = (
    rule(FEE, voucher(4, 900), name="app", channels=["app"]),
    rule(percent(2, 10, 700), voucher(5, 1_600), name="gold", tiers=["gold"]),
    rule(voucher(2, 500), voucher(5, 1_500)),
)
ABOUT: tuple[dict[str, Any], ...] = (
    {"channel": "app"},
    {"customer": {"tier": "gold"}},
    {},
    {"payment_status": "pending"},
    {"skus": ("LAMP", "SHADE")},
)
NUMBERS = st.integers(0, len(ABOUT) - 1)
STEPS = st.one_of(
    *[st.tuples(st.just("gets_late"), NUMBERS, st.integers(1, 8))] * 4,
    st.tuples(st.just("hears_again"), NUMBERS, st.just(0)),
    st.tuples(st.just("returned"), NUMBERS, st.just(0)),
    st.tuples(st.just("paid"), NUMBERS, st.just(0)),
    st.tuples(st.just("passes"), NUMBERS, st.sampled_from([0, 3, 17])),
)
LIMITS = st.fixed_dictionaries(
    {"budget": st.sampled_from([1_900, 3_100, 100_000])},
    optional={
        "per_order": st.just([eur(1_200)]),
        "per_customer_month": st.just([eur(1_700)]),
        "holdout_percent": st.just(30),
        "grace_hours": st.just(24),
    },
)


class History(Rehearser):
    """Five orders of two customers."""

    def begins_with(self) -> None:
        """Let five orders be placed."""
        for number in range(len(ABOUT)):
            self.placed(number)

    def placed(self, number: int, **more: Any) -> None:
        """Let an order be placed, or said anew."""
        self.places(f"O-{number}", until=6, email=f"ana-{number % 2}@example.org", **{**ABOUT[number], **more})

    def gets_late(self, number: int, days: int) -> None:
        """Let an order be expected later."""
        self.late(f"O-{number}", days=days, promised=6)

    def hears_again(self, _number: int, _days: int) -> None:
        """Let all that was told of delays be heard once more."""
        for name, event in [*self.shop.world.events]:
            if name == "DelayDetected":
                self.hears(name, **event)

    def returned(self, number: int, _: int) -> None:
        """Let an order come back."""
        self.tells("returned", f"O-{number}", occurred_at=self.now())

    def paid(self, number: int, _: int) -> None:
        """Let an order be paid."""
        self.placed(number, payment_status="paid")

    def passes(self, _: int, days: int) -> None:
        """Let time pass, and let it be looked what is due."""
        self.shop.world.clock.advance(days=days, minutes=1)
        self.shop.world.send("CompensationRecords", {"sweep": "due"})
        self.shop.world.settle()


@searching(examples=25, steps=1)
@given(st.lists(STEPS, min_size=3, max_size=14), LIMITS)
def test_a_rehearsal_of_the_policy_in_force_comes_to_what_was_granted(
    steps: list[tuple[str, int, int]], limits: dict[str, Any]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("standby.compensation.rehearsals.GATHERED", 3)
        patched.setattr("standby.compensation.rehearsals.DECIDED", 2)
        made = History(Shop(furnish(patched)))
        made.sets(*RULES, **limits)
        made.begins_with()
        for name, number, days in steps:
            getattr(made, name)(number, days)
            made.shop.world.clock.advance(seconds=1)
        grants = [grant for number in range(len(ABOUT)) for grant in made.of(f"O-{number}").grants]

        shown = made.rehearses(*RULES, **limits)

        granted = {"EUR": sum(grant.amount for grant in grants)} if grants else {}
        assert cost(shown) == cost(shown, "current") == granted
        assert sum(each["remedies"] for each in shown["policy"]["cost"]) == len(grants)
        months: dict[str, int] = {}
        for grant in grants:
            months[grant.month] = months.get(grant.month, 0) + grant.amount
        shown_months = {each["name"]: each["amount"] for part in shown["policy"]["cost"] for each in part["by_month"]}
        assert shown_months == months
