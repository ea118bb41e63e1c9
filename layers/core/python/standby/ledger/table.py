"""Requests to the Stock table: consistent reads, guarded writes, and attempts that start again from a fresh read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from standby.ledger.items import Key
from standby.platform.dynamodb import (
    Backoff,
    BusyError,
    ConditionFailedError,
    Item,
    batch_get,
    from_item,
    to_item,
    to_value,
    write,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Result = TypeVar("Result")


@dataclass(frozen=True)
class Update:
    """One update of one item, on conditions, all of which must hold."""

    key: Key
    assign: Mapping[str, Any] = field(default_factory=dict)
    """Attributes to set; ``None`` removes the attribute."""
    add: Mapping[str, int | frozenset[int]] = field(default_factory=dict)
    """Numbers to add, or members to put into a set of numbers."""
    equal: Mapping[str, Any] = field(default_factory=dict)
    at_least: Mapping[str, int] = field(default_factory=dict)
    present: Sequence[str] = ()
    absent: Sequence[str] = ()

    def request(self, table: str) -> dict[str, Any]:
        """Write the update in DynamoDB's JSON; every attribute goes by an alias, because many words are reserved."""
        words = _Words()
        gone = [name for name, value in self.assign.items() if value is None]
        kept = {name: value for name, value in self.assign.items() if value is not None}
        clauses = [
            _clause("SET", [f"{words.name(name)} = {words.value(value)}" for name, value in kept.items()]),
            _clause("ADD", [f"{words.name(name)} {words.value(change)}" for name, change in self.add.items()]),
            _clause("REMOVE", [words.name(name) for name in gone]),
        ]
        made: dict[str, Any] = {"TableName": table, "Key": to_item(self.key)}
        made["UpdateExpression"] = " ".join(filter(None, clauses))
        return made | words.condition(self) | words.aliases()


@dataclass(frozen=True)
class Put:
    """A new item, or one that replaces the old without asking."""

    values: Item
    absent: Sequence[str] = ()

    def request(self, table: str) -> dict[str, Any]:
        """Write the item in DynamoDB's JSON."""
        words = _Words()
        made: dict[str, Any] = {"TableName": table, "Item": to_item(self.values)}
        if not self.absent:
            return made
        return made | {"ConditionExpression": " AND ".join(words.missing(self.absent))} | words.aliases()


Write = Update | Put


@dataclass(frozen=True)
class LedgerTable:
    """The Stock table."""

    name: str
    dynamodb: "DynamoDBClient"
    backoff: Backoff = field(default_factory=Backoff)

    def item(self, key: Key) -> Item | None:
        """Read one item, consistently."""
        answer = self.dynamodb.get_item(TableName=self.name, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def items(self, keys: Iterable[Key]) -> dict[tuple[str, str], Item]:
        """Read many items, consistently, by ``(pk, sk)``; those that are not there are left out."""
        wanted = list({(key["pk"], key["sk"]): key for key in keys}.values())
        found = batch_get(self.dynamodb, self.name, wanted, backoff=self.backoff)
        return {(item["pk"], item["sk"]): item for item in found}

    def between(self, partition: str, first: str, last: str) -> list[Item]:
        """Read all items of a partition whose sort keys lie between two texts, both included, consistently."""
        found: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            answer = self.dynamodb.query(
                TableName=self.name,
                KeyConditionExpression="#pk = :pk AND #sk BETWEEN :first AND :last",
                ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
                ExpressionAttributeValues={
                    ":pk": {"S": partition},
                    ":first": {"S": first},
                    ":last": {"S": last},
                },
                ConsistentRead=True,
                **start,
            )
            found.extend(from_item(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return found
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def starting(self, partition: str, prefix: str) -> list[Item]:
        """Read all items of a partition whose sort keys start with ``prefix`` (which ends in ``#``)."""
        return self.between(partition, prefix, f"{prefix}\U0010ffff")

    def apply(self, writes: Sequence[Write]) -> None:
        """Do all of the writes or none.

        Raises `ConditionFailedError` with one reason per write, `BusyError` when DynamoDB stayed busy.
        """
        if len(writes) == 1:
            write(partial(self._single, writes[0]), backoff=self.backoff)
            return
        entries: Any = [self._entry(each) for each in writes]
        write(partial(self.dynamodb.transact_write_items, TransactItems=entries), backoff=self.backoff)

    def change(self, update: Update) -> Item:
        """Do one update and return the item as it is after it."""
        request: Any = update.request(self.name)
        answer = write(
            partial(self.dynamodb.update_item, ReturnValues="ALL_NEW", **request),
            backoff=self.backoff,
        )
        return from_item(answer["Attributes"])

    def retried(self, attempt: Callable[[], Result]) -> Result:
        """Run an attempt (read, compute, guarded write) again while its guards find something changed meanwhile.

        Raises `BusyError` when it never came through.
        """
        for number in range(self.backoff.attempts):
            try:
                return attempt()
            except ConditionFailedError:
                self.backoff.pause(number)
        message = f"{self.name}: somebody else was quicker {self.backoff.attempts} times"
        raise BusyError(message)

    def _single(self, single: Write) -> None:
        request: Any = single.request(self.name)
        if isinstance(single, Put):
            self.dynamodb.put_item(**request)
        else:
            self.dynamodb.update_item(**request)

    def _entry(self, single: Write) -> dict[str, Any]:
        return {type(single).__name__: single.request(self.name)}


class _Words:
    """Aliases of the names and values in one request."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, name: str) -> str:
        return self._names.setdefault(name, f"#{len(self._names)}")

    def value(self, value: object) -> str:
        alias = f":{len(self._values)}"
        self._values[alias] = to_value(value)
        return alias

    def missing(self, names: Iterable[str]) -> list[str]:
        return [f"attribute_not_exists({self.name(name)})" for name in names]

    def condition(self, guarded: Update) -> dict[str, Any]:
        parts = [f"{self.name(name)} = {self.value(value)}" for name, value in guarded.equal.items()]
        parts += [f"{self.name(name)} >= {self.value(value)}" for name, value in guarded.at_least.items()]
        parts += [f"attribute_exists({self.name(name)})" for name in guarded.present]
        parts += self.missing(guarded.absent)
        if not parts:
            return {}
        return {"ConditionExpression": " AND ".join(parts), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    def aliases(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self._names:
            made["ExpressionAttributeNames"] = {alias: name for name, alias in self._names.items()}
        if self._values:
            made["ExpressionAttributeValues"] = self._values
        return made


def _clause(word: str, parts: Sequence[str]) -> str:
    return f"{word} {', '.join(parts)}" if parts else ""
