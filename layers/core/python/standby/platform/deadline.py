"""When what was mailed has to be answered: counted here alone, so that a mail says what holds (design §6)."""

from datetime import datetime, timedelta


def deadline(leased_at: datetime, hours: int) -> datetime:
    """Return the end of so many open hours from the lease of a mail's call. A shop is always open."""
    return leased_at + timedelta(hours=hours)
