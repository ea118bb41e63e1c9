"""Each picture is looked at once, the newest one counts in any order, and one that cannot be had is left alone."""

import json
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability.pictures.hashing import looks
from standby.availability.pictures.service import LATER_SECONDS
from standby.platform.table import Query, Table
from standby.shelf import items
from standby.shelf.pictures import AGAIN_AFTER, MOST_TRIES, Picture

from tests.promises.unruly import Unruly, searching
from tests.standby.availability.pictures.drawing import drawn
from tests.standby.availability.storefront import Storefront, product_changed, shelf, variant
from tests.world import World

QUEUE = "AvailabilityPictures"
SITE = "https://shop.example/i/"
A, B, C = (f"{SITE}{name}.png" for name in "ABC")


@pytest.fixture
def shop(shop: Storefront) -> Storefront:
    shop.world.web.pictures = {address: drawn(number) for number, address in enumerate((A, B, C))}
    return shop


def named(world: World, edition: int, image: str | None, product_id: str = "mugs") -> None:
    """Let the catalogue name a product's picture."""
    world.send(QUEUE, product_changed(product_id, edition, variant("MUG", edition), image=image))


def seen(world: World, product_id: str = "mugs") -> Picture:
    return shelf(world).pictures([product_id])[product_id]


def listed(world: World, looked: int) -> list[str]:
    """Return the products in the lists of a picture's bands."""
    table = Table("Availability", world.dynamodb)
    return [
        items.looking(item["sk"])[0]
        for key in items.band_keys("", looked)
        for item in table.page(Query(key["pk"])).items
    ]


def test_a_picture_is_looked_at_once_and_found_by_all_its_bands(shop: Storefront) -> None:
    world = shop.world
    for edition in (1, 2, 2, 3):
        named(world, edition, A)
        world.settle()
    assert world.web.asked == [A]
    known = seen(world)
    assert (known.state, known.looks, known.edition, known.reason) == ("seen", looks(drawn(0)), 3, "")
    assert listed(world, looks(drawn(0))) == ["mugs"] * 8


def test_a_job_that_comes_again_looks_at_nothing(shop: Storefront) -> None:
    world = shop.world
    named(world, 1, A)
    world.settle()
    world.web.down = True
    named(world, 1, B, "cups")
    world.settle()
    for product_id in ("mugs", "cups"):
        world.send(QUEUE, {"look": product_id, "tries": 0})
    world.settle()
    assert world.web.asked == [A, B]


def test_a_picture_that_changed_is_nowhere_found_by_its_old_looks(shop: Storefront) -> None:
    world = shop.world
    named(world, 1, A)
    world.settle()
    named(world, 2, B)
    world.deliver(QUEUE)  # it is noted, and not looked at yet
    assert (seen(world).state, seen(world).looks) == ("awaited", None)
    assert listed(world, looks(drawn(0))) == []
    world.settle()
    assert listed(world, looks(drawn(1))) == ["mugs"] * 8
    named(world, 3, None)
    world.settle()
    assert (seen(world).state, seen(world).reason) == ("left", "the catalogue names no picture of it")
    assert listed(world, looks(drawn(1))) == []


@pytest.mark.parametrize("order", [*permutations([(1, A), (2, B), (3, A), (4, C)])])
def test_the_newest_word_counts_in_any_order(shop: Storefront, order: list[tuple[int, str]]) -> None:
    world = shop.world
    for edition, image in order:
        named(world, edition, image)
        world.settle()
    assert (seen(world).edition, seen(world).looks) == (4, looks(drawn(2)))
    assert listed(world, looks(drawn(2))) == ["mugs"] * 8
    assert {*listed(world, looks(drawn(0))), *listed(world, looks(drawn(1)))} == set()


@given(st.integers(0, 10_000), st.lists(st.sampled_from([A, B, C, None]), min_size=1, max_size=6))
@searching(examples=20, steps=1)
def test_the_newest_word_counts_whatever_comes_twice_and_late(
    shop: Storefront, seed: int, words: list[str | None]
) -> None:
    world = shop.world
    world.memory.tables["Availability"].items.clear()
    for edition, image in enumerate(words, 1):
        named(world, edition, image)
    world.turn = Unruly(seed, latest=timedelta(minutes=1))
    world.settle()
    world.wait(minutes=10)
    last = words[-1]
    wanted = None if last is None else looks(world.web.pictures[last])
    assert (seen(world).edition, seen(world).looks) == (len(words), wanted)
    others = {looks(drawn(number)) for number in range(3)} - {wanted}
    assert [each for other in others for each in listed(world, other)] == []
    assert wanted is None or listed(world, wanted) == ["mugs"] * 8


def test_where_a_product_has_no_picture_its_first_variant_s_counts(shop: Storefront) -> None:
    world = shop.world
    world.send(QUEUE, product_changed("mugs", 1, variant("MUG", 1, position=0, image=A)))
    world.settle()
    assert seen(world).address == A
    for word in (
        product_changed("mugs", 2, variant("MUG-9", 2, position=9, image=B)),
        product_changed("mugs", 2, variant("MUG", 2, gone=True, image=B)),
        product_changed("mugs", 2),
    ):
        world.send(QUEUE, word)
        world.settle()
        assert (seen(world).address, seen(world).edition) == (A, 1), "a part of a large product, without the first"


def test_a_picture_that_cannot_be_had_is_tried_a_few_times_and_left_alone(shop: Storefront) -> None:
    world = shop.world
    world.web.down = True
    named(world, 1, A)
    world.settle()
    tried = []
    for seconds in LATER_SECONDS[1:]:
        assert seen(world).state == "awaited"
        world.clock.advance(seconds=seconds - 2)
        world.settle()
        tried.append(len(world.web.asked))
        world.clock.advance(seconds=4)
        world.settle()
    assert tried == [1, 2, 3, 4]
    assert len(world.web.asked) == MOST_TRIES == len(LATER_SECONDS)
    known = seen(world)
    assert (known.state, known.tries, known.reason) == ("left", MOST_TRIES, "the shop's site answered 503")
    world.wait(hours=3)
    named(world, 2, A)
    world.settle()
    assert len(world.web.asked) == MOST_TRIES, "left alone"
    assert not any(world.queues.values())

    world.web.down = False
    world.clock.advance(seconds=AGAIN_AFTER.total_seconds())
    named(world, 2, A)
    world.settle()
    assert (seen(world).state, seen(world).tries, seen(world).looks) == ("seen", 0, looks(drawn(0)))


def test_a_picture_that_comes_late_is_seen_at_the_next_try(shop: Storefront) -> None:
    world = shop.world
    world.web.down = True
    named(world, 1, A)
    world.settle()
    world.web.down = False
    world.wait(minutes=2)
    assert (seen(world).state, seen(world).tries, seen(world).looks) == ("seen", 1, looks(drawn(0)))


def test_what_is_no_picture_is_asked_for_once_and_says_why(shop: Storefront) -> None:
    world = shop.world
    world.web.pictures[B] = b"<svg/>"
    for product_id, image in (("mugs", B), ("cups", f"{SITE}forbidden.png")):
        named(world, 1, image, product_id)
    world.settle()
    world.wait(hours=2)
    assert len(world.web.asked) == 2
    assert [(seen(world, each).state, seen(world, each).reason) for each in ("mugs", "cups")] == [
        ("left", "not a picture in JPEG, PNG, WEBP, GIF"),
        ("left", "the shop's site answered 403"),
    ]
    assert not any(world.queues.values())


def test_a_newer_picture_that_comes_while_the_old_one_is_looked_at_counts(shop: Storefront) -> None:
    world, fetch = shop.world, shop.world.web.fetch

    def slowly(address: str) -> bytes:
        if address == A:
            world.meanwhile(lambda other: (named(other, 2, B), other.settle()))
        return fetch(address)

    world.web.fetch = slowly  # type: ignore[method-assign]
    named(world, 1, A)
    world.settle()
    assert (seen(world).edition, seen(world).looks) == (2, looks(drawn(1)))
    assert listed(world, looks(drawn(0))) == []


def test_why_says_what_became_of_the_picture(shop: Storefront) -> None:
    world = shop.world
    for queue in (QUEUE, "AvailabilityChanges"):
        world.send(queue, product_changed("mugs", 1, variant("MUG", 1), image=A))
    world.deliver("AvailabilityChanges")
    world.deliver(QUEUE)
    assert "yet to be looked at" in shop.why("MUG")["steps"][0]["rule"]
    world.web.pictures[A] = b"<svg/>"
    world.settle()
    (step,) = [each for each in shop.why("MUG")["steps"] if "picture" in each["rule"]]
    assert step["numbers"] == {
        "product_id": "mugs",
        "edition": 1,
        "image": A,
        "tries": 1,
        "reason": "not a picture in JPEG, PNG, WEBP, GIF",
    }


@pytest.mark.parametrize(
    "job",
    [{"look": 7, "tries": 0}, {"look": "", "tries": 0}, {"look": "mugs"}, {"look": "mugs", "tries": "0"}],
)
def test_a_job_that_is_none_is_set_aside(world: World, job: dict[str, Any]) -> None:
    world.send(QUEUE, job)
    world.settle()
    (letter,) = world.queues["AvailabilityDeadLetters"]
    assert json.loads(letter.body) == job
    assert letter.attributes["reason"].startswith("a picture to look at has")


def test_a_job_about_a_product_that_nobody_named_does_nothing(world: World) -> None:
    world.send(QUEUE, {"look": "mugs", "tries": 0})
    world.settle()
    assert world.web.asked == []
    assert not any(world.queues.values())
