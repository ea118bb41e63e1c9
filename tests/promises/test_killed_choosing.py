"""Promises 3, 7, 10 and 11 of customers who wait, cancel and withdraw, when that is broken at any call."""

from collections import Counter
from itertools import groupby

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.shop import Shop
from tests.standby.delivery.parcels import LOOK
from tests.standby.delivery.track import BROWSER, EUROPE, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10", "P11")
REQUESTED = "CancellationRequested"


def an_order_is_late(shop: Shop) -> None:
    customer = Customer(shop)
    customer.places(until=2, skus=("LAMP", "CHAIR"), ship_to=EUROPE)
    customer.tells("eta", eta=customer.day(5), shipment_id="A")


def its_customer_waits_cancels_and_withdraws(world: World) -> None:
    customer = Customer(Shop(world))
    path = f"/v1/track/{customer.link()}"
    assert insists(world, "delivery_viewer", "GET", path, headers=BROWSER)[0] == 200
    body = {"wording": "w", "until": customer.day(5), "shipment_id": "A"}
    assert insists(world, "delivery_viewer", "POST", f"{path}/wait", body=body)[0] == 200
    cancels(world, customer, f"{path}/cancel")
    assert insists(world, "delivery_viewer", "POST", f"{path}/withdraw", body={"confirm": True})[0] == 200
    for _ in range(2):  # whoever died between a write and its event left that to the sweep
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)


def cancels(world: World, customer: Customer, path: str) -> None:
    """Cancel as a customer does: press, look for the code, and ask for a new one where that came too late."""
    status = 0
    for _ in range(4):
        for _ in range(2):
            insists(world, "delivery_viewer", "POST", path)
        world.settle()
        for code in customer.codes()[-1:]:
            status, _ = insists(world, "delivery_viewer", "POST", path, body={"code": code})
        everything_runs(world)
        if status == 200:
            return
        world.clock.advance(minutes=1)
    raise AssertionError(status)


def each_word_is_kept_and_heard(world: World, most: int) -> None:
    customer = Customer(Shop(world))
    order = OrderRepository("Delivery").order("O")
    said = [kind for kind, _ in groupby(choice.kind for choice in order.choices)]  # each new code has its own press
    assert said == ["wait", "ask", "cancel", "withdraw"], "promise 10"
    assert order.untold_choices == []
    assert [event["until"] for event in customer.heard("ConsentGiven")] == [customer.day(5)]
    asked = [(event["reason"], len(event["lines"])) for event in customer.heard(REQUESTED)]
    assert sorted(asked) == [("customer", 1), ("withdrawal", 2)]
    codes = Counter(mail.text for mail in customer.mailed("Your code"))
    assert max(codes.values()) <= most, f"promise 3: {codes}"
    assert 1 <= len(customer.mailed("Your withdrawal")) <= most, "promise 3"
    assert dead_letters(world) == [], dead_letters(world)


# ---- is it there? ----


def nobody_knows_where_two_parcels_are(shop: Shop) -> None:
    customer = Customer(shop)
    customer.places(until=1, skus=("LAMP", "CHAIR"))
    customer.days_pass(2)


def its_customer_answers_and_a_carrier_gives_one_up(world: World) -> None:
    customer = Customer(Shop(world))
    path = f"/v1/track/{customer.link()}/arrived"
    for shipment_id, arrived in (("A", True), ("B", False)):
        body = {"shipment_id": shipment_id, "arrived": arrived}
        assert insists(world, "delivery_viewer", "POST", path, body=body)[0] == 200
    customer.says("tracked", shipment_id="B", state="failed", occurred_at=customer.now())
    everything_runs(world)
    for _ in range(2):
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)


def each_answer_is_heard_and_a_person_is_asked_once(world: World, most: int) -> None:
    customer = Customer(Shop(world))
    order = OrderRepository("Delivery").order("O")
    assert [(choice.kind, choice.shipment_id) for choice in order.choices] == [("arrived", "A"), ("missing", "B")]
    said = [(event["shipment_id"], event["arrived"]) for event in customer.heard("ArrivalAnswered")]
    assert sorted(said) == [("A", True), ("B", False)], "promise 10"
    assert [event["reason"] for event in customer.heard("CallTaskOpened")] == ["failed"]
    assert [notice.news for notice in order.notices if notice.by == "call"] == ["call failed"]
    assert 1 <= len(customer.mailed("Not with you yet")) <= most, "promise 3"
    assert dead_letters(world) == [], dead_letters(world)
    assert customer.due() == [], "it is looked at for ever"


SCENARIOS = (
    Scenario(
        "a customer waits, cancels and withdraws",
        an_order_is_late,
        its_customer_waits_cancels_and_withdraws,
        each_word_is_kept_and_heard,
        every=7,
    ),
    Scenario(
        "a customer says what is there",
        nobody_knows_where_two_parcels_are,
        its_customer_answers_and_a_carrier_gives_one_up,
        each_answer_is_heard_and_a_person_is_asked_once,
        every=4,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_word_of_a_customer_is_lost_or_told_twice_however_it_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
