"""Locations: which places there are, and whether what lies there may be sold online (design §4)."""

from dataclasses import replace
from functools import partial

from standby.ledger import items
from standby.ledger.model import Location
from standby.ledger.table import LedgerTable
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import Cursor, Query, Table, Update

LOCATIONS_PAGE = 50


@frozen()
class LocationReader:
    """Answers which places there are."""

    table: Table

    def location(self, location_id: str) -> Location | None:
        """Return a location as it is described now, ``None`` where nobody described it."""
        item = self.table.item(items.location_key(location_id))
        return items.location(item) if item else None

    def page(self, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return ids of described locations, and where the next page begins; ``None`` behind the last."""
        page = self.table.page(Query(items.LOCATIONS, index=items.SKUS, limit=LOCATIONS_PAGE), cursor)
        return [items.location_id_of(item) for item in page.items], page.cursor


@frozen()
class LocationBook:
    """Keeps the descriptions of locations."""

    table: LedgerTable

    def describe(self, word: Location) -> Location:
        """Take a description in, the newest wins, and return the location as it is known now.

        ``recount`` of the answer is true when the location counts otherwise than before and nobody ordered a
        recount of its SKUs yet. The caller orders it, then calls `recount_ordered`.
        After a crash in between, the repeated message finishes the work, even if it is an old one by then. Raises
        `BusyError`.
        """
        return self.table.retried(partial(self._attempt, word))

    def recount_ordered(self, location: Location) -> None:
        """Note that the SKUs of a location will be counted anew; a description that came meanwhile is left alone."""
        key = items.location_key(location.location_id)
        try:
            self.table.apply([Update(key, assign={"recount": False}, equal={"edition": location.edition})])
        except ConditionFailedError:
            return

    def _attempt(self, word: Location) -> Location:
        key = items.location_key(word.location_id)
        item = self.table.item(key)
        before = items.location(item) if item else Location(location_id=word.location_id)
        if item and word.version <= before.version:
            return before
        recount = before.recount or word.counting != before.counting
        after = replace(word, recount=recount, edition=before.edition + 1)
        values = items.location_values(after) | {"edition": after.edition}
        guard = Update(key, assign=values, equal={"edition": before.edition})
        self.table.apply([guard if item else Update(key, assign=values, absent=("pk",))])
        return after
