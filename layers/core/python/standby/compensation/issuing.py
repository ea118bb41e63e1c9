"""What the issuer's queue brings: events about delays."""

from standby.compensation import hears
from standby.compensation.granting import Issuer
from standby.events.hearing import hear
from standby.platform.queue import PoisonError


def issue(issuer: Issuer, content: object) -> None:
    """Hear an event. Raises `PoisonError` for all else."""
    event = hear(content, hears.RECORDS)
    if event is None:
        raise PoisonError("no event about a delay")
    issuer.hear(event)
