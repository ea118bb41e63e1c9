"""`waitlist_sweeper` from its tick to the queues, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "waitlist_sweeper"


def swept(world: World, case: str) -> Any:
    return world.run("waitlist_sweeper", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


@pytest.mark.parametrize("case", ["due", "next_page", "digest_page", "store_offers", "store_offer_page"])
def test_where_nothing_is_due_nothing_is_sent(world: World, case: str) -> None:
    assert swept(world, case) == {"batchItemFailures": []}
    assert world.bodies("WaitlistPlans") == world.bodies("MailBulk") == []


def test_a_list_is_begun_in_each_shard(world: World) -> None:
    assert swept(world, "digest") == {"batchItemFailures": []}
    assert [json.loads(body)["shard"] for body in world.bodies("WaitlistSweeps")] == [0, 1, 2, 3]


def test_an_entry_past_its_last_day_gets_its_notice(world: World) -> None:
    Shop(world).waits("ana@example.org", "MUG-BLUE", until="2026-05-04")
    world.settle()
    world.clock.advance(days=4)
    swept(world, "due")

    job = json.loads(world.bodies("MailBulk")[0])
    assert job["kind"] == "last_notice"
