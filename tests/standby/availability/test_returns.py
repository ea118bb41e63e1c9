"""What came back is shown as content: the newest first, only what can be bought, and nothing that is merely new."""

import html
import json
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability.returns import MOST_RETURNS, MOST_SHOWN, Place
from standby.platform.clock import to_text
from standby.platform.table import Put, Table
from standby.shelf.items import head_values, row_values
from standby.shelf.model import Head, Row, Supply, Variant
from standby.shelf.stay_model import Stay

from tests.gateway import http_event
from tests.standby.availability.storefront import API, QUEUE, Storefront, envelope, product_changed, row, variant
from tests.world import World

ATOM = "{http://www.w3.org/2005/Atom}"
SHIRT = {"title": {"en": "Linen shirt", "he": "חולצת פשתן"}, "category": "Clothes", "options": ["Size"]}


def answered(world: World, query: Mapping[str, str] | None = None, **headers: str) -> dict[str, Any]:
    """Return the gateway's answer to who asks what is back in stock."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: dict[str, Any] = world.run(API, http_event("GET", "/v1/back-in-stock", query=query, headers=named))
    return answer


def listed(world: World, **query: str) -> list[Any]:
    """Return the products of a page, each with its SKUs."""
    answer = answered(world, query)
    assert answer["statusCode"] == 200, answer
    return [[item["product_id"], *(sku["sku"] for sku in item["skus"])] for item in json.loads(answer["body"])["items"]]


def describe(world: World, product_id: str, edition: int, *skus: str, **about: Any) -> None:
    """Let the catalogue say that a product has SKUs, by their sizes."""
    variants = [variant(sku, edition, position=place, options={"Size": sku[-1]}) for place, sku in enumerate(skus)]
    world.send(QUEUE, product_changed(product_id, edition, *variants, **about))
    world.settle()


@pytest.fixture
def front(world: World) -> Storefront:
    describe(world, "shirt", 1, "SHIRT-S", "SHIRT-M", **SHIRT)
    describe(world, "mug", 1, "MUG", title={"en": "Mug"}, category="Kitchen", url="https://shop.example/p/mug")
    return Storefront(world)


def stock_changed(sku: str, revision: int) -> dict[str, Any]:
    """Return an event that numbers changed, as an old one may come again; its own numbers count for nothing."""
    numbers = dict.fromkeys(("on_hand", "committed", "safety", "owed", "held", "free", "sellable", "incoming"), 0)
    at = "2026-05-03T10:00:00.000Z"
    return envelope("StockChanged", {"id": f"{sku}@{revision}", "at": at, "sku": sku, "revision": revision, **numbers})


def comes_back(front: Storefront, *skus: str, away_hours: int = 2) -> None:
    """Let SKUs be sold out that were there, and come back after some hours."""
    for sku in skus:
        front.counts(sku, 5)
        front.counts(sku, 0)
    front.world.clock.advance(hours=away_hours)
    for sku in skus:
        front.counts(sku, 5)


def test_what_comes_back_is_listed_and_what_is_there_for_the_first_time_is_new(front: Storefront) -> None:
    front.counts("MUG", 5)
    assert listed(front.world) == []
    comes_back(front, "MUG")
    assert listed(front.world) == [["mug", "MUG"]]


def test_a_variant_alone_comes_back_while_others_were_there(front: Storefront) -> None:
    front.counts("SHIRT-S", 5)
    comes_back(front, "SHIRT-M")
    assert listed(front.world) == [["shirt", "SHIRT-M"]]


def test_the_newest_stands_first_and_goes_once_it_is_sold_out(front: Storefront) -> None:
    comes_back(front, "SHIRT-M")
    comes_back(front, "MUG")
    assert listed(front.world) == [["mug", "MUG"], ["shirt", "SHIRT-M"]]
    front.counts("MUG", 0)
    assert listed(front.world) == [["shirt", "SHIRT-M"]]


def test_a_last_unit_that_was_in_a_cart_for_a_while_did_not_come_back(front: Storefront) -> None:
    front.counts("MUG", 1)
    front.counts("MUG", 0)
    front.world.clock.advance(minutes=20)
    front.counts("MUG", 1)
    assert listed(front.world) == []
    comes_back(front, "MUG")
    first = json.loads(answered(front.world)["body"])["items"][0]["back_at"]
    front.counts("MUG", 0)
    front.world.clock.advance(minutes=20)
    front.counts("MUG", 1)
    assert json.loads(answered(front.world)["body"])["items"][0]["back_at"] == first


def test_after_two_weeks_it_is_no_news_any_more(front: Storefront) -> None:
    comes_back(front, "MUG")
    front.world.clock.advance(days=13, hours=23)
    assert listed(front.world) == [["mug", "MUG"]]
    front.world.clock.advance(hours=2)
    assert listed(front.world) == []


def test_a_category_has_its_own_list_and_a_product_that_moves_is_in_its_new_one(front: Storefront) -> None:
    comes_back(front, "MUG", "SHIRT-M")
    assert listed(front.world, category="Kitchen") == [["mug", "MUG"]]
    describe(front.world, "mug", 2, "MUG", title={"en": "Mug"}, category="Gifts")
    assert listed(front.world, category="Kitchen") == []
    assert listed(front.world, category="Gifts") == [["mug", "MUG"]]
    assert listed(front.world, category="nothing of the kind") == []


def test_a_word_of_the_product_that_changes_nothing_of_its_skus_moves_them_too(front: Storefront) -> None:
    comes_back(front, "MUG")
    moved = product_changed("mug", 3, variant("MUG", 1, options={"Size": "G"}), title={"en": "Mug"}, category="Gifts")
    front.world.send(QUEUE, moved)
    front.world.settle()
    assert listed(front.world, category="Gifts") == [["mug", "MUG"]]


def test_what_does_not_come_back_is_not_listed_until_the_catalogue_takes_that_back(front: Storefront) -> None:
    comes_back(front, "MUG")
    front.world.send(QUEUE, product_changed("mug", 2, variant("MUG", 2, discontinued=True), title={"en": "Mug"}))
    front.world.settle()
    assert listed(front.world) == []
    describe(front.world, "mug", 3, "MUG", title={"en": "Mug"})
    assert listed(front.world) == [["mug", "MUG"]]


def test_duplicates_disorder_and_a_shelf_built_anew_change_nothing(front: Storefront) -> None:
    comes_back(front, "MUG", "SHIRT-M")
    said = answered(front.world)["body"]
    heard = [
        product_changed("mug", 1, variant("MUG", 1, options={"Size": "G"}), title={"en": "Mug"}, category="Old"),
        *(stock_changed(sku, revision) for sku in ("MUG", "SHIRT-M") for revision in range(1, 5)),
        *({"rebuild": "sku", "sku": sku} for sku in ("MUG", "SHIRT-M")),
        {"rebuild": "skus"},
    ]
    for event in random.Random(7).sample(heard * 2, 2 * len(heard)):
        front.world.send(QUEUE, event)
    front.world.settle()
    assert answered(front.world)["body"] == said


def test_pages_follow_one_another_and_name_each_product_once(front: Storefront) -> None:
    for number in range(7):
        describe(front.world, f"cup-{number}", 1, f"CUP-{number}", f"CUP-{number}-X", title={"en": f"Cup {number}"})
    comes_back(front, *(f"CUP-{number}{end}" for number in range(7) for end in ("", "-X")))
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(10):
        answer = json.loads(answered(front.world, {"limit": "3", **after})["body"])
        seen += [item["product_id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert [f"cup-{number}" for number in reversed(range(7))] == seen


def test_a_page_takes_three_requests_of_however_many_products(world: World) -> None:
    table = Table("Availability", world.dynamodb)
    now = to_text(world.clock.now())
    supply, stay = Supply(revision=1, sellable=9, as_of=now), Stay(had=True, back_at=now)
    for each in range(MOST_RETURNS + 10):
        about = Variant(edition=1, product_id=f"product-{each % 300}", options={"Size": "M"}, category="Clothes")
        table.write(Put(row_values(Row(sku=f"SKU-{each}", variant=about, supply=supply, stay=stay))))
    for each in range(300):
        table.write(Put(head_values(f"product-{each}", Head(edition=1, title={"en": "Shirt"}))))
    for query in ({}, {"category": "Clothes"}):
        begin = len(world.calls)
        answer = json.loads(answered(world, query)["body"])
        assert [operation for _, _, operation in world.calls[begin:]] == ["Query", "BatchGetItem", "BatchGetItem"]
        assert (len(answer["items"]), answer["next"] is None) == (MOST_SHOWN, False)


@pytest.mark.parametrize(
    "query",
    [
        {"after": "yesterday"},
        {"after": "2026-05-03T10:00:00.000Z"},
        {"after": "2026-05-03 mug"},
        {"limit": "0"},
        {"limit": "25"},
        {"limit": "many"},
        {"format": "rss"},
        {"category": "x" * 201},
    ],
    ids=["no place", "no product", "a day", "none", "too many", "a word", "another form", "too long"],
)
def test_what_is_malformed_is_refused(world: World, query: dict[str, str]) -> None:
    assert answered(world, query)["statusCode"] == 400


def test_the_feed_is_atom_with_ids_that_stay(front: Storefront) -> None:
    comes_back(front, "MUG", "SHIRT-M")
    answers = [answered(front.world, accept="application/atom+xml"), answered(front.world, {"format": "atom"})]
    assert {answer["headers"]["Content-Type"] for answer in answers} == {"application/atom+xml; charset=utf-8"}
    assert answers[0]["body"] == answers[1]["body"]
    feed = feed_of(answers[0]["body"])
    entries = feed.findall(f"{ATOM}entry")
    assert [text_of(entry, "title") for entry in entries] == ["Linen shirt", "Mug"]
    ids = [text_of(entry, "id") for entry in entries]
    assert len(set(ids)) == 2
    assert text_of(feed, "updated") == max(text_of(entry, "updated") for entry in entries)
    front.world.clock.advance(days=1)
    front.counts("MUG", 4)
    later = feed_of(answered(front.world, {"format": "atom"})["body"])
    assert [text_of(entry, "id") for entry in later.findall(f"{ATOM}entry")] == ids
    comes_back(front, "MUG")
    again = feed_of(answered(front.world, {"format": "atom"})["body"])
    assert text_of(again.findall(f"{ATOM}entry")[0], "id") not in ids, "a feed reader shows what came back once more"


def feed_of(written: str) -> ET.Element:
    """Read a feed."""
    return ET.fromstring(written)  # noqa: S314 - we wrote it ourselves


def text_of(element: ET.Element, name: str) -> str:
    """Return the text of the one child with a name."""
    (found,) = element.findall(f"{ATOM}{name}")
    return found.text or ""


@pytest.mark.parametrize("nothing", [True, False], ids=["nothing", "something"])
def test_the_feed_has_what_rfc_4287_demands(front: Storefront, *, nothing: bool) -> None:
    """RFC 4287 §4.1.1 and §4.1.2: id, title, updated and an author; each entry content, or a link to what it is."""
    if not nothing:
        describe(front.world, "shirt", 2, "SHIRT-M", title={"en": 'A <b> & "c" \ufffe'}, category="R&D <x>")
        comes_back(front, "MUG", "SHIRT-M")
    feed = feed_of(answered(front.world, {"format": "atom", "category": "R&D <x>"})["body"])
    whole = feed_of(answered(front.world, {"format": "atom"})["body"])
    for each in (feed, whole):
        assert all(text_of(each, name) for name in ("id", "title", "updated"))
        assert each.find(f"{ATOM}author/{ATOM}name") is not None
        assert [link.get("rel") for link in each.findall(f"{ATOM}link")] == ["self", "alternate"]
        for entry in each.findall(f"{ATOM}entry"):
            assert all(text_of(entry, name) for name in ("id", "title", "updated", "summary", "content"))
    assert len(whole.findall(f"{ATOM}entry")) == (0 if nothing else 2)
    assert len(feed.findall(f"{ATOM}entry")) == (0 if nothing else 1)


@pytest.mark.parametrize(
    ("locale", "title", "heading"), [("en", "Linen shirt", "Back in stock"), ("he", "חולצת פשתן", "חזרו למלאי")]
)
def test_the_page_speaks_the_readers_language(front: Storefront, locale: str, title: str, heading: str) -> None:
    words = {"he": {"M": "בינונית"}}
    describe(front.world, "shirt", 2, "SHIRT-M", **SHIRT, translations=words)
    comes_back(front, "SHIRT-M")
    answer = answered(front.world, accept="text/html", accept_language=locale)
    assert {"en": "<bdi>M</bdi>", "he": "<bdi>בינונית</bdi>"}[locale] in answer["body"]
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    for text in (title, f"<h1>{heading}</h1>", f'lang="{locale}"'):
        assert text in answer["body"]
    piece = answered(front.world, {"format": "fragment", "locale": locale})["body"]
    assert piece.startswith("<section")
    assert title in piece


def test_a_piece_names_skus_that_have_spaces_and_quotes_so_that_they_can_be_read(front: Storefront) -> None:
    skus = ['LAMP "Oslo" 12 V', "LAMP <b>"]
    describe(front.world, "lamp", 1, *skus, title={"en": "Lamp"})
    comes_back(front, *skus)
    (said,) = re.findall(r'data-skus="([^"]*)"', answered(front.world, {"format": "fragment"})["body"])
    assert sorted(json.loads(html.unescape(said))) == skus


def test_a_rating_is_shown_where_the_catalogue_knows_one(front: Storefront) -> None:
    rating = {"hundredths": 457, "count": 1}
    describe(front.world, "mug", 2, "MUG", title={"en": "Mug"}, category="Kitchen", rating=rating)
    comes_back(front, "MUG", "SHIRT-M")
    shown = {item["product_id"]: item["rating"] for item in json.loads(answered(front.world)["body"])["items"]}
    assert shown == {"mug": {"value": 4.57, "count": 1}, "shirt": None}
    assert "4.6 of 5 stars (one rating)" in answered(front.world, {"format": "fragment"})["body"]


def test_the_answer_is_kept_for_a_while_and_is_the_same_then(front: Storefront) -> None:
    comes_back(front, "MUG")
    first = answered(front.world)
    front.world.clock.advance(minutes=5)
    again = answered(front.world, if_none_match=first["headers"]["ETag"])
    assert (again["statusCode"], first["headers"]["Cache-Control"]) == (304, "public, max-age=30")


def test_what_cannot_be_written_as_xml_is_left_out(front: Storefront) -> None:
    comes_back(front, "MUG")
    describe(front.world, "mug", 2, "MUG", title={"en": "Mug\ufffe\x0b"}, category="Kitchen")
    feed = feed_of(answered(front.world, {"format": "atom"})["body"])
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "Mug"


class Plain:
    """What a shopkeeper would say of one SKU, told each change of whether it can be bought, in order."""

    def __init__(self) -> None:
        self.times: list[tuple[int, bool]] = []

    def back_at(self, least: int) -> int | None:
        """Return when it came back last; ``None``: never, or it is gone."""
        found, gone, had, there = None, None, False, False
        for at, now in self.times:
            if now and not there:
                if had and gone is not None and at - gone >= least:
                    found = at
                had = True
            if there and not now:
                gone = at
            there = now
        return found if there else None


@given(st.lists(st.tuples(st.integers(1, 90), st.booleans()), max_size=30), st.integers(0, 120))
def test_a_stay_says_what_a_shopkeeper_would(steps: list[tuple[int, bool]], least: int) -> None:
    begin = datetime(2026, 5, 3, tzinfo=UTC)
    plain, stay, there, minutes = Plain(), Stay(), False, 0
    for passed, now in steps:
        minutes += passed
        plain.times.append((minutes, now))
        at = to_text(begin + timedelta(minutes=minutes))
        stay = stay.after(before=there, now=now, at=at, least_away=timedelta(minutes=least))
        assert stay.after(before=now, now=now, at=at, least_away=timedelta(minutes=least)) == stay
        there = now
        expected = plain.back_at(least)
        if there:
            assert stay.back_at == ("" if expected is None else to_text(begin + timedelta(minutes=expected)))


@given(st.text(min_size=1).filter(lambda text: text.strip() == text), st.datetimes())
def test_a_place_is_read_as_it_was_written(product_id: str, at: Any) -> None:
    place = Place(to_text(at.replace(tzinfo=UTC)), product_id)
    assert Place.of(place.text) == place


def test_a_row_that_was_written_before_this_was_kept_counts_from_its_next_sale(front: Storefront) -> None:
    comes_back(front, "MUG")
    assert row(front.world, "MUG").stay.back_at != ""
    assert row(front.world, "SHIRT-M").stay == Stay()
