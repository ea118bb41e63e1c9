"""The signed link behind which a customer finds what was granted for an order.

It is the link to the order itself, which delivery signs, with another page before it: so delivery's page leads here by
itself, and whoever has one has the other. A test follows a link of delivery's mail to this page.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens

PURPOSE, ORDER = "track", "o"
"""Delivery's: what its links are for, and the field of their subject that has the order's id."""


@frozen()
class Links:
    """Where the link leads, and the signed end that differs per order."""

    public_url: str
    tokens: Callable[[], "Tokens"]

    @property
    def url(self) -> str:
        """Return the link up to its token."""
        return f"{self.public_url}/v1/remedies/"

    def remedies(self, order_id: str, now: datetime, until: datetime | None = None) -> str:
        """Return the token that opens one order for a year, or until an instant that is later, as far as links live."""
        from standby.platform.tokens import A_YEAR, LONGEST_LIFE  # noqa: PLC0415 - signs seldom, costs a cold start

        longer = A_YEAR if until is None else max(A_YEAR, min(until - now, LONGEST_LIFE))
        return self.tokens().issue(PURPOSE, {ORDER: order_id}, now=now, lifetime=longer)
