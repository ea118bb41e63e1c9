"""The shelf is built anew from the ledger while everything runs."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.standby.availability.storefront import QUEUE, Storefront, on_the_ledger, row

MANY = 230
"""More than a page of each part."""


def emptied(shop: Storefront) -> None:
    shop.world.memory.tables["Availability"].items.clear()


def rebuilt(shop: Storefront) -> None:
    shop.world.send(QUEUE, {"rebuild": "skus"})
    shop.world.settle()


def test_every_sku_of_the_ledger_comes_back_page_by_page(shop: Storefront) -> None:
    names = [f"S-{number:03}" for number in range(MANY)]
    for name in names:
        shop.world.send("StockUpdates", shop.level(name, 7))
    shop.world.settle()
    emptied(shop)

    rebuilt(shop)

    assert set(shop.statuses(*names[:100])) == {"InStock"}
    assert all(row(shop.world, name).supply == on_the_ledger(shop.world, name) for name in names)
    assert shop.why("S-000")["steps"][0]["event"] == "make rebuild-shelf"


def test_a_rebuild_of_what_is_right_writes_nothing(shop: Storefront) -> None:
    for name in ("MUG", "CUP"):
        shop.counts(name, 5)
    before = len(shop.world.calls)
    rebuilt(shop)
    made = {operation for _, service, operation in shop.world.calls[before:] if service == "dynamodb"}
    assert made == {"Query", "BatchGetItem"}
    assert row(shop.world, "MUG").edition == 1


def test_a_sku_that_fails_is_set_aside_alone(shop: Storefront) -> None:
    for name in ("MUG", "BROKEN", "CUP"):
        shop.counts(name, 5)
    emptied(shop)
    numbers = shop.world.memory.tables["Stock"].items["SKU#BROKEN"]
    numbers["SKU"] = {name: value for name, value in numbers["SKU"].items() if name != "owed"}

    rebuilt(shop)
    for _ in range(6):
        shop.world.wait(minutes=16)

    assert shop.statuses("MUG", "BROKEN", "CUP") == ["InStock", None, "InStock"]
    assert [json.loads(body) for body in shop.world.bodies("AvailabilityDeadLetters")] == [
        {"rebuild": "sku", "sku": "BROKEN"}
    ]


def test_a_page_comes_again_where_aws_fails(shop: Storefront) -> None:
    names = [f"S-{number:03}" for number in range(20)]
    for name in names:
        shop.counts(name, 5)
    emptied(shop)
    refused: list[str] = []

    def failing(service: str, operation: str, parameters: Any, make: Any) -> Any:
        if operation == "BatchGetItem" and len(refused) < 3:
            refused.append(operation)
            raise ClientError({"Error": {"Code": "InternalFailure", "Message": ""}}, operation)
        return make()

    shop.world.tap = failing
    rebuilt(shop)
    shop.world.wait(minutes=16)
    assert len(refused) == 3
    assert set(shop.statuses(*names)) == {"InStock"}
    assert shop.world.bodies("AvailabilityDeadLetters") == []


@pytest.mark.parametrize(
    "job",
    [
        {"rebuild": "everything"},
        {"rebuild": "sku"},
        {"rebuild": "skus", "shard": "9"},
        {"rebuild": "skus", "shard": "0", "cursor": "MUG"},
        {"rebuild": "skus", "shard": "0", "cursor": {"pk": 7}},
    ],
)
def test_a_rebuild_of_nothing_is_set_aside(shop: Storefront, job: dict[str, Any]) -> None:
    shop.world.send(QUEUE, job)
    shop.world.settle()
    assert [json.loads(body) for body in shop.world.bodies("AvailabilityDeadLetters")] == [job]
