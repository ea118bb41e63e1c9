"""Where products lie in the Catalog table and its indexes, for all who look for them there."""

from zlib import crc32

PRODUCT = "PRODUCT"
SHARDS = ("0", "1", "2", "3")
"""Parts of an index, so that no single partition takes all writes of a whole catalogue."""


def product_key(product_id: str) -> str:
    """Return the partition of a product."""
    return f"{PRODUCT}#{product_id}"


def product_of(key: str) -> str:
    """Return the product whose partition this is."""
    return key[len(PRODUCT) + 1 :]


def shard_of(product_id: str) -> str:
    """Return the part of an index in which a product stands."""
    return SHARDS[crc32(product_id.encode()) % len(SHARDS)]


def feed_shard(feed: str, shard: str) -> str:
    """Return a part of what a feed brought."""
    return f"{feed}#{shard}"
