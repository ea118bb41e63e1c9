"""What the ERP says of orders that name reservations: known to it, gone, or cancelled."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.ledger.claims import BesideError, ClaimBook
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.credits import Credits
from standby.preorder.ending import EndingDesk
from standby.preorder.model import LIVE, RefusedError, Reservation, claim_id
from standby.preorder.repository import ChangedMeanwhileError, PreorderRepository, Writes
from standby.preorder.telling import REQUESTED, confirmed

if TYPE_CHECKING:
    from standby.preorder.hears import OfOrder


@frozen(kw_only=True)
class OrderDesk:
    """Follows orders. Ids that are nobody's reservation are left alone."""

    preorders: PreorderRepository
    writes: Writes
    claims: ClaimBook
    ending: EndingDesk
    credits: Credits
    clock: Clock
    backoff: Backoff

    def handle(self, event: "OfOrder") -> None:
        """Settle the claims of a placed order, drop those of a shipped one, and end a cancelled one's reservations.

        A reservation that is still held for checkout is confirmed by its order: the storefront's word may be lost.

        Of an order that ships in parts the units stay set aside until the last part has left.
        """
        for reservation_id in event.reservation_ids:
            match event:
                case OrderPlaced(as_of=as_of, order_id=order_id):
                    self._placed(reservation_id, as_of)
                    self._named(reservation_id, order_id, as_of)
                case OrderShipped(complete=True):
                    self._shipped(reservation_id)
                case OrderCancelled(complete=True, order_id=order_id):
                    self._cancelled(reservation_id, order_id)

    def _placed(self, reservation_id: str, as_of: str) -> None:
        known = self._confirmed(reservation_id)
        for line in known.lines if known is not None and known.status in LIVE else ():
            name = claim_id(reservation_id, line.sku)
            self.claims.settle(line.sku, name, settled_at=as_of, now=self.clock.now())

    def _confirmed(self, reservation_id: str) -> Reservation | None:
        """Confirm a reservation that is held, and return it as it is then. A hold that is over stays so."""
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            now = self.clock.now()
            if known is not None and known.unaccepted:
                return None
            if known is None or known.status != "held" or known.over(now):
                return known
            made = confirmed(known, now, paid=False)
            try:
                self.credits.confirm(made, known, now=now)
            except ChangedMeanwhileError:
                continue
            self.ending.announcer.tell(made)
            return made
        raise AssertionError

    def _named(self, reservation_id: str, order_id: str, as_of: str) -> None:
        """Note which order names a reservation, the newest where several do.

        The ERP is asked to cancel the first that names a reservation which its customer or the shop cancelled before,
        or that nobody paid for.
        """
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None or not _belongs(known, order_id, as_of):
                return
            ended = known.unpaid or (known.status == "cancelled" and known.cancelled_by is not None)
            late = ended and known.order_id is None
            if known.status not in LIVE and not late:
                return
            owed = (*known.owed, REQUESTED) if late else known.owed
            made = replace(known, order_id=order_id, ordered_at=as_of, edition=known.edition + 1, owed=owed)
            try:
                self.preorders.update(made)
            except ChangedMeanwhileError:
                continue
            self.ending.announcer.tell(made)
            return

    def _shipped(self, reservation_id: str) -> None:
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None or known.unaccepted or known.status not in LIVE:
                return
            now = self.clock.now()
            try:
                known = self.credits.own(known, now=now)
                made = _fulfilled(known, now)
                keys = [(line.sku, claim_id(reservation_id, line.sku)) for line in known.lines]
                self.claims.end_together(keys, "dropped", now=now, beside=self.writes.fulfilled(made))
            except BesideError:
                continue
            return

    def _cancelled(self, reservation_id: str, order_id: str) -> None:
        """End a reservation, unless it belongs to a newer order: whoever paid at the second try keeps it."""
        known = self.preorders.reservation(reservation_id)
        if known is None or known.order_id not in {None, order_id}:
            return
        try:
            self.ending.cancel(reservation_id)
        except RefusedError:
            return  # its goods left the house before


def _belongs(known: Reservation, order_id: str, as_of: str) -> bool:
    """Tell whether a reservation belongs from now on to an order that names it: one newer than the one it had."""
    return known.order_id is None or (known.order_id != order_id and (known.ordered_at or "") < as_of)


def _fulfilled(known: Reservation, now: datetime) -> Reservation:
    return replace(known, status="fulfilled", ended_at=to_text(now), pay_by=None, edition=known.edition + 1)
