"""Following orders that took vouchers: one that came to nothing frees them, and once something of it left, they stand.

Whoever redeems writes which order took the voucher in the transaction that checks that the order did not come to
nothing; whoever hears that writes it first, and looks then what it took. So none of both misses the other, in whatever
order events and requests come, and however often. Codes that orders name (``discount_codes``) are taken the same way:
the API and the order count once.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Protocol

from standby.compensation.codes import digest, read
from standby.compensation.order_fate import Fate, OfOrder
from standby.compensation.ordered import Ordered
from standby.compensation.redeeming import Cart, Till
from standby.compensation.validity_model import LastDay, last_day
from standby.compensation.voucher_model import AGAIN_DAYS, GRANTED, RefusedError, Voucher, freed, named, placed, stood
from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.payment import payment_failed

NOT_TAKEN = "CodesNotTaken"
"""Counts codes of vouchers that orders named though they could not take them: the shop took something off for nothing
here, or twice."""
log = logger("compensation")


class Uses(Protocol):
    """Where it is kept which orders took vouchers, and which came to nothing. Every method raises `BusyError`."""

    def used(self, order_id: str) -> tuple[Fate, list[str]]:
        """Return what became of an order, as far as that is kept, and the hashes of the codes that it took."""
        ...

    def keep_fate(self, fate: Fate, *, now: datetime) -> bool:
        """Write what became of an order if its edition is still the one before; tell whether it was."""
        ...


class Orders(Protocol):
    """What customers ordered."""

    def order(self, order_id: str) -> Ordered | None:
        """Return an order; ``None`` where no ``order.placed`` has come."""
        ...


@frozen(kw_only=True)
class Follower:
    """Takes in what is told of orders."""

    uses: Uses
    till: Till
    orders: Orders
    clock: Clock
    count: Callable[[str, int], None]
    zone: tzinfo
    """The shop's, by whose calendar vouchers end."""

    def hear(self, event: OfOrder) -> None:
        """Free, take or confirm what an event means for the vouchers of its order. Raises `BusyError`."""
        if isinstance(event, OrderPlaced) and event.payment_failed and self._paid_since(event):
            event = event._replace(payment_failed=False)
        fate, codes = self._noted(event)
        wanted = _codes(event)
        if fate.over:
            for code in codes:
                self.till.change(code, lambda known: freed(known, fate.order_id, self._now(), again=self._again()))
            return
        for code in dict.fromkeys([*codes, *wanted]):
            self._take(event, code, said=code in wanted)
        if isinstance(event, OrderCancelled):
            return
        moved = stood if isinstance(event, OrderShipped) else placed
        for code in codes if moved is stood else dict.fromkeys([*codes, *wanted]):
            self.till.change(code, lambda known: moved(known, fate.order_id))

    def _noted(self, event: OfOrder) -> tuple[Fate, list[str]]:
        """Write what became of an order, where that is to be kept, and return it with what the order took."""
        for _ in self.till.backoff.tries(event.order_id):
            fate, codes = self.uses.used(event.order_id)
            after = fate.after(event)
            if after is fate or not (fate.edition or after.over):
                return after, codes
            if self.uses.keep_fate(replace(after, edition=fate.edition + 1), now=self.clock.now()):
                return after, self.uses.used(event.order_id)[1]
        raise AssertionError("tries raise at their end")

    def _take(self, event: OfOrder, code: str, *, said: bool) -> None:
        """Let an order have a voucher whose code it named, or which it had before it seemed to come to nothing.

        Of what costs nothing any more the price may be what the voucher left: nobody knows what it took off.
        """
        as_of = event.as_of if isinstance(event, OrderPlaced) else self._now()
        ordered = self.orders.order(event.order_id)
        total, currency = (None, None) if ordered is None else ordered.worth
        fee = None if ordered is None else ordered.said.get("delivery_fee")

        def change(known: Voucher) -> Voucher:
            if known.state != GRANTED or (total is not None and currency != known.currency):
                return known
            taken_off = None if total is None else known.taking_off(total, None if fee is None else fee["amount"])
            return named(known, event.order_id, taken_off=taken_off or None, as_of=as_of, now=self._now())

        try:
            after = self.till.change(code, change, cart=Cart(total or None, None))
        except RefusedError:
            return  # it came to nothing meanwhile, and whoever wrote that frees what it took
        if said and after is not None and after.redeemed_for != event.order_id:
            self.count(NOT_TAKEN, 1)
            about = {"order": event.order_id, "remedy": after.grant_id, "voucher": after.status(as_of)}
            log.warning("an order names a code that it cannot take", extra=about)

    def _paid_since(self, event: OrderPlaced) -> bool:
        """Tell whether the ERP said something newer of an order than that its payment failed, and it did not."""
        ordered = self.orders.order(event.order_id)
        newer = ordered is not None and ordered.edition > (event.edition or 0)
        return newer and ordered is not None and not payment_failed(ordered.said.get("payment_status"))

    def _again(self) -> LastDay:
        return last_day(self.clock.now(), AGAIN_DAYS, self.zone)

    def _now(self) -> str:
        return to_text(self.clock.now())


def _codes(event: OfOrder) -> Collection[str]:
    """Return the hashes of what may be codes of vouchers among those that an order names."""
    typed = event.discount_codes if isinstance(event, OrderPlaced) else ()
    return [digest(code) for code in map(read, typed) if code is not None]
