"""DynamoDB in memory for `tests.world`: a few microseconds a call, so that a test can break thousands of them.

It answers what Standby asks (conditions, transactions with reasons, queries with pages, indexes of keys or of whole
items, streams) and nothing more; `test_dynamo` compares it with moto, and the journeys show the truth on the local AWS.
Items are never changed in place, so a snapshot copies no items, only the dictionaries that hold them.
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.expressions import Item, Scope, comparable, condition, update

TRANSACTION_ITEMS = 100
GET_ITEMS = 100
WRITE_ITEMS = 25


MOST_WRITES_LATE = 40
LATEST = timedelta(seconds=4)
Keyed = tuple[str, str]
Overdue = tuple[int, datetime, Item | None]
"""A change that an index does not show yet: until which write and when, and what it shows meanwhile."""


class Latest(random.Random):
    """Draws the latest each time."""

    def random(self) -> float:
        return 0.999


@dataclass
class Lag:
    """How late indexes learn of a change: as AWS says, mostly at once, sometimes not, and never in another order.

    An entry follows up to 40 writes or four seconds behind its item, whichever is sooner; both are drawn.
    """

    chance: random.Random
    now: Callable[[], datetime]

    def late(self, writes: int) -> tuple[int, datetime] | None:
        """Draw until when a change is not seen; ``None`` if it is seen at once."""
        if self.chance.random() < 0.5:
            return None
        return writes + self.chance.randint(1, MOST_WRITES_LATE), self.now() + LATEST * self.chance.random()


@dataclass
class Table:
    """A table's items by partition and sort key, its indexes and its stream."""

    indexes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    """The indexes that have whole items, and not keys alone."""
    streamed: bool = False
    items: dict[str, dict[str, Item]] = field(default_factory=dict)
    stream: list[dict[str, Any]] = field(default_factory=list)
    lag: Lag | None = None
    """``None``: indexes show every change at once."""
    _writes: int = 0
    _overdue: dict[tuple[str, Keyed], deque[Overdue]] = field(default_factory=dict)

    def get(self, key: Mapping[str, Any]) -> Item | None:
        """Return an item."""
        return self.items.get(key["pk"]["S"], {}).get(key["sk"]["S"])

    def put(self, key: Mapping[str, Any], item: Item | None) -> None:
        """Replace an item, or remove it."""
        old = self.get(key)
        folder = self.items.setdefault(key["pk"]["S"], {})
        if item is None:
            folder.pop(key["sk"]["S"], None)
        else:
            folder[key["sk"]["S"]] = item
        self._writes += 1
        if self.lag is not None:
            self._show_later(self.lag, key, old, item)
        if self.streamed and old != item:
            self.stream.append(_record(key, old, item, len(self.stream)))

    def every(self) -> Iterator[Item]:
        """Yield all items."""
        for folder in self.items.values():
            yield from folder.values()

    def indexed(self, index: str) -> Iterator[Item]:
        """Yield the items as an index shows them."""
        shown = {key: old for (name, key), old in self._not_seen() if name == index}
        yield from (item for item in self.every() if not shown or _key(item) not in shown)
        yield from (old for old in shown.values() if old is not None)

    def forget_lag(self) -> None:
        """Let indexes show everything, and follow at once."""
        self.lag = None
        self._overdue.clear()

    def _show_later(self, lag: Lag, key: Mapping[str, Any], old: Item | None, new: Item | None) -> None:
        for index, names in self.indexes.items():
            before, after = ([(item or {}).get(name) for name in names] for item in (old, new))
            overdue = self._overdue.get((index, _key(key)))
            until = lag.late(self._writes) if before != after else None
            if until is not None or (before != after and overdue):
                self._overdue.setdefault((index, _key(key)), deque()).append((*(until or (0, lag.now())), old))

    def _not_seen(self) -> Iterator[tuple[tuple[str, Keyed], Item | None]]:
        """Yield the entries that an index shows as they were, and forget the changes that it has caught up with."""
        for place, overdue in list(self._overdue.items()):
            while (
                overdue and self.lag is not None and (overdue[0][0] <= self._writes or overdue[0][1] <= self.lag.now())
            ):
                overdue.popleft()
            if overdue:
                yield place, overdue[0][2]
            else:
                del self._overdue[place]


def _record(key: Mapping[str, Any], old: Item | None, new: Item | None, number: int) -> dict[str, Any]:
    said: dict[str, Any] = {"Keys": {"pk": key["pk"], "sk": key["sk"]}, "SequenceNumber": str(number)}
    if old is not None:
        said["OldImage"] = old
    if new is not None:
        said["NewImage"] = new
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    return {"eventID": str(number), "eventName": name, "eventSource": "aws:dynamodb", "dynamodb": said}


@dataclass
class Memory:
    """The service."""

    tables: dict[str, Table] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def snapshot(self) -> Any:
        """Return all items, for `restore`."""
        return {name: {pk: dict(folder) for pk, folder in table.items.items()} for name, table in self.tables.items()}

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot; streams start anew."""
        for name, table in self.tables.items():
            table.items = {pk: dict(folder) for pk, folder in snapshot[name].items()}
            table.stream = []
            table.forget_lag()

    def follow_late(self, seed: int, now: Callable[[], datetime]) -> None:
        """Let the indexes of all tables follow late, as a seed draws it."""
        chance = random.Random(seed)
        for table in self.tables.values():
            table.lag = Lag(chance, now)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Any:
        """Answer one operation. Raises `ClientError` as botocore does."""
        answers: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "GetItem": self._get,
            "PutItem": self._put,
            "UpdateItem": self._update,
            "DeleteItem": self._delete,
            "Query": self._query,
            "Scan": self._scan,
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "TransactWriteItems": self._transact,
        }
        with self._lock:
            return answers[operation](parameters)

    # ---- one item ----

    def _get(self, parameters: Mapping[str, Any]) -> Any:
        item = self.tables[parameters["TableName"]].get(parameters["Key"])
        return {} if item is None else {"Item": item}

    def _put(self, parameters: Mapping[str, Any]) -> Any:
        return self._write_alone("PutItem", "Put", parameters)

    def _update(self, parameters: Mapping[str, Any]) -> Any:
        return self._write_alone("UpdateItem", "Update", parameters)

    def _delete(self, parameters: Mapping[str, Any]) -> Any:
        return self._write_alone("DeleteItem", "Delete", parameters)

    def _write_alone(self, operation: str, kind: str, parameters: Mapping[str, Any]) -> Any:
        table, key, old, holds = self._look(kind, parameters)
        if not holds:
            more = {"Item": old} if _wants_old(parameters) and old is not None else {}
            raise _error("ConditionalCheckFailedException", operation, **more)
        new = _written(kind, parameters, old)
        table.put(key, new)
        wanted = parameters.get("ReturnValues", "NONE")
        if wanted == "ALL_OLD":
            return {"Attributes": old} if old else {}
        if wanted in {"ALL_NEW", "UPDATED_NEW"}:
            return {"Attributes": new}
        return {}

    # ---- several items ----

    def _transact(self, parameters: Mapping[str, Any]) -> Any:
        entries = [next(iter(entry.items())) for entry in parameters["TransactItems"]]
        looks = [self._look(kind, body) for kind, body in entries]
        named = {(id(table), key["pk"]["S"], key["sk"]["S"]) for table, key, _, _ in looks}
        if len(named) < len(looks) or len(looks) > TRANSACTION_ITEMS:
            raise _error("ValidationException", "TransactWriteItems")
        if not all(holds for *_, holds in looks):
            reasons = [
                {"Code": "None"}
                if holds
                else {"Code": "ConditionalCheckFailed", **({"Item": old} if _wants_old(body) and old else {})}
                for (_, body), (_, _, old, holds) in zip(entries, looks, strict=True)
            ]
            raise _error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
        for (kind, body), (table, key, old, _) in zip(entries, looks, strict=True):
            if kind != "ConditionCheck":
                table.put(key, _written(kind, body, old))
        return {}

    def _batch_get(self, parameters: Mapping[str, Any]) -> Any:
        found: dict[str, list[Item]] = {}
        for name, asked in parameters["RequestItems"].items():
            _limit(asked["Keys"], GET_ITEMS, "BatchGetItem")
            items = (self.tables[name].get(key) for key in asked["Keys"])
            found[name] = [item for item in items if item is not None]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _batch_write(self, parameters: Mapping[str, Any]) -> Any:
        for name, requests in parameters["RequestItems"].items():
            _limit(requests, WRITE_ITEMS, "BatchWriteItem")
            for request in requests:
                if "PutRequest" in request:
                    item = request["PutRequest"]["Item"]
                    self.tables[name].put(item, item)
                else:
                    self.tables[name].put(request["DeleteRequest"]["Key"], None)
        return {"UnprocessedItems": {}}

    # ---- reading many ----

    def _query(self, parameters: Mapping[str, Any]) -> Any:
        table = self.tables[parameters["TableName"]]
        index = parameters.get("IndexName")
        partition, sort = table.indexes[index] if index else ("pk", "sk")
        values = parameters["ExpressionAttributeValues"].values()
        items: Iterator[Item] = table.indexed(index) if index else iter(())
        if index is None:
            folders = (table.items.get(value["S"], {}) for value in values if "S" in value)
            items = (item for folder in folders for item in folder.values())
        test = condition(parameters["KeyConditionExpression"])
        keyed = (item for item in items if item.get(partition) in values and sort in item)  # before the costly test
        names, values_by_name = _placeholders(parameters)
        matching = {_key(item): item for item in keyed if test(Scope(item, names, values_by_name))}
        ordered = sorted(matching.values(), key=lambda item: (comparable(item[sort]), _key(item)))
        if parameters.get("ScanIndexForward") is False:
            ordered.reverse()
        keys = ("pk", "sk", partition, sort) if index else ("pk", "sk")
        return _page(parameters, ordered, keys, only_keys=index is not None and index not in table.whole)

    def _scan(self, parameters: Mapping[str, Any]) -> Any:
        ordered = sorted(self.tables[parameters["TableName"]].every(), key=_key)
        return _page(parameters, ordered, ("pk", "sk"), only_keys=False)

    def _look(self, kind: str, body: Mapping[str, Any]) -> tuple[Table, Item, Item | None, bool]:
        """Return a write's table, key, item as it is, and whether its condition holds."""
        table = self.tables[body["TableName"]]
        key = body["Item"] if kind == "Put" else body["Key"]
        old = table.get(key)
        expression = body.get("ConditionExpression")
        holds = expression is None or condition(expression)(Scope(old or {}, *_placeholders(body)))
        return table, {"pk": key["pk"], "sk": key["sk"]}, old, holds


def _written(kind: str, body: Mapping[str, Any], old: Item | None) -> Item | None:
    if kind == "Delete":
        return None
    if kind == "Put":
        return dict(body["Item"])
    item = dict(old) if old is not None else dict(body["Key"])
    scope = Scope(old or {}, *_placeholders(body))
    for change in update(body["UpdateExpression"]):
        change(scope, item)
    return item


def _page(
    parameters: Mapping[str, Any], ordered: Sequence[Item], keys: Sequence[str], *, only_keys: bool
) -> dict[str, Any]:
    start = parameters.get("ExclusiveStartKey")
    if start:
        places = [place for place, item in enumerate(ordered) if all(item[name] == start[name] for name in keys)]
        # Its item may be gone from there, or stand elsewhere in an index: the page begins with the first behind it.
        ordered = ordered[places[0] + 1 :] if places else [item for item in ordered if _behind(item, start, keys)]
    limit = parameters.get("Limit")
    seen = ordered[:limit] if limit else ordered
    expression = parameters.get("FilterExpression")
    names, values = _placeholders(parameters)
    kept = [item for item in seen if expression is None or condition(expression)(Scope(item, names, values))]
    answer: dict[str, Any] = {"Count": len(kept), "ScannedCount": len(seen)}
    if parameters.get("Select") != "COUNT":
        wanted = [names[each] for each in parameters.get("ProjectionExpression", "").split(", ") if each]
        had = [{name: item[name] for name in keys} for item in kept] if only_keys else list(kept)
        answer["Items"] = [{name: item[name] for name in wanted if name in item} for item in had] if wanted else had
    if limit and len(seen) == limit:
        answer["LastEvaluatedKey"] = {name: seen[-1][name] for name in keys}
    return answer


def _behind(item: Item, start: Mapping[str, Any], keys: Sequence[str]) -> bool:
    sort = keys[-1]
    return (comparable(item[sort]), _key(item)) > (comparable(start[sort]), _key(start))


def _placeholders(body: Mapping[str, Any]) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    return body.get("ExpressionAttributeNames", {}), body.get("ExpressionAttributeValues", {})


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _wants_old(body: Mapping[str, Any]) -> bool:
    return body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"


def _limit(things: Sequence[Any], most: int, operation: str) -> None:
    if len(things) > most:
        raise _error("ValidationException", operation)


def _error(code: str, operation: str, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}, **more}, operation)  # type: ignore[typeddict-item]
