"""What files of text do that a reader must not take for something else: shops, ERPs and spreadsheets wrote them."""

# ruff: noqa: RUF001 - Hebrew letters are no Latin ones

import gzip
import io
import json
import random
import re
import zipfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from standby.imports import passes
from standby.platform.queue import PoisonError

from tests.standby.imports.test_reading import PLAIN, Desk, event, level
from tests.standby.stock.test_routes import call
from tests.standby.stock.warehouse import Warehouse
from tests.world import World

MAPPINGS = Path(__file__).parents[3] / "events" / "mappings"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def damaged_zip(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        made.writestr("s.csv", b"Item;Qty\n" + b"".join(b"A%d;%d\n" % (n, n * 7919 % 1000) for n in range(2000)))
    content = bytearray(file.getvalue())
    content[800] ^= 0x55
    return bytes(content)


def encrypted_zip(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(name, b"x" * 40)
    content = bytearray(file.getvalue())
    content[re.search(b"PK\x03\x04", content).start() + 6] |= 1
    content[re.search(b"PK\x01\x02", content).start() + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [damaged_zip(zipfile.ZIP_BZIP2), damaged_zip(zipfile.ZIP_LZMA), encrypted_zip("xl/workbook.xml")],
    ids=["bzip2", "lzma", "encrypted workbook"],
)
def test_damage_of_any_zip_fails_at_once(desk: Desk, content: bytes) -> None:
    with pytest.raises(PoisonError):
        desk.put(content)
    (report,) = desk.files.reports.values()
    assert report["state"] == "failed"


@pytest.mark.parametrize(
    "content",
    [damaged_zip(zipfile.ZIP_BZIP2), damaged_zip(zipfile.ZIP_LZMA), encrypted_zip("xl/workbook.xml")],
    ids=["bzip2", "lzma", "encrypted workbook"],
)
def test_a_preview_of_a_damaged_zip_says_why(warehouse: Warehouse, content: bytes) -> None:
    body = {"mapping": PLAIN, "sample": b64encode(content).decode()}
    status, shown = call(warehouse, "POST", "/v1/imports/previews", body)
    assert (status, bool(shown.get("reason"))) == (200, True)


def test_a_preview_answers_text_that_is_text(warehouse: Warehouse) -> None:
    """The commonest preview that fails: a Hebrew heading by the default encoding. No half surrogates in the answer."""
    sample = b64encode('מק"ט;כמות\nA;1\n'.encode("windows-1255")).decode()
    _, shown = call(warehouse, "POST", "/v1/imports/previews", {"mapping": PLAIN, "sample": sample})
    shown["reason"].encode()


@pytest.mark.parametrize(
    "content", ['Item;Name;Qty\nA;"Oslo;5\nB;TV 32";3\n', 'Item\tName\tQty\nA\t"Oslo\t5\nB\tTV 32"\t3\n']
)
def test_a_stray_quotation_mark_swallows_no_line_in_silence(desk: Desk, content: str) -> None:
    """`csv_file.records` promises it. A was told 3, which is B's; B was in no level and in no report."""
    report = desk.put(content + "C;x;1\n".replace(";", "\t" if "\t" in content else ";"))
    assert desk.told().get(("W", "A")) in {None, 5}
    assert ("W", "B") in desk.told() or report["totals"]["bad_lines"] >= 1


def test_a_line_with_more_cells_than_the_heading_is_not_read_shifted(desk: Desk) -> None:
    """An ERP with decimal commas that forgets to quote them: the price's cents were told as the quantity."""
    report = desk.put("Item,Price,Qty\nA,9.90,5\nB,9,90,5\n")
    assert desk.told() == {("W", "A"): 5}
    assert report["totals"]["bad_lines"] == 1


def test_lines_of_a_tab_separated_file_are_not_lost_to_quotation_marks(desk: Desk) -> None:
    """Amazon's flat files quote nothing: a title that begins with a mark is a title."""
    desk.put('Item\tName\tQty\nA\t"Oslo" tee\t5\nB\t"Bergen\t4\nC\tWool\t3\n')
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 4, ("W", "C"): 3}


@pytest.mark.parametrize("sku", ["4.00638E12", "4.006381333931E12", "4.00638e12"])
def test_scientific_notation_without_a_plus_is_damage_too(desk: Desk, sku: str) -> None:
    """Java (Apache POI, ``Double.toString``) writes it so."""
    desk.put(f"Item;Qty\n{sku};3\nA;1\n")
    assert desk.told() == {("W", "A"): 1}


def test_a_cell_that_is_too_long_takes_its_record_along_and_no_lines_of_its_text(desk: Desk) -> None:
    """A description of WooCommerce or Shopify (HTML, 65,000 characters). Its text was read as lines: C was told 3."""
    long = "x" * 10_001 + "\nC,size L,3\nend"
    report = desk.put(f'Item,Description,Qty\nA,short,5\nB,"{long}",6\nC,ok,7\n')
    assert desk.told()["W", "C"] == 7
    assert report["totals"]["rows"] in {2, 3}


def test_a_line_that_is_too_long_costs_no_other(desk: Desk) -> None:
    """A picture that somebody inlined into a description."""
    picture = "data:image/png;base64," + "A" * 250_000
    report = desk.put(f"Item,Description,Qty\nA,short,5\nB,{picture},6\nC,ok,7\n")
    assert desk.told() == {("W", "A"): 5, ("W", "C"): 7}
    assert [(bad["line"], report["totals"]["bad_lines"]) for bad in desk.files.found("bad")] == [(3, 1)]


@pytest.mark.parametrize("said", ["#N/A", "#REF!", "#NAME?"])
def test_an_error_that_a_spreadsheet_wrote_into_a_file_of_text_is_no_id(desk: Desk, said: str) -> None:
    desk.put(f"Item;Qty\n{said};3\nA;1\n")
    assert desk.told() == {("W", "A"): 1}


def test_a_word_of_the_mapping_may_be_an_error(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"keep_words": ["#N/A"]}
    report = desk.put("Item;Qty\nA;#N/A\nB;1\n")
    assert (desk.told(), report["totals"]["kept"]) == ({("W", "B"): 1}, 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('Item\tName\tQty\nA\t"Shirt, ""wide"""\t5\n', 5),
        ('Item\tName\tQty\nA\t"Shirt\twide"\t5\n', 5),
        ('Item\tName\tQty\nA\t"Shirt\nwide"\t5\n', 5),
        ('"Item"\t"Na\tme"\t"Qty"\nA\tx\t5\n', 5),
    ],
    ids=["a mark inside", "a tab inside", "a line break inside", "a quoted heading"],
)
def test_what_excel_quotes_between_tabs_is_read_all_the_same(desk: Desk, content: str, told: int) -> None:
    report = desk.put(content)
    assert (desk.told(), report["totals"]["bad_lines"]) == ({("W", "A"): told}, 0)


def test_an_empty_line_in_front_does_not_hide_the_delimiter(desk: Desk) -> None:
    """As pages of PHP write it. With ``;`` it works, with ``,`` the file fails."""
    desk.put("\nItem,Qty\nA,5\n")
    assert desk.told() == {("W", "A"): 5}


@pytest.mark.parametrize("mark", ["\ufeff\ufeff", "\u200f", "\u200b"])
def test_a_heading_is_found_whatever_unseen_marks_stand_around_it(desk: Desk, mark: str) -> None:
    """The report said "no column 'Item', only: Item, Qty", which nobody understands."""
    desk.put(f"{mark}Item;Qty\nA;5\n")
    assert desk.told() == {("W", "A"): 5}


def test_a_title_with_commas_in_the_first_line_does_not_decide_the_delimiter(desk: Desk) -> None:
    """Without a header, ``auto``: told was 7 of a SKU ``101;Shirt``."""
    desk.files.mappings["plain"] = {
        "columns": {"sku": 1, "on_hand": 3},
        "header": False,
        "location_id": "W",
        "version": 1,
    }
    desk.put("101;Shirt, 5, 7, L;12\n102;Cap;3\n103;Sock;4\n")
    assert desk.told() == {("W", "101"): 12, ("W", "102"): 3, ("W", "103"): 4}


def test_a_sum_that_no_message_may_say_is_a_bad_line(desk: Desk) -> None:
    """999999999 is many an ERP's word for "unlimited"; in two bins the message became poison, the report said done."""
    desk.files.mappings["plain"] = PLAIN | {"sum_lines": True}
    report = desk.put("Item;Qty\nA;999999999\nA;999999999\nB;1\n")
    assert all(units <= 1_000_000_000 for units in desk.told().values())
    assert report["totals"]["bad_lines"] >= 1 or desk.told().get(("W", "A")) == 1_000_000_000


def test_the_doubt_of_a_full_count_is_one_that_its_message_may_carry(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.put("Item;Qty\nA;5\nB;x\n", key=f"inbox/plain/{'d' * 600}.csv")
    assert len(desk.messages()[-1]["doubt"]) <= 500


def test_a_dry_run_says_that_a_full_count_with_bad_lines_would_wait(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.files.known = {("W", f"S{n}"): level(5) for n in range(20)}
    lines = "".join(f"S{n};5\n" for n in range(19))
    report = desk.put(f"Item;Qty\n{lines}S19;x\n", key="inbox-dry-run/plain/a.csv")
    assert (report["totals"]["absent"], report["totals"]["would_wait"]) == (1, 1)


def test_a_remark_about_locations_stands_there_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "PASS_BYTES", 100)
    desk.files.mappings["plain"] = {"columns": {"sku": "Item", "location": "Loc", "on_hand": "Qty"}, "version": 1}
    lines = "".join(f"S{n};{'W' if n % 2 else 'w'};{n}\n" for n in range(60))
    report = desk.put(f"Item;Loc;Qty\n{lines}")
    assert len(report["remarks"]) == len(set(report["remarks"])) == 1


@pytest.mark.parametrize("key", ["inbox/stock.csv", "inbox/My%20ERP/stock.csv", "inbox/Plain/stock.csv"])
def test_a_file_in_no_mappings_folder_has_a_report_too(desk: Desk, key: str) -> None:
    with pytest.raises(PoisonError):
        desk.reader.handle(event(key))
    assert [report["state"] for report in desk.files.reports.values()] == ["failed"]


@pytest.mark.parametrize(
    "more",
    [
        {"time_format": "%Y-%m-%d %H:%M %Z", "time_zone": "Asia/Jerusalem"},
        {"time_format": "%Y-%m-%d %I:%M"},
        {"columns": {"sku": 1, "on_hand": 2, "committed": 2}},
        {"columns": {"sku": "Item", "on_hand": "Item"}},
    ],
    ids=["a zone's name that is not read", "hours of 12 without am or pm", "one column twice", "the SKU as quantity"],
)
def test_a_mapping_that_cannot_be_right_is_refused(warehouse: Warehouse, more: dict[str, Any]) -> None:
    """``09:00 UTC`` was read as 06:00Z, ``12:30`` as 00:30; on_hand = committed told 0 of every SKU."""
    mapping = {**PLAIN, **more}
    mapping.pop("version")
    assert call(warehouse, "PUT", "/v1/imports/mappings/x", mapping)[0] == 400


def shipped(desk: Desk, name: str, content: str) -> dict[str, Any]:
    """Read a file by a mapping that ships as an example."""
    desk.files.mappings["plain"] = json.loads((MAPPINGS / f"{name}.json").read_text("utf-8")) | {"version": 1}
    return desk.put(content)


def test_a_variation_whose_stock_its_parent_keeps_rings_no_alarm(desk: Desk) -> None:
    """WooCommerce's exporter writes ``parent`` as stock of a variation that its product manages."""
    report = shipped(
        desk, "woocommerce_stock", "ID,Type,SKU,In stock?,Stock\n1,variation,S-1,1,parent\n2,simple,S-2,1,4\n"
    )
    assert (report["totals"]["bad_lines"], desk.told()) == (0, {("warehouse", "S-2"): 4})


def test_shopifys_unavailable_units_are_not_sold(desk: Desk) -> None:
    """On hand 7, of which 3 are damaged or kept back and 2 committed: 2 may be sold, and 5 were."""
    report = shipped(
        desk,
        "shopify_inventory",
        "Handle,SKU,Location,Incoming (not editable),Unavailable (not editable),Committed (not editable),"
        "Available (not editable),On hand (current),On hand (new)\nl,A,Haifa,0,3,2,2,7,\n",
    )
    (said,) = desk.messages()
    free = said["available"] if "available" in said else said["on_hand"] - said["committed"]
    assert (report["state"], free) == ("done", 2)


def test_a_preview_of_a_feed_in_an_unknown_encoding_says_why(warehouse: Warehouse) -> None:
    """It was 400 ``sample: must be base64``, and 500 for ``encoding="foo"``."""
    for encoding in ("gb18030", "foo"):
        feed = f'<?xml version="1.0" encoding="{encoding}"?><rss><item><id>A</id></item></rss>'
        body = {"mapping": {"kind": "products", "format": "google-xml"}, "sample": b64encode(feed.encode()).decode()}
        status, shown = call(warehouse, "POST", "/v1/imports/previews", body)
        assert (status, "encoding" in str(shown.get("reason"))) == (200, True), shown


def test_a_swallowed_line_of_a_full_count_never_makes_its_sku_nothing(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.put('Item;Name;Qty\nA;"Oslo;5\nB;TV 32";3\nC;x;1\n')
    assert ("W", "B") in desk.told() or "doubt" in desk.messages()[-1]


@pytest.mark.parametrize("end", ["\x1a", "  ;  \r\n", "\x0c", "\u00a0\r\n"])
def test_an_end_that_says_nothing_is_no_bad_line(desk: Desk, end: str) -> None:
    """DOS programs (cp862) end files with Ctrl-Z, others with padding: a full count waited for approval each night."""
    report = desk.put(f"Item;Qty\r\nA;5\r\n{end}")
    assert report["totals"] == {"rows": 1, "bad_lines": 0, "levels": 1}


def test_the_beginning_of_a_gzip_file_can_be_previewed(warehouse: Warehouse) -> None:
    """A preview asks for "the file's first bytes"; of a gzip file it said "the file is damaged"."""
    dice = random.Random(1)
    lines = b"".join(b"A%d;%d;1\n" % (n, dice.getrandbits(64)) for n in range(9_999))
    sample = gzip.compress(b"Item;Name;Qty\n" + lines)[:20_000]
    body = {"mapping": PLAIN, "sample": b64encode(sample).decode()}
    _, shown = call(warehouse, "POST", "/v1/imports/previews", body)
    assert len(shown["lines"]) == 20, shown["reason"]


def test_a_product_without_a_sku_that_says_nothing_rings_no_alarm(desk: Desk) -> None:
    """WooCommerce's variable products have no SKU unless somebody gives them one, and no stock of their own."""
    report = shipped(desk, "woocommerce_stock", "ID,Type,SKU,In stock?,Stock\n1,variable,,1,\n2,variation,S-2,1,4\n")
    assert (report["totals"]["bad_lines"], desk.told()) == (0, {("warehouse", "S-2"): 4})


def test_a_dry_run_and_the_file_that_follows_it_are_two_imports(desk: Desk) -> None:
    """Sequencers are comparable within one key, says S3. Somebody copies what was tried out into the inbox."""
    name = "0123456789abcdef01234567.csv"
    for folder, sequencer in (("inbox-dry-run", "0B"), ("inbox", "0A")):
        desk.files.objects[f"{folder}/plain/{name}"] = b"Item;Qty\nA;5\n"
        desk.reader.handle(event(f"{folder}/plain/{name}", size=13, sequencer=sequencer))
    assert desk.told() == {("W", "A"): 5}


@pytest.mark.parametrize(
    ("named", "title"),
    [("Bestand fu\u0308r", "Bestand f\u00fcr"), ("On hand", "On\u00a0hand"), ("On hand", "On  hand")],
)
def test_a_heading_that_looks_the_same_is_the_same(desk: Desk, named: str, title: str) -> None:
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": named}}
    desk.put(f"Item;{title}\nA;5\n")
    assert desk.told() == {("W", "A"): 5}


def test_a_bad_line_of_quotation_shows_how_it_begins(desk: Desk) -> None:
    """So says ``BadLine.text``; an operator looked for a line of which the report showed nothing."""
    desk.put('Item;Name;Qty\nA;"5" nails;3\nB;x;1\n')
    (bad,) = desk.files.found("bad")
    assert bad["text"].startswith("A")


def test_a_full_count_with_a_bad_line_that_empties_nothing_waits_for_nobody(world: World) -> None:
    """A footer (``Total: 2 lines``) each night: approval was asked to empty nothing, and SnapshotsUnfinished rang."""
    mapping = {"columns": {"sku": "Item", "on_hand": "Qty"}, "location_id": "W", "full_count": True}
    assert world.request("stock_api", "PUT", "/v1/imports/mappings/f", body=mapping, scopes="ops")[0] == 200
    for name, content in (("a", b"Item;Qty\nA;5\nB;5\n"), ("b", b"Item;Qty\nA;6\nB;4\nTotal: 2 lines\n")):
        world.put(f"inbox/f/{name}.csv", content)
        world.settle()
        world.wait(minutes=30)
        world.wait(minutes=30)
    _, unfinished = world.request("stock_api", "GET", "/v1/stock/snapshots", scopes="ops")
    assert [each["state"] for each in unfinished["items"]] == []


def test_two_lines_of_one_time_with_different_quantities_are_told_of(desk: Desk) -> None:
    """A date for a time, and two bins of one SKU: the last one won in silence."""
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": "Qty", "as_of": "At"}}
    report = desk.put("Item;Qty;At\nA;5;2026-05-03\nA;3;2026-05-03\n")
    assert report["totals"]["bad_lines"] == 1


@pytest.mark.parametrize(
    ("word", "cell"),
    [
        ("אזל", "אזל\u200f"),
        ("\u00e9puis\u00e9", "e\u0301puise\u0301"),
        ("sold out", "sold\u200bout "),
        ("gone", "\ufeffgone"),
    ],
)
def test_a_status_that_looks_like_a_word_is_that_word(desk: Desk, word: str, cell: str) -> None:
    """A status that is no word is passed over, so 7 units were told of what the file says is sold out."""
    desk.files.mappings["plain"] = PLAIN | {
        "columns": {"sku": "Item", "on_hand": "Qty", "status": "State"},
        "zero_words": [word.replace("sold out", "soldout")],
    }
    desk.put(f"Item;Qty;State\nA;7;{cell}\nB;1;\n")
    assert desk.told() == {("W", "A"): 0, ("W", "B"): 1}
