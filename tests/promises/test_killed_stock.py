"""Promises 4 and 9, and that no event is lost, when the ledger's functions are broken at any call."""

from collections import Counter
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.crashes import page_cut_short
from tests.promises.killing import THOROUGH, Scenario, dead_letters, distinct, everything_runs, insists, report
from tests.promises.shop import OPS, Shop
from tests.promises.unruly import disorder
from tests.standby.catalog.words import upserted
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

SKU = "KETTLE"
SHELF = [f"SHELF-{number}" for number in range(5)]
SMALL_PAGES = {
    "standby.stock.repository.SKUS_PAGE": 7,
    "standby.stock.repository.LEVELS_PAGE": 2,
    "standby.stock.repository.DUE_PAGE": 1,
}


def told(world: World, *levels: dict[str, Any]) -> None:
    """Let the ERP tell something, and run everything; the next word comes a second later."""
    for level in levels:
        world.send("StockUpdates", level)
    world.settle()
    world.clock.advance(seconds=1)


def the_ledger_is_announced(world: World, *skus: str) -> None:
    """Check that the newest numbers of every SKU were published, and that no event says two things."""
    newest: dict[str, dict[str, Any]] = {}
    for event in distinct(world, "StockChanged"):
        if event["revision"] >= newest.get(event["sku"], event)["revision"]:
            newest[event["sku"]] = event
    for sku in skus:
        stock, event = Shop(world).stock(sku), newest[sku]
        for name in ("revision", "on_hand", "safety", "free", "sellable", "incoming"):
            assert event[name] == stock[name], f"the newest {name} of {sku} was never told"
    for name in ("SoldOut", "LowStock", "IncomingChanged", "Restocked", "EtaMoved", "StoreChanged"):
        distinct(world, name)
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


def ids(world: World, name: str) -> list[str]:
    """Return the ids of the events of one name, without the name at their end."""
    return sorted(event["id"].removesuffix(f":{name}") for event in distinct(world, name))


# ---- every event that the ledger's stream is translated into ----


def nothing_is_known(_shop: Shop) -> None:
    """Begin with an empty ledger."""


def a_kettle_comes_and_goes(world: World) -> None:
    shop = Shop(world)
    for on_hand in (10, 2, 0, 7):
        told(world, shop.level(SKU, on_hand))
    order = {"type": "stock.incoming", "purchase_order_id": "PO-1", "sku": SKU, "supplier_id": "S-1"}
    for quantity, eta in ((40, "2026-06-01"), (40, "2026-06-09"), (30, "2026-06-09")):
        told(world, {**order, "quantity": quantity, "eta": eta, "as_of": to_text(world.clock.now())})
    came = {"type": "stock.received", "purchase_order_id": "PO-1", "sku": SKU, "quantity": 12}
    body = {**came, "occurred_at": to_text(world.clock.now())}
    status, answer = insists(world, "stock_api", "POST", "/v1/messages/stock", body=body, scopes="erp")
    assert (status, answer) == (202, {"accepted": 1, "rejected": []}), answer
    everything_runs(world)


def every_event_was_told(world: World, _most: int) -> None:
    the_ledger_is_announced(world, SKU)
    stock = Shop(world).stock(SKU)
    assert (stock["on_hand"], stock["incoming"]) == (7, 18), "promise 4"
    expected = {
        "StockChanged": [f"{SKU}@{revision}" for revision in range(1, 9)],
        "LowStock": [f"{SKU}@2"],
        "SoldOut": [f"{SKU}@3"],
        "Restocked": [f"{SKU}@1", f"{SKU}@4"],
        "IncomingChanged": [f"{SKU}@{revision}" for revision in (5, 7, 8)],
        "EtaMoved": [f"{SKU}/PO-1@1", f"{SKU}/PO-1@2"],
    }
    assert {name: ids(world, name) for name in expected} == expected


# ---- settling: a level that flaps, decided by a delayed message and by the sweep ----


def two_kettles_settle(shop: Shop) -> None:
    shop.settings("sku:SOON", settle_seconds=60)
    shop.settings("sku:LATER", settle_seconds=3_600)
    for sku in ("SOON", "LATER"):
        shop.counts(sku, 0)
    shop.waits("soon@example.org", "SOON")
    shop.waits("later@example.org", "LATER")
    shop.world.settle()


def both_flap(world: World) -> None:
    shop = Shop(world)
    for on_hand in (5, 0, 5):
        told(world, shop.level("SOON", on_hand), shop.level("LATER", on_hand))
    assert distinct(world, "Restocked") == [], "told before it had settled"
    world.wait(minutes=16)
    assert {event["sku"] for event in distinct(world, "Restocked")} == {"SOON"}, "told before it had settled, or late"
    world.wait(minutes=46)
    everything_runs(world)


def each_is_one_restock(world: World, most: int) -> None:
    the_ledger_is_announced(world, "SOON", "LATER")
    assert ids(world, "Restocked") == ["LATER@4", "SOON@4"], "not the last crossing, once"
    mails = Shop(world).told()
    assert set(mails) == {"soon@example.org", "later@example.org"}, f"promise 2: {mails}"
    assert max(mails.values()) <= most, f"promise 3: {mails}"


# ---- what was never announced: the stream lost it ----


def five_on_the_shelf(shop: Shop) -> None:
    for sku in SHELF:
        shop.counts(sku, 0)
        shop.waits(f"{sku.lower()}@example.org", sku)
    shop.world.settle()


def the_stream_is_lost(world: World) -> None:
    world.held = frozenset({"Stock"})
    told(world, *(Shop(world).level(sku, 2) for sku in SHELF))
    world.held, world.read["Stock"] = frozenset(), len(world.memory.tables["Stock"].stream)
    world.clock.advance(hours=1)
    world.send("StockSweeps", {"sweep": "unannounced"})
    everything_runs(world)


def the_hourly_sweep_tells_it(world: World, most: int) -> None:
    the_ledger_is_announced(world, *SHELF)
    assert ids(world, "Restocked") == [f"{sku}@2" for sku in SHELF], "a restock was lost with the stream"
    assert set(Shop(world).told()) == {f"{sku.lower()}@example.org" for sku in SHELF}, "promise 2"
    assert max(Shop(world).told().values()) <= most, "promise 3"


# ---- a location that begins and ceases to count ----


def a_store_has_five_skus(shop: Shop) -> None:
    store = Shop(shop.world, location="store-1")
    for sku in SHELF:
        shop.counts(sku, 0)
        store.counts(sku, 3)
    told(shop.world, about_store(shop.world, ships=False))
    shop.world.wait(minutes=3)
    assert [shop.stock(sku)["free"] for sku in SHELF] == [0] * 5
    shop.world.events.clear()


def about_store(world: World, *, ships: bool) -> dict[str, Any]:
    about = {"type": "location.upserted", "location_id": "store-1", "kind": "store", "sells_online": False}
    return {**about, "ships_orders": ships, "buffer": 1, "as_of": to_text(world.clock.now())}


def the_store_ships(world: World) -> None:
    world.send("StockUpdates", about_store(world, ships=True))
    # A level that comes while the SKUs are being counted anew.
    world.send("StockUpdates", Shop(world, location="store-1").level(SHELF[0], 4))
    everything_runs(world)


def the_stores_units_count(world: World, _most: int) -> None:
    the_ledger_is_announced(world, *SHELF)
    assert [Shop(world).stock(sku)["free"] for sku in SHELF] == [3, 2, 2, 2, 2], "promise 4"
    assert {event["sku"] for event in distinct(world, "Restocked")} == set(SHELF), "a restock was lost"


# ---- settings: safety stock of the shop, minimum restock of a SKU ----


def two_of_each(shop: Shop) -> None:
    for sku in SHELF:
        shop.counts(sku, 2)
    shop.world.events.clear()


def the_shop_keeps_some_back(world: World) -> None:
    for scope, setting in (
        ("shop", {"safety_stock": 2}),
        (f"sku:{SHELF[0]}", {"safety_stock": 0, "minimum_restock": 3}),
        ("shop", {"safety_stock": 1, "low_stock": 1}),
    ):
        status, _ = insists(world, "stock_api", "PUT", f"/v1/settings/{scope}", body=setting, scopes=OPS)
        assert status == 200
        everything_runs(world)


def the_numbers_follow_the_settings(world: World, _most: int) -> None:
    the_ledger_is_announced(world, *SHELF)
    numbers = {sku: Shop(world).stock(sku) for sku in SHELF}
    assert [numbers[sku]["free"] for sku in SHELF] == [2, 1, 1, 1, 1]
    assert [numbers[sku]["low_stock"] for sku in SHELF] == [1] * 5
    assert Counter(event["sku"] for event in distinct(world, "SoldOut")) == Counter(SHELF), "a SoldOut was lost"
    assert {event["sku"] for event in distinct(world, "Restocked")} == set(SHELF[1:]), "2 units are no restock of 3"


# ---- settings of products, and SKUs that move between them ----

PRODUCT_PAGES = {**SMALL_PAGES, "standby.ledger.memberships.SKUS_PER_WRITE": 2}
PLATES, BOWLS = SHELF[:3], SHELF[3:]


def plates_and_bowls(shop: Shop) -> None:
    """Plates are kept back by two units, bowls are a restock at four; there are three of each."""
    shop.settings("product:PLATES", safety_stock=2)
    shop.settings("product:BOWLS", minimum_restock=4)
    shop.world.send("CatalogUpdates", upserted("PLATES", *PLATES))
    shop.world.send("CatalogUpdates", upserted("BOWLS", *BOWLS))
    shop.world.wait(minutes=3)
    for sku in SHELF:
        shop.counts(sku, 3)
    assert [shop.stock(sku)["free"] for sku in SHELF] == [1, 1, 1, 3, 3]
    shop.world.events.clear()


def skus_move_while_settings_change(world: World) -> None:
    # One bowl becomes a plate, one plate leaves, and a new one comes; then plates are kept back by one only.
    world.send("CatalogUpdates", upserted("PLATES", *PLATES[1:], BOWLS[0], "NEW", minute=1))
    world.settle()
    world.send("StockUpdates", Shop(world).level("NEW", 3))
    settings = {"safety_stock": 1, "low_stock": 9}
    status, _ = insists(world, "stock_api", "PUT", "/v1/settings/product:PLATES", body=settings, scopes=OPS)
    assert status == 200
    everything_runs(world)


def the_numbers_follow_their_products(world: World, _most: int) -> None:
    skus = (*SHELF, "NEW")
    the_ledger_is_announced(world, *SHELF[:4], "NEW")
    numbers = {sku: Shop(world).stock(sku) for sku in skus}
    assert [numbers[sku]["product_id"] for sku in skus] == [None, *["PLATES"] * 3, "BOWLS", "PLATES"]
    assert [numbers[sku]["free"] for sku in skus] == [3, 2, 2, 2, 3, 2], "promise 4"
    assert [numbers[sku]["low_stock"] for sku in skus] == [3, 9, 9, 9, 3, 9]
    assert [numbers[sku]["state"] for sku in skus] == ["in", "in", "in", "in", "out", "in"], "promise 2"
    assert {event["sku"] for event in distinct(world, "Restocked")} == {BOWLS[0], "NEW"}, "3 units are no restock of 4"


# ---- what operators ask ----

MAPPING = {"columns": {"sku": "SKU", "on_hand": "QTY"}, "location_id": "warehouse-1"}


def an_operator_looks(world: World) -> None:
    told(world, Shop(world).level(SKU, 7))
    daily = "/v1/imports/mappings/daily"
    status, answer = insists(world, "stock_api", "PUT", daily, body=MAPPING, scopes=OPS)
    assert status in {200, 201}, answer
    for path in (f"/v1/stock/{SKU}", f"/v1/stock/{SKU}/why", "/v1/settings/shop", daily, "/v1/stock/snapshots"):
        status, answer = insists(world, "stock_api", "GET", path, scopes=OPS)
        assert status == 200, answer
    everything_runs(world)


def nothing_has_changed_by_looking(world: World, _most: int) -> None:
    the_ledger_is_announced(world, SKU)
    assert ids(world, "StockChanged") == [f"{SKU}@1"], "promise 11: looking changed something"


SCENARIOS = (
    Scenario("every event of the stream", nothing_is_known, a_kettle_comes_and_goes, every_event_was_told, every=16),
    Scenario("settling", two_kettles_settle, both_flap, each_is_one_restock, every=20, constants=SMALL_PAGES),
    Scenario(
        "a stream that was lost",
        five_on_the_shelf,
        the_stream_is_lost,
        the_hourly_sweep_tells_it,
        every=28,
        constants=SMALL_PAGES,
    ),
    Scenario(
        "a store begins to ship",
        a_store_has_five_skus,
        the_store_ships,
        the_stores_units_count,
        every=16,
        constants=SMALL_PAGES,
    ),
    Scenario(
        "settings of products, and SKUs that move",
        plates_and_bowls,
        skus_move_while_settings_change,
        the_numbers_follow_their_products,
        every=200,
        constants=PRODUCT_PAGES,
    ),
    Scenario(
        "what operators ask of stock", nothing_is_known, an_operator_looks, nothing_has_changed_by_looking, every=10
    ),
    Scenario(
        "settings of the shop and of a SKU",
        two_of_each,
        the_shop_keeps_some_back,
        the_numbers_follow_the_settings,
        every=28,
        constants=SMALL_PAGES,
    ),
)


SWEPT = [scenario for scenario in SCENARIOS if scenario.constants and scenario.name != "settling"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_promises_hold_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))


@pytest.mark.parametrize("scenario", SWEPT, ids=lambda scenario: scenario.name)
def test_a_sweep_goes_on_where_a_page_of_dynamodb_ends(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    explored = scenario.explore(
        shop.world,
        {"page cut short": page_cut_short},
        1,
        disorder=disorder,
        alternate=not THOROUGH,
        chosen=lambda calls: [number for number, call in enumerate(calls) if call[0] == "stock_sweeper"],
    )

    assert explored.points > 0
    report(capsys, f"{scenario.name}, pages cut short", explored)
