"""What workbooks do that a reader must not take for something else."""

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from tests.standby.imports.test_reading import PLAIN, Desk
from tests.standby.imports.workbooks import ods


@pytest.fixture
def desk() -> Desk:
    return Desk()


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet(*rows: list[Any]) -> tuple[openpyxl.Workbook, Any]:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book, book.active


def patched(book: bytes, old: bytes, new: bytes) -> bytes:
    """Write another thing into the first sheet, as other writers than openpyxl would."""
    return replaced(book, "xl/worksheets/sheet1.xml", old, new)


def replaced(book: bytes, part: str, old: bytes, new: bytes) -> bytes:
    source, file = zipfile.ZipFile(io.BytesIO(book)), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for each in source.infolist():
            content = source.read(each)
            if each.filename == part:
                assert old in content
                content = content.replace(old, new)
            made.writestr(each, content)
    return file.getvalue()


@pytest.mark.parametrize("said", ["#N/A", "#DIV/0!", "#REF!"])
@pytest.mark.parametrize("more", [{"empty_is_zero": True}, {"zero_words": [""]}])
def test_an_error_in_a_cell_never_makes_a_sku_nothing(desk: Desk, said: str, more: dict[str, Any]) -> None:
    desk.files.mappings["plain"] = PLAIN | more
    book, rows = sheet(["Item", "Qty"], ["A", 5], ["B", None], ["C", None])
    rows["B3"] = said
    rows["B3"].data_type = "e"
    desk.put(saved(book))
    assert desk.told() == {("W", "A"): 5, ("W", "C"): 0}
    assert [bad["line"] for bad in desk.files.found("bad")] == [3]


def test_a_formula_that_nobody_calculated_never_makes_a_sku_nothing(desk: Desk) -> None:
    """As openpyxl, EPPlus or PhpSpreadsheet write it: Excel would show 3."""
    desk.files.mappings["plain"] = PLAIN | {"empty_is_zero": True}
    book, _ = sheet(["Item", "Qty"], ["A", 5], ["B", "=1+2"])
    desk.put(saved(book))
    assert ("W", "B") not in desk.told()
    assert [bad["line"] for bad in desk.files.found("bad")] == [3]


def test_an_error_in_a_full_count_raises_a_doubt(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"empty_is_zero": True, "full_count": True}
    book, rows = sheet(["Item", "Qty"], ["A", 5], ["B", None])
    rows["B3"] = "#N/A"
    rows["B3"].data_type = "e"
    desk.put(saved(book))
    assert "doubt" in desk.messages()[-1]
    assert ("W", "B") not in desk.told()


@pytest.mark.parametrize("cell", [date(2026, 3, 12), True, 9507199254740993, 1.5e-7])
def test_what_a_spreadsheet_made_of_an_id_is_a_bad_line(desk: Desk, cell: Any) -> None:
    """``3-12`` became a date, a number beyond 2^53 became ``9507199254740992.0``: told as SKUs that do not exist."""
    book, _ = sheet(["Item", "Qty"], ["A", 1], [cell, 5])
    report = desk.put(saved(book))
    assert desk.told() == {("W", "A"): 1}
    assert report["totals"]["bad_lines"] == 1


def test_a_chart_in_front_is_no_sheet_to_read(desk: Desk) -> None:
    book, rows = sheet(["Item", "Qty"], ["A", 5])
    chart = BarChart()
    chart.add_data(Reference(rows, min_col=2, min_row=1, max_row=2))
    book.create_chartsheet("Chart", 0).add_chart(chart)
    desk.put(saved(book))
    assert desk.told() == {("W", "A"): 5}


@pytest.mark.parametrize(("value", "shown"), [(b"7.999999999999999", 8), (b"434.99999999999994", 435)])
def test_a_calculated_quantity_is_what_the_spreadsheet_shows(desk: Desk, value: bytes, shown: int) -> None:
    """``=(0.1+0.7)*10`` and ``=4.35*100`` as Excel stores them; it shows 8 and 435 (it has 15 digits)."""
    book, _ = sheet(["Item", "Qty"], ["A", 777])
    desk.put(patched(saved(book), b"<v>777</v>", b"<v>" + value + b"</v>"))
    assert desk.told() == {("W", "A"): shown}


def test_every_number_that_may_have_lost_zeros_is_named_not_only_among_the_first_twenty(desk: Desk) -> None:
    book, rows = sheet(["Item", "Qty"], *([10_000 + n, 1] for n in range(25)))
    rows.append([123, 1])
    rows.append(["00124", 2])
    report = desk.put(saved(book))
    assert any("123" in remark for remark in report["remarks"])


def test_a_number_that_the_sheet_shows_with_zeros_is_named(desk: Desk) -> None:
    """Excel shows 00123 (the number 123 with the format 00000); told was a SKU 123, without a remark."""
    book, rows = sheet(["Item", "Qty"], [123, 5], [45, 5])
    for cell in ("A2", "A3"):
        rows[cell].number_format = "00000"
    report = desk.put(saved(book))
    assert ("W", "00123") in desk.told() or report["remarks"] or report["totals"]["bad_lines"]


def test_a_tiny_number_of_a_workbook_is_read_with_a_decimal_comma_too(desk: Desk) -> None:
    """``=1-0.9-0.1`` is -2.8E-17, which Excel shows as 0. With ``decimal: ","`` it was no number."""
    desk.files.mappings["plain"] = PLAIN | {"decimal": ","}
    book, _ = sheet(["Item", "Qty"], ["A", 777], ["B", 1])
    report = desk.put(patched(saved(book), b"<v>777</v>", b"<v>-2.7755575615628914e-17</v>"))
    assert (desk.told()["W", "A"] in {0, -1}, report["totals"]["bad_lines"]) == (True, 0)


def test_a_sum_with_a_residue_is_what_the_spreadsheet_shows(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"sum_lines": True}
    book, _ = sheet(["Item", "Qty"], ["A", 777], ["A", 5])
    desk.put(patched(saved(book), b"<v>777</v>", b"<v>-2.7755575615628914e-17</v>"))
    assert desk.told() == {("W", "A"): 5}


def test_an_error_in_a_status_is_not_passed_over(desk: Desk) -> None:
    """A broken VLOOKUP in the status column put what is sold out back on sale, with the quantity beside it."""
    desk.files.mappings["plain"] = PLAIN | {
        "columns": {"sku": "Item", "on_hand": "Qty", "status": "State"},
        "zero_words": ["gone"],
    }
    book, rows = sheet(["Item", "Qty", "State"], ["A", 7, None], ["B", 1, "here"])
    rows["C2"] = "#N/A"
    rows["C2"].data_type = "e"
    desk.put(saved(book))
    assert desk.told() == {("W", "B"): 1}


def test_an_error_as_libreoffice_writes_it_never_makes_a_sku_nothing(desk: Desk) -> None:
    """What LibreOffice writes for ``=NA()``."""
    error = (
        b'<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value=""'
        b' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
        b' calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    )
    book = ods([["Item", "Qty"], ["A", 5], ["B", None], ["C", None]])
    row = b"<text:p>B</text:p></table:table-cell>"
    desk.files.mappings["plain"] = PLAIN | {"empty_is_zero": True}
    desk.put(replaced(book, "content.xml", row + b"<table:table-cell/>", row + error))
    assert desk.told() == {("W", "A"): 5, ("W", "C"): 0}
    assert [bad["line"] for bad in desk.files.found("bad")] == [3]
