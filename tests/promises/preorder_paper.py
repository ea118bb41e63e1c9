"""Reservations as plain arithmetic: who has a right to what, and so what a campaign may sell and what is owed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIVING = frozenset({"held", "confirmed"})
HOLD = timedelta(minutes=15)


@dataclass
class Right:
    """What somebody reserved. ``confirmed`` includes that units were set aside."""

    customer: str
    quantity: int
    kind: str
    ends_at: datetime
    status: str = "held"
    placed: bool = False
    """The ERP knows its order."""


@dataclass
class Paper:
    """A campaign, what the ERP said last, and everybody's rights by reservation."""

    capacity: int
    limit: int
    on_hand: int = 0
    committed: int = 0
    rights: dict[str, Right] = field(default_factory=dict)

    def sold(self, customer: str | None = None) -> int:
        """Return the units of the campaign that are somebody's (or a customer's), those that left the house too."""
        return sum(
            right.quantity
            for right in self.rights.values()
            if right.kind == "preorder"
            and right.status in {*LIVING, "fulfilled"}
            and customer in {None, right.customer}
        )

    def living(self) -> dict[str, int]:
        """Return the units that were ordered ahead, by the reservation that has a right to them still."""
        found = {name: each for name, each in self.rights.items() if each.kind == "preorder"}
        return {name: right.quantity for name, right in found.items() if right.status in LIVING}

    def sells(self, customer: str, quantity: int) -> bool:
        """Tell whether somebody may pre-order so many more."""
        return self.sold() + quantity <= self.capacity and self.sold(customer) + quantity <= self.limit

    def confirm(self, name: str) -> bool:
        """Confirm a reservation, now or before; tell whether that can be."""
        right = self.rights[name]
        right.status = "confirmed" if right.status == "held" else right.status
        return right.status in {"confirmed", "fulfilled"}

    def end(self, name: str, status: str) -> None:
        """End a reservation that lives."""
        right = self.rights[name]
        right.status = status if right.status in LIVING else right.status

    def time_passes(self, now: datetime) -> None:
        """End the holds whose time is over."""
        for name, right in self.rights.items():
            if right.status == "held" and right.ends_at <= now:
                self.end(name, "expired")
