"""What is answered while everybody wants the same: "again" where nobody gets a turn, and never a wrong "sold out"."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standby.preorder import items

from tests.gateway import http_event
from tests.standby.preorder.sales import LAMP, Sales

pytestmark = pytest.mark.promise("P1")

Make = Callable[..., Any]


def whole_answer(sales: Sales, key: str) -> Any:
    body = {"sku": LAMP, "customer": {"email": f"{key}@example.org"}}
    event = http_event("POST", "/v1/reservations", body=body, scopes="storefront", headers={"Idempotency-Key": key})
    return sales.world.run("preorder_api", event)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_where_every_counter_is_contended_the_answer_is_again(sales: Sales, reason: str) -> None:
    sales.opens(capacity=3, shards=3)

    def contended(service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        if operation == "TransactWriteItems":
            reasons = [{"Code": reason} for _ in parameters["TransactItems"]]
            error: Any = {
                "Error": {"Code": "TransactionCanceledException", "Message": "injected"}, "CancellationReasons": reasons
            }  # fmt: skip
            raise ClientError(error, operation)
        return make()

    sales.world.tap = contended
    answer = whole_answer(sales, "ana")

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "1")
    assert sales.campaign()["reserved"] == 0


def test_the_last_unit_is_found_though_each_counter_is_emptied_before_it_is_taken_from(sales: Sales) -> None:
    sales.opens(capacity=4, shards=4)
    taken: list[int] = []

    def others_are_quicker(service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        if operation == "TransactWriteItems" and len(taken) < 3:
            names = [each["Update"]["Key"]["sk"]["S"] for each in parameters["TransactItems"] if "Update" in each]
            (wanted,) = [name for name in names if name.startswith(items.COUNTERS)]
            taken.append(int(wanted[-2:]))
            _moves(sales, taken[-1], -1)
        return make()

    sales.world.tap = others_are_quicker
    status, _ = sales.reserves("ana")

    assert (status, len(set(taken))) == (201, 3)


def test_a_unit_that_moves_while_the_counters_are_read_is_not_missed(sales: Sales) -> None:
    sales.opens(capacity=2, shards=2)
    sales.holds("ben")
    first, second = _remaining(sales).values()
    full, empty = (0, 1) if first > second else (1, 0)
    looks: list[int] = []

    def moves_between(service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        if operation == "Query" and not looks:
            looks.append(1)
            _moves(sales, full, -1)  # it was read when its unit was gone, and the other before that one came back
            answer = make()
            _moves(sales, empty, 1)
            return answer
        return make()

    sales.world.tap = moves_between

    assert sales.reserves("ana")[0] == 201


def test_counters_that_never_stand_still_are_not_called_sold_out(sales: Sales) -> None:
    sales.opens(capacity=1, shards=2)
    sales.holds("ben")

    def come_and_go(service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        answer = make()
        if operation == "Query":
            _moves(sales, 0, 1)
            _moves(sales, 0, -1)
        return answer

    sales.world.tap = come_and_go

    assert whole_answer(sales, "ana")["statusCode"] == 503


def _remaining(sales: Sales) -> dict[int, int]:
    found = sales.world.memory.tables["Preorder"].items[items.campaign_partition(LAMP)]
    return {int(sk[-2:]): int(item["remaining"]["N"]) for sk, item in found.items() if sk.startswith(items.COUNTERS)}


def _moves(sales: Sales, shard: int, units: int) -> None:
    """Let others take units from a counter, or give them back, as their transactions do."""
    key = items.counter_key(LAMP, 1, shard)
    item = sales.world.memory.tables["Preorder"].items[key["pk"]][key["sk"]]
    item["remaining"] = {"N": str(int(item["remaining"]["N"]) + units)}
    item["returned"] = {"N": str(int(item.get("returned", {"N": "0"})["N"]) + max(0, units))}
