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

RESTORED = "r."
"""What the id of an entry begins with that came back; ids that are drawn hold no dot."""


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
        if entry is None or entry.places.get(known.sku) != known.place or customer.refusal(entry.consented_at):
            return ()
        goes_on = known.entry_id in customer.entries and (entry.noticed_at is None or entry.expires_at > at)
        if not known.of_wave and goes_on:
            return ()  # the customer chose a later day, which the notice knew nothing of
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
        back = replace(entry, entry_id=restored_id(known), places=kept, skus=tuple(kept), gone_at=None)
        told = _told_after(customer, known)
        former = {key: each for key, each in customer.former.items() if key != entry.entry_id}
        gone = {sku: key for sku, key in customer.gone.items() if sku != known.sku}
        doubts = {sku: text for sku, text in customer.doubts.items() if text != known.text()}
        customer = replace(customer.without([entry.entry_id]), told=told, gone=gone, doubts=doubts, former=former)
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
    return RESTORED + urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _told_after(customer: Customer, known: Reference) -> dict[str, int]:
    """Return the restocks that the address counts as told about once it is back.

    The first time, this restock is none of them. Whoever comes back again waits for the next one, so that somebody
    whose mails SES never sends does not keep the units from those behind.
    """
    told = dict(customer.told)
    if not known.of_wave:
        return told
    if known.entry_id.startswith(RESTORED):
        told[known.sku] = max(told.get(known.sku, 0), known.revision)
    elif told.get(known.sku) == known.revision:
        del told[known.sku]
    return told
