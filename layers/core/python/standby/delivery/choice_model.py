"""What customers say of their own orders: that they wait, cancel, or withdraw.

A choice is added and never changed, so that what somebody agreed to can be shown as it was.
"""

from typing import NamedTuple

WAIT = "wait"
"""The customer agreed to a new day."""
ASK = "ask"
"""The customer pressed to cancel; a mailed code carries it out."""
CANCEL = "cancel"
"""The code came, and the ERP is asked to cancel."""
WITHDRAW = "withdraw"
"""The customer withdrew, in two steps, and the ERP is asked to take it back."""
SILENCE = "silence"
"""The customer said nothing, and the law of the market takes that for a cancellation: the ERP is asked to cancel."""
ENDING = (CANCEL, WITHDRAW, SILENCE)
"""What ends lines."""
MOST_WAITS = 200
"""Of an order. The day would have to move as often."""


class Choice(NamedTuple):
    """One thing that a customer said."""

    at: str
    """RFC 3339, UTC."""
    kind: str
    shipment_id: str = ""
    """Which shipment the customer waits for; none: what is said is about lines."""
    until: str | None = None
    """The day that the customer agreed to; ``None``: whenever it comes."""
    wording: str = ""
    """The version of the words that were agreed to."""
    line_ids: tuple[str, ...] = ()
    """What is cancelled, or withdrawn from."""


class RefusedError(Exception):
    """A customer wants what is not open to them; ``slug`` says why."""

    def __init__(self, slug: str, text: str) -> None:
        super().__init__(text)
        self.slug = slug
