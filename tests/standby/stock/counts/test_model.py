"""What a line of a file says, by its mapping."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.imports.model import BadLineError, CellReader, Layout, UnusableMappingError, number_reader, places
from standby.platform.identifier import Ids
from standby.stock.counts.model import CountsMapping, Line, LineReader, Sum, whole_units
from standby.stock.counts.service import check

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)


def reader(titles: list[str] | None, **more: Any) -> LineReader:
    columns = more.pop("columns", {"sku": "Item", "on_hand": "Qty"})
    place = {} if "location" in columns else {"location_id": "W"}
    document = {"columns": columns, **place, **more}
    layout = Layout.from_document(document)
    return LineReader(CountsMapping.from_document(document, layout), CellReader(layout, places(layout, titles), NOW))


def read(header: str, row: str, **more: Any) -> Line:
    return reader(header.split(";"), **more).read(row.split(";"))


@pytest.mark.parametrize(
    ("decimal", "text", "number"),
    [
        (",", "1.234,50", "1234.50"),
        (",", "1 234", "1234"),
        (",", "1\u00a0234,5", "1234.5"),
        (",", "0,5", "0.5"),
        (",", "-7", "-7"),
        (",", "7-", "-7"),
        (".", "1,234.5", "1234.5"),
        (".", "1'234", "1234"),
        (".", "+12", "12"),
        (".", "12.", "12"),
        (".", "0012", "12"),
        (".", "1e0", "1"),
        (".", "1E+1", "10"),
        (".", ".5", "0.5"),
        (",", "-1,2E+03", "-1200"),
    ],
)
def test_numbers_are_read_as_erps_print_them(decimal: str, text: str, number: str) -> None:
    assert number_reader(decimal)(text) == Decimal(number)


@pytest.mark.parametrize(
    ("decimal", "text"),
    [
        (".", "1,5"),
        (",", "1.5"),
        (".", "12,34"),
        (".", ""),
        (".", "five"),
        (".", "1,000e3"),
        (".", "."),
        (".", "e3"),
        (".", "1e100"),
        (".", "NaN"),
        (".", "-5-"),
    ],
)
def test_a_number_that_may_mean_something_else_is_none(decimal: str, text: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - its text is the number's
        number_reader(decimal)(text)
    assert str(error.value) == text


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=3))
def test_every_number_survives_the_way_an_erp_prints_it(number: Decimal) -> None:
    printed = f"{number:,.3f}".translate(str.maketrans(",.", ".,"))
    assert number_reader(",")(printed) == number


@pytest.mark.parametrize(("units", "whole"), [("2.9", 2), ("-0.5", -1), ("3", 3)])
def test_decimals_round_down(units: str, whole: int) -> None:
    assert whole_units(Decimal(units)) == whole


def test_columns_are_found_by_name_whatever_the_capitals_and_spaces() -> None:
    assert read("Name; QTY ;item", "x;5;A-1") == Line("A-1", "W", Decimal(5))


def test_columns_are_found_by_number() -> None:
    made = reader(None, columns={"sku": 2, "on_hand": 3}, header=False)
    assert made.read(["x", "A", "5"]) == Line("A", "W", Decimal(5))


def test_a_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnusableMappingError, match="no column 'Qty', only: Item, Menge"):
        read("Item;Menge", "A;5")


def test_skus_are_brought_into_the_shops_form() -> None:
    assert read("Item;Qty", " ERP-ab.1 ;5", sku_prefix="ERP-", sku_upper=True).sku == "AB.1"


@pytest.mark.parametrize("prefix", ["erp-é", "ERP-e\u0301"])
def test_a_prefix_is_compared_as_skus_are(prefix: str) -> None:
    made = replace(reader(["Item", "Qty"], sku_prefix=prefix), ids=Ids("upper"))
    assert [made.read([f"{front}a-1", "5"]).sku for front in ("ERP-É", "erp-e\u0301", "")] == ["A-1"] * 3


def test_units_are_multiplied() -> None:
    assert read("Item;Qty", "A;2,5", decimal=",", unit_factor=12).on_hand == Decimal(30)


@pytest.mark.parametrize(
    ("text", "more", "instant"),
    [
        ("2026-05-03T09:00:00", {"time_zone": "Asia/Jerusalem"}, datetime(2026, 5, 3, 6, 0, tzinfo=UTC)),
        ("2026-05-03T09:00:00+02:00", {"time_zone": "Asia/Jerusalem"}, datetime(2026, 5, 3, 7, 0, tzinfo=UTC)),
        (
            "03/05/2026 09:00",
            {"time_format": "%d/%m/%Y %H:%M", "time_zone": "Europe/Berlin"},
            datetime(2026, 5, 3, 7, 0, tzinfo=UTC),
        ),
    ],
)
def test_times_without_a_zone_are_the_mappings(text: str, more: dict[str, Any], instant: datetime) -> None:
    columns = {"sku": "Item", "on_hand": "Qty", "as_of": "At"}
    assert read("Item;Qty;At", f"A;5;{text}", columns=columns, **more).as_of == instant


@pytest.mark.parametrize(
    ("row", "more", "reason"),
    [
        (";5", {}, "sku: is empty"),
        ("A\aB;5", {}, "sku: has U+0007 in it, which nobody sees or tells from a space"),
        ("A;", {}, "on_hand: '' is no number"),
        ("A;5,5", {}, "on_hand: '5,5' is no number"),
        ("A;9999999999", {}, "on_hand: '9999999999' is too large"),
        ("A", {}, "on_hand: the line has only 1 column"),
        ("\udcff;5", {}, "sku: not in the encoding utf-8"),
    ],
)
def test_a_bad_line_says_what_is_wrong(row: str, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadLineError) as error:
        read("Item;Qty", row, **more)
    assert str(error.value) == reason


def test_an_empty_quantity_is_nothing_where_the_mapping_says_so() -> None:
    assert read("Item;Qty", "A;", empty_is_zero=True).on_hand == 0


def test_a_time_ahead_is_bad() -> None:
    columns = {"sku": "Item", "on_hand": "Qty", "as_of": "At"}
    with pytest.raises(BadLineError, match="ahead"):
        read("Item;Qty;At", "A;5;2026-05-03T10:06:00Z", columns=columns)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"columns": {"sku": "A"}, "location_id": "W"}, "on_hand or available is needed"),
        ({"columns": {"sku": "A", "on_hand": "B", "available": "C"}, "location_id": "W"}, "instead of on_hand"),
        ({"columns": {"sku": "A", "on_hand": "B"}}, "either columns.location or location_id"),
        ({"columns": {"sku": "A", "on_hand": "B", "location": "C"}, "location_id": "W"}, "either columns.location"),
        ({"columns": {"sku": "A", "on_hand": 2}, "location_id": "W", "header": False}, "they are numbered"),
        ({"columns": {"sku": 1, "on_hand": 2}, "location_id": "W", "time_zone": "Mars/Base"}, "'Mars/Base' is none"),
        *(
            ({"columns": {"sku": 1, "on_hand": 2}, "location_id": "W", "time_format": form}, f"time_format: {said}")
            for form, said in (
                ("%d.%m.%Y %H:%m", ".* is none"),
                ("%Q", "'%Q' is none"),
                ("%d.%m.", ".* says no whole date"),
                ("x", "'x' says no whole date"),
                ("%Y-%m-%d %H:%M %Z", ".* a zone's name is not read"),
                ("%Y-%m-%d %I:%M", ".* would read 21:43:56 as 09:43:00: say %H, or %I with %p"),
                ("%Y-%m-%d %I:%M:%S %%p", ".* would read 21:43:56 as 09:43:56"),
                ("%Y-%m-%d %M", ".* would read 21:43:56 as 00:43:00"),
            )
        ),
    ],
)
def test_a_mapping_that_no_file_fits_is_refused(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnusableMappingError, match=reason):
        check(document)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0E-10", "0"),
        (".00", "0"),
        ("'-3", "-3"),
        ("\u22123", "-3"),
        ('="5"', "5"),
        ('=" 12 "', "12"),
        (">100", "100"),
        (">= 100", "100"),
        ("100+", "100"),
        ("1,000 +", "1000"),
        ("5 ", "5"),
    ],
)
def test_a_quantity_as_spreadsheets_and_shops_write_it(text: str, units: str) -> None:
    assert read("Item;Qty", f"A;{text}").on_hand == Decimal(units)


@pytest.mark.parametrize("text", ["<5", "~5", "5-10", "+", ">", "''5", '="five"', "100++", "5 pcs"])
def test_a_quantity_of_which_nobody_knows_how_many_it_is_at_least_is_none(text: str) -> None:
    with pytest.raises(BadLineError, match=r"on_hand: .* is no number"):
        read("Item;Qty", f"A;{text}")


@pytest.mark.parametrize(
    ("text", "sku"),
    [('="00123"', "00123"), ("'00123", "00123"), ("'=A1", "=A1"), ("'n Sync", "'n Sync"), ("1E10", "1E10")],
)
def test_a_sku_is_what_stands_there_without_what_keeps_it_text(text: str, sku: str) -> None:
    assert read("Item;Qty", f"{text};1").sku == sku


@pytest.mark.promise("P9")
@pytest.mark.parametrize("text", ["4.00638E+12", "4,00638E+12", "4E+12", "'4.00638e+12", '="4.00638E+12"'])
def test_a_number_that_a_spreadsheet_cut_is_a_bad_line(text: str) -> None:
    with pytest.raises(BadLineError, match=r"sku: a spreadsheet damaged '4.*make the column text before saving"):
        read("Item;Qty", f"{text};1")


STATED: dict[str, Any] = {
    "columns": {"sku": "Item", "on_hand": "Qty", "status": "State"},
    "zero_words": ["Not  stocked", "אזל"],
    "keep_words": ["n/a"],
}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A;not stocked;", Decimal(0)),
        ("A;אזל;", Decimal(0)),
        ("A;7;NOT STOCKED", Decimal(0)),
        ("A;;not stocked", Decimal(0)),
        ("A;7;active", Decimal(7)),
        ("A;7;", Decimal(7)),
        ("A;N/A;active", None),
        ("A;7;n/a", None),
        ("A;not stocked;n/a", None),
    ],
)
def test_words_mean_none_or_leave_things_as_they_are_and_a_status_outweighs_the_quantity(
    row: str, said: Decimal | None
) -> None:
    line = read("Item;Qty;State", row, **STATED)
    assert (line.on_hand, line.keeps) == (said, said is None)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"keep_words": [""], "empty_is_zero": True}, "keep_words: an empty quantity is 0 by empty_is_zero"),
        ({"keep_words": ["NOT stocked"]}, "keep_words: 'not stocked' is in zero_words, too"),
        ({"sum_lines": True}, "keep_words: where lines are added up"),
        ({"zero_words": None, "keep_words": None}, "columns.status: zero_words or keep_words"),
    ],
)
def test_words_that_contradict_the_mapping_are_refused_when_it_is_saved(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnusableMappingError, match=reason):
        check({"location_id": "W", **STATED, **more})


def test_an_empty_quantity_can_leave_things_as_they_are_and_an_empty_status_says_nothing() -> None:
    stated = STATED | {"keep_words": [""]}
    assert [read("Item;Qty;State", row, **stated).keeps for row in ("A;;active", "A;;", "A;7;", "A;;not stocked")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_column_whose_title_stands_there_twice_is_named_with_its_numbers() -> None:
    with pytest.raises(UnusableMappingError, match="several columns are called 'Qty': 2, 4; say the number of yours"):
        read("Item;Qty;Name;QTY ", "A;5;x;6")
    assert read("Item;Qty;Name;Qty", "A;5;x;6", columns={"sku": "Item", "on_hand": 4}).on_hand == Decimal(6)
    assert read("Item;Qty;Name;Name", "A;5;x;y").on_hand == Decimal(5)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"sku": 1, "on_hand": 2, "committed": 2}, "columns.committed: it is the column of on_hand, too"),
        ({"sku": "Item", "on_hand": " ITEM "}, "columns.on_hand: it is the column of sku, too"),
        ({"sku": "Item", "available": "Qty", "as_of": "Qty"}, "columns.as_of: it is the column of available, too"),
        ({"sku": "Item", "location": "Item", "on_hand": "Qty"}, "columns.location: it is the column of sku, too"),
    ],
    ids=["two quantities", "the SKU as quantity", "the quantity as time", "the SKU as location"],
)
def test_two_columns_of_a_mapping_are_never_one(columns: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnusableMappingError, match=reason):
        reader(None, columns=columns)


def test_a_status_may_stand_in_the_quantitys_column() -> None:
    columns = {"sku": "Item", "on_hand": "Qty", "status": "Qty"}
    rows = [read("Item;Qty", f"A;{said}", columns=columns, zero_words=["gone"]) for said in ("gone", "7")]
    assert [line.on_hand for line in rows] == [0, 7]


def test_a_format_of_times_may_say_hours_only_or_twelve_of_them() -> None:
    columns = {"sku": "Item", "on_hand": "Qty", "as_of": "At"}
    for form, text in (("%d.%m.%Y %I:%M %p", "02.05.2026 09:30 PM"), ("%d.%m.%Y %H", "02.05.2026 21")):
        instant = read("Item;Qty;At", f"A;5;{text}", columns=columns, time_format=form).as_of
        assert instant is not None
        assert instant.hour == 21


@pytest.mark.parametrize("name", ["on_hand", "committed", "available"])
@pytest.mark.parametrize("units", ["999999999", "-999999999"])
def test_a_sum_that_no_message_may_say_takes_no_more_lines(name: str, units: str) -> None:
    """999999999 is many an ERP's word for "without end", and stands in each bin of it."""
    columns = {"sku": "Item", name: "Many"} | ({"on_hand": "Qty"} if name == "committed" else {})
    line = read("Item;Qty;Many", f"A;0;{units}", columns=columns)
    total = Sum.of(line, 2)
    with pytest.raises(BadLineError, match=f"{name}: with line 2 and those since, it is more than 1,000,000,000"):
        total.add(line)
    assert total.quantities()[name] == int(units)


def test_a_line_that_leaves_things_as_they_are_needs_no_sku() -> None:
    """A shop's export has lines that only head variants: without a SKU, and without units of their own."""
    columns = {"sku": "Item", "on_hand": "Qty", "status": "State"}

    def lined(row: str) -> Line:
        return read("Item;Qty;State", row, columns=columns, zero_words=["out"], keep_words=["", "parent"])

    assert [lined(row).keeps for row in (";;in", ";parent;in", ";;out")] == [True, True, True]
    assert (lined("A;;out").keeps, lined("A;;out").on_hand) == (False, 0)
    for row in (";5;in", ";5;out", ";0;out"):
        with pytest.raises(BadLineError, match="sku: is empty"):
            lined(row)
