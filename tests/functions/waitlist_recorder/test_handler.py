"""`waitlist_recorder` from its events to the line, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "waitlist_recorder"


def recorded(world: World, case: str) -> Any:
    return world.run("waitlist_recorder", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


@pytest.mark.parametrize(
    "case",
    ["mail_accepted", "mail_rejected", "bounced", "customer_erased", "offer_accepted", "offer_unmade", "pre_ordered"],
)
def test_outcomes_about_nobody_in_line_are_done_with(world: World, case: str) -> None:
    assert recorded(world, case) == {"batchItemFailures": []}


def test_an_unknown_event_is_set_aside_alone(world: World) -> None:
    assert recorded(world, "outcome_unknown") == {"batchItemFailures": []}
    assert len(world.bodies("WaitlistDeadLetters")) == 1
