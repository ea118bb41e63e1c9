"""SKUs join products, leave them and move between them, and their numbers follow."""

from collections.abc import Sequence
from typing import Any

import pytest
from standby.events.catalog import ProductChanged
from standby.events.fields import Variant
from standby.platform.backoff import BusyError
from standby.platform.queue import Message
from standby.platform.table import Write
from standby.stock import repository

from tests.standby.stock.warehouse import Warehouse


def changed(product_id: str, edition: int, *skus: str, gone: bool = False) -> ProductChanged:
    """Return a word about SKUs, all at the same edition."""
    variants: Sequence[Variant] = [
        {"sku": sku, "edition": edition, "gone": gone, "discontinued": False} for sku in skus
    ]
    return ProductChanged(
        id=f"{product_id}@{edition}",
        at="2026-05-03T10:00:00.000Z",
        product_id=product_id,
        edition=edition,
        title={"en": product_id},
        discontinued=False,
        variants=variants,
    )


def run_sweeps(warehouse: Warehouse) -> list[int]:
    """Let the sweeper and the settler work off what they were sent; return by how much each job was delayed."""
    delays = []
    while warehouse.sweeps.messages:
        for job in warehouse.sweeps.drain():
            delays.append(job.delay_seconds)
            warehouse.sweeper.handle(Message("m", job.body, received_at=0))
    for content in warehouse.settles.bodies():
        warehouse.tell_settler(content)
    warehouse.settles.drain()
    return delays


def numbers(warehouse: Warehouse, sku: str) -> tuple[int, int]:
    stock = warehouse.stock(sku)
    return stock.safety, stock.free


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """Return a shop that keeps one unit of all back, two of mugs, and three of cups."""
    for safety, product_id in ((1, None), (2, "mugs"), (3, "cups")):
        warehouse.settings.change(None, {"safety_stock": safety}, product_id=product_id)
    warehouse.counts("MUG", 9)
    run_sweeps(warehouse)
    assert numbers(warehouse, "MUG") == (1, 8)
    return warehouse


def test_a_skus_numbers_follow_its_product_wherever_it_goes(shop: Warehouse) -> None:
    found = []
    for event in (changed("mugs", 1, "MUG"), changed("cups", 2, "MUG"), changed("cups", 3, "MUG", gone=True)):
        shop.belonging.take(event)
        run_sweeps(shop)
        found.append(numbers(shop, "MUG"))

    assert found == [(2, 7), (3, 6), (1, 8)]
    explained = shop.explainer.why("MUG", before=None)
    assert explained is not None
    causes = [step["numbers"]["cause"] for step in explained["steps"] if step["event"] == "recount"]
    assert causes == ["product:mugs", "product:cups", "no product"]


def test_a_word_that_moves_nothing_orders_nothing(shop: Warehouse) -> None:
    shop.belonging.take(changed("mugs", 2, "MUG"))
    run_sweeps(shop)

    for event in (changed("mugs", 2, "MUG"), changed("cups", 1, "MUG"), changed("mugs", 3, "MUG")):
        shop.belonging.take(event)

    assert shop.sweeps.messages == []
    assert numbers(shop, "MUG") == (2, 7)


def test_products_of_which_the_same_is_set_order_nothing(shop: Warehouse) -> None:
    shop.settings.change(None, {"safety_stock": 2, "wave_ratio": 2.0}, product_id="jugs")
    run_sweeps(shop)
    shop.belonging.take(changed("mugs", 1, "MUG"))
    run_sweeps(shop)

    shop.belonging.take(changed("jugs", 2, "MUG"))

    assert shop.sweeps.messages == []


def test_a_move_is_counted_at_once_and_again_when_no_ingest_can_know_the_old_product(shop: Warehouse) -> None:
    shop.belonging.take(changed("mugs", 1, "MUG"))

    assert run_sweeps(shop) == [120, 0]


@pytest.mark.promise("P4")
def test_a_count_is_ordered_before_the_move_is_written(shop: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever dies between the two orders it again; the other way round nobody would."""

    def dies(_table: object, _writes: Sequence[Write]) -> None:
        assert [message.delay_seconds for message in shop.sweeps.messages] == [120]
        raise BusyError("killed")

    monkeypatch.setattr(type(shop.table), "apply", dies)
    with pytest.raises(BusyError):
        shop.belonging.take(changed("mugs", 1, "MUG"))


def test_a_product_with_a_lower_minimum_makes_a_restock_of_what_is_free_already(warehouse: Warehouse) -> None:
    warehouse.settings.change(None, {"minimum_restock": 5})
    warehouse.settings.change(None, {"minimum_restock": 2}, product_id="mugs")
    run_sweeps(warehouse)
    warehouse.settle(warehouse.counts("MUG", 3))
    assert warehouse.state("MUG").state == "out"

    warehouse.belonging.take(changed("mugs", 1, "MUG"))
    run_sweeps(warehouse)

    assert [event.id for event in warehouse.bus.named("Restocked")] == ["MUG@1:Restocked"]


def test_a_sku_that_the_erp_has_not_named_yet_begins_with_its_products_settings(shop: Warehouse) -> None:
    shop.belonging.take(changed("cups", 1, "CUP"))
    run_sweeps(shop)

    shop.counts("CUP", 9)

    assert numbers(shop, "CUP") == (3, 6)


def test_a_change_of_a_products_settings_concerns_all_of_its_skus_and_no_others(
    shop: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "SKUS_PAGE", 2)
    mugs = [f"MUG-{number}" for number in range(5)]
    shop.belonging.take(changed("mugs", 1, *mugs))
    for sku in (*mugs, "OTHER"):
        shop.counts(sku, 9)
    run_sweeps(shop)

    shop.settings.change(None, {"safety_stock": 5}, product_id="mugs")
    run_sweeps(shop)

    assert [numbers(shop, sku) for sku in (*mugs, "OTHER")] == [(5, 4)] * 5 + [(1, 8)]


def test_a_sku_of_a_product_that_cannot_be_counted_becomes_a_job_of_its_own(shop: Warehouse) -> None:
    shop.belonging.take(changed("mugs", 1, "BAD", "MUG"))
    run_sweeps(shop)
    shop.counts("BAD", 9)
    spoilt: dict[str, Any] = {"pk": {"S": "SKU#BAD"}, "sk": {"S": "SKU"}}
    shop.table.dynamodb.put_item(TableName="Stock", Item=spoilt)

    shop.sweep(sweep="settings", product_id="mugs", settle=True)

    assert shop.sweeps.bodies() == [{"sweep": "settings", "settle": True, "sku": "BAD"}]
