"""Stores that have a product, the nearest first: where they are, when they are open, and what they have of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.opening_hours import OpeningHours
from standby.platform.point import Point
from standby.shelf.having import hours_of, hours_text, nearest_first, stocked, stores_among, week_of
from standby.shelf.model import Row, Store

if TYPE_CHECKING:
    from standby.availability.answers import StoreDay, StoreHaving, StoreList, StoreShown, StoreSku

MOST_SKUS = 100
"""SKUs that are named of one store."""
FEW_STORES, FEW_SKUS = 10, 25
"""Stores that are named beside a product's variants, and SKUs of one."""


class Shelf(Protocol):
    """Where rows are read."""

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of SKUs; those that are on no shelf are left out."""
        ...

    def variants(self, product_id: str) -> Sequence[Row]:
        """Return the rows of a product in its own order."""
        ...


class Directory(Protocol):
    """Where locations are described."""

    def stores(self) -> Mapping[str, Store]:
        """Return all locations by id."""
        ...


@frozen(kw_only=True)
class Stores:
    """Answers who would come to a store."""

    shelf: Shelf
    directory: Directory
    clock: Clock
    zone: ZoneInfo
    """The shop's, by whose clock stores are open."""

    def having(self, product_id: str, sku: str | None, near: Point | None, most: int) -> "StoreList":
        """Return stores with units of a product, or of one of its SKUs, the nearest first.

        Those without coordinates come last; where no point is given, all stand in the order of their names.
        """
        rows = self._rows(product_id, sku)
        having = stocked(rows)
        ranked = nearest_first(self._stores(having), near)
        now = self.clock.now()
        return {
            "items": [self._shown(one, far, having[one.location_id], now) for far, one in ranked[:most]],
            "next": None,
            "more_stores": len(ranked[most:]) + _beside(rows),
            "as_of": max((row.as_of for row in rows if row.as_of), default=None),
        }

    def beside(self, rows: Sequence[Row]) -> "tuple[list[StoreHaving], int]":
        """Return the first stores with units of some rows, in the order of their names, and how many more there are.

        It reads the directory only, and that where a store has units and it was not read in the last half minute.
        """
        having = stocked(rows)
        named = [one for _, one in nearest_first(self._stores(having), None)]
        found: list[StoreHaving] = [
            {
                "location_id": one.location_id,
                "name": one.about.get("name"),
                "sells_online": one.sells_online,
                "skus": [_sku(row, row.supply.stores[one.location_id]) for row in having[one.location_id][:FEW_SKUS]],
                "more_skus": len(having[one.location_id][FEW_SKUS:]),
            }
            for one in named[:FEW_STORES]
        ]
        return found, len(named[FEW_STORES:]) + _beside(rows)

    def _stores(self, location_ids: Collection[str]) -> list[Store]:
        return stores_among(location_ids, self.directory.stores() if location_ids else {})

    def _rows(self, product_id: str, sku: str | None) -> Sequence[Row]:
        if sku is None:
            return self.shelf.variants(product_id)
        return [row for row in self.shelf.rows([sku]).values() if row.variant.product_id == product_id]

    def _shown(self, store: Store, far: float | None, rows: Sequence[Row], now: datetime) -> "StoreShown":
        about, hours = store.about, hours_of(store)
        week = None if hours is None else self._week(hours, now)
        return {
            "location_id": store.location_id,
            "name": about.get("name"),
            "address": about.get("address"),
            "phone": about.get("phone"),
            "latitude": about.get("latitude"),
            "longitude": about.get("longitude"),
            "distance_km": None if far is None else round(far, 3),
            "sells_online": store.sells_online,
            "open_now": None if hours is None else hours.open_at(now, self.zone),
            "hours_today": week[0]["hours"] if week else None,
            "hours_week": week,
            "hours_text": hours_text(about.get("hours")),
            "skus": [_sku(row, row.supply.stores[store.location_id]) for row in rows[:MOST_SKUS]],
            "more_skus": len(rows[MOST_SKUS:]),
        }

    def _week(self, hours: OpeningHours, now: datetime) -> "list[StoreDay]":
        week = week_of(hours, now.astimezone(self.zone).date())
        return [{"day": day.isoformat(), "hours": [list(span) for span in spans]} for day, spans in week]


def _beside(rows: Iterable[Row]) -> int:
    """Return how many stores at least are not named in rows that have no room for them."""
    return max((row.supply.more_stores for row in rows), default=0)


def _sku(row: Row, units: int) -> "StoreSku":
    return {"sku": row.sku, "units_left": units if units <= row.supply.low_stock else None}
