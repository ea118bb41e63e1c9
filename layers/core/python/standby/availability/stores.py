"""Stores that have a product, the nearest first: where they are, when they are open, and what they have of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.opening_hours import HoursError, OpeningHours, opening_hours
from standby.platform.point import Point, great_circle_km
from standby.shelf.model import Row, Store

if TYPE_CHECKING:
    from standby.availability.answers import StoreDay, StoreHaving, StoreList, StoreShown, StoreSku

WEEK = 7
MOST_SKUS = 100
"""SKUs that are named of one store."""
FEW_STORES, FEW_SKUS = 10, 25
"""Stores that are named beside a product's variants, and SKUs of one."""
STORE = "store"


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
        stocked = _stocked(rows)
        ranked = sorted(
            ((distance(near, one), one) for one in self._stores(stocked)),
            key=lambda each: (each[0] is None, each[0] or 0.0, name_of(each[1]), each[1].location_id),
        )
        now = self.clock.now()
        return {
            "items": [self._shown(one, far, stocked[one.location_id], now) for far, one in ranked[:most]],
            "next": None,
            "more_stores": len(ranked[most:]) + _beside(rows),
            "as_of": max((row.as_of for row in rows if row.as_of), default=None),
        }

    def beside(self, rows: Sequence[Row]) -> "tuple[list[StoreHaving], int]":
        """Return the first stores with units of some rows, in the order of their names, and how many more there are.

        It reads the directory only, and that where a store has units and it was not read in the last half minute.
        """
        stocked = _stocked(rows)
        named = sorted(self._stores(stocked), key=lambda one: (name_of(one), one.location_id))
        found: list[StoreHaving] = [
            {
                "location_id": one.location_id,
                "name": one.about.get("name"),
                "sells_online": one.sells_online,
                "skus": [_sku(row, row.supply.stores[one.location_id]) for row in stocked[one.location_id][:FEW_SKUS]],
                "more_skus": len(stocked[one.location_id][FEW_SKUS:]),
            }
            for one in named[:FEW_STORES]
        ]
        return found, len(named[FEW_STORES:]) + _beside(rows)

    def _stores(self, stocked: Iterable[str]) -> list[Store]:
        """Return the stores among some locations. One that nobody described is one."""
        locations = list(stocked)
        known = self.directory.stores() if locations else {}
        stores = (known.get(location_id) or Store(location_id=location_id) for location_id in locations)
        # A row may be a second older than the directory, and still name what was a store until then.
        return [one for one in stores if one.kind == STORE]

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
        today = now.astimezone(self.zone).date()
        days = (today + timedelta(days=ahead) for ahead in range(WEEK))
        return [{"day": day.isoformat(), "hours": [list(span) for span in hours.on(day)]} for day in days]


def _stocked(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows of which each location has units, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        for location_id in row.supply.stores:
            found.setdefault(location_id, []).append(row)
    return found


def _beside(rows: Iterable[Row]) -> int:
    """Return how many stores at least are not named in rows that have no room for them."""
    return max((row.supply.more_stores for row in rows), default=0)


def _sku(row: Row, units: int) -> "StoreSku":
    return {"sku": row.sku, "units_left": units if units <= row.supply.low_stock else None}


def name_of(store: Store) -> str:
    """Return what a store is called, which may be its id."""
    said = store.about.get("name")
    return said if isinstance(said, str) else store.location_id


def distance(near: Point | None, store: Store) -> float | None:
    """Return how far a store is from a point along a great circle, in km, ``None`` where that is not known."""
    latitude, longitude = store.about.get("latitude"), store.about.get("longitude")
    if near is None or latitude is None or longitude is None:
        return None
    return great_circle_km(near, Point(latitude, longitude))


def hours_of(store: Store) -> OpeningHours | None:
    """Return when a store is open, ``None`` where nobody said it in a form that can be read."""
    said = store.about.get("hours")
    try:
        return opening_hours(said) if isinstance(said, dict) else None
    except HoursError:
        return None


def hours_text(said: Any) -> str | None:  # noqa: ANN401 - what the ERP said
    """Return opening hours that were said as text, or as lines of it."""
    if isinstance(said, str):
        return said
    return "\n".join(line for line in said if isinstance(line, str)) if isinstance(said, list) else None
