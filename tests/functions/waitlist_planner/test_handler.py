"""`waitlist_planner` from its messages to the mails' queue, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "waitlist_planner"
SKU = "MUG-BLUE"


def planned(world: World, case: str) -> Any:
    return world.run("waitlist_planner", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_a_restock_starts_a_wave(world: World) -> None:
    Shop(world).waits("ana@example.org", SKU)
    world.settle()
    Shop(world).counts(SKU, 5)

    (mail,) = world.mails
    assert mail.email == "ana@example.org"


def test_who_waits_for_what_does_not_come_back_is_told_in_the_next_minutes(world: World) -> None:
    Shop(world).waits("ana@example.org", SKU)
    assert planned(world, "product_discontinued") == {"batchItemFailures": []}
    world.settle()
    assert world.mails == []

    world.wait(minutes=3)
    (mail,) = world.mails
    assert (mail.email, mail.subject) == ("ana@example.org", f"Not coming back: \u2068{SKU}\u2069")


@pytest.mark.parametrize(
    "case", ["restocked", "sold_out", "units_freed", "joined_while_in_stock", "page", "date", "eta_moved"]
)
def test_plans_about_a_sku_that_is_out_change_nothing(world: World, case: str) -> None:
    assert planned(world, case) == {"batchItemFailures": []}
    assert world.bodies("MailBulk") == []


def test_a_malformed_event_is_set_aside_alone_with_its_reason(world: World) -> None:
    assert planned(world, "restocked_malformed") == {"batchItemFailures": []}
    (letter,) = world.queues["WaitlistDeadLetters"]
    assert letter.attributes["reason"] == "Restocked: revision: missing"
