"""Requests to a table as data: what to write on which conditions, what to read a page at a time.

A repository says what it wants (`Put`, `Update`, `Delete`, `Query`) and a `Table` asks DynamoDB for it. Every
attribute goes by an alias, because DynamoDB reserves many words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from standby.platform.cursor import Cursor as Cursor  # noqa: PLC0414 - re-exported: repositories return one
from standby.platform.cursor import CursorError as CursorError  # noqa: PLC0414 - re-exported: repositories raise it
from standby.platform.dynamodb import Backoff, Item, batch_get, from_item, one_of_many, to_item, to_value, write
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Key = dict[str, str]
"""An item's ``pk`` and ``sk``."""
Stored = Mapping[str, Any]
"""An item in DynamoDB's JSON."""
TRANSACTION_ITEMS = 100
"""Writes in one transaction; DynamoDB takes no more."""


class Attribute(NamedTuple):
    """An attribute of the item that is written, as it was before the write."""

    name: str


@frozen(kw_only=True)
class Guarded:
    """A write on conditions. All of them must hold, or nothing is written and DynamoDB returns the item as it is."""

    equal: Mapping[str, Any] | None = None
    at_least: Mapping[str, int | str] | None = None
    at_most: Mapping[str, int | str] | None = None
    containing: Mapping[str, str] | None = None
    """Sets, and the member that each must have."""
    present: Sequence[str] = ()
    absent: Sequence[str] = ()
    or_absent: str | None = None
    """The conditions need not hold where the item has no such attribute."""
    elsewhere: str | None = None
    """The name of the table in which the item lies, where that is not the one that is asked: for `Table.transact`."""

    def guard(self, request: dict[str, Any], words: "Words") -> dict[str, Any]:
        """Complete a request: its conditions, and what all aliases stand for."""
        parts = []
        if self.equal:
            parts += [f"{words.name(name)} = {words.value(value)}" for name, value in self.equal.items()]
        if self.at_least:
            parts += [f"{words.name(name)} >= {words.value(value)}" for name, value in self.at_least.items()]
        if self.at_most:
            parts += [f"{words.name(name)} <= {words.value(value)}" for name, value in self.at_most.items()]
        if self.containing:
            parts += [f"contains({words.name(name)}, {words.value(one)})" for name, one in self.containing.items()]
        if self.present:
            parts += [f"attribute_exists({words.name(name)})" for name in self.present]
        if self.absent:
            parts += [f"attribute_not_exists({words.name(name)})" for name in self.absent]
        if parts:
            condition = " AND ".join(parts)
            if self.or_absent is not None:
                condition = f"attribute_not_exists({words.name(self.or_absent)}) OR {condition}"
            request["ConditionExpression"] = condition
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return words.explain(request)


@frozen()
class Put(Guarded):
    """A new item, or one that replaces the old."""

    values: Item

    def request(self, table: str) -> dict[str, Any]:
        """Return the request's parameters."""
        return self.guard({"TableName": self.elsewhere or table, "Item": to_item(self.values)}, Words())


@frozen()
class Update(Guarded):
    """Changes of one item's attributes."""

    key: Key
    assign: Mapping[str, Any] = field(default_factory=dict)
    """Attributes to set; ``None`` removes the attribute."""
    first: Mapping[str, Any] = field(default_factory=dict)
    """Attributes to set where the item has none of that name yet. An `Attribute` is the value of another one."""
    add: Mapping[str, int | frozenset[int] | frozenset[str]] = field(default_factory=dict)
    """Numbers to add, or members to put into a set."""
    take: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Members to take out of a set of texts."""

    def request(self, table: str) -> dict[str, Any]:
        """Return the request's parameters."""
        words = Words()
        gone = [name for name, value in self.assign.items() if value is None]
        kept = {name: value for name, value in self.assign.items() if value is not None}
        clauses = [
            _clause(
                "SET",
                [f"{words.name(name)} = {words.value(value)}" for name, value in kept.items()]
                + [
                    f"{words.name(name)} = if_not_exists({words.name(name)}, {words.operand(value)})"
                    for name, value in self.first.items()
                ],
            ),
            _clause("ADD", [f"{words.name(name)} {words.value(change)}" for name, change in self.add.items()]),
            _clause("DELETE", [f"{words.name(name)} {words.value(members)}" for name, members in self.take.items()]),
            _clause("REMOVE", [words.name(name) for name in gone]),
        ]
        made: dict[str, Any] = {"TableName": self.elsewhere or table, "Key": to_item(self.key)}
        made["UpdateExpression"] = " ".join(filter(None, clauses))
        return self.guard(made, words)


@frozen()
class Delete(Guarded):
    """The removal of an item."""

    key: Key

    def request(self, table: str) -> dict[str, Any]:
        """Return the request's parameters."""
        return self.guard({"TableName": self.elsewhere or table, "Key": to_item(self.key)}, Words())


@frozen()
class ConditionCheck(Guarded):
    """Conditions on an item that a transaction does not write."""

    key: Key

    def request(self, table: str) -> dict[str, Any]:
        """Return the request's parameters."""
        return self.guard({"TableName": self.elsewhere or table, "Key": to_item(self.key)}, Words())


Write = Put | Update | Delete


class Index(NamedTuple):
    """An index: its name (``None`` for the table's own keys) and the attributes of its partition and sort keys."""

    name: str | None
    partition: str
    sort: str


PRIMARY = Index(None, "pk", "sk")


@frozen()
class Query:
    """Items of one partition in the order of their sort keys. At most one of the five ranges may be given."""

    partition: str
    index: Index = PRIMARY
    starting: str | None = None
    """Sort keys that start with this text."""
    between: tuple[str, str] | None = None
    """Sort keys between two texts, both included."""
    after: str | None = None
    """Sort keys behind this text."""
    before: str | None = None
    """Sort keys in front of this text."""
    up_to: str | None = None
    """Sort keys in front of this text, and the text itself."""
    newest_first: bool = False
    consistent: bool = False
    limit: int | None = None
    only: Sequence[str] = ()
    """The attributes that are wanted; none: all. It costs what it costs without, but the SDK has less to read."""

    def request(self, table: str) -> dict[str, Any]:
        """Return the request's parameters."""
        names, values = {"#pk": self.index.partition}, {":pk": {"S": self.partition}}
        made: dict[str, Any] = {"TableName": table, "ExpressionAttributeNames": names}
        made["ExpressionAttributeValues"] = values
        made["KeyConditionExpression"] = "#pk = :pk"
        bounds = self._range()
        if bounds is not None:
            condition, texts = bounds
            names["#sk"] = self.index.sort
            values.update({alias: {"S": text} for alias, text in zip((":sk", ":last"), texts, strict=False)})
            made["KeyConditionExpression"] += f" AND {condition}"
        if self.index.name is not None:
            made["IndexName"] = self.index.name
        if self.newest_first:
            made["ScanIndexForward"] = False
        if self.consistent:
            made["ConsistentRead"] = True
        if self.limit is not None:
            made["Limit"] = self.limit
        if self.only:
            aliases = {f"#only_{name}": name for name in self.only}
            names.update(aliases)
            made["ProjectionExpression"] = ", ".join(aliases)
        return made

    def _range(self) -> tuple[str, tuple[str, ...]] | None:
        if self.between is not None:
            return "#sk BETWEEN :sk AND :last", self.between
        if self.starting is not None:
            return "begins_with(#sk, :sk)", (self.starting,)
        if self.after is not None:
            return "#sk > :sk", (self.after,)
        if self.before is not None:
            return "#sk < :sk", (self.before,)
        return None if self.up_to is None else ("#sk <= :sk", (self.up_to,))


@frozen()
class Page:
    """One answer of DynamoDB to a query."""

    stored: Sequence[Stored]
    """The items in DynamoDB's JSON, for callers that read too many of them to convert each one."""
    cursor: Cursor | None
    """Where the next page starts; ``None`` when this one is the last."""

    @property
    def items(self) -> list[Item]:
        """The items in Python values; those that cannot be read are `SpoiltItem`."""
        return [one_of_many(item) for item in self.stored]


@frozen()
class Table:
    """A table of DynamoDB."""

    name: str
    dynamodb: "DynamoDBClient"
    backoff: Backoff = field(default_factory=Backoff)

    def item(self, key: Key) -> Item | None:
        """Read one item, consistently."""
        answer = self.dynamodb.get_item(TableName=self.name, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def batch(self, keys: Iterable[Key], *, consistent: bool = True) -> list[Item]:
        """Read many items in no order; those that are not there are left out. Raises `BusyError`."""
        return batch_get(self.dynamodb, self.name, keys, backoff=self.backoff, consistent=consistent)

    def page(self, wanted: Query, cursor: Cursor | None = None) -> Page:
        """Read one page, the first or the one behind a cursor. Raises `CursorError`."""
        return page(self.dynamodb.query, wanted.request(self.name), wanted.index, cursor)

    def count(self, wanted: Query) -> int:
        """Return how many items a query finds in its first page."""
        request: Any = wanted.request(self.name)
        return self.dynamodb.query(Select="COUNT", **request)["Count"]

    def write(self, single: Write) -> None:
        """Do one write. Raises `ConditionFailedError`, `BusyError`."""
        request: Any = single.request(self.name)
        call: Any
        match single:
            case Put():
                call = self.dynamodb.put_item
            case Update():
                call = self.dynamodb.update_item
            case Delete():
                call = self.dynamodb.delete_item
        write(partial(call, **request), backoff=self.backoff)

    def change(self, update: Update) -> Item:
        """Do one update and return the item as it is after it. Raises `ConditionFailedError`, `BusyError`."""
        request: Any = update.request(self.name)
        answer = write(partial(self.dynamodb.update_item, ReturnValues="ALL_NEW", **request), backoff=self.backoff)
        return one_of_many(answer["Attributes"])

    def transact(self, writes: Iterable[Write | ConditionCheck]) -> None:
        """Do all of the writes or none, at most `TRANSACTION_ITEMS`, some of them perhaps in another table.

        Raises `ConditionFailedError` with one reason per write, `BusyError` when DynamoDB stayed busy.
        """
        entries: Any = [{type(each).__name__: each.request(self.name)} for each in writes]
        write(partial(self.dynamodb.transact_write_items, TransactItems=entries), backoff=self.backoff)


class Words:
    """Aliases of the names and values in one request."""

    __slots__ = ("names", "values")

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def name(self, name: str) -> str:
        """Return a name's alias, in which DynamoDB takes letters, digits and underscores alone."""
        alias = f"#{name}" if name.isidentifier() else f"#name{len(self.names)}"
        self.names[alias] = name
        return alias

    def value(self, value: object) -> str:
        """Return an alias of a value."""
        alias = f":{len(self.values)}"
        self.values[alias] = to_value(value)
        return alias

    def operand(self, value: object) -> str:
        """Return an alias of a value, or of the attribute whose value it is."""
        return self.name(value.name) if isinstance(value, Attribute) else self.value(value)

    def explain(self, request: dict[str, Any]) -> dict[str, Any]:
        """Complete a request with what all aliases stand for."""
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request


def key_of(item: Item) -> Key:
    """Return an item's key."""
    return {"pk": item["pk"], "sk": item["sk"]}


def page(ask: Callable[..., Any], request: dict[str, Any], index: Index, cursor: Cursor | None) -> Page:
    """Read one page of an index, the first or the one behind a cursor. Raises `CursorError`."""
    if cursor:
        names = sorted({*PRIMARY[1:], *index[1:]})
        if sorted(cursor) != names or not all(isinstance(text, str) for text in cursor.values()):
            message = f"must have the texts {', '.join(names)}"
            raise CursorError(message)
        request["ExclusiveStartKey"] = to_item(dict(cursor))
    try:
        answer = ask(**request)
    except ClientError as error:
        if cursor and error.response.get("Error", {}).get("Code") == "ValidationException":
            raise CursorError(error.response["Error"].get("Message", "refused")) from error
        raise
    after = answer.get("LastEvaluatedKey")
    return Page(answer["Items"], from_item(after) if after else None)


def _clause(word: str, parts: Sequence[str]) -> str:
    return f"{word} {', '.join(parts)}" if parts else ""
