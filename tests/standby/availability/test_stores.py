"""Which stores have a product, how far they are, and when they are open."""

import math
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability.stores import Stores
from standby.platform.point import Point, great_circle_km
from standby.shelf.model import Row, Store, Supply, Variant
from standby.shelf.stores import StoreReader

from tests.fakes import FakeClock
from tests.promises.unruly import searching
from tests.standby.availability.storefront import API, QUEUE, Storefront, described, product_changed, variant
from tests.world import World

HAIFA = {"name": "Haifa", "latitude": 32.794, "longitude": 34.9896, "phone": "+972 4 555 0101", "address": "Herzl 1"}
JAFFA = {"name": "Jaffa", "latitude": 32.0527, "longitude": 34.7509}
TEL_AVIV = "32.0853,34.7818"
SUNDAY = {"sun": ["09:00", "17:30"], "exceptions": {"2026-05-05": []}, "tue": [["10:00", "12:00"]]}


@pytest.fixture
def shop(world: World) -> Storefront:
    """Return a shop with a mug in two colours, and two stores."""
    shop = Storefront(world)
    world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1), variant("BLUE", 1, position=1)))
    shop.describes("haifa", **HAIFA, hours=SUNDAY)
    shop.describes("jaffa", **JAFFA, ships_orders=True, hours="Sun-Thu 9-17")
    return shop


def lies(shop: Storefront, location_id: str, sku: str, units: int) -> None:
    Storefront(shop.world, location=location_id).counts(sku, units)


def test_what_turns_the_direction_of_a_stores_words_is_not_shown(world: World) -> None:
    """At both doors; lines of an address stay lines, and what nobody can show is refused by name."""
    said = {
        "type": "location.upserted",
        "location_id": "haifa",
        "kind": "store",
        "name": "Haifa \u202egnihton",
        "phone": "+972 4 555 0101\u2069",
        "address": {"street": "Herzl 1\u2066\n\u200f\nCarmel", "city": "\u202bתל\u202c", "floor": 3},
        "hours": ["Sun\u202d-Thu 9-17"],
    }
    world.send("StockUpdates", said)
    world.settle()
    assert world.request("stock_api", "POST", "/v1/messages/stock", body=said, scopes="erp")[1]["rejected"] == []
    world.settle()
    store = described(world)["haifa"].about
    assert (store["name"], store["phone"]) == ("Haifa gnihton", "+972 4 555 0101")
    assert store["address"] == {"street": "Herzl 1\nCarmel", "city": "תל", "floor": 3}
    deep: Any = "x"
    for _ in range(9):
        deep = [deep]
    for wrong, reason in (
        ({"address": {"street": "Herzl\x1b[2J"}}, "address.street: has U+001B in it: write one line"),
        ({"hours": "9\x00"}, "hours: has U+0000 in it: write one line"),
        ({"address": {"street": deep}}, "address.street.0.0.0.0.0.0.0: is nested deeper than 8"),
    ):
        world.send("StockUpdates", said | wrong)
        world.settle()
        answer = world.request("stock_api", "POST", "/v1/messages/stock", body=said | wrong, scopes="erp")[1]
        assert [each["reason"] for each in answer["rejected"]] == [reason]
        assert world.queues["StockDeadLetters"].pop().attributes["reason"] == reason


def test_a_store_says_where_it_is_what_it_has_and_when_it_is_open(shop: Storefront) -> None:
    lies(shop, "haifa", "RED", 9)
    lies(shop, "haifa", "BLUE", 2)

    (store,) = shop.stores("mugs", near=TEL_AVIV)

    assert {name: store[name] for name in HAIFA} == HAIFA
    assert store["distance_km"] == pytest.approx(81.2, abs=0.2)
    assert store["skus"] == [{"sku": "RED", "units_left": None}, {"sku": "BLUE", "units_left": 2}]
    assert (store["sells_online"], store["open_now"]) == (False, True)  # it is Sunday, 13:00 in Jerusalem
    assert store["hours_today"] == [["09:00", "17:30"]]
    assert {day["day"]: day["hours"] for day in store["hours_week"] if day["hours"]} == {
        "2026-05-03": [["09:00", "17:30"]]
    }
    assert (len(store["hours_week"]), store["hours_text"]) == (7, None)
    shop.world.clock.advance(hours=5)
    assert shop.stores("mugs")[0]["open_now"] is False


def test_hours_that_are_text_are_shown_as_text(shop: Storefront) -> None:
    lies(shop, "jaffa", "RED", 2)
    (store,) = shop.stores("mugs", near=TEL_AVIV)
    assert (store["open_now"], store["hours_week"], store["hours_text"]) == (None, None, "Sun-Thu 9-17")
    assert (store["sells_online"], store["phone"]) == (True, None)


def test_the_nearest_comes_first_and_those_without_a_place_last(shop: Storefront) -> None:
    shop.describes("attic", name="Attic")
    for location_id in ("attic", "haifa", "jaffa"):
        lies(shop, location_id, "RED", 2)

    def names(**query: str) -> list[str]:
        return [store["name"] for store in shop.stores("mugs", **query)]

    assert names(near=TEL_AVIV) == ["Jaffa", "Haifa", "Attic"]
    assert names(near="33,35") == ["Haifa", "Jaffa", "Attic"]
    assert names() == ["Attic", "Haifa", "Jaffa"]
    assert names(near=TEL_AVIV, limit="1") == ["Jaffa"]


def test_only_stores_that_have_the_variant_are_shown(shop: Storefront) -> None:
    lies(shop, "haifa", "RED", 2)
    lies(shop, "jaffa", "BLUE", 2)
    assert [store["location_id"] for store in shop.stores("mugs", sku="BLUE")] == ["jaffa"]
    assert shop.stores("mugs", sku="GREY") == []
    assert shop.stores("cups", sku="BLUE") == []
    assert shop.stores("cups") == []


def test_what_is_no_store_is_not_shown(shop: Storefront) -> None:
    shop.counts("RED", 9)
    lies(shop, "haifa", "RED", 2)
    shop.describes("haifa", kind="quarantine", **HAIFA)
    shop.world.wait(minutes=3)
    assert shop.stores("mugs") == []


def test_a_store_that_nobody_described_yet_is_shown_by_its_id(world: World) -> None:
    row = Row(sku="RED", variant=Variant(product_id="mugs"), supply=Supply(revision=1, stores={"haifa": 1}))

    class Shelf:
        def rows(self, _skus: Any) -> Any:
            return {"RED": row}

        def variants(self, _product_id: str) -> Any:
            return [row]

    class Nothing:
        def stores(self) -> Any:
            return {}

    stores = Stores(shelf=Shelf(), directory=Nothing(), clock=world.clock, zone=ZoneInfo("Asia/Jerusalem"))
    (shown,) = stores.having("mugs", None, Point(0, 0), 10)["items"]
    assert (shown["location_id"], shown["name"], shown["distance_km"]) == ("haifa", None, None)


def test_a_store_that_moves_is_found_at_its_new_place(shop: Storefront) -> None:
    lies(shop, "haifa", "RED", 2)
    assert shop.stores("mugs")[0]["name"] == "Haifa"
    shop.describes("haifa", name="Akko", latitude=32.92, longitude=35.08)
    shop.world.clock.advance(minutes=1)
    assert (shop.stores("mugs")[0]["name"], shop.stores("mugs")[0]["phone"]) == ("Akko", None)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"near": "haifa"}, "near: must be latitude and longitude in degrees, such as 32.08,34.78"),
        ({"near": ""}, "near: must be latitude and longitude in degrees, such as 32.08,34.78"),
        ({"near": "32.08"}, "near: must be latitude and longitude in degrees, such as 32.08,34.78"),
        ({"near": "nan,1"}, "near: must be latitude and longitude in degrees, such as 32.08,34.78"),
        ({"near": "91,0"}, "near: the latitude is not between -90 and 90"),
        ({"near": "0,-180.5"}, "near: the longitude is not between -180 and 180"),
        ({"limit": "0"}, "limit: must be a whole number from 1 to 50"),
        ({"limit": "51"}, "limit: must be a whole number from 1 to 50"),
        ({"limit": "many"}, "limit: must be a whole number from 1 to 50"),
        ({"sku": ""}, "sku: "),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(shop: Storefront, query: dict[str, str], reason: str) -> None:
    status, answer = shop.world.request(API, "GET", "/v1/products/mugs/stores", query=query)
    assert (status, answer["type"]) == (400, "/problems/malformed")
    assert answer["detail"].startswith(reason)


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The reference: the angle between two arrows from the middle of the Earth, by their cross and dot products."""

    def arrow(point: tuple[float, float]) -> tuple[float, float, float]:
        up, around = (math.radians(each) for each in point)
        return math.cos(up) * math.cos(around), math.cos(up) * math.sin(around), math.sin(up)

    (a, b, c), (x, y, z) = arrow(one), arrow(other)
    across = math.hypot(b * z - c * y, c * x - a * z, a * y - b * x)
    return 6371.0088 * math.atan2(across, a * x + b * y + c * z)


degrees = st.tuples(st.integers(-900, 900), st.integers(-1800, 1800)).map(lambda each: (each[0] / 10, each[1] / 10))


@searching(examples=40, steps=1)
@given(st.lists(degrees | st.none(), max_size=12), degrees, st.integers(1, 12))
def test_the_nearest_are_those_of_brute_force(
    places: list[tuple[float, float] | None], near: tuple[float, float], most: int
) -> None:
    about = {
        f"store-{number:02}": {} if place is None else {"latitude": place[0], "longitude": place[1]}
        for number, place in enumerate(places)
    }
    row = Row(sku="MUG", supply=Supply(revision=1, stores=dict.fromkeys(about, 1)))

    class Shelf:
        def rows(self, _skus: Any) -> Any:
            return {}

        def variants(self, _product_id: str) -> Any:
            return [row]

    class Directory:
        def stores(self) -> Any:
            return {name: Store(location_id=name, about=said) for name, said in about.items()}

    stores = Stores(shelf=Shelf(), directory=Directory(), clock=FakeClock(), zone=ZoneInfo("Asia/Jerusalem"))
    answer = stores.having("mugs", None, Point(*near), most)

    far = sorted(apart(near, place) for place in places if place is not None)
    found = [store["distance_km"] for store in answer["items"]]
    assert found == pytest.approx([*far, *[None] * (len(places) - len(far))][:most], abs=0.001)
    assert answer["more_stores"] == max(0, len(places) - most)


@searching(examples=40, steps=1)
@given(degrees, degrees)
def test_distances_are_those_of_a_globe(one: tuple[float, float], other: tuple[float, float]) -> None:
    assert great_circle_km(Point(*one), Point(*other)) == pytest.approx(apart(one, other), abs=0.0005)


def test_a_directory_that_cannot_be_read_in_part_is_read_in_part(shop: Storefront) -> None:
    folder = shop.world.memory.tables["Availability"].items["STORES"]
    folder["STORE#haifa"] = {**folder["STORE#haifa"], "said": {"S": "{"}}
    assert set(StoreReader(shop.table(), shop.world.clock).stores()) == {"jaffa"}


def test_a_product_names_the_first_stores_that_have_it(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of their names, in the same answer as its variants; how many more there are is said."""
    assert (shop.product("mugs")["stores"], shop.product("mugs")["more_stores"]) == ([], 0)
    lies(shop, "haifa", "RED", 9)
    lies(shop, "haifa", "BLUE", 2)
    lies(shop, "jaffa", "BLUE", 1)
    lies(shop, "nowhere", "BLUE", 1)  # it is a warehouse, as whatever nobody described
    product = shop.product("mugs")
    blue, red = {"sku": "BLUE", "units_left": 2}, {"sku": "RED", "units_left": None}
    assert product["stores"] == [
        {"location_id": "haifa", "name": "Haifa", "sells_online": False, "skus": [red, blue], "more_skus": 0},
        {"location_id": "jaffa", "name": "Jaffa", "sells_online": True, "skus": [{**blue, "units_left": 1}],
         "more_skus": 0},
    ]  # fmt: skip
    assert [store["location_id"] for store in shop.stores("mugs")] == ["haifa", "jaffa"]

    monkeypatch.setattr("standby.availability.stores.FEW_STORES", 1)
    monkeypatch.setattr("standby.availability.stores.FEW_SKUS", 1)
    shop.world.clock.advance(minutes=1)
    cut = shop.product("mugs")
    assert [(store["name"], store["skus"], store["more_skus"]) for store in cut["stores"]] == [("Haifa", [red], 1)]
    assert cut["more_stores"] == 1
