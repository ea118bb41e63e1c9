"""`preorder_recorder` from its events to the table, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "preorder_recorder"


def recorded(world: World, case: str) -> Any:
    return world.run("preorder_recorder", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


@pytest.mark.parametrize(
    "case",
    [
        "hold_over",
        "sweep",
        "campaign",
        "kit",
        "retell",
        "promises",
        "eta_moved",
        "offer_mailed",
        "slip_refused",
        "customer_left",
    ],
)
def test_where_nothing_is_over_nothing_happens(world: World, case: str) -> None:
    assert recorded(world, case) == {"batchItemFailures": []}


def test_an_unknown_message_is_set_aside_alone(world: World) -> None:
    assert recorded(world, "unknown") == {"batchItemFailures": []}
    assert len(world.bodies("PreorderDeadLetters")) == 1
