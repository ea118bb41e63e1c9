"""The worst cases are called: a policy's level wants a call, once, beside a remedy or alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.model import Remedies, Wanted
from standby.compensation.policy_model import held_out
from standby.platform.address import mailbox_key

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import FEE, Remedied, document, remedied, rule, voucher
from tests.standby.compensation.till import till

pytestmark = pytest.mark.promise("P6", "P10")

CALL = {"days_late": 5, "call": True}
LATER = {"days_late": 9, "call": True}


@pytest.fixture
def ana(shop: Shop) -> Remedied:
    made = remedied(shop)
    made.sets(rule(voucher(2, 500), CALL, LATER))
    made.places()
    return made


def called(made: Remedied) -> list[tuple[str, list[str]]]:
    """Return the orders and shipments about which somebody is to call, each call once."""
    return [(each["order_id"], each["shipment_ids"]) for each in made.heard("CallTaskOpened")]


def test_a_long_delay_opens_a_call_task_and_leaves_what_was_given(ana: Remedied) -> None:
    ana.late(days=3)
    assert called(ana) == []
    ana.late(days=5)
    (event,) = ana.heard("CallTaskOpened")
    assert (event["order_id"], event["reason"], event.get("due_by")) == ("O", "remedy", None)
    assert ana.granted() == [("voucher", 500)]


def test_it_is_opened_once_for_a_level_whatever_is_said_again(ana: Remedied) -> None:
    ana.late(days=5)
    (event,) = ana.heard("CallTaskOpened")
    for _ in range(3):
        ana.late(days=6)
        ana.late(days=5)
    ana.hears("DelayDetected", **ana.heard("DelayDetected")[0])
    assert ana.heard("CallTaskOpened") == [event]
    assert [name for name, _ in ana.shop.world.events].count("CallTaskOpened") == 1


def test_a_longer_delay_opens_another_on_another_day_and_a_jump_opens_one(ana: Remedied) -> None:
    ana.late(days=5)
    ana.days_pass(1)
    ana.late(days=9)
    ana.places("O-2")
    ana.late("O-2", days=12)
    assert [order_id for order_id, _ in called(ana)] == ["O", "O", "O-2"]


def test_who_is_called_on_that_day_anyway_is_not_called_again(ana: Remedied) -> None:
    ana.late(days=5)
    ana.late(days=9)
    assert len(called(ana)) == 1
    assert [(wanted.level, wanted.opened) for wanted in ana.of().calls] == [(5, True), (9, False)]


@pytest.mark.parametrize(
    "level",
    [CALL, {**voucher(5, 500), "call": True}, {**FEE, "days_late": 5, "call": True}],
    ids=["alone", "beside", "fee"],
)
def test_a_level_may_say_it_alone_or_beside_a_remedy(ana: Remedied, level: dict[str, Any]) -> None:
    ana.sets(rule(level))
    ana.late(days=5)
    assert len(called(ana)) == 1
    assert len(ana.granted()) == ("remedy" in level)
    assert ana.why() == ([] if "remedy" in level else ["call"])


def test_where_the_budget_has_ended_somebody_calls_all_the_same(ana: Remedied) -> None:
    ana.sets(rule({**voucher(5, 500), "call": True}), budget=1)
    ana.late(days=5)
    assert (ana.granted(), ana.why(), len(called(ana))) == ([], ["budget"], 1)


def test_nobody_is_called_whose_own_doing_it_is_or_who_is_held_out(ana: Remedied) -> None:
    ana.tells("eta", "O", eta=ana.day(9), cause="customer")
    names = [f"ana-{number}@example.org" for number in range(50)]
    out = next(name for name in names if held_out(50, mailbox_key(name)))
    ana.sets(rule(CALL), holdout_percent=50)
    ana.places("O-2", email=out)
    ana.late("O-2", days=6)
    assert (called(ana), ana.why(), ana.why("O-2")) == ([], ["cause"], ["held_out"])


def test_why_somebody_calls_is_shown(shop: Shop) -> None:
    made = till(shop)
    made.sets(rule(CALL))
    made.places()
    made.late(days=6)
    (call,) = made.asks("GET /v1/deliveries/O/remedies")[1]["calls"]
    assert (call["days_late"], call["level"], call["rule"], call["opened"]) == (6, 5, "all", True)
    body = {"rule": "all", "reason": "nice", "agent": "dana"}
    status, problem = made.asks(
        "POST /v1/deliveries/O/remedies", body=body, scopes="ops", headers={"idempotency-key": "k"}
    )
    assert (status, problem["type"]) == (409, "/problems/unfit")


def test_a_level_that_brings_nothing_is_refused(shop: Shop) -> None:
    made = till(shop)
    status, problem = made.asks("PUT /v1/policy", scopes="ops", body=document(rule({"days_late": 1, "call": False})))
    assert (status, problem["errors"]) == (400, ["rules.0.levels.0: has a remedy, a choice or a call"])


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from([5, 9, 14]), st.integers(0, 2)), max_size=20))
def test_however_often_and_in_whatever_order_it_is_wanted_a_level_is_called_about_once_and_a_shipment_once_a_day(
    wishes: list[tuple[str, int, int]],
) -> None:
    known = Remedies(order_id="O")
    for shipment_id, level, day in sorted(wishes, key=lambda wish: wish[2]):
        wanted = Wanted(f"day {day}", shipment_id, level, level, "all", 1)
        known = known.calling(wanted, wanted.at.__eq__)
    levels = [(each.shipment_id, each.level) for each in known.calls]
    days = [(each.shipment_id, each.at) for each in known.calls if each.opened]
    assert len(set(levels)) == len(levels)
    assert len(set(days)) == len(days)
    highest = {name: max(level for of, level, _ in wishes if of == name) for name, _, _ in wishes}
    assert {name: max(level for of, level in levels if of == name) for name in highest} == highest
