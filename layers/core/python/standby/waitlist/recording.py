"""Record what became of the mails: a customer who was told leaves the line.

The entry of a customer who could not be mailed is closed, or stays in line when the mail was called off; where SES did
not send a mail that it had accepted, the customer is back in line. A reference
carries all that is needed, so recording an event needs no read unless entries wait for any of several SKUs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, assert_never

from standby.events.customer import CustomerErased
from standby.events.hearing import hear
from standby.events.mail import MailAccepted, MailRefused, SuppressionLifted
from standby.events.preorder import OfferAccepted, OfferExpired, ReservationConfirmed
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError
from standby.waitlist.attention_model import ACCEPTED, DECLINED, ORDERED
from standby.waitlist.closing import ERASED, Closing
from standby.waitlist.digest_model import planned_at
from standby.waitlist.hears import RECORDS
from standby.waitlist.meeting import Count
from standby.waitlist.model import Counts, Place
from standby.waitlist.noticing import Noticing
from standby.waitlist.reacting import Reacting
from standby.waitlist.reference import Reference, digest_of, offer_of, read
from standby.waitlist.restoring import Restoring
from standby.waitlist.served import Served

CLOSING = {
    "rejected": Counts(refused=1),
    "suppressed": Counts(refused=1),
    "unconsented": Counts(refused=1),
    "left": Counts(left=1),
    "erased": Counts(left=1),
}
"""Reasons after which an entry is over, with the count that each raises. The wave's units go to the next in line."""
STAYING = frozenset({"cancelled", "expired"})
"""Reasons after which somebody goes on waiting at the same place: the mail was called off, not the wish."""
BACK = frozenset({"bounced", "complained"})
UNMADE = "unmade"
"""The reason of an offer that was never made: nobody was mailed."""
VANISHED = "vanished"
"""The reason of an offer whose units were not there any more: its customer, told or about to be, is back in line."""
UNDELIVERED = "undelivered"
"""The reason after which a customer who counted as told is back in line, at the same place."""


class Outcomes(Protocol):
    """Where outcomes are written."""

    def end(self, references: Sequence[Reference], how: Counts, *, now: str) -> Sequence[Reference]:
        """Take listings out of line, count each with ``how``, and return those that were still there.

        A last notice ends only what is over by ``now``.
        """
        ...

    def owner(self, place: Place) -> str | None:
        """Return the key of the address that has a place in line; ``None`` once the place is gone."""
        ...

    def stay(self, references: Sequence[Reference], *, now: str) -> None:
        """Let the listings be invited again."""
        ...

    def return_units(self, sku: str, revision: int, wave: int, units: int, *, at: str) -> None:
        """Give back the units of customers who could not be mailed, unless they were counted anew since that wave."""
        ...


class Digests(Protocol):
    """Who gets the weekly list."""

    def told(self, address: str, at: str) -> None:
        """Write when a list was planned that SES accepted."""
        ...


class Invited(Protocol):
    """Who is invited by store offers."""

    def told(self, address: str, offer_id: str, at: str) -> None:
        """Write that SES accepted somebody's mail."""
        ...

    def give_back(self, address: str, offer_id: str, job_id: str | None) -> None:
        """Give back the place of somebody who was not mailed."""
        ...

    def forget(self, address: str) -> None:
        """Forget an address."""
        ...


@frozen()
class Recorder:
    """Writes outcomes down."""

    outcomes: Outcomes
    closing: Closing
    noticing: Noticing
    restoring: Restoring
    served: Served
    reacting: Reacting
    digests: Digests
    invited: Invited
    clock: Clock
    count: Count

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle one of `RECORDS`. Raises `PoisonError` for anything else."""
        match hear(content, RECORDS):
            case MailAccepted() as accepted:
                self._accepted(accepted)
            case MailRefused() as refused:
                self._refused(refused)
            case CustomerErased(address=address, at=at):
                self.closing.close_all(address, at=at, how=Counts(left=1), why=ERASED)
                self.invited.forget(address)
            case SuppressionLifted(address=address, at=at):
                self.closing.lift(address, at=at)
            case OfferAccepted() | OfferExpired() | ReservationConfirmed() as bought:
                self._bought(bought)
            case None:
                raise PoisonError("not an outcome")
            case unhandled:
                assert_never(unhandled)

    def _accepted(self, event: MailAccepted) -> None:
        told = self.outcomes.end(_listings(event.references), Counts(told=1), now=self._now())
        self.count("CustomersTold", sum(known.of_wave for known in told))
        for address in filter(None, map(digest_of, event.references)):
            self.digests.told(address, planned_at(event.job_id))
        for address, offer_id in filter(None, map(offer_of, event.references)):
            self.invited.told(address, offer_id, event.at)

    def _refused(self, event: MailRefused) -> None:
        references = _listings(event.references)
        for address, offer_id in filter(None, map(offer_of, event.references)):
            self.invited.give_back(address, offer_id, event.job_id)
        if event.reason in STAYING:
            self.outcomes.stay(references, now=self._now())
            for known in references:
                self._missed(known, event)
        elif event.reason in CLOSING:
            self.reacting.refused(references)
            ended = self.outcomes.end(references, CLOSING[event.reason], now=self._now())
            self.count("CustomersRefused", len(ended))
            self._return_units(ended)
        elif event.reason in BACK:
            if event.address is not None:
                self.closing.close_all(event.address, at=event.at, how=Counts(refused=1), why=event.reason)
        elif event.reason == UNDELIVERED:
            if event.address is not None:
                for known in references:
                    self.restoring.restore(event.address, known, at=event.at)
        else:
            raise PoisonError(f"not a reason: {event.reason}")

    def _bought(self, event: OfferAccepted | OfferExpired | ReservationConfirmed) -> None:
        """Record what became of an offer, or that what was reserved was ordered; some name nobody.

        Who pre-ordered waits for that no longer. What was bought at a checkout ends no wish.
        """
        match event:
            case OfferExpired():
                self._expired(event)
            case ReservationConfirmed(address=str(address), kind=kind, lines=lines, at=at):
                if kind == "preorder":
                    self.served.take_out(address, [line["sku"] for line in lines], at=at)
                self.reacting.reacted(address, ORDERED, at=at)
            case OfferAccepted(address=str(address), at=at):
                self.reacting.reacted(address, ACCEPTED, at=at)

    def _expired(self, event: OfferExpired) -> None:
        """Let somebody go on waiting who was not offered anything, or something that is not there any more.

        Who said no to an offer is heard of.
        """
        if event.reason == DECLINED and event.address is not None:
            self.reacting.reacted(event.address, DECLINED, at=event.at)
        references = _listings([event.reference])
        if event.reason == UNMADE:
            self.outcomes.stay(references, now=self._now())
        elif event.reason == VANISHED and event.address is not None:
            for known in references:
                self.restoring.restore(event.address, known, at=event.at)

    def _missed(self, known: Reference, event: MailRefused) -> None:
        """See to it that somebody whose last notice came too late gets another."""
        owner = None if known.of_wave else self.outcomes.owner(known.listing)
        if owner is not None and event.job_id is not None:
            self.noticing.missed(owner, event.job_id, at=event.at)

    def _return_units(self, references: Sequence[Reference]) -> None:
        units: dict[tuple[str, int, int], int] = {}
        for known in references:
            if known.of_wave:
                wave = (known.sku, known.revision, known.wave)
                units[wave] = units.get(wave, 0) + known.quantity
        for (sku, revision, wave_number), number in units.items():
            self.outcomes.return_units(sku, revision, wave_number, number, at=self._now())

    def _now(self) -> str:
        return to_text(self.clock.now())


def _listings(references: Iterable[str]) -> list[Reference]:
    """Read the references that are about listings; others (a confirmation's) end here."""
    known = map(read, references)
    return list({found.text(): found for found in known if found is not None}.values())
