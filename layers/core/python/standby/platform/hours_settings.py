"""What a shop says of its closed hours, as its functions are told (`standby.platform.shop_hours`)."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment

ALL, ADVERTISING = "all", "advertising"


@frozen(kw_only=True)
class HoursSettings(Environment):
    """What a function is told that must know the closed hours. A shop that says none of them is always open."""

    shop_time_zone: str
    """IANA name. The hours are those of the customer's own zone, and of this one where nobody knows that."""
    quiet_hours: str | None = None
    """``21:00-08:00``: from when to when each night."""
    rest_days: str | None = None
    """Days of the week (ISO 8601), such as ``6`` or ``6,7``."""
    rest_holidays: str | None = None
    """The country whose public holidays are days of rest, too (ISO 3166-1)."""
    rest_begins: str = "15:00"
    """On the day before the first day of a rest."""
    rest_ends: str = "21:00"
    """On the last day of a rest."""
    quiet_for: str = ADVERTISING
    """What waits: ``advertising``, or ``all`` that no person waits for."""
