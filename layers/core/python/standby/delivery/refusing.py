"""Mails about delays that did not go, or did not arrive: whom they were for was not told.

Where the ERP corrects the address, they are told there, whichever comes first.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

from standby.delivery.deciding import Orders
from standby.delivery.mailing import FORM
from standby.delivery.model import Order
from standby.delivery.noticing import mails_of
from standby.events.mail import MailFailed, MailRefused
from standby.platform.backoff import BusyError
from standby.platform.clock import Clock, from_text
from standby.platform.frozen import frozen

WRITTEN_WITHIN = timedelta(minutes=10)
"""So long after a mail was refused its notice may still be on its way into the order."""


class Looks(Protocol):
    """What silence means of an order."""

    def look(self, order: Order) -> None:
        """Remind, cancel, open call tasks."""
        ...


@frozen()
class Refusals:
    """Notes in orders which of their notices were refused."""

    orders: Orders
    deciding: Looks
    clock: Clock

    def hear(self, event: MailRefused | MailFailed) -> None:
        """Note it in each order that the event names, and look what follows. Raises `BusyError`."""
        for order_id in _orders(event):
            order = self.orders.change(order_id, lambda known: known.refused(_at(known, event.job_id)))
            if any(each.by == "refused" and each.at == _at(order, event.job_id) for each in order.notices):
                self.orders.tell(order)  # its customer may have another address by now
                self.deciding.look(order)
            elif event.job_id is not None and self.clock.now() - from_text(event.at) < WRITTEN_WITHIN:
                message = f"the mail {event.job_id} is not in its order yet"
                raise BusyError(message)


def _orders(event: MailRefused | MailFailed) -> Iterator[str]:
    """Yield the orders that an event names. References of other features begin otherwise."""
    for reference in event.references:
        form, _, order_id = reference.partition("~")
        if form == FORM and order_id:
            yield order_id


def _at(order: Order, job_id: str | None) -> str | None:
    """Return when the notices of a mail were made, ``None`` where there are none; without an id, of the newest mail."""
    found = [notices[0].at for name, notices in mails_of(order) if job_id in (None, name)]
    return found[-1] if found else None
