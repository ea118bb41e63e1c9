"""Items in and out of DynamoDB, and what is tried again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from standby.platform import dynamodb
from standby.platform.dynamodb import (
    RETRIED_ERRORS,
    Backoff,
    BusyError,
    ConditionFailedError,
    batch_get,
    from_item,
    from_value,
    one_of_many,
    to_item,
    to_value,
    write,
)

from tests.tables import create_table

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WHOLE = st.integers(-(10**38) + 1, 10**38 - 1)
VALUE = st.recursive(
    TEXT | WHOLE | st.booleans() | st.none() | st.frozensets(TEXT, min_size=1) | st.frozensets(WHOLE, min_size=1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
MINE = {"status": {"S": "held"}, "units": {"N": "2"}}


@dataclass
class Pauses:
    """Counts the pauses of a back-off instead of waiting."""

    taken: list[float] = field(default_factory=list)

    def backoff(self, attempts: int = 4) -> Backoff:
        return Backoff(attempts=attempts, sleep=self.taken.append, jitter=lambda: 1.0)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def client() -> Any:
    return dynamodb.client("us-east-1")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def transaction(client: Any) -> Callable[[], Any]:
    put = {"Put": {"TableName": "Stock", "Item": {"pk": {"S": "SKU#A"}, "sk": {"S": "SKU"}}}}
    return lambda: client.transact_write_items(TransactItems=[put, put])


def cancelled(stub: Stubber, *reasons: dict[str, Any]) -> None:
    """Let the next transaction be cancelled for these reasons."""
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        http_status_code=400,
        modeled_fields={"CancellationReasons": list(reasons)},
    )


# ---------------------------------------------------------------------- values


@given(VALUE)
def test_a_value_survives_dynamodb(value: Any) -> None:
    assert from_value(to_value(value)) == value


@given(st.dictionaries(TEXT, TEXT | WHOLE | st.none() | st.frozensets(TEXT, min_size=1), max_size=5))
def test_an_item_survives_but_for_what_is_none(item: dict[str, Any]) -> None:
    assert from_item(to_item(item)) == {name: value for name, value in item.items() if value is not None}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("חולצה", {"S": "חולצה"}),
        (-3, {"N": "-3"}),
        (True, {"BOOL": True}),
        (None, {"NULL": True}),
        (("a", 1), {"L": [{"S": "a"}, {"N": "1"}]}),
        ({"on_hand": 5}, {"M": {"on_hand": {"N": "5"}}}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
        (frozenset({2, 1}), {"NS": ["1", "2"]}),
    ],
)
def test_each_kind_has_its_type(value: Any, written: dict[str, Any]) -> None:
    assert to_value(value) == written


UNSTORABLE = {
    "float": 1.5,
    "list of bytearray": [bytearray(b"bytes")],
    "object": object(),
    "empty set": set(),
    "mixed set": {"a", 1},
    "set of bool": {True},
    "set of float": {1.5},
    "list of float": [1.5],
    "map of float": {"a": 1.5},
}


@pytest.mark.parametrize("value", UNSTORABLE.values(), ids=UNSTORABLE.keys())
def test_what_has_no_place_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        to_value(value)


def test_an_item_leaves_out_what_is_unset() -> None:
    assert to_item({"pk": "A", "eta": None, "tags": set(), "count": 0, "name": ""}) == {
        "pk": {"S": "A"},
        "count": {"N": "0"},
        "name": {"S": ""},
    }


@pytest.mark.parametrize(("value", "error"), [({"BS": [b"x"]}, TypeError), ({"N": "1.5"}, ValueError)])
def test_what_standby_never_stores_is_not_read(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        from_value(value)


def test_an_item_read_among_others_fails_only_where_what_is_spoilt_is_asked_for() -> None:
    stored = {
        "sku": {"S": "MUG"},
        "units": {"N": "1.5"},
        "photo": {"BS": [b"x"]},
        "entries": {"M": {"a": {"N": "0.5"}}},
    }
    item = one_of_many(stored)
    assert (item["sku"], item.get("sku"), "sku" in item) == ("MUG", "MUG", True)
    assert (item.get("wave"), item.get("wave", 7), "wave" in item) == (None, 7, False)
    with pytest.raises(KeyError):
        item["wave"]
    asked: list[Callable[[str], object]] = [item.__getitem__, item.get, item.__contains__, lambda name: {**item}[name]]
    for name in ("units", "photo", "entries"):
        for ask in asked:
            with pytest.raises((KeyError, ValueError), match=name):
                ask(name)
    whole = one_of_many({"units": {"N": "15"}})
    assert (whole, type(whole)) == ({"units": 15}, dict)


def test_an_item_survives_the_table(aws: Any) -> None:
    create_table(aws, "Stock")
    item = {"pk": "SKU#A", "sk": "SKU", "on_hand": -2, "tags": frozenset({"a"}), "steps": [{"n": 1}]}
    item |= {"online": False, "packed": b"\x00\xff"}
    aws.put_item(TableName="Stock", Item=to_item(item))
    read = aws.get_item(TableName="Stock", Key=to_item({"pk": "SKU#A", "sk": "SKU"}), ConsistentRead=True)
    assert from_item(read["Item"]) == item


# ---------------------------------------------------------------------- writes


def test_a_write_that_succeeds_is_made_once(stub: Stubber, client: Any, pauses: Pauses) -> None:
    stub.add_response("transact_write_items", {})
    write(transaction(client), backoff=pauses.backoff())
    assert pauses.taken == []


def test_a_conflict_is_tried_again_and_never_taken_for_a_condition(stub: Stubber, client: Any, pauses: Pauses) -> None:
    cancelled(stub, {"Code": "TransactionConflict"}, {"Code": "None"})
    cancelled(stub, {"Code": "None"}, {"Code": "TransactionConflict"})
    stub.add_response("transact_write_items", {})
    write(transaction(client), backoff=pauses.backoff())
    assert len(pauses.taken) == 2


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_condition_beside_a_conflict_is_not_believed(stub: Stubber, client: Any, pauses: Pauses, code: str) -> None:
    """Which of two reasons was first is unknown, and "sold out" must never be said wrongly."""
    cancelled(stub, {"Code": "ConditionalCheckFailed", "Item": MINE}, {"Code": code})
    stub.add_response("transact_write_items", {})
    write(transaction(client), backoff=pauses.backoff())
    assert len(pauses.taken) == 1


def test_a_failed_condition_of_a_transaction_tells_which_and_the_item_as_it_was(
    stub: Stubber, client: Any, pauses: Pauses
) -> None:
    cancelled(stub, {"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": MINE})
    with pytest.raises(ConditionFailedError, match="1 of 2 conditions failed") as raised:
        write(transaction(client), backoff=pauses.backoff())
    assert raised.value.reasons == (None, {"status": "held", "units": 2})


def test_a_failed_condition_on_a_missing_item_has_an_empty_one(stub: Stubber, client: Any, pauses: Pauses) -> None:
    cancelled(stub, {"Code": "ConditionalCheckFailed"}, {"Code": "ConditionalCheckFailed", "Item": MINE})
    with pytest.raises(ConditionFailedError) as raised:
        write(transaction(client), backoff=pauses.backoff())
    assert raised.value.reasons == ({}, {"status": "held", "units": 2})


def test_a_failed_condition_of_a_single_write_has_its_item(stub: Stubber, client: Any, pauses: Pauses) -> None:
    stub.add_client_error("delete_item", "ConditionalCheckFailedException", modeled_fields={"Item": MINE})
    with pytest.raises(ConditionFailedError) as raised:
        write(lambda: client.delete_item(TableName="Stock", Key={"pk": {"S": "A"}}), backoff=pauses.backoff())
    assert raised.value.reasons == ({"status": "held", "units": 2},)
    assert pauses.taken == []


def test_a_mistake_in_a_transaction_passes_as_it_is(stub: Stubber, client: Any, pauses: Pauses) -> None:
    cancelled(stub, {"Code": "ValidationError"}, {"Code": "ConditionalCheckFailed"})
    with pytest.raises(client.exceptions.TransactionCanceledException):
        write(transaction(client), backoff=pauses.backoff())
    assert pauses.taken == []


@pytest.mark.parametrize("code", sorted(RETRIED_ERRORS))
def test_throttling_and_contention_are_tried_again(stub: Stubber, client: Any, pauses: Pauses, code: str) -> None:
    stub.add_client_error("transact_write_items", code)
    stub.add_response("transact_write_items", {})
    write(transaction(client), backoff=pauses.backoff())
    assert len(pauses.taken) == 1


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"])
def test_other_errors_pass_at_once(stub: Stubber, client: Any, pauses: Pauses, code: str) -> None:
    stub.add_client_error("transact_write_items", code)
    with pytest.raises(client.exceptions.ClientError, match=code):
        write(transaction(client), backoff=pauses.backoff())
    assert pauses.taken == []


def test_contention_that_lasts_is_busy_and_never_sold_out(stub: Stubber, client: Any, pauses: Pauses) -> None:
    for _ in range(4):
        cancelled(stub, {"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed"})
    with pytest.raises(BusyError, match="busy 4 times"):
        write(transaction(client), backoff=pauses.backoff(attempts=4))
    assert len(pauses.taken) == 3


def test_pauses_double_up_to_their_cap_and_are_jittered() -> None:
    taken: list[float] = []
    backoff = Backoff(base_seconds=0.1, cap_seconds=0.5, sleep=taken.append, jitter=lambda: 0.5)
    for attempt in range(5):
        backoff.pause(attempt)
    assert taken == [0.05, 0.1, 0.2, 0.25, 0.25]


def test_a_real_condition_on_a_real_table_fails_with_the_item(aws: Any, pauses: Pauses) -> None:
    create_table(aws, "Stock")
    aws.put_item(TableName="Stock", Item=to_item({"pk": "SKU#A", "sk": "SKU", "free_units": 1}))
    take = {
        "Update": {
            "TableName": "Stock",
            "Key": to_item({"pk": "SKU#A", "sk": "SKU"}),
            "UpdateExpression": "ADD free_units :taken",
            "ConditionExpression": "free_units >= :n",
            "ExpressionAttributeValues": to_item({":taken": -2, ":n": 2}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    with pytest.raises(ConditionFailedError) as raised:
        write(lambda: aws.transact_write_items(TransactItems=[take]), backoff=pauses.backoff())
    assert raised.value.reasons == ({"pk": "SKU#A", "sk": "SKU", "free_units": 1},)


# ---------------------------------------------------------------------- reading many


@dataclass
class FakeTable:
    """A table that gives at most some items of each request and leaves the rest unprocessed."""

    items: dict[str, dict[str, Any]]
    at_once: int = 100
    requests: list[list[str]] = field(default_factory=list)

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's word
        ((table, wanted),) = RequestItems.items()
        keys = wanted["Keys"]
        assert len(keys) <= 100
        assert len({repr(key) for key in keys}) == len(keys)
        assert wanted["ConsistentRead"] is True
        self.requests.append([key["pk"]["S"] for key in keys])
        done, rest = keys[: self.at_once], keys[self.at_once :]
        found = [to_item(self.items[key["pk"]["S"]]) for key in done if key["pk"]["S"] in self.items]
        unprocessed = {table: {**wanted, "Keys": rest}} if rest else {}
        return {"Responses": {table: found}, "UnprocessedKeys": unprocessed}


def table_of(count: int, at_once: int = 100) -> Any:
    return FakeTable({f"SKU#{n}": {"pk": f"SKU#{n}", "on_hand": n} for n in range(count)}, at_once)


def keys(count: int) -> list[dict[str, str]]:
    return [{"pk": f"SKU#{number}"} for number in range(count)]


def test_many_items_are_read_in_requests_of_a_hundred(pauses: Pauses) -> None:
    table = table_of(250)
    found = batch_get(table, "Stock", keys(250), backoff=pauses.backoff())
    assert sorted(item["on_hand"] for item in found) == list(range(250))
    assert [len(request) for request in table.requests] == [100, 100, 50]
    assert pauses.taken == []


def test_keys_that_stay_unprocessed_are_asked_again(pauses: Pauses) -> None:
    table = table_of(10, at_once=4)
    found = batch_get(table, "Stock", keys(10), backoff=pauses.backoff())
    assert sorted(item["on_hand"] for item in found) == list(range(10))
    assert [len(request) for request in table.requests] == [10, 6, 2]
    assert len(pauses.taken) == 2


def test_keys_that_are_never_processed_are_busy(pauses: Pauses) -> None:
    with pytest.raises(BusyError, match="Stock: keys stayed unprocessed 4 times"):
        batch_get(table_of(3, at_once=0), "Stock", keys(3), backoff=pauses.backoff(attempts=4))
    assert len(pauses.taken) == 3


def test_a_key_that_is_named_twice_is_read_once(pauses: Pauses) -> None:
    found = batch_get(table_of(2), "Stock", [*keys(2), *keys(2)], backoff=pauses.backoff())
    assert [item["on_hand"] for item in found] == [0, 1]


def test_an_item_that_is_not_there_is_left_out(pauses: Pauses) -> None:
    assert batch_get(table_of(0), "Stock", keys(2), backoff=pauses.backoff()) == []


def test_an_item_that_cannot_be_read_keeps_no_other(aws: Any, pauses: Pauses) -> None:
    create_table(aws, "Stock")
    for sku, units in (("A", "1"), ("B", "1.5"), ("C", "2")):
        aws.put_item(TableName="Stock", Item={"pk": {"S": sku}, "sk": {"S": "SKU"}, "units": {"N": units}})
    wanted = [{"pk": sku, "sk": "SKU"} for sku in "ABC"]
    found = {item["pk"]: item for item in batch_get(aws, "Stock", wanted, backoff=pauses.backoff())}
    assert (found["A"]["units"], found["C"]["units"]) == (1, 2)
    with pytest.raises(ValueError, match="units: "):
        found["B"]["units"]


def test_a_condition_that_fails_at_an_item_that_cannot_be_read_is_a_failed_condition(aws: Any, pauses: Pauses) -> None:
    create_table(aws, "Stock")
    stored = {"pk": {"S": "A"}, "sk": {"S": "SKU"}, "units": {"N": "1.5"}}
    aws.put_item(TableName="Stock", Item=stored)
    put: Any = {
        "TableName": "Stock",
        "Item": stored,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    for call in (lambda: aws.put_item(**put), lambda: aws.transact_write_items(TransactItems=[{"Put": put}])):
        with pytest.raises(ConditionFailedError) as failed:
            write(call, backoff=pauses.backoff())
        assert [reason and reason["pk"] for reason in failed.value.reasons] == ["A"]


def test_no_keys_make_no_request(pauses: Pauses) -> None:
    table = table_of(3)
    assert batch_get(table, "Stock", [], backoff=pauses.backoff()) == []
    assert table.requests == []


def test_many_items_are_read_from_a_real_table(aws: Any, pauses: Pauses) -> None:
    create_table(aws, "Stock")
    for number in range(120):
        aws.put_item(TableName="Stock", Item=to_item({"pk": f"SKU#{number}", "sk": "SKU", "on_hand": number}))
    wanted = [{"pk": f"SKU#{number}", "sk": "SKU"} for number in range(150)]
    found = batch_get(aws, "Stock", wanted, backoff=pauses.backoff())
    assert sorted(item["on_hand"] for item in found) == list(range(120))
