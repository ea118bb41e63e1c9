"""How operators page through what is kept of pre-orders: by the key behind which the next page begins."""

from standby.platform.http import Resolver, malformed, query_value

AFTER = {"after": "`next` of the page before"}
BAD_CURSOR = "after: is not what a page gave"
MOST_CURSOR = 1_000
"""Bytes of a key: DynamoDB refuses sort keys of more than 1,024."""


def after(app: Resolver) -> str | None:
    """Return the key behind which a page begins, ``None`` for the first. Raises `Problem` 400 for what is no key."""
    value = query_value(app, "after")
    if value is not None and not 0 < len(value.encode()) <= MOST_CURSOR:
        raise malformed(BAD_CURSOR)
    return value
