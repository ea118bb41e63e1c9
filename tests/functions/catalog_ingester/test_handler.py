"""`catalog_ingester` from its event to the table and the bus, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from standby.catalog.repository import CatalogRepository

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "catalog_ingester"
DONE: dict[str, Any] = {"batchItemFailures": []}
CATALOGUE = CatalogRepository("Catalog")


def taken(world: World, case: str) -> Any:
    return world.run("catalog_ingester", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_a_product_is_kept_and_told(world: World) -> None:
    assert taken(world, "product") == DONE

    product = CATALOGUE.product("CUP")
    assert (product.edition, product.open, product.skus) == (1, False, ("CUP-BLUE-S", "CUP-BLUE-L", "CUP-SET"))
    (name, event), *more = world.events
    assert (name, event["title"]["he"], event["price"], more) == (
        "ProductChanged",
        "ספל עם ידית",
        {"amount": 4990, "currency": "ILS"},
        [],
    )
    small, large, kit = event["variants"]
    assert small["external_ids"] == {"shopify": "4455667788"}
    assert large["price"] == {"amount": 5990, "currency": "ILS"}
    assert kit["components"] == [{"sku": "CUP-BLUE-S", "quantity": 2}, {"sku": "CUP-BLUE-L", "quantity": 1}]


def test_the_newest_word_wins_whatever_its_order(world: World) -> None:
    assert taken(world, "product_out_of_order") == DONE
    assert CATALOGUE.product("CUP").about["title"] == {"en": "Cup"}
    assert len(world.events) == 1


def test_what_does_not_come_back_is_told(world: World) -> None:
    assert taken(world, "discontinued") == DONE
    assert [event["sku"] for name, event in world.events if name == "ProductDiscontinued"] == ["CUP-BLUE-L"]


def test_poison_is_set_aside_alone_with_its_reason(world: World) -> None:
    assert taken(world, "batch_with_poison") == DONE

    (letter,) = world.queues["CatalogDeadLetters"]
    assert json.loads(letter.body)["product_id"] == "MUG"
    assert letter.attributes["reason"].startswith("url: is no web address")
    assert letter.attributes["index"] == "1"
    assert [CATALOGUE.product(name).edition for name in ("CUP", "MUG", "JUG")] == [1, 0, 1]


def test_a_body_that_is_no_json_is_set_aside_as_it_came(world: World) -> None:
    assert taken(world, "malformed") == DONE
    assert world.bodies("CatalogDeadLetters") == ['{"type": "product.upserted", "product_id": ']


def test_a_large_batch_is_split(world: World) -> None:
    assert taken(world, "large_batch") == DONE
    sizes = [len(json.loads(body)["messages"]) for body in world.bodies("CatalogUpdates")]
    assert sizes == [25, 25, 10]
    world.settle()
    assert len(world.events) == 60
