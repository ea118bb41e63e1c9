"""`catalog_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "catalog_api"


def answered(world: World, case: str) -> tuple[int, Any]:
    answer = world.run("catalog_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))
    return answer["statusCode"], json.loads(answer["body"])


def test_good_messages_are_queued_and_the_others_named(world: World) -> None:
    status, body = answered(world, "messages")

    assert (status, body["accepted"]) == (202, 1)
    ((index, reason),) = [(bad["index"], bad["reason"]) for bad in body["rejected"]]
    assert (index, reason.partition(":")[0]) == (1, "url")
    (queued,) = world.bodies("CatalogUpdates")
    assert [said["product_id"] for said in json.loads(queued)["messages"]] == ["CUP"]


def test_a_product_is_shown_once_the_shop_named_it(world: World) -> None:
    assert answered(world, "product_shown")[0] == 404
    answered(world, "messages")
    world.settle()

    status, body = answered(world, "product_shown")

    assert (status, body["edition"], body["as_of"]) == (200, 1, "2026-05-03T09:00:00.000Z")
    assert body["skus"] == ["CUP-BLUE-S", "CUP-BLUE-L", "CUP-SET"]


def test_a_product_whose_id_does_not_fit_a_path_is_asked_for_in_the_query(world: World) -> None:
    status, problem = answered(world, "product_shown_by_query")
    assert (status, problem["detail"]) == (404, "the shop never named the product CUP")


def test_a_key_without_the_scope_is_refused(world: World) -> None:
    assert answered(world, "scope_missing")[0] == 403


def test_while_the_table_is_busy_the_caller_is_told_to_try_again(world: World) -> None:
    world.tap = lambda _service, operation, _parameters, _make: throttled(operation)
    status, problem = answered(world, "product_shown")
    assert (status, problem["type"]) == (503, "/problems/busy")


def throttled(operation: str) -> Any:
    code = "ProvisionedThroughputExceededException"
    raise ClientError({"Error": {"Code": code, "Message": "too much"}}, operation)
