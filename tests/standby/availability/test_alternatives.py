"""What can be bought instead: only what can be had, what the shop calls similar first, then what is most like it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability.alternatives import MOST_BESIDE, MOST_SHOWN, Alternatives, compared, fits
from standby.availability.service import Badges
from standby.availability.wording import Wording
from standby.shelf.model import BUYABLE, Head, Product, Row, Supply, Variant

from infra.local.demo import PRODUCT
from infra.local.shop import goods
from tests.fakes import FakeClock
from tests.promises.unruly import searching
from tests.standby.availability.storefront import API, QUEUE, Storefront, product_changed, variant
from tests.standby.availability.test_matrix import READER
from tests.world import World


def nis(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "ILS"}


def named(shop: Storefront, product_id: str, units: int, price: int | None = 5_000, **more: Any) -> None:
    """Let there be a product of one variant in a category, and so many units."""
    options = more.pop("options", {})
    about = {
        "title": {"en": product_id.title()},
        "category": "shirts",
        "price": nis(price) if price is not None else None,
        **more,
    }
    sku = product_id.upper()
    shop.world.send(QUEUE, product_changed(product_id, 1, variant(sku, 1, options=options), **about))
    shop.counts(sku, units)


def instead(shop: Storefront, product_id: str, *query: tuple[str, str]) -> list[dict[str, Any]]:
    answer = shop.asks_for(product_id, *query, what="alternatives")
    assert answer["statusCode"] == 200, answer
    return list(json.loads(answer["body"])["items"])


def test_what_the_shop_calls_similar_comes_first_and_says_why(shop: Storefront) -> None:
    named(shop, "linen", 0, similar=["silk", "wool", "linen", "never-named"], brand="Acme", tags=["summer", "new"])
    named(shop, "wool", 9, price=90_000)
    named(shop, "silk", 2, category="silks")
    named(shop, "cotton", 9, price=5_400, brand="Acme", tags=["summer"])
    named(shop, "hemp", 9, price=5_400)

    found = instead(shop, "linen")

    assert [(each["product_id"], each["reason"]) for each in found] == [
        ("silk", "similar"),
        ("wool", "similar"),
        ("cotton", "same_category"),
        ("hemp", "same_category"),
    ]
    silk, _, cotton, hemp = found
    assert silk == {
        "product_id": "silk",
        "title": "Silk",
        "url": None,
        "image": None,
        "price": nis(5_000),
        "status": "LimitedAvailability",
        "label": "Only a few left",
        "actions": ["buy"],
        "sku": None,
        "reason": "similar",
        "numbers": {"place": 0, "score": 3, "points": {"price": 3}, "price_difference": 0, "bits": None},
        "as_of": silk["as_of"],
    }
    assert cotton["numbers"] == {
        "place": None,
        "score": 7,
        "points": {"brand": 3, "price": 3, "tags": 1},
        "price_difference": 400,
        "bits": None,
    }
    assert hemp["numbers"]["score"] == 3


def test_what_sells_out_is_no_alternative_any_more(shop: Storefront) -> None:
    named(shop, "linen", 0, similar=["wool"])
    named(shop, "wool", 1)
    named(shop, "hemp", 1)
    assert [each["product_id"] for each in instead(shop, "linen")] == ["wool", "hemp"]

    for sku in ("WOOL", "HEMP"):
        shop.counts(sku, 0)
    assert instead(shop, "linen") == []


def test_what_is_chosen_names_a_sku_and_counts_most(shop: Storefront) -> None:
    named(shop, "linen", 0, options={"Size": "M"}, similar=["silk"])
    named(shop, "silk", 9, options={"Size": "S"})
    named(shop, "hemp", 9, options={"Size": "S"})
    named(shop, "wool", 9, price=50_000, options={"size": "m"})

    assert [each["product_id"] for each in instead(shop, "linen")] == ["silk", "hemp", "wool"]
    found = instead(shop, "linen", ("choice", "Size:M"))
    assert [(each["product_id"], each["sku"]) for each in found] == [("silk", None), ("wool", "WOOL"), ("hemp", None)]
    assert found[1]["numbers"]["points"] == {"choice": 4}


def test_a_variant_that_only_the_index_still_shows_is_not_named(shop: Storefront, monkeypatch: Any) -> None:
    named(shop, "linen", 0, options={"Size": "M"})
    named(shop, "hemp", 9, options={"Size": "M"})
    late = [Row(sku="HEMP-OLD", supply=Supply(revision=1, sellable=3), variant=Variant(options={"Size": "M"}))]
    monkeypatch.setattr("standby.shelf.reader.ShelfReader.variants", lambda *_, **__: late)
    assert [each["sku"] for each in instead(shop, "linen", ("choice", "Size:M"))] == [None]


def test_a_product_without_category_has_what_the_shop_calls_similar_only(shop: Storefront) -> None:
    named(shop, "linen", 0, category=None, similar=["wool"])
    named(shop, "wool", 1)
    named(shop, "hemp", 1, category=None)
    assert [each["product_id"] for each in instead(shop, "linen")] == ["wool"]


def test_where_variants_alone_have_prices_the_lowest_counts(shop: Storefront) -> None:
    named(shop, "linen", 0, None, price_from=nis(5_000))
    named(shop, "wool", 1, None, price_from=nis(5_100))
    named(shop, "silk", 1, None, price_from=nis(9_000))
    assert [(each["product_id"], each["price"], each["numbers"]["points"]) for each in instead(shop, "linen")] == [
        ("wool", nis(5_100), {"price": 3}),
        ("silk", nis(9_000), {"price": 1}),
    ]
    assert shop.product("linen")["price"] == nis(5_000)
    assert shop.product("linen")["variants"][0]["price"] is None, "it is another variant's"


def test_a_product_that_nobody_named_has_no_alternatives(shop: Storefront) -> None:
    for query in ([], [("choice", "Size:M")]):
        answer = shop.asks_for("linen", *query, what="alternatives")
        assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (404, "/problems/unknown-product")


def test_a_choice_that_is_none_is_malformed(shop: Storefront) -> None:
    named(shop, "linen", 0)
    for query in ([("choice", "Size")], [("choice", "Size:S"), ("choice", "Size:M")]):
        assert shop.asks_for("linen", *query, what="alternatives")["statusCode"] == 400


def test_a_product_whose_id_fits_no_path_is_found_by_the_query(shop: Storefront) -> None:
    named(shop, "a/b", 0)
    named(shop, "wool", 1)
    status, answer = shop.world.request(API, "GET", "/v1/products/alternatives", query={"product_id": "a/b"})
    assert (status, [each["product_id"] for each in answer["items"]]) == (200, ["wool"])


def test_who_has_the_alternatives_is_told_that_they_still_hold(shop: Storefront) -> None:
    named(shop, "linen", 0)
    answer = shop.asks_for("linen", what="alternatives")
    assert answer["headers"]["Cache-Control"] == "public, max-age=5"
    again = shop.asks_for("linen", what="alternatives", if_none_match=answer["headers"]["ETag"])
    assert (again["statusCode"], again["body"]) == (304, "")


@pytest.mark.parametrize(
    ("other", "points", "distance"),
    [
        (Head(price=nis(1_000)), {"price": 3}, 0),
        (Head(price=nis(1_111)), {"price": 3}, 111),
        (Head(price=nis(1_112)), {"price": 2}, 112),
        (Head(price=nis(750)), {"price": 2}, 250),
        (Head(price=nis(500)), {"price": 1}, 500),
        (Head(price=nis(499)), {}, 501),
        (Head(brand="Acme", tags=("a", "b", "c", "d")), {"brand": 3, "tags": 3}, 1 << 62),
        (Head(price={"amount": 1_000, "currency": "EUR"}, tags=("a",)), {"tags": 1}, 1 << 62),
    ],
)
def test_points_are_as_the_story_says(other: Head, points: dict[str, int], distance: int) -> None:
    own = Head(price=nis(1_000), brand="Acme", tags=("a", "b", "c", "d", "e"))
    assert compared(own, other) == (points, distance)
    assert compared(Head(), Head()) == ({}, 1 << 62)


def test_capitals_do_not_count_in_a_choice() -> None:
    row = Row(sku="A", variant=Variant(options={"Size": "xl", "צבע": "אדום"}))
    assert fits(row, {"SIZE": "XL", "צבע": "אדום"})
    assert not fits(row, {"Size": "xl", "Colour": "red"})


# ---- beside plain arithmetic ----

PRODUCTS = [f"P-{number}" for number in range(14)]


class Products:
    """A shelf of products of one category, some of which can be bought."""

    def __init__(self, heads: dict[str, Head], rows: dict[str, list[Row]]) -> None:
        self.known, self.kept = heads, rows

    def heads(self, product_ids: Iterable[str]) -> dict[str, Head]:
        return {each: self.known[each] for each in product_ids if each in self.known}

    def products(self, product_ids: Iterable[str]) -> dict[str, Product]:
        found = {each: self.kept.get(each, []) for each in product_ids}
        return {
            each: Product(product_id=each, counts={row.status: 1 for row in rows if row.status})
            for each, rows in found.items()
            if rows
        }

    def beside(self, product_id: str, _head: Head, most: int) -> list[str]:
        return [each for each in self.known if each != product_id][: 2 * most]

    def alike(self, _product_id: str) -> dict[str, int]:
        return {}

    def variants(self, product_id: str, *, most_pages: int) -> list[Row]:
        assert most_pages == 1
        return self.kept.get(product_id, [])

    def rows(self, skus: Iterable[str]) -> dict[str, Row]:
        every = {row.sku: row for rows in self.kept.values() for row in rows}
        return {sku: every[sku] for sku in skus if sku in every}


heads = st.builds(
    Head,
    edition=st.just(1),
    category=st.just("shirts"),
    brand=st.sampled_from([None, "Acme", "Zeta"]),
    tags=st.lists(st.sampled_from("abcd"), max_size=4).map(tuple),
    price=st.sampled_from([None, nis(1_000), nis(1_050), nis(1_900), nis(9_000)]),
    rank=st.none() | st.integers(0, 3),
    similar=st.lists(st.sampled_from([*PRODUCTS, "unknown"]), max_size=5).map(tuple),
    options=st.just(("Size",)),
)
units = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("SML")), max_size=3)
shelves = st.dictionaries(st.sampled_from(PRODUCTS), st.tuples(heads, units), min_size=1)


@searching(examples=40, steps=1)
@given(shelf=shelves, size=st.none() | st.sampled_from("SML"))
def test_nothing_is_an_alternative_that_cannot_be_had(shelf: dict[str, Any], size: str | None) -> None:
    asked, *_ = shelf
    known = {name: head for name, (head, _) in shelf.items()}
    kept = {
        name: [
            Row(
                sku=f"{name}-{number}",
                supply=Supply(revision=1, sellable=sellable),
                variant=Variant(edition=1, product_id=name, options={"Size": each}),
            )
            for number, (sellable, each) in enumerate(variants)
        ]
        for name, (_, variants) in shelf.items()
    }
    products: Any = Products(known, kept)
    badges = Badges(shelf=products, wording=Wording.of("en"), clock=FakeClock(), zone=ZoneInfo("Asia/Jerusalem"))

    answer = Alternatives(shelf=products, badges=badges).of(asked, [f"Size:{size}"] if size else [], READER)

    assert answer is not None
    shown = [each["product_id"] for each in answer["items"]]
    had = {name for name, rows in kept.items() if any(row.status in BUYABLE for row in rows)} - {asked}
    assert set(shown) <= had
    assert len(shown) == len(set(shown)) == min(len(had), MOST_SHOWN)
    similar = [each for each in dict.fromkeys(known[asked].similar) if each in had]
    assert shown[: len(similar)] == similar
    assert [each["reason"] for each in answer["items"]] == ["similar"] * len(similar) + ["same_category"] * (
        len(shown) - len(similar)
    )
    scores = [each["numbers"]["score"] for each in answer["items"]]
    assert scores[len(similar) :] == sorted(scores[len(similar) :], reverse=True)
    assert scores == [sum(each["numbers"]["points"].values()) for each in answer["items"]]
    every = {row.sku: row for rows in kept.values() for row in rows}
    for each in answer["items"]:
        had_of_it = [row for row in kept[each["product_id"]] if row.status in BUYABLE]
        fitting = [row.sku for row in had_of_it if row.variant.options["Size"] == size]
        assert each["sku"] == next(iter(fitting), None)
        assert ("choice" in each["numbers"]["points"]) == bool(fitting)
        assert each["sku"] is None or every[each["sku"]].status in BUYABLE


# ---- how candidates are found ----


def test_a_category_of_many_products_is_read_next_to_the_price_only(shop: Storefront) -> None:
    prices = [100 * number for number in range(1, 121)]
    for number, price in enumerate(prices):
        head = Head(edition=1, category="shirts", price=nis(price))
        shop.shelf().describe(f"P-{number}", head)
    reader = shop.reader()

    own = Head(category="shirts", price=nis(6_050))
    found = reader.beside("own", own, MOST_BESIDE)

    nearest = sorted(range(len(prices)), key=lambda number: abs(prices[number] - 6_050))[: 2 * MOST_BESIDE]
    assert sorted(found) == sorted(f"P-{number}" for number in nearest)
    assert reader.beside("own", Head(category="caps", price=nis(1)), MOST_BESIDE) == []
    cheapest = Head(category="shirts", price=nis(1))
    assert found_numbers(reader.beside("own", cheapest, 3)) == [0, 1, 2]
    assert found_numbers(reader.beside("P-119", Head(category="shirts", price=nis(12_000)), 3)) == [116, 117, 118]


def found_numbers(found: Sequence[str]) -> list[int]:
    return sorted(int(each.removeprefix("P-")) for each in found)


@pytest.mark.parametrize(
    "head",
    [
        Head(edition=1),
        Head(edition=1, category=""),
        Head(edition=1, category="ש" * 501),
    ],
)
def test_what_no_index_takes_is_in_none(shop: Storefront, head: Head) -> None:
    shop.shelf().describe("P", head)
    assert shop.reader().heads(["P"])["P"] == head
    assert shop.reader().beside("other", head, 3) == []


@pytest.mark.parametrize("price", [None, nis(10**13), nis(-1), {"amount": 1}])
def test_a_price_that_is_none_has_the_first_place(shop: Storefront, price: Any) -> None:
    shop.shelf().describe("P", Head(edition=1, category="shirts", price=price))
    shop.shelf().describe("Q", Head(edition=1, category="shirts", price=nis(1)))
    assert shop.reader().beside("Q", Head(category="shirts", price=nis(1)), 3) == ["P"]
    assert shop.reader().beside("A", Head(category="shirts"), 3) == ["P", "Q"]


def test_each_product_of_the_demo_shop_has_something_instead(world: World) -> None:
    """So ``make demo`` shows what a storefront could show beside what is sold out."""
    now, front = world.clock.now(), Storefront(world)
    said = list(goods.catalogue(now))
    world.send("CatalogUpdates", {"type": "batch", "messages": said})
    levels = [each for each in goods.stock(now) if each["type"] == "stock.level"]
    for sku, units in units_of(levels).items():
        front.counts(sku, units)
    for product_id in (product["product_id"] for product in said):
        status, answer = world.request("availability_api", "GET", f"/v1/products/{product_id}/alternatives")
        assert (status, bool(answer["items"])) == (200, True), product_id
    assert PRODUCT in {product["product_id"] for product in said}


def units_of(levels: Iterable[dict[str, Any]]) -> Counter[str]:
    """Add up the levels of each SKU."""
    units: Counter[str] = Counter()
    for level in levels:
        units[level["sku"]] += level["on_hand"]
    return units
