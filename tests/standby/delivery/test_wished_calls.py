"""Calls that the policy of remedies wants: delivery opens them as all others, so many a day, and none in vain."""

from typing import Any

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import Remedied, rule
from tests.standby.delivery.parcels import Parcels
from tests.standby.delivery.test_calls import PER_DAY, called, unreached, waiting
from tests.standby.delivery.track import Customer
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P6")


class Ana(Remedied, Customer):
    """A customer of a shop whose policy wants the worst cases called."""


@pytest.fixture
def ana(world: World, monkeypatch: pytest.MonkeyPatch) -> Ana:
    monkeypatch.setenv("CALL_TASKS_PER_DAY", str(PER_DAY))
    made = Ana(Shop(world))
    made.sets(rule({"days_late": 5, "call": True}, {"days_late": 9, "call": True}))
    return made


def storm(ana: Ana, number: int, days: int = 5) -> list[str]:
    """Let many orders be so late at once that somebody is to call about each."""
    names = [f"O-{each}" for each in range(number)]
    for name in names:
        ana.places(name)
        ana.late(name, days=days)
    return names


def wishes(ana: Ana, shipment_id: str = "A", level: int = 5, order_id: str = "O") -> None:
    """Let delivery hear that a call is wanted."""
    event = {"id": f"{order_id}#{shipment_id}#{level}", "at": ana.now(), "order_id": order_id}
    more = {"shipment_id": shipment_id, "level": level, "days_late": level, "rule": "all", "policy_version": 1}
    ana.shop.world.send("DeliveryRecords", {"detail-type": "RemedyCallWanted", "detail": {**event, **more}})
    ana.shop.world.settle()
    ana.shop.world.clock.advance(seconds=1)


def about(ana: Ana) -> list[tuple[str, str]]:
    """Return the shipments and reasons of the calls that were opened."""
    return [("+".join(call["shipment_ids"]), call["reason"]) for call in ana.heard("CallTaskOpened")]


def shown(ana: Ana, what: str = "") -> Any:
    status, answer = ana.shop.world.request("delivery_api", "GET", f"/v1/deliveries/O{what}", scopes="ops")
    assert status == 200, answer
    return answer


def test_a_storm_of_calls_that_the_policy_wants_keeps_to_what_people_can_do_in_a_day(ana: Ana) -> None:
    names = storm(ana, 5)
    ana.looks()
    assert len(called(ana)) == PER_DAY
    ana.days_pass(1)
    ana.looks()
    assert len(called(ana)) == 2 * PER_DAY
    ana.days_pass(1)
    ana.looks()
    assert sorted(called(ana)) == names
    assert waiting(ana.shop.world) == []


def test_it_waits_behind_those_that_the_law_dates(ana: Ana) -> None:
    storm(ana, 3)
    unreached(Parcels(ana.shop), "O-8", "O-9", days=4)
    assert waiting(ana.shop.world) == ["O-8", "O-9", "O-2"]
    ana.days_pass(1)
    assert called(ana)[PER_DAY:] == ["O-8", "O-9"]


@pytest.mark.parametrize("over", ["delivered", "cancelled", "back in time"])
def test_what_is_over_by_then_is_not_called_about(ana: Ana, over: str) -> None:
    storm(ana, PER_DAY + 1)
    last = f"O-{PER_DAY}"
    if over == "back in time":
        ana.tells("eta", last, eta=ana.day(2))
    else:
        ana.tells(over, last, occurred_at=ana.now())
    ana.days_pass(1)
    assert last not in called(ana)
    assert waiting(ana.shop.world) == []


def test_whatever_is_heard_again_opens_one_task(ana: Ana) -> None:
    ana.places()
    ana.late(days=5)
    (task,) = ana.heard("CallTaskOpened")
    (event,) = ana.heard("RemedyCallWanted")
    for _ in range(3):
        ana.shop.world.send("DeliveryRecords", {"detail-type": "RemedyCallWanted", "detail": event})
        ana.shop.world.settle()
        ana.days_pass(1)
    assert [each for name, each in ana.shop.world.events if name == "CallTaskOpened"] == [task]


def test_of_several_levels_that_wait_the_highest_is_called_about_and_then_none_below(ana: Ana) -> None:
    storm(ana, PER_DAY)
    ana.places()
    ana.late(days=5)
    wishes(ana, level=9)
    wishes(ana, level=5)
    ana.days_pass(1)
    assert about(ana)[PER_DAY:] == [("A", "remedy")]
    for _ in range(2):
        wishes(ana, level=5)
        ana.days_pass(1)
    assert len(about(ana)) == PER_DAY + 1
    wishes(ana, level=10)
    assert len(about(ana)) == PER_DAY + 2
    assert len({call["id"] for call in ana.heard("CallTaskOpened")}) == PER_DAY + 2


def test_shipments_that_are_late_together_are_one_call_and_what_comes_on_that_day_waits_for_the_next(ana: Ana) -> None:
    ana.places(skus=("LAMP", "CUP", "MUG"))
    ana.late(days=2)
    wishes(ana, "A")
    wishes(ana, "B")
    wishes(ana, "C")
    assert about(ana) == [("A", "remedy")]
    ana.days_pass(1)
    assert about(ana) == [("A", "remedy"), ("B+C", "remedy")]


def test_it_goes_with_the_lines_where_the_erp_plans_them_anew(ana: Ana) -> None:
    storm(ana, PER_DAY)
    ana.places()
    ana.late(days=5)
    order = ana.order(2)
    (shipment,) = order["shipments"]
    ana.tells("placed", **{**order, "shipments": [{**shipment, "shipment_id": "B"}]}, customer={"locale": "en"})
    ana.tells("eta", "O", shipment_id="B", eta=ana.day(7))
    ana.days_pass(1)
    assert about(ana)[PER_DAY:] == [("B", "remedy")]
    wishes(ana, "B")
    ana.days_pass(1)
    assert len(about(ana)) == PER_DAY + 1


def test_the_order_says_what_to_ask_and_why_somebody_calls(ana: Ana) -> None:
    ana.places()
    ana.late(days=5)
    assert [(call["reason"], call["ask"].split()[:2]) for call in shown(ana)["calls"]] == [("remedy", ["Say", "sorry"])]
    steps = [step for step in shown(ana, "/why")["steps"] if step["event"] == "CallTaskOpened"]
    assert [step["rule"] for step in steps] == ["the_policy_of_remedies_wants_a_call_for_so_long_a_delay"]


def test_of_an_order_that_nobody_knows_nothing_is_kept(ana: Ana) -> None:
    wishes(ana, order_id="unknown")
    assert (about(ana), OrderRepository("Delivery").order("unknown").edition) == ([], 0)


def test_a_large_order_keeps_what_is_wanted_of_each_shipment(ana: Ana) -> None:
    order = ana.order(2, skus=tuple(f"MUG-{number}" for number in range(20)))
    lines = [{"line_id": f"line {number}", "sku": "MUG", "quantity": 1} for number in range(300)]
    order |= {"lines": lines, "shipments": [{**order["shipments"][0], "line_ids": [each["line_id"] for each in lines]}]}
    ana.tells("placed", **order, customer={"locale": "en"})
    wishes(ana)
    (wish,) = OrderRepository("Delivery").order("O").wishes
    assert (wish.shipment_id, wish.level, len(wish.line_ids)) == ("A", 5, 300)
