"""A picture and the lists by which others find it are written together, by one writer at a time."""

from typing import Any

import pytest
from standby.availability.pictures.hashing import looks
from standby.availability.pictures.repository import PictureRepository
from standby.platform.table import Query, Table
from standby.shelf import items
from standby.shelf.pictures import SEEN, Picture

from tests.standby.availability.pictures.drawing import drawn
from tests.standby.availability.storefront import product_changed, shelf, variant
from tests.world import World

ONE, OTHER = 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210
AT = "2026-05-03T10:00:00.000Z"
NEW = Picture(product_id="mugs")


def seen(bits: int, edition: int = 1) -> Picture:
    return Picture(
        product_id="mugs", edition=edition, address="https://shop.example/a", state=SEEN, looks=bits, reason="", at=AT
    )


def lists(world: World, bits: int) -> int:
    """Count the lists in which the product stands with such a picture."""
    table = Table("Availability", world.dynamodb)
    return sum(len(table.page(Query(key["pk"])).items) for key in items.band_keys("mugs", bits))


@pytest.fixture
def pictures(world: World) -> PictureRepository:
    return PictureRepository(Table("Availability", world.dynamodb))


def test_what_was_kept_is_read_with_its_version(pictures: PictureRepository) -> None:
    assert pictures.picture("mugs") == NEW
    assert pictures.keep(NEW, seen(ONE))
    known = pictures.picture("mugs")
    assert (known.version, known.looks, known.at) == (1, ONE, AT)
    assert pictures.keep(known, seen(OTHER))
    assert pictures.picture("mugs").version == 2


def test_who_read_what_is_no_longer_so_writes_nothing(world: World, pictures: PictureRepository) -> None:
    assert pictures.keep(NEW, seen(ONE))
    known = pictures.picture("mugs")
    assert not pictures.keep(NEW, seen(OTHER))
    assert pictures.keep(known, seen(ONE, edition=2))
    for late in (seen(OTHER, edition=3), seen(ONE, edition=3)):
        assert not pictures.keep(known, late)
    assert pictures.picture("mugs").edition == 2
    assert (lists(world, ONE), lists(world, OTHER)) == (8, 0)


def test_a_word_that_comes_between_reading_and_writing_is_not_lost(world: World) -> None:
    names = {edition: f"https://shop.example/i/{edition}.png" for edition in (1, 2)}
    world.web.pictures = {image: drawn(edition) for edition, image in names.items()}
    words = {
        edition: product_changed("mugs", edition, variant("MUG", 1), image=image) for edition, image in names.items()
    }
    between = iter([2])

    def tap(_service: str, operation: str, _parameters: Any, make: Any) -> Any:
        if operation == "PutItem" and (edition := next(between, None)):
            world.send("AvailabilityPictures", words[edition])
            world.meanwhile(lambda other: other.settle())
        return make()

    world.tap = tap
    world.send("AvailabilityPictures", words[1])
    world.settle()
    known = shelf(world).pictures(["mugs"])["mugs"]
    assert (known.edition, known.looks) == (2, looks(drawn(2)))
    assert world.web.asked == [names[2]]
