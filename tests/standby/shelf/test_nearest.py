"""The nearest store that has something."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.opening_hours import DAYS
from standby.platform.point import coarse, great_circle_km, point
from standby.shelf.model import Row, Store, Supply
from standby.shelf.nearest import Nearest, StoreNear

from tests.fakes import FakeClock
from tests.promises.unruly import searching

HERE = "32.09,34.78"
SUNDAY_TO_THURSDAY = {day: [["09:30", "20:00"]] for day in ("sun", "mon", "tue", "wed", "thu")}
PLACED = {"latitude": 32.05, "longitude": 34.75}


class FakeShelf:
    """A SKU that lies in some stores."""

    def __init__(self, *stores: Store, units: int = 1) -> None:
        self.known = {store.location_id: store for store in stores}
        self.units = dict.fromkeys(self.known, units)
        self.reads = 0

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        self.reads += 1
        return {sku: Row(sku=sku, supply=Supply(revision=1, stores=self.units)) for sku in skus}

    def locations(self, location_ids: Iterable[str]) -> Mapping[str, Store]:
        self.reads += 1
        return {each: self.known[each] for each in location_ids if each in self.known}


def nearest(shelf: FakeShelf, *places: str, most_km: int = 50) -> Mapping[str, StoreNear]:
    return Nearest(shelf, FakeClock(), ZoneInfo("Asia/Jerusalem"), most_km).of("MUG", places)


def told(**about: Any) -> StoreNear:
    """Return what is told of a store; it is Sunday, May 3."""
    return nearest(FakeShelf(Store(location_id="jaffa", about={**PLACED, **about})), HERE)[HERE]


def test_a_store_is_told_by_its_name_or_else_its_id() -> None:
    assert told() == {"name": "jaffa", "lines": [], "hours": [], "km": 5}
    assert told(name="Olive Jaffa", phone="03-555-0101") == {
        "name": "Olive Jaffa",
        "lines": [],
        "hours": [],
        "km": 5,
        "phone": "03-555-0101",
    }


def test_what_may_be_next_door_is_called_close() -> None:
    store = told(latitude=32.0925, longitude=34.7825)
    assert (store.get("close"), "km" in store) == (True, False)
    assert told(latitude=32.102)["km"] == 3
    assert told(latitude=32.0795, longitude=34.78)["close"]
    assert told(latitude=32.0790, longitude=34.78)["km"] == 2


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (None, []),
        ("Old Port 3\n\nJaffa\n", ["Old Port 3", "Jaffa"]),
        ({"street": "Old Port", "number": 3, "city": {"name": "Jaffa"}, "lift": True}, ["Old Port, 3, Jaffa"]),
        ({}, []),
        (["Old Port 3", "Jaffa"], ["Old Port 3, Jaffa"]),
        ("\n".join("abcdefgh"), list("abcdef")),
    ],
    ids=["unknown", "lines", "object", "empty", "list", "many lines"],
)
def test_an_address_is_told_however_the_erp_said_it(address: Any, lines: list[str]) -> None:
    assert told(address=address)["lines"] == lines


@pytest.mark.parametrize(
    ("hours", "rows"),
    [
        (SUNDAY_TO_THURSDAY, [(7, 4, "09:30", "20:00")]),
        (
            SUNDAY_TO_THURSDAY | {"exceptions": {"2026-05-05": []}},
            [(7, 1, "09:30", "20:00"), (3, 4, "09:30", "20:00")],
        ),
        ({"sun": [["10:00", "13:00"], ["16:00", "24:00"]]}, [(7, 7, "10:00", "13:00"), (7, 7, "16:00", "00:00")]),
        ({"tue": ["09:00", "14:00"], "wed": ["09:00", "14:00"]}, [(2, 3, "09:00", "14:00")]),
        (
            {day: ["00:00", "24:00"] for day in DAYS},
            [(7, 6, "00:00", "00:00")],
        ),
        ({"sat": ["10:00", "12:00"], "sun": ["10:00", "12:00"]}, [(6, 7, "10:00", "12:00")]),
        ({}, []),
        ({"someday": []}, []),
        (None, []),
    ],
    ids=[
        "a week",
        "a holiday",
        "two spans",
        "two days",
        "always",
        "since yesterday",
        "closed",
        "unreadable",
        "unknown",
    ],
)
def test_days_of_equal_hours_are_one_row_and_today_comes_first(
    hours: Any, rows: list[tuple[int, int, str, str]]
) -> None:
    found = told(hours=hours)["hours"]
    assert [(row["from_day"], row["to_day"], row["opens"], row["closes"]) for row in found] == rows


@pytest.mark.parametrize("in_words", [False, True], ids=["spans", "words"])
def test_of_more_hours_than_there_is_room_for_none_are_told_since_a_part_would_look_like_all(*, in_words: bool) -> None:
    spans = {day: [["08:00", "10:00"], ["11:00", "13:00"], ["15:00", f"2{n % 4}:0{n}"]] for n, day in enumerate(DAYS)}
    store = told(address="Old Port 3", hours="Mon 9-17\n" * 15 if in_words else spans)
    assert (store["lines"], store["hours"]) == (["Old Port 3"], [])


def test_hours_in_words_stand_below_the_address() -> None:
    assert told(address="Old Port 3", hours="Sun-Thu 9-17\nFri 9-13")["lines"] == [
        "Old Port 3",
        "Sun-Thu 9-17",
        "Fri 9-13",
    ]


def test_no_store_is_near_where_the_shop_wants_none_or_nobody_said_where_it_is() -> None:
    here = Store(location_id="jaffa", about=PLACED)
    assert nearest(FakeShelf(here), HERE, most_km=0) == {}
    assert nearest(FakeShelf(here), HERE, most_km=4) == {}
    assert nearest(FakeShelf(Store(location_id="jaffa")), HERE) == {}
    assert nearest(FakeShelf(Store(location_id="jaffa", kind="warehouse", about=PLACED)), HERE) == {}
    assert nearest(FakeShelf(), HERE) == {}


def test_nothing_is_read_for_what_is_no_place() -> None:
    shelf = FakeShelf(Store(location_id="jaffa", about=PLACED))
    assert nearest(shelf, "Haifa", "91,0", "nan,nan", "") == {}
    assert shelf.reads == 0


def test_over_the_line_of_180_degrees_is_near() -> None:
    fiji = Store(location_id="taveuni", about={"latitude": -16.8, "longitude": -179.95})
    assert nearest(FakeShelf(fiji), "-16.80,179.95")["-16.80,179.95"]["km"] == 11


degrees = st.tuples(st.integers(-9_000, 9_000), st.integers(-18_000, 18_000)).map(
    lambda each: (each[0] / 100, each[1] / 100)
)


@searching(examples=40, steps=1)
@given(st.lists(degrees, max_size=8), st.lists(degrees, min_size=1, max_size=5), st.integers(1, 20_000))
def test_it_is_the_nearest_of_all_and_near_enough(
    stores: list[tuple[float, float]], people: list[tuple[float, float]], most_km: int
) -> None:
    shelf = FakeShelf(
        *(
            Store(location_id=f"store-{number}", about={"latitude": latitude, "longitude": longitude})
            for number, (latitude, longitude) in enumerate(stores)
        )
    )
    places = {f"{latitude},{longitude}" for latitude, longitude in people}
    found = nearest(shelf, *places, most_km=most_km)

    for place in places:
        near = point(coarse(point(place)))
        far = {
            name: great_circle_km(near, point(f"{said.about['latitude']},{said.about['longitude']}"))
            for name, said in shelf.known.items()
        }
        least = min(far.values(), default=None)
        if least is None or least > most_km:
            assert place not in found
        else:
            assert far[found[place]["name"]] == least
