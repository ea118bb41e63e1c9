"""Who waits, by address, and how an address is changed while others change it too."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from standby.platform.frozen import frozen
from standby.waitlist.model import ChangedMeanwhileError, Changes, Customer, Place, places
from standby.waitlist.reference import Reference

ATTEMPTS = 8

Result = TypeVar("Result")
Count = Callable[[str, int], None]
"""Counts a metric: its name, and by how much."""


class Customers(Protocol):
    """Addresses and their places in line."""

    def customer(self, address: str) -> Customer:
        """Return what is known of an address key."""
        ...

    def alive(self, places: Iterable[Place]) -> frozenset[Place]:
        """Return those of the places that are still in line."""
        ...

    def save(self, customer: Customer, changes: Changes, now: datetime) -> Customer:
        """Store all or nothing. Raises `ChangedMeanwhileError`."""
        ...

    def ahead(self, place: Place) -> int:
        """Return about how many wait in front of a place."""
        ...


class Invitations(Protocol):
    """Who was invited by the present restock of a SKU."""

    def invitation(self, place: Place) -> Reference | None:
        """Return the reference of the mail that the place was invited with, if it was."""
        ...


@frozen()
class Directory:
    """Reads an address without the entries that have left the line since it was stored."""

    customers: Customers
    invitations: Invitations

    def read(self, address: str) -> tuple[Customer, frozenset[Place]]:
        """Return the address without the entries that are not in line any more, and its places that are.

        The customer remembers which restock told about each SKU, so that joining again does not bring the same mail.
        """
        customer = self.customers.customer(address)
        listed = [place for entry in customer.entries.values() for place in places(entry)]
        alive = self.customers.alive(listed)
        told = self.told(customer, [place for place in listed if place not in alive])
        entries = {}
        former = dict(customer.former)
        for key, entry in customer.entries.items():
            kept = {place.sku: place.place for place in places(entry) if place in alive}
            if kept or not entry.waiting:
                entries[key] = replace(entry, places=kept, skus=tuple(kept) if entry.waiting else entry.skus)
            else:
                former[key] = entry
        return replace(customer, entries=entries, told=told, former=former), alive

    def told(self, customer: Customer, gone: Iterable[Place]) -> Mapping[str, int]:
        """Return by SKU the newest restock that the address was told about, looking up the places that are gone."""
        told = dict(customer.told)
        for place in gone:
            invitation = self.invitations.invitation(place)
            if invitation is not None:
                told[place.sku] = max(invitation.revision, told.get(place.sku, 0))
        return told


def retried(attempt: Callable[[], Result]) -> Result:
    """Run an attempt (read, decide, write on what was read), and repeat it when somebody else was quicker.

    Raises `ChangedMeanwhileError` after `ATTEMPTS` attempts.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except ChangedMeanwhileError:
            continue
    return attempt()
