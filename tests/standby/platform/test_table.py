"""Requests as data, against DynamoDB in memory (moto reads the expressions as strictly as DynamoDB does)."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from standby.platform import dynamodb
from standby.platform.dynamodb import Backoff, ConditionFailedError, Item
from standby.platform.table import Attribute, CursorError, Delete, Index, Put, Query, Table, Update, Write

from tests.tables import create_table

KEY = {"pk": "SKU#SHIRT", "sk": "SKU"}
BY_PLACE = Index("by_location", "location_id", "pk")
AT_ONCE = Backoff(sleep=lambda _: None)
SHIRT = {**KEY, "status": "held", "units": 3, "sizes": frozenset({"M", "L"})}


@pytest.fixture
def table(aws: Any) -> Table:
    create_table(aws, "Stock")
    return Table("Stock", aws, AT_ONCE)


@pytest.fixture
def stub() -> Iterator[tuple[Stubber, Table]]:
    client = dynamodb.client("us-east-1")
    with Stubber(client) as stubber:
        yield stubber, Table("Stock", client, AT_ONCE)
        stubber.assert_no_pending_responses()


def rows(table: Table, *places: str) -> None:
    table.transact(Put({"pk": "SKU#SHIRT", "sk": place}) for place in places)


def found(table: Table, query: Query) -> list[str]:
    return [item["sk"] for item in table.page(query).items]


# ---------------------------------------------------------------------- writing


def test_what_is_put_is_read(table: Table) -> None:
    table.write(Put(SHIRT))
    assert table.item(KEY) == SHIRT
    assert table.batch([KEY, {"pk": "SKU#SHIRT", "sk": "SETTLE"}]) == [SHIRT]


def test_what_is_not_there_is_none(table: Table) -> None:
    assert table.item(KEY) is None


def test_an_update_sets_removes_adds_and_takes(table: Table) -> None:
    table.write(Put(SHIRT))
    update = Update(
        KEY,
        assign={"status": None, "comment": "reserved words too", "size": "M"},
        add={"units": -2, "pages": frozenset({1})},
        take={"sizes": frozenset({"M"})},
    )
    wanted = {**KEY, "comment": "reserved words too", "size": "M", "units": 1, "pages": {1}, "sizes": {"L"}}
    assert table.change(update) == wanted
    assert table.item(KEY) == wanted


def test_what_is_deleted_is_gone(table: Table) -> None:
    table.write(Put(SHIRT))
    table.write(Delete(KEY))
    assert table.item(KEY) is None


HOLDS: dict[str, dict[str, Any]] = {
    "equal": {"equal": {"status": "held"}},
    "at least": {"at_least": {"units": 3}},
    "at most": {"at_most": {"units": 3}},
    "between": {"at_least": {"units": 2}, "at_most": {"units": 4}},
    "containing": {"containing": {"sizes": "M"}},
    "present": {"present": ("pk", "units")},
    "absent": {"absent": ("due_at", "version")},
    "several": {"equal": {"status": "held", "units": 3}, "present": ("pk",), "absent": ("due_at",)},
    "or absent": {"equal": {"version": 4}, "or_absent": "version"},
    "not absent, but so": {"equal": {"units": 3}, "or_absent": "units"},
}
FAILS: dict[str, dict[str, Any]] = {
    "equal": {"equal": {"status": "taken"}},
    "at least": {"at_least": {"units": 4}},
    "at most": {"at_most": {"units": 2}},
    "containing": {"containing": {"sizes": "S"}},
    "present": {"present": ("pk", "due_at")},
    "absent": {"absent": ("due_at", "units")},
    "one of several": {"equal": {"status": "held"}, "at_least": {"units": 4}},
    "not absent, and not so": {"equal": {"units": 4}, "or_absent": "units"},
    "absent, but that is not asked": {"equal": {"version": 4}},
}


def guarded(conditions: dict[str, Any]) -> list[Write]:
    return [
        Put({**KEY, "units": 9}, **conditions),
        Update(KEY, assign={"units": 9}, **conditions),
        Delete(KEY, **conditions),
    ]


@pytest.mark.parametrize("conditions", HOLDS.values(), ids=HOLDS)
@pytest.mark.parametrize("kind", range(3), ids=["put", "update", "delete"])
def test_a_write_whose_conditions_hold_is_done(table: Table, conditions: dict[str, Any], kind: int) -> None:
    write = guarded(conditions)[kind]
    table.write(Put(SHIRT))
    table.write(write)
    after: Item = table.item(KEY) or {"units": 9}
    assert after["units"] == 9


@pytest.mark.parametrize("conditions", FAILS.values(), ids=FAILS)
@pytest.mark.parametrize("kind", range(3), ids=["put", "update", "delete"])
def test_a_write_whose_conditions_fail_changes_nothing(table: Table, conditions: dict[str, Any], kind: int) -> None:
    write = guarded(conditions)[kind]
    table.write(Put(SHIRT))
    with pytest.raises(ConditionFailedError):
        table.write(write)
    assert table.item(KEY) == SHIRT


def test_a_failed_condition_in_a_transaction_says_which_and_writes_nothing(table: Table) -> None:
    table.write(Put(SHIRT))
    other = {"pk": "SKU#SHIRT", "sk": "SETTLE"}
    with pytest.raises(ConditionFailedError) as raised:
        table.transact([Put(other), Update(KEY, add={"units": -4}, at_least={"units": 4})])
    assert [reason is not None for reason in raised.value.reasons] == [False, True]
    assert table.item(other) is None


@pytest.mark.parametrize("write", guarded({"absent": ("pk",)}), ids=["put", "update", "delete"])
def test_every_guarded_write_asks_for_the_item_as_it_was(write: Write) -> None:
    assert write.request("Stock")["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


# ---------------------------------------------------------------------- reading

PLACES = ["LEVEL#berlin", "LEVEL#haifa", "ORDER#1", "ORDER#2", "SKU"]
RANGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "everything": ({}, PLACES),
    "starting": ({"starting": "ORDER#"}, ["ORDER#1", "ORDER#2"]),
    "between": ({"between": ("LEVEL#haifa", "ORDER#1")}, ["LEVEL#haifa", "ORDER#1"]),
    "after": ({"after": "ORDER#1"}, ["ORDER#2", "SKU"]),
    "before": ({"before": "LEVEL#haifa"}, ["LEVEL#berlin"]),
    "up to": ({"up_to": "LEVEL#haifa"}, ["LEVEL#berlin", "LEVEL#haifa"]),
    "newest first": ({"newest_first": True, "consistent": True}, PLACES[::-1]),
}


@pytest.mark.parametrize(("wanted", "places"), RANGES.values(), ids=RANGES)
def test_a_query_finds_its_range_in_order(table: Table, wanted: dict[str, Any], places: list[str]) -> None:
    rows(table, *PLACES)
    assert found(table, Query("SKU#SHIRT", **wanted)) == places


def test_a_cursor_goes_on_behind_its_page(table: Table) -> None:
    rows(table, *PLACES)
    wanted = Query("SKU#SHIRT", starting="LEVEL#", limit=1)
    first = table.page(wanted)
    assert [item["sk"] for item in first.items] == ["LEVEL#berlin"]
    assert first.cursor == {"pk": "SKU#SHIRT", "sk": "LEVEL#berlin"}
    assert [item["sk"] for item in table.page(wanted, first.cursor).items] == ["LEVEL#haifa"]


@pytest.mark.parametrize(
    ("index", "cursor", "names"),
    [
        ({}, {"wrong": "x"}, "pk, sk"),
        ({}, {"pk": "SKU#SHIRT"}, "pk, sk"),
        ({}, {"pk": "SKU#SHIRT", "sk": 5}, "pk, sk"),
        ({"index": BY_PLACE}, {"pk": "SKU#SHIRT", "sk": "SKU"}, "location_id, pk, sk"),
    ],
)
def test_a_cursor_that_is_none_is_named(table: Table, index: Any, cursor: Any, names: str) -> None:
    with pytest.raises(CursorError, match=f"must have the texts {names}$"):
        table.page(Query("SKU#SHIRT", **index), cursor)


def test_a_cursor_of_another_query_is_named(stub: tuple[Stubber, Table]) -> None:
    """DynamoDB checks the values: a cursor must lie in the range that is asked for."""
    stubber, table = stub
    why = "The provided starting key is outside query boundaries based on provided conditions"
    for error in (CursorError, ClientError):
        stubber.add_client_error("query", "ValidationException", why)
        with pytest.raises(error, match="outside query boundaries"):
            table.page(Query("SKU#SHIRT"), {"pk": "SKU#MUG", "sk": "SKU"} if error is CursorError else None)


def test_a_page_shows_an_item_that_cannot_be_read_beside_the_others(table: Table) -> None:
    rows(table, "A", "B")
    spoilt = {"pk": {"S": "SKU#SHIRT"}, "sk": {"S": "A"}, "units": {"N": "0.5"}}
    table.dynamodb.put_item(TableName="Stock", Item=spoilt)
    assert found(table, Query("SKU#SHIRT")) == ["A", "B"]
    assert table.change(Update({"pk": "SKU#SHIRT", "sk": "A"}, add={"seen": 1}))["seen"] == 1


def test_the_last_page_has_no_cursor(table: Table) -> None:
    rows(table, *PLACES)
    assert table.page(Query("SKU#SHIRT", limit=9)).cursor is None


def test_a_page_can_be_read_as_it_is_stored(table: Table) -> None:
    rows(table, "SKU")
    assert list(table.page(Query("SKU#SHIRT")).stored) == [{"pk": {"S": "SKU#SHIRT"}, "sk": {"S": "SKU"}}]


def test_an_index_is_read_by_its_own_keys(table: Table) -> None:
    table.write(Put({"pk": "SKU#SHIRT", "sk": "LEVEL#haifa", "location_id": "haifa"}))
    table.write(Put({"pk": "PLACE#haifa", "sk": "PLACE", "location_id": "haifa"}))
    table.write(Put({"pk": "SKU#SHIRT", "sk": "LEVEL#berlin", "location_id": "berlin"}))
    assert found(table, Query("haifa", index=BY_PLACE, starting="SKU#")) == ["LEVEL#haifa"]


def test_counting_stops_at_the_limit(table: Table) -> None:
    rows(table, *PLACES)
    assert table.count(Query("SKU#SHIRT", before="SKU")) == 4
    assert table.count(Query("SKU#SHIRT", before="SKU", limit=3)) == 3


# ---------------------------------------------------------------------- the requests themselves


def test_a_single_item_is_read_consistently(stub: tuple[Stubber, Table]) -> None:
    stubber, table = stub
    asked = {"TableName": "Stock", "Key": {"pk": {"S": "SKU#SHIRT"}, "sk": {"S": "SKU"}}, "ConsistentRead": True}
    stubber.add_response("get_item", {}, asked)
    assert table.item(KEY) is None


def test_a_write_that_met_another_is_tried_again(stub: tuple[Stubber, Table]) -> None:
    stubber, table = stub
    stubber.add_client_error("delete_item", "TransactionConflictException")
    stubber.add_response("delete_item", {})
    table.write(Delete(KEY))


def test_a_query_says_no_more_than_is_wanted() -> None:
    assert Query("SKU#SHIRT").request("Stock") == {
        "TableName": "Stock",
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": "pk"},
        "ExpressionAttributeValues": {":pk": {"S": "SKU#SHIRT"}},
    }


def test_what_is_set_first_stays(table: Table) -> None:
    table.write(Put(SHIRT))
    update = Update(KEY, first={"status": "free", "since": "today", "before": Attribute("units")}, add={"units": 4})
    assert table.change(update) == {**SHIRT, "since": "today", "before": 3, "units": 7}
    assert table.change(update) == {**SHIRT, "since": "today", "before": 3, "units": 11}
