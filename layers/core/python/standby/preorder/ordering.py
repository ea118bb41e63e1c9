"""What the ERP says of orders that name reservations: known to it, gone, or cancelled."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from standby.events.delivery import OrderPlaced, OrderShipped
from standby.ledger.claims import BesideError, ClaimBook
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.credits import Credits
from standby.preorder.ending import EndingDesk
from standby.preorder.late_words import followed
from standby.preorder.model import LIVE, Line, RefusedError, Reservation, claim_id
from standby.preorder.named import Fate, fates, heard, left_at, some_units
from standby.preorder.repository import ChangedMeanwhileError, PreorderRepository, Writes
from standby.preorder.sharing import ALONE, Others, said_by
from standby.preorder.telling import REFUND, allocated, confirmed, freed_name, paid_for, watch

if TYPE_CHECKING:
    from standby.preorder.hears import OfOrder
    from standby.preorder.pieces import Pieces


@frozen(kw_only=True)
class OrderDesk:
    """Follows orders. Ids that are nobody's reservation are left alone."""

    preorders: PreorderRepository
    writes: Writes
    pieces: "Callable[[], Pieces]"
    """Loads what ends units of lines that go on, and follows what left all the same, which both is seldom."""
    claims: ClaimBook
    ending: EndingDesk
    credits: Credits
    clock: Clock
    backoff: Backoff

    def handle(self, event: "OfOrder") -> None:
        """Settle the claims of a placed order, and end the reservations of which nothing is left to ship.

        A reservation that is still held for checkout is confirmed by its order: the storefront's word may be lost.

        Units that leave before others of their line are its no more from then on (`pieces`).
        """
        ids = event.reservation_ids
        others = self._others(event) if len(ids) > 1 else {}
        for reservation_id in ids:
            if isinstance(event, OrderPlaced):
                self._placed(reservation_id, event)
            self._named(reservation_id, event, others.get(reservation_id, ALONE))
            self._over(reservation_id)
            if isinstance(event, OrderShipped):
                self._left_all_the_same(reservation_id, event, others.get(reservation_id, ALONE))

    def _others(self, event: "OfOrder") -> Mapping[str, Others]:
        from standby.preorder.sharers import others_of  # noqa: PLC0415 - few orders name several reservations

        known = map(self.preorders.reservation, event.reservation_ids)
        return others_of(event, [each for each in known if each is not None])

    def _placed(self, reservation_id: str, event: OrderPlaced) -> None:
        known = self._confirmed(reservation_id, paid=event.paid)
        for line in known.lines if known is not None and known.status in LIVE else ():
            name = claim_id(reservation_id, line.sku)
            self.claims.settle(line.sku, name, settled_at=event.as_of, now=self.clock.now())

    def _confirmed(self, reservation_id: str, *, paid: bool = False) -> Reservation | None:
        """Confirm a reservation that is held, note that it is paid, and return it as it is then.

        One that is over stays so. What was paid stays paid, whatever an order says later.
        """
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            now = self.clock.now()
            if known is not None and known.unaccepted:
                return None
            if known is None or known.status not in LIVE or known.over(now):
                return known
            if known.status != "held" and (known.paid or not paid):
                return known
            made = confirmed(known, now, paid=paid) if known.status == "held" else paid_for(known)
            try:
                if known.status == "held":
                    self.credits.confirm(made, known, now=now)
                else:
                    self.preorders.update(made)
            except ChangedMeanwhileError:
                continue
            self.ending.announcer.tell(made)
            return made
        raise AssertionError

    def _named(self, reservation_id: str, event: "OfOrder", others: Others) -> None:
        """Note what an order says of a reservation that it names; it belongs to the newest that does.

        Of one that is over nothing is noted but what follows from it (`late_words`).
        """
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None:
                return
            orders = heard(known.orders, said_by(event, known, others))
            made = replace(known, order_id=orders[0].order_id, orders=orders, edition=known.edition + 1)
            made = followed(made, known, event)
            if made.owed == known.owed and (orders == known.orders or known.status not in LIVE):
                return
            made = _handed_over(made, known, event)
            if known.order_id is None and known.kind == "preorder" and any(line.given for line in known.lines):
                self.claims.watch(watch(made, self.clock.now()))  # at first, as whoever comes again has nothing to note
            try:
                self.preorders.update(made)
            except ChangedMeanwhileError:
                continue
            self.ending.announcer.tell(made)
            return

    def _over(self, reservation_id: str) -> None:
        """End the lines of a reservation of which nothing is left to ship, and with the last one the reservation.

        What left of it makes it fulfilled. Units that are cancelled of lines that go on, or that left, are taken off
        before that. A hold is confirmed before a part of it ends.
        """
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None or known.status not in LIVE or known.unaccepted:
                return
            found = fates(known)
            some = some_units(known, found)
            outcomes = {*found.values(), *(line.fate for line in known.gone)}
            whole = len(found) == len(known.lines) and not some
            if not (found or some):
                return
            if known.owed:  # what is told of its lines is told before they change
                self.ending.announcer.tell(known)
                known = replace(known, owed=())
            if whole and outcomes == {"cancelled"}:
                self._cancelled(reservation_id)
                return
            if whole and "cancelled" not in found.values():
                self._shipped(reservation_id)
                return
            if known.status == "held":
                known = self._confirmed(reservation_id)
            if known is None or known.status == "held":
                return
            if some:
                self.pieces().reduce(known, *some[0])
            else:
                self._part(known, found)

    def _part(self, known: Reservation, found: Mapping[str, Fate]) -> None:
        """End those lines that were cancelled or, where none was, shipped; who was quicker is looked at anew."""
        now, fate = self.clock.now(), min(found.values())
        ended = tuple(
            replace(line, fate=fate, ended_at=to_text(now)) for line in known.lines if found.get(line.sku) == fate
        )
        made = _without(known, ended, now)
        keys = [(line.sku, claim_id(known.reservation_id, line.sku)) for line in ended]
        how: Literal["returned", "dropped"] = "returned" if fate == "cancelled" else "dropped"
        if made.status == "allocated" != known.status:  # before that is so, or nobody would come to say it again
            self.claims.watch(watch(made, now))
        with suppress(BesideError):
            beside, left = self.writes.parted(made, ended), left_at(known, now) if fate == "shipped" else None
            self.claims.end_together(keys, how, now=now, beside=beside, shipped_at=left)
            self.ending.announcer.tell(made)

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
                beside, left = self.writes.fulfilled(made), left_at(known, now)
                self.claims.end_together(keys, "dropped", now=now, beside=beside, shipped_at=left)
            except BesideError:
                continue
            self.ending.announcer.tell(made)
            return

    def _left_all_the_same(self, reservation_id: str, event: OrderShipped, others: Others) -> None:
        """Keep from everybody what left of lines that were cancelled before, or whose hold was over."""
        known = self.preorders.reservation(reservation_id)
        if known is not None and (known.gone or known.status in {"cancelled", "expired"}):
            self.pieces().left(event, known, others)

    def _cancelled(self, reservation_id: str) -> None:
        try:
            self.ending.cancel(reservation_id)
        except RefusedError:
            return  # its goods left the house before


def _handed_over(made: Reservation, known: Reservation, event: "OfOrder") -> Reservation:
    """Return a reservation that owes its order what was promised so far, as that begins to tell of it, or lists anew.

    What the ERP says of days from then on is newer.
    """
    begins = not (known.told_by_order and known.order_id == made.order_id)
    if made.kind != "preorder" or not made.told_by_order or not (begins or isinstance(event, OrderPlaced)):
        return made
    from standby.preorder.slipping import handed_over  # noqa: PLC0415 - what was promised moves seldom

    at = event.as_of if begins and isinstance(event, OrderPlaced) else made.orders[0].named_at
    return replace(made, owed=(*made.owed, *handed_over(made, at)))


def _fulfilled(known: Reservation, now: datetime) -> Reservation:
    """Return a reservation whose goods left. Who paid for lines that they had cancelled is owed the money."""
    wanted = known.cancelled_by and known.paid and any(line.fate == "cancelled" for line in known.gone)
    owed = (*known.owed, REFUND) if wanted else known.owed
    made = replace(known, status="fulfilled", ended_at=to_text(now), pay_by=None, edition=known.edition + 1)
    return replace(made, owed=owed)


def _without(known: Reservation, ended: tuple[Line, ...], now: datetime) -> Reservation:
    """Return a reservation without lines that ended: allocated where the rest is there, over where none is left."""
    lines = tuple(line for line in known.lines if line.sku not in {each.sku for each in ended})
    back = Counter(line.sku for line in known.gone)
    freed = tuple(freed_name(line.sku, back[line.sku]) for line in ended if line.fate == "cancelled")
    made = replace(known, lines=lines, gone=(*known.gone, *ended), owed=(*known.owed, *freed))
    if not lines:
        return _fulfilled(made, now)
    made = replace(made, edition=known.edition + 1)
    return allocated(made, now) if known.status == "confirmed" else made
