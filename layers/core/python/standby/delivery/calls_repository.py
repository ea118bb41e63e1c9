"""Calls that wait for another day, and how many were opened on a day, in the Deliveries table.

==================  ===============  ==========================================================================
pk                  sk               holds
==================  ===============  ==========================================================================
``PACE``            ``CALLS#<day>``  how many calls were opened on one of the shop's days
``ORDER#<id>``      ``CALL``         an order of which calls wait; in the index ``due``, in shards of its own
==================  ===============  ==========================================================================
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from heapq import merge
from zlib import crc32

from standby.platform.clock import to_text
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.kept import CALLS
from standby.platform.table import Delete, Index, Key, Query, Table, Update

DUE = Index("due", "due_shard", "due_at")
SHARDS = tuple(f"CALL#{number}" for number in range(4))
PAGE = 200
NO_DAY = "9999"
"""Stands behind every day: the law names none."""


@frozen()
class CallBook:
    """Calls that wait, on DynamoDB."""

    table: Table

    def opened(self, day: date) -> int:
        """Return how many calls were opened on a day."""
        item = self.table.item(_count(day))
        return 0 if item is None else int(item["opened"])

    def take(self, day: date, number: int, *, most: int, now: datetime) -> bool:
        """Count calls that are to be opened on a day; tell whether there is room for them."""
        ttl = int((now + CALLS).timestamp())
        try:
            self.table.write(
                Update(
                    _count(day),
                    add={"opened": number},
                    assign={"ttl": ttl},
                    at_most={"opened": most - number},
                    or_absent="opened",
                )
            )
        except ConditionFailedError:
            return False
        return True

    def put_away(self, order_id: str, due_by: str | None, now: datetime) -> None:
        """Let an order's calls wait. One that waits already keeps its place, unless its legal day is another now."""
        assign = {"due_shard": SHARDS[crc32(order_id.encode()) % len(SHARDS)], "ttl": int((now + CALLS).timestamp())}
        first = {"due_at": f"{due_by or NO_DAY} {to_text(now)}"}
        item = self.table.change(Update(_key(order_id), assign=assign, first=first, add={"version": 1}))
        day, _, since = str(item["due_at"]).partition(" ")
        if day != (due_by or NO_DAY):
            with suppress(ConditionFailedError):  # who put it away again knows better
                newest = {"due_at": f"{due_by or NO_DAY} {since}"}
                self.table.write(Update(_key(order_id), assign=newest, equal={"version": item["version"]}))

    def version(self, order_id: str) -> int:
        """Return how often an order's calls were put away; 0: they do not wait."""
        item = self.table.item(_key(order_id))
        return 0 if item is None else int(item["version"])

    def take_away(self, order_id: str, version: int) -> None:
        """Forget that an order's calls wait, unless they were put away again since."""
        with suppress(ConditionFailedError):
            self.table.write(Delete(_key(order_id), equal={"version": version}))

    def waiting(self, until: str | None = None) -> Iterator[tuple[str, str]]:
        """Yield the day and the id of each order whose calls wait, the nearest day first; those until a day."""
        for due_at, order_id in merge(*(self._shard(shard, until) for shard in SHARDS)):
            yield due_at.partition(" ")[0], order_id

    def _shard(self, shard: str, until: str | None) -> Iterator[tuple[str, str]]:
        cursor, up_to = None, None if until is None else f"{until} {NO_DAY}"
        while True:
            page = self.table.page(Query(shard, index=DUE, up_to=up_to, limit=PAGE), cursor)
            for item in page.stored:
                yield item["due_at"]["S"], item["pk"]["S"].removeprefix("ORDER#")
            cursor = page.cursor
            if cursor is None:
                return


def _count(day: date) -> Key:
    return {"pk": "PACE", "sk": f"CALLS#{day.isoformat()}"}


def _key(order_id: str) -> Key:
    return {"pk": f"ORDER#{order_id}", "sk": "CALL"}
