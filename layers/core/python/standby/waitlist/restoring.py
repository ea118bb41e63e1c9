"""Put customers back in line whose mail SES accepted and then did not send (a virus, a template it could not fill).

Being told took the customer's listing away, or is about to, since SES may speak before the sender has written that it
accepted. So the entry comes back under another id, made from the mail's reference. Whatever is still said about the
old one then finds nothing, and the same restoring made again finds that it was done.
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta

from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.waitlist.directory import Count, Directory, retried
from standby.waitlist.model import Changes, Counts, Customer, Entry, listing, places
from standby.waitlist.reference import Reference

NOTICE_AGAIN_AFTER = timedelta(days=1)
"""A last notice that SES did not send is given again so late, because SES may go on not sending it."""


@frozen()
class Restoring:
    """Undoes that somebody was told."""

    directory: Directory
    plans: Queue
    clock: Clock
    count: Count

    def restore(self, address: str, known: Reference, *, at: str) -> None:
        """Give an address its place in line again, if it has not left meanwhile; the next wave tells it."""
        skus = retried(lambda: self._restore(address, known, at))
        self.plans.send([Outgoing.of({"plan": "joined", "sku": sku}) for sku in skus])

    def _restore(self, address: str, known: Reference, at: str) -> tuple[str, ...]:
        customer = self.directory.customers.customer(address)
        again = restored_id(known)
        if again in customer.entries:
            return customer.entries[again].skus  # whoever did it may have died before the waves heard of it
        entry = customer.entries.get(known.entry_id) or customer.former.get(known.entry_id)
        if entry is None or entry.places.get(known.sku) != known.place or customer.refuses(entry.consented_at):
            return ()
        changes = Changes()
        customer, entry = self._back(customer, entry, known, changes)
        if not entry.places:
            return ()
        if not known.of_wave:
            due = to_text(from_text(at) + NOTICE_AGAIN_AFTER)
            entry = replace(entry, noticed_at=None, notice_at=due)
        self.directory.customers.save(customer.with_entry(entry), changes, self.clock.now())
        self.count("CustomersRestored", 1)
        return entry.skus

    def _back(self, customer: Customer, entry: Entry, known: Reference, changes: Changes) -> tuple[Customer, Entry]:
        """List the entry's places under the new id, but for SKUs that the address waits for by another entry."""
        wished = [place for each in customer.entries.values() for place in places(each)]
        alive = self.directory.customers.alive({*wished, *places(entry)})
        others = {place.sku for place in alive if place.entry_id != entry.entry_id}
        kept = {sku: place for sku, place in entry.places.items() if sku not in others}
        back = replace(entry, entry_id=restored_id(known), places=kept, skus=tuple(kept))
        told = {sku: revision for sku, revision in customer.told.items() if (sku, revision) != _restock(known)}
        former = {key: each for key, each in customer.former.items() if key != entry.entry_id}
        customer = replace(customer.without([entry.entry_id]), told=told, former=former)
        for place in places(entry):
            was_told = Counts(told=-1) if known.of_wave and place == known.listing else Counts()
            if place in alive:
                changes.unlisted.append(place)
                changes.count(place.sku, Counts(waiting=-1, units_wanted=-entry.quantity))
            else:
                changes.count(place.sku, was_told)
        for sku in kept:
            changes.listed.append(listing(customer, back, sku))
            changes.count(sku, Counts(waiting=1, units_wanted=entry.quantity))
        if known.of_wave:
            changes.count(known.sku, Counts(invited=-1))
        if entry.any_of:
            changes.untied.append(entry.entry_id)
        if back.any_of:
            changes.tied.append(back)
        return customer, back


def restored_id(known: Reference) -> str:
    """Return the id under which an entry comes back after this mail."""
    digest = hashlib.sha256(known.text().encode()).digest()
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _restock(known: Reference) -> tuple[str, int]:
    return known.sku, known.revision
