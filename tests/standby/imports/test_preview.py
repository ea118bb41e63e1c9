"""A mapping is tried out with the beginning of a file, in one call."""

# ruff: noqa: RUF001 - Hebrew letters are no Latin ones

import gzip
import random
from base64 import b64encode
from typing import Any

import pytest
from standby.imports import preview

from tests.standby.imports.test_packed import DAMAGED, zipped
from tests.standby.imports.workbooks import WRITERS, xlsx
from tests.standby.stock.test_routes import call
from tests.standby.stock.warehouse import Warehouse

MAPPING: dict[str, Any] = {"columns": {"sku": "Item", "on_hand": "Qty", "as_of": "At"}, "location_id": "W"}
SAMPLE = b'Item;Name;Qty;At\nA;x;1.5;2026-05-03T08:00:00Z\nB;y;many;2026-05-03T08:00:00Z\nC;"y\n'


def tried(warehouse: Warehouse, sample: bytes, mapping: dict[str, Any] | None = None) -> tuple[int, Any]:
    body = {"mapping": mapping or MAPPING, "sample": b64encode(sample).decode()}
    return call(warehouse, "POST", "/v1/imports/previews", body)


@pytest.mark.parametrize("sample", [SAMPLE, gzip.compress(SAMPLE)], ids=["text", "gzip"])
def test_each_line_is_shown_with_what_it_says_or_why_it_is_bad(warehouse: Warehouse, sample: bytes) -> None:
    says = {"sku": "A", "location_id": "W", "on_hand": 1, "as_of": "2026-05-03T08:00:00.000Z", "keeps": False}
    status, shown = tried(warehouse, sample)
    assert (status, shown["columns"], shown["reason"]) == (200, {"sku": 1, "on_hand": 3, "as_of": 4}, None)
    assert [(each["line"], each["says"], each["reason"]) for each in shown["lines"]] == [
        (2, says, None),
        (3, None, "on_hand: 'many' is no number"),
        (4, None, "quotation: unexpected end of data"),
    ]
    assert shown["lines"][0]["text"] == "A | x | 1.5 | 2026-05-03T08:00:00Z"


@pytest.mark.parametrize("kind", WRITERS)
def test_a_workbook_is_shown_as_it_would_be_read(warehouse: Warehouse, kind: str) -> None:
    rows = [["Item", "Name", "Qty", "At"], ["A", "x", 1.5, "2026-05-03T08:00:00Z"], *(["B", "y", "many", ""],) * 30]
    status, shown = tried(warehouse, WRITERS[kind](rows))
    assert (status, shown["reason"], len(shown["lines"])) == (200, None, 20)
    first, second = shown["lines"][:2]
    assert (first["line"], first["says"]["sku"], first["says"]["on_hand"]) == (2, "A", 1)
    assert (second["line"], second["reason"]) == (3, "on_hand: 'many' is no number")


def test_a_workbook_that_would_be_large_is_not_tried(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "LARGEST_SAMPLE", 1_000)
    _, shown = tried(warehouse, xlsx([["Item", "Qty", "At"]]))
    assert shown["reason"] == "unpacked the workbook has more than 1,000 bytes"


def test_at_most_twenty_lines_are_shown_and_nothing_is_saved(warehouse: Warehouse) -> None:
    mapping = {"columns": {"sku": 1, "available": 2}, "location_id": "W", "header": False}
    status, shown = tried(warehouse, b"".join(b"S%d;7\n" % number for number in range(50)), mapping)
    assert (status, len(shown["lines"]), shown["lines"][19]["says"]["sku"]) == (200, 20, "S19")
    assert call(warehouse, "GET", "/v1/imports")[1]["items"] == []


def test_products_are_shown_as_they_would_be_sent(warehouse: Warehouse) -> None:
    lines = b"id\titem_group_id\ttitle\tcolor\tprice\nMUG-R\tmug\tMug\tred\t9.90 EUR\n"
    _, shown = tried(warehouse, lines, {"kind": "products", "format": "google"})
    assert shown["lines"][0]["says"] == {
        "product_id": "mug",
        "sku": "MUG-R",
        "options": {"color": "red"},
        "title": {"en": "Mug"},
        "price": {"amount": 990, "currency": "EUR"},
    }


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (b"Artikel;Menge\nA;1\n", "the file has no column 'Item', only: Artikel, Menge"),
        (b"\x1f\x8b\x08\x00broken", "the file is damaged, or no gzip file"),
        (xlsx([["Artikel", "Menge"]]), "the file has no column 'Item', only: Artikel, Menge"),
        (xlsx([["Item", "Qty", "At"]])[:900], "is its end missing? A zip file or a workbook is tried whole"),
    ],
    ids=["no column", "broken", "workbook", "the beginning of a workbook"],
)
def test_a_file_that_cannot_be_read_says_why(warehouse: Warehouse, sample: bytes, reason: str) -> None:
    status, shown = tried(warehouse, sample)
    assert (status, shown["lines"], reason in shown["reason"]) == (200, [], True)


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_says_so(warehouse: Warehouse, content: bytes) -> None:
    """It was 500."""
    status, shown = tried(warehouse, content)
    assert (status, "damaged" in shown["reason"]) == (200, True)


def test_a_heading_in_another_encoding_is_told_in_text(warehouse: Warehouse) -> None:
    """Half surrogates make the whole answer unreadable to strict readers of JSON."""
    _, shown = tried(warehouse, 'מק"ט;כמות\nA;1\n'.encode("windows-1255"))
    assert shown["reason"].encode().decode().endswith('only: \ufffd\ufffd"\ufffd, \ufffd\ufffd\ufffd\ufffd')


def lines(number: int) -> bytes:
    """Return a file that hardly gets smaller by packing."""
    dice = random.Random(1)
    return b"Item;Name;Qty\n" + b"".join(b"A%d;%d;1\n" % (n, dice.getrandbits(64)) for n in range(number))


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(lines(9_999)), gzip.compress(lines(5)) + gzip.compress(lines(9_999))],
    ids=["one part", "two parts"],
)
def test_the_beginning_of_a_gzip_file_is_shown(warehouse: Warehouse, packed: bytes) -> None:
    mapping = {"columns": {"sku": "Item", "on_hand": "Qty"}, "location_id": "W"}
    _, shown = tried(warehouse, packed[:20_000], mapping)
    assert (len(shown["lines"]), shown["reason"]) == (20, None)


def test_the_beginning_of_a_zip_file_asks_for_the_whole(warehouse: Warehouse) -> None:
    _, shown = tried(warehouse, zipped({"stock.csv": lines(9_999)})[:20_000])
    assert shown["reason"].endswith("is its end missing? A zip file or a workbook is tried whole")


@pytest.mark.parametrize("encoding", ["gb18030", "foo"])
def test_a_feed_in_an_encoding_that_is_not_read_says_so(warehouse: Warehouse, encoding: str) -> None:
    feed = f'<?xml version="1.0" encoding="{encoding}"?><rss><item><id>A</id></item></rss>'
    status, shown = tried(warehouse, feed.encode(), {"kind": "products", "format": "google-xml"})
    assert (status, "the encoding is not read" in shown["reason"]) == (200, True)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"mapping": {"columns": {"sku": 1}, "location_id": "W"}}, "mapping.columns: on_hand or available is needed"),
        ({"mapping": {"columns": {"sku": 0, "on_hand": 2}, "location_id": "W"}}, "mapping.columns"),
        ({"mapping": {"kind": "music"}}, "mapping.kind: 'music' is none"),
        ({"mapping": None}, "mapping"),
        ({"sample": "%%%%"}, "sample: must be base64"),
        ({"sample": "AAAAA"}, "sample: must be base64"),
        ({"sample": "A" * 400_004}, "sample: must be shorter than or equal to 400000 characters"),
    ],
)
def test_what_cannot_be_tried_is_refused_by_name(warehouse: Warehouse, more: dict[str, Any], reason: str) -> None:
    body = {"mapping": MAPPING, "sample": b64encode(SAMPLE).decode()} | more
    status, problem = call(warehouse, "POST", "/v1/imports/previews", body)
    assert (status, reason in problem["detail"]) == (400, True), problem
