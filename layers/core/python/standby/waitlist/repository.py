"""Addresses, their places in line and the counts: every change is one transaction (table Waitlist).

An address's item is the boundary of consistency: each change is made on the version that was read. The listings alone
say who waits. A customer who was told loses the listing; whoever next reads the address's item takes the entry out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from standby.platform import kept
from standby.platform.clock import to_milliseconds
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import Cursor, Delete, Put, Query, Table, Update, Write
from standby.waitlist import items
from standby.waitlist.digest_listing_repository import listing_write
from standby.waitlist.keeping_model import rightly_kept
from standby.waitlist.model import (
    COUNTED,
    SHARDS,
    ChangedMeanwhileError,
    Changes,
    Confirmations,
    Customer,
    Entry,
    Place,
)
from standby.waitlist.nearby_repository import nearby_write
from standby.waitlist.repeating import Request

AHEAD_LIMIT = 1_000
MOST_PLACES = 99
"""With the mailbox, as many items as one request reads."""
DUE_PAGE = 50
AMENDED = (
    "email",
    "quantity",
    "locale",
    "consented_at",
    "expires_at",
    "any_of",
    "marketing",
    "after_revision",
    "doubt",
    "time_zone",
    "near",
    "ttl",
)
"""What may change of a place in line while it stays the same place."""


@frozen()
class CustomerRepository:
    """The addresses and what hangs on them."""

    table: Table

    def customer(self, address: str) -> Customer:
        """Return what is known of an address. An unknown address gives an empty customer of version 0."""
        item = self.table.item(items.address_key(address))
        return items.customer(address, item) if item else Customer(address=address)

    def alive(self, places: Iterable[Place]) -> frozenset[Place]:
        """Return those of the places that are still in line."""
        wanted = {(key["pk"], key["sk"]): place for place in places for key in [items.listing_key(place)]}
        found = self.table.batch({"pk": pk, "sk": sk} for pk, sk in wanted)
        return frozenset(wanted[item["pk"], item["sk"]] for item in found)

    def asked(self, mailbox: str, places: Iterable[Place]) -> tuple[Confirmations, frozenset[Place]]:
        """Return what was mailed to a mailbox, and those of at most 99 places that are still in line, in one request.

        It is one request for a mailbox and an address that nobody knows, too.
        """
        wanted = {(key["pk"], key["sk"]): place for place in places for key in [items.listing_key(place)]}
        keys = [items.mailbox_key(mailbox), *({"pk": pk, "sk": sk} for pk, sk in islice(wanted, MOST_PLACES))]
        found = {(item["pk"], item["sk"]): item for item in self.table.batch(keys)}
        known = found.pop((keys[0]["pk"], keys[0]["sk"]), None)
        counted = items.mailbox(mailbox, known) if known else Confirmations(mailbox=mailbox)
        return counted, frozenset(wanted[key] for key in found)

    def save(self, customer: Customer, changes: Changes, now: datetime) -> Customer:
        """Store the address and the changes around it, all or nothing, on the version that was read.

        Raises `ChangedMeanwhileError` when the address or one of the listings was changed since.
        """
        # An address that comes again begins at another version, so that nobody writes on what was read of it before.
        stored = rightly_kept(customer, now)
        stored = replace(stored, version=customer.version + 1 if customer.version else to_milliseconds(now))
        writes = [self._write_customer(stored, customer.version, now), *self._writes(changes, stored, now)]
        if changes.asked is not None:
            writes.append(self._write_mailbox(changes.asked, now))
        if changes.forgotten is not None:
            writes.append(Delete(items.mailbox_key(changes.forgotten)))
        if changes.digest is not None:
            writes.append(listing_write(stored, changes.digest))
        try:
            self.table.transact(writes)
        except ConditionFailedError as error:
            raise ChangedMeanwhileError(customer.address) from error
        return stored

    def ahead(self, place: Place) -> int:
        """Return about how many wait in front of a place: those of its own shard, times the shards.

        Counts at most 1,000 of them, so that the answer costs the same however long the line is.
        """
        key = items.listing_key(place)
        return self.table.count(Query(key["pk"], before=key["sk"], limit=AHEAD_LIMIT)) * SHARDS

    def answered(self, request: Request) -> Request | None:
        """Return the request as it was answered under its key before; ``None`` when it is new."""
        item = self.table.item(items.request_key(request))
        return None if item is None else items.answered(request, item)

    def counts(self, sku: str) -> dict[str, int]:
        """Return a SKU's counts, none below 0."""
        shards = self.table.page(Query(items.counts_partition(sku))).items
        return {name: max(0, sum(shard.get(name, 0) for shard in shards)) for name in COUNTED}

    def joins_from(self, ip: str, minute: str, expires: int) -> int:
        """Count one more sign-up from an IP's key in this minute and return how many there were."""
        counted = Update({"pk": f"IP#{ip}", "sk": minute}, assign={"ttl": expires}, add={"joins": 1})
        joins: int = self.table.change(counted)["joins"]
        return joins

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of the addresses for which something is due, and where the next page starts."""
        page = self.table.page(Query(shard, index=items.DUE, up_to=now, limit=DUE_PAGE), cursor)
        return [items.address_of(item) for item in page.items], page.cursor

    def _write_customer(self, customer: Customer, known_version: int, now: datetime) -> Put | Delete:
        """Write the address's item; it goes, or never comes to be, where there is nothing to remember.

        That is one write as well, so nobody can tell from the time which of them it was.
        """
        guard: Any = {"equal": {"version": known_version}} if known_version else {"absent": ("pk",)}
        if customer == Customer(address=customer.address, version=customer.version):
            return Delete(items.address_key(customer.address), **guard)
        return Put(items.customer_item(customer, now), **guard)

    def _write_mailbox(self, asked: Confirmations, now: datetime) -> Put | Delete:
        if not asked.count:
            return Delete(items.mailbox_key(asked.mailbox), absent=("pk",))
        item = items.mailbox_item(replace(asked, version=asked.version + 1), now)
        return Put(item, equal={"version": asked.version}) if asked.version else Put(item, absent=("pk",))

    def _writes(self, changes: Changes, customer: Customer, now: datetime) -> Iterator[Write]:
        for listing in changes.listed:
            yield Put(items.listing_item(listing), absent=("pk",))
        for listing in changes.amended:
            values = items.listing_item(listing)
            amended = {name: values[name] for name in AMENDED}
            yield Update(items.listing_key(listing), assign=amended, present=("pk",))
        for place in changes.unlisted:
            yield Delete(items.listing_key(place), present=("pk",))
        guest = nearby_write(customer, [*changes.listed, *changes.amended])
        if guest is not None:
            yield guest
        for entry in changes.tied:
            yield _tie(entry)
        if changes.answered is not None:
            # Without a key, the body names the address, whose version guards it.
            guard = ("pk",) if changes.answered.keyed else ()
            yield Put(items.request_item(changes.answered, now), absent=guard)
        for entry_id in changes.untied:
            yield Delete(items.entry_key(entry_id))
        for sku, change in changes.counts.items():
            # A sign-up writes as many items whether it changes a count or not, so that it takes as long.
            if any(change.numbers) or changes.asked is not None:
                yield items.counts_update(sku, customer.address, change)


def _tie(entry: Entry) -> Update:
    expires = int(datetime.fromisoformat(entry.expires_at).timestamp() + kept.LAPSED.total_seconds())
    return Update(items.entry_key(entry.entry_id), assign={"places": entry.places, "ttl": expires})
