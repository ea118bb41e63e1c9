"""Keys and mapping of the Waitlist table: what an item's attributes mean, in one place."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime

from standby.platform import kept
from standby.platform.dynamodb import Item
from standby.platform.observability import logger
from standby.platform.point import kept_place
from standby.platform.table import Index, Key, Stored, Update
from standby.waitlist import digest_listing_repository as digests
from standby.waitlist.attention_model import Attention
from standby.waitlist.keeping_model import due_at, kept_until
from standby.waitlist.model import (
    COUNT_SHARDS,
    COUNTED,
    Confirmations,
    Consent,
    Counts,
    Customer,
    Entry,
    Listing,
    Place,
    shard_of,
)
from standby.waitlist.repeating import Request

log = logger("waitlist")

ADDRESS = "ADDRESS"
ENTRY = "ENTRY"
MAILBOX = "MAILBOX"
DUE = Index("due", "due_shard", "due_at")
CUSTOMERS_DUE = tuple(f"ENTRY#{shard}" for shard in range(4))
CHAINS_DUE = tuple(f"CHAIN#{shard}" for shard in range(4))


def address_key(address: str) -> Key:
    """Return the key of everything about one address."""
    return {"pk": f"{ADDRESS}#{address}", "sk": ADDRESS}


def listing_key(place: Place | Listing) -> Key:
    """Return the key of a place in a SKU's line."""
    return {"pk": list_partition(place.sku, shard_of(place.entry_id)), "sk": place.key}


def list_partition(sku: str, shard: int) -> str:
    """Return the partition of one shard of a SKU's line."""
    return f"LIST#{sku}#{shard}"


def entry_key(entry_id: str) -> Key:
    """Return the key of the item that ties the listings of an entry for any of several SKUs."""
    return {"pk": f"{ENTRY}#{entry_id}", "sk": ENTRY}


def request_key(request: Request) -> Key:
    """Return the key of a request of a shop."""
    return {"pk": f"REQUEST#{request.request_id}", "sk": "REQUEST"}


def request_item(request: Request, now: datetime) -> Item:
    """Write that a request was answered."""
    ttl = int((now + kept.REQUESTS).timestamp())
    return {**request_key(request), "body": request.body, "entries": request.entry_ids or None, "ttl": ttl}


def answered(request: Request, item: Item) -> Request:
    """Read how a request was answered."""
    at = datetime.fromtimestamp(item["ttl"], UTC) - kept.REQUESTS
    return replace(request, body=item["body"], entry_ids=frozenset(item.get("entries", ())), answered_at=at)


def counts_key(sku: str, spread: str) -> Key:
    """Return the key of one shard of a SKU's counts; ``spread`` is any text that differs among writers."""
    return {"pk": counts_partition(sku), "sk": str(shard_of(spread, COUNT_SHARDS))}


def counts_partition(sku: str) -> str:
    """Return the partition of all shards of a SKU's counts."""
    return f"COUNTS#{sku}"


def address_of(item: Item) -> str:
    """Return the address key in the partition key of an item or an index entry."""
    pk: str = item["pk"]
    return pk.removeprefix(f"{ADDRESS}#")


def customer_item(customer: Customer, now: datetime) -> Item:
    """Write everything about one address."""
    when = due_at(customer, now)
    due: Item = {}
    if when is not None:
        due = {"due_shard": CUSTOMERS_DUE[shard_of(customer.address, len(CUSTOMERS_DUE))], "due_at": text(when)}
    return {
        **address_key(customer.address),
        "email": customer.email or None,
        "locale": customer.locale or None,
        "entries": {key: _entry_values(entry) for key, entry in customer.entries.items()},
        "told": dict(customer.told),
        "gone": dict(customer.gone) or None,
        "doubts": dict(customer.doubts) or None,
        "former": {key: _entry_values(entry) for key, entry in customer.former.items()} or None,
        "left_at": customer.left_at,
        "erased_at": customer.erased_at,
        "stopped_at": dict(customer.stopped_at) or None,
        "lifted_at": customer.lifted_at,
        "digest": digests.subscription_values(customer.digest) if customer.digest else None,
        "attention": _attention_values(customer.attention) if customer.attention else None,
        "version": customer.version,
        "ttl": int(kept_until(customer, now).timestamp()),
        **due,
    }


def customer(address: str, item: Item) -> Customer:
    """Read everything about one address."""
    return Customer(
        address=address,
        email=item.get("email", ""),
        locale=item.get("locale", ""),
        entries={key: _entry(key, values) for key, values in item["entries"].items()},
        told=item["told"],
        gone=item.get("gone", {}),
        doubts=item.get("doubts", {}),
        former={key: _entry(key, values) for key, values in item.get("former", {}).items()},
        left_at=item.get("left_at"),
        erased_at=item.get("erased_at"),
        stopped_at=item.get("stopped_at", {}),
        lifted_at=item.get("lifted_at"),
        digest=digests.subscription(item["digest"]) if "digest" in item else None,
        attention=_attention(item["attention"]) if "attention" in item else None,
        version=item["version"],
    )


def mailbox_key(mailbox: str) -> Key:
    """Return the key of what was mailed to a mailbox."""
    return {"pk": f"{MAILBOX}#{mailbox}", "sk": MAILBOX}


def mailbox_item(asked: Confirmations, now: datetime) -> Item:
    """Write how often a mailbox was asked to confirm."""
    values = {name: value for name, value in asdict(asked).items() if value is not None}
    del values["mailbox"]
    return {**mailbox_key(asked.mailbox), **values, "ttl": int((now + kept.CONFIRMATIONS).timestamp())}


def mailbox(key: str, item: Item) -> Confirmations:
    """Read how often a mailbox was asked to confirm."""
    known = {name: item[name] for name in ("latest_at", "day", "count", "version") if name in item}
    return Confirmations(mailbox=key, **known)


def listing_item(listing: Listing) -> Item:
    """Write a place in line. Shorter attribute names would save nothing, for an item is far below one write unit."""
    expires = datetime.fromisoformat(listing.expires_at) + kept.LAPSED
    return {
        **listing_key(listing),
        "address": listing.address,
        "email": listing.email,
        "quantity": listing.quantity,
        "locale": listing.locale,
        "consented_at": listing.consented_at,
        "expires_at": listing.expires_at,
        "marketing": listing.marketing or None,
        "any_of": listing.any_of or None,
        "after_revision": listing.after_revision,
        "doubt": listing.doubt,
        "time_zone": listing.time_zone,
        "near": listing.near,
        "ttl": int(expires.timestamp()),
    }


def listing(sku: str, item: Stored) -> Listing:
    """Read a place in line from DynamoDB's JSON, without the general mapping: a wave reads a million of them."""
    place, _, entry_id = item["sk"]["S"].partition("#")
    after, doubt, zone = item.get("after_revision"), item.get("doubt"), item.get("time_zone")
    near = item.get("near")
    return Listing(
        sku=sku,
        place=place,
        entry_id=entry_id,
        address=item["address"]["S"],
        email=item["email"]["S"],
        quantity=int(item["quantity"]["N"]),
        locale=item["locale"]["S"],
        consented_at=item["consented_at"]["S"],
        expires_at=item["expires_at"]["S"],
        marketing="marketing" in item,
        any_of="any_of" in item,
        after_revision=None if after is None else int(after["N"]),
        doubt=None if doubt is None else doubt["S"],
        time_zone=None if zone is None else zone["S"],
        near=None if near is None else kept_place(near["S"]),
    )


def listings(sku: str, found: Iterable[Stored]) -> list[Listing]:
    """Read places in line. One that cannot be read is left out, so that it costs nobody else of the line their turn."""
    read = []
    for item in found:
        try:
            read.append(listing(sku, item))
        except Exception:
            log.exception("a place in line cannot be read", extra={"sku": sku, "place": item["sk"]})
    return read


def counts_update(sku: str, spread: str, change: Counts) -> Update:
    """Write a change of counts."""
    changes = {name: number for name, number in zip(COUNTED, change.numbers, strict=True) if number}
    return Update(counts_key(sku, spread), add=changes or {COUNTED[0]: 0})


def text(instant: datetime) -> str:
    """Write an instant as the table's index sorts it."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry_values(entry: Entry) -> Item:
    values = asdict(entry)
    del values["entry_id"]
    values["skus"] = list(entry.skus)
    values["lost"] = list(entry.lost) or None
    values["near"] = kept_place(entry.near)  # it was stored as it was said before 2026-11-28
    return {name: value for name, value in values.items() if value is not None}


def _entry(entry_id: str, values: Item) -> Entry:
    known = dict(values)
    known["skus"] = tuple(known["skus"])
    known["lost"] = tuple(known.get("lost", ()))
    known["consent"] = Consent(**known["consent"])
    return Entry(entry_id=entry_id, **known)


def _attention_values(known: Attention) -> Item:
    values = {name: value for name, value in asdict(known).items() if value is not None}
    return {**values, "passed": list(known.passed)}


def _attention(values: Item) -> Attention:
    return Attention(**{**values, "passed": tuple(values["passed"])})
