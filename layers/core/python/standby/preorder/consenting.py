"""Customers who agree to wait for a pre-order that comes later than they were promised (design §5.2).

It is written into the reservation first, and told then (``ConsentGiven``). Cancelling stays open to them. Once an order
tells of its own delays they agree on its page, and what they agreed to here goes along (`standby.preorder.slipping`).
"""

from dataclasses import replace

from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.cancelling import Preorders
from standby.preorder.consent_model import MOST_AGREED, Agreed, has_agreed, is_late
from standby.preorder.model import RefusedError, Reservation, promised
from standby.preorder.repository import ChangedMeanwhileError
from standby.preorder.slipping import agreed_name
from standby.preorder.telling import Announcer


@frozen(kw_only=True)
class Consenting:
    """Takes a customer's word that they wait."""

    preorders: Preorders
    announcer: Announcer
    clock: Clock
    backoff: Backoff

    def wait(self, reservation_id: str, *, until: str | None, wording: str) -> Reservation | None:
        """Note that the customer waits until the day that was shown; ``None``: there is no such reservation.

        The same again changes nothing. Raises `RefusedError`.
        """
        for _ in self.backoff.tries(reservation_id):
            known, at = self.preorders.reservation(reservation_id), to_text(self.clock.now())
            if known is None:
                return None
            if has_agreed(known) and until == promised(known.lines):
                self.announcer.tell(known)
                return known
            if not is_late(known):
                raise RefusedError("nothing-to-wait-for", "it is not late, or it is over")
            if until != promised(known.lines):
                raise RefusedError("day-changed", f"it is expected {promised(known.lines) or 'on no known day'} now")
            if len(known.agreed) >= MOST_AGREED:
                raise RefusedError("too-many", "too many days were agreed to")
            agreed, owed = (*known.agreed, Agreed(at, until, wording)), (*known.owed, agreed_name(at))
            made = replace(known, agreed=agreed, owed=owed, edition=known.edition + 1)
            try:
                self.preorders.update(made)
            except ChangedMeanwhileError:
                continue
            self.announcer.tell(made)
            return made
        raise AssertionError
