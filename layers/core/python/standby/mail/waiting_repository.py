"""Jobs that wait for an open hour, in the Mail table: beside each job's own item, in the index of what is due.

==================  ===========  =======================================================================
pk                  sk           holds
==================  ===========  =======================================================================
``JOB#<job_id>``    ``WAITING``  the message, when it is due, and how often the job was put away; of jobs about
                                 the same (``JOB#about~…``) the newest
==================  ===========  =======================================================================

A job that is put away again counts up, so whoever sent it to its queue meanwhile does not take it away.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from zlib import crc32

from standby.mail.waiting import KeptJob
from standby.platform.clock import to_text
from standby.platform.cursor import Cursor
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.kept import WAITING
from standby.platform.table import Delete, Index, Key, Query, Table, Update

DUE = Index("due", "due_shard", "due_at")
SHARDS = tuple(f"WAITING#{number}" for number in range(4))
PAGE = 50
JOB = "JOB#"


@frozen()
class Due:
    """A job whose hour has come, and how often it had been put away by then."""

    kept: KeptJob
    version: int


@frozen()
class WaitingRepository:
    """Keeps jobs until their hour."""

    table: Table

    def put_away(self, kept: KeptJob, *, until: datetime, now: datetime) -> None:
        """Keep a job until its hour has come. One that waits already waits until then, unless it is newer."""
        values: dict[str, Any] = {
            "body": kept.body,
            "attributes": dict(kept.attributes),
            "received_at": kept.received_at,
            "due_shard": SHARDS[crc32(kept.job_id.encode()) % len(SHARDS)],
            "due_at": f"{to_text(until)} {to_text(now)}",  # who was put away first goes first
            "ttl": int((until + WAITING).timestamp()),
        }
        if kept.said_at is None:
            self.table.write(Update(_key(kept.job_id), assign=values, add={"version": 1}))
            return
        values["said_at"] = kept.said_at
        newer = Update(
            _key(kept.job_id),
            assign=values,
            add={"version": 1},
            at_most={"said_at": kept.said_at},
            or_absent="said_at",
        )
        with suppress(ConditionFailedError):  # what waits says more than this
            self.table.write(newer)

    def due(self, shard: str, now: datetime, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of the ids of jobs whose hour has come, and where the next begins. Raises `CursorError`."""
        page = self.table.page(Query(shard, index=DUE, up_to=to_text(now), limit=PAGE), cursor)
        return [item["pk"]["S"].removeprefix(JOB) for item in page.stored], page.cursor

    def jobs(self, job_ids: Iterable[str], now: datetime) -> list[Due]:
        """Return those jobs that wait no longer, first put away, first. The index may know less."""
        items = self.table.batch(map(_key, job_ids))
        due = [item for item in items if item["due_at"] <= to_text(now)]
        return [_due(item) for item in sorted(due, key=lambda item: str(item["due_at"]))]

    def take_away(self, sent: Due) -> None:
        """Forget a job that was sent to its queue, unless it was put away again since."""
        with suppress(ConditionFailedError):
            self.table.write(Delete(_key(sent.kept.job_id), equal={"version": sent.version}))


def _key(job_id: str) -> Key:
    return {"pk": f"{JOB}{job_id}", "sk": "WAITING"}


def _due(item: Item) -> Due:
    job_id = item["pk"].removeprefix(JOB)
    return Due(KeptJob(job_id, item["body"], item["attributes"], item["received_at"]), item["version"])
