"""Jobs that have SKUs counted anew after a location, a setting or a SKU's product changed."""

from collections.abc import Collection, Mapping
from typing import Any

from standby.platform.queue import Outgoing

NOW, LATER = 0, 120
"""In seconds. Later, no ingest can still be using what was true before the change."""
RECOUNTED = frozenset({"safety_stock", "low_stock", "minimum_restock"})
"""Settings whose change concerns numbers that are stored, or crossings that were judged already."""


def recounts(job: Mapping[str, Any]) -> list[Outgoing]:
    """Return the job twice, now and later."""
    return [Outgoing.of(job, delay_seconds=delay) for delay in (NOW, LATER)]


def follows_settings(changed: Collection[str], **about: str) -> dict[str, Any]:
    """Return the job after which numbers follow changed settings.

    ``about`` names the ``sku`` or the ``product_id`` (without both: all SKUs), and the ``cause`` where it is another.
    """
    return {"sweep": "settings", "settle": "minimum_restock" in changed, **about}
