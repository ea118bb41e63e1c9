"""Whatever happens in whatever order: what was granted is what a plain model says, and all sums say the same."""

from collections import Counter
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.choice_model import RefusedError, open_choices
from standby.compensation.choosing import Choosing
from standby.compensation.revoking import Revoking
from standby.platform.address import mailbox_key
from standby.platform.clock import to_text

from tests.promises.unruly import searching
from tests.standby.compensation.remedied import choice, eur, percent, shipping, voucher
from tests.standby.compensation.test_at_once import Many, delay

pytestmark = pytest.mark.promise("P6")

DAYS = 14
LEVELS = {
    2: {"percent_off": 800, "voucher": 500},
    4: {"voucher": 900},
    6: {"percent_off": 1_600, "voucher": 700, "free_shipping": 1_200},
    9: {"free_shipping": 1_900, "voucher": 2_000},
}
OTHERWISE = {2: "voucher", 6: None, 9: "free_shipping"}
MADE = {"percent_off": lambda most: percent(1, 10, most), "voucher": lambda most: voucher(1, most)}
KINDS = ("percent_off", "voucher", "free_shipping")
NUMBERS = count()


class Late(NamedTuple):
    """It is so many days late now."""

    days: int


class Chosen(NamedTuple):
    """Its customer presses a button."""

    kind: str


class Passed(NamedTuple):
    """Days pass, and it is looked what is due."""

    days: int


class Revoked(NamedTuple):
    """The shop takes the choice back."""


STEPS = st.lists(
    st.one_of(
        st.builds(Late, st.integers(1, 10)),
        st.builds(Chosen, st.sampled_from(KINDS)),
        st.builds(Passed, st.sampled_from([1, DAYS + 1])),
        st.builds(Revoked),
    ),
    max_size=12,
)


def levels() -> list[dict[str, Any]]:
    """Return the policy's levels."""
    made = []
    for days, worth in LEVELS.items():
        remedies = [MADE.get(kind, lambda most: shipping(1, most))(most) for kind, most in worth.items()]
        otherwise = {"otherwise": OTHERWISE[days]} if OTHERWISE.get(days) else {}
        of = choice(days, *remedies, days=DAYS, **otherwise)
        made.append(of if len(remedies) > 1 else {**remedies[0], "days_late": days})
    return made


class Model:
    """What a customer has, by arithmetic alone."""

    def __init__(self) -> None:
        self.has, self.level, self.days, self.left = 0, 0, 0, 0
        self.options: dict[str, int] = {}
        """What each remedy that may be chosen comes to in all."""

    @property
    def counted(self) -> int:
        return max([self.has, *self.options.values()])

    def step(self, step: Any) -> None:
        match step:
            case Late(days):
                self.days = max(self.days, days)
                level = max((each for each in LEVELS if each <= self.days), default=0)
                if level > self.level and max(LEVELS[level].values()) > self.counted:
                    self._reach(level)
            case Chosen(kind) if kind in self.options and self.left > 0:
                self._settle(self.options[kind])
            case Passed(days):
                self.left -= days
                if self.options and self.left <= 0:
                    self._settle(self.options.get(OTHERWISE[self.level] or "", self.has))
            case Revoked() if self.options:
                self._settle(self.has)

    def _reach(self, level: int) -> None:
        self.level = level
        self.options = {kind: worth for kind, worth in LEVELS[level].items() if worth > self.has}
        self.left = DAYS + 1
        if len(self.options) == 1:
            self._settle(*self.options.values())

    def _settle(self, has: int) -> None:
        self.has, self.options = has, {}


class Shop:
    """The product, on tables in memory."""

    def __init__(self, tables: Any, **caps: Any) -> None:
        self.many, self.order_id, self.edition = Many(tables), f"O-{next(NUMBERS)}", 0
        self.many.sets(*levels(), **caps)
        self.before = self.spent()

    def step(self, step: Any) -> None:
        choosing = Choosing(issuer=self.many.issuer(), book=self.many.book, clock=self.many.clock)
        known = open_choices(self.many.book.remedies(self.order_id))
        match step:
            case Late(days):
                self.edition += 1
                event = delay(self.order_id)._replace(days_late=days, edition=self.edition)
                for _ in range(2):  # each event comes twice
                    self.many.issuer().hear(event)
            case Chosen(kind):
                for grant in known * 2:
                    with suppress(RefusedError):
                        choosing.choose(self.order_id, grant.grant_id, kind)
            case Passed(days):
                self.many.clock.advance(days=days)
                choosing.look(self.order_id)
            case Revoked():
                for grant in known:
                    Revoking(book=self.many.book, clock=self.many.clock).revoke(self.order_id, grant.grant_id)

    def granted(self) -> int:
        return self.many.book.remedies(self.order_id).granted("EUR")

    def spent(self) -> int:
        return sum(self.months("BUDGET", "#EUR", "granted").values())

    def months(self, pk: str, end: str, name: str) -> dict[str, int]:
        """Return what is counted in each month."""
        months = [f"{year}-{month:02}" for year in (2026, 2027) for month in range(1, 13)]
        items = {month: self.many.book.table.item({"pk": pk, "sk": f"MONTH#{month}{end}"}) or {} for month in months}
        return {month: item[name] for month, item in items.items() if item.get(name)}


@searching(examples=40, steps=1)
@given(STEPS)
def test_what_was_granted_and_what_it_counts_is_what_a_plain_model_says(tables: Any, steps: list[Any]) -> None:
    shop, model = Shop(tables), Model()
    for step in steps:
        shop.step(step)
        model.step(step)
        assert shop.granted() == model.counted, (step, to_text(shop.many.clock.now()))
        assert shop.spent() - shop.before == model.counted, step
    assert not any(grant.customer for grant in shop.many.book.remedies(shop.order_id).grants if not grant.open)


ORDER, CUSTOMER, BUDGET = 1_700, 2_400, 3_000


@searching(examples=40, steps=1)
@given(st.lists(st.tuples(st.integers(0, 2), STEPS.map(lambda steps: steps[:2])), max_size=8))
def test_no_sum_is_ever_above_what_it_may_be_and_each_is_what_its_grants_cost(tables: Any, turns: list[Any]) -> None:
    caps = {"per_order": [eur(ORDER)], "per_customer_month": [eur(CUSTOMER)], "budget": BUDGET}
    shops = [Shop(tables, **caps) for _ in range(3)]
    email, book = f"{shops[0].order_id}@example.org", shops[0].many.book
    before = shops[0].months("BUDGET", "#EUR", "granted")
    for shop in shops:
        shop.many.sets(*levels(), **{**caps, "budget": BUDGET + sum(before.values())})
        shop.many.orders.email, shop.many.clock = email, shops[0].many.clock
    for number, steps in turns:
        for step in steps:
            shops[number].step(step)
            grants = [grant for shop in shops for grant in book.remedies(shop.order_id).grants]
            counted = Counter({grant.month: 0 for grant in grants})
            for grant in grants:
                counted[grant.month] += grant.amount
            theirs = shops[0].months(f"CUSTOMER#{mailbox_key(email)}", "", "spent_EUR")
            assert theirs == {month: amount for month, amount in counted.items() if amount}
            assert all(amount <= CUSTOMER for amount in theirs.values())
            assert all(shop.granted() <= ORDER for shop in shops)
            everybody = Counter(shops[0].months("BUDGET", "#EUR", "granted"))
            everybody.subtract(before)
            assert +everybody == +counted
