"""When what was mailed has to be answered: counted here alone, so that a mail says what holds (design §6)."""

from datetime import datetime, timedelta

from standby.platform.shop_hours import AlwaysOpen, Hours

LONGEST = timedelta(days=31)
"""However few hours are open, it has to be answered by then: so long units are held, and links and marks are kept."""


def deadline(leased_at: datetime, hours: int, shop: Hours | None = None, zone: str | None = None) -> datetime:
    """Return the end of so many open hours from the lease of a mail's call, by the clock of the customer's zone."""
    open_hours = shop or AlwaysOpen()
    ends = open_hours.after(leased_at, timedelta(hours=hours), zone)
    return ends if ends <= leased_at + LONGEST else open_hours.opens(leased_at + LONGEST, zone)
