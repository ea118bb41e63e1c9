"""Shopping platforms are told of every SKU in their own words, all of it or nothing."""

import base64
import csv
import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability import feed
from standby.availability.feed import Feed
from standby.shelf.items import FEED_SHARDS, feed_shard
from standby.shelf.model import STATUSES, Listed, Row, Supply, Variant

from tests.fakes import FakeClock
from tests.gateway import http_event
from tests.promises.unruly import searching
from tests.standby.availability.storefront import API, QUEUE, Storefront, product_changed, variant
from tests.world import World

ZONE = ZoneInfo("Asia/Jerusalem")
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
HEADING = "id\tavailability\tavailability_date\n"


class Rows:
    """A shelf of listings, in pages."""

    def __init__(self, *listings: Listed, page: int = 2) -> None:
        self.page = page
        self.shards: dict[str, list[Listed]] = {shard: [] for shard in FEED_SHARDS}
        for listed in sorted(listings, key=lambda each: each.sku):
            self.shards[feed_shard(listed.sku)].append(listed)

    def listed(self, shard: str, cursor: Mapping[str, str] | None) -> tuple[list[Listed], Mapping[str, str] | None]:
        begin = int(cursor["at"]) if cursor else 0
        end = begin + self.page
        rows = self.shards[shard]
        return rows[begin:end], {"at": str(end)} if end < len(rows) else None


def written(shelf: Any, write: feed.Write = feed.tsv, *, part: int = 1, parts: int = 1, packed: bool = False) -> str:
    made = Feed(shelf=shelf, clock=FakeClock(NOON), zone=ZONE).written(write, part=part, parts=parts, packed=packed)
    return (gzip.decompress(made) if packed else made).decode()


def asked(world: World, query: Mapping[str, str] | None = None, form: str = "tsv", **headers: str) -> dict[str, Any]:
    """Return the gateway's answer to who asks for the feed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: dict[str, Any] = world.run(
        API, http_event("GET", f"/v1/feeds/availability.{form}", query=query, headers=named)
    )
    return answer


def fetched(world: World, query: Mapping[str, str] | None = None, form: str = "tsv", **headers: str) -> str:
    answer = asked(world, query, form, **headers)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True), answer
    body = base64.b64decode(answer["body"])
    return (gzip.decompress(body) if "Content-Encoding" in answer["headers"] else body).decode()


def lines(text: str) -> set[tuple[str, ...]]:
    heading, *rest = text.splitlines()
    assert heading + "\n" == HEADING
    return set(map(tuple, csv.reader(rest, "excel-tab")))


def test_the_next_feed_says_what_the_erp_just_said(world: World) -> None:
    front = Storefront(world)
    front.counts("MUG", 5)
    front.counts("כוס /#1", 0)
    assert lines(fetched(world)) == {("MUG", "in_stock", ""), ("כוס /#1", "out_of_stock", "")}

    front.counts("MUG", 0)
    front.orders("MUG", 9, "2026-06-01")
    assert ("MUG", "out_of_stock", "") in lines(fetched(world)), "Google takes no date but for what is sold ahead"

    front.counts("MUG", 9)
    assert ("MUG", "in_stock", "") in lines(fetched(world))


def test_what_the_catalogue_ends_is_out_of_stock_and_what_nobody_sells_is_not_told(world: World) -> None:
    front = Storefront(world)
    front.counts("MUG", 0)
    front.orders("MUG", 9, "2026-06-01")
    world.send(QUEUE, product_changed("mugs", 1, variant("MUG", 1, discontinued=True), variant("CUP", 1)))
    world.send(QUEUE, product_changed("mugs", 2, variant("CUP", 2, gone=True)))
    world.settle()
    assert lines(fetched(world)) == {("MUG", "out_of_stock", "")}


def test_json_lines_say_the_same(world: World) -> None:
    front = Storefront(world)
    front.counts('7" MUG', 0)
    front.orders('7" MUG', 9, "2026-06-01")
    front.counts("CUP", 1)
    said = [json.loads(line) for line in fetched(world, form="jsonl").splitlines()]
    assert {tuple(each.get(column, "") for column in feed.COLUMNS) for each in said} == lines(fetched(world))
    assert {"id": "CUP", "availability": "in_stock"} in said


def test_who_takes_gzip_is_answered_with_it_and_who_has_it_already_is_told_so(world: World) -> None:
    Storefront(world).counts("MUG", 5)
    plain, packed = asked(world), asked(world, accept_encoding="br;q=1.0, gzip;q=0.8")
    assert "Content-Encoding" not in plain["headers"]
    assert packed["headers"]["Content-Encoding"] == "gzip"
    assert fetched(world, accept_encoding="gzip") == fetched(world, accept_encoding="gzip;q=0, br")
    assert plain["headers"]["Cache-Control"] == "public, max-age=60"
    assert plain["headers"]["Vary"] == "Accept-Encoding"
    assert plain["headers"]["Content-Type"] == "text/tab-separated-values; charset=utf-8"
    tags = [answer["headers"]["ETag"] for answer in (plain, packed)]
    assert len(set(tags)) == 2, "the two are different bytes (RFC 9110 §8.8.3)"
    unchanged = asked(world, accept_encoding="gzip", if_none_match=tags[1])
    assert (unchanged["statusCode"], unchanged["body"]) == (304, "")


@pytest.mark.parametrize(
    "query",
    [{"parts": "3"}, {"part": "0"}, {"part": "2"}, {"part": "5", "parts": "4"}, {"parts": "x"}, {"parts": ""}],
)
def test_parts_that_are_none_are_refused(world: World, query: dict[str, str]) -> None:
    assert asked(world, query)["statusCode"] == 400


def test_what_an_answer_has_no_room_for_is_asked_for_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    front = Storefront(world)
    for number in range(40):
        front.counts(f"MUG-{number}", 1)
    whole = fetched(world)
    monkeypatch.setattr("standby.availability.feed.MOST_BYTES", len(whole) // 2)
    monkeypatch.setattr("standby.availability.feed.LINES_A_PIECE", 1)
    refused = asked(world)
    assert (refused["statusCode"], json.loads(refused["body"])["type"]) == (400, "/problems/too-long")
    parts = [lines(fetched(world, {"part": str(part), "parts": "8"})) for part in range(1, 9)]
    assert set.union(*parts) == lines(whole)
    assert sum(map(len, parts)) == 40


def test_a_shard_of_too_many_pages_is_refused_and_not_cut_off() -> None:
    skus = [f"MUG-{number}" for number in range(8 * 40)]
    shelf = Rows(*(Listed(sku, "InStock", ()) for sku in skus), page=1)
    with pytest.raises(feed.TooLongError):
        written(shelf)


LISTINGS = st.lists(
    st.builds(
        Listed,
        st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8),
        st.sampled_from([*STATUSES, "PreOrder", "BackOrder", "InStoreOnly"]),
        st.lists(st.dates().map(str), max_size=3).map(sorted).map(tuple),
    ),
    unique_by=lambda listed: listed.sku,
    max_size=30,
)


@searching(examples=40, steps=1)
@given(LISTINGS, st.sampled_from(feed.PARTS), st.booleans())
def test_every_sku_is_told_once_whatever_there_is(listings: list[Listed], parts: int, packed: bool) -> None:  # noqa: FBT001 - drawn
    shelf = Rows(*listings)
    told = "".join(written(shelf, part=part, parts=parts, packed=packed) for part in range(1, parts + 1))
    offers = list(csv.reader(told.split("\n")[:-1], "excel-tab"))
    assert sorted(sku for sku, _, _ in offers) == sorted(listed.sku for listed in listings)
    for sku, availability, day in offers:
        assert bool(day) == (availability in ("preorder", "backorder")), f"{sku}: Google takes a date there, only there"
        if day:
            datetime.strptime(day, "%Y-%m-%dT%H:%M%z")
            assert len(day) <= 25
            assert "2026-05-03" <= datetime.fromisoformat(day).astimezone(ZONE).date().isoformat() <= "2027-05-03"


@pytest.mark.parametrize("status", ["PreOrder", "BackOrder"])
def test_what_is_sold_ahead_has_its_date_and_is_out_of_stock_where_google_would_take_none(status: str) -> None:
    told = {"PreOrder": "preorder", "BackOrder": "backorder"}[status]
    listed = {sku: Listed(sku, status, days) for sku, days in
              {"A": ("2026-06-01",), "B": ("2027-05-03",), "C": ("2027-05-04",), "D": ()}.items()}  # fmt: skip
    assert set(written(Rows(*listed.values())).splitlines()) == {
        f"A\t{told}\t2026-06-01T00:00+0300",
        f"B\t{told}\t2027-05-03T00:00+0300",
        "C\tout_of_stock\t",
        "D\tout_of_stock\t",
    }


def test_a_sku_that_moves_while_it_is_read_is_told_once() -> None:
    class Moving(Rows):
        def listed(self, shard: str, cursor: Mapping[str, str] | None) -> Any:
            page, after = super().listed(shard, cursor)
            if cursor is None and shard == feed_shard("MUG"):
                return page, {"at": "0"}  # it changed, and stands behind the cursor again
            return page, after

    assert written(Moving(Listed("MUG", "InStock", ()))) == "MUG\tin_stock\t\n"


def test_what_is_spoilt_costs_the_others_nothing() -> None:
    shelf = Rows(
        Listed("A", "OutOfStock", ("9999-99-99",)), Listed("B", "NoSuchWord", ()), Listed("C\nD", "InStock", ()),
        Listed("E", "InStock", ()), page=9,
    )  # fmt: skip
    assert set(written(shelf).splitlines()) == {"A\tout_of_stock\t", "E\tin_stock\t"}


@pytest.mark.parametrize(
    ("row", "listing"),
    [
        (Row(sku="A", supply=Supply(revision=1, sellable=9, arrivals=("2026-06-01",))), "A\tInStock\t"),
        (Row(sku="A", supply=Supply(revision=1, incoming=1, arrivals=("a", "b"))), "A\tOutOfStock\ta,b"),
        (Row(sku="A", supply=Supply(revision=1)), "A\tSoldOut\t"),
        (Row(sku="A"), None),
    ],
)
def test_a_listing_says_what_a_feed_needs(row: Row, listing: str | None) -> None:
    assert row.listing == listing
    gone = replace(row, variant=Variant(edition=1, discontinued=True))
    assert (gone.listing or "").rpartition("\t")[2] == ""
    if listing is not None:
        assert Listed.of(listing) == Listed("A", str(row.status), () if "a,b" not in listing else ("a", "b"))
