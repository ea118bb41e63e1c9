"""Addresses, their places in line and the counts: every change is one transaction (table Waitlist).

An address's item is the boundary of consistency: each change is made on the version that was read. That somebody
waits is said by the listings alone; who was told loses the listing, and the address's item learns of it when it is
next read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from standby.platform.dynamodb import (
    Backoff,
    ConditionFailedError,
    batch_get,
    client,
    from_item,
    to_item,
    to_value,
    write,
)
from standby.waitlist import items
from standby.waitlist.model import (
    COUNTED,
    SHARDS,
    ChangedMeanwhileError,
    Changes,
    Customer,
    Entry,
    Listing,
    Place,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AHEAD_LIMIT = 1_000
DUE_PAGE = 50


@dataclass(frozen=True)
class CustomerRepository:
    """The addresses and what hangs on them."""

    table: str
    dynamodb: "DynamoDBClient"
    backoff: Backoff = field(default_factory=Backoff)

    def customer(self, address: str) -> Customer:
        """Return what is known of an address; of an unknown one an empty document of version 0."""
        answer = self.dynamodb.get_item(
            TableName=self.table, Key=to_item(items.address_key(address)), ConsistentRead=True
        )
        if "Item" not in answer:
            return Customer(address=address)
        return items.customer(address, from_item(answer["Item"]))

    def alive(self, places: Iterable[Place]) -> frozenset[Place]:
        """Return those of the places that are still in line."""
        wanted = {(key["pk"], key["sk"]): place for place in places for key in [items.listing_key(place)]}
        keys = [{"pk": pk, "sk": sk} for pk, sk in wanted]
        found = batch_get(self.dynamodb, self.table, keys, backoff=self.backoff) if keys else []
        return frozenset(wanted[item["pk"], item["sk"]] for item in found)

    def save(self, customer: Customer, changes: Changes, now: datetime) -> Customer:
        """Store the address and the changes around it, all or nothing, on the version that was read.

        Raises `ChangedMeanwhileError` when the address or one of the listings was changed since.
        """
        stored = replace(customer, version=customer.version + 1)
        entries: Any = [self._put_customer(stored, customer.version, now), *self._writes(changes, customer.address)]
        try:
            write(partial(self.dynamodb.transact_write_items, TransactItems=entries), backoff=self.backoff)
        except ConditionFailedError as error:
            raise ChangedMeanwhileError(customer.address) from error
        return stored

    def ahead(self, place: Place) -> int:
        """Return about how many wait in front of a place: those of its own shard, times the shards.

        Counts at most 1,000 of them, so that the answer costs the same however long the line is.
        """
        answer = self.dynamodb.query(
            TableName=self.table,
            Select="COUNT",
            KeyConditionExpression="#pk = :pk AND #sk < :key",
            ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
            ExpressionAttributeValues={
                ":pk": {"S": items.listing_key(place)["pk"]},
                ":key": {"S": place.key},
            },
            Limit=AHEAD_LIMIT,
        )
        return answer["Count"] * SHARDS

    def counts(self, sku: str) -> dict[str, int]:
        """Return a SKU's counts, none below 0."""
        answer = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":pk": {"S": f"COUNTS#{sku}"}},
        )
        shards = [from_item(item) for item in answer["Items"]]
        return {name: max(0, sum(shard.get(name, 0) for shard in shards)) for name in COUNTED}

    def joins_from(self, ip: str, minute: str, expires: int) -> int:
        """Count one more sign-up from an IP's key in this minute and return how many there were."""
        answer = self.dynamodb.update_item(
            TableName=self.table,
            Key=to_item({"pk": f"IP#{ip}", "sk": minute}),
            UpdateExpression="ADD #joins :one SET #ttl = :ttl",
            ExpressionAttributeNames={"#joins": "joins", "#ttl": "ttl"},
            ExpressionAttributeValues={":one": {"N": "1"}, ":ttl": {"N": str(expires)}},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["joins"]["N"])

    def due(self, shard: str, now: str, cursor: Mapping[str, str] | None) -> tuple[list[str], dict[str, str] | None]:
        """Return a page of the addresses for which something is due, and where the next page starts."""
        start: dict[str, Any] = {"ExclusiveStartKey": to_item(cursor)} if cursor else {}
        answer = self.dynamodb.query(
            TableName=self.table,
            IndexName=items.DUE,
            KeyConditionExpression="#shard = :shard AND #due_at <= :now",
            ExpressionAttributeNames={"#shard": "due_shard", "#due_at": "due_at"},
            ExpressionAttributeValues={":shard": {"S": shard}, ":now": {"S": now}},
            Limit=DUE_PAGE,
            **start,
        )
        addresses = [items.address_of(from_item(item)) for item in answer["Items"]]
        after = answer.get("LastEvaluatedKey")
        return addresses, from_item(after) if after else None

    def _put_customer(self, customer: Customer, known_version: int, now: datetime) -> dict[str, Any]:
        condition = "attribute_not_exists(#pk)" if known_version == 0 else "#version = :version"
        names = {"#pk": "pk"} if known_version == 0 else {"#version": "version"}
        values = {} if known_version == 0 else {"ExpressionAttributeValues": {":version": {"N": str(known_version)}}}
        return {
            "Put": {
                "TableName": self.table,
                "Item": to_item(items.customer_item(customer, now)),
                "ConditionExpression": condition,
                "ExpressionAttributeNames": names,
                **values,
            }
        }

    def _writes(self, changes: Changes, address: str) -> Iterator[dict[str, Any]]:
        for listing in changes.listed:
            yield self._list(listing)
        for listing in changes.amended:
            yield self._amend(listing)
        for place in changes.unlisted:
            yield unlist(self.table, place)
        for entry in changes.tied:
            yield self._tie(entry)
        for entry_id in changes.untied:
            yield {"Delete": {"TableName": self.table, "Key": to_item(items.entry_key(entry_id))}}
        for sku, change in changes.counts.items():
            if any(change.numbers):
                yield items.counts_update(self.table, sku, address, change)

    def _list(self, listing: Listing) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self.table,
                "Item": to_item(items.listing_item(listing)),
                "ConditionExpression": "attribute_not_exists(#pk)",
                "ExpressionAttributeNames": {"#pk": "pk"},
            }
        }

    def _amend(self, listing: Listing) -> dict[str, Any]:
        values = {
            name: value
            for name, value in to_item(items.listing_item(listing)).items()
            if name in {"email", "quantity", "locale", "expires_at", "any_of", "marketing", "ttl"}
        }
        gone = [name for name in ("any_of", "marketing") if name not in values]
        removal = " REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else ""
        return {
            "Update": {
                "TableName": self.table,
                "Key": to_item(items.listing_key(listing)),
                "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values) + removal,
                "ConditionExpression": "attribute_exists(#pk)",
                "ExpressionAttributeNames": {"#pk": "pk"} | {f"#{name}": name for name in [*values, *gone]},
                "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
            }
        }

    def _tie(self, entry: Entry) -> dict[str, Any]:
        expires = int(datetime.fromisoformat(entry.expires_at).timestamp() + items.LISTED_MARGIN.total_seconds())
        return {
            "Update": {
                "TableName": self.table,
                "Key": to_item(items.entry_key(entry.entry_id)),
                "UpdateExpression": "SET #places = :places, #ttl = :ttl",
                "ExpressionAttributeNames": {"#places": "places", "#ttl": "ttl"},
                "ExpressionAttributeValues": {":places": to_value(entry.places), ":ttl": {"N": str(expires)}},
            }
        }


def connect(table: str) -> CustomerRepository:
    """Return the repository over this table."""
    return CustomerRepository(table, client())


def unlist(table: str, place: Place, *, quantity: int | None = None, over_by: str | None = None) -> dict[str, Any]:
    """Write the deletion of a place in line, on the condition that it is there.

    Also, if they are given: for that ``quantity``, and that its last day is over by an instant. Where it is there and
    these differ, the failed condition's reason is the item.
    """
    deletion: dict[str, Any] = {
        "TableName": table,
        "Key": to_item(items.listing_key(place)),
        "ConditionExpression": "attribute_exists(#pk)",
        "ExpressionAttributeNames": {"#pk": "pk"},
    }
    if quantity is not None:
        deletion |= {
            "ConditionExpression": "#quantity = :quantity",
            "ExpressionAttributeNames": {"#quantity": "quantity"},
            "ExpressionAttributeValues": {":quantity": to_value(quantity)},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    if over_by is not None:
        deletion["ConditionExpression"] += " AND #expires_at <= :over_by"
        deletion["ExpressionAttributeNames"] = {**deletion["ExpressionAttributeNames"], "#expires_at": "expires_at"}
        deletion["ExpressionAttributeValues"] = {
            **deletion.get("ExpressionAttributeValues", {}),
            ":over_by": to_value(over_by),
        }
    return {"Delete": deletion}
