"""Reservations and offers as plain arithmetic: who has a right to what, so what may be sold, and what is owed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIVING = frozenset({"held", "confirmed"})
HOLD = timedelta(minutes=15)
SHORTEST_REMINDED = timedelta(hours=4)


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
    lost: list[int] = field(default_factory=list)
    """Units of lines of its order that were cancelled while others went on."""
    left: int = 0
    """How many of these left all the same."""
    gone: int = 0
    """How many left before the others, once."""


@dataclass
class SetAside:
    """A unit that somebody who waited was offered by a mail. One that was ``accepted`` is a `Right` since then."""

    customer: str
    began_at: datetime
    ends_at: datetime
    status: str = "open"
    right: Right | None = None
    reminded: bool = False

    def shown(self) -> str:
        """Return what the link in the mail says."""
        return "expired" if self.right and self.right.status in {"cancelled", "expired"} else self.status

    def due(self, now: datetime) -> bool:
        """Tell whether its customer must have been reminded: three quarters of its time are over, if it has some."""
        long = self.ends_at - self.began_at
        return self.status == "open" and long >= SHORTEST_REMINDED and self.began_at + long * 0.75 <= now


@dataclass
class Paper:
    """A campaign, what the ERP said last, and everybody's rights by reservation."""

    capacity: int
    limit: int
    on_hand: int = 0
    committed: int = 0
    left: set[str] = field(default_factory=set)
    """Reservations whose goods left the house since the last level, less than a day ago."""
    rights: dict[str, Right] = field(default_factory=dict)
    offers: dict[str, SetAside] = field(default_factory=dict)
    """By the token of the mail's link."""
    waiting: list[str] = field(default_factory=list)
    """In the order of the line; who has an offer stands in it no more."""

    def sold(self, customer: str | None = None) -> int:
        """Return the units of the campaign that are somebody's (or a customer's), those that left the house too."""
        return sum(
            right.quantity if right.status in {*LIVING, "fulfilled"} else right.gone
            for right in self.rights.values()
            if right.kind == "preorder" and customer in {None, right.customer}
        )

    def living(self) -> dict[str, int]:
        """Return the units that were ordered ahead or offered, by the reservation or offer with a right to them.

        And those that left, as long as a level may count them.
        """
        found = {name: each for name, each in self.rights.items() if each.kind == "preorder"}
        kept = {name: right for name, right in found.items() if right.status in LIVING or name in self.left}
        ahead = {name: right.quantity - right.gone for name, right in kept.items()}
        ahead |= {self.part(name): right.gone for name, right in found.items() if self.part(name) in self.left}
        return ahead | {token: 1 for token, each in self.offers.items() if each.status == "open"}

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

    def cancel_order(self, name: str) -> None:
        """Let the ERP cancel what is left of an order; what left all the same of it was ordered, and came."""
        right = self.rights[name]
        left = right.left or right.gone
        if left and right.status in LIVING:
            right.quantity = min(right.quantity, left)
        self.end(name, "fulfilled" if left else "cancelled")

    def offer(self, token: str, customer: str, now: datetime, hours: int) -> None:
        """Take somebody out of the line who was offered a unit."""
        self.waiting.remove(customer)
        self.offers[token] = SetAside(customer, now, now + timedelta(hours=hours))

    def accept(self, token: str, name: str, now: datetime) -> None:
        """Let a customer take an offer: a reservation that lasts as long, and long enough to check out."""
        offer = self.offers[token]
        if offer.status == "open":
            offer.right = Right(offer.customer, 1, "checkout", max(offer.ends_at, now + HOLD))
            offer.status, self.rights[name] = "accepted", offer.right

    def decline(self, token: str) -> int:
        """Give an offer back, if that can be; return the status of the answer."""
        offer = self.offers[token]
        if offer.shown() == "expired":
            return 410
        if offer.right and offer.right.status != "held":
            return 409
        if offer.right:
            offer.right.status = "cancelled"
        offer.status, offer.right = "declined", None
        return 200

    def leave(self, customer: str) -> None:
        """End what somebody is offered and waits for who wants no mails any more."""
        self.waiting = [each for each in self.waiting if each != customer]
        for offer in self.offers.values():
            offer.status = "expired" if (offer.customer, offer.status) == (customer, "open") else offer.status

    def vanish(self, token: str) -> None:
        """End an offer whose unit is not there any more; its customer has the place in line again."""
        offer = self.offers[token]
        offer.status = "expired"
        self.waiting = sorted({*self.waiting, offer.customer})

    @staticmethod
    def part(name: str) -> str:
        """Return how what left of a reservation before the rest is called among what left."""
        return f"{name}, in part"

    def ships_one(self, name: str) -> None:
        """Let one unit of a reservation that lives leave the house."""
        right = self.rights[name]
        right.gone, self.left = 1, self.left | {self.part(name)}

    def ships(self, name: str) -> None:
        """Let the goods of a reservation that lives leave the house."""
        self.left |= {name} if self.rights[name].status in LIVING else set()
        self.end(name, "fulfilled")

    def time_passes(self, now: datetime) -> None:
        """End the holds and offers whose time is over."""
        for name, right in self.rights.items():
            if right.status == "held" and right.ends_at <= now:
                self.end(name, "expired")
        for offer in self.offers.values():
            offer.status = "expired" if offer.status == "open" and offer.ends_at <= now else offer.status
