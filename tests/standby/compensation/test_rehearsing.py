"""A rehearsal costs what granting would: by the same rules, caps and budgets, and it grants nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.policy_model import (
    CAPPED,
    FEE_BACK,
    HELD_OUT,
    NO_BUDGET,
    NO_RULE,
    PERCENT_OFF,
    TOO_SHORT,
    VOUCHER,
    Case,
    Choice,
    Conditions,
    Level,
    Policy,
    Remedy,
    Rule,
)
from standby.compensation.rehearsing import Given, Past, Rehearsal

pytestmark = pytest.mark.promise("P6")

EUR, MAY, JUNE = "EUR", "2026-05", "2026-06"
FIXED = Rule(name="fixed", levels=(Level(3, Remedy(VOUCHER, 500, EUR)), Level(10, Remedy(VOUCHER, 1_500, EUR))))
PERCENT = Rule(
    name="percent",
    levels=(Level(3, Remedy(PERCENT_OFF, 1_000, EUR, 10)),),
    when=Conditions(at_least=1, currency=EUR),
)
FEE = Rule(name="fee", levels=(Level(1, Remedy(FEE_BACK)),))


def policy(*rules: Rule, **more: Any) -> Policy:
    return Policy(version=0, rules=rules, monthly_budget={EUR: more.pop("budget", 1_000_000)}, **more)


def late(order_id: str = "O-1", days: int = 5, *, month: str = MAY, customer: str | None = None, **case: Any) -> Past:
    return Past(order_id, month, Case(days_late=days, **case), customer)


def priced(value: int) -> dict[str, Any]:
    return {"order_value": value, "late_value": value, "currency": EUR}


def test_each_shipment_is_given_the_level_that_its_delay_reached() -> None:
    rehearsal = Rehearsal(policy(FIXED))

    assert [rehearsal.take(late(str(days), days)) for days in (2, 3, 12)] == [
        TOO_SHORT,
        Given(500, EUR, "fixed"),
        Given(1_500, EUR, "fixed"),
    ]
    assert (rehearsal.late, rehearsal.orders, rehearsal.costs[EUR].total.amount) == (3, 2, 2_000)


def test_a_percentage_is_for_orders_of_which_the_value_is_known_and_never_more_than_was_paid() -> None:
    rehearsal = Rehearsal(policy(PERCENT))

    assert rehearsal.take(late()) == NO_RULE
    assert rehearsal.take(late(**priced(400))) == Given(400, EUR, "percent")
    assert rehearsal.take(late(**priced(99_000))) == Given(1_000, EUR, "percent")


def test_caps_and_the_months_budget_hold() -> None:
    rehearsal = Rehearsal(policy(FIXED, per_order={EUR: 800}, per_customer_month={EUR: 1_200}, budget=1_900))

    taken = [
        rehearsal.take(late("A", customer="ana")),
        rehearsal.take(late("A", customer="ana")),  # the order has 300 left
        rehearsal.take(late("A", customer="ana")),
        rehearsal.take(late("B", customer="ana")),  # the customer has 400 left
        rehearsal.take(late("C", customer="ben")),
        rehearsal.take(late("D", customer="cem")),  # the month has 200 left
        rehearsal.take(late("D", customer="ana", month=JUNE)),
    ]
    assert [each.amount if isinstance(each, Given) else each for each in taken] == [
        500,
        300,
        CAPPED,
        400,
        500,
        NO_BUDGET,
        500,
    ]
    assert {month: each.amount for month, each in rehearsal.costs[EUR].by_month.items()} == {MAY: 1_700, JUNE: 500}


def test_an_orders_delivery_fee_is_given_back_once() -> None:
    rehearsal = Rehearsal(policy(FEE))
    fee: dict[str, Any] = {"fee": 490, "fee_currency": EUR}

    assert rehearsal.take(late("A", **fee)) == Given(490, EUR, "fee")
    assert rehearsal.take(late("A", **fee)) == NO_RULE
    assert rehearsal.take(late("B", **fee)) == Given(490, EUR, "fee")


def test_a_choice_costs_what_its_dearest_remedy_can_and_offers_the_fee_once() -> None:
    offered = Choice((Remedy(FEE_BACK), Remedy(VOUCHER, 500, EUR)), days=14)
    rehearsal = Rehearsal(policy(Rule(name="choice", levels=(Level(1, choice=offered),)), FEE))
    fee: dict[str, Any] = {"fee": 490, "fee_currency": EUR, **priced(9_000)}

    assert [rehearsal.take(late("A", **fee)) for _ in range(2)] == [Given(500, EUR, "choice")] * 2
    assert {kind: each.amount for kind, each in rehearsal.costs[EUR].by_kind.items()} == {"choice": 500, "voucher": 500}


def test_who_is_held_out_costs_nothing() -> None:
    rehearsal = Rehearsal(policy(FIXED, holdout_percent=50))
    taken = [rehearsal.take(late(f"O-{number}", customer=f"ana-{number}")) for number in range(40)]
    assert {HELD_OUT: 1, Given(500, EUR, "fixed"): 1}.keys() == set(taken)
    assert rehearsal.costs[EUR].total.amount == 500 * (40 - rehearsal.refused[HELD_OUT])


pasts = st.lists(
    st.builds(
        late,
        st.sampled_from("ABC"),
        st.integers(1, 20),
        month=st.sampled_from([MAY, JUNE]),
        customer=st.sampled_from([None, "ana", "ben"]),
        tier=st.sampled_from([None, "gold"]),
        order_value=st.sampled_from([None, 300, 9_000]),
        currency=st.just(EUR),
    ),
    max_size=30,
)


@given(pasts)
def test_every_sum_of_it_is_the_total(shipments: list[Past]) -> None:
    rehearsal = Rehearsal(policy(PERCENT, FIXED, per_order={EUR: 2_000}, budget=6_000))
    taken = [rehearsal.take(each) for each in shipments]

    given_ = [each for each in taken if isinstance(each, Given)]
    total = sum(each.amount for each in given_)
    assert len(given_) + rehearsal.refused.total() == rehearsal.late == len(shipments)
    for costs in rehearsal.costs.values():
        assert costs.total.amount == total
        for sums in (costs.by_rule, costs.by_month, costs.by_tier, costs.by_kind):
            assert (sum(each.amount for each in sums.values()), sum(each.count for each in sums.values())) == (
                total,
                len(given_),
            )
        assert sum(each.total() for each in costs.by_month_and_rule.values()) == total
        assert all(each.amount <= 6_000 for each in costs.by_month.values())
