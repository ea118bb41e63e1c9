"""Past orders decided once more, by another policy: what the policy would have granted for them, and what it costs.

Granting itself decides (`granting`), on paper: it reads and writes what is in memory, and tells nobody. So the policy
that was in force comes to what it granted. What people granted by hand, and what customers, people and time made of
remedies since, is not repeated: a choice counts by its dearest option, and what waits for approval as approved.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from standby.compensation.granting import Issuer
from standby.compensation.model import BUDGET_SPENT, WRITTEN, Account, Freed, Grant, Late, Remedies
from standby.compensation.ordered import Ordered
from standby.compensation.policy_model import Policy
from standby.compensation.rehearsing import NO_TIER, About, Choices, Costs
from standby.compensation.seen_model import Facts, Seen
from standby.compensation.voucher_model import Voucher
from standby.mail_job import MailJob
from standby.platform.clock import from_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing

DAY = date(2000, 1, 1)
"""The promised day of every delay on paper: only how many days late it is matters."""
GRACE = "grace"
"""Whether a delay lasted as long as the policy's grace, nobody looked: it counts as if it had."""
WITHIN_GRACE = "within_grace"
"""Nothing was to be decided: the delay was over within the policy's grace, or that was not over yet."""
Spender = tuple[str, str, str]
"""A month, a currency and a customer."""


class Chosen(NamedTuple):
    """What a past choice came to."""

    shipment_id: str
    options: Mapping[str, int]
    """What was offered: minor units by kind."""
    amount: int


@frozen(kw_only=True)
class PastOrder:
    """A late order of the past, as far as it was decided on paper."""

    order_id: str
    rows: tuple[Seen, ...]
    """Each time it was decided on, or would have been. All have facts but those of which nothing was known."""
    place: int = 0
    """How many of them are decided."""
    granted: tuple[int, ...] = ()
    """The places of those at which something was granted."""
    counted_as: str = ""
    """A key by which its customer is always found among the same."""
    customer: str | None = None
    """A key that stands for the customer's mailbox."""
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of each shipment, where there are several, by what names them for good (`Ordered.marks_of`)."""
    chosen: tuple[Chosen, ...] = ()
    grants: Mapping[str, Sequence[Grant]] = field(default_factory=dict)
    """What each policy granted so far, on paper."""

    @property
    def over(self) -> bool:
        """Tell whether all of it is decided."""
        return self.place == len(self.rows)

    @property
    def turn(self) -> str:
        """Return when its next row is decided among all, as a text that is sorted by that.

        Of what was decided in one moment, that comes first for which something was granted: what the others left of
        budget and caps did not suffice for the rest.
        """
        at = self.rows[self.place].at
        given = any(self.rows[place].at == at for place in self.granted if place >= self.place)
        return f"{at}#{0 if given else 1}#{self.order_id}"


@dataclass(slots=True)
class Tally:
    """What a policy would have granted so far."""

    orders: int = 0
    """That would have been given something."""
    costs: dict[str, Costs] = field(default_factory=dict)
    """By currency; a remedy counts once, what a longer delay adds is another."""
    refused: Counter[str] = field(default_factory=Counter)
    """Shipments that would have been given nothing, by why."""
    unsure: Counter[str] = field(default_factory=Counter)
    """Shipments that are counted, but of which something is not known."""
    granted: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Minor units by month and currency."""
    choices: dict[str, Choices] = field(default_factory=dict)
    """By currency."""


@dataclass(kw_only=True)
class Replay:
    """Decides past orders by a policy, in the order in which they were decided."""

    name: str
    """Of the policy, among those that are rehearsed together."""
    policy: Policy
    zone: tzinfo
    home: str
    spent_before: Callable[[Spender], int]
    """Returns what a customer was granted on paper, before what is in `spent`."""
    tally: Tally = field(default_factory=Tally)
    spent: dict[Spender, int] = field(default_factory=dict)
    """What customers were granted, where that was asked or changed."""
    before: dict[Spender, int] = field(default_factory=dict)
    """The same, as it was at first."""

    def decide(self, order: PastOrder) -> Sequence[Grant]:
        """Decide the next row of an order, and return what it was granted in all."""
        row, before = order.rows[order.place], order.grants.get(self.name, ())
        paper = _Paper(self, order, Remedies(order_id=order.order_id, edition=1, grants=tuple(before)))
        why = paper.decided(row) if self._asks(order, row) else None
        grants = paper.known.grants
        self.tally.orders += bool(grants) and not before
        theirs = [each for each in order.rows[order.place + 1 :] if each.shipment_id == row.shipment_id]
        if not theirs and not any(each.shipment_id == row.shipment_id for each in grants):
            self.tally.refused[why or WITHIN_GRACE] += 1
        return grants

    def _asks(self, order: PastOrder, row: Seen) -> bool:
        """Tell whether granting would have decided then: with grace, it waits and looks again."""
        if not self.policy.grace_hours:
            return True
        waited = [each.grace_hours for each in order.rows[: order.place + 1] if each.shipment_id == row.shipment_id]
        if waited[0] != self.policy.grace_hours and len(waited) == 1:
            self.tally.unsure[GRACE] += 1
        return row.looked or not row.grace_hours


class _Paper:
    """What granting reads and writes of one order, in memory."""

    def __init__(self, replay: Replay, order: PastOrder, known: Remedies) -> None:
        self.replay, self.order_replayed, self.known = replay, order, known
        self.row = order.rows[order.place]

    def decided(self, row: Seen) -> str | None:
        """Let granting decide, and return why it refused, if it did."""
        late = Late(first=DAY, known=DAY + timedelta(days=row.days_late), cause=row.cause, policy=row.policy)
        after = replace(self.known, late={row.shipment_id: late})
        self._issuer().decide(self.replay.policy, self.known, row.shipment_id, after)
        return self.known.refusals[-1].why if self.known.refusals else None

    def _issuer(self) -> Issuer:
        replay = self.replay
        return Issuer(
            book=self,
            orders=self,
            bus=_Nobody(),
            mails=_Nobody,
            queue=_Nobody(),
            clock=self,
            zone=replay.zone,
            home=replay.home,
            count=_ignore,
        )

    def now(self) -> datetime:
        """Return when it was decided."""
        return from_text(self.row.at)

    def order(self, order_id: str) -> Ordered | None:
        """Return the order as it was seen then."""
        facts = self.row.facts
        if facts is None:
            return None
        return _PastOrdered(
            order_id=order_id,
            said={},
            placed_at_microseconds=0,
            lines={},
            shipments={},
            gone=frozenset(),
            past=self.order_replayed,
            known=facts,
        )

    def policy(self) -> Policy:
        """Return the policy that is rehearsed."""
        return self.replay.policy

    def remedies(self, _order_id: str) -> Remedies:
        """Return what is known of the order."""
        return self.known

    def spent(self, account: Account) -> int:
        """Return what a customer was granted in a month."""
        return self._spent((account.month, account.currency, account.customer or ""))

    def _spent(self, spender: Spender) -> int:
        if spender not in self.replay.spent:
            before = self.replay.spent_before(spender)
            self.replay.spent[spender] = self.replay.before[spender] = before
        return self.replay.spent[spender]

    def keep(self, remedies: Remedies, *, now: datetime) -> bool:  # noqa: ARG002 - the port's
        """Know that from now on."""
        self.known = remedies
        return True

    def grant(
        self,
        remedies: Remedies,
        account: Account,
        voucher: Voucher | None,  # noqa: ARG002 - the port's
        *,
        now: datetime,  # noqa: ARG002 - as above
        freed: Sequence[Freed] = (),
    ) -> str:
        """Count a grant with what it frees, unless the budget of its month is spent."""
        tally, grant = self.replay.tally, remedies.grants[-1]
        again = sum(each.amount for each in freed if each[:2] == account[:2])
        after = tally.granted[account[:2]] + grant.amount - again
        if grant.amount > account.budget or after > account.budget:
            return BUDGET_SPENT
        for month, currency, customer, amount in [
            (account.month, account.currency, account.customer, grant.amount),
            *((each.month, each.currency, each.customer, -each.amount) for each in freed),
        ]:
            tally.granted[month, currency] += amount
            if customer is not None and self.replay.policy.per_customer_month:
                spender = (month, currency, customer)
                self.replay.spent[spender] = self._spent(spender) + amount
        self._count(remedies, grant)
        self.known = remedies
        return WRITTEN

    def _count(self, remedies: Remedies, grant: Grant) -> None:
        before = {each.grant_id: each.amount for each in self.known.grants}
        tier = (self.row.facts or Facts()).tier or NO_TIER
        for each in remedies.grants:
            more = each.amount - before.get(each.grant_id, 0)
            if more or each is grant:
                about = About(each.month, tier, each.rule, each.kind)
                self.replay.tally.costs.setdefault(each.currency, Costs()).add(about, more, int(each is grant))
        if grant.options:
            offered = {option.kind: option.amount for option in grant.options}
            for chosen in self.order_replayed.chosen:
                if (chosen.shipment_id, chosen.options) == (grant.shipment_id, offered):
                    known = self.replay.tally.choices.setdefault(grant.currency, Choices())
                    known.count += 1
                    known.reserved += grant.amount
                    known.came_to += chosen.amount
                    break

    def vouchers(self, _codes: Sequence[str]) -> Mapping[str, Voucher]:
        """Return no vouchers: there are none on paper."""
        return {}

    def ended(self, _account: Account) -> bool:
        """Tell nobody that the budget ended."""
        return True

    def note_ended(self, account: Account, *, at: str, now: datetime) -> None:
        """Note nothing."""


@frozen(kw_only=True)
class _PastOrdered(Ordered):
    """An order as it was seen when granting decided on it."""

    past: PastOrder
    known: Facts

    def facts(self, shipment_id: str) -> Facts:  # noqa: ARG002 - they are those of the shipment
        return self.known

    def lines_of(self, shipment_id: str) -> frozenset[str]:
        return frozenset(self.past.lines.get(shipment_id, ()))

    @property
    def mailbox(self) -> str | None:
        return self.past.customer

    @property
    def counted_as(self) -> str:
        return self.past.counted_as


class _Nobody:
    """Hears and is mailed nothing."""

    def publish(self, events: object) -> None:
        """Tell nobody."""

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Send nothing."""

    def digest(self, _grant_id: str) -> str:
        """Return what stands for a code."""
        return ""

    def write(self, grant: Grant, ordered: Ordered, *, more: bool) -> MailJob:
        """Nobody is mailed."""
        raise NotImplementedError

    def together(self, grants: Sequence[Grant], ordered: Ordered) -> MailJob:
        """Nobody is mailed."""
        raise NotImplementedError


def _ignore(_name: str, _value: int) -> None:
    pass
