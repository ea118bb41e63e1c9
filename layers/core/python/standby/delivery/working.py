"""What delivery does by itself: it looks whose day is over, tells customers of delays, and acknowledges."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any

from standby.delivery import hears
from standby.events.fee import DeliveryFeeGiven
from standby.events.grant import RemedyCallWanted, RemedyGranted, RemedyWithheld
from standby.events.hearing import hear
from standby.events.mail import MailAccepted, MailFailed, MailRefused
from standby.events.preorder import CancellationRequested, PromiseMoved, RefundDue
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError
from standby.platform.sweep import Sweep

if TYPE_CHECKING:
    from standby.delivery.call_pacing import CallPace
    from standby.delivery.deciding import Deciding
    from standby.delivery.merging import Together
    from standby.delivery.noticing import Notices
    from standby.delivery.pacing import Slots
    from standby.delivery.preordered import Preordered
    from standby.delivery.receipts import Receipts
    from standby.delivery.refusing import Refusals
    from standby.delivery.remedy_repository import RemedyMarks
    from standby.delivery.turns import Turns

DELAY, SEVERAL = "DelayDetected", "d2~"
"""What is counted in a batch, and how the reference of a mail about several orders begins."""


@frozen()
class Worker:
    """Works off the queue DeliveryRecords."""

    sweep: Sweep
    notices: "Callable[[], Notices]"
    """Loads what tells customers of delays."""
    receipts: "Callable[[], Receipts]"
    """Loads what acknowledges withdrawals; few customers withdraw."""
    deciding: "Callable[[], Deciding]"
    """Loads what silence means; of most orders it means nothing."""
    refusals: "Callable[[], Refusals]"
    """Loads what hears of refused mails; few are."""
    slots: "Callable[[], Slots]"
    """Loads what says which notices may go now."""
    turns: "Callable[[], Turns]"
    """Loads what lets those go that waited; none does on most days."""
    preordered: "Callable[[], Preordered]"
    """Loads what hears of goods that were ordered ahead; they move seldom."""
    together: "Callable[[], Together]"
    """Loads what tells of several orders by one mail."""
    calls: "Callable[[], CallPace]"
    """Loads what says which calls are opened today."""
    remedied: "Callable[[], RemedyMarks]"
    """Loads what notes that something was granted for an order."""
    looked: set[str] = field(default_factory=set)
    """Orders of which delays were told in this batch, by how the orders are and not by what the events say."""

    @contextmanager
    def batch(self, records: Sequence[Mapping[str, Any]]) -> Iterator[None]:
        """Take slots for all notices of a batch at once, and give back what it did not need."""
        self.looked.clear()
        notices = sum(DELAY in record["body"] for record in records)
        if notices:
            self.slots().expect(notices)
        yield
        if notices:
            self.slots().give_back()

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle a sweep of what is due, or a page of it, and what is heard. Raises `PoisonError` for all else."""
        if self.sweep.handle(content):
            if "shard" not in content:
                self.turns().look()
                self.calls().look(self._decide)
            return
        if isinstance(content, Mapping) and "turn" in content:
            self.turns().handle(content)
            return
        event = hear(content, hears.RECORDS)
        if event is None:
            raise PoisonError("neither a sweep nor an event about a delay")
        self._hear(event)

    def _decide(self, order_id: str) -> None:
        self.deciding().look(self.notices().orders.change(order_id, lambda known: known))

    def _hear(self, event: hears.Record) -> None:
        if isinstance(event, CancellationRequested | RefundDue | DeliveryFeeGiven):
            self._owe(event)
        elif isinstance(event, MailAccepted | MailRefused | MailFailed):
            if any(each.startswith(SEVERAL) for each in event.references):
                event = self.together().for_each(event)
            if event.references:
                self.refusals().hear(event)
        elif isinstance(event, PromiseMoved):
            if event.order_id is not None:
                self.deciding().look(self.preordered().hear(event.order_id, event))
        elif isinstance(event, RemedyCallWanted):
            self._wish(event)
        elif isinstance(event, RemedyGranted | RemedyWithheld):
            granted = isinstance(event, RemedyGranted)
            self.remedied().mark(event.order_id, self.sweep.clock.now(), granted=granted)
            return
        elif event.order_id is not None and event.shipment_id is not None:
            self._tell(event.order_id)
            return
        self.looked.clear()  # what was heard may be told of the same orders by what comes next

    def _wish(self, event: RemedyCallWanted) -> None:
        from standby.delivery.wishing import wished  # noqa: PLC0415 - policies want few calls

        at = to_text(self.sweep.clock.now())
        self.deciding().look(self.notices().orders.change(event.order_id, lambda known: wished(known, event, at)))

    def _tell(self, order_id: str) -> None:
        """Tell what is news of an order. An order of many shipments has an event of each, and one look tells of all."""
        if order_id not in self.looked:
            self.deciding().look(self.notices().tell(order_id))
            self.looked.add(order_id)

    def _owe(self, event: CancellationRequested | RefundDue | DeliveryFeeGiven) -> None:
        if isinstance(event, DeliveryFeeGiven):
            from standby.delivery.fee_remedies import given  # noqa: PLC0415 - few fees are given back

            orders = self.notices().orders
            orders.tell(orders.change(event.order_id, lambda known: given(known, event)))
        elif event.reservation_id is not None:
            self.preordered().owe(event)
        elif isinstance(event, CancellationRequested):
            self.receipts().acknowledge(event)
