"""Who pre-ordered a SKU waits for it no longer (features.md, A17): two of the same would come otherwise."""

from collections.abc import Iterable
from dataclasses import replace

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.waitlist.closing import Closing
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import retried
from standby.waitlist.model import Changes, Counts, moved


@frozen()
class Served:
    """Takes those out of lines who pre-ordered."""

    directory: Directory
    closing: Closing
    clock: Clock

    def take_out(self, address: str, skus: Iterable[str], *, at: str) -> None:
        """Take an address out of the lines of SKUs that it joined until an instant. Repeating changes nothing.

        An entry that waits for further SKUs goes on waiting for those; any other is closed, and counts as left.
        """
        gone = frozenset(skus)
        retried(lambda: self._take_out(address, gone, at))

    def _take_out(self, address: str, gone: frozenset[str], at: str) -> None:
        customer, _ = self.directory.read(address)
        changes, over = Changes(), []
        for entry in list(customer.entries.values()):
            if gone.isdisjoint(entry.places) or entry.consented_at > at:
                continue
            rest = {sku: place for sku, place in entry.places.items() if sku not in gone}
            if not rest:
                over.append(entry.entry_id)
                continue
            changed = replace(entry, skus=tuple(rest), places=rest)
            moved(customer, entry, changed, changes)
            for sku in entry.places.keys() & gone:
                changes.count(sku, Counts(left=1))
            customer = customer.with_entry(changed)
        if changes.size:
            self.directory.customers.save(customer.parted(changes.unlisted), changes, self.clock.now())
        if over:
            self.closing.close(address, over, Counts(left=1))
