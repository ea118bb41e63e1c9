"""What a customer ordered, and what that makes of a delay: the case of which a policy decides."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from datetime import date, tzinfo
from typing import Any, NamedTuple

from standby.compensation.model import Late, Remedies
from standby.compensation.policy_model import Case
from standby.compensation.seen_model import Facts
from standby.platform.address import address_key, mailbox_key
from standby.platform.frozen import frozen
from standby.platform.payment import is_unpaid

COUNTRY = re.compile("[A-Z]{2}")


class Line(NamedTuple):
    """One line of an order."""

    quantity: int
    price: int | None = None
    """Of one unit, in minor units; ``None``: nobody said."""
    currency: str | None = None
    category: str | None = None


@frozen(kw_only=True)
class Ordered:
    """An order as its shop last said it."""

    order_id: str
    said: Mapping[str, Any]
    """All about it beside its lines and shipments. It names a person, so no log shows it."""
    placed_at_microseconds: int
    """When it was placed, as far as that was ever said."""
    lines: Mapping[str, Line]
    shipments: Mapping[str, frozenset[str]]
    """The lines of each."""
    gone: frozenset[str]
    """Lines that were cancelled or came back."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """What names a line for good, by its number, where that is not its number."""
    edition: int = 0
    """Rises with each change of the order in delivery's table."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """All of it as delivery keeps it, for `standby.compensation.expecting`."""

    @property
    def counted_as(self) -> str:
        """Return a key by which its customer is always found among the same; without an address the order stands."""
        return self.mailbox or self.order_id

    @property
    def address(self) -> str | None:
        """Return the key of the address to which mails about it go; ``None``: no address is known."""
        email = self.customer.get("email")
        return None if email is None else address_key(email)

    @property
    def mailbox(self) -> str | None:
        """Return the key that stands for its customer's mailbox; ``None``: no address is known."""
        email = self.customer.get("email")
        return None if email is None else mailbox_key(email)

    @property
    def number(self) -> str:
        """Return by what its customer knows it."""
        return str(self.said.get("order_number") or self.order_id)

    @property
    def customer(self) -> Mapping[str, str]:
        """Return what is known of whoever ordered."""
        said: Mapping[str, str] = self.said.get("customer", {})
        return said

    @property
    def country(self) -> str | None:
        """Return where it goes (ISO 3166); ``None`` where no code of two letters says it: the shop's own counts."""
        country = ((self.said.get("ship_to") or {}).get("country") or "").strip().upper()
        return country if COUNTRY.fullmatch(country) else None

    def expected_on(self, shipment_id: str, zone: tzinfo) -> date | None:
        """Return the day on which a late shipment is expected by now, or came; ``None``: nobody knows."""
        from standby.compensation.expecting import expected_on  # noqa: PLC0415 - loaded where a policy has grace

        return expected_on(self.kept, shipment_id, self.lines_of(shipment_id), zone)

    def marks_of(self, shipment_id: str) -> frozenset[str]:
        """Return what names the lines of a shipment that are to come for good, whatever numbers the ERP gives them."""
        return self._marks(self.lines_of(shipment_id))

    def _marks(self, line_ids: Iterable[str]) -> frozenset[str]:
        return frozenset(self.marks.get(line_id, line_id) for line_id in line_ids)

    def lines_of(self, shipment_id: str) -> frozenset[str]:
        """Return the lines of a shipment that are to come."""
        return (self.shipments.get(shipment_id, frozenset()) & self.lines.keys()) - self.gone

    def is_gone(self, shipment_id: str, line_ids: Collection[str]) -> bool:
        """Tell whether all for which something was granted was cancelled or came back, or the whole order was."""
        if self.lines.keys() <= self.gone:
            return True
        theirs = line_ids or self._marks(self.shipments.get(shipment_id, ()))
        return bool(theirs) and self._marks(self.gone).issuperset(theirs)

    @property
    def worth(self) -> tuple[int | None, str | None]:
        """Return what its lines cost, and in which currency; ``None`` twice where that is not known of all of them."""
        return _value(self.lines.values())

    def facts(self, shipment_id: str) -> Facts:
        """Return what it is like, as far as a policy asks of a late shipment."""
        late_ids = self.lines_of(shipment_id)
        whole, currency = self.worth
        late_value, late_currency = _value(self.lines[line_id] for line_id in late_ids)
        if late_value is not None and whole is not None:
            late_value = max(0, min(late_value, whole))  # a discount may be a line of its own
        fee = self.said.get("delivery_fee") or {}
        status = self.said.get("payment_status", "").strip().casefold()
        return Facts(
            order_value=whole,
            currency=currency,
            late_value=late_value if late_currency == currency else None,
            fee=fee.get("amount", 0),
            fee_currency=fee.get("currency"),
            tier=self.customer.get("tier"),
            country=self.country,
            channel=self.said.get("channel"),
            categories=tuple(sorted(filter(None, {self.lines[line_id].category for line_id in late_ids}))),
            customer_type=self.customer.get("type", "").strip().casefold() or None,
            unpaid=is_unpaid(status),
            payment=status or None,
            gone=not late_ids,
        )

    def case(self, shipment_id: str, late: Late, remedies: Remedies) -> Case:
        """Return the case of a late shipment."""
        facts = self.facts(shipment_id)
        left = remedies.fee_left(shipment_id, facts.fee, facts.fee_currency)
        return facts.case(late.days, cause=late.cause, policy=late.policy, fee_left=left)


def _value(lines: Iterable[Line]) -> tuple[int | None, str | None]:
    """Return what lines cost, and in which currency; ``None`` twice where that is not known of all of them."""
    every = list(lines)
    currencies = {line.currency for line in every}
    if len(currencies) != 1 or None in currencies:
        return None, None
    return sum(line.quantity * (line.price or 0) for line in every), currencies.pop()
