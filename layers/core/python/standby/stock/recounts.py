"""Jobs that have SKUs counted anew after a location or a setting changed."""

from collections.abc import Mapping
from typing import Any

from standby.platform.queue import Outgoing

DELAYS = (0, 120)
"""In seconds. The second time, no ingest can still be using what was true before the change."""


def recounts(job: Mapping[str, Any]) -> list[Outgoing]:
    """Return the job twice, now and later."""
    return [Outgoing.of(job, delay_seconds=delay) for delay in DELAYS]
