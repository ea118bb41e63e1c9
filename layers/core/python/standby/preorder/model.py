"""The words of pre-orders and the rules that a shopkeeper would recognise."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.identifier import joined
from standby.preorder.priority_model import Prioritised
from standby.preorder.release_model import OVER_EVERYWHERE, last_day

if TYPE_CHECKING:
    from standby.preorder.answers import MoneyShown
    from standby.preorder.consent_model import Agreed
    from standby.preorder.named import Fate, NamedBy
    from standby.preorder.pricing import Priced
    from standby.preorder.untold_model import Untold

CampaignKind = Literal["preorder", "backorder"]
CampaignStatus = Literal["scheduled", "open", "closed"]
Kind = Literal["preorder", "checkout"]
Status = Literal["held", "confirmed", "allocated", "fulfilled", "cancelled", "expired"]
Ending = Literal["cancelled", "expired"]
Canceller = Literal["customer", "shop"]
LIVE: frozenset[str] = frozenset({"held", "confirmed", "allocated"})
MOST_LINES = 8
MOST_LIMIT_KEYS = 3
MOST_SHARDS = 32
MOST_UNITS = 10_000
"""Of a SKU in one reservation."""
MOST_PER_SECOND = 100_000
"""More are not expected of one SKU."""
MOST_PRICES = 100
"""Prices that a campaign keeps; one more is refused."""
LATEST_DAY = "9999-12-29"
MOVED, MOVED_OF_ORDER = "PromiseMoved", "PromiseMoved+"
"""Begins the names of events about what is promised; the second, where an order tells of it."""
FEW = 10
"""Up to so many units others are told each change of what remains."""
LONGEST_HOLD = timedelta(hours=2)
"""From its beginning, a hold that is extended included: who holds longer keeps goods from others for nothing."""
AHEAD_MOST = 1_000
"""So many that stand in front of a place in line are counted, so that asking costs the same however long it is."""
STANDSTILL = timedelta(days=1)
"""So long all clocks stand still from the moment at which a customer first asked to cancel. Then they run on: who asked
and never carried it out, and a mail scanner that pressed the button, hold no goods for ever."""


class RefusedError(Exception):
    """Nothing was reserved or changed. ``slug`` ends the problem's type."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug = slug


class TooLateError(Exception):
    """The offer is over, whoever ended it."""


class Money(NamedTuple):
    """An amount in minor units, such as cents."""

    amount: int
    currency: str

    def shown(self) -> "MoneyShown":
        """Return it as JSON."""
        return {"amount": self.amount, "currency": self.currency}


@frozen(kw_only=True)
class EarlyAccess:
    """Who may reserve before the campaign opens to all, and from when on."""

    opens_at: str
    tiers: tuple[str, ...] = ()
    waitlist: bool = False
    links: bool = False
    """Those on the waitlist, too, who are told so; whoever brings a signed link."""


@frozen(kw_only=True)
class Terms:
    """What the shop says of a campaign."""

    kind: CampaignKind
    capacity: int | None
    """Units; ``None``: as many as purchase orders promise and nobody has a right to."""
    release_on: str
    """A day, ``2027-03-01``, a month, ``2027-03``, or a period, ``2027-03-01/2027-03-15``."""
    price: Money
    opens_at: str
    closes_at: str | None = None
    limit_per_customer: int | None = None
    price_guarantee: Literal["none", "lowest_until_release"] = "none"
    incentive: Mapping[str, str] = field(default_factory=dict)
    """By locale."""
    deposit: Money | None = None
    early_access: EarlyAccess | None = None
    allocation: Literal["strict", "fill"] = "strict"
    pay: Literal["now", "on_allocation"] = "now"
    checkout_hours: int = 48
    hold_minutes: int = 15
    shards: int = 8
    expected_per_second: int | None = None
    """Reservations that are expected when it opens."""


@frozen(kw_only=True)
class Campaign:
    """A SKU that is opened for pre-order or back-order."""

    sku: str
    number: int
    """Counts the SKU's campaigns, from 1."""
    terms: Terms
    edition: int
    """Rises with each change; guards against a second writer."""
    prices: Sequence["Priced"]
    """What it cost and costs, the newest last; those of earlier campaigns first."""
    closed_at: str | None = None
    delayed_until: str | None = None
    """The day on which goods come for who is next in line, where that is after the release."""
    short: bool = False
    """Somebody in line is promised goods that nobody brings any more."""
    counts_from: int = 0
    """The number of the campaign since which a customer's units count for the limit, as it was opened again; 0: its
    own."""

    def status(self, now: datetime) -> CampaignStatus:
        """Return whether units can be reserved, by the clock."""
        if self.closed_at is not None or (self.terms.closes_at is not None and to_text(now) >= self.terms.closes_at):
            return "closed"
        return "open" if to_text(now) >= self.terms.opens_at else "scheduled"

    @property
    def rushes(self) -> bool:
        """Tell whether units are owed to its counters ahead of its reservations.

        Where it follows incoming goods they are not: each reservation then asks the ledger what there is.
        """
        return self.terms.expected_per_second is not None and self.terms.capacity is not None

    def opens_for(self, tier: str | None, *, invited: bool = False) -> str:
        """Return from when on a customer may reserve. ``invited``: as somebody who waits, or by a link.

        The case of a tier does not count.
        """
        early = self.terms.early_access
        if early is None:
            return self.terms.opens_at
        theirs = tier is not None and tier.casefold() in map(str.casefold, early.tiers)
        return early.opens_at if invited or theirs else self.terms.opens_at

    def is_open_for(self, tier: str | None, now: datetime, *, invited: bool = False) -> bool:
        """Tell whether a customer may reserve."""
        return self.status(now) != "closed" and to_text(now) >= self.opens_for(tier, invited=invited)

    def is_early(self, now: datetime) -> bool:
        """Tell whether only some may reserve now."""
        early = self.terms.early_access
        return early is not None and to_text(now) >= early.opens_at and self.status(now) == "scheduled"

    @property
    def released_until(self) -> str:
        """Return the last day of the release."""
        return last_day(self.terms.release_on)

    @property
    def promised_until(self) -> str:
        """Return what a customer is promised: the last day of the release, or that on which goods come after it."""
        return max(self.released_until, self.delayed_until or "")

    @property
    def over_at(self) -> str:
        """Return when that day is over everywhere; from then on nobody can be promised it, so nothing is reserved."""
        return to_text(from_text(f"{min(self.promised_until, LATEST_DAY)}T00:00:00Z") + OVER_EVERYWHERE)

    @property
    def ends_at(self) -> str:
        """Return from when on nothing is reserved, as far as is known (RFC 3339)."""
        return min(at for at in (self.closed_at, self.terms.closes_at, self.over_at) if at is not None)


class Place(NamedTuple):
    """A reservation's place in the line for a SKU."""

    key: str
    """Places are served in the order of their keys."""
    reservation_id: str
    lacks: int
    """Units that it has a right to and was not given."""
    confirmed: bool
    first: str | None = None
    """The day that it was promised as it was reserved."""
    promised: str | None = None
    """The day that it is promised now; ``None``: nobody knows."""
    follows: bool = False
    """Its campaign sold what purchase orders promise."""
    campaign: int | None = None


class Moved(NamedTuple):
    """What a reservation is promised of a SKU moved: a name among those of the events that it owes."""

    sku: str
    edition: int
    """The reservation's, which makes the name its own."""
    before: str | None
    until: str | None
    at: str
    """When that was known."""
    of_order: bool = False
    """An order tells its customer of it."""

    @property
    def taken_over(self) -> bool:
        """Tell whether nothing moved, and an order only hears what was promised, and told, so far."""
        return self.of_order and self.before == self.until

    @property
    def text(self) -> str:
        """Return it as a name."""
        kind = MOVED_OF_ORDER if self.of_order else MOVED
        return "#".join((kind, str(self.edition), self.before or "", self.until or "", self.at, self.sku))

    @classmethod
    def of(cls, name: str) -> "Moved | None":
        """Read a name; ``None`` for that of another event."""
        if not name.startswith(MOVED):
            return None
        kind, edition, before, until, at, sku = name.split("#", 5)
        return cls(sku, int(edition), before or None, until or None, at, kind == MOVED_OF_ORDER)


class Told(NamedTuple):
    """What others were told of a SKU's campaigns."""

    looks: int = 0
    """How often; the event's edition."""
    asked: int = 0
    """How often an operator changed something that must be told."""
    units: int | None = None
    """How many remain; ``None``: the campaign follows incoming goods, or nothing was told."""
    owed: bool = False
    """It is not sure that it was told."""


@frozen(kw_only=True)
class Line:
    """What a reservation has of a SKU."""

    sku: str
    quantity: int
    campaign: int | None = None
    """The campaign's number; ``None`` of ordinary stock."""
    shards: Mapping[int, int] = field(default_factory=dict)
    """From which counters the units were taken, and how many from each."""
    on_credit: bool = False
    """Its units are part of what is owed to the counters ahead; it has no claim of its own yet."""
    price: Money | None = None
    """For which it was reserved; `standby.preorder.pricing` says what it costs."""
    guaranteed_until: str | None = None
    """The last day on which a lower price counts, as it was said when it was reserved; ``None``: none ever does."""
    promised_until: str | None = None
    first_promise: str | None = None
    """What was promised as it was reserved, where that moved since."""
    follows: bool = False
    """The campaign sold what purchase orders promise."""
    pay_hours: int | None = None
    """So long it may be paid once its units were set aside; ``None``: it is paid before."""
    given: int = 0
    """Units that were set aside for it."""
    limits: tuple[str, ...] = ()
    """The counters of the customer's limit that it raised."""
    fate: "Fate | None" = None
    """What became of it before the reservation's other lines."""
    ended_at: str | None = None


@frozen(kw_only=True)
class Customer:
    """Who reserves."""

    email: str
    locale: str
    tier: str | None = None


Over = Literal["declined", "silent", "unsent", "left", "unmade", "vanished"]
"""Why an offer is over that nobody accepted: the customer said no, or nothing, was never mailed, or stopped all mails;
or no units were there any more when it was to be made, or later (``vanished``)."""


@frozen(kw_only=True)
class Offer:
    """What a reservation has that was offered to somebody in line. It is one to check out with once it is accepted."""

    reference: str
    """What travels with its mail, and names the place in line."""
    address: str
    """The key of the customer's address."""
    locale: str
    hours: int
    links: Mapping[str, str]
    """Where the links in its mails lead, up to their tokens."""
    slots: Mapping[str, str]
    """The tokens, for the reminder."""
    consented_at: str
    time_zone: str | None = None
    leased_at: str | None = None
    """When the sender took the lease of the mail's call, from which the hours count; ``None``: not known yet."""
    remind_at: str | None = None
    accepted_at: str | None = None
    over: Over | None = None


@frozen(kw_only=True)
class Reservation:
    """Units that one customer reserved."""

    reservation_id: str
    kind: Kind
    status: Status
    lines: tuple[Line, ...]
    customer: Customer | None
    body: str
    """Names what was asked for; another one under the same key is another request."""
    created_at: str
    held_until: str
    """When the hold ended as it was made; a repeated request is answered so."""
    expires_at: str
    """When the hold ends."""
    hold_minutes: int
    edition: int = 1
    confirmed_at: str | None = None
    ended_at: str | None = None
    paid: bool = False
    allocated_at: str | None = None
    taken_back_at: str | None = None
    """When units that had been set aside for it turned out not to be there, the last time."""
    told_until: str | None = None
    """The latest day that its customer was told; ``None``: that which was promised first."""
    untold: tuple["Untold", ...] = ()
    """The mails about its day that reached nobody, the newest last."""
    agreed: tuple["Agreed", ...] = ()
    """The days to which its customer agreed, the newest last."""
    pay_by: str | None = None
    """Until when it must be paid once its units were set aside; ``None``: no clock runs."""
    order_id: str | None = None
    """The ERP's newest order that names it: an order that was paid for in vain is followed by another."""
    orders: tuple["NamedBy", ...] = ()
    """What all orders that name it say of its units, the newest first."""
    gone: tuple[Line, ...] = ()
    """Lines that were shipped or cancelled before the others."""
    cancel_asked_at: str | None = None
    """When its customer first asked to cancel it."""
    cancel_sent_at: str | None = None
    """When the ERP, whose order it is, was asked to cancel it."""
    cancelled_by: Canceller | None = None
    """Who wanted it; ``None``: the storefront or the ERP, which know what follows from that."""
    owed: tuple[str, ...] = ()
    """Names of the events of which it is not sure that they were published."""
    offer: Offer | None = None
    erased_at: str | None = None
    """When its customer was erased, of whom nothing stays once it is over."""
    prioritised: Prioritised | None = None

    @property
    def every_line(self) -> tuple[Line, ...]:
        """Return all lines, those that are gone too."""
        return (*self.gone, *self.lines)

    @property
    def forgets(self) -> bool:
        """Tell whether nothing of its customer stays: who was erased, now that it is over and that was told."""
        return self.erased_at is not None and self.ended_at is not None and not self.owed

    @property
    def place(self) -> str:
        """Where it stands in the line of a SKU."""
        since = self.created_at if self.prioritised is None else self.prioritised.since
        return f"{since}#{self.reservation_id}"

    def state(self, now: datetime) -> Status:
        """Return its status by the clock: it is over at its time, whether anybody came to end it or not."""
        return "expired" if self.over(now) else self.status

    @property
    def ends_at(self) -> str | None:
        """Return when it ends by itself: a hold that nobody confirms, units set aside that nobody pays for."""
        return {"held": self.expires_at, "allocated": self.pay_by}.get(self.status)

    @property
    def looked_at(self) -> str | None:
        """Return when somebody must look at it: at its end, and before that when it is time for a reminder."""
        remind_at = self.offer.remind_at if self.offer else None
        return min((at for at in (self.ends_at, remind_at) if at is not None), default=None)

    @property
    def told_by_order(self) -> bool:
        """Tell whether its customer hears of delays from the order that names it, and from it no more."""
        return bool(self.orders) and self.orders[0].tells

    @property
    def unaccepted(self) -> bool:
        """Tell whether it is an offer that nobody accepted: no reservation yet for anybody but its customer."""
        return self.offer is not None and self.offer.accepted_at is None

    def over(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return self.ends_at is not None and to_text(now) >= self.ends_at

    def stopped(self, now: datetime) -> "Reservation":
        """Return it with its clocks stopped, as its customer asks to cancel it."""
        later = {name: at and to_text(from_text(at) + STANDSTILL) for name, at in self._clocks.items()}
        return replace(self, cancel_asked_at=to_text(now), edition=self.edition + 1, **later)  # type: ignore[arg-type] # names and texts

    @property
    def _clocks(self) -> Mapping[str, str | None]:
        return {"pay_by": self.pay_by, **({"expires_at": self.expires_at} if self.status == "held" else {})}

    def running_from(self, now: datetime) -> datetime:
        """Return from when on a clock runs that begins now: later where all clocks stand still."""
        return now if self.cancel_asked_at is None else max(now, from_text(self.cancel_asked_at) + STANDSTILL)

    @property
    def unpaid(self) -> bool:
        """Whether it ended because nobody paid for the units that were set aside for it."""
        return self.status == "expired" and self.allocated_at is not None

    def extended(self, now: datetime) -> str:
        """Return until when the hold lasts if it is extended now."""
        began = (self.offer and self.offer.accepted_at) or self.created_at
        longest = from_text(began) + LONGEST_HOLD
        return max(self.expires_at, to_text(min(now + timedelta(minutes=self.hold_minutes), longest)))


def promised(lines: Sequence[Line]) -> str | None:
    """Return the day by which all that was ordered ahead is there; ``None`` where that is nothing, or unknown."""
    days = [line.promised_until for line in lines if line.campaign is not None]
    return max((day for day in days if day is not None), default=None) if None not in days else None


class VanishedError(Exception):
    """Less was counted than is offered, and this offer is one of those that would end."""


OfferStatus = Literal["open", "accepted", "declined", "expired"]
REMINDER_FROM = 4
"""Hours of the shortest offer that is reminded of."""


def offer_status(known: Reservation, now: datetime) -> OfferStatus:
    """Return what a customer is told of an offer: also one that was accepted may be given back, or run out."""
    if known.offer is not None and known.offer.over == "declined":
        return "declined"
    if known.state(now) in {"cancelled", "expired"}:
        return "expired"
    return "open" if known.unaccepted else "accepted"


def remind_at(leased_at: datetime, ends_at: datetime) -> str | None:
    """Return when somebody is reminded of an offer, once: three quarters of its time are over then. ``None``: never."""
    if ends_at - leased_at < timedelta(hours=REMINDER_FROM):
        return None
    return to_text(leased_at + (ends_at - leased_at) * 0.75)


def claim_id(reservation_id: str, sku: str) -> str:
    """Return the id of the ledger's claim for a reservation's line."""
    return joined(reservation_id, sku)


def reservation_id_of(claim: str) -> str:
    """Return the id of the reservation whose line a claim of the ledger's is for."""
    return claim.partition("/")[0]


def coarse(remaining: int) -> int:
    """Return how many units others are told remain: few of them exactly, of many some fewer (12, 16, 24, 32, 48, …)."""
    if remaining <= FEW:
        return remaining
    step = 1 << (remaining.bit_length() - 2)
    return max(FEW, remaining // step * step)


def worth_telling(told: int | None, remaining: int | None) -> bool:
    """Tell whether others must hear how many remain: at once where fewer do than they believe, or more of few.

    Where many do, more are told once they are twice as many. So some that come and go at a step are told once.
    """
    if told is None or remaining is None:
        return told != remaining
    level = coarse(remaining)
    return level < told or (level > told and (level <= FEW or remaining >= 2 * told))
