"""The job that the waitlist hands to pre-orders: units to be offered to customers in line (design §6).

It is a command, so it does not belong to `standby.events`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

MOST_OFFERED = 50
"""Customers of one job: each is a transaction of its own."""


class Offeree(NamedTuple):
    """Who is offered ``quantity`` units.

    ``reference`` travels with the mail, and names the place in line that the offer is for. ``address`` is the key of
    the e-mail address. ``leave`` is the token that ends all mails. ``consented_at`` and ``marketing`` are Mail's.
    """

    reference: str
    email: str
    address: str
    quantity: int
    locale: str
    leave: str
    consented_at: str
    time_zone: str | None = None
    marketing: bool = False


class OfferJob(NamedTuple):
    """Units of a SKU for customers in the order of the line, for ``hours`` from the moment at which each is mailed.

    ``job_id`` is the same whenever the same job is made again. After ``valid_until`` (RFC 3339) nobody is offered
    anything by it. ``leave_url`` leads to the waitlist's page for leaving, up to the token. ``after`` is the
    reference of the last customer of the job before, where that may still be under way: it is done first.
    """

    job_id: str
    sku: str
    hours: int
    leave_url: str
    valid_until: str
    customers: Sequence[Offeree]
    after: str = ""

    def content(self) -> dict[str, Any]:
        """Return the body of the queue message."""
        return {"offer": {**self._asdict(), "customers": [each._asdict() for each in self.customers]}}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "OfferJob":
        """Read the body of a queue message. Raises ``KeyError`` or ``TypeError`` for one that is no such job."""
        said = content["offer"]
        return cls(**{**said, "customers": [Offeree(**each) for each in said["customers"]]})
