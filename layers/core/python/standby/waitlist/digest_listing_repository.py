"""Keys and mapping of the subscriptions of the weekly list, with an address and in the list of subscribers."""

from dataclasses import asdict
from datetime import datetime

from standby.platform import kept
from standby.platform.dynamodb import Item
from standby.platform.table import Delete, Key, Update
from standby.waitlist.digest_model import LISTED, SHARDS, Listing, Subscriber, Subscription
from standby.waitlist.model import Customer, shard_of


def subscription_values(wish: Subscription) -> Item:
    """Write a subscription as a part of its address's item."""
    values = {name: value for name, value in asdict(wish).items() if value is not None}
    return {**values, "skus": list(wish.skus)}


def subscription(values: Item) -> Subscription:
    """Read a subscription."""
    names = ("email", "locale", "consented_at", "wording", "time_zone")
    return Subscription(**{name: values[name] for name in names if name in values}, skus=tuple(values["skus"]))


def listed_key(address: str) -> Key:
    """Return the key of an address in the list of subscribers."""
    return {"pk": f"DIGEST#{shard_of(address, SHARDS)}", "sk": address}


def listing_write(customer: Customer, listing: Listing) -> Update | Delete:
    """Return the write that lists an address, with its subscription, or takes it out. When it was told stays."""
    wish = customer.digest
    if listing != LISTED or wish is None:
        return Delete(listed_key(customer.address))
    ends = datetime.fromisoformat(wish.consented_at) + kept.DIGESTS
    values = {**subscription_values(wish), "time_zone": wish.time_zone, "ttl": int(ends.timestamp())}
    return Update(listed_key(customer.address), assign=values)


def subscriber(item: Item) -> Subscriber:
    """Read a subscriber."""
    return Subscriber(address=item["sk"], wish=subscription(item), told_at=item.get("told_at", ""))
