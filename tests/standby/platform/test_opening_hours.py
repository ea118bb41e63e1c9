"""Opening hours are read by the clock on the wall: over midnight, on changed clocks, on dates that are otherwise."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.opening_hours import DAYS, HoursError, opening_hours

from tests.promises.unruly import searching

JERUSALEM = ZoneInfo("Asia/Jerusalem")
CHANGES = (date(2026, 3, 27), date(2026, 10, 25))
"""Days on which the clocks of Jerusalem are changed, forward and back."""

clocks = st.tuples(st.integers(0, 23), st.sampled_from((0, 15, 30, 59))).map(lambda each: f"{each[0]:02}:{each[1]:02}")
spans = st.tuples(clocks, clocks | st.just("24:00")).filter(lambda each: each[0] != each[1]).map(list)
days = st.lists(spans, max_size=3)
weeks = st.dictionaries(st.sampled_from(DAYS), days, max_size=7)
dates = st.builds(lambda change, ahead: change + timedelta(days=ahead), st.sampled_from(CHANGES), st.integers(-2, 2))


def instant(day: date, clock: str) -> datetime:
    """Return when a clock in Jerusalem shows a time for the first time, or would, by counting from noon before."""
    hours, minutes = map(int, clock.split(":"))
    naive = datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ001 - wall
    noon = (naive - timedelta(hours=36)).replace(tzinfo=UTC)
    for minute in range(60 * 48):
        moment = noon + timedelta(minutes=minute)
        if moment.astimezone(JERUSALEM).replace(tzinfo=None) >= naive:
            return moment
    raise AssertionError(naive)


def open_minutes(said: dict[str, Any], around: date) -> set[datetime]:
    """The reference: write down every minute of every span that begins some days around."""
    found = set()
    for ahead in range(-3, 3):
        day = around + timedelta(days=ahead)
        exceptions = said.get("exceptions", {})
        todays = exceptions.get(day.isoformat(), said.get(DAYS[day.weekday()], []))
        for opens, closes in todays:
            begins = instant(day, opens)
            ends = instant(day if closes > opens else day + timedelta(days=1), closes)
            while begins < ends:
                found.add(begins)
                begins += timedelta(minutes=1)
    return found


@searching(examples=25, steps=1)
@given(weeks, st.dictionaries(dates.map(date.isoformat), days, max_size=3), dates, st.integers(0, 1439))
def test_a_place_is_open_in_the_minutes_that_its_hours_name(
    week: dict[str, Any], exceptions: dict[str, Any], day: date, minute: int
) -> None:
    said = {**week, "exceptions": exceptions}
    hours, written = opening_hours(said), open_minutes(said, day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=JERUSALEM).astimezone(UTC)
    for step in range(0, 24 * 60, 97):
        moment = midnight + timedelta(minutes=(minute + step) % (24 * 60))
        assert hours.open_at(moment, JERUSALEM) == (moment in written), moment.astimezone(JERUSALEM)


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [
        ("2026-05-03", "08:59", False),  # a Sunday
        ("2026-05-03", "09:00", True),
        ("2026-05-03", "17:29", True),
        ("2026-05-03", "17:30", False),
        ("2026-05-04", "10:00", False),  # no Monday is named
        ("2026-05-07", "23:00", True),  # Thursday, until two
        ("2026-05-08", "01:59", True),
        ("2026-05-08", "02:00", False),
        ("2026-05-09", "12:00", False),  # closed on Saturdays
        ("2026-05-10", "10:00", False),  # an exception: a Sunday that is closed
        ("2026-05-14", "23:59", True),  # an exception: all day
        ("2026-05-15", "00:30", False),  # the exception's own end, not Thursday's
    ],
)
def test_hours_over_midnight_closed_days_and_exceptions(day: str, clock: str, *, is_open: bool) -> None:
    hours = opening_hours(
        {
            "sun": ["09:00", "17:30"],
            "thu": [["09:00", "13:00"], ["18:00", "02:00"]],
            "sat": [],
            "fri": None,
            "exceptions": {"2026-05-10": [], "2026-05-14": [["00:00", "24:00"]]},
        }
    )
    moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=JERUSALEM)
    assert hours.open_at(moment, JERUSALEM) is is_open


def test_where_a_clock_is_put_back_the_first_of_equal_times_counts() -> None:
    hours = opening_hours({"sun": [["00:30", "01:30"]]})
    first = datetime(2026, 10, 24, 22, 45, tzinfo=UTC)  # 01:45 in summer time, and an hour later 01:45 again
    assert [hours.open_at(first + timedelta(minutes=by), JERUSALEM) for by in (-16, -15, 44, 46, 60)] == [
        True, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"monday": []}, "monday: is none of mon, tue, wed, thu, fri, sat, sun, exceptions"),
        ({"mon": "09:00-17:00"}, "mon: must be array"),
        ({"mon": [["09:00"]]}, "mon: must be from when to when"),
        ({"mon": [["9:00", "17:00"]]}, "mon: must be from when to when"),
        ({"mon": [["09:00", "24:30"]]}, "mon: must be from when to when"),
        ({"mon": [["24:00", "09:00"]]}, "mon: must be from when to when"),
        ({"mon": [["09:00", "09:00"]]}, "mon: 09:00 is when it opens and closes"),
        ({"mon": [["09:00", "10:00"]] * 11}, "mon: 11 are more than 10"),
        ({"exceptions": []}, "exceptions: must be object"),
        ({"exceptions": {"2026-02-30": []}}, "exceptions.2026-02-30: is no date"),
        ({"exceptions": {"20260203": []}}, "exceptions.20260203: is no date"),
        ({"exceptions": {"2026-12-25": [["x", "y"]]}}, "exceptions.2026-12-25: must be from when to when"),
        ({"exceptions": {f"{year}-01-01": [] for year in range(2000, 2401)}}, "exceptions: 401 are more than 400"),
    ],
)
def test_hours_that_are_none_say_where(said: dict[str, Any], reason: str) -> None:
    with pytest.raises(HoursError) as error:
        opening_hours(said)
    assert str(error.value).startswith(reason)
