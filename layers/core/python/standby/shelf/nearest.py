"""The nearest store that has something, for whoever said about where they are (features.md A12)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.opening_hours import MIDNIGHT, Span
from standby.platform.point import Point, kept_place, point
from standby.shelf.having import hours_of, hours_text, name_of, nearest_first, stocked, stores_among, week_of
from standby.shelf.model import Row, Store

CLOSE_KM = 1.2
"""What is kept of a place is up to 0.8 km beside it, so what seems to be nearer than this is surely within 2 km."""
MOST_LINES = 6
MOST_ROWS = 14
"""Rows of opening hours: two spans a day. More than that are not told."""
Told = TypeVar("Told")
StoreNear = Mapping[str, Any]
"""``name``; ``km``, a whole number from 2, or ``close`` for what is nearer; ``lines`` of the address, and of hours that
were said in words; ``hours`` of the week that begins today, in the shape of `mail/kinds/shapes.json`; ``phone``, where
it is known."""


class Shelf(Protocol):
    """Where rows and locations are read, at most 100 at a time."""

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of SKUs; those that are on no shelf are left out."""
        ...

    def locations(self, location_ids: Iterable[str]) -> Mapping[str, Store]:
        """Return locations by their ids; those that nobody described are left out."""
        ...


@frozen()
class Nearest:
    """Tells which store has something near by. Units are read each time, for they may be gone since."""

    shelf: Shelf
    clock: Clock
    zone: ZoneInfo
    """The shop's, by whose clock stores are open."""
    most_km: int
    """A store that is farther away is not near; 0: none is."""

    def of(self, sku: str, places: Collection[str]) -> dict[str, StoreNear]:
        """Return by place (``32.08,34.78``) the nearest store that has units of a SKU, where one is near enough.

        Text that is no place has none. Raises `BusyError`.
        """
        points = {place: point(known) for place in places if (known := kept_place(place)) is not None}
        if not (points and self.most_km):
            return {}
        having = stocked(self.shelf.rows([sku]).values())
        stores = stores_among(having, self.shelf.locations(having) if having else {})
        today = self.clock.now().astimezone(self.zone).date()
        found = {place: self._nearest(stores, near, today) for place, near in points.items()}
        return {place: store for place, store in found.items() if store is not None}

    def _nearest(self, stores: Collection[Store], near: Point, today: date) -> StoreNear | None:
        far, store = next(iter(nearest_first(stores, near)), (None, None))
        return None if far is None or store is None or far > self.most_km else _told(store, far, today)


def _told(store: Store, far: float, today: date) -> StoreNear:
    about, hours = store.about, hours_of(store)
    told: dict[str, Any] = {
        "name": name_of(store),
        "lines": _lines(about.get("address"))[:MOST_LINES] + _whole(_lines(hours_text(about.get("hours")))),
        "hours": [] if hours is None else _whole(list(_rows(week_of(hours, today)))),
        **({"close": True} if far < CLOSE_KM else {"km": max(2, round(far))}),
    }
    phone = about.get("phone")
    return {**told, "phone": phone} if isinstance(phone, str) else told


def _whole(hours: list[Told]) -> list[Told]:
    """Return opening hours, or none of them where there are too many: a part would read as if it were closed then."""
    return hours if len(hours) <= MOST_ROWS else []


def _lines(said: Any) -> list[str]:  # noqa: ANN401 - what the ERP said
    """Return the lines of a text; the parts of an address that came as an object are one."""
    if isinstance(said, str):
        return [line.strip() for line in said.splitlines() if line.strip()]
    parts = ", ".join(_parts(said))
    return [parts] if parts else []


def _parts(said: Any) -> Iterator[str]:  # noqa: ANN401 - what the ERP said
    if isinstance(said, str | int | float) and not isinstance(said, bool):
        yield str(said).strip()
    elif isinstance(said, Mapping | list):
        for each in said.values() if isinstance(said, Mapping) else said:
            yield from _parts(each)


def _rows(week: Sequence[tuple[date, Sequence[Span]]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each span, with neighbouring days of equal hours as one; first comes what counts today.

    The days behind the seventh are like the first, so what is so yesterday too begins there.
    """
    days = [(day.isoweekday(), tuple(spans)) for day, spans in week]
    while days[-1][1] == days[0][1] and any(spans != days[0][1] for _, spans in days):
        days = [days[-1], *days[:-1]]
    for spans, group in groupby(days, key=lambda each: each[1]):
        numbers = [number for number, _ in group]
        for opens, closes in spans:
            hours = {"opens": opens, "closes": "00:00" if closes == MIDNIGHT else closes}
            yield {"from_day": numbers[0], "to_day": numbers[-1], **hours}
