"""What becomes of offers: customers take or decline them, mails start their clocks, and somebody stops all mails."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.deadline import deadline
from standby.platform.frozen import frozen
from standby.preorder.ending import EndingDesk
from standby.preorder.links import OFFER
from standby.preorder.model import (
    Offer,
    Over,
    RefusedError,
    Reservation,
    TooLateError,
    VanishedError,
    offer_status,
    remind_at,
)
from standby.preorder.repository import ChangedMeanwhileError, PreorderRepository
from standby.preorder.service import Book, digest
from standby.preorder.telling import OFFER_ACCEPTED, REMINDED, Announcer
from standby.preorder.vanished import Vanished


@frozen(kw_only=True)
class OfferDesk:
    """Takes and gives back offers, for their customers."""

    preorders: PreorderRepository
    settings: Book
    ending: EndingDesk
    vanished: Vanished
    announcer: Announcer
    clock: Clock
    backoff: Backoff

    def offer(self, offer_id: str) -> Reservation:
        """Return an offer. Raises `TooLateError` where it is so old that it was forgotten."""
        known = self.preorders.reservation(offer_id)
        if known is None or known.offer is None:
            raise TooLateError
        return known

    def accept(self, offer_id: str) -> Reservation:
        """Let a customer take an offer, and return the reservation to check out with, which lasts as long at least.

        Repeating changes nothing. Raises `TooLateError`, `BusyError`; `VanishedError` while its unit is missing.
        """
        for _ in self.backoff.tries(offer_id):
            known, now = self.offer(offer_id), self.clock.now()
            status = offer_status(known, now)
            if status == "accepted":
                self.announcer.tell(known)
                return known
            if status != "open" or known.offer is None:
                raise TooLateError
            if self.vanished.has(known):
                raise VanishedError
            settings, _version = self.settings.resolve(known.lines[0].sku)
            made = _accepted(known, known.offer, settings.checkout_minutes, now)
            try:
                self.preorders.accept(made)
            except ChangedMeanwhileError:
                continue
            self.announcer.tell(made)
            return made
        raise AssertionError

    def decline(self, offer_id: str) -> Reservation:
        """Let a customer give an offer back, also one that was accepted and not ordered yet; return it as it is then.

        Repeating changes nothing. Raises `TooLateError`; `RefusedError` once its order was placed; `BusyError`.
        """
        known = self.ending.give_back(self.offer(offer_id).reservation_id, "declined")
        status = None if known is None else offer_status(known, self.clock.now())
        if known is None or status == "expired":
            raise TooLateError
        if status != "declined":
            raise RefusedError("ordered", "the order was placed")
        return known


@frozen(kw_only=True)
class OfferClock:
    """Follows the mails of offers."""

    preorders: PreorderRepository
    ending: EndingDesk
    announcer: Announcer
    clock: Clock
    backoff: Backoff

    def mailed(self, reference: str, leased_at: str, ends_at: str | None = None) -> None:
        """Start an offer's clock at its mail's lease, once: what the mail says never moves (design §6).

        ``ends_at`` is what it says. A mailer that names no deadline knows of no closed hours.
        """

        def started(known: Reservation, offer: Offer) -> Reservation | None:
            if offer.leased_at is not None:
                return None
            began = from_text(leased_at)
            ends = from_text(ends_at) if ends_at else deadline(began, offer.hours)
            if not known.unaccepted:
                until = max(known.expires_at, to_text(ends))
                return replace(known, offer=replace(offer, leased_at=leased_at), expires_at=until)
            offer = replace(offer, leased_at=leased_at, remind_at=remind_at(began, ends))
            return replace(known, offer=offer, expires_at=to_text(ends))

        self._change(offer_id_of(reference), started)

    def refused(self, reference: str, why: Over) -> None:
        """End the offer whose mail was not sent, did not arrive, or was called off."""
        self.ending.give_back(offer_id_of(reference), why)

    def stopped(self, address: str, why: Over) -> None:
        """End whatever an address is offered and has not accepted: it stopped all mails, or they do not arrive."""
        for offer_id in self.preorders.offered(address):
            self.ending.give_back(offer_id, why)

    def remind(self, known: Reservation) -> None:
        """Remind of an offer, if it is time for that."""

        def reminded(known: Reservation, offer: Offer) -> Reservation | None:
            if offer.remind_at is None or offer.remind_at > to_text(self.clock.now()) or not known.unaccepted:
                return None
            return replace(known, offer=replace(offer, remind_at=None), owed=(*known.owed, REMINDED))

        if known.offer is not None and known.offer.remind_at is not None:
            self._change(known.reservation_id, reminded)

    def _change(self, offer_id: str, change: Callable[[Reservation, Offer], Reservation | None]) -> None:
        """Change an offer that is held, as ``change`` says; ``None`` leaves it as it is."""
        for _ in self.backoff.tries(offer_id):
            known = self.preorders.reservation(offer_id)
            if known is None or known.offer is None or known.status != "held":
                return
            made = change(known, known.offer)
            if made is None:
                return
            made = replace(made, edition=known.edition + 1)
            try:
                self.preorders.update(made)
            except ChangedMeanwhileError:
                continue
            self.announcer.tell(made)
            return


def _accepted(known: Reservation, offer: Offer, minutes: int, now: datetime) -> Reservation:
    """Return an offer as accepted: it can be checked out until its time, and some minutes at least."""
    until = max(known.expires_at, to_text(now + timedelta(minutes=minutes)))
    return replace(
        known,
        offer=replace(offer, accepted_at=to_text(now), remind_at=None),
        hold_minutes=minutes,
        held_until=until,
        expires_at=until,
        edition=known.edition + 1,
        owed=(*known.owed, OFFER_ACCEPTED),
    )


def offer_id_of(reference: str) -> str:
    """Return the id of the offer whose mail has a reference."""
    return digest(f"{OFFER}#{reference}")
