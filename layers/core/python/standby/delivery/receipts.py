"""What customers are told of what ended their order, on a durable medium: a mail, with date and time.

The acknowledgement of a withdrawal (Directive 2011/83/EU art. 11a), and what silence cancelled.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from standby.delivery.choice_model import SILENCE, WITHDRAW
from standby.delivery.mailing import MOST_PRODUCTS, OrderMails
from standby.delivery.model import Order
from standby.events.preorder import CancellationRequested
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue

KINDS: Mapping[str, tuple[str, str]] = {
    WITHDRAW: ("withdrawn", "withdrawn_at"),
    SILENCE: ("silence_cancelled", "cancelled_at"),
}
"""The kind of the mail, and its field that says when, by what ended the lines."""
VALID = timedelta(days=14)


class Orders(Protocol):
    """Where orders are read."""

    def order(self, order_id: str) -> Order:
        """Return an order as the last finished write left it; its edition is 0 where there is none."""
        ...


@frozen(kw_only=True)
class Receipts:
    """Acknowledges what ended."""

    orders: Orders
    mails: Queue
    written: OrderMails
    clock: Clock

    def acknowledge(self, event: CancellationRequested) -> None:
        """Mail the receipt of what an event tells; of a reservation's end, and of a code that was entered, nothing.

        Its job is named after what ended, so that mail sends it once, however often the event comes.
        """
        if event.reservation_id is not None:
            return
        order = self.orders.order(event.order_id)
        said = next((each for each in order.choices if each.kind in KINDS and each.at == event.at), None)
        if said is None:
            return
        kind, when = KINDS[said.kind]
        skus = [sku for _, sku, _ in said.ended(order.lines)] or [line["sku"] for line in event.lines]
        job = self.written.write(
            order,
            kind,
            {"skus": list(dict.fromkeys(skus))[:MOST_PRODUCTS], when: said.at},
            name=f"{order.order_id}@{said.at}",
            at=said.at,
            valid_until=self.clock.now() + VALID,
            of_order=said.kind == SILENCE,
        )
        if job is not None:  # without undue delay: in closed hours, too
            self.mails.send([Outgoing.of(job._replace(send_by=said.at).content())])
