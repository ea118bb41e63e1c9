"""Cells of workbooks that say nothing true: errors, formulas that nobody calculated, what was made of ids."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.chart import BarChart, Reference
from standby.platform.queue import PoisonError

from tests.standby.imports.test_packed import zipped
from tests.standby.imports.test_reading import PLAIN, Desk
from tests.standby.imports.workbooks import xlsx

NAMES = "urn:oasis:names:tc:opendocument:xmlns"
HEAD = (
    f'xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0" xmlns:text="{NAMES}:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
EMPTY_IS_ZERO = pytest.mark.parametrize("more", [{"empty_is_zero": True}, {"zero_words": [""]}], ids=str)
UNCALCULATED = "on_hand: no program has calculated this formula yet; open and save the workbook in a spreadsheet"
NOT_AVAILABLE = "on_hand: a spreadsheet could not calculate it, and says #N/A"
DAY = datetime(2026, 3, 12, tzinfo=UTC).replace(tzinfo=None)
"""As spreadsheets have days: without a zone."""


@pytest.fixture
def desk() -> Desk:
    return Desk()


def rewritten(book: bytes, changes: Mapping[bytes, bytes]) -> bytes:
    """Write other things into the first sheet, as other programs than openpyxl do."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for old, new in changes.items():
        assert old in parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(old, new)
    return zipped(parts)


def with_cell(cell: bytes) -> bytes:
    """Return a workbook in which ``cell`` is the quantity of B; A has 5 and C an empty one."""
    book = xlsx([["Item", "Qty"], ["A", 5], ["B", 777], ["C", None]])
    return rewritten(book, {b'<c r="B3" t="n"><v>777</v></c>': cell})


def old_with(write: Callable[[Any], None]) -> bytes:
    """Return an old workbook in which something was written; A has 5 and C an empty quantity."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Stock")
    for y, row in enumerate((("Item", "Qty"), ("A", 5), ("B",), ("C",))):
        for x, cell in enumerate(row):
            sheet.write(y, x, cell)
    write(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def open_with(cell: str) -> bytes:
    """Return a workbook of OpenDocument in which ``cell`` is the quantity of B."""

    def text(said: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{said}</text:p></table:table-cell>'

    rows = (text("Item") + text("Qty"), text("A") + text("5"), text("B") + cell, text("C") + "<table:table-cell/>")
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0"?><office:document-content {HEAD}><office:body><office:spreadsheet><table:table'
        f' table:name="S">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "META-INF/manifest.xml": b"<manifest/>", "content.xml": content.encode()})


WITHOUT_VALUE = {
    "error": (with_cell(b'<c r="B3" t="e"><v>#N/A</v></c>'), NOT_AVAILABLE),
    "error of a formula": (with_cell(b'<c r="B3" s="0" t="e"><f>NA()</f><v>#N/A</v></c>'), NOT_AVAILABLE),
    "error without a text": (with_cell(b'<c r="B3" t="e"/>'), NOT_AVAILABLE),
    "error that the library does not know": (
        with_cell(b'<c r="B3" t="e"><v>#SPILL!</v></c>'),
        NOT_AVAILABLE.replace("#N/A", "#SPILL!"),
    ),
    "formula": (with_cell(b'<c r="B3"><f>1+2</f><v /></c>'), UNCALCULATED),
    "formula without a value": (with_cell(b'<c r="B3" t="str"><f t="shared" ref="B3" si="0">A3</f></c>'), UNCALCULATED),
    "old error": (old_with(lambda sheet: sheet.row(2).set_cell_error(1, 42)), NOT_AVAILABLE),
    "old formula": (old_with(lambda sheet: sheet.write(2, 1, xlwt.Formula("1+2"))), UNCALCULATED),
    "open error": (
        open_with(
            '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value=""'
            ' calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
        ),
        NOT_AVAILABLE,
    ),
    "open error that is a 0": (
        open_with(
            '<table:table-cell table:formula="of:=A1/&quot;&gt;&quot;" office:value-type="float" office:value="0">'
            "<text:p>Err:502</text:p></table:table-cell>"
        ),
        NOT_AVAILABLE.replace("#N/A", "Err:502"),
    ),
    "open formula": (open_with('<table:table-cell table:formula="of:=1+2"/>'), UNCALCULATED),
    "open formula of a text": (
        open_with('<table:table-cell table:formula="of:=A1" office:value-type="string"/>'),
        UNCALCULATED,
    ),
    "open formula with a kind": (
        open_with('<table:table-cell table:formula="of:=1+2" office:value-type="float"></table:table-cell>'),
        UNCALCULATED,
    ),
}


@EMPTY_IS_ZERO
@pytest.mark.parametrize(("content", "reason"), WITHOUT_VALUE.values(), ids=WITHOUT_VALUE)
def test_a_cell_without_a_value_never_makes_a_sku_nothing(
    desk: Desk, content: bytes, reason: str, more: dict[str, Any]
) -> None:
    desk.files.mappings["plain"] = PLAIN | more
    desk.put(content)
    assert desk.told() == {("W", "A"): 5, ("W", "C"): 0}
    assert [(bad["line"], bad["reason"]) for bad in desk.files.found("bad")] == [(3, reason)]


CALCULATED_TO_NOTHING = (
    '<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string" office:string-value=""/>'
)


@pytest.mark.parametrize(
    "content",
    [with_cell(b'<c r="B3" t="str"><f>""</f><v></v></c>'), open_with(CALCULATED_TO_NOTHING)],
    ids=["xlsx", "ods"],
)
def test_a_formula_that_was_calculated_to_nothing_is_an_empty_cell(desk: Desk, content: bytes) -> None:
    desk.files.mappings["plain"] = PLAIN | {"empty_is_zero": True}
    desk.put(content)
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 0, ("W", "C"): 0}


def test_cells_that_do_not_say_where_they_are_have_errors_too(desk: Desk) -> None:
    """Some programs leave out the references."""
    desk.files.mappings["plain"] = PLAIN | {"empty_is_zero": True}
    book = xlsx([["Item", "Qty"], ["A", 777], ["B", 5]])
    places = {f' r="{place}"'.encode(): b"" for place in ("A1", "B1", "A2", "B2")}
    desk.put(rewritten(book, places | {b' t="n"><v>777</v>': b' t="e"><v>#REF!</v>'}))
    assert desk.told() == {("W", "B"): 5}


def test_an_error_in_a_full_count_raises_a_doubt(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"empty_is_zero": True, "full_count": True}
    desk.put(WITHOUT_VALUE["error"][0])
    assert desk.messages()[-1]["doubt"] == "1 line of inbox/plain/stock.csv could not be read"
    assert ("W", "B") not in desk.told()


def test_an_error_that_the_mapping_names_is_what_it_says(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"zero_words": ["#N/A"]}
    desk.put("Item;Qty\nA;5\nB;#N/A\n")
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 0}


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#NV", "#WERT!", "#¡VALOR!", "Err:508", "#NAME?"])
@pytest.mark.parametrize("column", ["Item", "Loc", "State"])
def test_an_error_is_no_id_and_no_state(desk: Desk, error: str, column: str) -> None:
    """A spreadsheet writes it into files of text, too, in its language."""
    columns = {"sku": "Item", "location": "Loc", "status": "State", "on_hand": "Qty"}
    desk.files.mappings["plain"] = {"columns": columns, "zero_words": ["gone"], "version": 1}
    line = {"Item": "B", "Loc": "W", "State": "there", "Qty": "3"} | {column: error}
    desk.put(f"Item;Loc;State;Qty\nA;W;there;5\n{';'.join(line.values())}\n#12;W;there;1\n")
    assert desk.told() == {("W", "A"): 5, ("W", "#12"): 1}
    assert [error in bad["reason"] for bad in desk.files.found("bad")] == [True]


@pytest.mark.parametrize("sku", ["4.00638E12", "4.006381333931E12", "4.00638e12", "1.0E-5", "4,00638E+12"])
def test_scientific_notation_is_damage_in_every_spelling(desk: Desk, sku: str) -> None:
    """Java writes no plus."""
    desk.put(f"Item;Qty\n{sku};3\nA;1\n3E12;2\n")
    assert desk.told() == {("W", "A"): 1, ("W", "3E12"): 2}


@pytest.mark.parametrize(
    "cell",
    [DAY, time(3, 12), True, 9507199254740993, 1.5e-7, 2e-7],
    ids=["date", "time", "truth", "too many digits", "small", "small and round"],
)
@pytest.mark.parametrize("column", ["sku", "location"])
def test_what_a_spreadsheet_made_of_an_id_is_a_bad_line(desk: Desk, cell: object, column: str) -> None:
    """``3-12`` became a date, ``9507199254740993`` another number: told as ids that do not exist."""
    desk.files.mappings["plain"] = {"columns": {"sku": 1, "location": 2, "on_hand": 3}, "header": False, "version": 1}
    desk.put(xlsx([["A", "W", 1], [cell, "W", 5] if column == "sku" else ["B", cell, 5]]))
    assert desk.told() == {("W", "A"): 1}
    assert [bad["reason"].startswith(f"{column}: a spreadsheet ") for bad in desk.files.found("bad")] == [True]


def test_a_date_is_no_quantity_whatever_the_format_of_times(desk: Desk) -> None:
    """By ``%Y%m%d`` it was a number of units."""
    desk.files.mappings["plain"] = PLAIN | {"time_format": "%Y%m%d"}
    desk.put(xlsx([["Item", "Qty"], ["A", 1], ["B", DAY]]))
    assert desk.told() == {("W", "A"): 1}


def test_a_truth_value_is_a_state(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {
        "columns": {"sku": "Item", "status": "There", "on_hand": "Qty"},
        "zero_words": ["false"],
    }
    desk.put(xlsx([["Item", "There", "Qty"], ["A", True, 5], ["B", False, 5]]))
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 0}


@pytest.mark.parametrize(
    ("value", "shown"), [("7.999999999999999", 8), ("434.99999999999994", 435), ("2.0000000000000004E3", 2000)]
)
def test_a_calculated_quantity_is_what_the_spreadsheet_shows(desk: Desk, value: str, shown: int) -> None:
    """``=(0.1+0.7)*10`` and ``=4.35*100`` as Excel stores them: it shows 15 digits."""
    desk.put(with_cell(f'<c r="B3"><v>{value}</v></c>'.encode()))
    assert desk.told()["W", "B"] == shown


RESIDUE = b'<c r="B3"><v>-2.7755575615628914e-17</v></c>'
"""``=1-0.9-0.1`` as Excel stores it: it comes to 0."""


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_residue_of_a_calculation_is_nothing(desk: Desk, decimal: str) -> None:
    desk.files.mappings["plain"] = PLAIN | {"decimal": decimal}
    desk.put(with_cell(RESIDUE))
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 0}


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_small_number_is_read_by_its_decimal_sign(desk: Desk, decimal: str) -> None:
    desk.files.mappings["plain"] = PLAIN | {"decimal": decimal, "unit_factor": 1_000_000}
    desk.put(with_cell(b'<c r="B3"><v>2.5e-5</v></c>'))
    assert desk.told()["W", "B"] == 25


@pytest.mark.parametrize("units", ["-2.77556E-17", "-0.00000000001"])
def test_a_residue_takes_no_unit_from_a_sum(desk: Desk, units: str) -> None:
    desk.files.mappings["plain"] = PLAIN | {"sum_lines": True}
    desk.put(f"Item;Qty\nA;{units}\nA;5\nB;7.9999999999999\n")
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 8}


def test_a_number_that_is_none_is_a_bad_line(desk: Desk) -> None:
    desk.put(with_cell(b'<c r="B3"><v>1E999</v></c>'))
    assert NOT_AVAILABLE.replace("#N/A", "#NUM!") in [bad["reason"] for bad in desk.files.found("bad")]


def padded() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([["Item", "Qty"], [123, 5], [45, 5], ["x", 2]])))
    for cell in ("A2", "A3", "B4"):
        book.active[cell].number_format = "00000"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def old_padded() -> bytes:
    zeros = xlwt.easyxf(num_format_str="00000")

    def write(sheet: Any) -> None:
        for place, cell in enumerate((123, 45, 1.5)):
            sheet.write(4 + place, 0, cell, zeros)
            sheet.write(4 + place, 1, 5)

    return old_with(write)


def open_padded() -> bytes:
    number = '<table:table-cell office:value-type="float" office:value="{}"><text:p>{}</text:p></table:table-cell>'
    rows = (number.format(n, f"{n:05}") + number.format(5, 5) for n in (123, 45))
    return open_with(
        "<table:table-cell/></table:table-row><table:table-row>" + "</table:table-row><table:table-row>".join(rows)
    )


@pytest.mark.parametrize("content", [padded(), old_padded(), open_padded()], ids=["xlsx", "xls", "ods"])
def test_a_number_is_the_id_that_the_sheet_shows(desk: Desk, content: bytes) -> None:
    """Excel shows 00123: the number 123 with the format 00000."""
    desk.put(content)
    assert {("W", "00123"): 5, ("W", "00045"): 5}.items() <= desk.told().items()
    assert ("W", "123") not in desk.told()


def test_every_short_number_is_named_beside_ids_with_zeros(desk: Desk) -> None:
    report = desk.put(xlsx([["Item", "Qty"], *([10_000 + n, 1] for n in range(25)), [123, 1], ["00124", 2]]))
    assert report["remarks"] == ["column 1: 123 may have lost leading zeros: others there have some and are text"]


def test_a_chart_in_front_is_no_sheet_to_read(desk: Desk) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([["Item", "Qty"], ["A", 5]])))
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=2))
    book.create_chartsheet("Chart", 0).add_chart(chart)
    file = io.BytesIO()
    book.save(file)
    desk.put(file.getvalue())
    assert desk.told() == {("W", "A"): 5}
    desk.files.mappings["plain"] = PLAIN | {"sheet": "Chart"}
    with pytest.raises(PoisonError, match="there is none that is called 'Chart', only: Stock"):
        desk.put(file.getvalue(), key="inbox/plain/other.xlsx")


def test_a_workbook_in_excels_own_bytes_is_refused(desk: Desk) -> None:
    """Of it nobody can tell which cells are errors."""
    with pytest.raises(PoisonError, match="save it as"):
        desk.put(zipped({"xl/workbook.bin": b"x"}))
