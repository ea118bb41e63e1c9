"""Joining and confirming."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from standby.mail_job import MailJob, Recipient
from standby.platform.address import address_key, mailbox_key
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.point import kept_place
from standby.platform.queue import Outgoing, Queue
from standby.waitlist.attention_model import CONFIRMED
from standby.waitlist.catalogue import DiscontinuedError, Shelf, not_coming_back
from standby.waitlist.directory import Directory
from standby.waitlist.links import Links
from standby.waitlist.meeting import retried
from standby.waitlist.model import (
    MAIL_VALID,
    MOST_ENTRIES,
    MOST_UNCONFIRMED,
    ChangedMeanwhileError,
    Changes,
    Consent,
    Counts,
    Customer,
    Entry,
    Place,
    confirmation_at,
    confirmation_counted,
    default_until,
    lapses_at,
    places,
    uncount,
)
from standby.waitlist.overlapping import established, parting
from standby.waitlist.reacting import reacted
from standby.waitlist.reference import confirmation
from standby.waitlist.repeating import OtherBodyError, Request
from standby.waitlist.subscribing import subscribed, withdrawn

NOTHING = {"plan": "nothing"}
"""A plan that is no work. A sign-up that mails nothing sends it, so that a sign-up always takes the same requests."""

NEARLY_AS_LONG = timedelta(days=30)
"""Who signs up again so soon that the last day would hardly move gets no mail about it."""


class GoneError(Exception):
    """There is no such entry any more."""


class StoppedError(Exception):
    """The address gets no mail on the consent that is brought.

    ``why``: it ``left`` or was ``erased`` since; a mail to it ``bounced`` or somebody ``complained``. ``lasting`` when
    Mail sends it nothing on any consent.
    """

    def __init__(self, why: str, *, lasting: bool) -> None:
        super().__init__(why)
        self.why = why
        self.lasting = lasting


class FullError(Exception):
    """The address has as many entries as it may have."""


@frozen(kw_only=True)
class Wish:
    """What somebody asked for: any of ``skus``. ``until`` is the last day; without one it is a year ahead."""

    email: str
    skus: tuple[str, ...]
    quantity: int
    locale: str
    wording: str
    marketing: bool = False
    digest: bool = False
    until: str | None = None
    time_zone: str | None = None
    near: str | None = None


@frozen()
class Calendar:
    """The shop's days."""

    time_zone: str

    def last_day(self, until: str | None, now: datetime) -> tuple[str, str]:
        """Return the last day and the instant after it; without a day, a year from now."""
        zone = ZoneInfo(self.time_zone)
        day = default_until(now.astimezone(zone).date()) if until is None else date.fromisoformat(until)
        return day.isoformat(), to_text(datetime.combine(day + timedelta(days=1), time(), zone))

    def today(self, now: datetime) -> date:
        """Return the shop's day."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


class Ledger(Protocol):
    """What the shop has, or had."""

    def known(self, skus: Iterable[str]) -> frozenset[str]:
        """Return those of the SKUs that the ERP ever named."""
        ...


@frozen()
class SignUp:
    """Joining and confirming."""

    directory: Directory
    ledger: Ledger
    shelf: Shelf
    mails: Queue
    plans: Queue
    bus: Bus
    links: Links
    clock: Clock
    calendar: Calendar
    new_id: Callable[[], str]

    def join(self, wish: Wish) -> None:
        """Keep an unconfirmed entry and mail its confirmation link. The caller never learns what was known before.

        Only SKUs that the ledger knows and that come back count. A mail repeats them to an address that anybody can
        enter, so they must be the shop's words and not the request's.
        """
        self.links.tokens()  # before it is known whether a mail goes out, because reading the keys takes time
        known = self.ledger.known(wish.skus) - not_coming_back(self.shelf, wish.skus)
        asked = replace(wish, skus=tuple(sku for sku in wish.skus if sku in known))
        mail = retried(lambda: self._join(asked))
        if mail is None:
            self.plans.send([Outgoing.of(NOTHING)])
        else:
            self.mails.send([mail])

    def enroll(self, wish: Wish, *, consented_at: str, source: str, request: Request | None = None) -> None:
        """Put somebody who consented elsewhere in line, at the place of the moment of that consent.

        A ``request`` that was answered before changes nothing again. Raises `OtherBodyError` when it asked for
        something else then, `StoppedError`, `FullError`, or `DiscontinuedError` where nothing of the wish comes back,
        because a shop that brings its customers must hear who is not in line.
        """
        gone = not_coming_back(self.shelf, wish.skus)
        self._announce(retried(lambda: self._enroll(wish, gone, consented_at, source, request)))

    def pending(self, address: str, entry_id: str) -> Entry:
        """Return the entry that a confirmation link is about: unconfirmed, or as it is in line now.

        An unconfirmed one is without those of its SKUs that do not come back. Raises `GoneError` where nothing of it
        is in line any more, or can be: the customer was told or left, its time is over, or nothing of it comes back.
        """
        customer = self.directory.customers.customer(address)
        entry = customer.entries.get(entry_id) or customer.former.get(entry_id)
        if entry is not None and entry.waiting:
            return self._in_line(customer, entry)
        if entry is None or lapses_at(entry) <= self.clock.now():
            raise GoneError(entry_id)
        gone = not_coming_back(self.shelf, entry.skus)
        if gone.issuperset(entry.skus):
            raise GoneError(entry_id)
        return replace(entry, skus=tuple(sku for sku in entry.skus if sku not in gone))

    def _in_line(self, customer: Customer, entry: Entry) -> Entry:
        """Return a confirmed entry as it is in line, by itself or by another entry that waits for its SKUs."""
        now = to_text(self.clock.now())
        holders = {
            place: each
            for each in (entry, *customer.entries.values())
            for place in places(each)
            if place.sku in entry.skus and each.over_at > now
        }
        alive = self.directory.customers.alive(holders)
        held = [place for place in holders if place in alive]
        if not held:
            raise GoneError(entry.entry_id)
        listed = {place.sku for place in held}
        return replace(holders[held[0]], skus=tuple(sku for sku in entry.skus if sku in listed))

    def confirm(self, address: str, entry_id: str) -> Entry:
        """Put the entry in line, once. Raises `GoneError` when it lapsed or was ended.

        Raises `FullError` where the address waits for as much as it may; the entry stays unconfirmed, so that the link
        works once the customer has ended another. Before, nobody is told: whoever signs up may be a stranger.
        """
        entry, skus = retried(lambda: self._confirm(address, entry_id))
        self._announce(skus)
        return entry

    def _join(self, wish: Wish) -> Outgoing | None:
        if not wish.skus:
            return None  # before anything is read or written: two at once would meet at what is stored, and tell
        now = self.clock.now()
        address, mailbox = address_key(wish.email), mailbox_key(wish.email)
        customer, confirmations, alive = self.directory.glance(address, mailbox, wish.skus)
        changes = Changes(asked=confirmations)
        for sku in wish.skus:
            changes.count(sku, Counts())
        mail = None
        if not self._satisfied(customer, alive, wish, now):
            entry = self._unconfirmed(customer, wish, now)
            if entry.entry_id not in customer.entries:
                for sku in entry.skus:
                    changes.count(sku, Counts(unconfirmed=1))
            if not alive:
                # Nobody has proved to own the address yet: any language is as good. Who confirms brings the spelling.
                customer = replace(customer, email=customer.email or wish.email, locale=wish.locale)
            entry, mail = self._ask(customer, entry, wish.email, changes, now)
            customer = _bounded(customer.with_entry(entry), changes)
        self.directory.customers.save(customer, changes, now)
        return mail

    def _satisfied(self, customer: Customer, alive: frozenset[Place], wish: Wish, now: datetime) -> bool:
        """Tell whether the address waits for just this already, so that confirming it would change next to nothing."""
        if wish.until:
            return False
        until, _ = self.calendar.last_day(None, now)
        least = (date.fromisoformat(until) - NEARLY_AS_LONG).isoformat()
        wanted = set(wish.skus)
        asked = (wish.quantity, wish.locale, wish.digest, wish.wording, wish.marketing)
        fitting = set()
        for place in alive:
            entry = customer.entries[place.entry_id]
            said = (entry.quantity, entry.locale, entry.digest, entry.consent.wording, entry.consent.marketing)
            lasts = entry.ended_at is None and entry.until >= least
            fits = said == asked and wish.near in {None, kept_place(entry.near)}
            if fits and lasts and entry.places.keys() <= wanted:
                fitting.add(place.sku)
        return wanted <= fitting

    def _unconfirmed(self, customer: Customer, wish: Wish, now: datetime) -> Entry:
        """Return the unconfirmed entry of just this wish, else a new one.

        A link confirms exactly what its mail said. So nobody changes an entry whose mail may be out, least of all a
        stranger who knows the address.
        """
        until, expires_at = self.calendar.last_day(wish.until, now)
        entry = Entry(
            entry_id=self.new_id(),
            skus=wish.skus,
            quantity=wish.quantity,
            locale=wish.locale,
            consent=Consent(
                wording=wish.wording,
                at=to_text(customer.asked_at(now)),
                source="storefront",
                marketing=wish.marketing,
            ),
            until=until,
            expires_at=expires_at,
            created_at=to_text(now),
            digest=wish.digest,
            time_zone=wish.time_zone,
            near=wish.near,
            email=wish.email,
        )
        return next((known for known in customer.entries.values() if _asks_the_same(known, entry)), entry)

    def _ask(
        self, customer: Customer, entry: Entry, email: str, changes: Changes, now: datetime
    ) -> tuple[Entry, Outgoing | None]:
        """Decide about the confirmation mail. Asking again within a minute repeats the job's id: one mail goes out."""
        if entry.mailed_at is not None and now - from_text(entry.mailed_at) < timedelta(minutes=1):
            return entry, self._confirmation(customer, entry, email, from_text(entry.mailed_at), now)
        known = changes.asked
        leaves = known and confirmation_at(known, now)
        if not known or not leaves:
            return entry, None
        changes.asked = confirmation_counted(known, now, to_text(leaves))
        asked = replace(entry, mailed_at=to_text(leaves))
        return asked, self._confirmation(customer, asked, email, leaves, now)

    def _confirmation(self, customer: Customer, entry: Entry, email: str, leaves: datetime, now: datetime) -> Outgoing:
        address = customer.address
        tokens = {
            "confirm": self.links.confirm(address, entry.entry_id, now),
            "leave": self.links.leave(address, now),
        }
        job = MailJob(
            job_id=f"confirm#{entry.entry_id}#{to_text(leaves)}",
            kind="confirm",
            locale=entry.locale,
            data={
                "skus": list(entry.skus),
                "quantity": entry.quantity,
                "until": entry.until,
                **({"marketing": True} if entry.consent.marketing else {}),
                **({"digest": True} if entry.digest else {}),
                "confirm_url": self.links.url("confirm"),
                "leave_url": self.links.url("leave"),
            },
            recipients=[
                Recipient(
                    reference=confirmation(entry.entry_id),
                    email=email,
                    slots=tokens,
                    consented_at=to_text(customer.asked_at(now)),
                )
            ],
            valid_until=to_text(leaves + MAIL_VALID),
            time_zone=entry.time_zone,
        )
        return Outgoing.of(job.content(), delay_seconds=max(0, round((leaves - now).total_seconds())))

    def _enroll(
        self, wish: Wish, gone: frozenset[str], consented_at: str, source: str, request: Request | None
    ) -> tuple[str, ...]:
        """Put a wish in line and return the SKUs whose lines changed."""
        now = self.clock.now()
        answered = None if request is None else self.directory.customers.answered(request)
        if request is not None and answered is not None and answered.body != request.body:
            raise OtherBodyError
        customer, alive = self.directory.read(address_key(wish.email))
        if answered is not None and answered.lasts(place.entry_id for place in alive):
            return wish.skus  # whoever did it may have died before the waves heard of it
        if gone.issuperset(wish.skus):
            raise DiscontinuedError(wish.skus)
        wish = replace(wish, skus=tuple(sku for sku in wish.skus if sku not in gone))
        why = customer.refusal(consented_at)
        if why is not None:
            raise StoppedError(why, lasting=customer.suppressed is not None)
        if answered is not None and answered.soon(now):
            return wish.skus
        if _waiting(customer) >= MOST_ENTRIES:
            raise FullError
        fresh = self._unconfirmed(customer, wish, now)
        customer = self._recalled(customer, alive, fresh)
        changes = Changes()
        if fresh.entry_id in customer.entries:
            uncount(fresh, changes)
        consent = Consent(wording=wish.wording, at=consented_at, source=source, marketing=wish.marketing)
        entry = replace(fresh, consent=consent, mailed_at=None, email=None)
        before = customer = replace(customer, email=wish.email, locale=wish.locale)
        wished = replace(entry, confirmed_at=None)
        customer, entry = established(customer, alive, entry, min(consented_at, to_text(now)), changes)
        customer = subscribed(customer.with_entry(entry), wished, wish.email, changes)
        customer = reacted(customer, wished.consented_at, CONFIRMED, consent)
        if request is not None:
            changes.answered = replace(request, entry_ids=customer.waiting_for(wish.skus))
        self.bus.publish(withdrawn(before, customer))
        self.directory.customers.save(customer, changes, now)
        return changes.in_line or entry.skus

    def _recalled(self, customer: Customer, alive: frozenset[Place], entry: Entry) -> Customer:
        """Let the customer remember what was told about an entry's SKUs, or is being told at a place that moves."""
        moving = parting(customer, alive, entry)
        return self.directory.recalled(customer.parted(moving), alive - moving, entry.skus)

    def _confirm(self, address: str, entry_id: str) -> tuple[Entry, tuple[str, ...]]:
        """Confirm and return the entry and the SKUs whose lines changed."""
        now = self.clock.now()
        known = self.pending(address, entry_id)
        if known.waiting:
            return known, known.skus
        customer, alive = self.directory.read(address)
        entry = customer.entries.get(entry_id)
        if entry is None or entry.waiting:
            raise ChangedMeanwhileError(address)
        changes = Changes()
        uncount(entry, changes)
        customer = replace(customer, email=entry.email or customer.email)
        entry = replace(entry, skus=known.skus, email=None)
        waited = {place.sku for place in alive - parting(customer, alive, entry)}
        if _waiting(customer) >= MOST_ENTRIES and not set(entry.skus) <= waited:
            raise FullError
        customer = self._recalled(customer, alive, entry)
        confirmed_at = to_text(customer.asked_at(now))
        wished, before = replace(entry, confirmed_at=confirmed_at), customer
        customer, entry = established(customer, alive, entry, confirmed_at, changes)
        customer = subscribed(customer.with_entry(entry), wished, customer.email, changes)
        customer = reacted(customer, confirmed_at, CONFIRMED, wished.consent)
        self.bus.publish(withdrawn(before, customer))
        self.directory.customers.save(customer, changes, now)
        return entry, changes.in_line or entry.skus

    def _announce(self, skus: Iterable[str]) -> None:
        """Let the waves know that somebody got in line, or wants something else than before."""
        self.plans.send([Outgoing.of({"plan": "joined", "sku": sku}) for sku in skus])


def _asks_the_same(known: Entry, wished: Entry) -> bool:
    """Tell whether an entry is unconfirmed and says what another wishes, in every respect that a mail or page shows."""
    alike = replace(
        wished,
        entry_id=known.entry_id,
        skus=known.skus,
        consent=replace(wished.consent, at=known.consent.at),
        created_at=known.created_at,
        mailed_at=known.mailed_at,
    )
    return not known.waiting and known == alike and set(known.skus) == set(wished.skus)


def _waiting(customer: Customer) -> int:
    return sum(entry.waiting for entry in customer.entries.values())


def _bounded(customer: Customer, changes: Changes) -> Customer:
    """Drop unconfirmed entries beyond the most, so that a flood of sign-ups displaces only itself.

    The first to go are those that no mail was sent about, the oldest before the others. An address is sent fewer mails
    in a week than entries may stand, so an entry whose link somebody may hold is never displaced.
    """
    unconfirmed = [entry for entry in customer.entries.values() if not entry.waiting]
    unconfirmed.sort(key=lambda entry: (entry.mailed_at is not None, entry.created_at))
    surplus = unconfirmed[: max(0, len(unconfirmed) - MOST_UNCONFIRMED)]
    for entry in surplus:
        uncount(entry, changes)
    return customer.without(entry.entry_id for entry in surplus)
