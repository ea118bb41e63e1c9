"""Why a delay is granted nothing, or nothing more, is said with the numbers that it hangs on; currencies stay apart."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import FEE, TWO_LEVELS, choice, eur, percent, rule, shipping, voucher

pytestmark = pytest.mark.promise("P6", "P10")


class Ana(Chooser, Agent):
    """A customer, and people of the shop."""

    def refused(self) -> list[dict[str, Any]]:
        """Return why nothing, or nothing more, was granted, without what of it is not known."""
        found = self.asks("GET /v1/deliveries/O/remedies", scopes="ops")[1]["refused"]
        left_out = ("at", "shipment_id", "policy_version")
        return [
            {name: said for name, said in each.items() if said is not None and name not in left_out} for each in found
        ]

    def free(self, **more: Any) -> dict[str, Any]:
        """Return the fields of an order that costs nothing."""
        made = self.order(2, **more)
        return {**made, "lines": [{**line, "unit_price": eur(0)} for line in made["lines"]]}


@pytest.fixture
def ana(shop: Shop) -> Ana:
    return Ana(shop)


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def in_dollars(level: dict[str, Any]) -> dict[str, Any]:
    return {**level, "remedy": {**level["remedy"], "amount": usd(level["remedy"]["amount"]["amount"])}}


@pytest.mark.parametrize("level", [percent(2, 10, 800), voucher(2, 500)], ids=["a percentage", "a voucher"])
def test_of_an_order_that_cost_nothing_nothing_comes_and_it_is_said(ana: Ana, level: dict[str, Any]) -> None:
    ana.sets(rule(level))
    ana.tells("placed", **ana.free(), customer={"email": "ana@example.org"})
    ana.late(days=3)
    expected = {"why": "worth_nothing", "days_late": 3, "rule": "all", "level": 2, "amount": eur(0), "worth": eur(0)}
    assert (ana.granted(), ana.refused()) == ([], [expected])
    status, problem = ana.gives(rule="all")
    assert (status, problem["type"]) == (409, "/problems/worth-nothing")


def test_what_was_granted_before_is_why_a_longer_delay_of_the_same_level_gives_no_more(ana: Ana) -> None:
    ana.sets(TWO_LEVELS)
    ana.places()
    ana.late(days=3)
    ana.late(days=4)
    expected = {"why": "granted_before", "days_late": 4, "rule": "all", "level": 2, "amount": eur(0), "worth": eur(500)}
    assert (ana.granted(), ana.refused()) == ([("voucher", 500)], [expected])


@pytest.mark.parametrize("cap", ["per_order", "per_customer_month"])
def test_a_cap_that_leaves_nothing_is_named_with_what_it_allows_and_leaves(ana: Ana, cap: str) -> None:
    ana.sets(TWO_LEVELS, **{cap: [eur(500)]})
    ana.places()
    ana.late(days=3)
    ana.late(days=6)
    worth = {"amount": eur(1_000), "worth": eur(1_500), "most": eur(500), "left": eur(0)}
    assert ana.refused() == [{"why": "cap", "days_late": 6, "rule": "all", "level": 5, **worth}]


def test_a_budget_is_named_with_what_would_have_been_granted(ana: Ana) -> None:
    ana.sets(TWO_LEVELS, budget=600)
    ana.places()
    ana.late(days=3)
    ana.late(days=6)
    worth = {"amount": eur(1_000), "worth": eur(1_500), "most": eur(600)}
    assert ana.refused() == [{"why": "budget", "days_late": 6, "rule": "all", "level": 5, **worth}]


def test_a_delay_that_is_too_short_is_told_from_when_on_there_is_something(ana: Ana) -> None:
    ana.sets(TWO_LEVELS)
    ana.places()
    ana.late(days=1)
    assert ana.refused() == [{"why": "level_not_reached", "days_late": 1, "rule": "all", "level": 2}]


@pytest.mark.parametrize(
    ("policy", "order", "expected"),
    [
        ({"causes": ["carrier"]}, {}, {"why": "cause", "said": "carrier"}),
        ({"customer_types": ["staff"]}, {"customer": {"type": "Staff"}}, {"why": "customer_type", "said": "staff"}),
        ({}, {"payment_status": "Pending"}, {"why": "unpaid", "said": "pending"}),
    ],
    ids=["cause", "customer type", "payment"],
)
def test_what_is_excluded_is_named(
    ana: Ana, policy: dict[str, Any], order: dict[str, Any], expected: dict[str, Any]
) -> None:
    ana.sets(TWO_LEVELS, exclusions=policy)
    ana.places(**order)
    ana.late(days=3)
    assert ana.refused() == [{"days_late": 3, **expected}]


@pytest.mark.parametrize(
    "first", [voucher(2, 500), choice(2, voucher(2, 500), shipping(2, 300))], ids=["a voucher", "a choice"]
)
def test_what_was_granted_in_another_currency_is_neither_subtracted_nor_granted_again(
    ana: Ana, first: dict[str, Any]
) -> None:
    ana.sets(rule(first))
    ana.tells("placed", **{**ana.order(2), "lines": [{"line_id": "1", "sku": "LAMP", "quantity": 1}]})
    ana.late(days=3)
    before = ana.granted()
    ana.sets(rule(in_dollars(voucher(5, 600))), monthly_budget=[eur(10_000), usd(10_000)])
    ana.late(days=6)
    worth = {"amount": usd(0), "worth": usd(600)}
    assert ana.refused() == [{"why": "other_currency", "days_late": 6, "rule": "all", "level": 5, **worth}]
    assert (ana.granted(), ana.spent("EUR"), ana.spent("USD")) == (before, before[0][1], 0)


def test_an_order_that_comes_again_in_another_currency_gets_nothing_that_nobody_can_subtract(ana: Ana) -> None:
    dollars = rule(*(in_dollars(level) for level in TWO_LEVELS["levels"]), name="dollars")
    ana.sets(TWO_LEVELS, dollars, monthly_budget=[eur(10_000), usd(10_000)])
    ana.places()
    ana.late(days=3)
    again = ana.order(2)
    again["lines"] = [{**line, "unit_price": usd(2_000)} for line in again["lines"]]
    ana.tells("placed", **again, customer={"email": "ana@example.org", "locale": "en"})
    ana.late(days=6)
    assert (ana.granted(), ana.why(), ana.spent("USD")) == ([("voucher", 500)], ["other_currency"], 0)
    status, made = ana.gives(remedy={"kind": "voucher", "amount": usd(900)})
    assert (status, made["amount"], ana.spent("USD")) == (201, usd(900), 900)


def test_a_delivery_fee_that_was_given_back_in_one_currency_is_not_given_in_another(ana: Ana) -> None:
    ana.sets(rule(FEE), monthly_budget=[eur(10_000), usd(10_000)])
    ana.places(skus=("LAMP", "VASE"))
    ana.late(days=3, shipment_id="A")
    again = ana.order(2, skus=("LAMP", "VASE"), delivery_fee=usd(900))
    ana.tells("placed", **again, customer={"email": "ana@example.org", "locale": "en"})
    ana.late(days=3, shipment_id="B")
    assert (ana.granted(), ana.spent("USD")) == ([("delivery_fee_back", 490)], 0)


def test_where_a_cap_leaves_a_part_it_is_said_why_it_is_no_more(ana: Ana) -> None:
    ana.sets(TWO_LEVELS, per_customer_month=[eur(600)])
    for order_id in ("P", "O"):
        ana.places(order_id)
        ana.late(order_id, days=3)
    most = {"most": eur(600), "left": eur(100), "amount": eur(400), "worth": eur(500)}
    assert ana.granted() == [("voucher", 100)]
    assert ana.refused() == [{"why": "cap", "days_late": 3, "rule": "all", "level": 2, **most}]
