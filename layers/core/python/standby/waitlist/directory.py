"""Who waits, by address."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Protocol

from standby.platform.frozen import frozen
from standby.waitlist.model import Changes, Confirmations, Customer, Place, places
from standby.waitlist.reference import Reference, read
from standby.waitlist.repeating import Request


class Customers(Protocol):
    """Addresses and their places in line."""

    def customer(self, address: str) -> Customer:
        """Return what is known of an address key."""
        ...

    def asked(self, mailbox: str, places: Iterable[Place]) -> tuple[Confirmations, frozenset[Place]]:
        """Return what was mailed to a mailbox, and those of the places that are still in line, in one request."""
        ...

    def alive(self, places: Iterable[Place]) -> frozenset[Place]:
        """Return those of the places that are still in line."""
        ...

    def save(self, customer: Customer, changes: Changes, now: datetime) -> Customer:
        """Store all or nothing. Raises `ChangedMeanwhileError`."""
        ...

    def answered(self, request: Request) -> Request | None:
        """Return the request as it was answered under its key before; ``None`` when it is new."""
        ...

    def ahead(self, place: Place) -> int:
        """Return about how many wait in front of a place."""
        ...


class Invitations(Protocol):
    """Who was invited by the present restock of a SKU."""

    def invitations(self, places: Iterable[Place]) -> Mapping[Place, Reference]:
        """Return the references of the mails that places were invited with, for those that were."""
        ...

    def outcomes(self, references: Iterable[Reference]) -> tuple[frozenset[Reference], frozenset[Reference]]:
        """Return those of the mails whose outcome is not known yet, and those that were not sent."""
        ...


class Glance(NamedTuple):
    """What a sign-up must know: the address as it is stored, what its mailbox was sent, and who is still in line."""

    customer: Customer
    confirmations: Confirmations
    alive: frozenset[Place]


@frozen()
class Directory:
    """Reads an address without the entries that have left the line since it was stored."""

    customers: Customers
    invitations: Invitations

    def read(self, address: str) -> tuple[Customer, frozenset[Place]]:
        """Return the address without the entries that are not in line any more, and its places that are.

        The customer remembers the places that are gone, so that joining again does not bring the same mail.
        """
        customer = self.customers.customer(address)
        listed = [place for entry in customer.entries.values() for place in places(entry)]
        alive = self.customers.alive(listed)
        customer = customer.parted(place for place in listed if place not in alive)
        entries = {}
        former = dict(customer.former)
        for key, entry in customer.entries.items():
            kept = {place.sku: place.place for place in places(entry) if place in alive}
            if kept or not entry.waiting:
                entries[key] = replace(entry, places=kept, skus=tuple(kept) if entry.waiting else entry.skus)
            else:
                former[key] = entry
        return replace(customer, entries=entries, former=former), alive

    def glance(self, address: str, mailbox: str, skus: Iterable[str]) -> Glance:
        """Return what a sign-up must know, in two requests, whoever the address belongs to and whatever it did.

        The entries that have left the line since are still there; whether one has is told by its first place and by
        those of the SKUs.
        """
        customer = self.customers.customer(address)
        wanted = set(skus)
        asked = {
            place
            for entry in customer.entries.values()
            for number, place in enumerate(places(entry))
            if number == 0 or place.sku in wanted
        }
        confirmations, alive = self.customers.asked(mailbox, asked)
        return Glance(customer, confirmations, alive)

    def recalled(self, customer: Customer, alive: Iterable[Place], skus: Iterable[str]) -> Customer:
        """Return the customer who remembers the restocks that told about these SKUs, but for those still waited for.

        A mail that was refused told nobody. One whose outcome is not known yet stays in doubt, and the waves look it up
        until it is known.
        """
        wanted = customer.gone.keys() & set(skus) - {place.sku for place in alive}
        gone = [Place.of_key(sku, customer.gone[sku]) for sku in sorted(wanted)]
        found = list(self.invitations.invitations(gone).values()) if gone else []
        mails = {known for known in map(read, customer.doubts.values()) if known is not None} | set(found)
        if not mails:
            return customer
        unknown, unsent = self.invitations.outcomes(mails)
        told = dict(customer.told)
        doubts: dict[str, str] = {}
        for mail in sorted(mails - unsent, key=lambda mail: mail.revision):
            if mail in unknown:
                doubts[mail.sku] = mail.text()
            else:
                told[mail.sku] = max(mail.revision, told.get(mail.sku, 0))
        return replace(customer, told=told, doubts=doubts)
