"""Sums, caps and vouchers after any history are what a plain list of grants says.

Delays in any order and twice, customers who choose or do not, people who grant and decide, orders that take vouchers,
come to nothing or leave, vouchers that are taken back, and time that ends choices, vouchers and months.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.agents import Agents, Gift, RefusedError
from standby.compensation.choice_model import RefusedError as NotChosenError
from standby.compensation.choice_model import open_choices
from standby.compensation.choosing import Choosing
from standby.compensation.codes import codes_of, digest
from standby.compensation.following import Follower
from standby.compensation.model import Grant
from standby.compensation.redeeming import Till, Wish
from standby.compensation.voucher_model import RefusedError as NotTakenError
from standby.events.delay import DelayDetected
from standby.events.delivery import OrderCancelled, OrderShipped
from standby.platform.clock import to_text
from standby.platform.tokens import TokenKeys

from tests.promises.unruly import searching
from tests.standby.compensation.remedied import choice, eur, shipping, voucher
from tests.standby.compensation.test_at_once import Many

pytestmark = pytest.mark.promise("P6")

LEVELS = {2: {"voucher": 500, "free_shipping": 300}, 5: {"voucher": 1_500}}
"""What is given in all from so many days late on; of several things the customer chooses one."""
CHOICE_DAYS = 14
VALID = ("granted", "stood", "revoked")
"""What becomes of a voucher; all else has none."""
PER_ORDER, PER_CUSTOMER, BUDGET, APPROVAL, VALID_DAYS = 1_700, 2_000, 2_900, 1_400, 30
ORDERS, NEXT = "ABC", ("N", "M")
OWNERS = {"A": "ana", "B": "ana", "C": "bo"}
EXAMPLES = count(1)
"""Each example has orders and months of its own, so that they may share a table."""
STEPS = st.one_of(
    st.tuples(st.just("late"), st.sampled_from(ORDERS), st.integers(1, 7)),
    st.tuples(st.just("late"), st.sampled_from(ORDERS), st.integers(1, 7)),
    st.tuples(st.just("gives"), st.sampled_from(ORDERS), st.sampled_from([300, 700, 1_600])),
    st.tuples(st.just("chooses"), st.sampled_from(ORDERS), st.integers(0, 1)),
    st.tuples(st.just("looks"), st.just(""), st.just(0)),
    st.tuples(st.just("approves"), st.sampled_from(ORDERS), st.just(0)),
    st.tuples(st.just("denies"), st.sampled_from(ORDERS), st.just(0)),
    *[st.tuples(st.just("redeems"), st.sampled_from(NEXT), st.integers(0, 1))] * 3,
    st.tuples(st.just("ends"), st.sampled_from(NEXT), st.just(0)),
    st.tuples(st.just("leaves"), st.sampled_from(NEXT), st.just(0)),
    st.tuples(st.just("releases"), st.sampled_from(NEXT), st.integers(0, 1)),
    st.tuples(st.just("revokes"), st.just(""), st.integers(0, 3)),
    st.tuples(st.just("passes"), st.just(""), st.sampled_from([1, 17])),
)
Step = tuple[str, str, int]


@dataclass
class Given:
    """A grant on paper, and its voucher."""

    order: str
    amount: int
    month: str
    level: int
    waits: bool
    offered: int = 0
    options: dict[str, int] = field(default_factory=dict)
    """What its customer may still choose from."""
    until: int = 0
    """The first day on which they may not any more."""
    ends: int = 0
    """The day on which its voucher ends."""
    state: str = "granted"
    holder: str | None = None
    by: str | None = None
    spent: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)


@dataclass
class Paper:
    """All that was granted, as a list."""

    day: int = 0
    month: str = ""
    given: list[Given] = field(default_factory=list)
    worst: Counter[str] = field(default_factory=Counter)
    over: dict[str, bool] = field(default_factory=dict)
    asked: set[tuple[str, int]] = field(default_factory=set)

    def late(self, order: str, days: int) -> None:
        self.worst[order] = max(days, self.worst[order])
        reached = [level for level in LEVELS if level <= self.worst[order]]
        if reached:
            self.worth(order, LEVELS[reached[-1]], reached[-1])

    def chooses(self, order: str, place: int) -> None:
        known = next((each for each in self.given if each.order == order and each.options and not each.waits), None)
        kind = ("voucher", "free_shipping")[place]
        if known is not None and self.day < known.until and kind in known.options:
            self.settle(known, "granted", known.options[kind])

    def looks(self, _about: str, _number: int) -> None:
        for known in self.given:
            if known.options and not known.waits and self.day >= known.until:
                self.settle(known, "lapsed", 0)

    def settle(self, known: Given, state: str, amount: int) -> None:
        known.state, known.amount, known.options, known.ends = state, amount, {}, self.day + VALID_DAYS

    def gives(self, order: str, amount: int) -> None:
        if (order, amount) not in self.asked and self.worth(order, {"voucher": amount}, self.worst[order]):
            self.asked.add((order, amount))

    def worth(self, order: str, values: dict[str, int], level: int) -> bool:
        mine = [each for each in self.given if each.order == order]
        offered = [
            each.offered - each.amount
            for each in mine
            if each.offered and each.state != "replaced" and each.level >= level
        ]
        if max(values.values()) <= sum(each.amount for each in mine) + sum(offered):
            return False
        opened = [(each, each.amount) for each in mine if each.options and not each.waits]
        for known, _ in opened:
            known.amount = 0
        already = sum(each.amount for each in mine)
        left = min(PER_ORDER - already, PER_CUSTOMER - self.spent(OWNERS[order]))
        options = {kind: least for kind, value in values.items() if (least := min(value - already, left)) > 0}
        amount = max(options.values(), default=0)
        if amount <= sum(each for _, each in opened) or self.spent() + amount > BUDGET:
            for known, before in opened:
                known.amount = before
            return False
        for known, _ in opened:
            known.state, known.options = "replaced", {}
        made = Given(order, amount, self.month, level, already + amount > APPROVAL, ends=self.day + VALID_DAYS)
        if len(options) > 1:
            made.options, made.until, made.state = options, self.day + CHOICE_DAYS + 1, "open"
            made.offered = amount
        self.given.append(made)
        return True

    def spent(self, owner: str | None = None, month: str | None = None) -> int:
        of = [each for each in self.given if owner in (None, OWNERS[each.order])]
        return sum(each.amount for each in of if each.month == (month or self.month))

    def waiting(self, order: str) -> Given | None:
        return next((each for each in self.given if each.order == order and each.waits), None)

    def approves(self, order: str, _: int) -> None:
        known = self.waiting(order)
        if known is not None:
            known.waits, known.ends = False, self.day + VALID_DAYS

    def denies(self, order: str, _: int) -> None:
        known = self.waiting(order)
        if known is not None:
            known.waits, known.state, known.offered, known.amount = False, "denied", known.amount, 0
            known.options = {}

    def voucher(self, place: int) -> Given | None:
        valid = [each for each in self.given if not each.waits and each.state in VALID]
        return valid[place] if place < len(valid) else None

    def redeems(self, order: str, place: int) -> None:
        known = self.voucher(place)
        if known is None or known.state == "revoked":
            return
        if known.holder is not None:
            known.by = order if (known.holder, known.by) == (order, None) else known.by
        elif order not in known.spent and self.day < known.ends and not self.over.get(order):
            known.holder = known.by = order
            known.users.add(order)

    def ends(self, order: str, _: int) -> None:
        self.over[order] = True
        for known in self.given:
            free(known, order)

    def releases(self, order: str, place: int) -> None:
        known = self.voucher(place)
        if known is not None and free(known, order):
            known.users.discard(order)

    def leaves(self, order: str, _: int) -> None:
        self.over[order] = False
        for known in self.given:
            if order in known.users and known.state == "granted":
                if known.holder is None and self.day < known.ends:
                    known.holder, known.by = order, None
                known.state = "stood" if known.holder == order else known.state

    def revokes(self, _: str, place: int) -> None:
        known = self.voucher(place)
        if known is not None and known.holder is None:
            known.state = "revoked"

    def passes(self, _: str, days: int) -> None:
        self.day += days
        for known in self.given:  # nobody placed these orders within a day
            if known.holder is not None:
                free(known, known.holder)


def free(known: Given, order: str) -> bool:
    """Take a voucher from an order on paper; tell whether that had it, and did not leave."""
    if known.holder != order or known.state != "granted":
        return False
    known.spent |= {known.by} if known.by else set()
    known.holder = known.by = None
    return True


class Real:
    """The same with the product."""

    def __init__(self, many: Many) -> None:
        self.many, self.number, self.editions = many, next(EXAMPLES), count(2)
        self.keys, self.made = TokenKeys(current="key"), list[str]()
        many.clock.advance(days=70)
        issuer = many.issuer()
        self.choosing = Choosing(issuer=issuer, book=many.book, clock=many.clock)
        self.agents = Agents(issuer=issuer, book=many.book)
        self.till = Till(book=many.vouchers, bus=many.bus, clock=many.clock, order=lambda _order_id: None)
        self.follower = Follower(
            uses=many.vouchers,
            till=self.till,
            orders=many.orders,
            clock=many.clock,
            count=lambda _name, _times: None,
            zone=UTC,
        )

    @property
    def month(self) -> str:
        return f"{self.many.clock.now():%Y-%m}"

    def id(self, order: str) -> str:
        return f"{order}-{self.number}"

    def late(self, order: str, days: int) -> None:
        self.many.orders.email = f"{OWNERS[order]}-{self.number}@example.org"
        event = DelayDetected(
            id=f"{order}:{days}",
            at=to_text(self.many.clock.now()),
            edition=next(self.editions),
            promised_until="2026-05-02",
            days_late=days,
            order_id=self.id(order),
            shipment_id="A",
        )
        for _ in range(2):
            self.many.issuer().hear(event)

    def gives(self, order: str, amount: int) -> None:
        self.many.orders.email = f"{OWNERS[order]}-{self.number}@example.org"
        remedy = {"kind": "voucher", "amount": eur(amount), "revocable": True}
        said = {"remedy": remedy, "reason": "r", "agent": "a"}
        gift = Gift.of(said, holder="key", caller="key", key=f"{self.number} {order} {amount}")
        try:
            self.agents.give(self.id(order), gift)
        except RefusedError:
            return

    def chooses(self, order: str, place: int) -> None:
        for grant in open_choices(self.many.book.remedies(self.id(order)))[:1]:
            with suppress(NotChosenError):
                self.choosing.choose(self.id(order), grant.grant_id, ("voucher", "free_shipping")[place])

    def looks(self, _about: str, _number: int) -> None:
        for order in ORDERS:
            self.choosing.look(self.id(order))

    def approves(self, order: str, _: int) -> None:
        self._decides(order, "approved")

    def denies(self, order: str, _: int) -> None:
        self._decides(order, "denied")

    def _decides(self, order: str, decision: str) -> None:
        waits = [grant for grant in self.many.book.remedies(self.id(order)).grants if grant.awaits]
        for grant in waits[:1]:
            self.agents.decide(self.id(order), grant.grant_id, decision, "boss")

    def redeems(self, order: str, place: int) -> None:
        code = self.code(place)
        wish = Wish.of("key", self.id(order), {"order_id": self.id(order), "order_total": eur(4_000)})
        if code is not None:
            try:
                self.till.redeem(code, wish)
            except NotTakenError:
                return

    def releases(self, order: str, place: int) -> None:
        code = self.code(place)
        if code is not None:
            try:
                self.till.release(code, self.id(order))
            except NotTakenError:
                return

    def revokes(self, _: str, place: int) -> None:
        code = self.code(place)
        if code is not None:
            try:
                self.till.revoke(code)
            except NotTakenError:
                return

    def ends(self, order: str, _: int) -> None:
        said = OrderCancelled(complete=True, came_to_nothing=True, **self._about(order))
        self.follower.hear(said)
        self.follower.hear(said)

    def leaves(self, order: str, _: int) -> None:
        self.follower.hear(OrderShipped(complete=True, **self._about(order)))

    def passes(self, _: str, days: int) -> None:
        self.many.clock.advance(days=days)
        for place in range(len(self.made)):
            code = self.code(place)
            if code is not None:
                self.till.look(digest(code))

    def _about(self, order: str) -> dict[str, Any]:
        now, edition = to_text(self.many.clock.now()), next(self.editions)
        about = {"id": f"{order}@{edition}", "at": now, "occurred_at": now, "as_of": now, "lines": []}
        return {**about, "order_id": self.id(order), "edition": edition}

    def code(self, place: int) -> str | None:
        found = sorted(self.grants(), key=lambda grant: self.made.index(grant.grant_id))
        valid = [grant.grant_id for grant in found if grant.code is not None]
        return codes_of(self.keys, valid[place])[0] if place < len(valid) else None

    def grants(self) -> list[Grant]:
        return [grant for order in ORDERS for grant in self.many.book.remedies(self.id(order)).grants]

    def notes(self) -> None:
        """Note which grants are new."""
        self.made += [each.grant_id for each in self.grants() if each.grant_id not in self.made]


@pytest.fixture
def many(tables: Any) -> Many:
    made = Many(tables)
    made.sets(
        choice(2, voucher(2, 500), shipping(2, 300), days=CHOICE_DAYS),
        voucher(5, 1_500),
        budget=BUDGET,
        per_order=[eur(PER_ORDER)],
        per_customer_month=[eur(PER_CUSTOMER)],
        approval_above=[eur(APPROVAL)],
        voucher_valid_days=VALID_DAYS,
    )
    return made


@searching(examples=40, steps=1)
@given(steps=st.lists(STEPS, min_size=4, max_size=16))
def test_what_is_kept_after_any_history_is_what_paper_says(many: Many, steps: list[Step]) -> None:
    real, paper = Real(many), Paper()
    for step, about, number in steps:
        paper.month = real.month
        getattr(paper, step)(about, number)
        getattr(real, step)(about, number)
        real.notes()
    for order in ORDERS:
        amounts = [each.amount for each in paper.given if each.order == order]
        assert [grant.amount for grant in many.book.remedies(real.id(order)).grants] == amounts
    months = {each.month for each in paper.given}
    for month in months:
        assert kept(many, "BUDGET", f"MONTH#{month}#EUR").get("granted", 0) == paper.spent(month=month) <= BUDGET
        exported, following = many.book.booked(month, None)
        assert following is None
        assert sum(each.grant.amount for each in exported) == paper.spent(month=month)
    found = [real.code(place) for place in range(len(paper.given))]
    for place, code in enumerate(code for code in found if code is not None):
        known, own = paper.voucher(place), many.vouchers.voucher(digest(code))
        assert known is not None
        assert own is not None
        expected = "redeemed" if known.holder and known.state == "granted" else known.state
        assert (own.state, own.redeemed_for) == (expected, None if known.holder is None else real.id(known.holder))
    waiting = Counter(real.id(each.order) for each in paper.given if each.waits)
    assert Counter(order_id for order_id in awaiting(many) if order_id.endswith(f"-{real.number}")) == waiting


def awaiting(many: Many) -> list[str]:
    """Return the orders of all that waits for approval."""
    found, after = many.book.awaiting(None)
    while after is not None:
        more, after = many.book.awaiting(after)
        found += more
    return [order_id for order_id, _ in found]


def kept(many: Many, pk: str, sk: str) -> dict[str, Any]:
    return many.book.table.item({"pk": pk, "sk": sk}) or {}
