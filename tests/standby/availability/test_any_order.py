"""After any history, heard in any order and twice, the shelf says what ledger and catalogue said last."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import to_text
from standby.shelf.items import FEED_SHARDS
from standby.shelf.model import BETWEEN, Variant
from standby.shelf.stores import StoreReader

from tests.promises.unruly import run_unruly, searching
from tests.standby.availability.storefront import (
    QUEUE,
    Storefront,
    counts_of,
    described,
    discontinued,
    head,
    on_the_ledger,
    product_changed,
    row,
    shelf,
    summary,
    variant,
)
from tests.world import World

SKUS = ("RED", "BLUE", "GREY")
PRODUCTS = ("mugs", "cups")
LOCATIONS = ("warehouse-1", "haifa", "jaffa")
DAYS = ("2026-06-01", "2026-06-09", None)

skus, products, few = st.sampled_from(SKUS), st.sampled_from(PRODUCTS), st.integers(0, 5)
levels = st.tuples(st.just("level"), skus, few, st.sampled_from(LOCATIONS))
kinds = st.sampled_from(("store", "store", "warehouse", "quarantine"))
places = st.tuples(st.just("place"), st.sampled_from(LOCATIONS), kinds, st.booleans(), st.integers(0, 2))
orders = st.tuples(st.just("order"), skus, few, st.sampled_from(DAYS))
receipts = st.tuples(st.just("receipt"), skus, few)
lows = st.tuples(st.just("low"), skus, few)
named = st.lists(st.tuples(skus, st.booleans(), st.booleans()), min_size=1, max_size=3, unique_by=lambda each: each[0])
words = st.tuples(st.just("word"), products, named)
ends = st.tuples(st.just("end"), skus)
rest = st.tuples(st.just("rest"))
histories = st.lists(st.one_of(levels, places, orders, receipts, lows, words, ends, rest), min_size=1, max_size=14)


class History:
    """Lets things happen, and remembers the catalogue's words."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.shop, self.chance = world, Storefront(world), random.Random(seed)
        self.editions: dict[str, int] = {}
        self.newest: dict[str, Variant] = {}
        """What a row must say of each SKU."""
        self.said: list[dict[str, Any]] = []

    def happens(self, what: str, *how: Any) -> None:
        getattr(self, f"_{what}")(*how)
        self.world.clock.advance(seconds=1)

    def _erp(self, kind: str, **said: Any) -> None:
        self.world.send("StockUpdates", {"type": f"stock.{kind}", **said})

    def _level(self, sku: str, units: int, location_id: str) -> None:
        self.world.send("StockUpdates", Storefront(self.world, location=location_id).level(sku, units))

    def _place(self, location_id: str, kind: str, ships: bool, buffer: int) -> None:  # noqa: FBT001
        said = {"location_id": location_id, "kind": kind, "ships_orders": ships, "buffer": buffer}
        at = to_text(self.world.clock.now())
        self.world.send("StockUpdates", {"type": "location.upserted", **said, "as_of": at})

    def _order(self, sku: str, units: int, eta: str | None) -> None:
        at = to_text(self.world.clock.now())
        self._erp("incoming", sku=sku, purchase_order_id="P", quantity=units, eta=eta, as_of=at)

    def _receipt(self, sku: str, units: int) -> None:
        at = to_text(self.world.clock.now())
        self._erp("received", sku=sku, purchase_order_id="P", quantity=units, occurred_at=at)

    def _low(self, sku: str, units: int) -> None:
        self.shop.settings(f"sku:{sku}", low_stock=units)

    def _word(self, product_id: str, said: list[tuple[str, bool, bool]]) -> None:
        variants = [self._named(sku, None if gone else product_id, ends=ends) for sku, gone, ends in said]
        self._says(product_changed(product_id, self._next(product_id), *variants))
        for each in variants:
            if each["discontinued"]:
                self._says(discontinued(each["sku"], each["edition"], None if each["gone"] else product_id))

    def _named(self, sku: str, product_id: str | None, *, ends: bool) -> dict[str, Any]:
        """Return what a product says of a SKU: that it has it, or no longer."""
        edition = self._next(sku)
        options = {} if product_id is None else {"Edition": str(edition)}
        self.newest[sku] = Variant(edition=edition, product_id=product_id, options=options, discontinued=ends)
        return variant(sku, edition, gone=product_id is None, discontinued=ends, options=options)

    def _end(self, sku: str) -> None:
        """Say that a SKU does not come back: in one event, or in two of one edition where a product has it."""
        product_id = self.newest.get(sku, Variant()).product_id
        if product_id is None:
            edition = self._next(sku)
            self.newest[sku] = Variant(edition=edition, whole=False, discontinued=True)
            self._says(discontinued(sku, edition, None))
        else:
            self._word(product_id, [(sku, False, True)])

    def _rest(self) -> None:
        run_unruly(self.world, self.chance.randrange(1_000))

    def _says(self, event: dict[str, Any]) -> None:
        self.said.append(event)
        self.world.send(QUEUE, event)
        if self.chance.random() < 0.3:
            self.world.send(QUEUE, self.chance.choice(self.said))  # an old word again

    def _next(self, name: str) -> int:
        self.editions[name] = self.editions.get(name, 0) + 1
        return self.editions[name]


def the_shelf_is_right(history: History) -> None:
    world = history.world
    for sku in SKUS:
        found = row(world, sku)
        assert found.supply == on_the_ledger(world, sku), sku
        assert replace(found.variant, as_of="", of_product=0) == history.newest.get(sku, Variant()), sku
        assert found.edition == 0 or found.written_as == found.status
    counted = counts_of(shelf(world).rows(SKUS).values())
    assert {name: summary(world, name) for name in PRODUCTS} == {name: counted.get(name, {}) for name in PRODUCTS}
    assert listed(world) == {sku: found for sku in SKUS if (found := row(world, sku).listing) is not None}
    assert StoreReader(history.shop.table(), world.clock).stores() == described(world)
    assert {name: head(world, name).edition for name in PRODUCTS} == {
        name: history.editions.get(name, 0) for name in PRODUCTS
    }


def listed(world: World) -> dict[str, str]:
    """Return what a feed of all SKUs finds of each."""
    pages = (shelf(world).listed(shard, None)[0] for shard in FEED_SHARDS)
    return {each.sku: BETWEEN.join((each.sku, each.status, ",".join(each.days))) for page in pages for each in page}


def the_shelf_is_lost_and_rebuilt(history: History) -> None:
    """Lose all rows and counts, and build them anew while the catalogue repeats itself."""
    world = history.world
    world.memory.tables["Availability"].items.clear()
    for word in [{"rebuild": "skus"}, *history.said]:
        world.send(QUEUE, word)
    run_unruly(world, history.chance.randrange(1_000))


@pytest.mark.promise("P4")
def test_the_shelf_says_what_was_said_last_in_whatever_order_it_was_heard(world: World) -> None:
    start = world.snapshot()

    @searching(examples=40, steps=1)
    @given(histories, st.integers(0, 1_000))
    def search(history: list[tuple[Any, ...]], seed: int) -> None:
        world.restore(start)
        told = History(world, seed)
        for event in history:
            told.happens(*event)
        run_unruly(world, seed)
        world.wait(minutes=3)  # settings and locations are applied a second time
        run_unruly(world, seed)
        assert not [name for name in world.queues if name.endswith("DeadLetters") and world.queues[name]]
        the_shelf_is_right(told)
        the_shelf_is_lost_and_rebuilt(told)
        the_shelf_is_right(told)

    search()
