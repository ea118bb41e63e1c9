"""Snapshots and imports over HTTP."""

from typing import Any

import pytest

from tests.fakes import FakeClock
from tests.standby.stock.counting import level, pages
from tests.standby.stock.test_routes import call
from tests.standby.stock.warehouse import Warehouse

MAPPING = {"columns": {"sku": "Item", "on_hand": 3}, "location_id": "W"}


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
            warehouse.sweeper.snapshots.take(job)


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
    assert call(warehouse, "POST", "/v1/stock/snapshots/S1/approve")[0] == 409
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
    page["levels"][0]["sku"] = "no sku"
    (rejected,) = call(warehouse, "POST", "/v1/messages/stock", page)[1]["rejected"]
    assert rejected["reason"].startswith("levels.0.sku: ")


def test_a_mapping_is_saved_and_shown_with_its_version(warehouse: Warehouse) -> None:
    assert call(warehouse, "PUT", "/v1/imports/mappings/daily", MAPPING) == (200, MAPPING | {"version": 1})
    assert call(warehouse, "PUT", "/v1/imports/mappings/daily", MAPPING | {"version": 7})[1]["version"] == 2
    assert call(warehouse, "GET", "/v1/imports/mappings/daily") == (200, MAPPING | {"version": 2})
    assert call(warehouse, "GET", "/v1/imports/mappings/other")[0] == 404


@pytest.mark.parametrize(
    ("name", "document", "reason"),
    [
        ("daily", {"columns": {"sku": "Item"}, "location_id": "W"}, "on_hand or available is needed"),
        ("daily", MAPPING | {"unit_faktor": 2}, "unit_faktor"),
        ("daily", MAPPING | {"encoding": "morse"}, "encoding"),
        ("Daily!", MAPPING, "name"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(
    warehouse: Warehouse, name: str, document: dict[str, Any], reason: str
) -> None:
    status, problem = call(warehouse, "PUT", f"/v1/imports/mappings/{name}", document)
    assert (status, reason in problem["detail"]) == (400, True), problem


def test_an_upload_gets_an_address_and_a_report_to_look_at(warehouse: Warehouse) -> None:
    call(warehouse, "PUT", "/v1/imports/mappings/daily", MAPPING)

    status, leave = call(warehouse, "POST", "/v1/imports/uploads", {"mapping": "daily", "dry_run": True})
    assert (status, leave) == (
        201,
        {
            "import_id": "0" * 24,
            "method": "PUT",
            "url": f"https://inbox.example/inbox-dry-run/daily/{'0' * 24}.csv?seconds=900",
            "expires_at": "2026-05-03T10:25:00.000Z",
        },
    )
    status, report = call(warehouse, "GET", f"/v1/imports/{'0' * 24}")
    assert (status, report["state"], report["bad_lines"]) == (200, "waiting", {"items": [], "next": None})


def test_an_upload_without_a_mapping_is_refused(warehouse: Warehouse) -> None:
    assert call(warehouse, "POST", "/v1/imports/uploads", {"mapping": "daily"})[0] == 404


def test_findings_are_read_page_by_page(warehouse: Warehouse) -> None:
    files, now = warehouse.imports.files, warehouse.clock.now()
    files.write("I1", {"state": "done", "run": "R"}, now=now)
    for number in range(3):
        files.find("I1", "bad", f"R#0000-{number:06}", [{"line": number}], now=now)  # type: ignore[attr-defined]
    found, after = [], ""
    while after is not None:
        query = f"after={after}" if after else ""
        status, page = call(warehouse, "GET", "/v1/imports/I1/bad-lines", query=query)
        assert status == 200
        found += page["items"]
        after = page["next"]
    assert found == [{"line": 0}, {"line": 1}, {"line": 2}]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/stock/snapshots", "erp"),
        ("POST", "/v1/stock/snapshots/S1/approve", "erp"),
        ("POST", "/v1/stock/snapshots/S1/reject", "storefront"),
        ("PUT", "/v1/imports/mappings/daily", "erp"),
        ("GET", "/v1/imports", "erp"),
        ("GET", "/v1/imports/I1", "storefront"),
        ("POST", "/v1/imports/uploads", "ops"),
    ],
)
def test_each_route_asks_for_its_scope(warehouse: Warehouse, method: str, path: str, scope: str) -> None:
    assert call(warehouse, method, path, {}, scopes=scope)[0] == 403
