"""The signed link in mails about an order, behind which its customer sees what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from standby.platform.clock import from_text
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens

PURPOSE = "track"
ORDER = "o"
"""The field of a link's subject that has the order's id."""
LATEST_DAY = "9998-12-31"


@frozen()
class Links:
    """Where the link leads, and the signed end that differs per order."""

    public_url: str
    tokens: Callable[[], "Tokens"]

    @property
    def url(self) -> str:
        """Return the link up to its token."""
        return f"{self.public_url}/v1/track/"

    def page(self, order_id: str, last_day: str | None, now: datetime) -> str:
        """Return the whole link of one order, which opens it as long as `track` says."""
        return f"{self.url}{self.track(order_id, last_day, now)}"

    def track(self, order_id: str, last_day: str | None, now: datetime) -> str:
        """Return the token that opens one order: for a year from the last day on which something of it may come.

        Where no day is known, or that day is over, from now on.
        """
        from standby.platform.tokens import A_YEAR, LONGEST_LIFE  # noqa: PLC0415 - signs seldom, and costs a cold start

        last = now if last_day is None else max(now, from_text(f"{min(last_day, LATEST_DAY)}T00:00:00Z"))
        return self.tokens().issue(PURPOSE, {ORDER: order_id}, now=now, lifetime=min(last - now + A_YEAR, LONGEST_LIFE))
