"""`preorder_allocator` from its events to the line, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "preorder_allocator"


def allocated(world: World, case: str) -> Any:
    return world.run("preorder_allocator", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_goods_that_nobody_ordered_are_nobodys(world: World) -> None:
    assert allocated(world, "goods_came") == {"batchItemFailures": []}
    assert world.events == []


def test_a_count_of_what_nobody_was_given_takes_nothing_back(world: World) -> None:
    assert allocated(world, "recount") == {"batchItemFailures": []}
    assert world.events == []


def test_an_unknown_message_is_set_aside_alone(world: World) -> None:
    assert allocated(world, "unknown") == {"batchItemFailures": []}
    assert len(world.bodies("PreorderDeadLetters")) == 1


def test_what_was_sold_meanwhile_is_offered_to_nobody_and_its_customer_goes_on_waiting(world: World) -> None:
    assert allocated(world, "offers") == {"batchItemFailures": []}
    assert world.bodies("MailBulk") == []
    assert [detail["reason"] for name, detail in world.events if name == "OfferExpired"] == ["unmade"]


def test_a_job_of_offers_without_hours_is_set_aside(world: World) -> None:
    assert allocated(world, "offers_malformed") == {"batchItemFailures": []}
    assert len(world.bodies("PreorderDeadLetters")) == 1
