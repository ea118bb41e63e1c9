"""Getting the weekly list, and getting it or store offers no more."""

from collections.abc import Callable
from dataclasses import replace

from standby.events.waitlist import CustomerLeft
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.waitlist.attention_model import ENDED_LIST
from standby.waitlist.digest_model import LISTED, UNLISTED, Subscription
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import retried
from standby.waitlist.model import Changes, Customer, Entry
from standby.waitlist.reacting import reacted
from standby.waitlist.reference import digested, in_store, waits_in_store


def subscribed(customer: Customer, entry: Entry, email: str, changes: Changes) -> Customer:
    """Return the customer with the weekly list where a confirmed entry asks for it.

    The list is advertising, and its box, which is not ticked beforehand, is the consent to it. Who is subscribed and
    does not tick the list again stays so: nobody withdraws a consent by a box.
    """
    if not entry.digest:
        return customer
    wish = Subscription(
        email=email,
        locale=entry.locale,
        consented_at=entry.consented_at,
        wording=entry.consent.wording,
        skus=entry.skus,
        time_zone=entry.time_zone,
    )
    changes.digest = LISTED
    return replace(customer, digest=wish if customer.digest is None else customer.digest.renewed(wish))


@frozen()
class Unsubscribing:
    """Ends the list alone, by the link in each of its mails or the mailbox's own button (RFC 8058)."""

    directory: Directory
    bus: Bus
    clock: Clock

    def locale(self, address: str) -> str | None:
        """Return the language in which an address gets the list; ``None`` where it gets none."""
        wish = self.directory.customers.customer(address).digest
        return None if wish is None else wish.locale

    def leave(self, address: str) -> None:
        """End it. Mail hears of it first, so that a crash in between mails nobody."""
        at = to_text(self.clock.now())
        left = CustomerLeft(id=f"digest#{address}#{at}", at=at, address=address, references=[digested(address)])
        self.bus.publish([left])
        retried(lambda: self._leave(address))

    def _leave(self, address: str) -> None:
        customer = self.directory.customers.customer(address)
        if customer.attention is not None:
            customer, _ = self.directory.read(address)  # who was told before this is not told after it
        if customer.digest is not None:
            now = self.clock.now()
            customer = reacted(replace(customer, digest=None), to_text(now), ENDED_LIST)
            self.directory.customers.save(customer, Changes(digest=UNLISTED), now)


def withdrawn(before: Customer, after: Customer) -> list[CustomerLeft]:
    """Return what Mail hears first of entries that waited with consent to advertising and do so no more.

    Store offers that are under way tell of these entries. What is agreed to later than that counts.
    """
    ended = {
        waits_in_store(known.entry_id): now.consented_at
        for known in before.entries.values()
        if known.waiting and known.near and known.consent.marketing
        for now in [after.entries.get(known.entry_id)]
        if now is not None and not now.consent.marketing
    }
    if not ended:
        return []
    at = max(ended.values())
    return [CustomerLeft(id=f"withdrawn#{after.address}#{at}", at=at, address=after.address, references=[*ended])]


@frozen()
class Refusing:
    """Ends the store offers alone, by the link in each of them or the mailbox's own button (RFC 8058).

    Who agrees to advertising once more, later than that, may be invited again.
    """

    directory: Directory
    refuse: Callable[[str, str], None]
    """Writes since when an address wants none."""
    bus: Bus
    clock: Clock

    def locale(self, address: str) -> str | None:
        """Return the language of an address; ``None`` where nothing is known of it any more."""
        return self.directory.customers.customer(address).locale or None

    def leave(self, address: str) -> None:
        """End them. Mail hears of it first, so that a crash in between mails nobody."""
        at = to_text(self.clock.now())
        left = CustomerLeft(id=f"store#{address}#{at}", at=at, address=address, references=[in_store(address)])
        self.bus.publish([left])
        self.refuse(address, at)
