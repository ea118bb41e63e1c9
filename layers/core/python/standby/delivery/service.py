"""Take in what the ERP says of orders, and let everybody hear of it.

Every step may be repeated, and others may be at work on the same order. Writes are conditional on the edition that was
read; who was slower reads again. What nobody heard of yet follows from the order itself (`standby.delivery.telling`):
whoever comes next to an order tells what a function that died owed.
"""

from datetime import datetime
from typing import Protocol

from standby.delivery.model import Order, Word
from standby.delivery.telling import untold
from standby.platform.backoff import Backoff
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen


class Store(Protocol):
    """Where orders are kept."""

    def order(self, order_id: str) -> Order:
        """Return an order as the last finished write left it; its edition is 0 where there is none."""
        ...

    def keep(self, order: Order, *, now: datetime) -> bool:
        """Write an order if its edition is still the one before; tell whether it was. Raises `PoisonError`."""
        ...


@frozen(kw_only=True)
class Orders:
    """Takes in what is said of orders."""

    store: Store
    bus: Bus
    clock: Clock
    backoff: Backoff = Backoff()

    def take(self, word: Word) -> None:
        """Take one word in; idempotent. An older word than the known one changes nothing.

        Raises `BusyError` when others kept writing the same, `PoisonError` where an order has no room for more.
        """
        for _ in self.backoff.tries(word.order_id):
            before = self.store.order(word.order_id)
            order = before.after(word)
            if order is before or self.store.keep(order, now=self.clock.now()):
                break
        news = untold(order, at=to_text(self.clock.now()))
        if news is not None:
            self.bus.publish(news.events)
            # Whoever wrote meanwhile did not know that this was heard, so it tells it again, and writes that down.
            self.store.keep(order.heard(news.told, news.lines), now=self.clock.now())


@frozen()
class Lookup:
    """Gives the orders that are known."""

    store: Store

    def order(self, order_id: str) -> Order | None:
        """Return all that is known of an order, ``None`` where nothing was said of it."""
        order = self.store.order(order_id)
        return order if order.edition else None
