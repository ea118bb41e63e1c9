"""The signed link in mails about a reservation."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from standby.platform.clock import from_text
from standby.platform.frozen import frozen
from standby.preorder.model import LATEST_DAY

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens
    from standby.preorder.model import Reservation

PURPOSE = "preorder"
OFFER = "offer"
"""The purpose of an offer's link, and the kind of its claim and its mail."""
RESERVATION = "r"
"""The field of a link's subject that has the reservation's id."""


@frozen()
class Links:
    """Where the link leads, and the signed end that differs per reservation."""

    public_url: str
    tokens: Callable[[], "Tokens"]

    @property
    def url(self) -> str:
        """Return the link up to its token."""
        return f"{self.public_url}/v1/preorders/"

    def own(self, reservation: "Reservation", now: datetime) -> str:
        """Return the token that opens one reservation: for a year, from the day on which its last goods are promised.

        Where none are, or that day is over, from now on.
        """
        from standby.platform.tokens import A_YEAR, LONGEST_LIFE  # noqa: PLC0415 - signs seldom, and costs a cold start

        days = [day for line in reservation.every_line for day in (line.first_promise, line.promised_until) if day]
        last = max([now, *(from_text(f"{min(day, LATEST_DAY)}T00:00:00Z") for day in days)])
        subject = {RESERVATION: reservation.reservation_id}
        return self.tokens().issue(PURPOSE, subject, now=now, lifetime=min(last - now + A_YEAR, LONGEST_LIFE))
