"""Ending reservations: what they took is given back in the one transaction that ends them, and sold again at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from standby.ledger.claims import BesideError, ClaimBook
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.model import LIVE, Canceller, Ending, Over, RefusedError, Reservation, claim_id
from standby.preorder.repository import ChangedMeanwhileError, PreorderRepository, Writes
from standby.preorder.telling import CANCELLED, FREED, OFFER_EXPIRED, REFUND, Announcer, requested_name

if TYPE_CHECKING:
    from standby.platform.table import Write


@frozen(kw_only=True)
class EndingDesk:
    """Cancels reservations, and ends holds whose time is over."""

    preorders: PreorderRepository
    writes: Writes
    claims: ClaimBook
    announcer: Announcer
    clock: Clock
    backoff: Backoff

    def cancel(
        self, reservation_id: str, by: Canceller | None = None, beside: "Sequence[Write]" = ()
    ) -> Reservation | None:
        """Cancel a reservation and return it; ``None``: there is none. Repeating changes nothing.

        Without ``by`` it is cancelled whatever the ERP knows. A customer or the shop asks the ERP to, where it knows
        the order. ``beside`` are writes to the table Preorders that are done with it. Raises `RefusedError` for one
        whose goods left the house, `BusyError`.
        """
        return self._ended(reservation_id, "cancelled", by=by, beside=beside)

    def expire(self, reservation_id: str) -> Reservation | None:
        """End a hold if its time is over, tell what is owed, and return the reservation as it is then."""
        return self._ended(reservation_id, "expired")

    def give_back(self, reservation_id: str, why: Over) -> Reservation | None:
        """End an offer before its time, and return it as it is then. Raises `BusyError`.

        One that was accepted only its customer gives back, and only until its order is placed.
        """
        return self._ended(reservation_id, "cancelled", why=why)

    def _ended(
        self,
        reservation_id: str,
        how: Ending,
        *,
        by: Canceller | None = None,
        why: Over | None = None,
        beside: "Sequence[Write]" = (),
    ) -> Reservation | None:
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None or (known.unaccepted and how == "cancelled" and why is None):
                return None
            now = self.clock.now()
            over = known.cancel_sent_at is not None if by else why is not None and not _can_be_given_back(known, why)
            if not _ends(known, how, now) or over:
                self.announcer.tell(known)
                return known
            try:
                if by is not None and known.order_id is not None and not known.over(now):
                    made = _passed_on(known, by, now)
                    self.preorders.update(made, beside)
                else:
                    made = _over(known, how, by, why, now)
                    keys = [
                        (line.sku, claim_id(reservation_id, line.sku)) for line in known.lines if not line.on_credit
                    ]
                    writes = [*self.writes.ended(made), *(replace(w, elsewhere=self.writes.table) for w in beside)]
                    self.claims.end_together(keys, "returned", now=now, beside=writes)
            except (BesideError, ChangedMeanwhileError):
                continue
            self.announcer.tell(made)
            return made
        raise AssertionError


def _passed_on(known: Reservation, by: Canceller, now: datetime) -> Reservation:
    """Return a reservation whose order the ERP is asked to cancel. Until it decides, no clock of ours ends it."""
    owed = (*known.owed, requested_name(known.order_id))
    at = to_text(now)
    return replace(known, cancel_sent_at=at, cancelled_by=by, pay_by=None, edition=known.edition + 1, owed=owed)


def _over(known: Reservation, how: Ending, by: Canceller | None, why: Over | None, now: datetime) -> Reservation:
    """Return a reservation as it ended. Of an offer that nobody accepted, its customer's address is kept no longer.

    Who paid for what a customer or the shop cancelled is owed the money. An order that nobody paid for is the ERP's to
    cancel, where it knows it.
    """
    expired = known.state(now) == "expired"
    made = replace(known, status="expired" if expired else how, ended_at=to_text(now), edition=known.edition + 1)
    if known.offer is None or not known.unaccepted:
        wanted = None if expired or how == "expired" else by or known.cancelled_by
        owed = (*known.owed, CANCELLED, FREED, *((REFUND,) if wanted and known.paid else ()))
        offer = known.offer and replace(known.offer, over=None if expired else why)
        owed += (requested_name(known.order_id),) if made.unpaid and known.order_id is not None else ()
        return replace(made, offer=offer, cancelled_by=wanted, owed=owed)
    said: Over = "silent" if known.offer.leased_at else "unsent"
    offer = replace(known.offer, over=said if expired or why is None else why, remind_at=None)
    return replace(made, offer=offer, customer=None, owed=(OFFER_EXPIRED, FREED))


def _can_be_given_back(known: Reservation, why: Over) -> bool:
    return known.unaccepted or (why == "declined" and known.confirmed_at is None)


def _ends(known: Reservation, how: Ending, now: datetime) -> bool:
    """Tell whether a reservation ends now. Raises `RefusedError` for one whose goods left the house."""
    if how == "cancelled" and known.status == "fulfilled":
        raise RefusedError("fulfilled", "the goods have left the house")
    if how == "expired":
        return known.over(now)
    return known.status in LIVE
