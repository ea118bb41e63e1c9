"""Key and mapping of the list of guests: the addresses that may be invited to a store, with their places in line."""

from collections.abc import Iterable
from datetime import datetime

from standby.platform import kept
from standby.platform.table import Key, Update
from standby.waitlist.digest_model import SHARDS
from standby.waitlist.model import Listing, shard_of


def nearby_key(address: str) -> Key:
    """Return the key of an address in the list of guests."""
    return {"pk": f"NEARBY#{shard_of(address, SHARDS)}", "sk": address}


def nearby_write(listings: Iterable[Listing]) -> Update | None:
    """Return the write that lists an address among the guests; ``None`` where these places in line make nobody one.

    It goes by itself once the last of them is long over: who looks finds out from the address's item.
    """
    near = [each for each in listings if each.near and each.marketing]
    if not near:
        return None
    last = max(datetime.fromisoformat(each.expires_at) for each in near) + kept.GUESTS
    return Update(nearby_key(near[0].address), assign={"ttl": int(last.timestamp())})
