"""A product whole: its variants as their rows are, and which values of its options can be had."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability.matrix import ChoiceError, Matrix, read_choice, title_of, written
from standby.availability.service import Badges
from standby.availability.wording import Reader, Wording
from standby.shelf.model import BUYABLE, STATUSES, Head, Row, Supply, Variant

from tests.fakes import FakeClock
from tests.promises.unruly import searching
from tests.standby.availability.storefront import API, QUEUE, Storefront, product_changed, variant

NIS = {"amount": 9_900, "currency": "ILS"}
DEARER = {"amount": 10_900, "currency": "ILS"}
READER = Reader("en", ["en"])


def shirts(shop: Storefront, **units: int) -> None:
    """Let there be a shirt in two sizes and two colours, but for black in M, and so many units."""
    words = [
        variant("S-RED", 1, position=0, options={"Size": "S", "Colour": "red"}),
        variant("S-BLACK", 1, position=1, options={"Size": "S", "Colour": "black"}, price=DEARER),
        variant("M-RED", 1, position=2, options={"Size": "M", "Colour": "red"}, image="https://shop.example/i/red.jpg"),
    ]
    about = {"title": {"en": "Shirt", "he": "חולצה", "fr-CA": "Chemise"}, "options": ["Size", "Colour"], "price": NIS}
    about["translations"] = {"he-IL": {"Size": "מידה", "red": "אדום"}, "fr": {"red": "rouge"}}
    about |= {"url": "https://shop.example/p/shirt", "image": "https://shop.example/i/shirt.jpg"}
    shop.world.send(QUEUE, product_changed("shirt", 1, *words, **about))
    shop.world.settle()
    for sku in ("S-RED", "S-BLACK", "M-RED"):
        shop.counts(sku, units.get(sku.replace("-", "_").lower(), 0))


def values(product: Mapping[str, Any], name: str) -> dict[str, tuple[Any, ...]]:
    """Return of each value of an option whether it can be bought, whether with what is chosen, and its status."""
    (option,) = [option for option in product["options"] if option["name"] == name]
    return {each["value"]: (each["can_be_bought"], each["with_choice"], each["status"]) for each in option["values"]}


def test_a_product_is_shown_whole_in_its_own_order(shop: Storefront) -> None:
    shirts(shop, s_red=40, m_red=2)

    product = shop.product("shirt")

    assert {name: product[name] for name in ("product_id", "title", "url", "image", "price", "choice")} == {
        "product_id": "shirt",
        "title": "Shirt",
        "url": "https://shop.example/p/shirt",
        "image": "https://shop.example/i/shirt.jpg",
        "price": NIS,
        "choice": {},
    }
    assert (product["status"], product["label"], product["actions"]) == ("InStock", "In stock", ["buy"])
    assert [option["name"] for option in product["options"]] == ["Size", "Colour"]
    assert list(values(product, "Size")) == ["S", "M"]
    assert list(values(product, "Colour")) == ["red", "black"]
    s_red, s_black, m_red = product["variants"]
    assert (s_red["sku"], s_red["status"], s_red["price"], s_red["image"]) == ("S-RED", "InStock", NIS, None)
    assert (s_black["status"], s_black["actions"], s_black["price"]) == ("SoldOut", ["wait"], DEARER)
    assert m_red == {
        "sku": "M-RED",
        "options": {"Size": "M", "Colour": "red"},
        "text": "M, red",
        "status": "LimitedAvailability",
        "label": "Only 2 left",
        "units_left": 2,
        "in_store": False,
        "back_on": None,
        "back_on_firm": None,
        "release_on": None,
        "actions": ["buy"],
        "price": NIS,
        "image": "https://shop.example/i/red.jpg",
        "as_of": shop.badges("M-RED")[0]["as_of"],
    }
    assert product["as_of"] == max(each["as_of"] for each in product["variants"])


@pytest.mark.parametrize(
    ("language", "names", "red"),
    [("en", ["Size", "Colour"], "red"), ("he", ["מידה", "Colour"], "אדום"), ("de", ["Size", "Colour"], "red")],
)
def test_options_are_called_as_the_shop_calls_them_in_the_readers_language(
    shop: Storefront, language: str, names: list[str], red: str
) -> None:
    """A choice names them as the catalogue does, in every language."""
    shirts(shop, m_red=2)
    product = shop.product("shirt", ("locale", language), ("choice", "Colour:red"))
    assert [option["text"] for option in product["options"]] == names
    assert [each["text"] for each in product["options"][1]["values"]] == [red, "black"]
    assert product["variants"][2]["text"] == f"M, {red}"
    assert product["choice"] == {"Colour": "red"}


def test_a_choice_tells_what_can_be_had_beside_it(shop: Storefront) -> None:
    shirts(shop, s_black=5, m_red=2)

    plain = shop.product("shirt")
    assert values(plain, "Size") == {"S": (True, True, "InStock"), "M": (True, True, "LimitedAvailability")}

    medium = shop.product("shirt", ("choice", "Size:M"))
    assert medium["choice"] == {"Size": "M"}
    assert values(medium, "Colour") == {"red": (True, True, "LimitedAvailability"), "black": (True, False, None)}
    assert values(medium, "Size") == values(plain, "Size"), "one may choose another size instead"

    red = shop.product("shirt", ("choice", "Colour:red"), ("choice", "Size:S"))
    assert values(red, "Size") == {"S": (True, False, "SoldOut"), "M": (True, True, "LimitedAvailability")}
    assert values(shop.product("shirt", ("choice", "Size:XXL")), "Colour") == {
        "red": (True, False, None),
        "black": (True, False, None),
    }


@pytest.mark.parametrize(
    "query",
    [
        [("choice", "Weight:1")],
        [("choice", "Size")],
        [("choice", "")],
        [("choice", "Size:S"), ("choice", "Size:M")],
        [("locale", "x" * 36)],
    ],
)
def test_a_choice_that_is_none_is_malformed(shop: Storefront, query: list[tuple[str, str]]) -> None:
    shirts(shop)
    answer = shop.asks_for("shirt", *query)
    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (400, "/problems/malformed")


def test_a_name_with_a_colon_is_told_from_a_shorter_one() -> None:
    names = ["Size", "Size: EU"]
    assert read_choice([r"Size\: EU:42", "Size:9"], names) == {"Size: EU": "42", "Size": "9"}
    assert read_choice(["Size:9:30"], ["Size"]) == {"Size": "9:30"}
    assert read_choice(["Size:M:L", r"Size\:M:L"], ["Size", "Size:M"]) == {"Size": "M:L", "Size:M": "L"}
    assert read_choice([r"A\\\::\:"], ["A\\:"]) == {"A\\:": r"\:"}
    for odd in ("Size: EU:42", "\\", "Size\\", "", ":"):
        with pytest.raises(ChoiceError, match=r"none of the product's options with a value \(Size: EU:…|Size\\: EU:…"):
            read_choice([odd], ["Size: EU"])
    with pytest.raises(ChoiceError, match="twice"):
        read_choice(["Size:9", "Size:8"], names)


NAMES = st.text(st.sampled_from(":\\aB "), min_size=1, max_size=5)


@searching(examples=40, steps=1)
@given(st.dictionaries(NAMES, NAMES, max_size=4), st.lists(NAMES, max_size=4))
def test_whatever_an_option_is_called_its_choice_is_read_as_it_was_written(
    chosen: dict[str, str], others: list[str]
) -> None:
    texts = [f"{written(name)}:{value}" for name, value in chosen.items()]
    assert read_choice(texts, [*others, *chosen]) == chosen


def test_a_product_that_nobody_named_is_not_found(shop: Storefront) -> None:
    answer = shop.asks_for("shirt")
    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (404, "/problems/unknown-product")


def test_a_product_whose_id_fits_no_path_is_found_by_the_query(shop: Storefront) -> None:
    shop.world.send(QUEUE, product_changed("a/b", 1, variant("MUG", 1)))
    shop.world.settle()
    status, product = shop.world.request(API, "GET", "/v1/products/availability", query={"product_id": "a/b"})
    assert (status, product["product_id"], len(product["variants"])) == (200, "a/b", 1)


def test_a_product_speaks_the_readers_language_where_the_shop_does(shop: Storefront) -> None:
    shirts(shop)
    hebrew = shop.product("shirt", ("locale", "he-IL"))
    assert (hebrew["title"], hebrew["label"]) == ("חולצה", "אזל מהמלאי")
    french = shop.product("shirt", accept_language="fr-CA, he;q=0.5")
    assert (french["title"], french["label"]) == ("Chemise", "אזל מהמלאי")


@pytest.mark.parametrize(
    ("title", "locales", "shown"),
    [
        ({}, ["en"], None),
        ({"en": " "}, ["en"], None),
        ({"pt_BR": "Camisa", "en": "Shirt"}, ["pt-br"], "Camisa"),
        ({"pt": "Camisa", "en": "Shirt"}, ["pt-BR"], "Camisa"),
        ({"en-GB": "Shirt"}, ["he"], "Shirt"),
        ({"ja": "シャツ"}, ["he"], "シャツ"),
    ],
)
def test_a_title_is_the_closest_that_there_is(title: dict[str, str], locales: list[str], shown: str | None) -> None:
    assert title_of(Head(title=title), Reader("en", locales)) == shown


def test_goods_on_their_way_are_expected_on_the_first_day_of_any_variant(shop: Storefront) -> None:
    shirts(shop)
    days = [(shop.today() + timedelta(days=days)).isoformat() for days in (9, 3)]
    for sku, day in zip(("S-RED", "M-RED"), days, strict=True):
        shop.orders(sku, 5, day, purchase_order_id=sku)

    product = shop.product("shirt")
    assert (product["status"], product["back_on"], product["actions"]) == ("OutOfStock", days[1], ["wait"])
    assert [each["back_on"] for each in product["variants"]] == [days[0], None, days[1]]

    shop.counts("S-BLACK", 2)
    product = shop.product("shirt")
    assert (product["status"], product["back_on"], product["units_left"]) == ("LimitedAvailability", None, 2)


def test_a_page_takes_two_requests_and_one_more_for_each_further_page(
    shop: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    shirts(shop)
    shop.product("shirt")
    begin = len(shop.world.calls)
    shown = shop.product("shirt")
    assert shop.world.calls[begin:] == [(API, "dynamodb", "Query"), (API, "dynamodb", "BatchGetItem")]

    monkeypatch.setattr("standby.shelf.reader.PAGE", 2)
    begin = len(shop.world.calls)
    assert shop.product("shirt") == shown
    assert [operation for *_, operation in shop.world.calls[begin:]] == ["Query", "Query", "BatchGetItem"]


def test_no_product_takes_more_pages_than_are_allowed(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    shirts(shop)
    monkeypatch.setattr("standby.shelf.reader.PAGE", 1)
    monkeypatch.setattr("standby.shelf.reader.MOST_PAGES", 2)
    assert [each["sku"] for each in shop.product("shirt")["variants"]] == ["S-RED", "S-BLACK"]


def test_a_row_that_cannot_be_read_costs_the_others_nothing(shop: Storefront) -> None:
    shirts(shop)
    rows = shop.world.memory.tables["Availability"].items
    rows["SKU#S-BLACK"] = {key: {**item, "more": {"S": "{"}} for key, item in rows["SKU#S-BLACK"].items()}
    assert [each["sku"] for each in shop.product("shirt")["variants"]] == ["S-RED", "M-RED"]


# ---- what browsers and CDNs keep ----


def test_who_has_the_product_is_told_that_it_still_holds(shop: Storefront) -> None:
    shirts(shop, s_red=40)
    answer = shop.asks_for("shirt")
    assert answer["headers"]["Cache-Control"] == "public, max-age=5"
    again = shop.asks_for("shirt", if_none_match=answer["headers"]["ETag"])
    assert (again["statusCode"], again["body"]) == (304, "")
    head = shop.asks_for("shirt", method="HEAD")
    assert (head["statusCode"], head["body"], head["headers"]) == (200, "", answer["headers"])

    shop.counts("S-RED", 0)
    assert shop.asks_for("shirt", if_none_match=answer["headers"]["ETag"])["statusCode"] == 200


# ---- beside plain arithmetic ----

OPTIONS = {"Size": ("S", "M", "L"), "Colour": ("red", "black"), "Fit": ("slim", "wide")}


class Rows:
    """A shelf of one product."""

    def __init__(self, rows: Sequence[Row], head: Head | None) -> None:
        self.kept, self.head = rows, head

    def variants(self, _product_id: str) -> Sequence[Row]:
        return self.kept

    def heads(self, product_ids: Any) -> dict[str, Head]:
        return dict.fromkeys(product_ids, self.head) if self.head else {}


supplies = st.builds(
    Supply,
    revision=st.integers(0, 2),
    sellable=st.integers(0, 5),
    low_stock=st.just(3),
    incoming=st.integers(0, 1),
    arrivals=st.lists(st.sampled_from(["2026-05-01", "2026-05-20", "2026-06-01"]), max_size=2).map(sorted).map(tuple),
    as_of=st.sampled_from(["", "2026-05-03T10:00:00.000Z", "2026-05-03T11:00:00.000Z"]),
)
described = st.builds(
    Variant,
    edition=st.just(1),
    product_id=st.just("P"),
    options=st.fixed_dictionaries({}, optional={name: st.sampled_from(each) for name, each in OPTIONS.items()}),
    discontinued=st.booleans(),
    as_of=st.sampled_from(["", "2026-05-03T10:30:00.000Z"]),
)
products = st.lists(st.tuples(supplies, described), min_size=1, max_size=8).map(
    lambda pairs: [
        Row(sku=f"SKU-{number}", supply=supply, variant=variant) for number, (supply, variant) in enumerate(pairs)
    ]
)


class NoStores:
    """Nobody who knows stores."""

    def beside(self, rows: Sequence[Row]) -> tuple[list[Any], int]:
        assert all(not row.supply.stores for row in rows)
        return [], 0


choices = st.fixed_dictionaries({}, optional={name: st.sampled_from(each) for name, each in OPTIONS.items()})


def matrix_of(rows: Sequence[Row], head: Head | None = None) -> Matrix:
    shelf: Any = Rows(rows, head)
    badges = Badges(shelf=shelf, wording=Wording.of("en"), clock=FakeClock(), zone=ZoneInfo("Asia/Jerusalem"))
    return Matrix(shelf=shelf, badges=badges, stores=NoStores())


@searching(examples=40, steps=1)
@given(rows=products, chosen=choices)
def test_a_matrix_is_its_rows_and_its_values_are_what_counting_finds(rows: list[Row], chosen: dict[str, str]) -> None:
    named = {name for row in rows for name in row.variant.options}
    chosen = {name: value for name, value in chosen.items() if name in named}
    head = Head(edition=1, options=tuple(name for name in OPTIONS if name in named))
    matrix = matrix_of(rows, head)

    product = matrix.of("P", [f"{name}:{value}" for name, value in chosen.items()], READER)

    assert product is not None
    badges = [matrix.badges.of_row(row, "en", matrix.badges.moment()) for row in rows]
    said = ("sku", "status", "label", "units_left", "back_on", "back_on_firm", "actions", "as_of")
    assert [{name: each[name] for name in said} for each in product["variants"]] == [  # type: ignore[literal-required]
        {name: badge[name] for name in said}  # type: ignore[literal-required]
        for badge in badges
    ]
    assert [each["options"] for each in product["variants"]] == [row.variant.options for row in rows]

    def best(of: Sequence[Row]) -> str | None:
        return next((status for status in STATUSES if any(row.status == status for row in of)), None)

    for option in product["options"]:
        name, others = option["name"], {each: value for each, value in chosen.items() if each != option["name"]}
        having = [row.variant.options[name] for row in rows if name in row.variant.options]
        assert [each["value"] for each in option["values"]] == list(dict.fromkeys(having))
        for each in option["values"]:
            of_it = [row for row in rows if row.variant.options.get(name) == each["value"]]
            fit = [row for row in of_it if others.items() <= row.variant.options.items()]
            assert each["can_be_bought"] == any(row.status in BUYABLE for row in of_it)
            assert each["with_choice"] == any(row.status in BUYABLE for row in fit)
            assert each["status"] == best(fit)
            alone = [row.supply.sellable for row in fit if row.status in BUYABLE]
            low = alone[0] if len(alone) == 1 and alone[0] <= 3 else None
            assert each["units_left"] == low

    assert product["status"] == best(rows)
    days = [badge["back_on"] for badge in badges if badge["back_on"] is not None]
    assert product["back_on"] == (None if product["status"] in BUYABLE else min(days, default=None))
    assert (product["actions"] == ["buy"]) == (product["status"] in BUYABLE)
    assert product["as_of"] == max((row.as_of for row in rows if row.as_of), default=None)


def test_a_product_without_a_word_of_its_own_shows_what_its_rows_say() -> None:
    product = matrix_of([Row(sku="MUG", variant=Variant(edition=1, product_id="P", options={"Colour": "red"}))]).of(
        "P", [], READER
    )
    assert product is not None
    assert (product["title"], product["price"], product["options"][0]["name"]) == (None, None, "Colour")


def test_a_product_without_variants_has_no_status() -> None:
    product = matrix_of([], Head(edition=1, title={"en": "Mug"})).of("P", [], READER)
    assert product is not None
    assert (product["title"], product["status"], product["label"], product["variants"]) == ("Mug", None, "", [])


def test_the_reader_of_pages_is_what_the_matrix_asks(shop: Storefront) -> None:
    shirts(shop, s_red=1)
    reader = shop.reader()
    assert [row.sku for row in reader.variants("shirt")] == ["S-RED", "S-BLACK", "M-RED"]
    whole = reader.rows(["S-RED", "S-BLACK", "M-RED"])
    for row in reader.variants("shirt"):
        other = whole[row.sku]
        assert (row.supply, row.status, row.as_of) == (other.supply, other.status, other.as_of)
        assert replace(row.variant, edition=1, position=other.variant.position) == other.variant
    assert reader.variants("nobody's") == []
