"""`availability_viewer` from the catalogue's events to what a picture looks like, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from standby.availability.pictures.hashing import looks
from standby.shelf.pictures import Picture

from tests.standby.availability.pictures.drawing import drawn
from tests.standby.availability.storefront import shelf
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "availability_viewer"
DONE: dict[str, Any] = {"batchItemFailures": []}
ADDRESS = "https://shop.example/i/mugs.jpg"


def viewed(world: World, case: str) -> Any:
    return world.run("availability_viewer", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def known(world: World) -> Picture | None:
    return shelf(world).pictures(["mugs"]).get("mugs")


def test_a_product_s_picture_is_noted_and_waits_for_its_turn(world: World) -> None:
    assert viewed(world, "product_changed") == DONE

    picture = known(world)
    assert picture is not None
    assert (picture.address, picture.edition, picture.state) == (ADDRESS, 3, "awaited")
    assert [json.loads(body) for body in world.bodies("AvailabilityPictures")] == [{"look": "mugs", "tries": 0}]
    assert world.web.asked == []


def test_a_picture_whose_turn_it_is_is_looked_at(world: World) -> None:
    world.web.pictures[ADDRESS] = drawn(1)
    for case in ("look", "product_changed", "look", "look"):
        assert viewed(world, case) == DONE

    picture = known(world)
    assert picture is not None
    assert (picture.state, picture.looks, world.web.asked) == ("seen", looks(drawn(1)), [ADDRESS])


def test_what_is_malformed_is_set_aside_alone_with_a_reason(world: World) -> None:
    assert viewed(world, "malformed_among_good") == DONE

    assert known(world) is not None
    assert [letter.attributes["reason"] for letter in world.queues["AvailabilityDeadLetters"]] == [
        "ProductChanged: product_id: of another type",
        "neither a product nor a picture to look at",
    ]
