"""What people grant by hand, or record, is under the same caps and budget, and once with what the policy grants."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent, agent
from tests.standby.compensation.remedied import FEE, TWO_LEVELS, eur, rule, voucher

pytestmark = pytest.mark.promise("P6", "P10")


@pytest.fixture
def dana(shop: Shop) -> Agent:
    made = agent(shop)
    made.places()
    return made


def refusal(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["type"].removeprefix("/problems/")


def test_a_person_gives_a_voucher_that_is_mailed_and_kept_with_who_and_why(dana: Agent) -> None:
    status, answer = dana.gives()
    assert (status, answer["amount"], answer["by"].split(",")[0], answer["reason"]) == (
        201,
        eur(700),
        "Dana",
        "they wrote to us",
    )
    assert (answer["told"], dana.brought(), dana.spent()) == ("mail", [answer["code"]], 700)
    (event,) = dana.heard("RemedyGranted")
    assert (event["rule"], event["amount"]) == ("by_hand", eur(700))
    assert "they wrote" not in str(dana.shop.world.events)


def test_the_same_request_again_grants_nothing_and_is_answered_the_same(dana: Agent) -> None:
    assert dana.gives() == dana.gives()
    assert dana.granted() == [("voucher", 700)]
    assert refusal(dana.gives(reason="another")) == (422, "idempotency-key-reused")
    status, _ = dana.asks(
        "POST /v1/deliveries/O/remedies", scopes="ops", body={"reason": "r", "agent": "a", "rule": "all"}
    )
    assert status == 400


def test_it_says_what_the_delay_is_worth_in_all(dana: Agent) -> None:
    dana.late(days=3)
    dana.gives()
    assert dana.granted() == [("voucher", 500), ("voucher", 200)]
    assert refusal(dana.gives(key="k-2")) == (409, "granted-already")
    dana.late(days=9)
    assert dana.granted() == [("voucher", 500), ("voucher", 200), ("voucher", 800)]


def test_a_rule_is_given_whatever_its_conditions_say(dana: Agent) -> None:
    dana.sets(TWO_LEVELS, rule(voucher(1, 900), name="kind", tiers=["gold"]))
    dana.late(days=3)
    assert dana.gives(rule="kind")[1]["rule"] == "kind"
    assert dana.granted() == [("voucher", 500), ("voucher", 400)]
    assert refusal(dana.gives(rule="none", key="k-2")) == (409, "no-rule")


def test_what_was_given_elsewhere_counts_and_nobody_is_told(dana: Agent) -> None:
    status, answer = dana.gives(elsewhere=eur(500))
    assert (status, answer["kind"], answer["told"], answer["code"]) == (201, "elsewhere", "nothing", None)
    dana.late(days=3)
    assert (dana.granted(), dana.mailed(), dana.spent()) == ([("elsewhere", 500)], [], 500)
    dana.late(days=9)
    assert dana.granted()[1:] == [("voucher", 1_000)]


def test_caps_cut_it_and_what_the_budget_does_not_cover_is_refused(dana: Agent) -> None:
    dana.sets(TWO_LEVELS, per_order=[eur(300)])
    assert dana.gives()[1]["amount"] == eur(300)
    assert refusal(dana.gives(key="k-2")) == (409, "cap")
    dana.sets(TWO_LEVELS, budget=400)
    dana.places("P", email="bo@example.org")
    assert refusal(dana.gives("P")) == (409, "budget")
    assert (dana.spent(), len(dana.heard("BudgetEnded"))) == (300, 1)


def test_never_more_than_was_paid_for_what_is_late(dana: Agent) -> None:
    assert dana.gives(remedy={"kind": "voucher", "amount": eur(9_000)})[1]["amount"] == eur(4_000)


def test_what_was_given_elsewhere_is_recorded_as_what_it_cost_whatever_the_policy_allows(dana: Agent) -> None:
    dana.sets(TWO_LEVELS, budget=700, per_order=[eur(300)], per_customer_month=[eur(200)], approval_above=[eur(600)])
    status, answer = dana.gives(elsewhere=eur(9_000))
    assert (status, answer["amount"], answer["approval"]) == (201, eur(9_000), None)
    assert (dana.waiting(), dana.spent(), len(dana.heard("RemedyGranted"))) == ([], 9_000, 1)
    dana.late(days=3)
    dana.places("P", email="bo@example.org")
    assert refusal(dana.gives("P")) == (409, "budget")


@pytest.mark.parametrize(
    ("order", "what", "why"),
    [
        ({"payment_status": "pending"}, {}, (409, "unpaid")),
        ({"skus": ("LAMP", "SHADE")}, {}, (409, "no-shipment")),
        ({}, {"shipment_id": "Z"}, (409, "no-shipment")),
        ({}, {"elsewhere": {"amount": 1, "currency": "ILS"}}, (409, "unfit")),
        ({"delivery_fee": None}, {"remedy": {"kind": "delivery_fee_back"}}, (409, "unfit")),
        ({}, {"remedy": {"kind": "percent_off", "amount": eur(1)}}, (400, "malformed")),
        ({}, {"remedy": {"kind": "voucher", "amount": eur(1)}, "rule": "all"}, (400, "malformed")),
    ],
    ids=["unpaid", "which shipment", "no shipment", "currency", "no fee", "no percent", "two at once"],
)
def test_what_does_not_fit_the_order_is_refused(shop: Shop, order: Any, what: Any, why: Any) -> None:
    dana = agent(shop)
    dana.places(**order)
    assert refusal(dana.gives(**what)) == why
    assert dana.granted() == []


def test_an_order_that_is_not_known_or_was_cancelled_is_given_nothing(dana: Agent) -> None:
    assert refusal(dana.gives("NONE")) == (404, "order-unknown")
    dana.tells("cancelled")
    assert refusal(dana.gives()) == (409, "cancelled")


def test_a_fee_that_a_person_gives_back_is_owed_by_the_order(dana: Agent) -> None:
    dana.gives(remedy={"kind": "delivery_fee_back"})
    (due,) = dana.heard("RefundDue")
    assert (due["amount"], due["reason"]) == (eur(490), "delay")
    dana.sets(rule(FEE))
    dana.late(days=3)
    assert dana.granted() == [("delivery_fee_back", 490)]


def test_eight_people_and_the_policy_at_once_grant_it_once(dana: Agent) -> None:
    dana.late(days=1)
    dana.says("eta", eta=dana.day(5), cause="carrier")
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(dana.gives, key=f"k-{number}", elsewhere=eur(500)) for number in range(8)]
    dana.shop.world.settle()
    assert [status for status, _ in (each.result() for each in asked)].count(201) <= 1
    assert [amount for _, amount in dana.granted()] == [500]
    assert dana.spent() == 500
