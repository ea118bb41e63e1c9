"""Remember which entries were given their last notice, and which must be given another."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import retried
from standby.waitlist.model import Changes, Customer, Entry, listing, places
from standby.waitlist.reference import Reference, reference


@frozen()
class Noticing:
    """The last notices of entries whose time is over."""

    directory: Directory
    clock: Clock

    def given(self, address: str, entry_ids: Iterable[str]) -> None:
        """Remember that last notices were handed to Mail, and work out anew when the next thing is due."""
        given, at = frozenset(entry_ids), to_text(self.clock.now())
        self._change(address, lambda entry: replace(entry, noticed_at=at) if entry.entry_id in given else entry)

    def missed(self, address: str, job_id: str, *, at: str) -> None:
        """Make another last notice due at once: Mail said at ``at`` that it was too late to send this job.

        Nothing changes where the entry has ended, or has another last day or another notice since.
        """

        def due(entry: Entry) -> Entry:
            missed = entry.noticed_at is not None and notice_job(entry) == job_id
            return replace(entry, noticed_at=None, notice_at=at) if missed else entry

        self._change(address, due)

    def _change(self, address: str, change: Callable[[Entry], Entry]) -> None:
        def attempt() -> None:
            customer, _ = self.directory.read(address)
            entries = {key: change(entry) for key, entry in customer.entries.items()}
            self.directory.customers.save(replace(customer, entries=entries), Changes(), self.clock.now())

        retried(attempt)


def notice_reference(customer: Customer, entry: Entry) -> Reference:
    """Return what travels with an entry's last notice: the listing of its first SKU."""
    return reference(listing(customer, entry, places(entry)[0].sku))


def notice_job(entry: Entry) -> str:
    """Return the id of the job that gives an entry its last notice: the same however often that notice is made."""
    again = "" if entry.notice_at is None else f"#{entry.notice_at}"
    if entry.ended_at is not None:
        return f"not_coming_back#{entry.entry_id}#{entry.ended_at}{again}"
    return f"last_notice#{entry.entry_id}#{entry.until}{again}"
