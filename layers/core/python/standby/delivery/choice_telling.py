"""What others hear of what a customer said. No event names or places the customer."""

from collections.abc import Iterator

from standby.delivery.choice_model import ANSWERS, ARRIVED, CANCEL, SILENCE, WAIT, WITHDRAW, Choice
from standby.delivery.model import Order
from standby.events.delay import ArrivalAnswered, ConsentGiven
from standby.events.fields import MOST_LINES, CancelledLine
from standby.events.preorder import CancellationRequested
from standby.platform.batch import size
from standby.platform.batching import groups
from standby.platform.bus import EVENT_BYTES, Event

REASONS = {CANCEL: "customer", WITHDRAW: "withdrawal", SILENCE: "silence"}
"""Why an order is to be cancelled, by what its customer said."""
HEAD_BYTES = 2_000
"""What an event has beside its lines, at most."""


def said_events(order: Order, choice: Choice) -> Iterator[Event]:
    """Yield the events of a choice. They are the same each time, so one that is told again has the same id."""
    if choice.kind == WAIT:
        yield ConsentGiven(
            id=f"{order.order_id}@{choice.at}:{choice.shipment_id}:agreed",
            at=choice.at,
            order_id=order.order_id,
            shipment_id=choice.shipment_id,
            wording=choice.wording,
            until=choice.until,
        )
    elif choice.kind in ANSWERS:
        yield ArrivalAnswered(
            id=f"{order.order_id}@{choice.at}:{choice.shipment_id}:{choice.kind}",
            at=choice.at,
            order_id=order.order_id,
            shipment_id=choice.shipment_id,
            arrived=choice.kind == ARRIVED,
        )
    elif choice.kind in REASONS:
        wanted: list[CancelledLine] = [
            {"sku": sku, "quantity": quantity, "line_id": line_id}
            for line_id, sku, quantity in choice.ended(order.lines)
        ]
        pages = groups(wanted, most=MOST_LINES, most_weight=EVENT_BYTES - HEAD_BYTES, weight=size)
        for number, page in enumerate(pages):
            yield CancellationRequested(
                id=f"{order.order_id}@{choice.at}:{choice.kind}:{number}",
                at=choice.at,
                order_id=order.order_id,
                reason=REASONS[choice.kind],
                lines=page,
            )
