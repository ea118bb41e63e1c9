"""Mails about an order to whoever ordered: service mails, which need no sign-up and have no link to leave."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from standby.delivery.links import Links
from standby.delivery.model import Order
from standby.mail_job import MailJob, Recipient
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.moment import EPOCH, MICROSECOND

FORM = "d1"
"""Begins the reference of a mail about an order, so that no other feature takes it for its own."""
ASKING = "d1a"
"""Begins it where the mail says until when its customer can answer: it counts from when it went."""
ANSWER_BY = "answer_by"
"""The name of that day in the data of a mail."""
MOST_PRODUCTS = 100
"""That a mail shows."""


def customer_of(order: Order) -> Mapping[str, str]:
    """Return what is known of whoever ordered; nothing before the order came."""
    said: Mapping[str, str] = {} if order.placed is None else order.placed.fields.get("customer", {})
    return said


def skus_of(order: Order, line_ids: Iterable[str]) -> list[str]:
    """Return what a mail shows of some lines."""
    lines = order.lines
    return list(dict.fromkeys(lines[line_id]["sku"] for line_id in line_ids if line_id in lines))[:MOST_PRODUCTS]


@frozen()
class OrderMails:
    """Writes mails about orders."""

    links: Links
    default_locale: str

    def write(
        self,
        order: Order,
        kind: str,
        data: Mapping[str, Any],
        *,
        name: str,
        at: str,
        valid_until: str | datetime | timedelta,
        last_day: str | None = None,
        slots: Mapping[str, str] | None = None,
        of_order: bool = False,
    ) -> MailJob | None:
        """Return a mail to whoever ordered, ``None`` where no address is known.

        ``name`` is the same whenever the same is said, so mail sends it once. ``at`` is since when what it says is so:
        who was erased after that is not mailed. One ``of_order`` answers nothing that its customer did since, so who
        was erased after it was placed is not mailed. ``valid_until``: then, or for so long from ``at``. ``last_day``:
        on which something of the order may come, for the life of the link.
        """
        customer = customer_of(order)
        if "email" not in customer:
            return None
        since = from_text(at)
        asked = EPOCH + order.first_said * MICROSECOND if of_order else since
        if isinstance(valid_until, timedelta):
            valid_until = since + valid_until
        return MailJob(
            job_id=f"{kind}#{name}",
            kind=kind,
            locale=customer.get("locale") or self.default_locale,
            data={"order": order.number, **data, "page_url": self.links.url},
            recipients=[
                Recipient(
                    reference=f"{ASKING if ANSWER_BY in data else FORM}~{order.order_id}",
                    email=customer["email"],
                    slots={**(slots or {}), "page": self.links.track(order.order_id, last_day, since)},
                    consented_at=to_text(min(asked, since)),
                )
            ],
            valid_until=valid_until if isinstance(valid_until, str) else to_text(valid_until),
            time_zone=customer.get("time_zone"),
        )
