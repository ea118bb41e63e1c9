"""Take in what the ERP says of orders, and let everybody hear of it.

Every step may be repeated, and others may be at work on the same order. Writes are conditional on the edition that was
read; who was slower reads again. What nobody heard of yet follows from the order itself (`standby.delivery.telling`):
whoever comes next to an order tells what a function that died owed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import Protocol

from standby.delivery import refunding
from standby.delivery.model import Order, Word, tracked
from standby.delivery.promises import DAY, Delay, Promise, all_news_of, begin, came_later, next_look, promises, today
from standby.delivery.telling import doubting, untold
from standby.platform.backoff import Backoff
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen

CALLED_ABOUT = frozenset({tracked("returning"), tracked("failed")})
"""What a carrier says of a parcel that a person asks its customer about."""


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
    late_when: str = "one"
    """When an order of several shipments is late (`standby.delivery.order_rule`)."""
    explain: Callable[[Order, list[Delay]], list[Delay]] = lambda _order, delays: delays
    """Says which incident explains what is late (`standby.delivery.incidents`)."""
    backoff: Backoff = Backoff()

    def take(self, word: Word) -> None:
        """Take one word in; idempotent. An older word than the known one changes nothing.

        Raises `BusyError` when others kept writing the same, `PoisonError` where an order has no room for more.
        """
        self._tell(*self._change(word.order_id, lambda order: order.after(word)))

    def look(self, order_id: str) -> Order:
        """Tell what became late by itself: its day is over. Raises `BusyError`. Return the order as it was read.

        Where there is nothing to tell the order is written again, so that the index no longer says it is due.
        """
        order = self.store.order(order_id)
        if order.edition and not self.tell(order):
            self._keep(order.touched(), promises(order, self.zone))
        return order

    def change(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, and return it as it is then. Nothing is written where it stays the same.

        Raises `BusyError` when others kept writing the same, `PoisonError` where an order has no room for more.
        """
        return self._change(order_id, change)[0]

    def tell(self, order: Order) -> bool:
        """Tell what nobody heard of, and write that down; tell whether there was anything."""
        return self._tell(order, promises(order, self.zone))

    def _change(self, order_id: str, change: Callable[[Order], Order]) -> tuple[Order, list[Promise]]:
        for _ in self.backoff.tries(order_id):
            before = self.store.order(order_id)
            order = change(before)
            if order is not before:
                order = doubting(refunding.owing(order, before, now=self.clock.now(), zone=self.zone))
                order = self._to_look_again(before, order)
            found = promises(order, self.zone)
            if order is before or self._keep(order, found):
                break
        return order, found

    def _to_look_again(self, before: Order, order: Order) -> Order:
        """Return an order that is late, to be looked at now if the day may have moved by which the law wants that told.

        Who waits for a turn, an open hour or a call, waits by the day that was known then.
        """
        if order.placed is before.placed or not order.told_delays or self._dated(before) == self._dated(order):
            return order
        return replace(order, tell_at=to_text(self.clock.now()))

    def _dated(self, order: Order) -> tuple[object, ...]:
        """Return by what the law dates a notice (`standby.delivery.rights`): where it goes, and when it leaves."""
        goes = {} if order.placed is None else order.placed.fields.get("ship_to", {})
        return goes.get("country"), [(each.shipment_id, each.ship_by) for each in promises(order, self.zone)]

    def _tell(self, order: Order, found: list[Promise]) -> bool:
        now = self.clock.now()
        delays = [*all_news_of(found, order.told_delays, now, self.zone), *came_later(found, order.told_delays)]
        explained = self.explain(order, delays) if delays and order.placed is not None else delays
        news = untold(order, explained, at=to_text(now), zone=self.zone)
        if news is not None:
            self.bus.publish(news.events)
            # Whoever wrote meanwhile did not know that this was heard, so it tells it again, and writes that down.
            self._keep(order.heard(news.told, news.lines, news.delays, news.refunds), found)
        return news is not None

    def _keep(self, order: Order, found: list[Promise]) -> bool:
        return self.store.keep(order, now=self.clock.now(), due_at=self._due_at(order, found))

    def _due_at(self, order: Order, found: list[Promise]) -> str | None:
        if order.untold_choices or refunding.untold(order):
            return to_text(self.clock.now())  # who dies before others heard of it leaves that to the sweep
        now = self.clock.now()
        calls = _calls_on(order, today(now, self.zone), self.zone)
        if (calls is not None and begin(calls, self.zone) <= now) or self._frees(order, found):
            return to_text(now)
        looks = [next_look(found, order.told_delays, self.zone), None if calls is None else begin(calls, self.zone)]
        looks += [begin(_day_after(each.due_by), self.zone) for each in refunding.to_ring(order)]
        if order.look_on is not None:
            looks.append(begin(date.fromisoformat(order.look_on), self.zone))
        waits = [] if order.tell_at is None else [order.tell_at]
        return min([*waits, *(to_text(look) for look in looks if look is not None)], default=None)

    def _frees(self, order: Order, found: list[Promise]) -> bool:
        """Tell whether a customer is to be told now of what waited until all of an order was late."""
        if self.late_when == "one" or len(found) == 1 or not order.told_delays:
            return False
        from standby.delivery.order_rule import waits_for_the_last  # noqa: PLC0415 - loaded where something is late

        return waits_for_the_last(order, found, self.clock.now(), self.zone)


def _calls_on(order: Order, day: date, zone: tzinfo) -> date | None:
    """Return the day on which a person is to call about what a carrier said; the sweep has them asked to."""
    if not any(about.kind in CALLED_ABOUT for about in order.words):
        return None
    from standby.delivery.calling import tasks_of, troubles  # noqa: PLC0415 - few parcels come back

    return min((task.opens_on(order, day, zone) for task in tasks_of(troubles(order, zone))), default=None)


def _day_after(day: str) -> date:
    return date.fromisoformat(day) + DAY


@frozen()
class Lookup:
    """Gives the orders that are known."""

    store: Store

    def order(self, order_id: str) -> Order | None:
        """Return all that is known of an order, ``None`` where nothing was said of it."""
        order = self.store.order(order_id)
        return order if order.edition else None
