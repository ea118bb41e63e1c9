"""What the shop's back office says of its store offers."""

from typing import TYPE_CHECKING, Protocol

from standby.events.waitlist import StoreOfferChanged
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_milliseconds, to_text
from standby.platform.frozen import frozen
from standby.waitlist.meeting import retried
from standby.waitlist.service import Calendar
from standby.waitlist.store_offer_model import MOST_OFFERS, Offer, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


class UnknownOfferError(LookupError):
    """The shop made no such offer, or it is long over."""


class TooManyOffersError(Exception):
    """As many offers go on, or are to come, as there may be."""


class Book(Protocol):
    """Where offers are kept."""

    def offers(self) -> "Sequence[Offer]":
        """Return the offers that are kept."""
        ...

    def offer(self, offer_id: str) -> Offer | None:
        """Return an offer; ``None`` where there is none."""
        ...

    def save(self, offer: Offer, *, was: Offer | None) -> None:
        """Write what the shop says of an offer. Raises `ChangedMeanwhileError`."""
        ...


@frozen()
class StoreOffers:
    """Makes, changes, ends and shows store offers."""

    book: Book
    bus: Bus
    clock: Clock
    calendar: Calendar

    def put(self, offer_id: str, terms: Terms) -> tuple[Offer, bool]:
        """Make an offer, or replace what was said of it; return it, and whether it is new.

        The same again changes nothing. Raises `TermsError`, `TooManyOffersError`.
        """

        def attempt() -> tuple[Offer, bool]:
            was = self.book.offer(offer_id)
            if was is not None and was.terms == terms and was.ended_at is None:
                return was, False
            today, edition = self.calendar.today(self.clock.now()), to_milliseconds(self.clock.now())
            made = (
                Offer(offer_id=offer_id, terms=terms, edition=edition, began=terms.since)
                if was is None
                else was.changed(terms, today)
            )
            terms.check(today, made.began)
            if was is None or not was.goes_on(today):
                self._room(today)
            self.book.save(made, was=was)
            return made, was is None

        made, new = retried(attempt)
        self._tell(made)
        return made, new

    def end(self, offer_id: str) -> None:
        """End an offer: nobody is invited any more, and mails that have not left are called off.

        Raises `UnknownOfferError`. One that has ended stays ended.
        """

        def attempt() -> Offer:
            was = self.show(offer_id)
            ended = was.ended(to_text(self.clock.now()))
            if ended != was:
                self.book.save(ended, was=was)
            return ended

        self._tell(retried(attempt))

    def show(self, offer_id: str) -> Offer:
        """Return an offer. Raises `UnknownOfferError`."""
        found = self.book.offer(offer_id)
        if found is None:
            raise UnknownOfferError(offer_id)
        return found

    def all(self) -> list[Offer]:
        """Return all that are kept, those that begin last first."""
        return sorted(self.book.offers(), key=lambda each: (each.terms.since, each.offer_id), reverse=True)

    def _room(self, today: "date") -> None:
        """Raise `TooManyOffersError` where there is no room for one more."""
        if sum(each.goes_on(today) for each in self.book.offers()) >= MOST_OFFERS:
            raise TooManyOffersError

    def _tell(self, offer: Offer) -> None:
        """Let Mail hear what the offer's newest words are; again, too, for whoever wrote them may have died."""
        told = StoreOfferChanged(
            id=f"store_offer#{offer.offer_id}#{offer.edition}",
            at=to_text(self.clock.now()),
            offer_id=offer.offer_id,
            edition=offer.edition,
            ended=offer.ended_at is not None,
        )
        self.bus.publish([told])
