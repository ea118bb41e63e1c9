"""Settings of shop, products and SKUs, and numbers that follow them, whatever comes in whatever order.

In the end the nearest scope that says something holds, as a plain model says: it takes the shop's words about products
all at once (`tests.standby.catalog.words`), and its settings in the order in which they were set.
"""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.ledger.model import SkuSettings
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable

from infra.operations.rebuild_shelf import BEGINNINGS
from tests.promises.killing import dead_letters
from tests.promises.shop import Shop
from tests.promises.unruly import Unruly, searching
from tests.standby.catalog.words import expected, upserted, word
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

PRODUCTS, SKUS = ("CUP", "MUG"), ("S", "M")
SCOPES = ("product:CUP", "product:MUG", "shop", "sku:S")
VALUES = (
    *(("safety_stock", value) for value in (1, 2, 0, None)),
    *(("minimum_restock", value) for value in (4, 2, None)),
    *(("low_stock", value) for value in (5, None)),
)
Event = tuple[Any, ...]
LATER = 16
"""Minutes after which what failed came again, and every recount was done."""

has = st.tuples(st.just("has"), st.sampled_from(PRODUCTS), st.sampled_from((["S"], ["S", "M"], ["M"], [])))
level = st.tuples(st.just("level"), st.sampled_from(SKUS), st.sampled_from((3, 1, 5, 0)))
setting = st.tuples(st.just("set"), st.sampled_from(SCOPES), st.sampled_from(VALUES))
begun = [("level", "S", 3), ("level", "M", 4), ("has", "CUP", ["S", "M"])]
kept_back = st.tuples(*(st.tuples(st.just("set"), st.just(scope), st.sampled_from(VALUES)) for scope in SCOPES[:3]))
histories = st.tuples(kept_back.flatmap(lambda set_: st.permutations([*begun, *set_])), st.lists(has | setting | level))
"""Each has SKUs with units in a product, and settings, in any order; then comes what comes."""


def happens(world: World, history: list[Event], order: Any) -> None:
    """Let everything of a history happen: settings in their order, words about products in any, some twice."""
    shop = Shop(world)
    words = [upserted(*each[1:2], *each[2], minute=minute) for minute, each in enumerate(history) if each[0] == "has"]
    order.shuffle(words)
    for kind, *said in history:
        world.clock.advance(seconds=order.choice((0, 1, 130)))
        match kind:
            case "has":
                world.send("CatalogUpdates", words.pop())
            case "level":
                world.send("StockUpdates", shop.level(*said))
            case "set":
                scope, (name, value) = said
                shop.settings(scope, **{name: value})
        if order.random() < 0.5:
            world.settle()
    world.settle()
    world.wait(minutes=LATER)


def model(history: list[Event]) -> dict[str, tuple[str | None, SkuSettings]]:
    """Return each SKU's product and settings in the end."""
    known, _, _ = expected(
        word(upserted(each[1], *each[2], minute=minute)) for minute, each in enumerate(history) if each[0] == "has"
    )
    scopes: dict[str, dict[str, Any]] = defaultdict(dict)
    for _, scope, (name, value) in (each for each in history if each[0] == "set"):
        scopes[scope][name] = value
    found = {}
    for sku in SKUS:
        product_id = known[sku][0][0] if sku in known else None
        values: dict[str, Any] = {}
        for scope in ("shop", f"product:{product_id}", f"sku:{sku}"):
            values |= {name: value for name, value in scopes[scope].items() if value is not None}
        found[sku] = (product_id, SkuSettings(**values))
    return found


def the_nearest_settings_hold(world: World, history: list[Event]) -> None:
    ledger = LedgerReader(LedgerTable("Stock", world.dynamodb))
    on_hand = {sku: units for _, sku, units in (each for each in history if each[0] == "level")}
    for sku, (product_id, settings) in model(history).items():
        assert ledger.settings(sku) == settings, sku
        if sku not in on_hand:
            continue
        stock, shown = ledger.stock(sku), Shop(world).stock(sku)
        assert stock is not None
        assert shown["product_id"] == product_id, sku
        assert (stock.safety, stock.low_stock) == (settings.safety_stock, settings.low_stock), sku
        assert stock.free == stock.on_hand - settings.safety_stock, sku
        if stock.free <= 0:
            assert shown["state"] == "out", f"{sku}: nothing is free"
        elif stock.free >= settings.minimum_restock:
            assert shown["state"] == "in", f"{sku}: enough is free"
    assert not dead_letters(world), dead_letters(world)


def test_a_wave_is_as_large_as_its_product_wants_it(shop: Shop) -> None:
    shop.counts("PLATE", 0)
    for number in range(4):
        shop.waits(f"customer-{number}@example.org", "PLATE")
        shop.world.clock.advance(seconds=1)
    shop.world.send("CatalogUpdates", upserted("PLATES", "PLATE"))
    shop.world.settle()
    shop.settings(wave_ratio=1.0, wave_interval_seconds=60)
    shop.settings("product:PLATES", wave_ratio=0.5, wave_interval_seconds=86_400)

    shop.counts("PLATE", 4)
    shop.world.wait(hours=1)

    assert sorted(shop.told()) == ["customer-0@example.org", "customer-1@example.org"]


def test_a_ledger_that_missed_the_products_hears_them_when_the_shelf_is_rebuilt(shop: Shop) -> None:
    """As where products were told before the ledger listened."""
    shop.settings("product:PLATES", safety_stock=2)
    shop.counts("PLATE", 9)
    shop.world.held = frozenset({"StockProducts"})
    shop.world.send("CatalogUpdates", upserted("PLATES", "PLATE"))
    shop.world.settle()
    shop.world.queues["StockProducts"].clear()
    shop.world.held = frozenset()
    assert shop.stock("PLATE")["free"] == 9

    shop.world.send("CatalogUpdates", BEGINNINGS["CatalogUpdatesQueueUrl"])
    shop.world.wait(minutes=3)

    assert (shop.stock("PLATE")["product_id"], shop.stock("PLATE")["free"]) == ("PLATES", 7)


def test_a_kit_follows_what_is_set_for_its_components_product_and_its_own_counts_once_it_is_no_kit(shop: Shop) -> None:
    def said(*components: str, minute: int) -> None:
        made = [{"sku": sku, "quantity": 1} for sku in components]
        variants = [{"sku": "SET", "components": made} if made else {"sku": "SET"}]
        shop.world.send("CatalogUpdates", upserted("SETS", minute=minute, variants=variants))
        shop.world.wait(minutes=3)

    shop.world.send("CatalogUpdates", upserted("PLATES", "PLATE"))
    shop.settings("product:SETS", safety_stock=1, low_stock=7)
    for sku, units in (("PLATE", 9), ("BOWL", 8), ("SET", 4)):
        shop.counts(sku, units)
    said("PLATE", "BOWL", minute=1)
    assert (shop.stock("SET")["free"], shop.stock("SET")["low_stock"]) == (8, 7), "of a kit, components are kept back"

    shop.settings("product:PLATES", safety_stock=4)
    shop.world.wait(minutes=3)
    assert shop.stock("SET")["free"] == 5

    said(minute=2)
    assert (shop.stock("SET")["free"], shop.stock("SET")["low_stock"]) == (3, 7)


def test_numbers_follow_the_nearest_settings_whatever_comes_in_whatever_order(world: World) -> None:
    start = world.snapshot()

    @searching(examples=40, steps=1)
    @given(histories, st.randoms(use_true_random=False), st.integers(0, 1_000))
    def search(drawn: tuple[list[Event], list[Event]], order: Any, seed: int) -> None:
        world.restore(start)
        history = [*drawn[0], *drawn[1]]
        world.turn = Unruly(seed, unsteady=seed % 2 == 1)
        happens(world, history, order)
        the_nearest_settings_hold(world, history)

    search()
