"""Send the jobs back to their queue whose hour has come, every five minutes, a page of them a message.

A job is sent before it is forgotten here. Whoever is stopped between sends it twice, and the sender, which knows what
became of each job, does nothing the second time. After an outage of days what is due is only more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from standby.mail.waiting_repository import SHARDS, Due
from standby.platform.clock import Clock
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue


class WaitingJobs(Protocol):
    """Where jobs wait."""

    def due(self, shard: str, now: datetime, cursor: Cursor | None) -> tuple[Sequence[str], Cursor | None]:
        """Return a page of the ids of jobs whose hour has come, and where the next begins. Raises `CursorError`."""
        ...

    def jobs(self, job_ids: Iterable[str], now: datetime) -> Sequence[Due]:
        """Return those jobs that wait no longer."""
        ...

    def take_away(self, sent: Due) -> None:
        """Forget a job that was sent to its queue, unless it was put away again since."""
        ...


@frozen(kw_only=True)
class WaitingSweeper:
    """Finds jobs whose hour has come."""

    waiting: WaitingJobs
    jobs: Queue
    sweeps: Queue
    clock: Clock

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"sweep": "due"}``, or a shard of it, from a cursor or not. Raises `PoisonError` for all else."""
        match content:
            case {"sweep": "due", "shard": shard} if shard in SHARDS:
                try:
                    self._shard(shard, content.get("cursor"))
                except CursorError as error:
                    raise PoisonError(f"cursor: {error}") from error
            case {"sweep": "due", "shard": _}:
                raise PoisonError(f"shard: must be one of {', '.join(SHARDS)}")
            case {"sweep": "due"}:
                failed = one_by_one(SHARDS, lambda shard: self._shard(shard, None))
                self.sweeps.send([Outgoing.of({"sweep": "due", "shard": shard}) for shard in failed])
            case _:
                raise PoisonError("not a sweep")

    def _shard(self, shard: str, cursor: Cursor | None) -> None:
        now = self.clock.now()
        job_ids, after = self.waiting.due(shard, now, cursor)
        found = self.waiting.jobs(job_ids, now) if job_ids else ()
        self.jobs.send(_message(each) for each in found)
        for each in found:
            self.waiting.take_away(each)
        if after is not None:
            self.sweeps.send([Outgoing.of({"sweep": "due", "shard": shard, "cursor": after})])


def _message(due: Due) -> Outgoing:
    return Outgoing(due.kept.body, received_at=due.kept.received_at, attributes=due.kept.attributes)
