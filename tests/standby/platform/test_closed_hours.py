"""Closed hours: nights, Sabbath and holidays with their eves, and deadlines that count open hours only."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.closed_hours import AlwaysClosedError, ClosedHours, Rest
from standby.platform.holidays import Country

JERUSALEM = ZoneInfo("Asia/Jerusalem")
BERLIN = ZoneInfo("Europe/Berlin")
SABBATH = ClosedHours(zone=JERUSALEM, rest=Rest(holidays=Country.of("IL")))
NIGHTS = ClosedHours(zone=BERLIN, quiet=(time(21), time(8)))
BOTH = ClosedHours(zone=JERUSALEM, quiet=(time(21), time(8)), rest=Rest(holidays=Country.of("IL")))
MINUTE = timedelta(minutes=1)


def at(text: str, zone: ZoneInfo = JERUSALEM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("closes", "opens"),
    [
        pytest.param("2026-05-21T15:00", "2026-05-23T21:00", id="Shavuot on a Friday, and the Sabbath behind it"),
        pytest.param("2026-09-11T15:00", "2026-09-13T21:00", id="Rosh Hashanah on a Sabbath and a Sunday"),
        pytest.param("2026-06-05T15:00", "2026-06-06T21:00", id="a Sabbath of its own"),
        pytest.param("2026-09-20T15:00", "2026-09-21T21:00", id="Yom Kippur on a Monday"),
    ],
)
def test_a_rest_begins_on_its_eve_and_ends_with_the_last_of_its_days(closes: str, opens: str) -> None:
    first, last = at(closes), at(opens)
    assert [SABBATH.is_open(each) for each in (first - MINUTE, first, last - MINUTE, last)] == [
        True,
        False,
        False,
        True,
    ]
    assert SABBATH.opens(first) == SABBATH.opens(first + timedelta(hours=13)) == last


def test_the_shop_sets_the_hours_of_its_rest() -> None:
    early = ClosedHours(zone=JERUSALEM, rest=Rest(begins=time(12), ends=time(22, 30)))
    assert early.opens(at("2026-06-05T12:00")) == at("2026-06-06T22:30")
    assert early.is_open(at("2026-06-05T11:59"))


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-06-02T20:59", "2026-06-02T20:59"),
        ("2026-06-02T21:00", "2026-06-03T08:00"),
        ("2026-06-03T03:00", "2026-06-03T08:00"),
        ("2026-06-03T08:00", "2026-06-03T08:00"),
    ],
)
def test_a_night_ends_in_the_morning(moment: str, opens: str) -> None:
    assert NIGHTS.opens(at(moment, BERLIN)) == at(opens, BERLIN)


def test_a_night_that_follows_a_sabbath_lasts_until_the_morning() -> None:
    assert BOTH.opens(at("2026-06-05T15:00")) == at("2026-06-07T08:00")


def test_hours_without_any_rule_are_open() -> None:
    always = ClosedHours(zone=BERLIN)
    moment = at("2026-06-06T03:00", BERLIN)
    assert always.opens(moment) == moment
    assert always.after(moment, timedelta(hours=48)) == moment + timedelta(hours=48)
    assert ClosedHours(zone=BERLIN, quiet=(time(8), time(8))).is_open(at("2026-06-06T08:00", BERLIN))


def test_a_deadline_counts_open_hours_only() -> None:
    assert SABBATH.after(at("2026-06-05T14:00"), timedelta(hours=2)) == at("2026-06-06T22:00")
    assert NIGHTS.after(at("2026-06-02T20:00", BERLIN), timedelta(hours=24)) == at("2026-06-04T18:00", BERLIN)
    assert SABBATH.after(at("2026-06-05T18:00"), timedelta(0)) == at("2026-06-06T21:00")
    friday = at("2026-06-05T14:00")
    assert SABBATH.after(friday, timedelta(hours=1)) == friday + timedelta(hours=1)


def test_clocks_that_are_put_forward_and_back_close_nothing_for_ever() -> None:
    skipped = ClosedHours(zone=BERLIN, quiet=(time(1), time(2, 30)))
    assert skipped.opens(at("2026-03-29T01:30", BERLIN)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert NIGHTS.opens(at("2026-10-24T22:00", BERLIN)) == at("2026-10-25T08:00", BERLIN)


def test_hours_that_never_open_are_refused() -> None:
    never = ClosedHours(zone=BERLIN, rest=Rest(weekdays=frozenset(range(1, 8))))
    with pytest.raises(AlwaysClosedError):
        never.opens(at("2026-06-06T03:00", BERLIN))


MOMENTS = st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 20), timezones=st.just(UTC)).map(  # noqa: DTZ001 - see timezones
    lambda moment: moment.replace(second=0, microsecond=0)
)
RULES = st.builds(
    ClosedHours,
    zone=st.sampled_from([JERUSALEM, BERLIN, ZoneInfo("America/New_York")]),
    quiet=st.one_of(st.none(), st.tuples(st.times(), st.times()).map(lambda both: _minutes(*both))),
    rest=st.one_of(
        st.none(),
        st.builds(
            Rest,
            weekdays=st.frozensets(st.integers(1, 7), max_size=3),
            holidays=st.sampled_from([None, Country.of("IL"), Country.of("DE")]),
            begins=st.integers(12, 23).map(time),
            ends=st.integers(0, 23).map(time),
        ),
    ),
)


def _minutes(*times: time) -> tuple[time, time]:
    """Return times of the day without seconds, a quarter of the hour each, and some hours open between them."""
    begins, ends = (each.replace(minute=each.minute // 15 * 15, second=0, microsecond=0) for each in times)
    return begins, ends


def closed(rule: ClosedHours, moment: datetime) -> bool:
    """Tell by the wall's clock whether a moment is closed: the rules said plainly."""
    wall = moment.astimezone(rule.zone)
    now, today = wall.time(), wall.date()
    if rule.quiet is not None and rule.quiet[0] != rule.quiet[1]:
        begins, ends = rule.quiet
        if (begins <= now < ends) if begins < ends else (now >= begins or now < ends):
            return True
    if rule.rest is None:
        return False
    rests = [rule.rest.is_on(today + timedelta(days=days)) for days in (-1, 0, 1)]
    _, on, tomorrow = rests
    if on and (tomorrow or now < rule.rest.ends):
        return True
    return not on and tomorrow and now >= rule.rest.begins


@given(rule=RULES, moment=MOMENTS)
def test_a_moment_is_closed_as_the_wall_says(rule: ClosedHours, moment: datetime) -> None:
    for hours in range(0, 72, 5):
        then = moment + timedelta(hours=hours)
        wall = then.astimezone(rule.zone)
        if any(
            (wall + shift).utcoffset() != (then + shift).astimezone(rule.zone).utcoffset()
            for shift in (-timedelta(days=1), timedelta(0), timedelta(days=1))
        ) or _turns(then, rule.zone):
            continue  # on a day on which the clock is put forward or back, the examples above count
        assert rule.is_open(then) is not closed(rule, then), (rule, wall)


def _turns(moment: datetime, zone: ZoneInfo) -> bool:
    offsets = {(moment + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in (-30, 0, 30)}
    return len(offsets) > 1


@given(rule=RULES, moment=MOMENTS, quarters=st.integers(0, 200))
def test_a_deadline_leaves_as_much_open_time_as_it_says(rule: ClosedHours, moment: datetime, quarters: int) -> None:
    step = timedelta(minutes=15)
    moment -= timedelta(minutes=moment.minute % 15)
    deadline = rule.after(moment, quarters * step)
    looks = int((deadline - moment) / step)
    assert sum(rule.is_open(moment + look * step) for look in range(looks)) == quarters
    assert quarters == 0 or not any(_closed_behind(rule, deadline, step))


def _closed_behind(rule: ClosedHours, deadline: datetime, step: timedelta) -> list[bool]:
    """Tell whether the last quarter before a deadline was closed: then it would be later than it says."""
    return [not rule.is_open(deadline - step)]


def test_holidays_are_joined_over_the_turn_of_a_year() -> None:
    rest = Rest(weekdays=frozenset({7}), holidays=Country.of("DE").and_on([date(2026, 12, 31)]))
    assert rest.around(date(2027, 1, 1)) == (date(2026, 12, 31), date(2027, 1, 1))


def test_a_rest_of_the_day_after_tomorrow_begins_tomorrow() -> None:
    """Its eve may close before the night does: then no hour of that eve counts as open."""
    rest = Rest(weekdays=frozenset({7}), begins=time(12), ends=time(0))
    rule = ClosedHours(zone=ZoneInfo("Asia/Jerusalem"), quiet=(time(13), time(19, 45)), rest=rest)
    friday = datetime(2026, 3, 20, 18, tzinfo=UTC)
    assert rule.after(friday, timedelta(hours=17)) == datetime(2026, 3, 21, 23, tzinfo=UTC)
