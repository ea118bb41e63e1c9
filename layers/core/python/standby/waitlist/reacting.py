"""Write down the signs of life of who agreed to advertising, and whose mail told nothing after all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.waitlist.attention_model import Attention
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import retried
from standby.waitlist.model import Changes, Consent, Customer, Listing, Place
from standby.waitlist.reference import Reference


def reacted(customer: Customer, at: str, sign: str, consent: Consent | None = None) -> Customer:
    """Return a customer after a sign of life, and after a consent to advertising that came with it.

    Of somebody who never agreed to advertising nothing is remembered. Who agreed before and does not tick that box
    again has agreed still: nobody withdraws a consent by a box.
    """
    known = customer.attention
    agreed = consent.wording if consent is not None and consent.marketing else None
    if known is None:
        if agreed is None:
            return customer
        known = Attention(agreed_at=at, wording=agreed, sign_at="")
    return replace(customer, attention=known.reacted(at, sign, agreed, customer.former))


class Line(Protocol):
    """Who is in line."""

    def listings(self, sku: str, places: Iterable[Place]) -> Mapping[str, Listing]:
        """Return those of the places that are still in line, by entry id."""
        ...


@frozen()
class Reacting:
    """What other features, and mails, tell of those who agreed to advertising."""

    directory: Directory
    line: Line
    clock: Clock

    def reacted(self, address: str, sign: str, *, at: str) -> None:
        """Write that an address did something at an instant. Older signs change nothing."""

        def attempt() -> None:
            customer, _ = self.directory.read(address)
            after = reacted(customer, at, sign)
            if after != customer:
                self.directory.customers.save(after, Changes(), self.clock.now())

        retried(attempt)

    def refused(self, mails: Sequence[Reference]) -> None:
        """Write that mails told nothing, before their places are taken out of line.

        Whoever waits for this without advertising may have agreed to it elsewhere.

        A last notice takes out only what is over: who chose a later day meanwhile may still be told by that entry.
        """
        now = to_text(self.clock.now())
        by_sku: dict[str, list[Reference]] = {}
        for mail in mails:
            by_sku.setdefault(mail.sku, []).append(mail)
        for sku, refused in by_sku.items():
            waves = {mail.entry_id for mail in refused if mail.of_wave}
            for entry_id, held in self.line.listings(sku, [mail.listing for mail in refused]).items():
                if entry_id in waves or held.expires_at <= now:
                    self._passed(held.address, entry_id)

    def _passed(self, address: str, entry_id: str) -> None:
        def attempt() -> None:
            customer = self.directory.customers.customer(address)
            if customer.attention is not None:
                after = replace(customer, attention=customer.attention.refused([entry_id]))
                self.directory.customers.save(after, Changes(), self.clock.now())

        retried(attempt)
