"""Points on the Earth as requests say them, and how little of one is kept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.point import NO_POINT, PATTERN, Point, PointError, coarse, great_circle_km, kept_place, point

from tests.promises.unruly import searching

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(lambda each: f"{each[0]:.6f},{each[1]:.6f}")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("32.08,34.78", Point(32.08, 34.78)),
        (" 32.08 , +34.78 ", Point(32.08, 34.78)),
        ("90,180", Point(90, 180)),
        ("-90,-180.0", Point(-90, -180)),
        ("00.5,-000", Point(0.5, 0)),
    ],
)
def test_a_point_is_two_plain_numbers(said: str, found: Point) -> None:
    assert point(said) == found


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", NO_POINT),
        ("haifa", NO_POINT),
        ("32.08", NO_POINT),
        ("32.08,34.78,1", NO_POINT),
        ("32.08;34.78", NO_POINT),
        ("32,08,34,78", NO_POINT),
        ("nan,1", NO_POINT),
        ("1,inf", NO_POINT),
        ("1e2,3", NO_POINT),
        ("1_0,3", NO_POINT),
        ("0x1,3", NO_POINT),
        (".5,3", NO_POINT),
        ("5.,3", NO_POINT),
        ("--5,3", NO_POINT),
        ("\uff13\uff12,34", NO_POINT),
        ("\u0663\u0662,34", NO_POINT),
        ("32.08,34.78\n", NO_POINT),
        ("\n32.08,34.78", NO_POINT),
        ("32.08\x00,34.78", NO_POINT),
        ("32.08,\u200f34.78", NO_POINT),
        ("1" * 400 + ",1", NO_POINT),
        ("91,0", "the latitude is not between -90 and 90"),
        ("-90.000001,0", "the latitude is not between -90 and 90"),
        ("0,180.5", "the longitude is not between -180 and 180"),
        ("0,-999", "the longitude is not between -180 and 180"),
    ],
    ids=ascii,
)
def test_what_is_no_point_is_refused_and_never_kept(said: str, why: str) -> None:
    with pytest.raises(PointError) as refused:
        point(said)
    assert (str(refused.value), kept_place(said)) == (why, None)


def test_nobody_keeps_a_place_that_nobody_said() -> None:
    assert kept_place(None) is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("32.0853,34.7818", "32.09,34.78"),
        ("-33.8688,151.2093", "-33.87,151.21"),
        ("89.999,0.001", "90.00,0.00"),
        ("-0.001,-0.001", "0.00,0.00"),
        ("0,-180", "0.00,180.00"),
        ("0,-179.999", "0.00,180.00"),
        ("0,179.999", "0.00,180.00"),
        ("-90,12", "-90.00,12.00"),
    ],
)
def test_of_a_place_a_hundredth_of_a_degree_is_kept(said: str, kept: str) -> None:
    assert kept_place(said) == kept


@searching(examples=200, steps=1)
@given(points)
def test_what_is_kept_is_a_point_close_by_and_stays_as_it_is(said: str) -> None:
    kept = coarse(point(said))

    assert re.fullmatch(r"-?[0-9]{1,2}\.[0-9]{2},-?[0-9]{1,3}\.[0-9]{2}", kept)
    assert kept_place(kept) == kept
    assert great_circle_km(point(said), point(kept)) < 0.8


@searching(examples=200, steps=1)
@given(st.text(max_size=20) | st.from_regex(PATTERN))
def test_whatever_is_said_is_a_point_or_refused(said: str) -> None:
    kept = kept_place(said)
    assert kept is None or point(kept)
