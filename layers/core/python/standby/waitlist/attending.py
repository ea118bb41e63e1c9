"""Tell the bus who went quiet, who came back, and who may not be written to any more (`attention_model`).

A change is stored before the bus is told of it, and stays due until that has happened. So whoever dies in between tells
it again, under the same id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from standby.events.waitlist import CustomerReengaged, CustomerUnreachable, CustomerWentQuiet
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.waitlist.attention_model import ENDED, QUIET, Attention
from standby.waitlist.digest_model import Subscriber
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import Count, retried
from standby.waitlist.model import Changes, Customer

COUNTED = {QUIET: "CustomersWentQuiet", ENDED: "QuietCustomersUnreachable"}
REENGAGED = "CustomersReengaged"


class Subscribers(Protocol):
    """Who gets the weekly list."""

    def present(self, addresses: Iterable[str]) -> Mapping[str, Subscriber]:
        """Return those of at most 100 addresses that are subscribed now."""
        ...


@frozen(kw_only=True)
class Attending:
    """Looks at those who agreed to advertising, an address at a time."""

    directory: Directory
    subscribers: Subscribers
    bus: Bus
    clock: Clock
    count: Count
    days: int
    """Somebody is quiet who did nothing for so many days after they were told something; 0: nobody is."""

    def look(self, address: str) -> None:
        """Find out whether somebody still reacts, and tell the bus what it was not told yet."""
        known = retried(lambda: self._look(address))
        if known is None or known.announced:
            return
        self.bus.publish([told(address, known)])
        self.count(COUNTED.get(known.state, REENGAGED), 1)
        retried(lambda: self._told(address, known.edition))

    def _look(self, address: str) -> Attention | None:
        now = self.clock.now()
        customer, _ = self.directory.read(address)
        known = customer.attention
        if known is None or not known.is_due(now) or not known.announced:
            return known
        seen = self._seen(customer, known, now)
        self.directory.customers.save(replace(customer, attention=seen), Changes(), now)
        return seen

    def _seen(self, customer: Customer, known: Attention, now: datetime) -> Attention | None:
        why = customer.refusal(known.agreed_at)
        if why is not None:
            return known.ended(to_text(now), why)
        waits = any(entry.waiting for entry in customer.entries.values())
        return known.seen(
            self._told_at(customer, known, now),
            now,
            days=self.days,
            may_be_told=waits or customer.digest is not None,
        )

    def _told_at(self, customer: Customer, known: Attention, now: datetime) -> Iterator[str]:
        """Yield when it was seen that somebody was told something: they are out of line, or SES accepted a list.

        An entry without places never was in line: another one stands there for it.
        """
        for entry_id, entry in customer.former.items():
            if entry.places and entry_id not in known.passed:
                yield entry.gone_at or to_text(now)
        if customer.digest is not None:
            listed = self.subscribers.present([customer.address])
            yield from (each.told_at for each in listed.values() if each.told_at)

    def _told(self, address: str, edition: int) -> None:
        customer, _ = self.directory.read(address)
        if customer.attention is not None:
            attention = customer.attention.told_of(edition)
            self.directory.customers.save(replace(customer, attention=attention), Changes(), self.clock.now())


def told(address: str, known: Attention) -> CustomerWentQuiet | CustomerReengaged | CustomerUnreachable:
    """Return the event that tells of a state: the same whenever it is made."""
    if known.state == QUIET:
        return CustomerWentQuiet(
            id=f"quiet#{address}#{known.edition}",
            at=known.changed_at,
            address=address,
            edition=known.edition,
            told_at=str(known.told_at),
            sign_at=known.sign_at,
            agreed_at=known.agreed_at,
            wording=known.wording,
        )
    if known.state == ENDED:
        return CustomerUnreachable(
            id=f"unreachable#{address}#{known.edition}",
            at=known.changed_at,
            address=address,
            edition=known.edition,
            reason=known.why,
        )
    return CustomerReengaged(
        id=f"reengaged#{address}#{known.edition}",
        at=known.changed_at,
        address=address,
        edition=known.edition,
        sign=known.why,
    )
