"""Rows that the projector writes: the whole function beside bare boto3 that makes the same calls.

DynamoDB is the emulator's, whose work is not counted: this process's CPU is.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from standby.ledger import items as ledger
from standby.platform.clock import to_text
from standby.platform.table import Table
from standby.shelf import items
from standby.shelf.reader import MOST, ShelfReader

from tests.benchmarks.figure import Figure
from tests.standby.availability.storefront import QUEUE, envelope, product_changed, variant
from tests.world import World

PRODUCTS, SKUS_OF_ONE = 20, 20
BATCH = 10
"""Messages that the function takes at once."""
LEVELS = 25
"""In a message of the ERP's."""
BUDGET = 2.0
CHANGES = 3
ON_HAND = 9


def projecting(world: World) -> Figure:
    """Let all SKUs of a shop change some times; compare the CPU per row with that of the bare calls."""
    skus = [f"ROW-{product}-{number}" for product in range(PRODUCTS) for number in range(SKUS_OF_ONE)]
    for product in range(PRODUCTS):
        own = skus[product * SKUS_OF_ONE : (product + 1) * SKUS_OF_ONE]
        world.send(QUEUE, product_changed(f"product-{product}", 1, *(variant(sku, 1) for sku in own)))
    _drained(world)
    ours = compared = 0.0
    for change in range(1, CHANGES + 1):
        _counted(world, skus, change % 2 * ON_HAND)
        for sku in skus:
            world.send(QUEUE, envelope("StockChanged", _changed(sku, change, to_text(world.clock.now()))))
        ours += _drained(world)
        rows = ShelfReader(Table("Availability", world.dynamodb)).rows(skus[:MOST])
        assert {row.supply.sellable for row in rows.values()} == {change % 2 * ON_HAND}, "not all was projected"
        compared += _bare(world.dynamodb, skus)
    count = len(skus) * CHANGES
    beside = f"{count / ours:,.0f} rows per CPU second, bare {count / compared:,.0f}; products of {SKUS_OF_ONE} SKUs"
    return Figure("CPU per projected row, beside bare boto3", ours / compared, BUDGET, "x", beside)


def _counted(world: World, skus: list[str], on_hand: int) -> None:
    """Let the ERP count everything."""
    at = to_text(world.clock.now())
    for part in _parts(skus, LEVELS):
        levels = [
            {"type": "stock.level", "sku": sku, "location_id": "w", "on_hand": on_hand, "as_of": at} for sku in part
        ]
        world.send("StockUpdates", {"type": "batch", "messages": levels})
    while world.deliver("StockUpdates"):
        pass


def _changed(sku: str, revision: int, at: str) -> dict[str, Any]:
    """Return the detail of an event about a SKU. The projector reads the ledger, so its numbers say nothing."""
    numbers = dict.fromkeys(("on_hand", "committed", "safety", "owed", "held", "free", "sellable", "incoming"), 0)
    return {"id": f"{sku}@{revision}:StockChanged", "at": at, "sku": sku, "revision": revision, **numbers}


def _drained(world: World) -> float:
    """Let the projector take all that waits; return its CPU seconds."""
    before = time.process_time()
    while world.deliver(QUEUE):
        world.calls.clear()
    assert world.failures == [], world.failures[:1]
    return time.process_time() - before


def _bare(dynamodb: Any, skus: list[str]) -> float:
    """Make the calls of the projector with boto3 alone: read rows and ledger, write rows and counts again."""
    before = time.process_time()
    for part in _parts(skus, BATCH):
        keys = [{"pk": {"S": items.row_key(sku)["pk"]}, "sk": {"S": items.ROW}} for sku in part]
        answer = dynamodb.batch_get_item(RequestItems={"Availability": {"Keys": keys, "ConsistentRead": True}})
        for sku in part:
            dynamodb.query(
                TableName="Stock",
                KeyConditionExpression="#pk = :pk AND #sk BETWEEN :first AND :last",
                ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
                ExpressionAttributeValues={
                    ":pk": {"S": ledger.partition(sku)},
                    ":first": {"S": ledger.PURCHASE_ORDERS},
                    ":last": {"S": ledger.SKU},
                },
                ConsistentRead=True,
            )
        rows = answer["Responses"]["Availability"]
        puts = [
            {
                "Put": {
                    "TableName": "Availability",
                    "Item": row,
                    "ConditionExpression": "#edition = :edition",
                    "ExpressionAttributeNames": {"#edition": items.EDITION},
                    "ExpressionAttributeValues": {":edition": row[items.EDITION]},
                }
            }
            for row in rows
        ]
        product = {"pk": {"S": items.product_key(rows[0]["product_id"]["S"])["pk"]}, "sk": {"S": items.SUMMARY}}
        count = {
            "TableName": "Availability",
            "Key": product,
            "UpdateExpression": "SET #as_of = :as_of",
            "ExpressionAttributeNames": {"#as_of": items.AS_OF},
            "ExpressionAttributeValues": {":as_of": {"S": "2026-05-03T10:00:00.000Z"}},
        }
        dynamodb.transact_write_items(TransactItems=[*puts, {"Update": count}])
    return time.process_time() - before


def _parts(skus: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (skus[start : start + size] for start in range(0, len(skus), size))
