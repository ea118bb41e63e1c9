"""The hours that a shop sets, in the zones of its customers."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from standby.platform.hours_settings import HoursSettings
from standby.platform.shop_hours import ShopHours, closed_hours, days_of_rest, night, shop_hours

NIGHTS = HoursSettings(shop_time_zone="Asia/Jerusalem", quiet_hours="21:00-08:00")
NOON = datetime(2026, 6, 2, 9, tzinfo=UTC)
MIDNIGHT = NOON + timedelta(hours=12)


def test_a_shop_that_says_none_is_always_open() -> None:
    hours = shop_hours(HoursSettings(shop_time_zone="Asia/Jerusalem", quiet_for="all"))
    assert not hours.closes
    assert hours.opens(MIDNIGHT) == MIDNIGHT
    assert hours.after(MIDNIGHT, timedelta(hours=1)) == MIDNIGHT + timedelta(hours=1)


def test_hours_are_those_of_the_customers_own_zone_and_else_of_the_shops() -> None:
    hours = shop_hours(NIGHTS)
    assert hours.closes
    opens = datetime(2026, 6, 3, 5, tzinfo=UTC)
    assert (hours.opens(MIDNIGHT), hours.opens(NOON)) == (opens, NOON)
    assert hours.opens(MIDNIGHT, "America/New_York") == MIDNIGHT
    for unknown in ("Mars/Olympus_Mons", "../secrets", ""):
        assert hours.opens(MIDNIGHT, unknown) == opens


def test_names_that_nobody_knows_are_not_remembered() -> None:
    hours = ShopHours(NIGHTS)
    for number in range(10):
        hours.opens(NOON, f"Nowhere/{number}")
    assert list(hours._zones) == [None]


def test_a_deadline_counts_open_hours_alone() -> None:
    assert shop_hours(NIGHTS).after(NOON, timedelta(hours=10)) == datetime(2026, 6, 3, 6, tzinfo=UTC)


def test_a_rest_may_be_of_holidays_alone() -> None:
    hours = shop_hours(HoursSettings(shop_time_zone="Europe/Berlin", rest_holidays="DE", rest_begins="18:00"))
    christmas = datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert hours.opens(christmas - timedelta(minutes=1)) == christmas - timedelta(minutes=1)
    assert hours.opens(christmas) == datetime(2026, 12, 26, 20, tzinfo=UTC)
    saturday = datetime(2026, 6, 6, 12, tzinfo=UTC)
    assert hours.opens(saturday) == saturday


@pytest.mark.parametrize("said", ["21:00", "21-8", "9:00-08:00", "21:00-24:00", "21:00-21:00", "2100-0800", "a-b"])
def test_a_night_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        night(said)


def test_days_that_are_none_are_refused() -> None:
    assert days_of_rest("6, 7") == {6, 7}
    with pytest.raises(ValueError, match="1 is Monday"):
        days_of_rest("0")


def test_a_zone_that_nobody_knows_has_no_hours() -> None:
    assert closed_hours(NIGHTS, "Mars/Olympus_Mons") is None
    with pytest.raises(ValueError, match="no time zone's name"):
        ShopHours(HoursSettings(shop_time_zone="Mars/Olympus_Mons", rest_days="6")).opens(NOON)


def test_nothing_of_calendars_is_loaded_where_nothing_is_closed() -> None:
    """The sender's cold start pays for what it imports."""
    said = (
        "import sys; from standby.platform.shop_hours import HoursSettings, shop_hours;"
        "shop_hours(HoursSettings(shop_time_zone='UTC'));"
        "print(sorted({'zoneinfo', 'standby.platform.closed_hours', 'standby.platform.holidays'} & {*sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout.strip() == "[]"
