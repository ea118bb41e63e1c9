"""What the catalogue says of SKUs, as far as the ledger must know it.

Each thing that the ledger keeps of it has a taker: a module of its own, which takes words in any order.
"""

from collections.abc import Sequence
from typing import Protocol

from standby.events.catalog import ProductChanged
from standby.events.hearing import hear
from standby.platform.frozen import frozen
from standby.platform.queue import Message, PoisonError
from standby.stock.hears import PRODUCTS


class Taker(Protocol):
    """Keeps one thing that products say of their SKUs."""

    def take(self, event: ProductChanged) -> None:
        """Take a word in; idempotent, older words than known change nothing."""
        ...


@frozen(kw_only=True)
class Recorder:
    """Hears the catalogue."""

    takers: Sequence[Taker]

    def handle(self, message: Message) -> None:
        """Take one event in. Raises `PoisonError` for a message that is none of those that are heard."""
        event = hear(message.json(), PRODUCTS)
        if event is None:
            raise PoisonError("not an event of the catalogue that stock hears")
        for taker in self.takers:
            taker.take(event)
