"""Ending entries, and leaving for good."""

from collections.abc import Iterable
from dataclasses import replace

from standby.events.waitlist import CustomerLeft
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.waitlist.directory import Directory, retried
from standby.waitlist.model import Changes, Counts, Entry, Place, places, uncount

LEFT = "left"
ERASED = "erased"
TRANSACTION_ROOM = 80
"""How many items of a transaction (at most 100) the entries to close may fill."""


@frozen()
class Closing:
    """Ending entries: by leaving, bouncing, being erased, or because their time is over."""

    directory: Directory
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
        customer, alive = self.directory.read(address)
        changes = Changes()
        for entry in customer.entries.values():
            if entry.entry_id in wanted:
                self._end(entry, alive, how, changes)
        ending = [place for place in changes.unlisted if place in alive]
        customer = replace(customer.without(wanted), told=self.directory.told(customer, ending))
        self.directory.customers.save(customer, changes, self.clock.now())

    def _close_some(self, address: str, at: str, how: Counts, remember: str | None) -> bool:
        """End as many entries as fit one transaction; tell whether there are more."""
        customer, alive = self.directory.read(address)
        ending = [entry for entry in customer.entries.values() if entry.consent.at <= at]
        changes = Changes()
        ended: list[str] = []
        for entry in ending:
            if ended and changes.size + 3 * len(entry.skus) > TRANSACTION_ROOM:
                break
            self._end(entry, alive, how, changes)
            ended.append(entry.entry_id)
        told = self.directory.told(customer, changes.unlisted)
        customer = replace(customer.without(ended), told=told)
        if remember == LEFT:
            customer = replace(customer, left_at=max(at, customer.left_at or ""))
        if remember == ERASED:
            customer = replace(customer, erased_at=max(at, customer.erased_at or ""))
            customer = customer if customer.entries else replace(customer, email="", locale="", told={})
        self.directory.customers.save(customer, changes, self.clock.now())
        return len(ended) < len(ending)

    def _end(self, entry: Entry, alive: frozenset[Place], how: Counts, changes: Changes) -> None:
        if not entry.waiting:
            uncount(entry, changes)
            return
        for place in places(entry):
            if place in alive:
                changes.unlisted.append(place)
                changes.count(place.sku, Counts(waiting=-1, units_wanted=-entry.quantity) + how)
        if entry.any_of:
            changes.untied.append(entry.entry_id)


@frozen()
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
