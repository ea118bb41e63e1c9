"""Ending entries, and leaving for good."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from standby.events.waitlist import CustomerLeft
from standby.platform.address import mailbox_key
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.waitlist.attention_model import ENDED_ONE
from standby.waitlist.digest_model import UNLISTED
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import retried
from standby.waitlist.model import TRANSACTION_ROOM, Changes, Counts, Customer, Entry, Place, places, uncount
from standby.waitlist.reacting import reacted

LEFT = "left"
ERASED = "erased"


@frozen()
class Closing:
    """Ending entries: by leaving, bouncing, being erased, or because their time is over."""

    directory: Directory
    clock: Clock

    def close_all(self, address: str, *, at: str, how: Counts, why: str) -> None:
        """End the entries that an address consented to until ``at``, and remember why it stopped then.

        It `LEFT`, was `ERASED`, or Mail has a reason of its own. ``how`` is counted once for each SKU of each entry
        that was in line.
        """

        def remembered(customer: Customer) -> Customer:
            wish = customer.digest
            customer = replace(
                customer,
                former={},
                digest=wish if wish and wish.consented_at > at else None,
                attention=customer.attention and customer.attention.ended(at, why),
            )
            if why == LEFT:
                return replace(customer, left_at=max(at, customer.left_at or ""))
            if why == ERASED:
                customer = replace(customer, erased_at=max(at, customer.erased_at or ""))
                return (
                    customer
                    if customer.entries
                    else replace(customer, email="", locale="", told={}, gone={}, doubts={})
                )
            return replace(customer, stopped_at={**customer.stopped_at, why: max(at, customer.stopped_at.get(why, ""))})

        retried(
            lambda: self._close(address, lambda entry: entry.consent.at <= at, how, remembered, forget=why == ERASED)
        )

    def lift(self, address: str, *, at: str) -> None:
        """Remember that Mail sends to an address again, whatever it stopped for until ``at``."""

        def attempt() -> None:
            customer = self.directory.customers.customer(address)
            lifted = replace(customer, lifted_at=max(at, customer.lifted_at or ""))
            if lifted != customer:
                self.directory.customers.save(lifted, Changes(), self.clock.now())

        retried(attempt)

    def close(self, address: str, entry_ids: Iterable[str], how: Counts, *, by_customer: bool = False) -> None:
        """End single entries. It is a sign of life where the customer does it."""
        wanted = set(entry_ids)

        def forgotten(customer: Customer) -> Customer:
            customer = reacted(customer, to_text(self.clock.now()), ENDED_ONE) if by_customer else customer
            return replace(customer, former={key: entry for key, entry in customer.former.items() if key not in wanted})

        retried(lambda: self._close(address, lambda entry: entry.entry_id in wanted, how, forgotten))

    def _close(
        self,
        address: str,
        over: Callable[[Entry], bool],
        how: Counts,
        remembered: Callable[[Customer], Customer],
        *,
        forget: bool = False,
    ) -> None:
        """End entries, as many at a time as fit one transaction, on what was read once."""
        customer, alive = self.directory.read(address)
        listed = customer.digest is not None
        ending = [entry for entry in customer.entries.values() if over(entry)]
        while True:
            changes = Changes(forgotten=mailbox_key(customer.email) if forget and customer.email else None)
            ended: list[str] = []
            for entry in ending:
                if ended and changes.size + _size(entry) > TRANSACTION_ROOM:
                    break
                self._end(entry, alive, how, changes)
                ended.append(entry.entry_id)
            customer = remembered(customer.without(ended).parted(changes.unlisted))
            if listed and customer.digest is None:
                changes.digest = UNLISTED
            customer = self.directory.customers.save(customer, changes, self.clock.now())
            ending = ending[len(ended) :]
            if not ending:
                return

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


def _size(entry: Entry) -> int:
    """Return how many items ending an entry writes, at most: its places with their counts and a tie, or counts only."""
    return 2 * len(entry.places) + 1 if entry.waiting else len(entry.skus)


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
        self.closing.close_all(address, at=at, how=Counts(left=1), why=LEFT)
