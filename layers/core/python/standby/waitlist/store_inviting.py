"""Invite those who wait to a store that has it, by the shop's dated offers, in pages (features.md A12).

Each day of an offer goes once through all guests, from the offer's hour on, as far as there are places; what the shop
says anew of an offer goes through them again. A page is written together with the places that it takes, before its jobs
are sent. So a page that comes again makes the same jobs, and Mail sends each once. A shard that stopped is begun again
by the sweep.

Whoever can buy it online is not invited: the waitlist's own mail tells them. Mail looks again right before it sends
whether the store has units, whether the offer still says so and whether its days are over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from standby.events.waitlist import InvitedToStore
from standby.mail_job import MailJob, Recipient, store_offer_wave
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.point import Point
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.shelf.having import STORE, name_of
from standby.shelf.model import BUYABLE, Row, Store
from standby.waitlist.digest_model import SHARDS, Progress, is_issue
from standby.waitlist.links import Links
from standby.waitlist.meeting import Count, retried
from standby.waitlist.reference import in_store, offered, waits_in_store
from standby.waitlist.store_offer_model import (
    EARLY,
    PERCENT,
    TODAY,
    WRAP,
    Group,
    Guest,
    Invitation,
    Offer,
    Page,
    Round,
    Shop,
    Stocked,
    grouped,
    invitation,
)
from standby.waitlist.store_words import address_said

PAGE = 50
"""Guests of a page: so many as one job has room for, and one transaction."""
ROWS = 100
"""Of one request."""
STOOD_STILL = timedelta(minutes=10)
"""A shard that wrote no page for so long is begun again."""
SAID = {TODAY: "today", EARLY: "early", WRAP: "wrap"}
"""How the mail's data says which offer it is, but for a number of percent."""


class Book(Protocol):
    """Offers, guests, and who is invited."""

    def offers(self) -> Sequence[Offer]:
        """Return the offers that are kept."""
        ...

    def offer(self, offer_id: str) -> Offer | None:
        """Return an offer; ``None`` where there is none."""
        ...

    def guests(self, shard: int, after: str, most: int, now: str) -> tuple[Sequence[Guest], str]:
        """Return those of the next addresses of a shard who may be invited, and the last of these addresses."""
        ...

    def refusals(self, addresses: Iterable[str]) -> Mapping[str, str]:
        """Return since when those of at most 100 addresses want no offers who are still in the list of guests."""
        ...

    def present(self, refused: Mapping[str, str], now: str) -> Sequence[Guest]:
        """Return those of some addresses who may be invited."""
        ...

    def uninvited(self, offer_id: str, addresses: Iterable[str]) -> set[str]:
        """Return those of at most 100 addresses who are not invited by an offer."""
        ...

    def progress(self, of: Round, shard: int) -> Progress:
        """Return how far a shard of a round is."""
        ...

    def page(self, of: Round, shard: int, after: str) -> Page | None:
        """Return a page that was written; ``None``: it was not."""
        ...

    def keep(self, page: Page, offer: Offer, ends_at: datetime) -> Page:
        """Write a page with the places that it takes, once; return the page that is written.

        Raises `ChangedMeanwhileError` and takes nothing where that is not possible any more.
        """
        ...

    def finish(self, of: Round, shard: int, at: str) -> None:
        """Write that a shard of a round is done."""
        ...


class Shelf(Protocol):
    """What can be bought, and where."""

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of at most 100 SKUs; those that are on no shelf are left out."""
        ...


class Directory(Protocol):
    """Where locations are described."""

    def stores(self) -> Mapping[str, Store]:
        """Return all locations by id."""
        ...


@frozen(kw_only=True)
class StoreInviting:
    """Invites to stores."""

    book: Book
    shelf: Shelf
    directory: Directory
    links: Links
    mails: Queue
    sweeps: Queue
    bus: Bus
    clock: Clock
    count: Count
    zone: ZoneInfo
    """The shop's."""

    def begin(self) -> None:
        """Begin each offer's round of the day in each shard, or have it go on where it stopped."""
        now = self.clock.now()
        late = to_text(now - STOOD_STILL)
        for offer in self.book.offers():
            day = offer.day(now, self.zone)
            if day is None or not offer.free:
                continue
            of = Round(offer_id=offer.offer_id, edition=offer.edition, day=day)
            for shard in range(SHARDS):
                progress = self.book.progress(of, shard)
                if not progress.done and progress.at <= late:
                    self._ask(of, shard, progress.prior)

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle a message that asks for a page. Raises `PoisonError` where it is none."""
        match content:
            case {
                "offer": str(offer_id),
                "edition": int(edition),
                "day": str(day),
                "shard": int(shard),
                "after": str(after),
            } if is_issue(day):
                self.page(Round(offer_id=offer_id, edition=edition, day=day), shard, after)
            case _:
                raise PoisonError("not a round of a store offer")

    def page(self, of: Round, shard: int, after: str) -> None:
        """Hand the jobs of a page to Mail, and ask for the next.

        A page that was written goes out whatever is said of the offer since: its places are taken, and Mail knows what
        is not said any more.
        """
        offer = self.book.offer(of.offer_id)
        if offer is None:
            return
        page = self.book.page(of, shard, after) or retried(lambda: self._written(of, shard, after))
        if page is None:
            return
        jobs = list(self._jobs(offer, page))
        self.mails.send([Outgoing.of(job.content()) for job, _ in jobs])
        self.bus.publish([told for _, told in jobs])
        self.count("StoreInvitations", sum(len(job.recipients) for job, _ in jobs))
        self._ask(of, shard, page.end)

    def _ask(self, of: Round, shard: int, after: str) -> None:
        about = {"offer": of.offer_id, "edition": of.edition, "day": of.day, "shard": shard, "after": after}
        self.sweeps.send([Outgoing.of({"sweep": "store_offer", **about})])

    def _written(self, of: Round, shard: int, after: str) -> Page | None:
        """Write the next page; ``None`` where nobody is left, or nobody may be invited for now.

        It ends with who takes the last place, so that the round goes on behind them once a place is given back.
        """
        now, offer = self.clock.now(), self.book.offer(of.offer_id)
        at = to_text(now)
        if offer is None or offer.edition != of.edition or offer.day(now, self.zone) != of.day:
            return None
        if not offer.free:
            return None
        guests, end = self.book.guests(shard, after, PAGE, at)
        if not end:
            self.book.finish(of, shard, at)
            return None
        uninvited = self.book.uninvited(of.offer_id, [each.address for each in guests])
        chosen = list(self._chosen(offer, [each for each in guests if each.address in uninvited]))
        if len(chosen) > offer.free:
            chosen = chosen[: offer.free]
            end = chosen[-1].address
        page = Page(round=of, shard=shard, after=after, end=end, at=at, groups=grouped(chosen))
        return self.book.keep(page, offer, offer.over_at(self.zone))

    def _chosen(self, offer: Offer, guests: Sequence[Guest]) -> Iterator[Invitation]:
        if not guests:
            return
        stores = list(self._stores(offer))
        stocked = self._stocked({wish.sku for each in guests for wish in each.wishes}) if stores else {}
        for guest in guests:
            found = invitation(guest, offer.terms, stores, stocked)
            if found is not None:
                yield found

    def _stores(self, offer: Offer) -> Iterator[Shop]:
        """Yield the stores that take part and of which it is known where they are."""
        named = offer.terms.stores
        for location_id, store in self.directory.stores().items():
            latitude, longitude = store.about.get("latitude"), store.about.get("longitude")
            part = store.kind == STORE and (not named or location_id in named)
            if part and latitude is not None and longitude is not None:
                yield Shop(location_id, name_of(store), Point(latitude, longitude))

    def _stocked(self, skus: Iterable[str]) -> dict[str, Stocked]:
        """Return the SKUs that stores have and that cannot be bought online."""
        wanted = sorted(skus)
        found: dict[str, Row] = {}
        for begin in range(0, len(wanted), ROWS):
            found |= self.shelf.rows(wanted[begin : begin + ROWS])
        return {
            sku: Stocked(row.variant.category, row.supply.stores)
            for sku, row in found.items()
            if row.supply.stores and row.status not in BUYABLE
        }

    def _jobs(self, offer: Offer, page: Page) -> Iterator[tuple[MailJob, InvitedToStore]]:
        """Yield a page's jobs with what is told of each, without those who may not be invited any more."""
        now = to_text(self.clock.now())
        guests = self.book.present(self.book.refusals(page.addresses), now) if page.groups else ()
        present = {each.address: each for each in guests}
        for group in page.groups:
            there = [present[each] for each in group.addresses if each in present]
            recipients = [self._recipient(offer, each, group, page) for each in there]
            if recipients:
                job = self._job(offer, page, group, recipients)
                yield (
                    job,
                    InvitedToStore(
                        id=job.job_id,
                        at=page.at,
                        offer_id=offer.offer_id,
                        kind=offer.terms.kind,
                        location_id=group.location_id,
                        customers=len(recipients),
                    ),
                )

    def _job(self, offer: Offer, page: Page, group: Group, recipients: Sequence[Recipient]) -> MailJob:
        store = self.directory.stores().get(group.location_id) or Store(location_id=group.location_id)
        return MailJob(
            job_id=page.job_id(group),
            kind="store_offer",
            locale=group.locale,
            data={
                "skus": list(group.skus),
                "location_id": group.location_id,
                **_said(offer, store, group.locale),
                "leave_url": self.links.url("store-offers/leave"),
            },
            recipients=recipients,
            valid_until=to_text(offer.over_at(self.zone)),
            wave=store_offer_wave(offer.offer_id, page.round.edition),
        )

    def _recipient(self, offer: Offer, guest: Guest, group: Group, page: Page) -> Recipient:
        wishes = [wish for wish in guest.wishes if wish.sku in group.skus] or list(guest.wishes)
        return Recipient(
            reference=offered(guest.address, offer.offer_id),
            email=guest.email,
            slots={"leave": self.links.store_offers(guest.address, from_text(page.at))},
            consented_at=min(wish.consented_at for wish in wishes),
            marketing=True,
            time_zone=wishes[0].time_zone,
            tells_of=(in_store(guest.address), *(waits_in_store(each.entry_id) for each in wishes)),
        )


def _said(offer: Offer, store: Store, locale: str) -> dict[str, Any]:
    """Return what the mail says of store and offer: only one of its kinds, and what belongs to it."""
    terms = offer.terms
    said: dict[str, Any] = {
        "store_name": name_of(store),
        "store": address_said(store, terms.since, terms.until),
        "since": terms.since.isoformat() if terms.since != terms.until else None,
        "until": terms.until.isoformat(),
        "code": terms.code,
        "own": terms.words(locale),
    }
    said |= {"percent": terms.percent} if terms.kind == PERCENT else {SAID[terms.kind]: True}
    return {name: value for name, value in said.items() if value is not None}
