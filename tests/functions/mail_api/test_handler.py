"""`mail_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "mail_api"


def answered(world: World, case: str) -> Any:
    return world.run("mail_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_an_address_of_which_nothing_is_known_is_not_suppressed(world: World) -> None:
    answer = answered(world, "look_up")

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"suppressed": None, "soft_failures": 0, "left_at": None, "lifted": []}


def test_lifting_where_there_is_nothing_to_lift_changes_nothing(world: World) -> None:
    assert answered(world, "lift")["body"] == answered(world, "look_up")["body"]


def test_what_is_no_address_is_a_problem_document(world: World) -> None:
    answer = answered(world, "look_up_malformed")

    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"
