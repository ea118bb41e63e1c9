"""Promises 4 and 9 around orders: the newest word wins and all hear of it, however the ingester breaks."""

from typing import Any

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.killing import Scenario, distinct, everything_runs, insists, report
from tests.promises.shop import Shop
from tests.standby.delivery.words import AT, Listener, expected, placed, said
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

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


SCENARIOS = (
    Scenario(
        "an order in parts",
        nothing_is_known,
        an_order_is_shipped_in_parts,
        everybody_heard_what_became_of_it,
        every=5,
    ),
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
