"""From a word of the ERP to all that a product's page, a cart and a platform are told, on the deployed stack."""

import json
import re
from typing import Any

import httpx
import pytest

from infra.local.client import Client, awaited, stock_level
from tests.standby.catalog.words import upserted

pytestmark = pytest.mark.local_aws

SECONDS = 30
"""Seconds are promised; a busy machine that runs a cold function may take many."""
STATE = re.compile(r'data-sku="([^"]*)" data-status="([^"]*)"')


def describe(client: Client, *products: dict[str, Any]) -> None:
    at = client.now().isoformat(timespec="milliseconds")
    said = {"type": "batch", "messages": [{**product, "as_of": at} for product in products]}
    answer = client.http.post("/v1/messages/catalog", headers=client.key, json=said)
    assert answer.json() == {"accepted": len(products), "rejected": []}


def store(client: Client, name: str, **more: Any) -> dict[str, Any]:
    at = client.now().isoformat(timespec="milliseconds")
    return {"type": "location.upserted", "location_id": name, "kind": "store", "name": name, "as_of": at, **more}


def told(client: Client, product: str, sku: str) -> dict[str, Any]:
    """Return what each of the answers says of a SKU; nothing before the product is known."""
    address = f"/v1/products/{product}/availability"
    page = client.http.get(address)
    if page.status_code == httpx.codes.NOT_FOUND:
        return {}
    linked = client.http.get(address, headers={"Accept": "application/ld+json"}).json()
    html = client.http.get(address, headers={"Accept": "text/html"}).text
    tsv = client.http.get("/v1/feeds/availability.tsv").text.splitlines()
    jsonl = map(json.loads, client.http.get("/v1/feeds/availability.jsonl").text.splitlines())
    cart = client.http.post("/v1/availability/check", json={"lines": [{"sku": sku, "quantity": 1}]}).json()
    variants = linked.get("hasVariant", [linked])  # none yet, or one that is told as the product itself
    offers = {each["sku"]: each["offers"].get("availability", "") for each in variants if "offers" in each}
    return {
        "badge": client.statuses(sku)[0],
        "matrix": {each["sku"]: each["status"] for each in page.json()["variants"]}.get(sku),
        "json-ld": offers.get(sku, "").removeprefix("https://schema.org/"),
        "html": dict(STATE.findall(html)).get(sku),
        "tsv": dict(line.split("\t")[:2] for line in tsv).get(sku),
        "jsonl": {line["id"]: line["availability"] for line in jsonl}.get(sku),
        "cart": cart["can_be_had"],
    }


def everywhere(status: str, *, can_be_had: bool) -> dict[str, Any]:
    feed = "in_stock" if can_be_had else "out_of_stock"
    shown = dict.fromkeys(("badge", "matrix", "json-ld", "html"), status)
    return {**shown, "tsv": feed, "jsonl": feed, "cart": can_be_had}


def instead_of(client: Client, product: str) -> list[str]:
    """Return what else may be bought."""
    answer = client.http.get(f"/v1/products/{product}/alternatives").raise_for_status()
    return [each["product_id"] for each in answer.json()["items"]]


def test_a_message_of_the_erp_changes_badge_matrix_cart_json_ld_html_and_both_feeds(client: Client, sku: str) -> None:
    product, other = f"product-{sku}", f"{sku}-M"
    describe(client, upserted(product, sku, other))
    client.level(other, 50)
    for units, status in ((12, "InStock"), (1, "LimitedAvailability"), (0, "SoldOut"), (7, "InStock")):
        client.level(sku, units)
        wanted = everywhere(status, can_be_had=units > 0)
        awaited(lambda: told(client, product, sku) == wanted, what=f"{sku} {status} everywhere", seconds=SECONDS)  # noqa: B023


def test_a_campaign_is_a_pre_order_everywhere_within_seconds_until_it_is_sold_out(client: Client, sku: str) -> None:
    product = f"product-{sku}"
    describe(client, upserted(product, sku))
    client.level(sku, 0)
    sold_out = everywhere("SoldOut", can_be_had=False)
    awaited(lambda: told(client, product, sku) == sold_out, what=f"{sku} sold out", seconds=SECONDS)

    opened = client.campaign(sku, capacity=2)
    ahead = {**everywhere("PreOrder", can_be_had=True), "tsv": "preorder", "jsonl": "preorder"}
    awaited(lambda: told(client, product, sku) == ahead, what=f"{sku} open", seconds=SECONDS)
    badge = client.badges(sku)[0]
    assert (badge["release_on"], badge["back_on"], badge["units_left"]) == (opened["release_on"],) * 2 + (2,)

    held = [client.reserve(f"{sku.lower()}-{number}", sku).json()["id"] for number in range(2)]
    awaited(lambda: told(client, product, sku) == sold_out, what=f"{sku} sold out ahead", seconds=SECONDS)
    client.http.post(f"/v1/reservations/{held[0]}/cancel", headers=client.key).raise_for_status()
    awaited(lambda: client.badges(sku)[0]["units_left"] == 1, what=f"one of {sku} again", seconds=SECONDS)
    client.http.post(f"/v1/campaigns/{sku}/close", headers=client.key).raise_for_status()
    awaited(lambda: client.statuses(sku) == ["SoldOut"], what=f"{sku} closed", seconds=SECONDS)
    client.http.post(f"/v1/reservations/{held[1]}/cancel", headers=client.key).raise_for_status()


def test_a_kit_follows_its_components(client: Client, sku: str) -> None:
    kit, cup = f"{sku}-SET", f"{sku}-CUP"
    made_of = [{"sku": sku, "quantity": 1}, {"sku": cup, "quantity": 4}]
    describe(client, upserted(f"product-{kit}") | {"variants": [{"sku": kit, "components": made_of}]})
    client.level(sku, 5)
    client.level(cup, 11)
    awaited(lambda: client.badges(kit)[0]["units_left"] == 2, what=f"two of {kit}", seconds=SECONDS)
    client.level(cup, 3)
    awaited(lambda: client.statuses(kit) == ["SoldOut"], what=f"{kit} sold out", seconds=SECONDS)
    client.level(cup, 40)
    awaited(lambda: client.statuses(kit) == ["InStock"], what=f"{kit} back", seconds=SECONDS)


def test_a_product_s_settings_change_what_is_said_of_its_skus(client: Client, sku: str) -> None:
    product, skus = f"product-{sku}", (f"{sku}-M", f"{sku}-L")
    describe(client, upserted(product, *skus))
    for name in skus:
        client.level(name, 5)
    awaited(lambda: client.statuses(*skus) == ["InStock"] * 2, what=f"{product} in stock", seconds=SECONDS)
    client.settings(f"product:{product}", low_stock=9)
    awaited(lambda: client.statuses(*skus) == ["LimitedAvailability"] * 2, what=f"{product} low", seconds=SECONDS)
    client.settings(f"product:{product}", safety_stock=5)
    awaited(lambda: client.statuses(*skus) == ["SoldOut"] * 2, what=f"{product} held back", seconds=SECONDS)
    client.settings(f"product:{product}", low_stock=None, safety_stock=None)
    awaited(lambda: client.statuses(*skus) == ["InStock"] * 2, what=f"{product} as before", seconds=SECONDS)


def test_what_is_sold_out_vanishes_from_the_alternatives(client: Client, sku: str) -> None:
    products = gone, similar, beside = f"gone-{sku}", f"similar-{sku}", f"beside-{sku}"
    said = (upserted(name, f"{name}-M", category=sku) for name in (similar, beside))
    describe(client, upserted(gone, f"{gone}-M", category=sku, similar=[similar]), *said)
    for name, units in zip(products, (0, 4, 4), strict=True):
        client.level(f"{name}-M", units)
    awaited(lambda: client.statuses(f"{gone}-M") == ["SoldOut"], what=f"{gone} sold out", seconds=SECONDS)
    awaited(lambda: instead_of(client, gone) == [similar, beside], what="both", seconds=SECONDS)
    client.level(f"{similar}-M", 0)
    awaited(lambda: instead_of(client, gone) == [beside], what=f"{beside} only", seconds=SECONDS)
    client.level(f"{beside}-M", 0)
    awaited(lambda: instead_of(client, gone) == [], what="nothing", seconds=SECONDS)
    client.level(f"{similar}-M", 1)
    awaited(lambda: instead_of(client, gone) == [similar], what=f"{similar} again", seconds=SECONDS)


def test_what_only_a_store_has_is_collected_there(client: Client, sku: str) -> None:
    name = f"store-{sku}"
    client.send("StockUpdates", [store(client, name, sells_online=False)])
    client.level(sku, 0)
    awaited(lambda: client.statuses(sku) == ["SoldOut"], what=f"{sku} sold out", seconds=SECONDS)
    client.send("StockUpdates", [stock_level(sku, 4, client.now(), name)])
    awaited(lambda: client.statuses(sku) == ["InStoreOnly"], what=f"{sku} in a store", seconds=SECONDS)
    (badge,) = client.badges(sku)
    assert badge["actions"] == ["collect", "wait"]
    assert client.sellable(sku) == 0
    client.send("StockUpdates", [store(client, name, ships_orders=True, buffer=1)])
    awaited(lambda: client.sellable(sku) == 3, what=f"{sku} from the store, less its buffer", seconds=SECONDS)
    awaited(lambda: client.statuses(sku) == ["LimitedAvailability"], what=f"{sku} can be bought", seconds=SECONDS)


def test_a_product_s_page_is_a_piece_of_html_too(client: Client, sku: str) -> None:
    describe(client, upserted(f"product-{sku}", sku))
    client.level(sku, 2)
    awaited(lambda: client.statuses(sku) == ["LimitedAvailability"], what=f"{sku} low", seconds=SECONDS)
    page = f"/v1/products/product-{sku}/availability"
    answer = client.http.get(page, headers={"Accept": "text/html", "Accept-Language": "he"})
    assert answer.status_code == httpx.codes.OK
    assert 'dir="rtl"' in answer.text
    assert "application/ld+json" in answer.text
