"""`compensation_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "compensation_api"


def answered(world: World, case: str) -> tuple[int, Any]:
    answer = world.run("compensation_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))
    return answer["statusCode"], json.loads(answer["body"])


def test_a_policy_is_set_and_shown(world: World) -> None:
    assert answered(world, "policy_shown")[0] == 404
    status, said = answered(world, "policy_set")
    assert (status, said["version"], [rule["name"] for rule in said["policy"]["rules"]]) == (200, 1, ["gold", "all"])
    assert answered(world, "policy_shown") == (200, said)


def test_a_key_without_the_scope_is_refused(world: World) -> None:
    assert answered(world, "scope_missing")[0] == 403


def test_a_voucher_that_is_none_is_neither_shown_nor_taken(world: World) -> None:
    assert [answered(world, case)[0] for case in ("unknown_voucher", "unknown_voucher_redeemed")] == [404, 404]


def test_an_order_that_was_never_late_was_granted_nothing(world: World) -> None:
    assert answered(world, "remedies_shown") == (
        200,
        {"order_id": "1001", "granted": [], "rating": None, "refused": [], "calls": []},
    )
