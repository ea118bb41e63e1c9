"""Files over HTTP, as ``stock_api`` serves them."""

import json
from typing import Any

import pytest
from standby.imports.model import LARGEST_BYTES

from tests.standby.stock.test_routes import call
from tests.standby.stock.warehouse import Warehouse

MAPPING = {"columns": {"sku": "Item", "on_hand": 3}, "location_id": "W"}


def test_a_mapping_is_saved_and_shown_with_its_version(warehouse: Warehouse) -> None:
    assert call(warehouse, "PUT", "/v1/imports/mappings/daily", MAPPING) == (200, MAPPING | {"version": 1})
    assert call(warehouse, "PUT", "/v1/imports/mappings/daily", MAPPING | {"version": 7})[1]["version"] == 2
    assert call(warehouse, "GET", "/v1/imports/mappings/daily") == (200, MAPPING | {"version": 2})
    assert call(warehouse, "GET", "/v1/imports/mappings/other")[0] == 404


def test_a_mapping_may_name_its_kind(warehouse: Warehouse) -> None:
    named = MAPPING | {"kind": "stock"}
    assert call(warehouse, "PUT", "/v1/imports/mappings/daily", named) == (200, named | {"version": 1})


def test_the_number_of_a_column_may_come_with_a_point(warehouse: Warehouse) -> None:
    document = MAPPING | {"columns": {"sku": "Item", "on_hand": 2.0}}
    saved = call(warehouse, "PUT", "/v1/imports/mappings/daily", document)[1]
    assert json.dumps(saved["columns"]) == '{"sku": "Item", "on_hand": 2}'


@pytest.mark.parametrize(
    ("name", "document", "reason"),
    [
        ("daily", {"columns": {"sku": "Item"}, "location_id": "W"}, "on_hand or available is needed"),
        ("daily", MAPPING | {"unit_faktor": 2}, "unit_faktor"),
        ("daily", MAPPING | {"encoding": "morse"}, "encoding"),
        ("daily", MAPPING | {"kind": "music"}, "kind: 'music' is none, only: stock"),
        ("daily", MAPPING | {"time_format": "%d.%m.%Y %H:%m"}, "time_format: '%d.%m.%Y %H:%m' is none"),
        ("daily", MAPPING | {"columns": {"sku": 1, "on_hand": 2.5}}, "on_hand"),
        ("daily", MAPPING | {"kind": 7}, "kind: '7' is none"),
        ("Daily!", MAPPING, "name"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(
    warehouse: Warehouse, name: str, document: dict[str, Any], reason: str
) -> None:
    status, problem = call(warehouse, "PUT", f"/v1/imports/mappings/{name}", document)
    assert (status, reason in problem["detail"]) == (400, True), problem


def test_an_upload_gets_a_form_and_a_report_to_look_at(warehouse: Warehouse) -> None:
    call(warehouse, "PUT", "/v1/imports/mappings/daily", MAPPING)

    status, leave = call(warehouse, "POST", "/v1/imports/uploads", {"mapping": "daily", "dry_run": True})
    assert (status, leave) == (
        201,
        {
            "import_id": "0" * 24,
            "method": "POST",
            "url": "https://inbox.example/",
            "fields": {
                "key": f"inbox-dry-run/daily/{'0' * 24}.csv",
                "policy": f"900 seconds, {LARGEST_BYTES} bytes",
            },
            "most_bytes": LARGEST_BYTES,
            "expires_at": "2026-05-03T10:25:00.000Z",
        },
    )
    status, report = call(warehouse, "GET", f"/v1/imports/{'0' * 24}")
    assert (status, report["state"], report["bad_lines"]) == (200, "waiting", {"items": [], "next": None})


def test_an_upload_without_a_mapping_is_refused(warehouse: Warehouse) -> None:
    assert call(warehouse, "POST", "/v1/imports/uploads", {"mapping": "daily"})[0] == 404


@pytest.mark.parametrize(
    "of_it", ["imports/{}", "imports/{}/bad-lines", "imports/{}/differences", "imports/mappings/{}"]
)
def test_a_text_that_no_key_of_dynamodb_holds_leads_nowhere(warehouse: Warehouse, of_it: str) -> None:
    assert call(warehouse, "GET", f"/v1/{of_it.format('a' * 2_100)}")[0] == 404


@pytest.mark.parametrize("of_it", ["", "/bad-lines", "/differences"])
def test_an_unknown_import_has_no_findings_either(warehouse: Warehouse, of_it: str) -> None:
    status, problem = call(warehouse, "GET", f"/v1/imports/{'0' * 24}{of_it}")
    assert (status, problem["type"]) == (404, "/problems/unknown-import")


def test_findings_are_read_page_by_page(warehouse: Warehouse) -> None:
    files, now = warehouse.imports.files, warehouse.clock.now()
    lines = [{"line": number, "lines": 1, "reason": "sku: '' is none", "text": " | 7"} for number in range(3)]
    files.write("I1", {"state": "done", "run": "R"}, now=now)
    for number, line in enumerate(lines):
        files.find("I1", "bad", f"R#0000-{number:06}", [line], now=now)  # type: ignore[attr-defined]
    found, after = [], ""
    while after is not None:
        query = f"after={after}" if after else ""
        status, page = call(warehouse, "GET", "/v1/imports/I1/bad-lines", query=query)
        assert status == 200
        found += page["items"]
        after = page["next"]
    assert found == lines


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("PUT", "/v1/imports/mappings/daily", "erp"),
        ("GET", "/v1/imports", "erp"),
        ("GET", "/v1/imports/I1", "storefront"),
        ("POST", "/v1/imports/uploads", "ops"),
    ],
)
def test_each_route_asks_for_its_scope(warehouse: Warehouse, method: str, path: str, scope: str) -> None:
    assert call(warehouse, method, path, {}, scopes=scope)[0] == 403
