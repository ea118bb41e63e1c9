"""Which mails about delays went, and which did not, or did not arrive: whom those were for was not told.

Where the ERP corrects the address, they are told there, whichever comes first. What expired because no mail could be
sent is told again where it was to go. Silence counts from the mail that went and says that it cancels.
"""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Protocol

from standby.delivery.deciding import REMINDER, Orders
from standby.delivery.mailing import ASKING, FORM
from standby.delivery.model import Order
from standby.delivery.noticing import mails_of
from standby.delivery.told_model import accepted, is_of, not_reminded, refused
from standby.events.mail import MailAccepted, MailFailed, MailRefused
from standby.platform.backoff import BusyError
from standby.platform.clock import Clock, from_text
from standby.platform.frozen import frozen

EXPIRED = "expired"
"""Why a mail was refused that could not be sent in its time, whatever its address."""
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

    def hear(self, event: MailAccepted | MailRefused | MailFailed) -> None:
        """Note it in each order that the event names, and look what follows. Raises `BusyError`."""
        if isinstance(event, MailAccepted):
            self._accepted(event)
            return
        expired = event.reason == EXPIRED
        if event.kind == REMINDER:  # it does not count before it is on its way
            for order_id in _orders(event) if expired else ():
                self.deciding.look(self.orders.change(order_id, lambda known: not_reminded(known, event.job_id)))
            return
        for order_id in _orders(event):
            order = self.orders.change(
                order_id, lambda known: refused(known, _at(known, event.job_id), expired=expired)
            )
            if any(each.by == "refused" and each.at == _at(order, event.job_id) for each in order.notices):
                self.orders.tell(order)  # its customer may have another address by now
                self.deciding.look(order)
            elif event.job_id is not None:
                self._wait_for(event.job_id, event.at)

    def _accepted(self, event: MailAccepted) -> None:
        """Note it. A notice that is not in its order yet is not waited for: a reminder goes before silence cancels."""
        for order_id in _orders(event, {ASKING}):
            if event.kind == REMINDER:  # who died before it was noted sends and notes it now; mail sends it once
                self.deciding.look(self.orders.change(order_id, lambda known: known))
            order = self.orders.change(
                order_id, lambda known: accepted(known, event.job_id, _at(known, event.job_id), event.at)
            )
            made_at = _at(order, event.job_id)
            if any(each.answer_by and is_of(each, event.job_id, made_at) for each in order.notices):
                self.deciding.look(order)

    def _wait_for(self, job_id: str, at: str) -> None:
        """Raise `BusyError` while the notices of a mail may still be on their way into the order."""
        if self.clock.now() - from_text(at) < WRITTEN_WITHIN:
            message = f"the mail {job_id} is not in its order yet"
            raise BusyError(message)


def _orders(
    event: MailAccepted | MailRefused | MailFailed, forms: Collection[str] = frozenset({FORM, ASKING})
) -> Iterator[str]:
    """Yield the orders that an event names by some forms. References of other features begin otherwise."""
    for reference in event.references:
        form, _, order_id = reference.partition("~")
        if form in forms and order_id:
            yield order_id


def _at(order: Order, job_id: str | None) -> str | None:
    """Return when the notices of a mail were made, ``None`` where there are none; without an id, of the newest mail."""
    found = [notices[0].at for name, notices in mails_of(order) if job_id in (None, name)]
    return found[-1] if found else None
