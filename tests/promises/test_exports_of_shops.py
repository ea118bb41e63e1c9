"""The exports of shops and ERPs, by the mappings that ship as examples, from the inbox to what the shop is told."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

MAPPINGS = Path(__file__).parents[2] / "events" / "mappings"
NAMES = sorted(path.stem for path in MAPPINGS.glob("*.json"))
Told = dict[str, dict[str, int]]
LEVELS: dict[str, Told] = {
    "woocommerce_stock": {
        "LINEN-S": {"warehouse": 7},
        "LINEN-M": {"warehouse": 0},
        "LINEN-L": {"warehouse": 0},
        "00123": {"warehouse": 100},
        "SOCKS-M": {"warehouse": 0},
    },
    "shopify_inventory": {
        "LINEN-S": {"Haifa": 2, "Berlin": 0},
        "LINEN-M": {"Haifa": 0},
        "linen-m": {"Berlin": 3},
    },
    "magento_stock": {
        "LINEN": {"default": 0},
        "LINEN-S": {"default": 7},
        "LINEN-M": {"default": 0},
        "LINEN-L": {"default": 0},
    },
    "google_style_stock": {
        "LINEN-S": {"warehouse": 7},
        "LINEN-M": {"warehouse": 0},
        "LINEN-L": {"warehouse": 100},
    },
    "hebrew_erp_stock": {"א-101": {"חיפה": 7}, "א-102": {"חיפה": 0}, "א-103": {"תל אביב": 12}},
}
KEPT = {"woocommerce_stock": 4, "magento_stock": 1, "google_style_stock": 1}
BAD = {
    "woocommerce_stock": [
        "sku: a spreadsheet damaged '4.00638E+12', its digits are lost; make the column text before saving"
    ]
}
REMARKS = {"shopify_inventory": ["sku: 'LINEN-M', 'linen-m' differ only in capitals or blanks"]}


def asked(world: World, method: str, path: str, body: Any = None, **query: str) -> Any:
    status, answer = world.request("stock_api", method, path, body=body, query=query, scopes="ops")
    assert status == 200, answer
    return answer


def test_every_example_is_tried() -> None:
    assert sorted(LEVELS) == NAMES
    assert sorted(path.stem for path in MAPPINGS.glob("*.csv")) == NAMES


@pytest.mark.promise("P9")
@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_imported_with_its_mapping(world: World, name: str) -> None:
    mapping, file = json.loads((MAPPINGS / f"{name}.json").read_text("utf-8")), (MAPPINGS / f"{name}.csv").read_bytes()
    asked(world, "PUT", f"/v1/imports/mappings/{name}", mapping)

    world.put(f"inbox/{name}/export.csv", file)
    world.settle()

    for sku, levels in LEVELS[name].items():
        stock = asked(world, "GET", "/v1/stock", sku=sku)
        assert {level["location_id"]: level["on_hand"] for level in stock["levels"]} == levels
    about = asked(world, "GET", "/v1/imports")["items"][0]
    report = asked(world, "GET", f"/v1/imports/{about['import_id']}")
    assert (report["state"], report["remarks"]) == ("done", REMARKS.get(name, []))
    assert report["totals"].get("kept", 0) == KEPT.get(name, 0)
    assert [bad["reason"] for bad in report["bad_lines"]["items"]] == BAD.get(name, [])


@pytest.mark.parametrize("name", NAMES)
def test_a_preview_shows_what_the_import_does(world: World, name: str) -> None:
    mapping, file = json.loads((MAPPINGS / f"{name}.json").read_text("utf-8")), (MAPPINGS / f"{name}.csv").read_bytes()
    wish = {"mapping": mapping, "sample": b64encode(file).decode()}
    shown = asked(world, "POST", "/v1/imports/previews", wish)
    says = [line["says"] for line in shown["lines"] if line["says"] and not line["says"]["keeps"]]
    told: Told = {}
    for said in says:
        units = said.get("on_hand", said.get("available"))
        told.setdefault(said["sku"], {})[said["location_id"]] = max(0, units)
    assert told == LEVELS[name]
    assert [line["reason"] for line in shown["lines"] if line["reason"]] == BAD.get(name, [])
