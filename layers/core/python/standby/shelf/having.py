"""Which stores have something, how far they are and when they are open: one rule for every answer and every mail."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from standby.platform.opening_hours import HoursError, OpeningHours, Span, opening_hours
from standby.platform.point import Point, great_circle_km
from standby.shelf.model import Row, Store

STORE = "store"
WEEK = 7


def stocked(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows of which each location has units, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        for location_id in row.supply.stores:
            found.setdefault(location_id, []).append(row)
    return found


def stores_among(location_ids: Iterable[str], known: Mapping[str, Store]) -> list[Store]:
    """Return the stores among some locations. One that nobody described is one."""
    stores = (known.get(location_id) or Store(location_id=location_id) for location_id in location_ids)
    # A row may be a second older than the descriptions, and still name what was a store until then.
    return [one for one in stores if one.kind == STORE]


def nearest_first(stores: Iterable[Store], near: Point | None) -> list[tuple[float | None, Store]]:
    """Return stores with their distances in km; those whose distance nobody knows come last, by their names."""
    return sorted(
        ((distance(near, one), one) for one in stores),
        key=lambda each: (each[0] is None, each[0] or 0.0, name_of(each[1]), each[1].location_id),
    )


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


def week_of(hours: OpeningHours, today: date) -> list[tuple[date, Sequence[Span]]]:
    """Return when a store is open today and on the six days after it, with what is otherwise on a date."""
    return [(day, hours.on(day)) for day in (today + timedelta(days=ahead) for ahead in range(WEEK))]


def hours_text(said: Any) -> str | None:  # noqa: ANN401 - what the ERP said
    """Return opening hours that were said as text, or as lines of it."""
    if isinstance(said, str):
        return said
    return "\n".join(line for line in said if isinstance(line, str)) if isinstance(said, list) else None
