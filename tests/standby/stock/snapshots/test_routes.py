"""Snapshots over HTTP."""

import pytest

from tests.fakes import FakeClock
from tests.standby.stock.counting import level, pages
from tests.standby.stock.test_routes import call
from tests.standby.stock.warehouse import Warehouse


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.advance(minutes=10)
    return clock


def waiting(warehouse: Warehouse) -> None:
    """Let a snapshot come that would empty a whole location."""
    assert warehouse.deliver(level("MUG", "W", 5, second=0)) == []
    assert warehouse.deliver(*pages("S1", "W", {}, second=60)) == []
    work(warehouse)


def work(warehouse: Warehouse) -> None:
    while jobs := warehouse.sweeps.bodies():
        warehouse.sweeps.drain()
        for job in jobs:
            warehouse.sweeper.snapshots.handle(job)


def test_a_snapshot_that_waits_shows_its_numbers_and_is_approved(warehouse: Warehouse) -> None:
    waiting(warehouse)

    status, listed = call(warehouse, "GET", "/v1/stock/snapshots")
    assert (status, [snapshot["state"] for snapshot in listed["items"]]) == (200, ["waiting_for_approval"])
    status, shown = call(warehouse, "GET", "/v1/stock/snapshots/S1")
    assert (status, shown["brake"]["falling"], shown["brake"]["stocked"]) == (200, 1, 1)

    status, approved = call(warehouse, "POST", "/v1/stock/snapshots/S1/approve")
    assert (status, approved["state"], approved["decided_by"]) == (200, "applying", "dana (k1)")
    work(warehouse)
    assert call(warehouse, "GET", "/v1/stock/snapshots/S1")[1]["state"] == "applied"
    assert call(warehouse, "GET", "/v1/stock/MUG")[1]["on_hand"] == 0
    status, again = call(warehouse, "POST", "/v1/stock/snapshots/S1/approve")
    assert (status, again["state"], work(warehouse)) == (200, "applied", None)
    assert call(warehouse, "GET", "/v1/stock/snapshots")[1]["items"] == []


def test_a_rejected_snapshot_leaves_the_stock(warehouse: Warehouse) -> None:
    waiting(warehouse)

    assert call(warehouse, "POST", "/v1/stock/snapshots/S1/reject")[1]["state"] == "rejected"
    work(warehouse)
    assert call(warehouse, "GET", "/v1/stock/MUG")[1]["on_hand"] == 5


def test_a_snapshot_id_of_two_locations_needs_the_location(warehouse: Warehouse) -> None:
    warehouse.deliver(*pages("S1", "W", {}, {}, second=60), *pages("S1", "V", {}, {}, second=60))

    status, problem = call(warehouse, "GET", "/v1/stock/snapshots/S1")
    assert (status, problem["locations"]) == (409, ["V", "W"])
    status, shown = call(warehouse, "GET", "/v1/stock/snapshots/S1", query="location_id=V")
    assert (status, shown["location_id"]) == (200, "V")


def test_an_unknown_snapshot_is_not_found(warehouse: Warehouse) -> None:
    assert call(warehouse, "GET", "/v1/stock/snapshots/S9")[0] == 404


def test_snapshots_come_over_http_too(warehouse: Warehouse) -> None:
    (page,) = pages("S1", "W", {"MUG": 5}, second=60)
    answer = call(warehouse, "POST", "/v1/messages/stock", page)
    assert answer == (202, {"accepted": 1, "rejected": []})
    page["levels"][0]["sku"] = "no\tsku"
    (rejected,) = call(warehouse, "POST", "/v1/messages/stock", page)[1]["rejected"]
    assert rejected["reason"].startswith("levels.0.sku: ")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/stock/snapshots", "erp"),
        ("POST", "/v1/stock/snapshots/S1/approve", "erp"),
        ("POST", "/v1/stock/snapshots/S1/reject", "storefront"),
    ],
)
def test_each_route_asks_for_its_scope(warehouse: Warehouse, method: str, path: str, scope: str) -> None:
    assert call(warehouse, method, path, {}, scopes=scope)[0] == 403
