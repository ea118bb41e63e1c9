"""Lines of text files: none moves, vanishes or swallows others without a word."""

import pytest
from standby.imports.csv_file import LONGEST_LINE
from standby.imports.model import LONGEST_CELL

from tests.standby.imports.test_reading import PLAIN, Desk

SWALLOWED = "quotation: a mark opens in its first line and closes in its last, and both look like whole lines"
UNLIMITED = "x" * (LONGEST_CELL + 1)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    "content",
    [
        'Item;Name;Qty\nA;"Oslo;5\nB;TV 32";3\nC;x;1\n',
        'Item;Name;Qty\nA;"Oslo;5\nD;y;2\nB;TV 32";3\nC;x;1\n',
        'Item;Qty;Name\nA;5;"Oslo\nB;3;TV 32"\nC;1;x\n',
        'Item;Name;Qty;Note\nC;x;1\nA;"Oslo;5\nB;TV 32";3\n',
        'Item;Name;Qty\nC;x;1\nA;"Oslo;5\nB;"TV;32"";3\nD;z;9\n',
    ],
    ids=["two lines", "three lines", "the last column", "lines shorter than the heading", "another cell quoted"],
)
def test_stray_quotation_marks_swallow_no_line_in_silence(desk: Desk, content: str) -> None:
    """A was told 3, which is B's; B was in no level and in no report."""
    desk.put(content)
    assert desk.told().get(("W", "A")) in {None, 5}
    assert ("W", "B") in desk.told() or "A;" in desk.files.found("bad")[0]["text"]
    assert desk.told()["W", "C"] == 1


def test_swallowed_lines_are_in_the_report_with_what_they_say(desk: Desk) -> None:
    desk.put('Item;Name;Qty\nA;"Oslo;5\nB;TV 32";3\nC;x;1\n')
    assert desk.files.found("bad") == [
        {
            "line": 2,
            "lines": 2,
            "reason": SWALLOWED,
            "text": 'A;"Oslo;5',
        }
    ]


def test_a_quoted_text_of_several_lines_is_one_cell(desk: Desk) -> None:
    desk.put('Item,Description,Qty\nA,short,5\nB,"soft, warm\nand, in a way, well\nmade",6\nC,"two\nlines",7\n')
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 6, ("W", "C"): 7}


def test_a_swallowed_line_of_a_full_count_raises_a_doubt(desk: Desk) -> None:
    """B was absent, so it became 0."""
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.put('Item;Name;Qty\nA;"Oslo;5\nB;TV 32";3\nC;x;1\n')
    assert desk.messages()[-1]["doubt"] == "2 lines of inbox/plain/stock.csv could not be read"


@pytest.mark.parametrize("line", ["B,9,90,5", "B,1,234,5", 'B,9.90,5,"x"'])
def test_a_line_with_more_cells_than_the_heading_is_not_read_shifted(desk: Desk, line: str) -> None:
    """An ERP with decimal commas that forgets to quote them: the price's cents were told as the quantity."""
    desk.put(f"Item,Price,Qty\nA,9.90,5\n{line}\n")
    assert desk.told() == {("W", "A"): 5}
    assert [(bad["line"], bad["reason"], bad["text"]) for bad in desk.files.found("bad")] == [
        (3, "it has 4 columns, and the heading 3: a cell is not quoted", line)
    ]


def test_empty_cells_behind_the_heading_are_no_others(desk: Desk) -> None:
    desk.put("Item,Price,Qty\nA,9.90,5,,\nB,1,2, \n")
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 2}


def test_a_tab_separated_file_quotes_nothing(desk: Desk) -> None:
    """Amazon's flat files: a title that begins with a mark is a title."""
    desk.put('Item\tName\tQty\nA\t"Oslo" tee\t5\nB\t"Bergen\t4\nC\tWool\t3\nD\t32" TV "x"\t2\n')
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 4, ("W", "C"): 3, ("W", "D"): 2}


def test_what_excel_quotes_in_a_tab_separated_file_is_read(desk: Desk) -> None:
    desk.put('Item\tName\tQty\n"A"\t"32"" TV"\t5\nB\t"two\nlines"\t4\nC\t"a\ttab"\t3\n"D""1"\tx\t2\n')
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 4, ("W", "C"): 3, ("W", 'D"1'): 2}


def test_a_text_that_is_too_long_for_a_cell_is_bad_only_where_it_is_read(desk: Desk) -> None:
    """Descriptions of shops are HTML. Their lines were read as lines: C was told 3."""
    desk.put(f'Item,Description,Qty\nA,short,5\nB,"{UNLIMITED}\nC,size L,3\nend",6\nC,ok,7\n"{UNLIMITED}",x,8\n')
    assert desk.told() == {("W", "A"): 5, ("W", "B"): 6, ("W", "C"): 7}
    assert [(bad["line"], bad["reason"]) for bad in desk.files.found("bad")] == [
        (7, "sku: has more than 10,000 characters")
    ]


def test_stray_marks_far_apart_swallow_only_so_many_lines(desk: Desk) -> None:
    lines = "".join(f"S{number};y;1\n" for number in range(5_000))
    report = desk.put(f'Item;Name;Qty\nA;"Oslo;5\n{lines}B;TV 32";3\nC;x;1\n')
    assert report["totals"]["bad_lines"] + report["totals"]["rows"] == 5_003
    assert report["totals"]["bad_lines"] < LONGEST_CELL // 8
    assert desk.told()["W", "B"] == 3


def test_a_line_that_is_too_long_is_one_bad_line(desk: Desk) -> None:
    """A picture stood in a description, and the whole file failed."""
    picture = "x;" * LONGEST_LINE
    report = desk.put(f'Item;Name;Qty\nA;x;5\nB;"<img src={picture}>";6\nC;"y";7\n')
    assert desk.told() == {("W", "A"): 5, ("W", "C"): 7}
    (bad,) = desk.files.found("bad")
    assert (bad["line"], bad["lines"], bad["reason"]) == (3, 1, "a line has more than 100,000 characters")
    assert (report["state"], bad["text"][:1]) == ("done", "B")


@pytest.mark.parametrize("above", ["\n", "\r\n\r\n", " \t \n", "\u00a0\n", "sep=,\n\n"])
@pytest.mark.parametrize("skip_lines", [0, 1])
def test_empty_lines_in_front_do_not_hide_the_delimiter(desk: Desk, above: str, skip_lines: int) -> None:
    """As pages of PHP write them."""
    desk.files.mappings["plain"] = PLAIN | {"skip_lines": skip_lines}
    report = desk.put(f"{above}Item,Qty\nA,x\nB,5\n")
    assert desk.told() == {("W", "B"): 5}
    (bad,) = desk.files.found("bad")
    assert bad["line"] == len(f"{above}Item\nA".splitlines())
    assert report["state"] == "done"


@pytest.mark.parametrize("mark", ["\ufeff\ufeff", "\u200f", "\u200b", "\u2068"], ids=ascii)
@pytest.mark.parametrize("place", ["{}Item;Qty", "Item{};Qty", "Item;{}Qty"])
def test_a_heading_is_found_whatever_unseen_marks_stand_around_it(desk: Desk, mark: str, place: str) -> None:
    """The report said "no column 'Item', only: Item, Qty", which nobody understands."""
    desk.put(f"{place.format(mark)}\nA;5\n")
    assert desk.told() == {("W", "A"): 5}


@pytest.mark.parametrize(
    ("named", "title"),
    [("Bestand fu\u0308r", "Bestand f\u00fcr"), ("On hand", "On\u00a0hand"), ("On hand", "On  Hand")],
    ids=["composed", "no break", "two spaces"],
)
def test_a_heading_that_looks_the_same_is_the_same(desk: Desk, named: str, title: str) -> None:
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": named}}
    desk.put(f"Item;{title}\nA;5\n")
    assert desk.told() == {("W", "A"): 5}


@pytest.mark.parametrize(
    ("word", "cell"),
    [
        ("אזל", "אזל\u200f"),
        ("\u00e9puis\u00e9", "e\u0301puise\u0301"),
        ("soldout", "sold\u200bout "),
        ("gone", "\ufeffgone"),
    ],
    ids=["direction", "composed", "no width", "byte order"],
)
@pytest.mark.parametrize("column", ["State", "Qty"])
def test_a_word_that_looks_the_same_is_the_same(desk: Desk, word: str, cell: str, column: str) -> None:
    """A status that is no word is passed over, so 7 units were told of what the file says is sold out."""
    columns = {"sku": "Item", "on_hand": "Qty", "status": "State"}
    desk.files.mappings["plain"] = PLAIN | {"columns": columns, "zero_words": [word]}
    said = {"Qty": "7", "State": ""} | {column: cell}
    desk.put(f"Item;Qty;State\nA;{said['Qty']};{said['State']}\nB;1;\n")
    assert desk.told() == {("W", "A"): 0, ("W", "B"): 1}


@pytest.mark.parametrize("other", [3, 5])
def test_two_lines_of_one_time_that_say_otherwise_are_told_of(desk: Desk, other: int) -> None:
    """A date for a time, and two bins of one SKU: the last one won in silence."""
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": "Qty", "as_of": "At"}}
    desk.put(f"Item;Qty;At\nA;5;2026-05-03\nA;{other};2026-05-03\nA;4;2026-05-02\n")
    assert desk.told() == {("W", "A"): 5}
    reason = "line 2 says otherwise of this SKU and location at the same time"
    assert [bad["reason"] for bad in desk.files.found("bad")] == ([reason] if other == 3 else [])


def test_a_title_with_commas_does_not_decide_the_delimiter(desk: Desk) -> None:
    """Told was 7 of a SKU ``101;Shirt``."""
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": 1, "on_hand": 3}, "header": False}
    desk.put("101;Shirt, 5, 7, L;12\n102;Cap;3\n103;Sock;4\n")
    assert desk.told() == {("W", "101"): 12, ("W", "102"): 3, ("W", "103"): 4}


def test_a_heading_with_commas_does_not_decide_the_delimiter(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": "Qty (pcs, boxes, pallets)"}}
    desk.put("Item;Qty (pcs, boxes, pallets)\n101;12\n102;3\n")
    assert desk.told() == {("W", "101"): 12, ("W", "102"): 3}


@pytest.mark.parametrize("end", ["\x1a", "  ;  \r\n", "\x0c", "\u00a0\r\n", ";\x1a"], ids=ascii)
def test_an_end_that_says_nothing_is_no_bad_line(desk: Desk, end: str) -> None:
    """DOS programs (cp862) end files with Ctrl-Z, others with padding: a full count waited for approval each night."""
    report = desk.put(f"Item;Qty\r\nA;5\r\n{end}")
    assert report["totals"] == {"rows": 1, "bad_lines": 0, "levels": 1}
