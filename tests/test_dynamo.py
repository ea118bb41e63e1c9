"""DynamoDB in memory answers as moto does, which answers as AWS does, wherever Standby asks."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dynamo import MOST_WRITES_LATE, Lag, Latest, Memory, Table
from tests.fakes import FakeClock
from tests.tables import create_table

INDEX = ("due", "due_shard", "due_at")
NUMBERS = st.integers(-3, 3)
KEYS = st.sampled_from(["a", "b"])


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": name}}


def number(value: int) -> dict[str, str]:
    return {"N": str(value)}


CONDITIONS = st.sampled_from(
    [
        None,
        "attribute_exists(#pk)",
        "attribute_not_exists(#pk)",
        "#n >= :limit",
        "#n = :limit OR attribute_not_exists(#n)",
        "NOT #n < :limit AND attribute_exists(#n)",
        "(#n BETWEEN :limit AND :value) OR contains(#set, :member)",
        "begins_with(#sk, :letter)",
        "#n <> :limit",
    ]
)
CHANGES = st.sampled_from(
    [
        "ADD #n :value",
        "SET #n = :value",
        "SET #n = if_not_exists(#n, :limit) + :value",
        "SET #other = :value REMOVE #n",
        "ADD #set :members SET #n = :value",
        "DELETE #set :members",
    ]
)
NAMES = {"#pk": "pk", "#sk": "sk", "#n": "n", "#set": "set", "#other": "other"}


def write(kind: str, name: str, numbers: tuple[int, int], condition: str | None, change: str) -> dict[str, Any]:
    """Return a write as boto3 takes it, with no placeholder too many."""
    value, limit = numbers
    values = {
        ":value": number(value),
        ":limit": number(limit),
        ":member": {"S": "x"},
        ":members": {"SS": ["x", "y"]},
        ":letter": {"S": "a"},
    }
    body: dict[str, Any] = {"TableName": "T", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if kind == "Put":
        body["Item"] = key(name) | {"n": number(value), "due_shard": {"S": "s"}, "due_at": {"S": f"{value + 3}"}}
    else:
        body["Key"] = key(name)
    if condition:
        body["ConditionExpression"] = condition
    if kind == "Update":
        body["UpdateExpression"] = change
    text = " ".join(str(body.get(part, "")) for part in ("ConditionExpression", "UpdateExpression"))
    words = text.replace("(", " ").replace(")", " ").replace(",", " ").split()
    for placeholders, known in (("ExpressionAttributeNames", NAMES), ("ExpressionAttributeValues", values)):
        used = {word: known[word] for word in words if word in known}
        if used:
            body[placeholders] = used
    return body


WRITES = st.builds(
    lambda kind, *rest: (kind, write(kind, *rest)),
    st.sampled_from(["Put", "Update", "Delete"]),
    KEYS,
    st.tuples(NUMBERS, NUMBERS),
    CONDITIONS,
    CHANGES,
)


def outcome(call: Any) -> Any:
    """Return what a write did: done, or which conditions failed on what."""
    try:
        call()
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [error.response])
        return [(reason.get("Code", error.response["Error"]["Code"]), reason.get("Item")) for reason in reasons]
    return "done"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writes=st.lists(st.one_of(WRITES, st.lists(WRITES, min_size=2, max_size=2)), max_size=12),
    whole=st.sampled_from([(), INDEX[:1]]),
)
def test_writes_conditions_and_transactions_end_as_in_moto(aws: Any, writes: list[Any], whole: tuple[str, ...]) -> None:
    names = aws.list_tables()["TableNames"]
    if names:
        aws.delete_table(TableName="T")
    create_table(aws, "T", indexes=[INDEX], whole=whole)
    memory = Memory({"T": Table({INDEX[0]: INDEX[1:]}, frozenset(whole))})
    methods = {"Put": aws.put_item, "Update": aws.update_item, "Delete": aws.delete_item}

    for each in writes:
        if isinstance(each, tuple):
            kind, body = each
            theirs = outcome(lambda kind=kind, body=body: methods[kind](**body))
            ours = outcome(lambda kind=kind, body=body: memory.call(f"{kind}Item", body))
        else:
            bodies = {str(body.get("Key", body.get("Item", {}))): None for _, body in each}
            if len({name[:40] for name in bodies}) < len(each):
                continue
            entries = [{kind: body} for kind, body in each]
            theirs = outcome(lambda entries=entries: aws.transact_write_items(TransactItems=entries))
            ours = outcome(lambda entries=entries: memory.call("TransactWriteItems", {"TransactItems": entries}))
        assert _plain(ours) == _plain(theirs)

    mine = sorted(memory.tables["T"].every(), key=lambda item: item["sk"]["S"])
    assert [_sorted(item) for item in mine] == [_sorted(item) for item in aws.scan(TableName="T")["Items"]]
    question: dict[str, Any] = {
        "TableName": "T",
        "IndexName": "due",
        "KeyConditionExpression": "due_shard = :s AND due_at <= :n",
        "ExpressionAttributeValues": {":s": {"S": "s"}, ":n": {"S": "4"}},
    }
    for wanted in ({}, {"ProjectionExpression": "#n, #m", "ExpressionAttributeNames": {"#n": "sk", "#m": "n"}}):
        assert memory.call("Query", question | wanted)["Items"] == aws.query(**question, **wanted)["Items"]


def _plain(result: Any) -> Any:
    if isinstance(result, str):
        return result
    return [(code, _sorted(item) if item else None) for code, item in result]


def _sorted(item: dict[str, Any]) -> Any:
    return {
        name: {kind: sorted(inner) if kind == "SS" else inner for kind, inner in value.items()}
        for name, value in sorted(item.items())
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_a_query_follow_one_another(limit: int) -> None:
    memory = Memory({"T": Table()})
    for name in "gfedcba":
        memory.call("PutItem", {"TableName": "T", "Item": key(name)})
    question: dict[str, Any] = {
        "TableName": "T",
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "p"}},
        "Limit": limit,
    }

    seen, start = "", None
    while start != {}:
        answer = memory.call("Query", question | ({"ExclusiveStartKey": start} if start else {}))
        seen += "".join(item["sk"]["S"] for item in answer["Items"])
        start = answer.get("LastEvaluatedKey", {})

    assert seen == "abcdefg"


def test_a_stream_tells_what_changed_and_nothing_else() -> None:
    memory = Memory({"T": Table(streamed=True)})
    memory.call("PutItem", {"TableName": "T", "Item": key("a")})
    memory.call("PutItem", {"TableName": "T", "Item": key("a")})
    memory.call("DeleteItem", {"TableName": "T", "Key": key("a")})

    assert [record["eventName"] for record in memory.tables["T"].stream] == ["INSERT", "REMOVE"]


def test_an_index_that_is_late_shows_changes_in_order_after_some_writes_or_seconds() -> None:
    clock = FakeClock()
    memory = Memory({"T": Table({"by_shelf": ("shelf", "sk")})})
    table = memory.tables["T"]
    table.lag = Lag(Latest(), clock.now)

    def put(shelf: str) -> None:
        item = {"pk": {"S": "MUG"}, "sk": {"S": "MUG"}, "shelf": {"S": shelf}}
        memory.call("PutItem", {"TableName": "T", "Item": item})

    def shown() -> list[str]:
        return [item["shelf"]["S"] for item in table.indexed("by_shelf")]

    put("left")
    assert shown() == []
    clock.advance(seconds=2)
    put("right")
    assert shown() == []
    clock.advance(seconds=3)
    assert shown() == ["left"]
    for _ in range(MOST_WRITES_LATE):
        put("right")
    assert shown() == ["right"]
