"""`availability_projector` from its events to the shelf, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest
from standby.platform.table import Table
from standby.shelf.model import Product, Row
from standby.shelf.reader import ShelfReader

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "availability_projector"
DONE: dict[str, Any] = {"batchItemFailures": []}


def projected(world: World, case: str) -> Any:
    return world.run("availability_projector", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def row(world: World, sku: str) -> Row | None:
    return ShelfReader(Table("Availability", world.dynamodb)).rows([sku]).get(sku)


def product(world: World, product_id: str) -> Product:
    return ShelfReader(Table("Availability", world.dynamodb)).products([product_id])[product_id]


@pytest.mark.parametrize("case", ["stock_changed", "eta_moved", "rebuild_sku"])
def test_a_hint_at_what_the_ledger_does_not_know_writes_nothing(world: World, case: str) -> None:
    assert projected(world, case) == DONE
    assert row(world, "MUG-BLUE") is None


def test_a_campaign_is_on_the_shelf_though_nobody_else_named_its_sku(world: World) -> None:
    assert projected(world, "campaign_changed") == DONE

    lamp = row(world, "LAMP-BRASS")
    assert lamp is not None
    assert (lamp.status, lamp.status_at("2026-05-03T10:00:00.000Z")) == ("SoldOut", "PreOrder")
    assert (lamp.ahead, lamp.campaign.promised_until) == (32, "2026-07-31")


def test_a_product_brings_its_rows_and_their_counts(world: World) -> None:
    assert projected(world, "product_changed") == DONE

    blue, heads = row(world, "MUG-BLUE"), ShelfReader(Table("Availability", world.dynamodb)).heads(["mugs"])
    assert blue is not None
    assert (blue.variant.product_id, blue.variant.options, blue.status) == ("mugs", {"Colour": "Blue"}, "SoldOut")
    assert heads["mugs"].title == {"en": "Mug", "he": "ספל"}
    assert product(world, "mugs").counts == {"SoldOut": 1, "Discontinued": 1}


def test_a_sku_that_does_not_come_back_is_gone_whoever_had_it(world: World) -> None:
    for case in ("product_discontinued", "product_changed"):
        assert projected(world, case) == DONE
    gone = row(world, "MUG-BLUE")
    assert gone is not None
    assert gone.status == "Discontinued"
    assert product(world, "mugs").counts == {"Discontinued": 2}


def test_what_is_malformed_is_set_aside_alone_with_a_reason(world: World) -> None:
    assert projected(world, "malformed_among_good") == DONE
    letters = world.queues["AvailabilityDeadLetters"]
    assert [letter.attributes["reason"] for letter in letters] == [
        "StockChanged: sku: of another type",
        "not an event that changes what can be had",
    ]


def test_a_rebuild_goes_on_with_a_message_for_each_part_of_the_ledger(world: World) -> None:
    assert projected(world, "rebuild") == DONE
    jobs = [json.loads(body) for body in world.bodies("AvailabilityChanges")]
    assert [job.get("shard") for job in jobs] == ["0", "1", "2", "3", None]
    assert jobs[-1] == {"rebuild": "stores"}
