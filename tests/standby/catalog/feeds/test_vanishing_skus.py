"""SKUs that a complete file leaves out of products that it names: too many wait for a person, as products do."""

from typing import Any

import pytest

from tests.standby.catalog.feeds.test_approvals import ABSENCES, call
from tests.world import World

ALL = {"SHIRT": "SMLXZ", "SOCK": "SMLXZ"}


def fed(world: World, said: dict[str, str], *, folder: str = "inbox", spoilt: str = "") -> Any:
    """Put a complete file with these products, each with a SKU for each letter, and return its absence."""
    rows = [f"{product}-{letter}\t{product}\tA {product}" for product, letters in said.items() for letter in letters]
    world.clock.advance(minutes=1)
    text = "\n".join(["id\titem_group_id\ttitle", *rows]) + spoilt
    world.put(f"{folder}/shop/feed.tsv", text.encode())
    world.settle()
    world.wait(seconds=6)
    listed = call(world, "GET", ABSENCES)["items"]
    return call(world, "GET", f"{ABSENCES}/{listed[0]['absence_id']}")


def skus(world: World, product_id: str) -> str:
    return "".join(sku[-1] for sku in call(world, "GET", f"/v1/catalog/products/{product_id}")["skus"])


@pytest.fixture
def fed_world(world: World) -> World:
    """Return a world whose catalogue came by a complete file."""
    mapping = {"kind": "products", "format": "google", "complete": True}
    call(world, "PUT", "/v1/imports/mappings/shop", body=mapping)
    assert fed(world, ALL)["state"] == "applied"
    return world


def test_more_than_a_fifth_of_the_skus_wait_and_the_others_count(fed_world: World) -> None:
    absence = fed(fed_world, {"SHIRT": "SM", "SOCK": "SMLXZ", "CUP": "S"})
    assert (absence["state"], absence["products_held"], absence["product_ids"]) == ("waiting_for_approval", 1, [])
    assert absence["sku_brake"] == {"absent": 3, "known": 10, "percent": 30.0, "limit_percent": 20}
    assert absence["losing"] == [{"product_id": "SHIRT", "skus": ["SHIRT-L", "SHIRT-X", "SHIRT-Z"]}]
    assert (skus(fed_world, "SHIRT"), skus(fed_world, "CUP")) == ("SMLXZ", "S")
    report = call(fed_world, "GET", f"/v1/imports/{absence['absence_id'].partition('-')[0]}")
    assert [report["totals"][name] for name in ("skus_known", "skus_absent", "products_held")] == [10, 3, 1]

    place = f"{ABSENCES}/{absence['absence_id']}"
    assert call(fed_world, "POST", f"{place}/approve")["state"] == "applying"
    call(fed_world, "POST", f"{place}/approve")
    fed_world.settle()
    assert (call(fed_world, "GET", place)["state"], skus(fed_world, "SHIRT")) == ("applied", "SM")
    assert skus(fed_world, "SOCK") == "SMLXZ"


def test_what_is_rejected_takes_no_sku_away(fed_world: World) -> None:
    absence = fed(fed_world, {"SHIRT": "SM", "SOCK": "SMLX"})
    assert (absence["products_held"], absence["sku_brake"]["absent"]) == (2, 4)
    call(fed_world, "POST", f"{ABSENCES}/{absence['absence_id']}/reject")
    fed_world.settle()
    assert (skus(fed_world, "SHIRT"), skus(fed_world, "SOCK")) == ("SMLXZ", "SMLXZ")


def test_a_fifth_vanishes_without_being_asked_for(fed_world: World) -> None:
    absence = fed(fed_world, {"SHIRT": "SML", "SOCK": "SMLXZ"})
    assert (absence["state"], absence["products_held"], absence["sku_brake"]["absent"]) == ("applied", 0, 2)
    assert skus(fed_world, "SHIRT") == "SML"


def test_a_sku_that_stands_in_another_product_of_the_file_has_moved(fed_world: World) -> None:
    rows = [f"SHIRT-{letter}\t{'SHIRT' if letter == 'S' else 'TOP'}\tTop" for letter in "SMLXZ"]
    rows += [f"SOCK-{letter}\tSOCK\tSock" for letter in "SMLXZ"]
    fed_world.clock.advance(minutes=1)
    fed_world.put("inbox/shop/feed.tsv", "\n".join(["id\titem_group_id\ttitle", *rows]).encode())
    fed_world.settle()
    fed_world.wait(seconds=6)
    assert call(fed_world, "GET", ABSENCES)["items"][0]["state"] == "applied"
    assert (skus(fed_world, "SHIRT"), skus(fed_world, "TOP")) == ("S", "MLXZ")


def test_one_sku_waits_where_a_line_cannot_be_told_to_a_product(fed_world: World) -> None:
    absence = fed(fed_world, {"SHIRT": "SMLX", "SOCK": "SMLXZ"}, spoilt="\n\t\tno id")
    assert (absence["state"], absence["products_held"]) == ("waiting_for_approval", 1)
    assert absence["doubt"] == "of 1 line of inbox/shop/feed.tsv nobody can tell the product"
    assert skus(fed_world, "SHIRT") == "SMLXZ"


def test_a_newer_whole_file_supersedes_what_waits(fed_world: World) -> None:
    waiting = fed(fed_world, {"SHIRT": "SM", "SOCK": "SM"})
    newer = fed(fed_world, ALL)
    assert (newer["state"], newer["sku_brake"]["absent"]) == ("applied", 0)
    assert call(fed_world, "GET", f"{ABSENCES}/{waiting['absence_id']}")["state"] == "superseded"


def test_a_dry_run_says_that_it_would_wait(fed_world: World) -> None:
    fed(fed_world, {"SHIRT": "SM", "SOCK": "SMLXZ"}, folder="inbox-dry-run")
    listed, *_ = call(fed_world, "GET", "/v1/imports")["items"]
    totals = call(fed_world, "GET", f"/v1/imports/{listed['import_id']}")["totals"]
    assert (totals["would_wait"], totals["skus_gone"], totals["products_held"]) == (1, 3, 1)
    assert skus(fed_world, "SHIRT") == "SMLXZ"
