"""Tables as the stack makes them, for moto and for the local AWS, and in memory."""

from collections.abc import Collection, Sequence
from typing import Any

from tests.dynamo import Memory, Table
from tests.wiring import STREAMS, TABLES, WHOLE


def in_memory() -> Memory:
    """Return all tables of the stack, empty."""
    indexes = {name: {index: (partition, sort) for index, partition, sort in TABLES[name]} for name in TABLES}
    return Memory({name: Table(indexes[name], WHOLE[name], streamed=name in STREAMS) for name in TABLES})


def create_table(
    dynamodb: Any,
    name: str,
    *,
    indexes: Sequence[tuple[str, str, str]] | None = None,
    whole: Collection[str] = (),
    stream: bool = False,
) -> str:
    """Create a table with the keys ``pk`` and ``sk`` and indexes ``(name, pk, sk)``; return its name.

    A feature's table has the indexes that its stack gives it. Other indexes are of keys alone, but for
    those that are ``whole``.
    """
    indexes = TABLES.get(name, ()) if indexes is None else indexes
    whole = WHOLE.get(name, whole)
    keys = {"pk", "sk"} | {key for _, *pair in indexes for key in pair}
    more: dict[str, Any] = {}
    if indexes:
        more["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": partition, "KeyType": "HASH"},
                    {"AttributeName": sort, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL" if index in whole else "KEYS_ONLY"},
            }
            for index, partition, sort in indexes
        ]
    if stream:
        more["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        **more,
    )
    return name
