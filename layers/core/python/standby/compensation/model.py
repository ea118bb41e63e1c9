"""What is known of an order's delays, what was granted for them, and why not more.

Delays are counted from the first day that was ever promised of a shipment to the latest day that was ever told of it,
so events may come in any order and more than once: the same is known in the end. A customer who agreed to a later day
was promised the first one all the same.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import field, replace
from datetime import date, timedelta
from typing import NamedTuple

from standby.compensation.policy_model import CHOICE, CODED, FEE_BACK, GONE, HELD_OUT
from standby.compensation.seen_model import MOST_SEEN, Seen
from standby.platform.frozen import frozen

MOST_REFUSALS = 50
"""That are kept of an order: the newest, and the newest of each shipment, which may be looked at again."""
MAILED, NO_CONSENT, NO_ADDRESS, NOTHING = "mail", "advertising", "none", "nothing"
"""How the customer is told of a grant: by mail; not, because it is advertising where they are; nowhere to write; or
there is nothing to tell, because nothing came of a choice."""

CHOSEN, OTHERWISE, LAPSED, REVOKED, REPLACED = "chosen", "otherwise", "lapsed", "revoked", "replaced"
"""How a choice ended: by its customer; by its time, with what the policy gives then, or with nothing; by the shop; or
because the delay became longer, so that there is more to choose from."""
DENIED = "denied"
"""Nobody approved it."""
ENDED = frozenset({LAPSED, REVOKED, REPLACED, DENIED, GONE})
"""Of such a choice nothing came. `GONE`: what was late was cancelled, or came back, before anything did."""

AWAITS, APPROVED = "awaiting_approval", "approved"
"""Whether a grant waits for a person, or one approved it."""
WAITS = "waiting"
"""How the customer is told meanwhile: not yet."""
GATHERED, GOING = "gathered", "going"
"""How they are told before they are: within minutes, with what else is granted of the order by then
(`standby.compensation.gathering_model`); or by the one mail that is on its way to the queue."""
ELSEWHERE = "elsewhere"
"""The kind of what a person gave in another way, and recorded."""

WRITTEN, CHANGED, BUDGET_SPENT, NO_ROOM = "written", "changed", "budget", "no_room"
"""What became of a grant."""


class Account(NamedTuple):
    """On whose account a grant goes, and how much may go on it in all."""

    month: str
    """Of the shop's calendar: 2026-05."""
    currency: str
    budget: int
    customer: str | None = None
    """A key that stands for the customer's mailbox; ``None``: nobody knows who it is."""
    cap: int | None = None
    """The most for one customer; ``None``: there is no such cap."""
    spent_anyway: bool = False
    """It left the shop already, so it counts whatever the budget leaves."""


class Freed(NamedTuple):
    """What was kept for a remedy and is free again, on whose account it was kept."""

    month: str
    currency: str
    customer: str | None
    amount: int


class Hand(NamedTuple):
    """Who grants something by hand, and why."""

    by: str
    reason: str
    request: str
    asked: str


class Option(NamedTuple):
    """One of the remedies that a customer chooses from."""

    kind: str
    amount: int
    """What it adds to what was granted before, at most."""
    percent: int | None = None
    minimum: int | None = None
    """The least that an order must come to so that it takes the code."""
    combinable: bool = True
    """An order that has another voucher takes the code, too."""
    revocable: bool = True
    """As of a grant."""
    bound: bool = False
    valid_days: int = 0
    """Of its code; 0: as its grant says, which was one number for all kinds before."""
    ends_on: str | None = None
    """The last day of its code if it is chosen at once: it is no earlier."""


@frozen(kw_only=True)
class Late:
    """What was told of one shipment."""

    first: date | None = None
    """The earliest day that was promised of it; ``None``: no delay was told yet."""
    known: date | None = None
    """The latest day told of a delay that is known to be one."""
    asked: date | None = None
    """The latest day told of a delay of which its customer is asked whether it is there."""
    answered_at: str | None = None
    arrived: bool = False
    """What its customer said last."""
    edition: int = 0
    """Of the newest event, which names the cause and the policy."""
    cause: str | None = None
    policy: str | None = None
    due_at: str | None = None
    """Until when it waits, because the policy has hours of grace (`grace`)."""
    looked: int = 0
    """The edition of the order as it was looked at then: what was told before it says nothing new."""

    @property
    def days(self) -> int:
        """Return how many days late it is, as far as that is known for certain; 0: not, or not yet."""
        missing = self.asked is not None and self.answered_at is not None and not self.arrived
        told = [day for day in (self.known, self.asked if missing else None) if day is not None]
        return (max(told) - self.first).days if told and self.first is not None else 0


@frozen(kw_only=True)
class Grant:
    """What was granted: the difference to what was granted before for the same shipment."""

    grant_id: str
    shipment_id: str
    at: str
    days_late: int
    level: int
    rule: str
    policy_version: int
    kind: str
    amount: int
    """Minor units; by this it counts, redeemed or not."""
    currency: str
    percent: int | None = None
    minimum: int | None = None
    """The least that an order must come to so that it takes the code (`Option`)."""
    combinable: bool = True
    revocable: bool = True
    """The shop may take back its code, or the choice while it is open. Older grants do not say so, and it may."""
    bound: bool = False
    """Nobody but the late order's customer uses its code."""
    holder_id: str | None = None
    """That customer by the shop's own id, where a code is bound or may be; ``None``: the shop gave none."""
    holder_key: str | None = None
    """The same by the key of their mailbox, where the shop gave no id."""
    code: str | None = None
    """The hash of its code; ``None`` of the delivery fee back."""
    expires_at: str | None = None
    """When the last day of its code is over."""
    ends_on: str | None = None
    """That day, of the shop's calendar: mails and pages name it (`validity_model`). While its customer chooses, the
    day that it is if they do so at once: it is no earlier."""
    told: str | None = None
    """How the customer was told (`MAILED` …); ``None``: nobody heard yet of it, or of how its choice ended."""
    options: tuple[Option, ...] = ()
    """What its customer chooses from; nothing: it is fixed. Until then ``amount`` is that of the dearest."""
    offered: int = 0
    """What the dearest of them adds."""
    choose_by: str | None = None
    """The last day on which they may, of the shop's calendar."""
    choose_until: str | None = None
    """When that day is over."""
    choose_days: int = 0
    """So many days lie between that day and the one on which the mail may first go; 0: older grants do not say it."""
    otherwise: str | None = None
    """The kind that it comes to where nobody chose; ``None``: to nothing."""
    valid_days: int = 0
    """Of its code, once it is approved; of a choice where its option says none (`Option`)."""
    month: str = ""
    """In which it counts (`Account`)."""
    customer: str | None = None
    """On whose account it counts, while it is open."""
    outcome: str | None = None
    """How its choice ended (`CHOSEN` …)."""
    settled_at: str | None = None
    by: str | None = None
    """Who granted it by hand; ``None``: the policy did."""
    reason: str | None = None
    """Why they did."""
    request: str | None = None
    """A hash of their request: the same request again is answered the same."""
    asked: str | None = None
    """A hash of what that request asked."""
    approval: str | None = None
    """`AWAITS`, `APPROVED`; `DENIED`; ``None``: it needed none."""
    decided_by: str | None = None
    """Who approved or denied it."""
    line_ids: tuple[str, ...] = ()
    """The lines that were late, by what names them for good (`Ordered.marks_of`)."""
    mail: str | None = None
    """Names the one mail that brings it with others (`standby.compensation.gathering_model`)."""

    def is_for(self, shipment_id: str, line_ids: Collection[str]) -> bool:
        """Tell whether it was granted for a shipment, or for any of its lines when those were in another."""
        return self.shipment_id == shipment_id or any(line_id in line_ids for line_id in self.line_ids)

    @property
    def is_no_gift(self) -> bool:
        """Tell whether somebody granted it by hand to whom it was denied: the policy's own remedy stands beside it."""
        return self.outcome == DENIED and self.by is not None

    @property
    def open(self) -> bool:
        """Tell whether its customer may still choose, as far as nobody looked at the clock."""
        return bool(self.options) and self.outcome is None and not self.awaits

    @property
    def untold(self) -> bool:
        """Tell whether anybody is still to hear of it before anything else becomes of it."""
        return self.told is None or self.told == GOING

    @property
    def awaits(self) -> bool:
        """Tell whether it waits for approval; what it can cost counts as granted meanwhile."""
        return self.approval == AWAITS


def may_be_taken_back(code: Grant | Option) -> bool:
    """Tell whether the shop may take back a code before it is used, or a choice before it is made."""
    return code.revocable and (code.kind in CODED or code.kind == CHOICE)


class Refusal(NamedTuple):
    """Why a delay was granted nothing more."""

    at: str
    shipment_id: str
    days_late: int
    why: str
    policy_version: int
    rule: str | None = None
    amount: int = 0
    """What it would have been."""
    currency: str | None = None
    told: bool = True
    """``False``: others are still to hear that the budget ended."""
    level: int | None = None
    """Days late from which on it would be so, or from which on the rule gives anything."""
    worth: int | None = None
    """What the level is worth in all; the rest of it was granted before."""
    most: int | None = None
    """What the budget, or the cap that leaves least, allows in all."""
    left: int | None = None
    """What that cap leaves over."""
    said: str | None = None
    """What is excluded: the cause, the customer's type, or what was said of the payment."""


class Wanted(NamedTuple):
    """That a person is to call the customer, because the policy says so of a level."""

    at: str
    shipment_id: str
    days_late: int
    level: int
    rule: str
    policy_version: int
    opened: bool = True
    """Delivery is asked to open a call; ``False``: it was asked on that day, of the same shipment."""
    told: bool = False
    """All heard of it, where there is something to hear."""
    line_ids: tuple[str, ...] = ()
    """The lines that were late: somebody calls about them once, whatever shipments they are moved to."""


class Rating(NamedTuple):
    """What its customer says of how the shop handled it."""

    at: str
    right: bool
    words: str = ""
    told: bool = False
    """All heard of it."""


@frozen(kw_only=True)
class Remedies:
    """All about one order."""

    order_id: str
    edition: int = 0
    """Rises with each write. 0: not in the table yet."""
    late: Mapping[str, Late] = field(default_factory=dict)
    """By shipment."""
    grants: tuple[Grant, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    """The newest (`MOST_REFUSALS`), the oldest of them first."""
    rating: Rating | None = None
    """What its customer said last."""
    calls: tuple[Wanted, ...] = ()
    """At most one for each level and shipment."""
    seen: tuple[Seen, ...] = ()
    """What was decided on, the oldest first."""

    def granted(self, currency: str, *, of: "Callable[[Grant], bool]" = lambda _: True) -> int:
        """Return what was granted in a currency, in all or of some grants."""
        return sum(grant.amount for grant in self.grants if grant.currency == currency and of(grant))

    def covered(self, *, shipment_id: str, line_ids: Collection[str], level: int) -> "Counter[str]":
        """Return what counts as granted for a shipment at a level, by currency: of a choice at it, what was offered.

        Who chose something cheaper, or nothing, is not offered the rest for the same delay again. Lines that an ERP
        moves to a shipment with another id are granted nothing twice.
        """
        found: Counter[str] = Counter()
        for grant in self.grants:
            if not grant.is_for(shipment_id, line_ids):
                continue
            over = grant.outcome not in (None, REPLACED, GONE) and not grant.is_no_gift and grant.level >= level
            found[grant.currency] += max(grant.offered, grant.amount) if over else grant.amount
        return +found

    @property
    def held_out(self) -> bool:
        """Tell whether its customer is given nothing, to compare."""
        return any(refusal.why == HELD_OUT for refusal in self.refusals)

    @property
    def may_rate(self) -> bool:
        """Tell whether its customer may say how the shop handled it: once they were given something, or held out."""
        over = [grant for grant in self.grants if grant.outcome not in (REPLACED, DENIED, GONE)]
        return self.held_out or any(not grant.open and not grant.awaits for grant in over)

    def given_before(self, grant: Grant) -> bool:
        """Tell whether anything was given, before a grant, for the same shipment."""
        before = self.grants[: self.grants.index(grant)] if grant in self.grants else self.grants
        same = [each for each in before if each.is_for(grant.shipment_id, grant.line_ids)]
        return any(each.amount > 0 and not each.awaits for each in same)

    def fee_left(self, shipment_id: str, fee: int, currency: str | None) -> int:
        """Return what is left of the order's delivery fee that was not given back for its other shipments, or offered.

        Of a fee of which something was given in another currency nothing is: an order has one.
        """
        elsewhere = [grant for grant in self.grants if grant.shipment_id != shipment_id]
        offered = [(grant, each) for grant in elsewhere if grant.outcome is None for each in grant.options]
        given = [(grant.currency, grant.amount) for grant in elsewhere if grant.kind == FEE_BACK]
        given += [(grant.currency, each.amount) for grant, each in offered if each.kind == FEE_BACK]
        if any(each != currency and amount > 0 for each, amount in given):
            return 0
        return max(0, fee - sum(amount for _, amount in given))

    def delayed(
        self,
        shipment_id: str,
        *,
        promised: date,
        days_late: int,
        confirmed: bool,
        edition: int,
        cause: str | None,
        policy: str | None,
    ) -> "Remedies":
        """Return what is known after an event that told a delay; the same where it says nothing new."""
        late = self.late.get(shipment_id, Late())
        if edition <= late.looked:
            return self
        day = promised + timedelta(days=days_late)
        known, asked = (late.known, late.asked)
        if confirmed:
            known = max(day, known or day)
        else:
            asked = max(day, asked or day)
        if edition > late.edition:
            late = replace(late, edition=edition, cause=cause, policy=policy)
        first = min(promised, late.first or promised)
        return self._with(shipment_id, replace(late, first=first, known=known, asked=asked))

    def answered(self, shipment_id: str, *, at: str, arrived: bool) -> "Remedies":
        """Return what is known after its customer said whether a shipment is there; the newest answer counts."""
        late = self.late.get(shipment_id, Late())
        if late.answered_at is not None and at <= late.answered_at:
            return self
        return self._with(shipment_id, replace(late, answered_at=at, arrived=arrived))

    def refused_for(self, *whys: str) -> list[Refusal]:
        """Return the newest refusal of each shipment that was refused last for one of some reasons."""
        newest = {refusal.shipment_id: refusal for refusal in self.refusals}
        return [refusal for refusal in newest.values() if refusal.why in whys]

    def with_grant(self, grant: Grant) -> "Remedies":
        """Return what is known after a grant."""
        return replace(self, grants=(*self.grants, grant))

    def refusing(self, refusal: Refusal) -> "Remedies":
        """Return what is known after a refusal; the same where the last one of the shipment said the same."""
        last = next((each for each in reversed(self.refusals) if each.shipment_id == refusal.shipment_id), None)
        if last is not None and last._replace(at="", told=True) == refusal._replace(at="", told=True):
            return self
        every = (*self.refusals, refusal)
        newest = {each.shipment_id: place for place, each in enumerate(every)}
        first = len(every) - MOST_REFUSALS
        kept = (each for place, each in enumerate(every) if place >= first or newest[each.shipment_id] == place)
        return replace(self, refusals=tuple(kept))

    def calling(self, wanted: Wanted, same_day: Callable[[str], bool]) -> "Remedies":
        """Return what is known once a person is to call; the same where one was for that level, or a higher one.

        Of one shipment a call is asked for once a day: who calls has the whole order before them.
        """
        same = [
            each
            for each in self.calls
            if each.shipment_id == wanted.shipment_id or not set(each.line_ids).isdisjoint(wanted.line_ids)
        ]
        if any(each.level >= wanted.level for each in same):
            return self
        if any(each.opened and same_day(each.at) for each in same):
            wanted = wanted._replace(opened=False, told=True)
        return replace(self, calls=(*self.calls, wanted))

    def seeing(self, seen: Seen) -> "Remedies":
        """Return what is known once it is decided on a shipment as it is seen."""
        return replace(self, seen=(*self.seen, seen)[-MOST_SEEN:])

    def told(self, how: Mapping[str, str]) -> "Remedies":
        """Return what is known once others heard of grants (how, by id) and of budgets that ended."""
        grants = tuple(
            replace(grant, told=how[grant.grant_id]) if grant.untold and grant.grant_id in how else grant
            for grant in self.grants
        )
        refusals = tuple(each._replace(told=True) for each in self.refusals)
        rating = self.rating and self.rating._replace(told=True)
        calls = tuple(each._replace(told=True) for each in self.calls)
        return replace(self, grants=grants, refusals=refusals, rating=rating, calls=calls)

    @property
    def untold(self) -> bool:
        """Tell whether anybody is still to hear of something."""
        if self.rating is not None and not self.rating.told:
            return True
        told = all(refusal.told for refusal in self.refusals) and all(call.told for call in self.calls)
        return not told or any(grant.untold for grant in self.grants)

    def _with(self, shipment_id: str, late: Late) -> "Remedies":
        same = late == self.late.get(shipment_id)
        return self if same else replace(self, late={**self.late, shipment_id: late})


def grant_id_of(order_id: str, shipment_id: str, number: int) -> str:
    """Return the id of a shipment's grant with a number: the same whenever the same is granted again."""
    named = f"{len(order_id)} {order_id} {len(shipment_id)} {shipment_id} {number}"
    return f"g{hashlib.sha256(named.encode()).hexdigest()[:24]}"
