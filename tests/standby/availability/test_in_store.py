"""Units that only a store sells over its counter: they show as such, and nobody is told that something is back."""

from base64 import b64decode
from typing import Any

import pytest

from tests.gateway import http_event
from tests.standby.availability.storefront import (
    API,
    QUEUE,
    Storefront,
    on_the_ledger,
    product,
    product_changed,
    row,
    variant,
)
from tests.world import World

HAIFA = "haifa"


@pytest.fixture
def shop(world: World) -> Storefront:
    """Return a shop with a store in Haifa that only sells over the counter."""
    shop = Storefront(world)
    shop.describes(HAIFA)
    return shop


def over_the_counter(shop: Storefront, sku: str, units: int, location_id: str = HAIFA, **more: Any) -> None:
    Storefront(shop.world, location=location_id).counts(sku, units, **more)


def test_what_only_a_store_has_can_be_collected_or_waited_for(shop: Storefront) -> None:
    shop.counts("MUG", 0)
    assert shop.statuses("MUG") == ["SoldOut"]

    over_the_counter(shop, "MUG", 2)

    (badge,) = shop.badges("MUG", accept_language="en")
    assert (badge["status"], badge["label"]) == ("InStoreOnly", "Only in our stores")
    assert (badge["units_left"], badge["actions"]) == (None, ["collect", "wait"])
    assert shop.stock("MUG")["in_store"] == 2
    over_the_counter(shop, "MUG", 0)
    assert shop.statuses("MUG") == ["SoldOut"]


def test_what_does_not_come_back_can_only_be_collected(shop: Storefront) -> None:
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("MUG", 1, discontinued=True)))
    over_the_counter(shop, "MUG", 2)
    assert shop.badges("MUG")[0]["actions"] == ["collect"]
    assert product(shop.world, "mugs").counts == {"InStoreOnly": 1}
    assert shop.products("mugs")[0]["status"] == "InStoreOnly"


def test_what_can_be_bought_online_is_bought_online(shop: Storefront) -> None:
    over_the_counter(shop, "MUG", 2)
    shop.counts("MUG", 9)
    assert (shop.statuses("MUG"), row(shop.world, "MUG").supply.stores) == (["InStock"], {HAIFA: 2})


@pytest.mark.promise("P3")
def test_units_that_only_a_store_sells_are_no_restock_and_wake_nobody(shop: Storefront) -> None:
    shop.counts("MUG", 0)
    shop.waits("ana@example.org", "MUG")
    for units in (5, 0, 3, 4):
        over_the_counter(shop, "MUG", units)
    shop.world.wait(minutes=90)

    assert shop.statuses("MUG") == ["InStoreOnly"]
    assert not {"Restocked", "SoldOut", "LowStock"} & set(shop.world.names())
    assert shop.told() == {}
    shop.counts("MUG", 1)
    assert shop.told() == {"ana@example.org": 1}


def test_units_that_orders_need_cannot_be_collected(shop: Storefront) -> None:
    over_the_counter(shop, "MUG", 2, committed=2)
    assert shop.statuses("MUG") == ["SoldOut"]


def test_a_level_that_says_the_same_again_tells_nobody(shop: Storefront) -> None:
    over_the_counter(shop, "MUG", 2)
    before = len(shop.world.events)
    over_the_counter(shop, "MUG", 2)
    assert shop.world.events[before:] == []


def test_a_store_that_begins_to_ship_sells_its_units_without_its_buffer(shop: Storefront) -> None:
    over_the_counter(shop, "MUG", 6)
    shop.describes(HAIFA, ships_orders=True, buffer=2)
    shop.world.wait(minutes=3)
    assert (shop.statuses("MUG"), row(shop.world, "MUG").supply.stores) == (["InStock"], {HAIFA: 6})
    assert (shop.stock("MUG")["sellable"], shop.stock("MUG")["in_store"]) == (4, 2)
    shop.describes(HAIFA, kind="quarantine")
    shop.world.wait(minutes=3)
    assert (shop.statuses("MUG"), row(shop.world, "MUG").supply.stores) == (["SoldOut"], {})


@pytest.mark.parametrize("ships", [True, False])
def test_what_a_store_keeps_from_online_customers_can_be_collected(shop: Storefront, *, ships: bool) -> None:
    """Also where its buffer covers all that it has: nothing can be bought online, and nothing is sold out."""
    shop.describes(HAIFA, ships_orders=ships, buffer=5)
    over_the_counter(shop, "MUG", 4)
    (badge,) = shop.badges("MUG")
    assert (badge["status"], badge["actions"]) == ("InStoreOnly", ["collect", "wait"])
    assert (shop.stock("MUG")["sellable"], shop.stock("MUG")["in_store"]) == (0, 4)
    assert row(shop.world, "MUG").supply.stores == {HAIFA: 4}

    over_the_counter(shop, "MUG", 7)
    assert shop.statuses("MUG") == ["LimitedAvailability" if ships else "InStoreOnly"]
    assert shop.stock("MUG")["sellable"] == (2 if ships else 0)
    assert shop.stock("MUG")["in_store"] == (5 if ships else 7)

    over_the_counter(shop, "MUG", 7, committed=7)
    assert shop.statuses("MUG") == ["SoldOut"]


def test_what_a_warehouse_keeps_from_online_customers_nobody_can_collect(shop: Storefront) -> None:
    shop.describes(HAIFA, "warehouse", buffer=5)
    over_the_counter(shop, "MUG", 4)
    assert (shop.statuses("MUG"), shop.stock("MUG")["in_store"]) == (["SoldOut"], 0)


def test_a_row_keeps_the_stores_with_most_units_and_counts_the_others(
    shop: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.availability.projection.MOST_STORES", 2)
    for number, units in enumerate((1, 5, 0, 3)):
        shop.describes(f"store-{number}")
        over_the_counter(shop, "MUG", units, f"store-{number}")

    supply = row(shop.world, "MUG").supply
    assert (supply.stores, supply.more_stores, supply.in_store) == ({"store-1": 5, "store-3": 3}, 1, 9)
    assert supply == on_the_ledger(shop.world, "MUG")


def test_a_listing_keeps_what_stores_have_above_what_is_sold_out(shop: Storefront) -> None:
    shop.counts("GONE", 0)
    over_the_counter(shop, "SHOWN", 1)
    shop.counts("MUG", 5)
    asked = {"skus": ["GONE", "SHOWN", "MUG"]}
    _, answer = shop.world.request(API, "POST", "/v1/listings/rank", body=asked)
    assert answer["items"] == ["SHOWN", "MUG", "GONE"]


def test_a_cart_says_where_a_store_has_it(shop: Storefront) -> None:
    over_the_counter(shop, "MUG", 1)
    shop.counts("CUP", 0)
    lines = shop.checks(("MUG", 1), ("CUP", 1))["lines"]
    assert [(line["can_be_had"], line["in_store"]) for line in lines] == [(False, True), (False, False)]


def test_the_page_of_a_product_says_what_only_stores_have(shop: Storefront) -> None:
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("MUG", 1), variant("CUP", 1, position=1)))
    shop.counts("CUP", 0)
    over_the_counter(shop, "MUG", 1)

    whole = shop.product("mugs")

    assert (whole["status"], whole["actions"]) == ("InStoreOnly", ["collect", "wait"])
    assert [(each["status"], each["in_store"]) for each in whole["variants"]] == [
        ("InStoreOnly", True),
        ("SoldOut", False),
    ]
    page = shop.asks_for("mugs", ("format", "jsonld"))["body"]
    assert "https://schema.org/InStoreOnly" in page


def test_a_feed_of_what_can_be_bought_online_has_nothing_that_only_stores_have(shop: Storefront) -> None:
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("MUG", 1)))
    over_the_counter(shop, "MUG", 1)
    answer = shop.world.run(API, http_event("GET", "/v1/feeds/availability.tsv"))
    assert b"MUG\tout_of_stock" in b64decode(answer["body"])


def test_an_explanation_names_the_stores(shop: Storefront) -> None:
    over_the_counter(shop, "MUG", 2)
    steps = shop.why("MUG")["steps"]
    assert steps[0]["numbers"]["stores"] == {HAIFA: 2}
    assert steps[-1]["rule"].startswith("nothing can be sold online, and a store")
