"""A product as a piece of HTML: what it shows, that no text of a shop becomes markup, and that it reads well."""

import json
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from standby.availability import fragment
from standby.availability.fragment import grid, written
from standby.availability.json_ld import described
from standby.availability.wording import Reader, Wording
from standby.platform.page import Pages
from standby.shelf.model import Head, Row, Supply, Variant

from tests.browsing import DESK, PHONE, objections, too_wide
from tests.promises.unruly import searching
from tests.standby.availability.storefront import QUEUE, Storefront, product_changed, variant
from tests.standby.availability.test_json_ld import HOSTILE
from tests.standby.availability.test_matrix import READER, matrix_of, shirts

ZONE = ZoneInfo("Asia/Jerusalem")
HTML = "text/html"


class Read(HTMLParser):
    """Reads the tags and the texts of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def states(self) -> dict[str | None, str | None]:
        """Return the status of each SKU."""
        return {said["data-sku"]: said["data-status"] for _, said in self.tags if "data-sku" in said}


def shown(shop: Storefront, product_id: str, *query: tuple[str, str]) -> Read:
    answer = shop.asks_for(product_id, *query, accept=HTML)
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/html; charset=utf-8"), answer
    return Read(answer["body"])


def test_two_options_are_a_table_with_every_state(shop: Storefront) -> None:
    shirts(shop, s_red=40, m_red=2)
    shop.orders("S-BLACK", 5, "2026-06-01")

    read = shown(shop, "shirt")

    assert read.states == {"S-RED": "InStock", "S-BLACK": "OutOfStock", "M-RED": "LimitedAvailability"}
    text = " ".join("".join(read.texts).partition("{")[0].split())
    assert text == (
        "Shirt: In stock Colour Sizeredblack SIn stock Out of stock, more is on its way, expected 1 June 2026 "
        "MOnly 2 left \N{EN DASH} As of 3 May 2026, 13:00"
    )
    assert read.tags[0] == (
        "section",
        {
            "class": "standby-product",
            "lang": "en",
            "dir": "ltr",
            "data-product-id": "shirt",
            "data-status": "InStock",
        },
    )


def test_hebrew_stands_from_right_to_left(shop: Storefront) -> None:
    shirts(shop)
    shop.orders("S-BLACK", 5, "2026-06-01")
    read = shown(shop, "shirt", ("locale", "he"))
    assert (read.tags[0][1]["lang"], read.tags[0][1]["dir"]) == ("he", "rtl")
    assert {"צפוי ב־1 ביוני 2026", "נכון ל־3 במאי 2026, 13:00"} <= set(read.texts)


def test_other_numbers_of_options_are_a_list(shop: Storefront) -> None:
    words = [variant("A", 1, options={"Size": "S"}, position=0), variant("B", 1, options={"Size": "M"}, position=1)]
    shop.world.send(QUEUE, product_changed("cap", 1, *words, title={"en": "Cap"}))
    shop.world.send(QUEUE, product_changed("mug", 1, variant("MUG", 1), title={"en": "Mug"}))
    shop.counts("A", 9)

    cap, mug = shown(shop, "cap"), shown(shop, "mug")

    assert [tag for tag, _ in cap.tags if tag in ("table", "li")] == ["li", "li"]
    assert cap.states == {"A": "InStock", "B": "SoldOut"}
    assert [tag for tag, _ in mug.tags if tag in ("table", "li")] == []


def test_a_table_needs_both_values_of_every_variant() -> None:
    def product(*options: dict[str, str]) -> Any:
        rows = [
            Row(sku=str(number), variant=Variant(edition=1, product_id="P", options=each))
            for number, each in enumerate(options)
        ]
        return matrix_of(rows).of("P", [], READER)

    whole = {"Size": "S", "Colour": "red"}
    found = grid(product(whole, whole, {"Size": "M", "Colour": "blue"}))
    assert found is not None
    assert [(row, [len(cell) for cell in cells]) for row, cells in found.rows] == [("S", [2, 0]), ("M", [0, 1])]
    assert grid(product(whole, {"Size": "M"})) is None
    assert grid(product({**whole, "Fit": "slim"})) is None


def test_a_day_that_is_none_is_shown_as_it_is() -> None:
    supply = Supply(revision=1, incoming=1, arrivals=("2026-99-99",), as_of="2026-05-03T10:00:00.000Z")
    product = matrix_of([Row(sku="A", supply=supply, variant=Variant(options={"Size": "S"}))]).of("P", [], READER)
    assert product is not None
    assert "expected 2026-99-99" in written(product, "en", ZONE)


def test_a_product_of_nothing_is_a_line(shop: Storefront) -> None:
    product = matrix_of([], Head(edition=1, title={"en": "Mug"})).of("P", [], READER)
    assert product is not None
    assert "<p><bdi>Mug</bdi></p>" in written(product, "en", ZONE)


def test_without_options_too_every_sku_is_shown_with_its_day() -> None:
    coming = Supply(revision=1, incoming=1, arrivals=("2026-06-01",), as_of="2026-05-03T10:00:00.000Z")
    rows = [Row(sku=sku, supply=coming, variant=Variant(product_id="P")) for sku in ("A", "B")]
    for some in (rows[:1], rows):
        product = matrix_of(some, Head(edition=1, title={"en": "Mug"})).of("P", [], READER)
        assert product is not None
        read = Read(written(product, "en", ZONE))
        assert read.states == {row.sku: "OutOfStock" for row in some}
        assert read.texts.count("expected 1 June 2026") == len(some)


def test_every_language_of_labels_has_the_words_of_the_piece() -> None:
    pages: Pages = fragment._pages()
    assert pages.texts.keys() == Wording.of("en").texts.keys()
    assert {frozenset(text) for text in pages.texts.values()} == {frozenset(pages.texts["en"])}
    assert {len(text["months"]) for text in pages.texts.values()} == {12}


hostile = st.sampled_from([*HOSTILE, '" onload="', "{{ 7 }}", "<img src=x>"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8
)


@searching(examples=40, steps=1)
@given(
    title=hostile,
    sku=hostile,
    values=st.dictionaries(hostile, hostile, max_size=3),
    language=st.sampled_from(["en", "he"]),
)
def test_no_text_of_a_shop_becomes_markup(title: str, sku: str, values: dict[str, str], language: str) -> None:
    rows = [Row(sku=sku, variant=Variant(edition=1, product_id="P", options=values))]
    product = matrix_of(rows, Head(edition=1, title={"en": title})).of("P", [], Reader(language, []))
    assert product is not None

    read = Read(written(product, language, ZONE))

    assert {tag for tag, _ in read.tags} <= {
        *("section", "table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("p", "ul", "li", "bdi", "span", "small", "time", "script"),
    }
    attributes = {name for _, said in read.tags for name in said}
    assert attributes <= {
        *("class", "lang", "dir", "scope", "colspan", "datetime", "type"),
        *("data-product-id", "data-status", "data-sku"),
    }
    scripts = [said for tag, said in read.tags if tag == "script"]
    assert scripts == [{"type": "application/ld+json"}]
    assert [json.loads(text) for text in read.texts if text.startswith('{"@context"')] == [described(product)]


# ---- in a browser ----

HOST = """<!doctype html><html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width"><style>
body {{ font-family: sans-serif; margin: 16px }} table {{ border-collapse: collapse }}
th, td {{ border: 1px solid #bbb; padding: 6px 10px; text-align: start }}
caption {{ text-align: start; font-weight: bold }}
[data-status=SoldOut] {{ color: #666 }}</style></head><body><main><h1>Shop</h1>{piece}</main></body></html>"""


def pieces(language: str) -> dict[str, str]:
    """Return the piece of a table, of a list and of one variant, in a page of a shop."""
    as_of = "2026-05-03T10:00:00.000Z"
    sizes = ("S", "M", "L") if language == "en" else ("קטן", "בינוני", "גדול")
    colours = ("red", "black") if language == "en" else ("אדום", "שחור")
    names = ("Size", "Colour") if language == "en" else ("מידה", "צבע")
    rows = [
        Row(
            sku=f"{size}-{colour}",
            supply=Supply(
                revision=1, sellable=units, low_stock=3, incoming=units == 0, arrivals=("2026-06-01",), as_of=as_of
            ),
            variant=Variant(edition=1, product_id="P", options=dict(zip(names, (size, colour), strict=True))),
        )
        for units, (size, colour) in enumerate((size, colour) for size in sizes for colour in colours)
    ]
    head = Head(edition=1, title={"en": "Linen shirt", "he": "חולצת פשתן"}, options=names)
    one = [Row(sku="A", supply=Supply(revision=1, as_of=as_of))]
    kinds = {"table": (rows[:-1], head), "list": ([*rows, *one], head), "one": (one, head)}
    found = {}
    for kind, (those, about) in kinds.items():
        product = matrix_of(those, about).of("P", [], Reader(language, [language]))
        assert product is not None
        piece = written(product, language, ZONE)
        found[kind] = HOST.format(lang=language, dir="rtl" if language == "he" else "ltr", piece=piece)
    return found


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "he"])
def test_axe_finds_nothing_to_object_to_and_nothing_runs(browser: Browser, language: str) -> None:
    said: list[str] = []

    assert objections(browser, pieces(language), "light", said) == []
    assert said == []
    assert too_wide(browser, pieces(language), PHONE) == {}


@pytest.mark.browser
def test_hebrew_columns_go_from_right_to_left(browser: Browser) -> None:
    with browser.new_context(viewport=DESK) as context:
        page = context.new_page()
        places = {}
        for language in ("en", "he"):
            page.set_content(pieces(language)["table"])
            first, second = page.locator("thead th[scope=col]").all()[1:3]
            places[language] = [(each.bounding_box() or {"x": 0})["x"] for each in (first, second)]
    assert places["en"] == sorted(places["en"])
    assert places["he"] == sorted(places["he"], reverse=True)
