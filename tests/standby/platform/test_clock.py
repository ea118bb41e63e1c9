"""Instants and their texts."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import (
    SystemClock,
    day_begins,
    day_ends,
    from_milliseconds,
    from_text,
    to_milliseconds,
    to_text,
)

INSTANTS = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - same
    timezones=st.just(UTC),
)
MILLISECOND = timedelta(milliseconds=1)


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    in_jerusalem = datetime(2026, 5, 3, 13, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=3)))
    assert to_text(in_jerusalem) == "2026-05-03T10:00:00.123Z"


@given(INSTANTS)
def test_an_instant_survives_its_text_to_the_millisecond(instant: datetime) -> None:
    assert timedelta(0) <= instant - from_text(to_text(instant)) < MILLISECOND


@given(INSTANTS, INSTANTS)
def test_texts_sort_as_their_instants_do(one: datetime, other: datetime) -> None:
    one, other = (moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in (one, other))
    assert (to_text(one) < to_text(other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-03T10:00:00Z",
        "2026-05-03T10:00:00.000Z",
        "2026-05-03T13:00:00+03:00",
        "2026-05-03t10:00:00z",
        "2026-05-03 10:00:00Z",
        "2026-05-03T10:00:00.000000000Z",
        "2026-05-03T10:00:00-00:00",
        "2026-05-04t09:59:00+23:59",
    ],
)
def test_any_way_of_rfc_3339_to_write_an_instant_is_read(text: str) -> None:
    assert from_text(text) == datetime(2026, 5, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-05-03",
        "2026-05-03T10:00:00",
        "2026-02-30T10:00:00Z",
        "2026-05-03T10:00:00+25:00",
        "1777802400",
        "2026-05-03T10:00Z",
        "2026-05-03T10Z",
        "20260503T100000Z",
        "2026-W18-7T10:00:00Z",
        "2026-05-03T10:00:00+03",
        "2026-05-03T10:00:00+0300",
        "2026-05-03T10:00:00,5Z",
        "2026-05-03T24:00:00Z",
        "2026-05-03_10:00:00Z",
        "2026-05-03T10:00:00Z\n",
        "٢٠٢٦-05-03T10:00:00Z",
        "2026-05-03T10:00:60Z",
        "2026-05-31T10:59:60Z",
        "2016-12-31T23:59:61Z",
        "9999-12-31T23:59:60Z",
        "2016-12-31T23:59:60+01:00",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are the standard library's
        from_text(text)


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.7Z", "2017-01-01T02:29:60+02:30"])
def test_a_leap_second_is_the_last_moment_of_its_month(text: str) -> None:
    assert from_text(text) == datetime(2017, 1, 1, tzinfo=UTC) - timedelta(microseconds=1)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_that_has_no_year_in_utc_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(ValueError, match="between the years 1 and 9999"):
        from_text(text)


def test_an_instant_without_a_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        to_text(datetime(2026, 5, 3, 10))  # noqa: DTZ001 - that is the case


@given(st.integers(min_value=0, max_value=253_402_300_799_000))
def test_milliseconds_survive_their_instant(milliseconds: int) -> None:
    assert to_milliseconds(from_milliseconds(milliseconds)) == milliseconds


def test_the_machine_s_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


@pytest.mark.parametrize("name", ["Asia/Jerusalem", "America/New_York", "UTC"])
def test_the_first_and_the_last_day_of_the_calendar_begin_and_end_as_others(name: str) -> None:
    zone = ZoneInfo(name)
    for day in (date.min, date(2026, 5, 3), date.max):
        assert day_begins(day, zone) < day_ends(day, zone)
    assert day_ends(date(2026, 5, 3), zone) == day_begins(date(2026, 5, 4), zone)
