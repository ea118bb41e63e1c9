"""The feed of all SKUs: its CPU beside bare queries of the same pages, its memory beside twice as many SKUs.

HTTP is answered in this process, in pages of a megabyte as DynamoDB makes them.
"""

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standby.availability.feed import Feed, tsv
from standby.platform import dynamodb
from standby.platform.table import Table
from standby.shelf import items
from standby.shelf.reader import ShelfReader

from tests.benchmarks.badges import CREDENTIALS, TABLE, answering, beside_one_another, plain_client, row
from tests.benchmarks.figure import Figure
from tests.fakes import FakeClock

SKUS = 50_000
PAGE = 6_500
"""Entries of the index in a megabyte."""
CPU_BUDGET, MEMORY_BUDGET = 2.0, 1.2
KEYS = (*items.FEED[1:], "pk", "sk")
MEGABYTE = 1_000_000


def index(skus: int) -> dict[str, list[bytes]]:
    """Return the answers to the queries of each shard, in their order."""
    entries = [{name: values[name] for name in KEYS} for values in map(items.row_values, map(row, range(skus)))]
    entries.sort(key=lambda entry: (entry["feed_shard"], entry["listing"]))
    found = {}
    for shard, group in groupby(entries, key=lambda entry: str(entry["feed_shard"])):
        stored = [{name: {"S": text} for name, text in entry.items()} for entry in group]
        pages = [stored[start : start + PAGE] for start in range(0, len(stored), PAGE)]
        found[shard] = [_answer(page, last=page is pages[-1]) for page in pages]
    return found


def _answer(page: list[Any], *, last: bool) -> bytes:
    more = {} if last else {"LastEvaluatedKey": page[-1]}
    return json.dumps({"Items": page, "Count": len(page), "ScannedCount": len(page), **more}).encode()


def answered(client: Any, pages: dict[str, list[bytes]]) -> Any:
    """Answer a client's queries from such an index, each shard from its beginning where no key is given."""
    place = dict.fromkeys(pages, 0)

    def answer(body: bytes) -> bytes:
        asked = json.loads(body)
        shard = asked["ExpressionAttributeValues"][":pk"]["S"]
        place[shard] = place[shard] + 1 if "ExclusiveStartKey" in asked else 0
        return pages[shard][place[shard]]

    return answering(client, answer)


def ours(pages: dict[str, list[bytes]]) -> Callable[[], bytes]:
    """Return what makes the feed, packed."""
    shelf = ShelfReader(Table(TABLE, answered(dynamodb.client(), pages)))
    made = Feed(shelf=shelf, clock=FakeClock(datetime(2026, 5, 3, tzinfo=UTC)), zone=ZoneInfo("Asia/Jerusalem"))
    return lambda: made.written(tsv, part=1, parts=1, packed=True)


def bare(pages: dict[str, list[bytes]]) -> Callable[[], int]:
    """Return what reads the same pages with the SDK alone, and counts what is in them."""
    client = answered(plain_client("dynamodb"), pages)

    def read() -> int:
        count = 0
        for shard in pages:
            asked = {"TableName": TABLE, "IndexName": items.FEED.name, "KeyConditionExpression": "#pk = :pk"}
            asked |= {"ExpressionAttributeNames": {"#pk": "feed_shard"}}
            asked |= {"ExpressionAttributeValues": {":pk": {"S": shard}}}
            for page in client.get_paginator("query").paginate(**asked):
                count += len(page["Items"])
        return count

    return read


def feeding() -> list[Figure]:
    """Compare the two, and the peaks of memory."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        some, twice = index(SKUS), index(2 * SKUS)
        compared = bare(some)
        assert compared() == SKUS
        ratio, took = beside_one_another(ours(some), compared, calls=1)
        weight = len(ours(some)())
        peaks = [_peak(ours(pages)) for pages in (some, twice)]
    return [
        Figure(
            f"feed of {SKUS:,} SKUs",
            ratio,
            CPU_BUDGET,
            "x bare queries of the same pages",
            f"{took:.0f} ms of CPU, {weight / 1_000:.0f} kB of gzip",
        ),
        Figure(
            f"peak memory of a feed of {2 * SKUS:,} SKUs beside {SKUS:,}",
            peaks[1] / peaks[0],
            MEMORY_BUDGET,
            "x",
            " and ".join(f"{peak / MEGABYTE:.1f} MB" for peak in reversed(peaks)),
        ),
    ]


def _peak(work: Callable[[], bytes]) -> int:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
