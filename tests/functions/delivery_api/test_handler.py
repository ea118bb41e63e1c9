"""`delivery_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from standby.platform.clock import to_text

from tests.wiring import hearing
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "delivery_api"


def answered(world: World, case: str) -> tuple[int, Any]:
    answer = world.run("delivery_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))
    return answer["statusCode"], json.loads(answer["body"])


def test_good_messages_are_queued_and_the_others_named(world: World) -> None:
    assert answered(world, "messages") == (
        202,
        {"accepted": 1, "rejected": [{"index": 1, "reason": "order_id: missing"}]},
    )
    (queued,) = world.bodies("OrderUpdates")
    assert [said["order_id"] for said in json.loads(queued)["messages"]] == ["1001"]
    world.settle()
    assert [name for name, _ in world.events] == ["OrderPlaced"]


def test_a_key_without_the_scope_is_refused(world: World) -> None:
    assert answered(world, "scope_missing")[0] == 403


def test_an_order_is_looked_up_by_path_and_by_query(world: World) -> None:
    assert answered(world, "unknown_order")[0] == 404
    answered(world, "messages")
    world.settle()
    status, order = answered(world, "order_of_a_customer")
    assert (status, order["order_number"], order["customer"]["name"]) == (200, "#1001", "Noa Levi")
    status, order = answered(world, "order_for_the_storefront")
    assert (status, order["order_number"], order["customer"]) == (200, "#1001", None)
    by_path, by_query = answered(world, "why_it_is_late"), answered(world, "why_by_query")
    assert by_path == by_query
    assert (by_path[0], by_path[1]["subject"]) == (200, "delivery:1001")


def test_what_came_of_a_call_is_recorded_where_somebody_was_asked_to_make_it(world: World) -> None:
    assert answered(world, "call_recorded")[0] == 404
    answered(world, "messages")
    world.settle()
    assert answered(world, "call_recorded")[1]["type"] == "/problems/no-call"
    at = to_text(world.clock.now())
    said = {"order_id": "1001", "eta": "2026-05-20", "cause": "carrier", "as_of": at}
    world.send("OrderUpdates", {"type": "order.eta", **said})
    world.settle()
    wanted = {"id": "c", "at": at, "order_id": "1001", "shipment_id": "S-1", "level": 2, "days_late": 3, "rule": "all"}
    detail = {"version": 1, **wanted, "policy_version": 1}
    (queue,) = hearing("RemedyCallWanted", detail)
    world.send(queue, {"source": "standby", "detail-type": "RemedyCallWanted", "detail": detail})
    world.settle()
    status, order = answered(world, "call_recorded")
    assert (status, [call["outcome"]["outcome"] for call in order["calls"]]) == (200, ["reached"])
