"""The dated acknowledgement of a withdrawal, on a durable medium: a mail (Directive 2011/83/EU art. 11a)."""

from datetime import timedelta
from typing import Protocol

from standby.delivery.choice_model import WITHDRAW
from standby.delivery.links import Links
from standby.delivery.model import Order
from standby.delivery.noticing import FORM, skus_of
from standby.events.preorder import CancellationRequested
from standby.mail_job import MailJob, Recipient
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue

KIND = "withdrawn"
VALID = timedelta(days=14)


class Orders(Protocol):
    """Where orders are read."""

    def order(self, order_id: str) -> Order:
        """Return an order as the last finished write left it; its edition is 0 where there is none."""
        ...


@frozen(kw_only=True)
class Receipts:
    """Acknowledges withdrawals."""

    orders: Orders
    mails: Queue
    links: Links
    clock: Clock
    default_locale: str

    def acknowledge(self, event: CancellationRequested) -> None:
        """Mail the receipt of the withdrawal of which an event tells; of all other events, nothing.

        Its job is named after the withdrawal, so that mail sends it once, however often the event comes.
        """
        order = self.orders.order(event.order_id)
        said = next((each for each in order.choices if each.kind == WITHDRAW and each.at == event.at), None)
        customer = {} if order.placed is None else order.placed.fields.get("customer", {})
        if event.reservation_id is not None or said is None or "email" not in customer:
            return
        slots = {"page": self.links.track(order.order_id, None, from_text(said.at))}
        job = MailJob(
            job_id=f"{KIND}#{order.order_id}@{said.at}",
            kind=KIND,
            locale=customer.get("locale") or self.default_locale,
            data={
                "order": order.number,
                "skus": skus_of(order, said.line_ids),
                "withdrawn_at": said.at,
                "page_url": self.links.url,
            },
            recipients=[
                Recipient(
                    reference=f"{FORM}~{order.order_id}", email=customer["email"], slots=slots, consented_at=said.at
                )
            ],
            valid_until=to_text(self.clock.now() + VALID),
            time_zone=customer.get("time_zone"),
        )
        self.mails.send([Outgoing.of(job.content())])
