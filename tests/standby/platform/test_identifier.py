"""Ids as shops write them."""

import contextlib
import re
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.identifier import EXACT, LONGEST, PATTERN, UNSEEN, IdentifierError, Ids, joined, label, line

IDS = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=LONGEST)
EVERY = [chr(point) for point in range(sys.maxunicode + 1)]


@pytest.mark.parametrize(
    ("said", "sku"),
    [
        ("MUG", "MUG"),
        ("  SHIRT RED / M ", "SHIRT RED / M"),
        ("\tMUG\r\n", "MUG"),
        ("\u00a0MUG\u3000", "MUG"),
        ("#1 & (2), *3* 50% a@b~c 'x' \"y\" <z> {{w}} \\", "#1 & (2), *3* 50% a@b~c 'x' \"y\" <z> {{w}} \\"),
        ("חולצה אדומה", "חולצה אדומה"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("漢字 ★ 🧦", "漢字 ★ 🧦"),
        (10452, "10452"),
        (10452.0, "10452"),
        (-5, "-5"),
        (0, "0"),
        ("0010", "0010"),
        ("x" * 100 + "  ", "x" * 100),
    ],
)
def test_an_id_is_trimmed_and_composed(said: object, sku: str) -> None:
    assert (EXACT.sku(said), EXACT.location_id(said), EXACT.id(said)) == (sku, sku, sku)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "is empty"),
        (" \u3000\n", "is empty"),
        ("x" * 101, "has more than 100 characters"),
        (int("9" * 101), "has more than 100 characters"),
        ("A\tB", "has U+0009 in it"),
        ("A\x00", "has U+0000 in it"),
        ("A\u00a0B", "has U+00A0 NO-BREAK SPACE in it"),
        ("A\u00adB", "has U+00AD SOFT HYPHEN in it"),
        ("\ufeffA", "has U+FEFF ZERO WIDTH NO-BREAK SPACE in it"),
        ("A\u200dB", "has U+200D ZERO WIDTH JOINER in it"),
        ("A\u202eB", "has U+202E RIGHT-TO-LEFT OVERRIDE in it"),
        ("A\u2066B", "has U+2066 LEFT-TO-RIGHT ISOLATE in it"),
        ("A\U000e0041", "has U+E0041 TAG LATIN CAPITAL LETTER A in it"),
        ("A\ufe0f", "has U+FE0F VARIATION SELECTOR-16 in it"),
        ("\u3164", "has U+3164 HANGUL FILLER in it"),
        ("A\ufffd", "has U+FFFD REPLACEMENT CHARACTER in it"),
        ("A\ud800", "has U+D800 in it"),
        (None, "must be text"),
        (True, "must be text"),
        (1.5, "must be text"),
        (float("nan"), "must be text"),
        (1e300, "must be text"),
        (["A"], "must be text"),
        ({}, "must be text"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_no_id_is_named(said: object, why: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        EXACT.sku(said)
    assert str(refused.value).startswith(why)


def test_of_all_characters_only_those_that_are_seen_stand_in_an_id() -> None:
    taken = set()
    for character in EVERY:
        try:
            EXACT.sku(f"a{character}b")
        except IdentifierError:
            continue
        taken.add(character)
    unseen = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
    assert {each for each in EVERY if unicodedata.category(each) not in unseen} | {" "} == taken | set(UNSEEN)


def test_the_pattern_of_the_schemas_refuses_nothing_that_is_taken() -> None:
    pattern = re.compile(PATTERN)
    refused = {character for character in EVERY if not pattern.match(character)}
    for character in refused:
        with pytest.raises(IdentifierError):
            EXACT.sku(f"a{character}b")
    assert {"\x00", "\u200b", "\ufeff", "\u00a0"} <= refused


@given(IDS, st.sampled_from(["exact", "upper", "lower"]))
def test_what_was_read_is_read_the_same_again(said: str, case: str) -> None:
    try:
        sku = Ids(case).sku(said)
    except IdentifierError:
        return
    assert Ids(case).sku(sku) == sku
    assert 1 <= len(sku) <= LONGEST
    assert unicodedata.is_normalized("NFC", sku)


@pytest.mark.parametrize(
    ("case", "said", "sku"),
    [("upper", "mug-Rot", "MUG-ROT"), ("lower", "MUG-Rot", "mug-rot"), ("upper", "straße", "STRASSE")],
)
def test_case_is_folded_where_the_shop_says_so(case: str, said: str, sku: str) -> None:
    assert (Ids(case).sku(said), Ids(case).location_id(said), Ids(case).id(said)) == (sku, sku, said)


@pytest.mark.parametrize("case", ["upper", "lower"])
@pytest.mark.parametrize(
    "spelled",
    [("straße", "STRASSE", "STRAẞE"), ("ışık", "IŞIK"), ("ΟΔΟΣ", "οδος", "οδοσ")],  # noqa: RUF001 - Greek
)
def test_an_id_in_capitals_is_the_same_id(case: str, spelled: tuple[str, ...]) -> None:
    """An ERP that prints capitals and a storefront that does not mean one SKU, in whichever case the shop keeps it."""
    assert len({Ids(case).sku(each) for each in spelled}) == 1


def test_upper_and_lower_join_the_same_ids() -> None:
    different = []
    for character in EVERY:
        with contextlib.suppress(IdentifierError):
            upper, lower = Ids("upper").sku(f"a{character}b"), Ids("lower").sku(f"a{character}b")
            if (Ids("upper").sku(lower), Ids("lower").sku(upper)) != (upper, lower):
                different.append(character)
    assert different == []


def test_a_fold_that_makes_an_id_too_long_is_refused() -> None:
    with pytest.raises(IdentifierError, match="more than 100"):
        Ids("upper").sku("ß" * 60)


@given(st.lists(IDS, min_size=1, max_size=3), st.lists(IDS, min_size=1, max_size=3))
def test_ids_that_are_joined_stay_apart(one: list[str], other: list[str]) -> None:
    assert (joined(*one) == joined(*other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("A/B", "C"), ("A", "B/C")), (("A~", "B"), ("A", "~B")), (("A~1B",), ("A/B",)), (("A", "B"), ("A/B",))],
)
def test_ids_that_hold_the_separator_stay_apart(one: Any, other: Any) -> None:
    assert joined(*one) != joined(*other)


@pytest.mark.parametrize(
    "said", ["Shop", " \u200f\u05d7\u05e0 ", "\U0001f469\u200d\U0001f469", "\u0645\u06cc\u200c\u062e", "A\u00a0B"]
)
def test_a_line_keeps_the_marks_between_letters(said: str) -> None:
    assert line(said) == said.strip(" ")


def test_a_line_turns_nobody_elses_words() -> None:
    assert line("\u202eexe.\u2066gpj\u2069\u202c ") == "exe.gpj"


@pytest.mark.parametrize(
    "said", ["", " ", "\u200b\u200d", "\u3164", "\u00a0", "\u202e \u2066", "A\nB", "A\u2028B", "A\x00", 7, None]
)
def test_a_line_that_nobody_sees_is_refused(said: Any) -> None:
    with pytest.raises(IdentifierError):
        line(said)


@pytest.mark.parametrize(
    ("said", "shown"), [(" XL ", "XL"), (42, "42"), (42.0, "42"), (42.5, "42.5"), ("42.0", "42.0"), (-3, "-3")]
)
def test_a_label_may_come_as_a_number(said: object, shown: str) -> None:
    assert label(said) == shown


@pytest.mark.parametrize("said", [None, True, ["XL"], {}, "", "a\nb"])
def test_what_nobody_would_read_alike_is_no_label(said: object) -> None:
    with pytest.raises(IdentifierError):
        label(said)


def test_a_products_id_is_folded_as_a_sku_is() -> None:
    assert (EXACT.product_id(" cup "), Ids("upper").product_id("cup"), Ids("lower").product_id("CUP")) == (
        "cup",
        "CUP",
        "cup",
    )
