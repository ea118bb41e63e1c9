"""Looking after what is due: shards of an index, each in pages, and what fails for one costs no other its turn."""

from collections.abc import Callable, Mapping
from typing import Any

from standby.platform.clock import Clock, to_text
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue


@frozen(kw_only=True)
class Sweep:
    """Looks at all that is due, a page a message: a function that dies costs a page, which comes again."""

    shards: tuple[str, ...]
    page: Callable[[str, str, Cursor | None], tuple[list[Any], Cursor | None]]
    """Returns what is due in a shard at a time, and where the next page starts. Raises `CursorError`."""
    look: Callable[[Any], None]
    queue: Queue
    """The sweeper's own."""
    clock: Clock

    def handle(self, content: Mapping[str, Any]) -> bool:
        """Handle ``{"sweep": "due"}`` or a page of a shard; tell whether it was one. Raises `PoisonError`."""
        match content:
            case {"sweep": "due", "shard": shard} if shard in self.shards:
                try:
                    self._shard(shard, content.get("cursor"))
                except CursorError as error:
                    raise PoisonError(f"cursor: {error}") from error
            case {"sweep": "due", "shard": _}:
                raise PoisonError(f"shard: must be one of {', '.join(self.shards)}")
            case {"sweep": "due"}:
                failed = one_by_one(self.shards, lambda shard: self._shard(shard, None))
                self.queue.send([Outgoing.of({"sweep": "due", "shard": shard}) for shard in failed])
            case _:
                return False
        return True

    def _shard(self, shard: str, cursor: Cursor | None) -> None:
        found, after = self.page(shard, to_text(self.clock.now()), cursor)
        one_by_one(found, self.look)
        if after is not None:
            self.queue.send([Outgoing.of({"sweep": "due", "shard": shard, "cursor": after})])
