"""What Lambda gave up of a table's stream, read from it again while the stream still has it (24 hours)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError
from standby.platform.batching import groups
from standby.platform.queue import to_json

STREAM_FAILURE: Final = "DDBStreamBatchInfo"
UNANNOUNCED = '{"sweep":"unannounced"}'
GONE = {"TrimmedDataAccessException", "ResourceNotFoundException"}
IMAGES = ("Keys", "OldImage", "NewImage")
PAGE = 100
MOST_PAGES = 200
"""Pages may be empty although records follow."""
MOST_RECORDS = 100
MOST_BYTES = 200_000


class Streams(Protocol):
    """A client of the tables' streams."""

    def get_shard_iterator(self, **asked: str) -> Mapping[str, Any]:
        """Return where to read from."""
        ...

    def get_records(self, *, ShardIterator: str, Limit: int) -> Mapping[str, Any]:  # noqa: N803 - AWS's names
        """Return a page of changes, and where the next one begins."""
        ...


def stream_of(body: str) -> str:
    """Return the stream of which Lambda gave up a part, empty for any other letter."""
    if STREAM_FAILURE not in body:
        return ""
    try:
        source: str = json.loads(body)[STREAM_FAILURE]["streamArn"]
    except (ValueError, KeyError, TypeError):
        return ""
    return source


def changes_again(streams: Streams, body: str) -> list[str]:
    """Return jobs for the stock sweeper that tell the changes of a stream's letter, with what was before each.

    Where the stream does not hold them any more: the job that tells every SKU's newest change if nobody heard of it.
    """
    try:
        found = list(_records(streams, json.loads(body)[STREAM_FAILURE]))
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        found = []
    cut = groups(found, most=MOST_RECORDS, most_weight=MOST_BYTES, weight=lambda record: len(to_json(record).encode()))
    return [to_json({"sweep": "changes", "records": some}) for some in cut] or [UNANNOUNCED]


def _records(streams: Streams, failed: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    last = int(failed["endSequenceNumber"])
    iterator: str | None = streams.get_shard_iterator(
        StreamArn=failed["streamArn"],
        ShardId=failed["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=failed["startSequenceNumber"],
    )["ShardIterator"]
    for _ in range(MOST_PAGES):
        if not iterator:
            return
        answer = streams.get_records(ShardIterator=iterator, Limit=PAGE)
        for record in answer["Records"]:
            change: Mapping[str, Any] = record["dynamodb"]
            if int(change["SequenceNumber"]) > last:
                return
            yield {"dynamodb": {name: change[name] for name in IMAGES if name in change}}
            if int(change["SequenceNumber"]) == last:
                return
        iterator = answer.get("NextShardIterator")
