"""Asking that holds are ended at their time: all that reserving needs of what happens later."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta

from standby.platform.clock import from_text
from standby.platform.frozen import frozen
from standby.platform.queue import LONGEST_DELAY_SECONDS, Outgoing, Queue
from standby.preorder.announcing import looks

TOGETHER_SECONDS = 1
"""A look at a campaign comes so much after a reservation, so that one look sees many of them."""
MOST_LOOKED_AT = 1_000
"""SKUs of which a function remembers when they are looked at."""
LATE_SECONDS = 1
"""A message about a hold comes so much after its end, so that it is over by the clock of whoever reads it."""


@frozen()
class DelayedExpiries:
    """Asks by a delayed message that a hold is ended; what is further ahead is left to the sweep.

    With it goes that the campaigns are looked at of which a reservation took units. A function asks for that once a
    second at most: a look that it asked for is still to come, and sees what was taken since.
    """

    records: Queue
    _looked_at: dict[str, datetime] = field(default_factory=dict, init=False, repr=False)
    """SKUs, and until when what is taken of them is seen by a look that was asked for."""

    def end(self, reservation_id: str, *, at: str, now: datetime, sold: Sequence[str] = ()) -> None:
        """Have a hold ended at an instant, or soon after it. ``now`` is later than the write that began it.

        ``sold``: the SKUs of which campaigns have fewer units since.
        """
        seconds = int((from_text(at) - now).total_seconds()) + LATE_SECONDS
        ends = [Outgoing.of({"expire": reservation_id}, delay_seconds=max(0, seconds))]
        unseen = [sku for sku in sold if sku not in self._looked_at or self._looked_at[sku] <= now]
        asked = looks(unseen, delay_seconds=TOGETHER_SECONDS)
        self.records.send([*(ends if seconds <= LONGEST_DELAY_SECONDS else ()), *asked])
        if len(self._looked_at) + len(unseen) > MOST_LOOKED_AT:
            self._looked_at.clear()
        self._looked_at.update(dict.fromkeys(unseen, now + timedelta(seconds=TOGETHER_SECONDS)))

    def became_kit(self, sku: str) -> None:
        """Have the campaign of a SKU closed that became a kit."""
        self.records.send([Outgoing.of({"kit": sku})])
