"""Files as ERPs write them, record by record."""

# ruff: noqa: RUF001 - Hebrew letters are no Latin ones

import io
import tracemalloc
from typing import Any

import pytest
from standby.imports.csv_file import LONGEST_LINE, Record, below_the_header, records
from standby.imports.model import Layout, UnreadableError


def read(content: bytes, **layout: Any) -> list[Record]:
    return list(records(io.BytesIO(content), Layout(columns={}, **layout)))


def cells(content: bytes, **layout: Any) -> list[list[str]]:
    return [record.cells for record in read(content, **layout)]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found_in_the_first_line(delimiter: str) -> None:
    content = delimiter.join(["sku", '"a;b,c\td|e,,,;;;"', "qty", "x"]) + "\n"
    assert cells(content.encode()) == [["sku", "a;b,c\td|e,,,;;;", "qty", "x"]]


def test_a_byte_order_mark_is_no_part_of_the_first_title() -> None:
    assert cells("\ufeffsku;qty\nA;1\n".encode()) == [["sku", "qty"], ["A", "1"]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_a_quotation_mark_within_a_heading_is_a_letter(delimiter: str) -> None:
    lines = [['מק"ט', "כמות", 'ש"ח'], ["א-1", "5", "9.90"], ['א"ב', "6", '12"']]
    content = "\n".join(delimiter.join(line) for line in lines)
    assert cells(content.encode()) == lines


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_the_line_that_tells_excel_the_delimiter_tells_it_here_and_is_no_record(line: str) -> None:
    content = f"{line}\nsku;a,b,c\nA;1\n".encode()
    found = read(content)
    assert [(record.line, record.cells) for record in found] == [(2, ["sku", "a,b,c"]), (3, ["A", "1"])]
    assert cells(content, delimiter=",") == cells(content, skip_lines=1) == [["sku", "a,b,c"], ["A", "1"]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_a_mark_of_utf_16_outweighs_the_mapping(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    assert cells(f"{mark}מק״ט\tqty\nA\t1\n".encode(encoding)) == [["מק״ט", "qty"], ["A", "1"]]


def test_hebrew_of_windows_is_read() -> None:
    assert cells("מק״ט;כמות\nא-1;5\n".encode("windows-1255"), encoding="windows-1255") == [
        ["מק״ט", "כמות"],
        ["א-1", "5"],
    ]


def test_what_excel_calls_unicode_text_is_read() -> None:
    assert cells("sku\tqty\nA\t1\n".encode("utf-16"), encoding="utf-16") == [["sku", "qty"], ["A", "1"]]


def test_quoted_line_breaks_belong_to_the_cell_and_lines_are_counted_on() -> None:
    content = b'sku,about,qty\r\nA,"two\r\nlines ""quoted""",1\r\nB,x,2\r\n'
    found = read(content, delimiter=",")
    assert [(record.line, record.lines) for record in found] == [(1, 1), (2, 2), (4, 1)]
    assert found[1].cells == ["A", 'two\r\nlines "quoted"', "1"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_and_a_missing_last_one_will_do(ending: str) -> None:
    assert cells(ending.join(["sku;qty", "A;1", "", "B;2"]).encode()) == [["sku", "qty"], ["A", "1"], ["B", "2"]]


def test_titles_above_the_header_are_skipped_and_counted() -> None:
    content = b"Stock report\n22.11.2026\nsku;qty\nA;1\n"
    found = read(content, skip_lines=2)
    assert [(record.line, record.cells) for record in found] == [(3, ["sku", "qty"]), (4, ["A", "1"])]


def test_a_stray_quotation_mark_is_reported_and_never_swallows_records_in_silence() -> None:
    content = b'sku;about;qty\nA;"12 inch;5\nB;x;6\nC;"y";7\nD;z;8\n'
    found = read(content, delimiter=";")
    assert [record.cells for record in found if not record.problem] == [["sku", "about", "qty"], ["D", "z", "8"]]
    assert [(record.line, record.lines) for record in found if record.problem] == [(2, 3)]


def test_an_endless_quotation_ends() -> None:
    content = b'sku;qty\nA;"1\n' + b"B;2\n" * 20_000
    found = read(content, delimiter=";")
    problems = [record for record in found if record.problem]
    assert len(problems) == 1
    assert problems[0].lines + len(found) - 1 == 20_002


def test_a_file_that_is_no_text_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="a line has more than 100,000 characters"):
        below_the_header(io.BytesIO(b"\x00\x01" * LONGEST_LINE), Layout(columns={"sku": 1}))
    with pytest.raises(UnreadableError, match="not utf-16"):
        cells(b"\xff\xfes\x00\x00\xdck\x00\n\x00", encoding="utf-16")


def test_memory_does_not_grow_with_the_file() -> None:
    class Endless:
        def __init__(self, lines: int) -> None:
            self.left = lines

        def read(self, amount: int = -1, /) -> bytes:
            lines = min(self.left, max(1, amount // 12))
            self.left -= lines
            return b"SKU-12345;7\n" * lines if amount >= 12 else b""

    peaks = []
    for lines in (20_000, 200_000):
        tracemalloc.start()
        assert sum(1 for _ in records(Endless(lines), Layout(columns={}, delimiter=";"))) == lines
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
