"""Take in what the ERP says of orders, and let everybody hear of it.

Every step may be repeated, and others may be at work on the same order. Writes are conditional on the edition that was
read; who was slower reads again. What nobody heard of yet follows from the order itself (`standby.delivery.telling`):
whoever comes next to an order tells what a function that died owed.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Protocol

from standby.delivery.model import Order, Word
from standby.delivery.promises import news_of, next_look, promises, today
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

    def keep(self, order: Order, *, now: datetime, due_at: str | None) -> bool:
        """Write an order if its edition is still the one before; tell whether it was. Raises `PoisonError`.

        ``due_at`` is when it must be looked at again, for the index of what is due.
        """
        ...


@frozen(kw_only=True)
class Orders:
    """Takes in what is said of orders, and finds out what is late."""

    store: Store
    bus: Bus
    clock: Clock
    zone: tzinfo
    """The shop's. What was promised is late once its day is over there."""
    backoff: Backoff = Backoff()

    def take(self, word: Word) -> None:
        """Take one word in; idempotent. An older word than the known one changes nothing.

        Raises `BusyError` when others kept writing the same, `PoisonError` where an order has no room for more.
        """
        self.tell(self.change(word.order_id, lambda order: order.after(word)))

    def look(self, order_id: str) -> None:
        """Tell what became late by itself: its day is over. Raises `BusyError`.

        Where there is nothing to tell the order is written again, so that the index no longer says it is due.
        """
        order = self.store.order(order_id)
        if order.edition and not self.tell(order):
            self._keep(order.touched())

    def change(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, and return it as it is then. Nothing is written where it stays the same.

        Raises `BusyError` when others kept writing the same, `PoisonError` where an order has no room for more.
        """
        for _ in self.backoff.tries(order_id):
            before = self.store.order(order_id)
            order = change(before)
            if order is before or self._keep(order):
                break
        return order

    def tell(self, order: Order) -> bool:
        """Tell what nobody heard of, and write that down; tell whether there was anything."""
        now = self.clock.now()
        found = promises(order, self.zone)
        delays = list(news_of(found, order.told_delays, today(now, self.zone)))
        news = untold(order, delays, at=to_text(now))
        if news is not None:
            self.bus.publish(news.events)
            # Whoever wrote meanwhile did not know that this was heard, so it tells it again, and writes that down.
            self._keep(order.heard(news.told, news.lines, news.delays))
        return news is not None

    def _keep(self, order: Order) -> bool:
        return self.store.keep(order, now=self.clock.now(), due_at=self._due_at(order))

    def _due_at(self, order: Order) -> str | None:
        if order.untold_choices:
            return to_text(self.clock.now())  # who dies before others heard of it leaves that to the sweep
        found = promises(order, self.zone)
        due = next_look(found, order.told_delays, self.zone)
        return None if due is None else to_text(due)


@frozen()
class Lookup:
    """Gives the orders that are known."""

    store: Store

    def order(self, order_id: str) -> Order | None:
        """Return all that is known of an order, ``None`` where nothing was said of it."""
        order = self.store.order(order_id)
        return order if order.edition else None
