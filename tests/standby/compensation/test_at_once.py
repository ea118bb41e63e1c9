"""Many delays at once: the budget is exact, a cap too, and one delay is made good once however many hear of it."""

import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from os import environ
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standby.compensation.agents import Agents, Gift
from standby.compensation.agents import RefusedError as NotGrantedError
from standby.compensation.choice_model import RefusedError
from standby.compensation.choosing import Choosing
from standby.compensation.granting import Issuer
from standby.compensation.ordered import Line, Ordered
from standby.compensation.repository import RemedyBook
from standby.compensation.voucher_repository import VoucherBook
from standby.events.delay import DelayDetected
from standby.events.grant import RemedyGranted
from standby.platform.backoff import Backoff, BusyError
from standby.platform.schema import reader
from standby.platform.table import Table

from tests.fakes import FakeBus, FakeClock, FakeQueue
from tests.standby.compensation.remedied import FEATURE, ONE_OF_THREE, document, eur, mails_by, rule, voucher

pytestmark = pytest.mark.promise("P6")

AT_ONCE = 64
WORKERS = 8
SHIPMENTS = 600 if "STANDBY_STORMS" in environ else 40
"""Of one order that is late as a whole; ``STANDBY_STORMS`` makes it as large as orders are."""


class Ordering:
    """Everybody ordered the same, each by their own address unless it is said otherwise."""

    email: str | None = None

    def order(self, order_id: str) -> Ordered:
        return Ordered(
            order_id=order_id,
            said={"customer": {"email": self.email or f"{order_id}@example.org"}, "ship_to": {"country": "DE"}},
            placed_at_microseconds=0,
            lines={"1": Line(1, 5_000, "EUR")},
            shipments={"A": frozenset({"1"})},
            gone=frozenset(),
        )


class Many:
    """Issuers that share a table; each hears one event at the same moment."""

    def __init__(self, tables: Any) -> None:
        table = Table("Compensation", tables)
        self.book, self.vouchers, self.orders = RemedyBook(table), VoucherBook(table), Ordering()
        self.bus, self.queue, self.clock = FakeBus(), FakeQueue(), FakeClock()

    def sets(self, *levels: Any, **more: Any) -> None:
        said = reader(FEATURE, "policy")(document(rule(*(levels or (voucher(1, 500),))), **more))
        self.book.set_policy(said, by="test", at="2026-05-03T10:00:00.000Z")

    def issuer(self) -> Issuer:
        return Issuer(
            book=self.book,
            orders=self.orders,
            bus=self.bus,
            mails=lambda: mails_by("key"),
            queue=self.queue,
            clock=self.clock,
            zone=ZoneInfo("UTC"),
            home="DE",
            count=lambda _name, _value: None,
        )

    def hear(self, order_ids: Iterable[str]) -> None:
        at_once(lambda event: self.issuer().hear(event), [delay(order_id) for order_id in order_ids])

    def choose(self, order_id: str, kinds: Iterable[str]) -> list[str]:
        """Let many choose at the same moment; return the kinds of those who were told that it is theirs."""
        (grant,) = self.book.remedies(order_id).grants

        def one(kind: str) -> str | None:
            try:
                Choosing(issuer=self.issuer(), book=self.book, clock=self.clock).choose(order_id, grant.grant_id, kind)
            except RefusedError:
                return None
            return kind

        return [kind for kind in at_once(one, list(kinds)) if kind is not None]

    def grants(self, order_ids: Iterable[str]) -> int:
        return sum(len(self.book.remedies(order_id).grants) for order_id in order_ids)


def at_once(act: Callable[[Any], Any], each: Sequence[Any]) -> list[Any]:
    """Act on each, all at the same moment."""
    barrier = Barrier(len(each))

    def one(about: Any) -> Any:
        barrier.wait()
        return act(about)

    with ThreadPoolExecutor(len(each)) as pool:
        return list(pool.map(one, each))


def delay(order_id: str) -> DelayDetected:
    return DelayDetected(
        id=f"{order_id}@A",
        at="2026-05-03T10:00:00.000Z",
        edition=2,
        promised_until="2026-05-02",
        days_late=3,
        order_id=order_id,
        shipment_id="A",
    )


@pytest.fixture
def many(tables: Any) -> Many:
    return Many(tables)


def test_sixty_four_delays_against_a_budget_for_ten_are_made_good_exactly_ten_times(many: Many) -> None:
    many.sets(budget=5_499)
    names = [f"O-{number}" for number in range(AT_ONCE)]
    many.hear(names)
    assert many.grants(names) == 10
    assert len({event.id for event in many.bus.named("RemedyGranted")}) == 10
    assert {event.id for event in many.bus.named("BudgetEnded")} == {"budget#2026-05#EUR#5499"}


def test_one_delay_of_which_sixty_four_hear_is_made_good_once(many: Many) -> None:
    many.sets()
    many.hear(["O"] * AT_ONCE)
    assert many.grants(["O"]) == 1
    assert len({body["job_id"] for body in many.queue.bodies()}) == 1


def test_one_customers_orders_at_once_stay_within_the_cap_of_the_month(many: Many) -> None:
    many.sets(per_customer_month=[eur(1_300)])
    many.orders.email = "ana@example.org"
    names = [f"O-{number}" for number in range(16)]
    many.hear(names)
    amounts = sorted(grant.amount for name in names for grant in many.book.remedies(name).grants)
    assert amounts == [300, 500, 500]


def test_of_different_choices_at_once_one_counts_and_the_budget_has_its_cost_alone(many: Many) -> None:
    many.sets(ONE_OF_THREE)
    many.hear(["O"])
    kinds = ["percent_off", "voucher", "free_shipping"] * 8
    (theirs,) = set(many.choose("O", kinds))
    (grant,) = many.book.remedies("O").grants
    assert (grant.kind, grant.outcome) == (theirs, "chosen")
    month = many.book.table.item({"pk": "BUDGET", "sk": "MONTH#2026-05#EUR"}) or {}
    assert month["granted"] == grant.amount
    assert {event.kind for event in many.bus.named("RemedyChosen")} == {theirs}
    assert len({body["job_id"] for body in many.queue.bodies() if body["kind"] == "remedy"}) == 1


def test_people_and_the_policy_at_once_grant_one_delay_once(many: Many) -> None:
    many.sets()

    def act(number: int) -> None:
        if number % 2:
            many.issuer().hear(delay("O"))
            return
        said = {"remedy": {"kind": "voucher", "amount": eur(500)}, "reason": "they wrote", "agent": "Dana"}
        gift = Gift.of(said, holder="key", caller="key", key=f"k-{number}")
        with suppress(NotGrantedError):
            Agents(issuer=many.issuer(), book=many.book).give("O", gift)

    at_once(act, range(32))
    assert [grant.amount for grant in many.book.remedies("O").grants] == [500]
    assert len({event.id for event in many.bus.named("RemedyGranted")}) == 1


class Large(Ordering):
    """One order in many shipments, each of one line."""

    def order(self, order_id: str) -> Ordered:
        names = [f"S-{number}" for number in range(SHIPMENTS)]
        lines = dict.fromkeys(names, Line(1, 5_000, "EUR"))
        return replace(super().order(order_id), lines=lines, shipments={name: frozenset({name}) for name in names})


@pytest.mark.promise("P2", "P3")
def test_of_delays_of_all_shipments_of_one_order_at_once_none_is_lost_and_none_made_good_twice(many: Many) -> None:
    """Each of many workers takes what waits, some of it comes twice, and what is too busy comes again."""
    many.orders = Large()
    many.sets(budget=SHIPMENTS * 500)
    chance = random.Random(13)
    events = [delay("BIG")._replace(id=f"d-{number}", shipment_id=f"S-{number}") for number in range(SHIPMENTS)]
    waiting = deque([*events, *chance.sample(events, SHIPMENTS // 20)])
    chance.shuffle(waiting)
    barrier = Barrier(WORKERS)

    def works(_worker: int) -> int:
        issuer, busy = replace(many.issuer(), backoff=Backoff(base_seconds=0.001)), 0
        barrier.wait()
        while True:
            try:
                event = waiting.popleft()
            except IndexError:
                return busy
            try:
                issuer.hear(event)
            except BusyError:
                waiting.append(event)
                busy += 1

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(works, range(WORKERS)))
    for event in waiting:
        many.issuer().hear(event)
    many.issuer().mail_gathered("BIG")
    known = many.book.remedies("BIG")
    assert Counter(grant.shipment_id for grant in known.grants) == dict.fromkeys((e.shipment_id for e in events), 1)
    assert {(grant.amount, grant.told) for grant in known.grants} == {(500, "mail")}
    told = {event.id for event in many.bus.events if isinstance(event, RemedyGranted)}
    assert told == {grant.grant_id for grant in known.grants}
    (job,) = {message.body for message in many.queue.messages}
    assert f'"amount":{SHIPMENTS * 500}' in job
    item = many.book.table.item({"pk": "BUDGET", "sk": "MONTH#2026-05#EUR"}) or {}
    assert item["granted"] == SHIPMENTS * 500
