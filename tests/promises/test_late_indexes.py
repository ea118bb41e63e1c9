"""Promise 4 where DynamoDB's indexes follow late: what was written just before is found all the same."""

from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.dynamo import Lag, Latest
from tests.promises.killing import everything_runs
from tests.promises.shop import OPS, Shop
from tests.standby.catalog.words import upserted
from tests.world import World

pytestmark = pytest.mark.promise("P4")

SHELF = [f"SHELF-{number}" for number in range(5)]


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a shop whose indexes are seconds late, however much is written."""
    monkeypatch.setattr("tests.dynamo.MOST_WRITES_LATE", 10_000)
    for table in world.memory.tables.values():
        table.lag = Lag(Latest(), world.clock.now)
    return Shop(world)


def count(shop: Shop, **named: int) -> dict[str, Any]:
    """Return a full count that names these SKUs."""
    levels = [{"sku": sku, "on_hand": on_hand} for sku, on_hand in named.items()]
    page = {"type": "stock.snapshot", "snapshot_id": "COUNT", "location_id": shop.location, "page": 1, "pages": 1}
    return {**page, "as_of": to_text(shop.world.clock.now()), "levels": levels}


def state(shop: Shop) -> Any:
    _, body = shop.world.request("stock_api", "GET", "/v1/stock/snapshots/COUNT", scopes=OPS)
    return body["state"]


def test_a_change_of_a_products_settings_finds_a_sku_that_joined_just_before(shop: Shop) -> None:
    shop.counts("PLATE", 9)
    shop.world.send("CatalogUpdates", upserted("PLATES", "PLATE"))
    shop.world.settle()
    shop.world.clock.advance(milliseconds=2)

    shop.settings("product:PLATES", safety_stock=2)
    everything_runs(shop.world)

    assert shop.stock("PLATE")["free"] == 7


def test_a_full_count_weighs_levels_that_were_written_just_before(shop: Shop) -> None:
    for sku in SHELF:
        shop.world.send("StockUpdates", shop.level(sku, 3))
    shop.world.settle()
    shop.world.clock.advance(milliseconds=2)

    shop.world.send("StockUpdates", count(shop, OTHER=1))
    everything_runs(shop.world)

    assert state(shop) == "waiting_for_approval"
    assert [shop.stock(sku)["on_hand"] for sku in SHELF] == [3] * 5


def test_a_full_count_empties_what_was_written_just_before(shop: Shop) -> None:
    old = dict.fromkeys(SHELF, 3)
    for sku in SHELF:
        shop.counts(sku, 3)
    shop.world.clock.advance(minutes=1)
    shop.world.send("StockUpdates", shop.level("NEW", 3))
    shop.world.settle()
    shop.world.clock.advance(milliseconds=2)

    shop.world.send("StockUpdates", count(shop, **old))
    everything_runs(shop.world)

    assert state(shop) == "applied"
    assert shop.stock("NEW")["on_hand"] == 0


def test_a_location_that_ceases_to_count_takes_along_what_was_written_just_before(shop: Shop) -> None:
    shop.world.send("StockUpdates", shop.level("NEW", 3))
    shop.world.settle()
    about = {"type": "location.upserted", "location_id": shop.location, "kind": "returns"}

    shop.world.send("StockUpdates", {**about, "as_of": to_text(shop.world.clock.now())})
    shop.world.settle()
    assert shop.stock("NEW")["free"] == 3, "the index is late indeed"
    everything_runs(shop.world)

    assert shop.stock("NEW")["free"] == 0


def test_what_is_finished_rings_no_alarm_although_the_index_shows_it(shop: Shop) -> None:
    shop.world.send("StockUpdates", {**count(shop, OTHER=1), "pages": 2})
    shop.world.settle()
    shop.world.clock.advance(seconds=6)
    assert state(shop) == "receiving"
    status, _ = shop.world.request("stock_api", "POST", "/v1/stock/snapshots/COUNT/reject", scopes=OPS)
    _, listed = shop.world.request("stock_api", "GET", "/v1/stock/snapshots", scopes=OPS)

    assert (status, listed["items"]) == (200, [])
