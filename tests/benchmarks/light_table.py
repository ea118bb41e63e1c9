"""As much of DynamoDB as the ledger's writes and the snapshots' walks use, in memory, a hundred times as fast as moto.

Conditions, SET, ADD, REMOVE, transactions, BatchGet, and queries by partition or by the index of locations are done as
DynamoDB does them. Explanations (``STEP#`` items) are counted, not kept: a benchmark would measure their memory.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from standby.ledger.items import BY_LOCATION

Item = dict[str, Any]
Key = tuple[str, str]
PART = re.compile(r"(SET|ADD|REMOVE) (.*?)(?= ADD | REMOVE |$)")
BETWEEN = re.compile(r", (?![^(]*\))")  # not between the two operands of if_not_exists
PAGE = 1_000
LAST = "\U0010ffff"


@dataclass
class LightDynamoDB:
    """One table."""

    items: dict[Key, Item] = field(default_factory=dict)
    steps: int = 0
    requests: int = 0
    _partitions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _locations: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))

    def get_item(self, *, Key: Item, **_: Any) -> Item:  # noqa: N803 - boto3's words
        self.requests += 1
        item = self.items.get(_key(Key))
        return {"Item": item} if item else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Item:  # noqa: N803
        self.requests += 1
        ((table, wanted),) = RequestItems.items()
        assert len(wanted["Keys"]) <= 100
        found = [self.items[_key(key)] for key in wanted["Keys"] if _key(key) in self.items]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def put_item(self, **request: Any) -> Item:
        self.requests += 1
        self._check(_key(request["Item"]), request)
        self._store(request["Item"])
        return {}

    def update_item(self, **request: Any) -> Item:
        self.requests += 1
        key = _key(request["Key"])
        self._check(key, request)
        return {"Attributes": self._update(key, request)}

    def transact_write_items(self, *, TransactItems: list[Mapping[str, Any]]) -> Item:  # noqa: N803
        self.requests += 1
        assert len(TransactItems) <= 100
        entries = [next(iter(entry.items())) for entry in TransactItems]
        keys = [_key(request["Item" if kind == "Put" else "Key"]) for kind, request in entries]
        assert len(set(keys)) == len(keys)
        reasons = [self._refused(key, request) for key, (_, request) in zip(keys, entries, strict=True)]
        if any(reasons):
            told = [
                {"Code": "ConditionalCheckFailed", **(reason or {})} if reason else {"Code": "None"}
                for reason in reasons
            ]
            error = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": told}
            raise ClientError(error, "TransactWriteItems")  # type: ignore[arg-type] # the stubs know no reasons
        for key, (kind, request) in zip(keys, entries, strict=True):
            if kind == "Put":
                self._store(request["Item"])
            else:
                self._update(key, request)
        return {}

    def query(self, **request: Any) -> Item:
        self.requests += 1
        partition, low, high = _range(request)
        start, limit = request.get("ExclusiveStartKey"), request.get("Limit", PAGE)
        index = request.get("IndexName")
        if index is None:
            sorts = self._partitions[partition]
            first = bisect_right(sorts, start["sk"]["S"]) if start else bisect_left(sorts, low)
            keys = [(partition, sort) for sort in sorts[first : first + limit + 1] if sort <= high]
        elif index == BY_LOCATION.name:
            listed = self._locations[partition]
            first = bisect_right(listed, _key(start)) if start else bisect_left(listed, (low, ""))
            keys = [key for key in listed[first : first + limit + 1] if key[0] <= high]
        else:
            raise AssertionError(request)
        answer: Item = {"Items": [self.items[key] for key in keys[:limit]]}
        if len(keys) > limit:
            pk, sk = keys[limit - 1]
            answer["LastEvaluatedKey"] = {"pk": {"S": pk}, "sk": {"S": sk}}
            if index:
                answer["LastEvaluatedKey"][BY_LOCATION.partition] = {"S": partition}
        return answer

    def _store(self, item: Item) -> None:
        key = _key(item)
        if key[1].startswith("STEP#"):
            self.steps += 1
            return
        if key not in self.items:
            insort(self._partitions[key[0]], key[1])
            if "location_id" in item:
                insort(self._locations[item["location_id"]["S"]], key)
        self.items[key] = item

    def _update(self, key: Key, request: Mapping[str, Any]) -> Item:
        names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})
        item = dict(self.items.get(key) or {"pk": {"S": key[0]}, "sk": {"S": key[1]}})
        for word, clause in PART.findall(request["UpdateExpression"]):
            for part in BETWEEN.split(clause):
                if word == "REMOVE":
                    item.pop(names[part], None)
                elif word == "SET":
                    name, value = part.split(" = ")
                    if value.startswith("if_not_exists"):
                        other = value.rstrip(")").split(", ")[1]
                        item.setdefault(names[name], values[other] if other in values else item[names[other]])
                    else:
                        item[names[name]] = values[value]
                else:
                    name, value = part.split(" ")
                    item[names[name]] = _added(item.get(names[name]), values[value])
        self._store(item)
        return item

    def _check(self, key: Key, request: Mapping[str, Any]) -> None:
        refused = self._refused(key, request)
        if refused is not None:
            error = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}, **refused}
            raise ClientError(error, "UpdateItem")  # type: ignore[arg-type] # the stubs know no item

    def _refused(self, key: Key, request: Mapping[str, Any]) -> Item | None:
        """Return the item on which a condition failed (``{"Item": …}``), ``None`` where it holds."""
        item = self.items.get(key, {})
        names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
        for part in filter(None, request.get("ConditionExpression", "").split(" AND ")):
            if part.startswith("attribute_"):
                word, _, name = part.rstrip(")").partition("(")
                holds = (names[name] in item) == (word == "attribute_exists")
            else:
                name, sign, value = part.split(" ")
                have, want = item.get(names[name]), values[value]
                holds = have is not None and (have == want if sign == "=" else int(have["N"]) >= int(want["N"]))
            if not holds:
                return {"Item": item}
        return None


def _range(request: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return a query's partition and the texts between which its sort keys lie, as `standby.platform.table` says it."""
    values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
    partition, _, bounds = request["KeyConditionExpression"].partition(" AND ")
    first = values.get(":sk", "")
    highest = {"": LAST, "begins_with(#sk, :sk)": first + LAST, "#sk BETWEEN :sk AND :last": values.get(":last", "")}
    assert partition == "#pk = :pk"
    return values[":pk"], first, highest[bounds]


def _key(item: Mapping[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _added(have: Item | None, by: Item) -> Item:
    ((kind, change),) = by.items()
    if kind == "NS":
        return {"NS": sorted({*(have or {"NS": []})["NS"], *change})}
    return {"N": str(int((have or {"N": "0"})["N"]) + int(change))}
