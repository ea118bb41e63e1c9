"""A customer's own entries: looking, changing, ending one."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from standby.events.waitlist import CustomerLeft
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.point import kept_place
from standby.platform.queue import Outgoing, Queue
from standby.waitlist.attention_model import CHANGED
from standby.waitlist.catalogue import DiscontinuedError, Shelf, not_coming_back
from standby.waitlist.closing import Closing
from standby.waitlist.digest_model import followed
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import retried
from standby.waitlist.model import LINES_ASKED, Changes, Counts, Customer, Entry, Place, lapses_at, moved, places
from standby.waitlist.noticing import notice_reference
from standby.waitlist.reacting import reacted
from standby.waitlist.reference import confirmation, waits_in_store
from standby.waitlist.service import Calendar, GoneError, Ledger

if TYPE_CHECKING:
    from standby.waitlist.answers import DigestShown, EntryShown


class AlreadyWaitingError(Exception):
    """Other entries of the address already wait for everything that is wanted."""


class UnknownSkusError(Exception):
    """The shop knows none of these SKUs."""

    def __init__(self, skus: tuple[str, ...]) -> None:
        super().__init__(", ".join(skus))
        self.skus = skus


@frozen(kw_only=True)
class Change:
    """What a customer changes about an entry; ``None`` leaves it as it is."""

    skus: tuple[str, ...] | None = None
    quantity: int | None = None
    until: str | None = None


class _Changed(NamedTuple):
    entry: Entry
    news: list[str]
    dropped: list[Place]


@frozen()
class Mine:
    """A customer's own entries."""

    directory: Directory
    ledger: Ledger
    shelf: Shelf
    closing: Closing
    bus: Bus
    plans: Queue
    clock: Clock
    calendar: Calendar

    def entries(self, address: str) -> "tuple[Customer, list[EntryShown]]":
        """Return the address and its entries, oldest first; ``place`` is approximate, ``None`` while unconfirmed."""
        customer, _ = self.directory.read(address)
        now = self.clock.now()
        known = sorted(customer.entries.values(), key=lambda entry: (entry.created_at, entry.entry_id))
        shown = [entry for entry in known if entry.waiting or lapses_at(entry) > now]
        lines = max(1, LINES_ASKED // max(1, len(shown)))
        return customer, [self._shown(entry, lines) for entry in shown]

    def digest(self, customer: Customer) -> "DigestShown | None":
        """Return the weekly list that a customer gets, with the categories that it is made by."""
        wish = customer.digest
        if wish is None or not wish.lasts(self.clock.now()):
            return None
        rows = self.shelf.rows(wish.skus)
        categories = {sku: row.variant.category for sku, row in rows.items() if row.variant.category}
        return {"categories": list(followed(wish.skus, categories))}

    def change(self, address: str, entry_id: str, change: Change) -> "EntryShown":
        """Change an entry that is in line; SKUs that stay keep their place, new ones start at the end of the line.

        Raises `GoneError`, `UnknownSkusError` for SKUs that neither the entry nor the ledger knows,
        `DiscontinuedError` for those that do not come back, or `AlreadyWaitingError` when other entries wait for all of
        the SKUs already.
        """
        known = frozenset() if change.skus is None else self.ledger.known(change.skus)
        gone = not_coming_back(self.shelf, change.skus or ())
        entry, skus, dropped = retried(lambda: self._change(address, entry_id, change, known, gone))
        # Only now: a mail that is stopped ends what the entry waits for, as long as its place is in line.
        self._stop(
            address, entry_id, [mail.text() for mail in self.directory.invitations.invitations(dropped).values()]
        )
        self.plans.send([Outgoing.of({"plan": "joined", "sku": sku}) for sku in skus])
        return self._shown(entry)

    def remove(self, address: str, entry_id: str) -> None:
        """End one entry. Raises `GoneError`."""
        customer, alive = self.directory.read(address)
        entry = customer.entries.get(entry_id)
        if entry is None:
            raise GoneError(entry_id)
        self._stop(address, entry_id, self._under_way(customer, entry, alive))
        self.closing.close(address, [entry_id], Counts(left=1), by_customer=True)

    def _stop(self, address: str, entry_id: str, references: list[str]) -> None:
        """Let Mail hear which mails about an entry are not wanted any more."""
        if references:
            at = to_text(self.clock.now())
            left = CustomerLeft(id=f"left#{entry_id}#{at}", at=at, address=address, references=references)
            self.bus.publish([left])

    def _under_way(self, customer: Customer, entry: Entry, alive: frozenset[Place]) -> list[str]:
        """Return the references of all mails about an entry that may not have left yet."""
        if not entry.waiting:
            return [confirmation(entry.entry_id)] if entry.mailed_at is not None else []
        found = self.directory.invitations.invitations(place for place in places(entry) if place in alive)
        references = [found[place].text() for place in places(entry) if place in found]
        references += [waits_in_store(entry.entry_id)] if entry.near and entry.consent.marketing else []
        if from_text(entry.over_at) <= self.clock.now():
            references.append(notice_reference(customer, entry).text())
        return references

    def _change(
        self, address: str, entry_id: str, change: Change, known: frozenset[str], gone: frozenset[str]
    ) -> _Changed:
        """Change an entry and return it, the SKUs for which a wave may now find something else, and what it gave up."""
        now = self.clock.now()
        customer, alive = self.directory.read(address)
        entry = customer.entries.get(entry_id)
        if entry is None or not entry.waiting:
            raise GoneError(entry_id)
        unknown = tuple(sku for sku in change.skus or () if sku not in known and sku not in entry.skus)
        if unknown:
            raise UnknownSkusError(unknown)
        _refuse(entry, change, gone)
        elsewhere = {place.sku for place in alive if place.entry_id != entry_id}
        skus = tuple(sku for sku in change.skus or entry.skus if sku not in elsewhere)
        if not skus:
            raise AlreadyWaitingError(entry_id)
        changed = replace(
            entry,
            skus=skus,
            places={sku: entry.places.get(sku, to_text(now)) for sku in skus},
            quantity=change.quantity or entry.quantity,
        )
        if entry.ended_at is not None:
            changed = changed.lasting(entry.until, entry.expires_at)
        if change.until is not None:
            changed = changed.lasting(*self.calendar.last_day(change.until, now))
        customer = self.directory.recalled(customer, alive, skus)
        changes = Changes()
        moved(customer, entry, changed, changes)
        # A customer who takes a SKU back later is not told again about the same restock.
        customer = reacted(customer.with_entry(changed).parted(changes.unlisted), to_text(now), CHANGED)
        self.directory.customers.save(customer, changes, now)
        same = (changed.quantity, changed.over_at) == (entry.quantity, entry.over_at)
        news = [sku for sku in changed.skus if not same or sku not in entry.places]
        return _Changed(changed, news, changes.unlisted)

    def _shown(self, entry: Entry, lines: int = LINES_ASKED) -> "EntryShown":
        """Show an entry. Where there are many, only the lines of its first SKUs are asked for its place."""
        line = [self.directory.customers.ahead(place) + 1 for place in places(entry)[:lines]]
        return {
            "id": entry.entry_id,
            "skus": list(entry.skus),
            "quantity": entry.quantity,
            "until": entry.until,
            "place": min(line) if line else None,
            "status": "waiting" if entry.waiting else "unconfirmed",
            "near": kept_place(entry.near),
        }


def _refuse(entry: Entry, change: Change, gone: frozenset[str]) -> None:
    """Raise `DiscontinuedError` where a change would wait for what does not come back.

    What the entry waits for may stay as long as it has not ended; then only other SKUs make it go on.
    """
    own = set(entry.skus)
    wanted = entry.skus if change.skus is None else change.skus
    refused = tuple(sku for sku in wanted if (sku in own and entry.ended_at is not None) or (sku in gone - own))
    if refused:
        raise DiscontinuedError(refused)
