"""Promises 3, 4 and 9 around orders: the newest word wins, all hear of it and of what is late, whatever breaks."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standby.delivery.calls_repository import CallBook
from standby.delivery.repository import OrderRepository
from standby.delivery.turns_repository import TurnBook
from standby.platform.table import Table

from tests.promises.killing import Scenario, distinct, everything_runs, insists, report
from tests.promises.shop import Shop
from tests.standby.compensation.remedied import Remedied, rule
from tests.standby.delivery.parcels import LOOK, Parcels
from tests.standby.delivery.words import AT, Listener, expected, placed, said
from tests.world import ENVIRONMENT, World

pytestmark = pytest.mark.promise("P3", "P4", "P9")

FIRST = placed("D-1", "CUP", "MUG", "JUG", shipments={"S-1": ["CUP"], "S-2": ["MUG", "JUG"]}, reservation_ids=["R-1"])
SAID = [
    said("shipped", "D-1", minute=2, shipment_id="S-1"),
    said("cancelled", "D-1", "MUG", minute=3),
    said("delivered", "D-1", "JUG", minute=4),
    said("eta", "D-1", minute=1, eta="2026-05-09"),
]
LATE = [placed("D-1", "CUP", minute=0, order_number="older"), said("cancelled", "D-2", minute=1)]
POISON: dict[str, Any] = {"type": "order.placed", "order_id": "POISON"}


def nothing_is_known(_shop: Shop) -> None:
    pass


def an_order_is_shipped_in_parts(world: World) -> None:
    newest = {**FIRST, "as_of": "2026-05-03T09:01:00Z"}
    for message in SAID[:1]:  # before its order
        world.send("OrderUpdates", message)
    everything_runs(world)
    status, answer = insists(world, "delivery_api", "POST", "/v1/messages/orders", body=newest, scopes="erp")
    assert (status, answer) == (202, {"accepted": 1, "rejected": []}), answer
    everything_runs(world)
    assert insists(world, "delivery_api", "GET", "/v1/deliveries/D-1", scopes="ops")[0] == 200
    world.send("OrderUpdates", {"type": "batch", "messages": [*SAID[1:], *LATE, POISON]})
    everything_runs(world)


def everybody_heard_what_became_of_it(world: World, _most: int) -> None:
    listener = Listener()
    for name in ("OrderPlaced", "OrderShipped", "OrderCancelled"):
        for event in distinct(world, name):
            listener.hear(name, event)
    newest = {**FIRST, "as_of": "2026-05-03T09:01:00Z"}
    order, fates = expected([(AT, message) for message in [*SAID, newest, *LATE]], "D-1")
    assert [line["line_id"] for line in listener.lines["D-1"]] == [line["line_id"] for line in order["lines"]]
    assert {line_id: fate for (_, line_id), fate in listener.fates.items()} == fates, "promise 4"
    kept = OrderRepository("Delivery").order("D-1")
    assert {line_id: fate.outcome for line_id, fate in kept.fates.items()} == fates, "promise 4"
    assert kept.told_lines == fates, "it is told again and again"
    letters = {message.body for message in world.queues["DeliveryDeadLetters"]}
    assert letters == {'{"type":"order.placed","order_id":"POISON"}'}, "promise 9"


# ---- a batch that is split ----


def many_come_at_once(world: World) -> None:
    world.send("OrderUpdates", {"type": "batch", "messages": [placed(f"D-{number}", "CUP") for number in range(27)]})
    everything_runs(world)


def all_are_known(world: World, _most: int) -> None:
    assert {event["order_id"] for event in distinct(world, "OrderPlaced")} == {f"D-{number}" for number in range(27)}


# ---- promises that break ----


def a_day_is_over(shop: Shop) -> None:
    """Three orders of one customer and one of nobody: their day is over, nobody looked yet."""
    parcels = Parcels(shop)
    for number in range(3):
        parcels.places(f"D-{number}", until=1)
    parcels.places("D-N", until=1, email=None)
    shop.world.clock.advance(days=2)


def it_is_looked_and_a_day_moves(world: World) -> None:
    parcels = Parcels(Shop(world))
    for _ in range(2):  # the schedule brings the next look, should one have failed for an order
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)
    parcels.says("eta", "D-0", eta=parcels.day(3), cause="carrier")
    parcels.says("delivered", "D-1", occurred_at=parcels.now())
    everything_runs(world)
    world.send("DeliveryRecords", LOOK)
    everything_runs(world)


def all_heard_once_of_each_day(world: World, most: int) -> None:
    parcels = Parcels(Shop(world))
    late = sorted((each["order_id"], each.get("expected", "")) for each in parcels.delays())
    known = [("D-0", ""), ("D-0", parcels.day(3)), ("D-1", ""), ("D-1", parcels.day(0)), ("D-2", ""), ("D-N", "")]
    assert late == known, "promise 10"
    told = Counter(subject.partition(":")[0] for _, subject in parcels.told())
    assert set(told) == {"Not with you yet", "Later than we told you"}, "promise 2"
    assert 3 <= told["Not with you yet"] <= 3 * most, "promise 3"
    assert 1 <= told["Later than we told you"] <= most, "promise 3"
    store = OrderRepository("Delivery")
    assert [len(store.order(f"D-{name}").notices) for name in (0, 1, 2, "N")] == [2, 1, 1, 1], "promise 10"
    assert parcels.due() == ["D-0"], "what is over is looked at for ever"


# ---- more is late than the pace allows ----


def more_is_late_than_leaves_in_an_hour(shop: Shop) -> None:
    """Five customers, two of whom are told in an hour; one order is over before its turn."""
    parcels = Parcels(shop)
    for number in range(5):
        parcels.places(f"D-{number}", until=1, email=f"ana-{number}@example.org")
    shop.world.clock.advance(days=2)


def hours_go_by(world: World) -> None:
    parcels = Parcels(Shop(world))
    world.send("DeliveryRecords", LOOK)
    everything_runs(world)
    for number in range(5):
        if not OrderRepository("Delivery").order(f"D-{number}").notices:
            parcels.says("cancelled", f"D-{number}", occurred_at=parcels.now())
            break
    for _ in range(7):
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)


def all_were_told_in_turn(world: World, most: int) -> None:
    parcels = Parcels(Shop(world))
    told = Counter(parcels.told())
    assert len(told) == 4, f"promise 2: {told}"
    assert max(told.values()) <= most, "promise 3"
    store = OrderRepository("Delivery")
    times = [datetime.fromisoformat(notice.at) for number in range(5) for notice in store.order(f"D-{number}").notices]
    assert len(times) == 4, "promise 10"
    assert all(sum(at <= each < at + timedelta(hours=1) for each in times) <= 2 for at in times), "more than the pace"
    assert list(TurnBook(Table("Delivery", world.dynamodb)).waiting()) == [], "it waits for ever"


# ---- several orders of one customer wait ----


def two_customers_wait_with_several(shop: Shop) -> None:
    """One notice leaves in an hour: two orders of one customer and two of another are late, and none was told."""
    parcels = Parcels(shop)
    parcels.places("D-0", until=1, email="eve@example.org")
    for number in range(1, 5):
        parcels.places(f"D-{number}", until=3, email=f"ana-{number % 2}@example.org")
    shop.world.clock.advance(days=2)
    parcels.looks()
    for number in range(1, 5):
        parcels.tells("eta", f"D-{number}", eta=parcels.day(6 + number))


def turns_come_and_more_is_late(world: World) -> None:
    parcels = Parcels(Shop(world))
    for hour in range(5):
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)
        if hour == 1:
            parcels.says("eta", "D-1", eta=parcels.day(20))
    for _ in range(3):
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)


def each_was_told_by_one_mail(world: World, most: int) -> None:
    told = Counter(Parcels(Shop(world)).told())
    assert {"ana-0@example.org", "ana-1@example.org"} <= {email for email, _ in told}, "promise 2"
    assert max(told.values()) <= most, f"promise 3: {told}"
    store = OrderRepository("Delivery")
    for number in range(1, 5):
        news = [notice.news for notice in store.order(f"D-{number}").notices]
        assert news, "promise 10"
        assert len(news) == len(set(news)), f"promise 10: {news}"
    together = [notice.mail for number in (2, 4) for notice in store.order(f"D-{number}").notices]
    assert together[0] is not None
    assert together == together[:1] * 2, "one mail for what waits together"
    assert list(TurnBook(Table("Delivery", world.dynamodb)).waiting()) == [], "it waits for ever"


# ---- more are to be called than people call in a day ----


def nobody_has_an_address(shop: Shop) -> None:
    """Three orders of the United States, of which the law wants to be told, and nobody can be mailed.

    A fourth goes to somebody whom the policy of remedies wants called.
    """
    parcels = Parcels(shop)
    for number in range(3):
        order = parcels.order(9)
        order["shipments"] = [{**order["shipments"][0], "ship_by": parcels.day(4)}]
        parcels.tells("placed", f"D-{number}", **order, ship_to={"country": "US"}, customer={"locale": "en"})
    made = Remedied(shop)
    made.sets(rule({"days_late": 5, "call": True}, channels=["app"]))
    made.places("D-3", until=9, channel="app")


def they_are_late_and_days_go_by(world: World) -> None:
    parcels = Parcels(Shop(world))
    for number in range(3):
        parcels.says("eta", f"D-{number}", eta=parcels.day(12))
    parcels.says("eta", "D-3", eta=parcels.day(15), cause="carrier")
    everything_runs(world)
    for _ in range(7):
        world.clock.advance(hours=12)
        for _ in range(2):
            world.send("DeliveryRecords", LOOK)
            everything_runs(world)
    for order_id, reason in (("D-0", "notice"), ("D-3", "remedy"), ("D-3", "remedy")):
        body = {"reason": reason, "outcome": "reached", "note": order_id}
        path = f"/v1/deliveries/{order_id}/calls"
        assert insists(world, "delivery_api", "POST", path, body=body, scopes="ops")[0] == 200


def each_is_called_once(world: World, _most: int) -> None:
    calls = distinct(world, "CallTaskOpened")
    assert sorted(call["order_id"] for call in calls) == [f"D-{number}" for number in range(4)], "promise 2"
    zone = ZoneInfo(ENVIRONMENT["SHOP_TIME_ZONE"])
    days = Counter(datetime.fromisoformat(call["at"]).astimezone(zone).date() for call in calls)
    assert len(days) >= 4, f"more calls than people make in a day: {days}"
    assert list(CallBook(Table("Delivery", world.dynamodb)).waiting()) == [], "it waits for ever"
    for order_id in ("D-0", "D-3"):
        (call,) = insists(world, "delivery_api", "GET", f"/v1/deliveries/{order_id}", scopes="ops")[1]["calls"]
        assert (call["outcome"]["outcome"], call["outcome"]["note"]) == ("reached", order_id), "promise 2"


# ---- an incident ----


def operators_declare_an_incident(world: World) -> None:
    parcels = Parcels(Shop(world))
    said = {"cause": "weather", "since": parcels.day(-9)}
    for name in ("storm", "flood"):
        assert insists(world, "delivery_api", "PUT", f"/v1/incidents/{name}", body=said, scopes="ops")[0] == 200
    assert insists(world, "delivery_api", "POST", "/v1/incidents/flood/end", scopes="ops")[0] == 200
    world.clock.advance(minutes=2)
    for _ in range(2):
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)


def each_delay_names_it(world: World, _most: int) -> None:
    parcels = Parcels(Shop(world))
    assert sorted({(each["order_id"], each["incident_id"]) for each in parcels.delays()}) == [
        (f"D-{number}", "storm") for number in (0, 1, 2, "N")
    ], "promise 10"
    status, listed = insists(world, "delivery_api", "GET", "/v1/incidents", scopes="ops")
    known = {each["incident_id"]: each["ended_at"] is not None for each in listed["items"]}
    assert (status, known) == (200, {"storm": False, "flood": True}), "promise 4"


SCENARIOS = (
    Scenario(
        "an order in parts",
        nothing_is_known,
        an_order_is_shipped_in_parts,
        everybody_heard_what_became_of_it,
        every=5,
    ),
    Scenario("promises break", a_day_is_over, it_is_looked_and_a_day_moves, all_heard_once_of_each_day, every=6),
    Scenario(
        "more is late than the pace",
        more_is_late_than_leaves_in_an_hour,
        hours_go_by,
        all_were_told_in_turn,
        every=14,
        environment={"NOTICES_PER_HOUR": "2"},
    ),
    Scenario(
        "several orders of a customer wait",
        two_customers_wait_with_several,
        turns_come_and_more_is_late,
        each_was_told_by_one_mail,
        every=14,
        environment={"NOTICES_PER_HOUR": "1"},
    ),
    Scenario(
        "more are to be called than people call",
        nobody_has_an_address,
        they_are_late_and_days_go_by,
        each_is_called_once,
        every=20,
        environment={"CALL_TASKS_PER_DAY": "1"},
    ),
    Scenario("an incident", a_day_is_over, operators_declare_an_incident, each_delay_names_it, every=6),
    Scenario("orders come at once", nothing_is_known, many_come_at_once, all_are_known, every=40),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_word_of_an_order_is_lost_however_it_breaks(
    shop: Shop, scenario: Scenario, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    explored = scenario.broken(shop.world)

    assert {kind[1:] for kind in explored.kinds} >= {("dynamodb", "PutItem"), ("events", "PutEvents")}
    report(capsys, scenario.name, explored)
