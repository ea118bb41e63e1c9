"""`preorder_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "preorder_api"


def answered(world: World, case: str) -> tuple[int, Any]:
    answer = world.run("preorder_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize(
    ("case", "status", "problem"),
    [
        ("campaign_soon", 400, "malformed"),
        ("reserve_malformed", 400, "malformed"),
        ("reserve_not_open", 409, "campaign-closed"),
    ],
)
def test_what_cannot_be_is_a_problem_by_name(world: World, case: str, status: int, problem: str) -> None:
    answer = answered(world, case)

    assert (answer[0], answer[1]["type"]) == (status, f"/problems/{problem}")


def test_a_campaign_is_opened_and_reserved_from(world: World) -> None:
    status, made = answered(world, "campaign_opened")
    assert (status, made["status"], made["promised_until"]) == (201, "open", "2026-07-31")

    status, held = answered(world, "reserve_not_open")

    assert (status, held["status"], held["price"]) == (201, "held", {"amount": 5900, "currency": "EUR"})
