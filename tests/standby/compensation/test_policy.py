"""What a policy gives for a case: the first rule that fits, the level that is reached, never more than was paid."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.policy_model import Case, Entitled, difference, entitled, rule_for
from standby.compensation.reading import UnsoundError, policy_of
from standby.platform.schema import UnfitError, reader

from tests.standby.compensation.remedied import FEATURE, FEE, TWO_LEVELS, document, eur, percent, policy, rule, voucher

CASE = Case(days_late=3, cause="carrier", order_value=4_000, currency="EUR", late_value=4_000, country="DE")
SHIPPING = {"days_late": 1, "remedy": {"kind": "free_shipping", "amount": eur(600)}}


def worth(made: Any, **facts: Any) -> Any:
    found = entitled(made, replace(CASE, **facts))
    return (found.rule, found.level, found.value) if isinstance(found, Entitled) else found


@pytest.mark.parametrize(
    ("when", "met", "missed"),
    [
        ({"causes": ["carrier", "customs"]}, {"cause": "customs"}, {"cause": None}),
        ({"tiers": ["gold"]}, {"tier": "gold"}, {"tier": "silver"}),
        ({"countries": ["DE"]}, {"country": "DE"}, {"country": None}),
        ({"channels": ["app"]}, {"channel": "app"}, {"channel": "web"}),
        ({"categories": ["lamps"]}, {"categories": frozenset({"lamps", "x"})}, {"categories": frozenset({"x"})}),
        ({"value_at_least": eur(4_000)}, {"order_value": 4_000}, {"order_value": 3_999}),
        ({"value_below": eur(4_000)}, {"order_value": 3_999}, {"order_value": 4_000}),
        ({"policy": "strike"}, {"policy": "strike"}, {"policy": None}),
    ],
    ids=["cause", "tier", "country", "channel", "category", "at least", "below", "policy"],
)
def test_a_rule_is_for_the_orders_that_meet_its_condition(when: Any, met: Any, missed: Any) -> None:
    made = policy(rule(voucher(1, 500), name="some", **when))
    assert worth(made, **met) == ("some", 1, 500)
    assert worth(made, **missed) == "no_rule"


def test_the_first_rule_that_fits_counts_though_a_later_one_gives_more() -> None:
    made = policy(rule(voucher(9, 100), name="first", tiers=["gold"]), rule(voucher(1, 900), name="rest"))
    assert worth(made, tier="gold") == "level_not_reached"
    assert worth(made) == ("rest", 1, 900)


def test_a_delay_whose_incident_names_a_policy_gets_nothing_by_other_rules() -> None:
    assert worth(policy(TWO_LEVELS), policy="strike") == "no_rule"


@pytest.mark.parametrize(("days", "level"), [(1, None), (2, 2), (4, 2), (5, 5), (400, 5)], ids=str)
def test_the_longest_level_that_is_reached_counts(days: int, level: int | None) -> None:
    found = entitled(policy(rule(voucher(5, 1_500), voucher(2, 500))), replace(CASE, days_late=days))
    assert (found.level if isinstance(found, Entitled) else None) == level


def test_an_order_without_prices_gets_what_is_fixed_and_no_percentage() -> None:
    made = policy(rule(percent(1, 10, 1_000), name="percent"), rule(voucher(1, 500), name="fixed"))
    unknown = {"order_value": None, "currency": None, "late_value": None}
    assert worth(made) == ("percent", 1, 1_000)
    assert worth(made, **unknown) == ("fixed", 1, 500)
    assert worth(made, currency="ILS") == "no_rule"


def test_nothing_is_worth_more_than_what_is_late_cost() -> None:
    made = policy(rule(voucher(1, 500)))
    assert worth(made, late_value=300) == ("all", 1, 300)
    assert worth(made, late_value=-300) == ("all", 1, 0)


def test_the_delivery_fee_back_is_worth_the_fee_and_free_shipping_what_it_may_cost() -> None:
    assert worth(policy(rule(FEE)), fee=490, fee_currency="EUR") == ("all", 1, 490)
    assert worth(policy(rule(FEE))) == "no_rule"
    assert worth(policy(rule(SHIPPING))) == ("all", 1, 600)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"cause": "customer"}, "cause"),
        ({"customer_type": "staff"}, "customer_type"),
        ({"unpaid": True}, "unpaid"),
        ({"gone": True}, "cancelled"),
    ],
    ids=["their own doing", "staff", "unpaid", "cancelled"],
)
def test_who_is_excluded_gets_nothing_and_it_is_said_why(facts: Any, why: str) -> None:
    assert worth(policy(TWO_LEVELS), **facts) == why


def test_a_shop_may_exclude_others_or_nobody() -> None:
    made = policy(TWO_LEVELS, exclusions={"causes": ["weather"], "customer_types": [], "unpaid": False})
    assert worth(made, cause="weather") == "cause"
    assert worth(made, cause="customer", customer_type="staff", unpaid=True) == ("all", 2, 500)


def test_in_israel_vouchers_are_advertising_and_valid_five_years_unless_the_shop_says_otherwise() -> None:
    usual = policy(TWO_LEVELS, voucher_valid_days=90)
    assert (usual.market("IL").advertising, usual.market("IL").valid_days) == (True, 1_827)
    assert [(usual.market(each).advertising, usual.market(each).valid_days) for each in ("DE", "EU")] == [
        (False, 90)
    ] * 2
    other = policy(TWO_LEVELS, markets=[{"country": "IL", "vouchers_are_advertising": False}])
    assert (other.market("IL").advertising, other.market("IL").valid_days) == (False, 1_827)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (document(rule(voucher(1, 1)), rule(voucher(2, 1))), "rules.1.name: stands there twice"),
        (document(rule(voucher(1, 1), voucher(1, 2))), "rules.0.levels: two are of the same days_late"),
        (document(rule(voucher(1, 1, percent=3))), "rules.0.levels.0.remedy.percent: only percent_off has one"),
        (
            document(rule({"days_late": 1, "remedy": {"kind": "delivery_fee_back", "amount": eur(1)}})),
            "rules.0.levels.0.remedy.amount: is the fee itself",
        ),
        (
            document(rule({"days_late": 1, "remedy": {"kind": "percent_off", "percent": 3}})),
            "rules.0.levels.0.remedy.amount: missing",
        ),
        (
            document(rule(voucher(1, 1), value_at_least={"amount": 1, "currency": "ILS"})),
            "rules.0: its amounts are in several currencies",
        ),
        ({"rules": [rule(voucher(1, 1))], "monthly_budget": []}, "monthly_budget: has no EUR, in which rules.0 gives"),
        (
            {"rules": [], "monthly_budget": [eur(1), eur(2)]},
            "monthly_budget: a currency stands there twice",
        ),
    ],
    ids=["names", "levels", "percent", "fee", "amount", "currencies", "no budget", "two budgets"],
)
def test_a_policy_that_contradicts_itself_is_refused_with_the_place(said: Any, wrong: str) -> None:
    with pytest.raises(UnsoundError) as refused:
        policy_of(reader(FEATURE, "policy")(said), version=1)
    assert wrong in refused.value.wrong


def test_a_misspelt_condition_is_refused_for_it_would_give_to_all() -> None:
    with pytest.raises(UnfitError, match="tier"):
        reader(FEATURE, "policy")(document(rule(voucher(1, 1), tier=["gold"])))


@given(
    levels=st.dictionaries(st.integers(1, 30), st.integers(0, 3_000), min_size=1, max_size=5),
    delays=st.lists(st.integers(0, 40), max_size=8),
    late_value=st.none() | st.integers(0, 4_000),
    per_order=st.none() | st.integers(0, 3_000),
)
def test_what_is_granted_step_by_step_is_what_the_longest_delay_is_worth_in_all(
    levels: dict[int, int], delays: list[int], late_value: int | None, per_order: int | None
) -> None:
    """In any order and more than once. The plain model looks at all delays at once; levels may even fall."""
    made = policy(rule(*(voucher(days, amount) for days, amount in levels.items())))
    granted, worst = 0, 0
    for days in delays:
        worst = max(worst, days)
        found = entitled(made, replace(CASE, days_late=worst, late_value=late_value))
        total = found.value if isinstance(found, Entitled) else 0
        granted += difference(total, granted, None if per_order is None else per_order - granted)
    seen = {0} | {values_at(levels, max(delays[: place + 1])) for place in range(len(delays))}
    expected = min([max(seen), *(limit for limit in (late_value, per_order) if limit is not None)])
    assert granted == expected


def values_at(levels: dict[int, int], days: int) -> int:
    reached = [limit for limit in levels if limit <= days]
    return levels[max(reached)] if reached else 0


def test_rules_without_levels_in_the_orders_currency_are_passed_over() -> None:
    assert rule_for(policy(rule(voucher(1, 1))), replace(CASE, currency="USD")) is None
