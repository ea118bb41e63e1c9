"""What is noted of policies, late orders and what was given for them (`remedies_paper`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.promises.vouchers_paper import Coupon

ZONE = ZoneInfo("Asia/Jerusalem")
FEE, CHOICE, ELSEWHERE = "delivery_fee_back", "choice", "elsewhere"
CODED = frozenset({"voucher", "percent_off", "free_shipping"})
NOTHING_CAME = frozenset({"lapsed", "revoked", "replaced", "denied"})
UNITS = 2
"""Of each line."""


@dataclass(frozen=True)
class Step:
    """What so long a delay gives: the one kind, or one of several."""

    days: int
    worth: Mapping[str, int]
    """By kind; of the delivery fee it is the order's."""
    otherwise: str | None = None


@dataclass(frozen=True)
class Ladder:
    """A rule: steps in one currency."""

    currency: str
    steps: tuple[Step, ...]


GIFT_DAYS = 800
"""For which gift vouchers are valid in Israel, where the law asks for two years."""


@dataclass(frozen=True)
class Terms:
    """A policy. Amounts hold in each currency."""

    ladders: tuple[Ladder, ...]
    budget: int
    per_order: int | None = None
    per_customer: int | None = None
    approval: int | None = None
    grace_hours: int = 0
    holdout: int = 0
    choice_days: int = 14
    valid_days: int = 30
    percent_days: int | None = None
    """For so long a percentage is valid, where that is another number."""
    advertising: frozenset[str] = frozenset()
    """Countries in which a voucher is advertising."""
    revocable: frozenset[str] = frozenset()
    """Countries in which the shop may take vouchers back."""
    bound: frozenset[str] = frozenset()
    """Countries in which a voucher is for its customer alone."""

    def lasts(self, country: str) -> dict[str, int]:
        """Return for how many days codes are valid in a country, by kind: gift vouchers long where the law says so."""
        percent = self.valid_days if self.percent_days is None else self.percent_days
        gift = GIFT_DAYS if country == "IL" else self.valid_days
        return {"voucher": gift, "percent_off": percent, "free_shipping": self.valid_days}


@dataclass
class Lateness:
    """What was told of a shipment."""

    known: date | None = None
    asked: date | None = None
    answered_at: str | None = None
    arrived: bool = False
    edition: int = 0
    cause: str | None = None
    due: datetime | None = None
    looked: int = 0

    def days(self, first: date) -> int:
        """Return how many days late it is after its first promise."""
        asked = self.asked if self.answered_at is not None and not self.arrived else None
        told = [day for day in (self.known, asked) if day is not None]
        return (max(told) - first).days if told else 0


@dataclass
class Order:
    """An order of one line a shipment."""

    name: str
    owner: str | None
    country: str
    currency: str
    price: int
    fee: int
    shipments: tuple[str, ...]
    first: date
    staff: bool = False
    unpaid: bool = False
    gone: set[str] = field(default_factory=set)
    expected: dict[str, tuple[str, date]] = field(default_factory=dict)
    """The day that was said last, and when."""
    came: dict[str, date] = field(default_factory=dict)
    late: dict[str, Lateness] = field(default_factory=dict)

    def days(self, shipment: str) -> int:
        """Return how late a shipment is."""
        return self.late.get(shipment, Lateness()).days(self.first)


@dataclass
class Given:
    """What was given."""

    order: Order
    shipment: str
    kind: str
    amount: int
    month: str
    level: int
    at: datetime
    waits: bool
    by_hand: bool
    lasts: dict[str, int]
    """For how many days its code is valid, by kind."""
    choice_days: int
    options: dict[str, int] = field(default_factory=dict)
    otherwise: str | None = None
    until: datetime | None = None
    """From when on its customer may not choose any more."""
    offered: int = 0
    outcome: str | None = None
    approval: str | None = None
    coupon: Coupon | None = None
    revocable: bool = False
    bound: bool = False

    @property
    def open(self) -> bool:
        """Tell whether its customer may choose."""
        return bool(self.options) and self.outcome is None and not self.waits

    def shown(self) -> tuple[str, int, int, str | None, bool]:
        """Return what is compared with the product."""
        return (self.kind, self.amount, self.level, self.outcome, self.coupon is not None)


@dataclass(frozen=True)
class Reason:
    """By which rule something is given, and from how many days late on."""

    rule: str
    level: int
    otherwise: str | None = None
    by_hand: bool = False


@dataclass(frozen=True)
class Why:
    """Why nothing more was given, with the numbers on which that hangs."""

    shipment: str
    days: int
    why: str
    version: int
    rule: str | None = None
    amount: int = 0
    currency: str | None = None
    level: int | None = None
    worth: int | None = None
    most: int | None = None
    left: int | None = None
    said: str | None = None
