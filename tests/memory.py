"""moto's DynamoDB, mended where the product leans on it: transactions that are safe under threads and quick.

moto copies the whole table for every item of a transaction and has no lock: two transactions at once lose writes, and
51 deletes among 2,000 items take seconds. Here a lock makes callers take
turns, and only the items that a transaction names are kept for rolling back.
"""

import copy
import threading
from typing import Any

import pytest
from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend, DynamoType, Table

LOCKED = ("put_item", "get_item", "update_item", "delete_item", "query", "scan", "batch_get_item", "execute_statement")


class _CopyingItemsOnly:
    """The ``copy`` module, but for tables, which stay as they are."""

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(thing: Any, memo: Any = None) -> Any:
        return thing if isinstance(thing, Table) else copy.deepcopy(thing, memo)


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make moto's DynamoDB safe under threads and quick, for as long as the test runs."""
    lock = threading.RLock()

    def locked(original: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            with lock:
                return original(*args, **kwargs)

        return call

    whole = DynamoDBBackend.transact_write_items

    def transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        with lock:
            before = [_kept(backend, item) for item in transact_items]
            recorded = {name: len(table.stream_shard.items) for name, table in _streamed(backend)}
            try:
                whole(backend, transact_items)
            except Exception:
                for table, partition, sort, item in before:
                    _restore(table, partition, sort, item)
                for name, table in _streamed(backend):
                    del table.stream_shard.items[recorded[name] :]
                raise

    for name in LOCKED:
        if hasattr(DynamoDBBackend, name):
            monkeypatch.setattr(DynamoDBBackend, name, locked(getattr(DynamoDBBackend, name)))
    monkeypatch.setattr(DynamoDBBackend, "transact_write_items", transact)
    monkeypatch.setattr(models, "copy", _CopyingItemsOnly)


def _streamed(backend: DynamoDBBackend) -> list[tuple[str, Any]]:
    return [(name, table) for name, table in backend.tables.items() if table.stream_shard]


def _kept(backend: DynamoDBBackend, operation: dict[str, Any]) -> tuple[Table, DynamoType, DynamoType, Any]:
    ((kind, body),) = operation.items()
    table = backend.tables[body["TableName"]]
    key = body["Item"] if kind == "Put" else body["Key"]
    partition, sort = DynamoType(key[table.hash_key_attr]), DynamoType(key[table.range_key_attr])
    return table, partition, sort, copy.deepcopy(table.items.get(partition, {}).get(sort))


def _restore(table: Table, partition: DynamoType, sort: DynamoType, item: Any) -> None:
    if item is None:
        table.items.get(partition, {}).pop(sort, None)
    else:
        table.items[partition][sort] = item
