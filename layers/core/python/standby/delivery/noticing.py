"""Telling customers of delays before they ask: one mail for all that is news in an order, and none twice.

A notice is made from what is known when it is made, not from the event that asked for it: a delay that is over by then
is not told, and several of one order are one mail. Its job is named after what it says, so that mail sends it once,
however often it is made. It is written into the order after mail took the job.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Protocol

from standby.delivery.links import Links
from standby.delivery.model import Notice, Order
from standby.delivery.promises import Delay, news_of, promises, today
from standby.mail_job import MailJob, Recipient
from standby.platform.address import address_key
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.moment import mark
from standby.platform.queue import Outgoing, Queue

DELAYED, OVERDUE, ARRIVED = "delayed", "overdue", "arrived_late"
"""Kinds of mail: the new day is known, nobody knows one, and it came late without a word before."""
FORM = "d1"
"""Begins the reference of a mail about an order, so that no other feature takes it for its own."""
VALID = timedelta(days=7)
"""What was not sent until then says too little of the order as it is."""
MOST_PRODUCTS = 100
"""That a mail shows."""


class Changes(Protocol):
    """Where orders are read and changed."""

    def change(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, and return it as it is then."""
        ...


class Apologies(Protocol):
    """Who was told how often that the shop is sorry."""

    def may(self, address: str, job_id: str, now: datetime) -> bool:
        """Tell whether a customer is to hear it in a mail, and remember that: the same for the same mail."""
        ...


@frozen(kw_only=True)
class Notices:
    """Tells customers of what is late."""

    orders: Changes
    apologies: Apologies
    mails: Queue
    links: Links
    clock: Clock
    zone: tzinfo
    default_locale: str
    count: Callable[[str, int], None]
    """Counts a metric."""

    def tell(self, order_id: str) -> None:
        """Tell the customer of an order whatever is news to them. Raises `BusyError`."""
        now = self.clock.now()
        order = self.orders.change(order_id, lambda known: known)
        delays = [
            delay
            for delay in news_of(promises(order, self.zone), order.noticed, today(now, self.zone))
            if not order.given_up.issuperset(delay.promise.line_ids)
        ]
        if not delays or order.placed is None:
            return
        customer = order.placed.fields.get("customer", {})
        email = customer.get("email")
        if email is None:
            self.count("DelaysWithoutAddress", 1)
        else:
            job = self._job(order, delays, email, customer.get("locale") or self.default_locale, now)
            self.mails.send([Outgoing.of(job.content())])
        said = [
            Notice(
                to_text(now),
                delay.promise.shipment_id,
                delay.news,
                delay.promise.promised_until.isoformat(),
                None if delay.expected is None else delay.expected.isoformat(),
                "none" if email is None else "mail",
            )
            for delay in delays
        ]
        self.orders.change(order_id, lambda known: known.noticed_by(said))

    def _job(self, order: Order, delays: Sequence[Delay], email: str, locale: str, now: datetime) -> MailJob:
        kind = kind_of([(each.arrived, each.expected is None) for each in delays])
        told = order.noticed
        named = [
            (
                each.promise.shipment_id,
                each.promise.promised_until.isoformat(),
                each.news,
                told.get(each.promise.shipment_id, ()).count(each.news),
            )
            for each in delays
        ]
        job_id = job_id_of(order.order_id, kind, named)
        data = _data(order, kind, delays)
        if self.apologies.may(address_key(email), job_id, now):
            data["sorry"] = True
        last = max(each.expected or each.promise.promised_until for each in delays).isoformat()
        slots = {"page": self.links.track(order.order_id, last, now)}
        return MailJob(
            job_id=job_id,
            kind=kind,
            locale=locale,
            data={**data, "page_url": self.links.url},
            recipients=[
                Recipient(reference=f"{FORM}~{order.order_id}", email=email, slots=slots, consented_at=to_text(now))
            ],
            valid_until=to_text(now + VALID),
        )


def skus_of(order: Order, line_ids: Iterable[str]) -> list[str]:
    """Return what a mail shows of some lines."""
    lines = order.lines
    return list(dict.fromkeys(lines[line_id]["sku"] for line_id in line_ids if line_id in lines))[:MOST_PRODUCTS]


def kind_of(delays: Sequence[tuple[bool, bool]]) -> str:
    """Return the kind of the mail: the worst that is news. Of each delay: did it arrive, and is there no day."""
    if any(unknown and not arrived for arrived, unknown in delays):
        return OVERDUE
    return ARRIVED if all(arrived for arrived, _ in delays) else DELAYED


def job_id_of(order_id: str, kind: str, news: Sequence[tuple[str, str, str, int]]) -> str:
    """Return the name of a mail by what it says: of each delay the shipment, the promised day, the news.

    The last is how often that was told before, which stands there where it was.
    """
    said = [[*about, again] if again else about for *about, again in news]
    return f"{kind}#{order_id}#{mark({'delays': said}):08x}"


def _data(order: Order, kind: str, delays: Sequence[Delay]) -> dict[str, Any]:
    """Return what a mail says. Where parts come on several days it says the last, and the page says each."""
    assert order.placed is not None  # noqa: S101 - only what was placed was promised
    befores = sorted({each.promise.promised_until.isoformat() for each in delays})
    days = sorted({each.expected.isoformat() for each in delays if each.expected is not None})
    causes = {each.promise.cause for each in delays}
    data: dict[str, Any] = {
        "order": order.placed.fields.get("order_number", order.order_id),
        "skus": skus_of(order, (line_id for each in delays for line_id in each.promise.line_ids)),
        "before": befores[0],
    }
    if kind != OVERDUE:
        data["day"] = days[-1]
    if len(befores) > 1 or len(days) > 1:
        data["parts"] = True
    if len(causes) == 1 and (cause := causes.pop()) is not None:
        data[f"by_{cause}"] = True
    return data
