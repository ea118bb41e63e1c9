"""What customers do: join, confirm, look, change, leave. The ports that these use cases need stand here too."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from standby.events import CustomerLeft, MailJob, Recipient
from standby.platform.address import address_key
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.queue import Outgoing, Queue
from standby.platform.tokens import Tokens
from standby.waitlist.model import (
    MAIL_VALID,
    MOST_ENTRIES,
    MOST_UNCONFIRMED,
    UNCONFIRMED_DAYS,
    WAITING,
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
    listing,
    places,
)
from standby.waitlist.reference import Reference

CONFIRM_LIFETIME = timedelta(days=UNCONFIRMED_DAYS)
LEAVE_LIFETIME = timedelta(days=365)
MINE_LIFETIME = timedelta(days=30)
ATTEMPTS = 8
TRANSACTION_ROOM = 80
"""Items of one transaction (at most 100) that may be filled with entries to close."""

LEFT = "left"
ERASED = "erased"

Result = TypeVar("Result")


class Customers(Protocol):
    """Addresses and their places in line."""

    def customer(self, address: str) -> Customer:
        """Return what is known of an address key."""
        ...

    def alive(self, places: Iterable[Place]) -> frozenset[Place]:
        """Return those of the places that are still in line."""
        ...

    def save(self, customer: Customer, changes: Changes, now: datetime) -> Customer:
        """Store all or nothing. Raises `ChangedMeanwhileError`."""
        ...

    def ahead(self, place: Place) -> int:
        """Return about how many wait in front of a place."""
        ...


class Invitations(Protocol):
    """Who was invited by the present restock of a SKU."""

    def invitation(self, place: Place) -> Reference | None:
        """Return the reference of the mail that the place was invited with, if it was."""
        ...


class GoneError(Exception):
    """There is no such entry any more."""


class AlreadyWaitingError(Exception):
    """The address already waits for all that is wanted, by other entries."""


@dataclass(frozen=True)
class Links:
    """The links in mails: where they lead, and the signed ends that differ per recipient."""

    public_url: str
    tokens: Callable[[], Tokens]

    def url(self, page: str) -> str:
        """Return a link up to its token."""
        return f"{self.public_url}/v1/waitlist/{page}?token="

    def confirm(self, address: str, entry_id: str, now: datetime) -> str:
        """Return the token that confirms one entry."""
        return self.tokens().issue("confirm", {"a": address, "e": entry_id}, now=now, lifetime=CONFIRM_LIFETIME)

    def leave(self, address: str, now: datetime) -> str:
        """Return the token that ends all entries of an address."""
        return self.tokens().issue("leave", {"a": address}, now=now, lifetime=LEAVE_LIFETIME)

    def mine(self, address: str, now: datetime) -> str:
        """Return the token that opens the entries of an address."""
        return self.tokens().issue("mine", {"a": address}, now=now, lifetime=MINE_LIFETIME)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asked for: any of ``skus``. ``until`` is the last day, none: a year."""

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


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a customer changes about an entry; ``None`` leaves it as it is."""

    skus: tuple[str, ...] | None = None
    quantity: int | None = None
    until: str | None = None


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Book:
    """Reads an address with what has become of its entries: those told since are taken out."""

    customers: Customers
    invitations: Invitations

    def read(self, address: str) -> tuple[Customer, frozenset[Place]]:
        """Return the address without the entries that are not in line any more, and its places that are.

        Whoever was told by the present restock is remembered so, lest joining again brings the same mail again.
        """
        customer = self.customers.customer(address)
        listed = [place for entry in customer.entries.values() for place in places(entry)]
        alive = self.customers.alive(listed)
        told = self.told(customer, [place for place in listed if place not in alive])
        entries = {}
        for key, entry in customer.entries.items():
            kept = {place.sku: place.place for place in places(entry) if place in alive}
            if kept or not entry.waiting:
                entries[key] = replace(entry, places=kept, skus=tuple(kept) if entry.waiting else entry.skus)
        return replace(customer, entries=entries, told=told), alive

    def told(self, customer: Customer, gone: Iterable[Place]) -> Mapping[str, int]:
        """Return the restocks that the address was told about, with those of the places."""
        told = dict(customer.told)
        for place in gone:
            invitation = self.invitations.invitation(place)
            if invitation is not None:
                told[place.sku] = max(invitation.revision, told.get(place.sku, 0))
        return told


@dataclass(frozen=True)
class SignUp:
    """Joining and confirming."""

    book: Book
    mails: Queue
    plans: Queue
    links: Links
    clock: Clock
    calendar: Calendar
    new_id: Callable[[], str]

    def join(self, wish: Wish) -> None:
        """Keep an unconfirmed entry and mail its confirmation link; nobody can see from outside what was known."""
        mail = retried(lambda: self._join(wish))
        if mail is not None:
            self.mails.send([mail])

    def enroll(self, wish: Wish, *, consented_at: str, source: str) -> None:
        """Put somebody on the list who consented elsewhere, at the place in line of that moment."""
        skus = retried(lambda: self._enroll(wish, consented_at, source))
        self._announce(skus)

    def pending(self, address: str, entry_id: str) -> Entry:
        """Return the entry that a confirmation link is about. Raises `GoneError`."""
        entry = self.book.customers.customer(address).entries.get(entry_id)
        if entry is None or (not entry.waiting and lapses_at(entry) <= self.clock.now()):
            raise GoneError(entry_id)
        return entry

    def confirm(self, address: str, entry_id: str) -> Entry:
        """Put the entry in line, once. Raises `GoneError` when it lapsed or was ended."""
        entry = retried(lambda: self._confirm(address, entry_id))
        self._announce(entry.skus)
        return entry

    def _join(self, wish: Wish) -> Outgoing | None:
        now = self.clock.now()
        customer, alive = self.book.read(address_key(wish.email))
        entry = self._unconfirmed(customer, wish, now)
        changes = Changes()
        mail = None
        customer = replace(customer, email=customer.email or wish.email, locale=customer.locale or wish.locale)
        if not _satisfied(customer, alive, wish) and _waiting(customer) < MOST_ENTRIES:
            customer = replace(customer, email=wish.email) if not alive else customer
            customer, entry, mail = self._ask(customer, entry, wish.email, now)
            for sku in entry.skus:
                if entry.entry_id not in customer.entries:
                    changes.count(sku, Counts(unconfirmed=1))
            customer = _bounded(customer.with_entry(entry), changes)
        self.book.customers.save(customer, changes, now)
        return mail

    def _unconfirmed(self, customer: Customer, wish: Wish, now: datetime) -> Entry:
        until, expires_at = self.calendar.last_day(wish.until, now)
        entry = Entry(
            entry_id=self.new_id(),
            skus=wish.skus,
            quantity=wish.quantity,
            locale=wish.locale,
            consent=Consent(wording=wish.wording, at=to_text(now), source="storefront", marketing=wish.marketing),
            until=until,
            expires_at=expires_at,
            created_at=to_text(now),
            digest=wish.digest,
            time_zone=wish.time_zone,
            near=wish.near,
        )
        for known in customer.entries.values():
            if not known.waiting and set(known.skus) == set(wish.skus):
                return replace(entry, entry_id=known.entry_id, skus=known.skus, mailed_at=known.mailed_at)
        return entry

    def _ask(
        self, customer: Customer, entry: Entry, email: str, now: datetime
    ) -> tuple[Customer, Entry, Outgoing | None]:
        """Decide about the confirmation mail: the same one again within a minute is one mail, by its job's id."""
        if entry.mailed_at is not None and now - from_text(entry.mailed_at) < timedelta(minutes=1):
            return customer, entry, self._confirmation(customer, entry, email, from_text(entry.mailed_at), now)
        leaves = confirmation_at(customer.confirmations, now)
        if leaves is None:
            return customer, entry, None
        counted = confirmation_counted(customer.confirmations, now, to_text(leaves))
        asked = replace(entry, mailed_at=to_text(leaves))
        return replace(customer, confirmations=counted), asked, self._confirmation(customer, asked, email, leaves, now)

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
                "confirm_url": self.links.url("confirm"),
                "leave_url": self.links.url("leave"),
            },
            recipients=[
                Recipient(
                    reference=f"confirm~{entry.entry_id}", email=email, slots=tokens, consented_at=entry.consent.at
                )
            ],
            valid_until=to_text(leaves + MAIL_VALID),
        )
        return Outgoing.of(job.content(), delay_seconds=max(0, round((leaves - now).total_seconds())))

    def _enroll(self, wish: Wish, consented_at: str, source: str) -> tuple[str, ...]:
        now = self.clock.now()
        customer, alive = self.book.read(address_key(wish.email))
        if customer.refuses(consented_at) or _waiting(customer) >= MOST_ENTRIES:
            return ()
        fresh = self._unconfirmed(customer, wish, now)
        changes = Changes()
        if fresh.entry_id in customer.entries:
            _uncount(fresh, changes)
        consent = Consent(wording=wish.wording, at=consented_at, source=source, marketing=wish.marketing)
        entry = replace(fresh, consent=consent, mailed_at=None)
        customer = replace(customer, email=wish.email, locale=wish.locale)
        customer, entry = _established(customer, alive, entry, min(consented_at, to_text(now)), changes)
        self.book.customers.save(customer.with_entry(entry), changes, now)
        return entry.skus

    def _confirm(self, address: str, entry_id: str) -> Entry:
        now = self.clock.now()
        known = self.pending(address, entry_id)
        if known.waiting:
            return known
        customer, alive = self.book.read(address)
        entry = customer.entries.get(entry_id)
        if entry is None or entry.waiting:
            raise ChangedMeanwhileError(address)
        changes = Changes()
        _uncount(entry, changes)
        customer, entry = _established(customer, alive, entry, to_text(now), changes)
        self.book.customers.save(customer.with_entry(entry), changes, now)
        return entry

    def _announce(self, skus: Iterable[str]) -> None:
        self.plans.send([Outgoing.of({"plan": "joined", "sku": sku}) for sku in skus])


@dataclass(frozen=True)
class Closing:
    """Ending entries: by leaving, bouncing, being erased, or because their time is over."""

    book: Book
    clock: Clock

    def close_all(self, address: str, *, at: str, how: Counts, remember: str | None) -> None:
        """End the entries that an address consented to until ``at``, and remember that it `LEFT` or was `ERASED` then.

        ``how`` is counted once for each SKU of each entry that was in line.
        """
        while retried(lambda: self._close_some(address, at, how, remember)):
            pass

    def close(self, address: str, entry_ids: Iterable[str], how: Counts) -> None:
        """End single entries."""
        wanted = set(entry_ids)
        retried(lambda: self._close(address, wanted, how))

    def _close(self, address: str, wanted: set[str], how: Counts) -> None:
        customer, alive = self.book.read(address)
        changes = Changes()
        for entry in customer.entries.values():
            if entry.entry_id in wanted:
                self._end(entry, alive, how, changes)
        ending = [place for place in changes.unlisted if place in alive]
        customer = replace(customer.without(wanted), told=self.book.told(customer, ending))
        self.book.customers.save(customer, changes, self.clock.now())

    def _close_some(self, address: str, at: str, how: Counts, remember: str | None) -> bool:
        """End as many entries as fit one transaction; tell whether there are more."""
        customer, alive = self.book.read(address)
        ending = [entry for entry in customer.entries.values() if entry.consent.at <= at]
        changes = Changes()
        ended: list[str] = []
        for entry in ending:
            if ended and changes.size + 3 * len(entry.skus) > TRANSACTION_ROOM:
                break
            self._end(entry, alive, how, changes)
            ended.append(entry.entry_id)
        told = self.book.told(customer, changes.unlisted)
        customer = replace(customer.without(ended), told=told)
        if remember == LEFT:
            customer = replace(customer, left_at=max(at, customer.left_at or ""))
        if remember == ERASED:
            customer = replace(customer, erased_at=max(at, customer.erased_at or ""))
            customer = customer if customer.entries else replace(customer, email="", locale="", told={})
        self.book.customers.save(customer, changes, self.clock.now())
        return len(ended) < len(ending)

    def _end(self, entry: Entry, alive: frozenset[Place], how: Counts, changes: Changes) -> None:
        if not entry.waiting:
            _uncount(entry, changes)
            return
        for place in places(entry):
            if place in alive:
                changes.unlisted.append(place)
                changes.count(place.sku, Counts(waiting=-1, units_wanted=-entry.quantity) + how)
        if entry.any_of:
            changes.untied.append(entry.entry_id)


@dataclass(frozen=True)
class Leaving:
    """Leaving the list for good, by the link in every mail or the mailbox's own button (RFC 8058)."""

    closing: Closing
    bus: Bus
    clock: Clock

    def leave(self, address: str) -> None:
        """End everything of an address. Mail hears of it first, so that a crash in between mails nobody."""
        at = to_text(self.clock.now())
        self.bus.publish([CustomerLeft(id=f"left#{address}#{at}", at=at, address=address)])
        self.closing.close_all(address, at=at, how=Counts(left=1), remember=LEFT)


@dataclass(frozen=True)
class Mine:
    """A customer's own entries."""

    book: Book
    closing: Closing
    bus: Bus
    plans: Queue
    clock: Clock
    calendar: Calendar

    def entries(self, address: str) -> tuple[Customer, list[dict[str, Any]]]:
        """Return the address and its entries, oldest first; ``place`` is approximate, ``None`` while unconfirmed."""
        customer, _ = self.book.read(address)
        now = self.clock.now()
        known = sorted(customer.entries.values(), key=lambda entry: (entry.created_at, entry.entry_id))
        return customer, [self._shown(entry) for entry in known if entry.waiting or lapses_at(entry) > now]

    def change(self, address: str, entry_id: str, change: Change) -> dict[str, Any]:
        """Change an entry that is in line; SKUs that stay keep their place, new ones start at the end of the line.

        Raises `GoneError`, or `AlreadyWaitingError` when other entries wait for all of the SKUs already.
        """
        entry, added = retried(lambda: self._change(address, entry_id, change))
        self.plans.send([Outgoing.of({"plan": "joined", "sku": sku}) for sku in added])
        return self._shown(entry)

    def remove(self, address: str, entry_id: str) -> None:
        """End one entry. Raises `GoneError`."""
        customer, alive = self.book.read(address)
        entry = customer.entries.get(entry_id)
        if entry is None:
            raise GoneError(entry_id)
        invitations = [self.book.invitations.invitation(place) for place in places(entry) if place in alive]
        references = [invitation.text() for invitation in invitations if invitation is not None]
        if references:
            at = to_text(self.clock.now())
            left = CustomerLeft(id=f"left#{entry_id}#{at}", at=at, address=address, references=references)
            self.bus.publish([left])
        self.closing.close(address, [entry_id], Counts(left=1))

    def _change(self, address: str, entry_id: str, change: Change) -> tuple[Entry, list[str]]:
        now = self.clock.now()
        customer, alive = self.book.read(address)
        entry = customer.entries.get(entry_id)
        if entry is None or not entry.waiting:
            raise GoneError(entry_id)
        elsewhere = {place.sku for place in alive if place.entry_id != entry_id}
        skus = tuple(sku for sku in change.skus or entry.skus if sku not in elsewhere)
        if not skus:
            raise AlreadyWaitingError(entry_id)
        until, expires_at = entry.until, entry.expires_at
        if change.until is not None:
            until, expires_at = self.calendar.last_day(change.until, now)
        changed = replace(
            entry,
            skus=skus,
            places={sku: entry.places.get(sku, to_text(now)) for sku in skus},
            quantity=change.quantity or entry.quantity,
            until=until,
            expires_at=expires_at,
            noticed_at=None if change.until is not None else entry.noticed_at,
        )
        changes = Changes()
        added = _moved(customer, entry, changed, changes)
        self.book.customers.save(customer.with_entry(changed), changes, now)
        return changed, added

    def _shown(self, entry: Entry) -> dict[str, Any]:
        line = [self.book.customers.ahead(place) + 1 for place in places(entry)]
        return {
            "id": entry.entry_id,
            "skus": list(entry.skus),
            "quantity": entry.quantity,
            "until": entry.until,
            "place": min(line) if line else None,
            "status": entry.status,
        }


def retried(attempt: Callable[[], Result]) -> Result:
    """Run an attempt (read, decide, write on what was read) again while somebody else was quicker."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except ChangedMeanwhileError:
            continue
    return attempt()


def _satisfied(customer: Customer, alive: frozenset[Place], wish: Wish) -> bool:
    """Tell whether the address already waits for just this."""
    fitting = {
        place.sku for place in alive if customer.entries[place.entry_id].quantity == wish.quantity and not wish.until
    }
    return set(wish.skus) <= fitting


def _waiting(customer: Customer) -> int:
    return sum(entry.waiting for entry in customer.entries.values())


def _bounded(customer: Customer, changes: Changes) -> Customer:
    """Drop the oldest unconfirmed entries beyond ten: whoever floods an address only displaces the flood."""
    unconfirmed = sorted(
        (entry for entry in customer.entries.values() if not entry.waiting), key=lambda entry: entry.created_at
    )
    surplus = unconfirmed[: max(0, len(unconfirmed) - MOST_UNCONFIRMED)]
    for entry in surplus:
        _uncount(entry, changes)
    return customer.without(entry.entry_id for entry in surplus)


def _uncount(entry: Entry, changes: Changes) -> None:
    for sku in entry.skus:
        changes.count(sku, Counts(unconfirmed=-1))


def _established(
    customer: Customer, alive: frozenset[Place], entry: Entry, place: str, changes: Changes
) -> tuple[Customer, Entry]:
    """Put an entry in line for those of its SKUs that the address does not wait for yet.

    The others are waited for already: their entries keep id and place (a mail about them may be under way) and take
    over quantity, locale and last day, because the customer has just confirmed these.
    """
    listed = {each.sku: each.entry_id for each in alive}
    for entry_id in {listed[sku] for sku in entry.skus if sku in listed}:
        known = customer.entries[entry_id]
        amended = replace(
            known, quantity=entry.quantity, locale=entry.locale, until=entry.until, expires_at=entry.expires_at
        )
        _moved(customer, known, amended, changes)
        customer = customer.with_entry(amended)
    rest = tuple(sku for sku in entry.skus if sku not in listed)
    confirmed = replace(entry, status=WAITING, confirmed_at=place, places=dict.fromkeys(rest, place))
    confirmed = replace(confirmed, skus=rest or entry.skus)
    for sku in rest:
        changes.listed.append(listing(customer, confirmed, sku))
        changes.count(sku, Counts(waiting=1, units_wanted=entry.quantity))
    if len(rest) > 1:
        changes.tied.append(confirmed)
    return customer, confirmed


def _moved(customer: Customer, entry: Entry, changed: Entry, changes: Changes) -> list[str]:
    """Bring the listings of an entry from what it was to what it is now; return the SKUs that are new."""
    for sku, place in entry.places.items():
        if sku not in changed.places:
            changes.unlisted.append(Place(sku, place, entry.entry_id))
            changes.count(sku, Counts(waiting=-1, units_wanted=-entry.quantity))
        else:
            changes.amended.append(listing(customer, changed, sku))
            changes.count(sku, Counts(units_wanted=changed.quantity - entry.quantity))
    added = [sku for sku in changed.places if sku not in entry.places]
    for sku in added:
        changes.listed.append(listing(customer, changed, sku))
        changes.count(sku, Counts(waiting=1, units_wanted=changed.quantity))
    if changed.any_of:
        changes.tied.append(changed)
    elif entry.any_of:
        changes.untied.append(entry.entry_id)
    return added
