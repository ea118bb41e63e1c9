"""Offering units to customers in line: each is held for one of them before the mail says so (promise 1).

The waitlist hands over a job of customers in the order of the line. Each offer is a reservation of its own, written
with the claim that holds its units. Where no units are there any more, it is written down that the offer was not made,
so that a repeated job decides the same, and its customer goes on waiting. Then those who have an offer are mailed.

Two jobs may be about the same units. So a job that comes before its turn waits for the one before it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from standby.ledger.claims import BesideError, Claim, ClaimBook, SoldOutError
from standby.mail_job import MailJob, Recipient
from standby.offer_job import MOST_OFFERED, Offeree, OfferJob
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.deadline import deadline
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.platform.shop_hours import Hours
from standby.preorder.links import OFFER, Links
from standby.preorder.model import LONGEST_HOLD, Customer, Line, Offer, Reservation, claim_id
from standby.preorder.offers import offer_id_of
from standby.preorder.repository import Writes
from standby.preorder.telling import OFFER_EXPIRED, Announcer, several

LONGEST_HOURS = 720
ANSWERED_AFTER = timedelta(hours=1)
"""So long after its job's time an offer of whose mail nothing was heard is over. A call that Mail began just before may
take so long to be told of."""
TURN = timedelta(minutes=15)
"""So long a job waits for the one before it, which may have been set aside."""
TURN_SECONDS = 1
"""So long after a job came before its turn it looks again."""
MAIL_WAITS = timedelta(days=1)
"""So long the waitlist lets an offer's mail be late. Where the mail waits for open hours, only those count."""
LINK_LIVES = timedelta(days=30)
"""After an offer's time its link says so."""


class Reservations(Protocol):
    """Where offers are kept."""

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...

    def note(self, reservation: Reservation) -> Reservation:
        """Write that an offer could not be made, once, and return it, or the one that was there."""
        ...


@frozen(kw_only=True)
class Offering:
    """Makes the offers of a job, and has them mailed."""

    preorders: Reservations
    writes: Writes
    claims: ClaimBook
    announcer: Announcer
    mails: Queue
    jobs: Queue
    links: Links
    clock: Clock
    hours: Hours
    mail_waits: bool
    """The mails of offers wait for open hours."""

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle a job. Raises `PoisonError` for one that is malformed."""
        try:
            job = OfferJob.from_content(content)
            from_text(job.valid_until)
        except (KeyError, TypeError, ValueError) as error:
            raise PoisonError(f"offer: {error}") from error
        if not 0 < job.hours <= LONGEST_HOURS or len(job.customers) > MOST_OFFERED:
            raise PoisonError(f"offer: of {job.hours} hours, for {len(job.customers)} customers")
        if self._too_early(job):
            self.jobs.send([Outgoing.of(content, delay_seconds=TURN_SECONDS)])
            return
        made = [(each, self._made(job, each)) for each in job.customers]
        self.mails.send(Outgoing.of(mail.content()) for mail in _mails(job, made, self._until))

    def _too_early(self, job: OfferJob) -> bool:
        """Tell whether the job before is not done: its customers are ahead, and may be about the same units."""
        if not job.after or self.clock.now() >= from_text(job.valid_until) - MAIL_WAITS + TURN:
            return False
        return self.preorders.reservation(offer_id_of(job.after)) is None

    def _until(self, job: OfferJob, zone: str | None) -> datetime:
        """Return until when a customer's mail may go; the same whenever the job is made again."""
        until = from_text(job.valid_until)
        return self.hours.after(until - MAIL_WAITS, MAIL_WAITS, zone) if self.mail_waits else until

    def _made(self, job: OfferJob, customer: Offeree) -> Reservation:
        """Hold units for a customer, and return the offer as it is now."""
        now, until = self.clock.now(), self._until(job, customer.time_zone)
        ends = deadline(until, job.hours, self.hours, customer.time_zone)
        offered = self._offered(job, customer, until, ends, now)
        if now < until:
            units = customer.quantity
            claim = Claim(
                claim_id=claim_id(offered.reservation_id, job.sku),
                sku=job.sku,
                kind=OFFER,
                units=units,
                held_until=to_text(ends + LONGEST_HOLD),
            )
            try:
                self.claims.take_together([claim], now=now, beside=self.writes.begun(offered))
            except SoldOutError:
                pass
            except BesideError:
                known = self.preorders.reservation(offered.reservation_id)
                if known is None:
                    raise
                self.announcer.tell(known)
                return known
            else:
                return offered
        known = self.preorders.note(_unmade(offered, now))
        self.announcer.tell(known)
        return known

    def _offered(self, job: OfferJob, customer: Offeree, until: datetime, last: datetime, now: datetime) -> Reservation:
        """Return an offer whose mail goes until a moment, and whose time is over at the last one."""
        offer_id = offer_id_of(customer.reference)
        token = self.links.tokens().issue(OFFER, {"o": offer_id}, now=now, lifetime=last - now + LINK_LIVES)
        ends = to_text(until + ANSWERED_AFTER)
        return Reservation(
            reservation_id=offer_id,
            kind="checkout",
            status="held",
            lines=(Line(sku=job.sku, quantity=customer.quantity),),
            customer=Customer(email=customer.email, locale=customer.locale),
            body="",
            created_at=to_text(now),
            held_until=ends,
            expires_at=ends,
            hold_minutes=0,
            offer=Offer(
                reference=customer.reference,
                address=customer.address,
                locale=customer.locale,
                hours=job.hours,
                links={"offer_url": f"{self.links.public_url}/v1/offers/", "leave_url": job.leave_url},
                slots={"offer": token, "leave": customer.leave},
                consented_at=customer.consented_at,
                time_zone=customer.time_zone,
            ),
        )


def _unmade(offered: Reservation, now: datetime) -> Reservation:
    offer = offered.offer and replace(offered.offer, over="unmade")
    return replace(offered, status="expired", ended_at=to_text(now), customer=None, offer=offer, owed=(OFFER_EXPIRED,))


def _mails(
    job: OfferJob, made: Iterable[tuple[Offeree, Reservation]], until: Callable[[OfferJob, str | None], datetime]
) -> list[MailJob]:
    """Make the mails of those offers that are open: one for each language, time zone and quantity.

    A repeated job makes the same, without those that ended meanwhile; Mail goes by the one that it begins first.
    """
    groups: dict[tuple[str, str | None, int], list[Recipient]] = {}
    for customer, known in made:
        if known.offer is None or not known.unaccepted or known.status != "held":
            continue
        recipient = Recipient(
            reference=customer.reference,
            email=customer.email,
            slots=known.offer.slots,
            consented_at=customer.consented_at,
            marketing=customer.marketing,
        )
        groups.setdefault((customer.locale, customer.time_zone, customer.quantity), []).append(recipient)
    links = {"offer_url": "", "leave_url": job.leave_url}
    links |= next((known.offer.links for _, known in made if known.offer), {})
    return [
        MailJob(
            job_id=f"{job.job_id}#{locale}#{time_zone or ''}#{quantity}",
            kind=OFFER,
            locale=locale,
            data={"sku": job.sku, "hours": job.hours, **several(quantity), **links},
            recipients=recipients,
            valid_until=to_text(until(job, time_zone)),
            time_zone=time_zone,
        )
        for (locale, time_zone, quantity), recipients in groups.items()
    ]
