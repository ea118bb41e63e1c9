"""`delivery_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

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
