"""The shop's locations as customers are told of them: a directory of few items, read whole in one request."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial

from standby.platform.clock import Clock
from standby.platform.dynamodb import write
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.table import Query, Table
from standby.shelf import items
from standby.shelf.model import Store

KEPT = timedelta(seconds=30)
"""How long the directory is used without reading it again. Units are read each time."""
MOST_PAGES = 5
"""Requests for the whole of it, each of 1 MB: some thousand locations."""
log = logger("shelf")


@frozen()
class StoreReader:
    """Answers where stores are and when they are open."""

    table: Table
    clock: Clock
    _kept: dict[str, tuple[datetime, Mapping[str, Store]]] = field(default_factory=dict, init=False, repr=False)

    def stores(self) -> Mapping[str, Store]:
        """Return all locations by id, as they were described half a minute ago at the latest. Raises `BusyError`."""
        now = self.clock.now()
        until, found = self._kept.get(items.STORES, (now, {}))
        if until <= now:
            found = {one.location_id: one for one in self._read()}
            self._kept[items.STORES] = now + KEPT, found
        return found

    def _read(self) -> list[Store]:
        wanted, cursor, found = Query(items.STORES, starting=items.STORE_PREFIX), None, []
        for _ in range(MOST_PAGES):
            page = write(partial(self.table.page, wanted, cursor), backoff=self.table.backoff)
            for item in page.items:
                try:
                    found.append(items.store(item))
                except Exception:
                    log.exception("a store cannot be read", extra={"sk": item.get("sk")})
            cursor = page.cursor
            if cursor is None:
                break
        return found
