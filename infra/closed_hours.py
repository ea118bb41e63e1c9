"""What a shop says of the hours in which it leaves people alone, checked before anything is deployed."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from standby.platform.closed_hours import AlwaysClosedError
from standby.platform.holidays import Country, UnknownCountryError
from standby.platform.hours_settings import HoursSettings
from standby.platform.shop_hours import closed_hours, days_of_rest, night, wall

LEAST_OPEN = timedelta(hours=1)
WITHIN = timedelta(days=14)
LOOKED_AT = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=7 * week) for week in range(2 * 53)]
"""Two years, in which all feasts of a calendar fall on several days of the week."""


def _night(said: str) -> str:
    night(said)
    return said


def _days(said: object) -> object:
    """Return days as they are told to a function: `6`, `[6, 7]` and `6,7` are ways to say some."""
    return ",".join(map(str, said)) if isinstance(said, list | tuple) else str(said) if isinstance(said, int) else said


def _days_of_rest(said: str) -> str:
    return ",".join(map(str, sorted(days_of_rest(said))))


def _country(said: str) -> str:
    try:
        Country.of(said)
    except UnknownCountryError as error:
        raise ValueError(str(error)) from error
    return said


def _wall(said: str) -> str:
    wall(said)
    return said


QuietHours = Annotated[str, AfterValidator(_night)]
RestDays = Annotated[str, BeforeValidator(_days), AfterValidator(_days_of_rest)]
RestCountry = Annotated[str, AfterValidator(_country)]
TimeOfDay = Annotated[str, AfterValidator(_wall)]


def require_open_hours(settings: HoursSettings) -> None:
    """Raise ``ValueError`` for hours that leave nobody time to write: less than an hour in some fortnight."""
    hours = closed_hours(settings, settings.shop_time_zone)
    if hours is None:
        return  # the time zone is refused by itself
    try:
        bad = next((week for week in LOOKED_AT if hours.after(week, LEAST_OPEN) > week + WITHIN), None)
    except AlwaysClosedError:
        bad = LOOKED_AT[0]
    if bad is not None:
        raise ValueError(
            "quiet_hours, rest_days, rest_holidays: they leave less than an hour open in the fortnight from "
            f"{bad:%Y-%m-%d} on: close fewer"
        )
