"""Numbers as systems write them."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.numeral import NUMBER_PATTERN, WHOLE_PATTERN, NumeralError, number, whole


@pytest.mark.parametrize("said", [6, 6.0, "6", "6.0", "6.0000", "6.", "+6", " 6 ", "6e0", "0.6e1", "60e-1", "006"])
def test_one_whole_number_is_written_in_many_ways(said: object) -> None:
    for read in (whole(said), number(said)):
        assert (read, type(read)) == (6, int)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (1.5, "1.5 is not a whole number"),
        ("6.5", "'6.5' is not a whole number"),
        ("1e-5", "'1e-5' is not a whole number"),
        (True, "true is not a number"),
        (False, "false is not a number"),
        (None, "None is not a number"),
        ("", "'' is not a number"),
        ("six", "'six' is not a number"),
        ("٣", r"'\u0663' is not a number"),
        ("6,0", "'6,0' is not a number"),
        ("1 000", "'1 000' is not a number"),
        ("1_000", "'1_000' is not a number"),
        ("0x10", "'0x10' is not a number"),
        ("NaN", "'NaN' is not a number"),
        ("Infinity", "'Infinity' is not a number"),
        ("--6", "'--6' is not a number"),
        ("5e400", "'5e400' is out of range"),
        ("1e999999999", "'1e999999999' is out of range"),
        ("9" * 5_000, "'9999999999"),
        (float("nan"), "nan is not a whole number"),
        (float("inf"), "inf is not a whole number"),
        ([6], "[6] is not a number"),
        ({}, "{} is not a number"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_no_whole_number_is_named(said: Any, why: str) -> None:
    with pytest.raises(NumeralError) as refused:
        whole(said)
    assert str(refused.value).startswith(why)


@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=20))
def test_a_decimal_that_is_written_as_text_rounds_down_as_itself(exact: Decimal) -> None:
    assert math.floor(number(f"{exact:f}"[:40])) == math.floor(Decimal(f"{exact:f}"[:40]))


def test_what_is_a_little_less_stays_less() -> None:
    assert math.floor(number("6.99999999999999999999")) == 6


@given(st.from_regex(WHOLE_PATTERN, fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_what_the_schemas_call_a_whole_number_is_one(text: str) -> None:
    if len(text.strip()) <= 40:
        assert isinstance(whole(text), int)


@given(st.from_regex(NUMBER_PATTERN, fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_what_the_schemas_call_a_number_is_one(text: str) -> None:
    if len(text.strip()) <= 40:
        assert isinstance(number(text), int | float)
