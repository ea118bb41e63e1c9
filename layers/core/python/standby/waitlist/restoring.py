"""Put customers back in line whose mail SES accepted and then did not send (a virus, a template it could not fill).

Being told took the customer's listing away, or is about to, since SES may speak before the sender has written that it
accepted. So the entry comes back under another id, made from the mail's reference. Whatever is still said about the
old one then finds nothing, and the same restoring made again finds that it was done.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import Count, retried
from standby.waitlist.model import Changes, Counts, Customer, Entry, Place, listing, places
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
        customer = replace(customer, attention=customer.attention and customer.attention.not_told(at))
        again = restored_id(known)
        if again in customer.entries:
            return customer.entries[again].skus  # whoever did it may have died before the waves heard of it
        entry = customer.entries.get(known.entry_id) or customer.former.get(known.entry_id)
        if entry is None or entry.places.get(known.sku) != known.place or customer.refusal(entry.consented_at):
            return self._untold(customer, known)
        goes_on = known.entry_id in customer.entries and (entry.noticed_at is None or entry.over_at > at)
        if not known.of_wave and goes_on:
            return ()  # the customer chose a later day, which the notice knew nothing of
        changes = Changes()
        customer, entry = self._back(customer, entry, known, changes)
        if not known.of_wave:
            if not entry.places:
                return ()
            due = to_text(from_text(at) + NOTICE_AGAIN_AFTER)
            entry = replace(entry, noticed_at=None, notice_at=due)
        if entry.places:
            customer = customer.with_entry(entry)
        self.directory.customers.save(customer, changes, self.clock.now())
        self.count("CustomersRestored", 1)
        return changes.in_line

    def _untold(self, customer: Customer, known: Reference) -> tuple[str, ...]:
        """Let a mail not count as told whose entry does not come back, because its place moved to another entry.

        It returns the SKU if the address waits for it: whoever did it may have died before the waves heard of it.
        """
        if not known.of_wave or not customer.waiting_for([known.sku]):
            return ()
        if customer.gone.get(known.sku) == known.listing.key or customer.doubts.get(known.sku) == known.text():
            changes = Changes()
            customer = _forgotten(customer, known)
            waiting = {place for each in customer.entries.values() for place in places(each) if place.sku == known.sku}
            _amend(customer, self.directory.customers.alive(waiting), known.sku, changes)
            self.directory.customers.save(customer, changes, self.clock.now())
        return (known.sku,)

    def _back(self, customer: Customer, entry: Entry, known: Reference, changes: Changes) -> tuple[Customer, Entry]:
        """List the entry's places under the new id, but for SKUs that the address waits for by another entry.

        Such another entry may be told now. Where one was told and has gone, the address remembers by which restock.
        """
        wished = {place for each in customer.entries.values() for place in places(each)}
        alive = self.directory.customers.alive({*wished, *places(entry)})
        others = {place for place in alive if place.entry_id != entry.entry_id}
        waited = {place.sku for place in others}
        kept = {sku: place for sku, place in entry.places.items() if sku not in waited}
        back = replace(entry, entry_id=restored_id(known), places=kept, skus=tuple(kept) or entry.skus, gone_at=None)
        former = {key: each for key, each in customer.former.items() if key != entry.entry_id}
        customer = replace(_forgotten(customer, known).without([entry.entry_id]), former=former)
        customer = customer.parted(place for place in wished - alive if place.entry_id != entry.entry_id)
        customer = self.directory.recalled(customer, others, kept)
        if known.of_wave:
            _amend(customer, others, known.sku, changes)
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
        if back.any_of and kept:
            changes.tied.append(back)
        return customer, back


def _amend(customer: Customer, alive: Iterable[Place], sku: str, changes: Changes) -> None:
    """Write the listings of a SKU anew that the address has by other entries, with what it counts as told about."""
    for place in alive:
        if place.sku == sku:
            changes.amended.append(listing(customer, customer.entries[place.entry_id], sku))


def _forgotten(customer: Customer, known: Reference) -> Customer:
    """Return the customer who does not count as told by a mail."""
    gone = {sku: key for sku, key in customer.gone.items() if (sku, key) != (known.sku, known.listing.key)}
    doubts = {sku: text for sku, text in customer.doubts.items() if text != known.text()}
    return replace(customer, told=_told_after(customer, known), gone=gone, doubts=doubts)


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
