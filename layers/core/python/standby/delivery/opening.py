"""When customers may be told of delays, in a shop whose notices wait for its open hours (``quiet_for``: ``all``).

Mail would keep such a mail until then, too. It is made when the hour has come, so that it says what is so then.
"""

from datetime import datetime, timedelta

from standby.platform.clock import from_text
from standby.platform.frozen import frozen
from standby.platform.shop_hours import Hours

DATED = timedelta(hours=1)
"""So long before the instant that the law names a notice goes at once, as mail wants it (`standby.mail.waiting`)."""


@frozen()
class Opening:
    """The open hours."""

    hours: Hours

    def opens(self, now: datetime, zone: str | None, send_by: str | None) -> datetime:
        """Return the first instant from now on at which a customer in a zone may be told; now where the law presses."""
        opens = self.hours.opens(now, zone)
        return now if send_by is not None and from_text(send_by) - DATED < opens else opens
