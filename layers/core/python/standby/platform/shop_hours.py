"""When a shop writes to people, as its settings say. Where nothing is closed, nothing of calendars is loaded."""

import re
from dataclasses import field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol

from standby.platform.frozen import frozen
from standby.platform.hours_settings import HoursSettings

if TYPE_CHECKING:
    from standby.platform.closed_hours import ClosedHours, Rest


class Hours(Protocol):
    """When it is open, by the clock on the wall of a zone; ``None`` is the shop's, as is a zone that nobody knows."""

    @property
    def closes(self) -> bool:
        """Tell whether any hour is closed."""
        ...

    def opens(self, moment: datetime, zone: str | None = None) -> datetime:
        """Return the first open instant from a moment on."""
        ...

    def after(self, moment: datetime, open_for: timedelta, zone: str | None = None) -> datetime:
        """Return when it will have been open so long since a moment."""
        ...


@frozen()
class AlwaysOpen:
    """No hour is closed."""

    closes = False

    def opens(self, moment: datetime, zone: str | None = None) -> datetime:  # noqa: ARG002 - as any other hours
        """Return the moment."""
        return moment

    def after(self, moment: datetime, open_for: timedelta, zone: str | None = None) -> datetime:  # noqa: ARG002
        """Return the end of a time."""
        return moment + open_for


@frozen()
class ShopHours:
    """The hours of a shop that closes."""

    settings: HoursSettings
    _zones: "dict[str | None, ClosedHours]" = field(default_factory=dict, init=False, compare=False, repr=False)
    closes = True

    def opens(self, moment: datetime, zone: str | None = None) -> datetime:
        """Return the first open instant from a moment on."""
        return self._of(zone).opens(moment)

    def after(self, moment: datetime, open_for: timedelta, zone: str | None = None) -> datetime:
        """Return when it will have been open so long since a moment."""
        return self._of(zone).after(moment, open_for)

    def _of(self, zone: str | None) -> "ClosedHours":
        if zone not in self._zones:
            made = closed_hours(self.settings, zone or self.settings.shop_time_zone)
            if made is None and zone is not None:
                return self._of(None)  # not remembered, because names that nobody knows have no end
            if made is None:
                raise ValueError(f"{self.settings.shop_time_zone!r} is no time zone's name, such as Europe/Berlin")
            self._zones[zone] = made
        return self._zones[zone]


def shop_hours(settings: HoursSettings) -> Hours:
    """Return the hours of a shop."""
    closed = settings.quiet_hours or settings.rest_days or settings.rest_holidays
    return ShopHours(settings) if closed else AlwaysOpen()


def closed_hours(settings: HoursSettings, zone: str) -> "ClosedHours | None":
    """Read the hours for a zone; ``None`` where there is no such zone. Raises ``ValueError`` for what is malformed."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - loaded where something is closed

    from standby.platform.closed_hours import ClosedHours  # noqa: PLC0415 - as above

    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return None
    return ClosedHours(zone=place, quiet=night(settings.quiet_hours), rest=_rest(settings))


def night(said: str | None) -> tuple[time, time] | None:
    """Read from when to when it is quiet. Raises ``ValueError``."""
    if not said:
        return None
    begins, dash, ends = said.partition("-")
    if not dash or begins == ends:
        raise ValueError(f"{said!r} is no time from one hour to another, such as 21:00-08:00")
    return wall(begins), wall(ends)


def wall(said: str) -> time:
    """Read a time of day. Raises ``ValueError``."""
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", said)
    if found is None:
        raise ValueError(f"{said!r} is no time of day, such as 21:00")
    return time(int(found[1]), int(found[2]))


def days_of_rest(said: str | None) -> frozenset[int]:
    """Read days of the week. Raises ``ValueError``."""
    parts = [part.strip() for part in (said or "").split(",") if part.strip()]
    if not all(part in {"1", "2", "3", "4", "5", "6", "7"} for part in parts):
        raise ValueError(f"{said!r} are no days of the week: 1 is Monday, 6 is Saturday, 7 is Sunday")
    return frozenset(map(int, parts))


def _rest(settings: HoursSettings) -> "Rest | None":
    from standby.platform.closed_hours import Rest  # noqa: PLC0415 - as above
    from standby.platform.holidays import Country  # noqa: PLC0415 - as above

    days = days_of_rest(settings.rest_days)
    if not days and not settings.rest_holidays:
        return None
    return Rest(
        weekdays=days,
        holidays=Country.of(settings.rest_holidays) if settings.rest_holidays else None,
        begins=wall(settings.rest_begins),
        ends=wall(settings.rest_ends),
    )
