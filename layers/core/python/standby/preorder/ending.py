"""Ending reservations: what they took is given back in the one transaction that ends them, and sold again at once."""

from dataclasses import replace
from datetime import datetime

from standby.ledger.claims import BesideError, ClaimBook
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.model import LIVE, Ending, RefusedError, Reservation, claim_id
from standby.preorder.repository import PreorderRepository, Writes
from standby.preorder.telling import CANCELLED, FREED, Announcer


@frozen(kw_only=True)
class EndingDesk:
    """Cancels reservations, and ends holds whose time is over."""

    preorders: PreorderRepository
    writes: Writes
    claims: ClaimBook
    announcer: Announcer
    clock: Clock
    backoff: Backoff

    def cancel(self, reservation_id: str) -> Reservation | None:
        """Cancel a reservation and return it; ``None``: there is none. Repeating changes nothing.

        Raises `RefusedError` for one whose goods left the house, `BusyError`.
        """
        return self._ended(reservation_id, "cancelled")

    def expire(self, reservation_id: str) -> Reservation | None:
        """End a hold if its time is over, tell what is owed, and return the reservation as it is then."""
        return self._ended(reservation_id, "expired")

    def _ended(self, reservation_id: str, how: Ending) -> Reservation | None:
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None:
                return None
            now = self.clock.now()
            if not _ends(known, how, now):
                self.announcer.tell(known)
                return known
            made = replace(
                known,
                status="expired" if known.state(now) == "expired" else how,
                ended_at=to_text(now),
                edition=known.edition + 1,
                owed=(*known.owed, CANCELLED, FREED),
            )
            keys = [(line.sku, claim_id(reservation_id, line.sku)) for line in known.lines]
            try:
                self.claims.end_together(keys, "returned", now=now, beside=self.writes.ended(made))
            except BesideError:
                continue
            self.announcer.tell(made)
            return made
        raise AssertionError


def _ends(known: Reservation, how: Ending, now: datetime) -> bool:
    """Tell whether a reservation ends now. Raises `RefusedError` for one whose goods left the house."""
    if how == "cancelled" and known.status == "fulfilled":
        raise RefusedError("fulfilled", "the goods have left the house")
    if how == "expired":
        return known.over(now)
    return known.status in LIVE
