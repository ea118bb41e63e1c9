"""What the issuer's queue brings: events about delays, and about orders, which may have taken vouchers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.compensation import hears
from standby.compensation.granting import Issuer
from standby.events.delay import ArrivalAnswered, DelayDetected
from standby.events.hearing import hear
from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError

if TYPE_CHECKING:
    from standby.compensation.following import Follower


@frozen()
class Issuing:
    """Works off the queue CompensationRecords."""

    issuer: Issuer
    follower: "Callable[[], Follower]"
    """Loads what follows orders."""

    def handle(self, content: object) -> None:
        """Hear an event. Raises `PoisonError` for all else."""
        event = hear(content, hears.RECORDS)
        if event is None:
            raise PoisonError("no event about a delay or an order")
        if isinstance(event, DelayDetected | ArrivalAnswered):
            self.issuer.hear(event)
        else:
            self.follower().hear(event)
