"""A SKU that stands in two products of one file, or of one batch: it is of one of them, and somebody is told."""

import itertools
from typing import Any

import pytest
from standby.imports import passes

from tests.standby.catalog.feeds.test_feeds import (
    CUP,
    GOOGLE,
    LINEN,
    LINEN_L,
    MUG,
    RED_L,
    RED_M,
    SHOPIFY,
    Pass,
    tsv,
    xml,
)
from tests.standby.catalog.feeds.test_feeds import shopify as export
from tests.world import World

OTHER = {**RED_M, "item_group_id": "SHIRT-2"}
REASON = "SHIRT-RED-M is a SKU of {} in this file already"


@pytest.mark.parametrize("form", ["google", "google-xml"])
def test_an_id_in_two_groups_is_named_and_stays_in_the_first(form: str) -> None:
    lines = [RED_M, RED_L, {**OTHER, "id": "SHIRT-2-L"}, OTHER, {**MUG, "id": "SHIRT-RED-M"}]
    done = Pass(tsv(*lines) if form == "google" else xml(*lines), {**GOOGLE, "format": form})
    assert [reason for _, reason in done.reasons] == [REASON.format("SHIRT")] * 2
    skus = {name: [one["sku"] for one in said["variants"]] for name, said in done.products.items()}
    assert skus == {"SHIRT": ["SHIRT-RED-M", "SHIRT-RED-L"], "SHIRT-2": ["SHIRT-2-L"]}
    assert done.totals["products_left_out"] == 0


def test_a_sku_of_two_handles_is_named_and_stays_with_the_first() -> None:
    done = Pass(export(LINEN, LINEN_L, {**CUP, "Variant SKU": "SHIRT-RED-M"}, {"Handle": "cup", "Option1 Value": "XL",
                "Variant SKU": "CUP-XL"}), SHOPIFY)  # fmt: skip
    assert [reason for _, reason in done.reasons] == [REASON.format("linen-shirt")]
    assert [one["sku"] for one in done.products["cup"]["variants"]] == ["CUP-XL"]


@pytest.mark.parametrize("hidden", [{"Status": "draft"}, {"Published": "FALSE"}])
def test_a_draft_beside_the_product_it_was_copied_from_is_no_repetition(hidden: dict[str, str]) -> None:
    """Shopify writes on a product's first line that it is not shown; the other lines follow that one."""
    drafts = [{**LINEN, "Handle": "copy", **hidden}, {**LINEN_L, "Handle": "copy"}]
    done = Pass(export(*drafts, LINEN, LINEN_L), SHOPIFY)
    assert (done.bad, list(done.products)) == ([], ["linen-shirt"])
    assert done.totals["products"] == 1


def test_a_line_that_cannot_be_read_keeps_no_sku_from_another_product() -> None:
    done = Pass(tsv({**OTHER, "price": "cheap"}, RED_M), GOOGLE)
    assert [reason for _, reason in done.reasons] == ["price: 'cheap' names no currency"]
    assert [one["sku"] for one in done.products["SHIRT"]["variants"]] == ["SHIRT-RED-M"]


def answer(world: World, path: str) -> Any:
    function = "stock_api" if "/imports" in path else "catalog_api"
    status, said = world.request(function, "GET", path, scopes="ops")
    assert status == 200
    return said


def owner(world: World, sku: str) -> Any:
    """Return the product to which a SKU belongs."""
    _, badges = world.request("availability_api", "GET", "/v1/availability", query={"sku": sku})
    return badges["items"][0]["product_id"]


def bad_lines(world: World, import_id: str) -> list[Any]:
    """Return all bad lines of a report, page by page."""
    found, after = [], None
    while True:
        query = {"after": after} if after else None
        path = f"/v1/imports/{import_id}/bad-lines"
        page = world.request("stock_api", "GET", path, query=query, scopes="ops")[1]
        found += page["items"]
        after = page["next"]
        if after is None:
            return found


def test_passes_over_a_long_file_name_each_repetition_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever passes gather the products: each pass looks after a part of the SKUs of all lines."""
    monkeypatch.setattr(passes, "PASS_BYTES", 120)
    world.request("stock_api", "PUT", "/v1/imports/mappings/shop", body={"kind": "products", "format": "google"},
                  scopes="ops")  # fmt: skip
    groups, skus = [f"G-{number}" for number in range(4)], [f"S-{number}" for number in range(5)]
    lines = [f"{sku}\t{group}\tShirt" for group, sku in itertools.product(groups, skus)]
    world.put("inbox/shop/feed.tsv", "\n".join(["id\titem_group_id\ttitle", *lines]).encode())
    world.settle()
    import_id = answer(world, "/v1/imports")["items"][0]["import_id"]
    assert answer(world, f"/v1/imports/{import_id}")["passes"] > 2
    found = bad_lines(world, import_id)
    repeated = {f"{sku} | {group} | Shirt" for group, sku in itertools.product(groups[1:], skus)}
    assert sorted(bad["text"] for bad in found) == sorted(repeated)
    assert {bad["reason"].partition(" ")[2] for bad in found} == {"is a SKU of G-0 in this file already"}
    assert [owner(world, sku) for sku in skus] == ["G-0"] * 5


@pytest.mark.parametrize("by", ["queue", "http"])
@pytest.mark.parametrize(
    ("first", "second", "has_it"),
    [
        ({}, {}, "B"),
        ({"sequence": 2}, {"sequence": 1}, "A"),
        ({"as_of": "2026-05-03T09:59:00Z"}, {"as_of": "2026-05-03T09:58:00Z"}, "A"),
    ],
)
def test_a_sku_of_two_products_of_a_batch_is_of_the_newer_word(
    world: World, first: dict[str, Any], second: dict[str, Any], has_it: str, by: str
) -> None:
    """As if the two had come one after the other: it may have moved. At equal times the later one counts."""
    said = {"type": "product.upserted", "title": {"en": "Cup"}, "variants": [{"sku": "S"}]}
    batch = {"type": "batch", "messages": [{**said, "product_id": "A", **first}, {**said, "product_id": "B", **second}]}
    if by == "queue":
        world.send("CatalogUpdates", batch)
    else:
        answered = world.request("catalog_api", "POST", "/v1/messages/catalog", body=batch, scopes="erp")
        assert answered == (202, {"accepted": 2, "rejected": []})
    world.settle()
    assert owner(world, "S") == has_it
