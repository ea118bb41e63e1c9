"""From the messages of shop and ERP to the badges: whatever comes in whatever order, the shelf says the newest words.

The catalogue's part is computed from all of its messages at once by a plain model (`tests.standby.catalog.words`).
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promises.shop import Shop
from tests.promises.unruly import run_unruly, searching
from tests.standby.availability.storefront import (
    Storefront,
    counts_of,
    head,
    on_the_ledger,
    row,
    shelf,
    summary,
)
from tests.standby.catalog.words import discontinued, expected, upserted, word
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

PRODUCTS, SKUS = ("CUP", "MUG"), ("S", "M", "L")
LATER = 16
"""Minutes after which what failed came again."""

skus, few = st.sampled_from(SKUS), st.integers(0, 5)
kinds = st.one_of(
    st.tuples(st.just("has"), st.sampled_from(PRODUCTS), st.lists(skus, unique=True)),
    st.tuples(st.just("has"), st.sampled_from(PRODUCTS), st.lists(skus, unique=True)),
    st.tuples(st.just("product ends"), st.sampled_from(PRODUCTS)),
    st.tuples(st.just("sku ends"), skus),
    st.tuples(st.just("level"), skus, few),
    st.tuples(st.just("level"), skus, few),
)


def message(kind: str, *said: Any, minute: int) -> dict[str, Any]:
    """Return what the shop says of its products as of a minute."""
    match kind:
        case "has":
            product_id, names = said
            return upserted(product_id, *names, minute=minute, title=str(minute))
        case "product ends":
            return discontinued(product_id=said[0], minute=minute)
    return discontinued(sku=said[0], minute=minute)


def the_shelf_says_the_newest_words(world: World, history: list[tuple[Any, ...]], order: Any, seed: int) -> None:
    shop = Shop(world)
    said = [
        ("CatalogUpdates", message(*each, minute=minute)) if each[0] != "level" else ("StockUpdates", each)
        for minute, each in enumerate(history)
    ]
    order.shuffle(said)
    for queue, content in said:
        world.clock.advance(seconds=1)
        world.send(queue, shop.level(*content[1:]) if queue == "StockUpdates" else content)
        if order.random() < 0.3:
            run_unruly(world, seed)
    run_unruly(world, seed)
    world.wait(minutes=LATER)

    known, titles, ended = expected(word(content) for queue, content in said if queue == "CatalogUpdates")
    for sku in SKUS:
        found = row(world, sku)
        assert found.supply == on_the_ledger(world, sku), sku
        (product_id, _), position, amount, ends = known.get(sku, ((None, None), 0, None, sku in ended))
        variant = found.variant
        assert (variant.product_id, variant.position, variant.discontinued) == (product_id, position, ends), sku
        assert (variant.price or {}).get("amount") == amount, sku
    counted = counts_of(shelf(world).rows(SKUS).values())
    assert {name: summary(world, name) for name in PRODUCTS} == {name: counted.get(name, {}) for name in PRODUCTS}
    assert {name: (head(world, name).title["en"], head(world, name).discontinued) for name in titles} == titles
    assert not [name for name, queue in world.queues.items() if queue and name.endswith("DeadLetters")]


def test_the_shelf_says_the_newest_words_of_shop_and_erp(world: World) -> None:
    start = world.snapshot()

    @searching(examples=30, steps=1)
    @given(st.lists(kinds, min_size=1, max_size=10), st.randoms(use_true_random=False), st.integers(0, 1_000))
    def search(history: list[tuple[Any, ...]], order: Any, seed: int) -> None:
        world.restore(start)
        the_shelf_says_the_newest_words(world, history, order, seed)

    search()


def test_a_message_of_the_shop_names_a_badge_and_its_end_closes_it(world: World) -> None:
    front = Storefront(world)
    world.send("CatalogUpdates", upserted("CUP", "S", "M"))
    front.counts("S", 2)
    assert [(badge["product_id"], badge["status"]) for badge in front.badges("S", "M")] == [
        ("CUP", "LimitedAvailability"),
        ("CUP", "SoldOut"),
    ]
    assert front.products("CUP")[0]["status"] == "LimitedAvailability"

    world.send("CatalogUpdates", discontinued(product_id="CUP", minute=1))
    front.counts("S", 0)
    assert (front.statuses("S", "M"), front.products("CUP")[0]["status"]) == (["Discontinued"] * 2, "Discontinued")

    world.send("CatalogUpdates", upserted("CUP", "S", minute=2))
    world.settle()
    assert front.statuses("S", "M") == ["SoldOut", None]
