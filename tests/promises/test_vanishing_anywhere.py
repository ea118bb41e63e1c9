"""SKUs that a complete file leaves out of a product wait for a person, and go once, whichever call breaks.

Every call is broken with ``STANDBY_EVERY=1``; a plain run breaks some.
"""

import pytest

from tests.promises.killing import Scenario, dead_letters, insists, report
from tests.promises.shop import Shop
from tests.promises.test_absent_anywhere import ABSENCES, EVERY, absences, breaks, decides, runs, saves, shown
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

LETTERS = "ABCDE"


def fed(world: World, **products: str) -> None:
    """Put a complete file of products that have a SKU for each letter."""
    rows = [f"{name}-{letter}\t{name}\t{name}" for name, letters in products.items() for letter in letters]
    world.put("inbox/shop/products.tsv", "\n".join(["id\titem_group_id\ttitle", *rows]).encode())


def two_products_are_fed(shop: Shop) -> None:
    saves(shop.world)
    fed(shop.world, CUP=LETTERS, MUG=LETTERS)
    runs(shop.world)
    shop.world.clock.advance(hours=1)


def skus_vanish_and_that_is_approved(world: World) -> None:
    fed(world, CUP=LETTERS[:2], MUG=LETTERS)
    runs(world)
    status, cup = insists(world, "catalog_api", "GET", "/v1/catalog/products/CUP", scopes="ops")
    assert status >= 500 or cup["skus"] == [f"CUP-{letter}" for letter in LETTERS], "nobody approved"
    for _ in range(3):  # a person tries again when the answer was an error
        status, found = insists(world, "catalog_api", "GET", ABSENCES, scopes="ops")
        if status == 200 and found["items"][0]["state"] == "waiting_for_approval":
            decides(world, "approve", found["items"][0])
        runs(world)


def they_are_gone(world: World, _most: int = 1) -> None:
    assert shown(world, "CUP")["skus"] == ["CUP-A", "CUP-B"]
    assert shown(world, "MUG")["skus"] == [f"MUG-{letter}" for letter in LETTERS]
    assert [absence["state"] for absence in absences(world)] == ["applied", "applied"]
    assert dead_letters(world) == [], "set aside without need"


SCENARIOS = (
    Scenario("SKUs vanish", two_products_are_fed, skus_vanish_and_that_is_approved, they_are_gone, every=EVERY),
)


def test_skus_that_vanish_wait_and_go_however_it_breaks(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    two_products_are_fed(Shop(world))
    report(capsys, "SKUs vanish", breaks(world, skus_vanish_and_that_is_approved, they_are_gone))
