"""Pictures that differ in few bits have a band in common, whichever bits they are; one that all have says nothing."""

from hypothesis import given
from hypothesis import strategies as st
from standby.shelf.items import band_keys, looking
from standby.shelf.pictures import (
    BAND_BITS,
    BANDS,
    BITS,
    MOST_ALIKE,
    MOST_BITS,
    MOST_OF_ONE_PICTURE,
    SURE_BITS,
    alike,
    bands,
    difference,
)

from tests.promises.unruly import searching

LOOKS = st.integers(0, (1 << BITS) - 1)


@given(LOOKS, st.sets(st.integers(0, BITS - 1), max_size=SURE_BITS))
@searching(examples=40, steps=1)
def test_pictures_that_differ_in_at_most_seven_bits_have_a_band_in_common(looks: int, flipped: set[int]) -> None:
    other = looks ^ sum(1 << bit for bit in flipped)
    assert difference(looks, other) == len(flipped)
    assert any(one == two for one, two in zip(bands(looks), bands(other), strict=True))
    keys = [{key["pk"] for key in band_keys("mugs", each)} for each in (looks, other)]
    assert keys[0] & keys[1]


def test_eight_bits_can_keep_two_pictures_apart() -> None:
    assert SURE_BITS == 7
    one_in_each = sum(1 << band * BAND_BITS for band in range(BANDS))
    assert not set(zip(range(BANDS), bands(0), strict=True)) & set(zip(range(BANDS), bands(one_in_each), strict=True))


def test_the_first_bits_are_the_first_band() -> None:
    assert bands(0xFF00_0000_0000_0001) == [0xFF, 0, 0, 0, 0, 0, 0, 1]


@given(LOOKS, st.text(min_size=1, max_size=20))
@searching(examples=20, steps=1)
def test_a_list_says_which_product_and_how_its_picture_looks(looks: int, product_id: str) -> None:
    keys = band_keys(product_id, looks)
    assert len({key["pk"] for key in keys}) == BANDS
    assert {looking(key["sk"]) for key in keys} == {(product_id, looks)}


def test_the_nearest_come_first_and_no_product_is_like_itself() -> None:
    near, far = (1 << MOST_BITS) - 1, (1 << MOST_BITS + 1) - 1
    others = {"mugs": 0, "near": near, "far": far, "same": 0, "b": 1, "a": 2}
    assert list(alike("mugs", 0, others).items()) == [("same", 0), ("a", 1), ("b", 1), ("near", MOST_BITS)]
    many = {f"other-{number:03}": 1 + number % 2 for number in range(3 * MOST_ALIKE)}
    assert len(alike("mugs", 0, many)) == MOST_ALIKE


def test_a_picture_that_very_many_have_stands_in_for_a_missing_one() -> None:
    colours = {f"colour-{number}": 0 for number in range(MOST_OF_ONE_PICTURE - 1)}
    assert alike("mugs", 0, {**colours, "near": 1}).keys() == {*colours, "near"}
    assert alike("mugs", 0, {**colours, "near": 1, "one-more": 0}) == {}
