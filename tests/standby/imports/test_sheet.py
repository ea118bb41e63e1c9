"""Spreadsheets: what stands in a cell is what a file of text would say, of each kind that there is."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from standby.imports import packed
from standby.imports.csv_file import Record, Rows
from standby.imports.model import Layout, UnreadableError, UnusableMappingError
from standby.imports.packed import unpacked
from standby.platform.queue import PoisonError

from tests.standby.imports.test_reading import PLAIN, Desk, event
from tests.standby.imports.workbooks import WRITERS, xlsx

GTIN = 4006381333931
NINE = datetime(2026, 5, 3, 9, 0, tzinfo=UTC).replace(tzinfo=None)
"""As spreadsheets have times: without a zone."""
KINDS = pytest.mark.parametrize("kind", WRITERS)


def opened(content: bytes) -> Rows:
    file, was_packed = unpacked(io.BytesIO(content))
    assert isinstance(file, Rows)
    assert was_packed
    return file


def rows(content: bytes, **layout: Any) -> list[Record]:
    return list(opened(content).records(Layout(columns={}, **layout)))


@KINDS
def test_cells_are_read_as_a_file_of_text_has_them(kind: str) -> None:
    line = ["קפה", 5, 1.5, GTIN, "007", True, NINE, None, "x"]
    (record,) = rows(WRITERS[kind]([line]))
    assert record.cells == ["קפה", "5", "1.5", str(GTIN), "007", "TRUE", "2026-05-03T09:00:00", "", "x"]


@KINDS
def test_rows_have_the_numbers_that_the_spreadsheet_shows(kind: str) -> None:
    found = rows(WRITERS[kind]([["Stock of today"], [None], ["sku", "qty"], [None], ["A", 1]]), skip_lines=1)
    assert [(record.line, record.lines, record.cells[0]) for record in found] == [(3, 1, "sku"), (5, 1, "A")]


def test_columns_keep_their_numbers_where_the_first_is_empty() -> None:
    assert [record.cells for record in rows(xlsx([[None, "A", 5]]))] == [["", "A", "5"]]


def test_numbers_have_the_decimal_sign_of_the_mapping_and_times_its_format() -> None:
    (record,) = rows(xlsx([[2.25, NINE]]), decimal=",", time_format="%d.%m.%Y %H:%M")
    assert record.cells == ["2,25", "03.05.2026 09:00"]


def test_a_number_without_all_its_digits_is_no_id(desk: Desk) -> None:
    desk.put(xlsx([["Item", "Qty"], ["A", 1], [4.00638133393112e20, 2]]))
    (bad,) = desk.files.found("bad")
    assert (bad["line"], "a spreadsheet damaged '4.00638133393112E+20'" in bad["reason"]) == (3, True)


def test_a_hidden_sheet_is_not_read_unless_the_mapping_names_it() -> None:
    content = xlsx([["shown"]], hidden=[["hidden"]], more={"Other": [["other"]]})
    assert [rows(content, sheet=name)[0].cells for name in (None, "Hidden", "Other")] == [
        ["shown"],
        ["hidden"],
        ["other"],
    ]
    with pytest.raises(UnusableMappingError, match="none that is called 'Summary', only: Hidden, Stock, Other"):
        rows(content, sheet="Summary")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@KINDS
def test_a_workbook_becomes_levels(desk: Desk, kind: str) -> None:
    report = desk.put(WRITERS[kind]([["Item", "Name", "Qty"], ["A", "x", 5], ["B", "y", 0], ["C", "z", "many"]]))
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 0}
    assert [(bad["line"], bad["reason"]) for bad in desk.files.found("bad")] == [(4, "on_hand: 'many' is no number")]
    assert (report["state"], report["remarks"]) == ("done", [])


@KINDS
def test_zeros_that_may_be_lost_are_remarked(desk: Desk, kind: str) -> None:
    report = desk.put(WRITERS[kind]([["Item", "Qty"], ["00123", 5], [124, 6], [12345, 7]]))
    assert desk.told() == {("W", "00123"): 5, ("W", "124"): 6, ("W", "12345"): 7}
    assert report["remarks"] == [
        "column 1: 124 may have lost leading zeros: others there have some and are text",
    ]


def test_a_large_workbook_is_read_in_passes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.imports.passes.PASS_BYTES", 1000)
    report = desk.put(xlsx([["Item", "Qty"], *([f"S-{number}", number] for number in range(300))]))
    assert desk.told() == {("W", f"S-{number}"): number for number in range(300)}
    assert report["passes"] > 5
    assert report["totals"]["rows"] == 300


@pytest.mark.promise("P9")
def test_a_workbook_that_would_unpack_to_too_much_is_refused_before_it_is_held(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "LARGEST_UNPACKED", 20_000)
    with pytest.raises(UnreadableError, match="unpacked the workbook has more than 20,000 bytes"):
        unpacked(io.BytesIO(xlsx([["x" * 9_000 + str(number)] for number in range(20)])))


@pytest.mark.promise("P9")
def test_a_workbook_whose_sizes_are_lies_is_damaged() -> None:
    content = bytearray(xlsx([["x" * 9_000]]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = max(archive.infolist(), key=lambda each: each.file_size)
    real = member.file_size.to_bytes(4, "little")
    while (place := content.find(real)) >= 0:
        content[place : place + 4] = (20).to_bytes(4, "little")
    with pytest.raises(UnreadableError, match="the file is damaged, or no spreadsheet file"):
        unpacked(io.BytesIO(bytes(content)))


@pytest.mark.promise("P9")
def test_products_in_xml_are_no_spreadsheet(desk: Desk) -> None:
    with pytest.raises(UnreadableError, match="it is a spreadsheet"):
        opened(xlsx([["A"]])).read()


@pytest.mark.promise("P9")
@pytest.mark.parametrize("kind", WRITERS)
def test_half_a_workbook_ends_in_a_report(desk: Desk, kind: str) -> None:
    content = WRITERS[kind]([["Item", "Qty"], *([f"S-{number}", number] for number in range(300))])
    desk.files.objects["inbox/plain/a.csv"] = content[: len(content) // 2]
    with pytest.raises(PoisonError):
        desk.reader.handle(event("inbox/plain/a.csv", size=len(content)))
    (report,) = desk.files.reports.values()
    assert report["state"] == "failed"


def test_what_an_empty_workbook_lacks_is_told(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN
    desk.files.objects["inbox/plain/a.csv"] = xlsx([])
    with pytest.raises(PoisonError, match="the file is empty"):
        desk.reader.handle(event("inbox/plain/a.csv"))
