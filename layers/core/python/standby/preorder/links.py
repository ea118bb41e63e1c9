"""The signed link in mails about a reservation."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens

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

    def own(self, reservation_id: str, now: datetime) -> str:
        """Return the token that opens one reservation, for as long as a link may live."""
        from standby.platform.tokens import LONGEST_LIFE  # noqa: PLC0415 - signs seldom, and costs a cold start

        return self.tokens().issue(PURPOSE, {RESERVATION: reservation_id}, now=now, lifetime=LONGEST_LIFE)
