"""Key and mapping of the list of guests: the addresses that may be invited to a store, with their places in line."""

from collections.abc import Iterable
from datetime import datetime

from standby.platform import kept
from standby.platform.table import Key, Update
from standby.waitlist.digest_model import SHARDS
from standby.waitlist.model import Customer, Listing, shard_of


def nearby_key(address: str) -> Key:
    """Return the key of an address in the list of guests."""
    return {"pk": f"NEARBY#{shard_of(address, SHARDS)}", "sk": address}


def nearby_write(customer: Customer, listings: Iterable[Listing]) -> Update | None:
    """Return the write that lists an address among the guests; ``None`` where these places in line make nobody one.

    It goes by itself once all that the address waits for is long over, so that it is not forgotten before that it
    wants no offers: who looks finds out from the address's item.
    """
    changed = tuple(listings)
    if not any(each.near and each.marketing for each in changed):
        return None
    ends = [*(each.expires_at for each in changed), *(entry.expires_at for entry in customer.entries.values())]
    last = max(map(datetime.fromisoformat, ends)) + kept.GUESTS
    return Update(nearby_key(customer.address), assign={"ttl": int(last.timestamp())})
