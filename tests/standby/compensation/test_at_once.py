"""Many delays at once: the budget is exact, a cap too, and one delay is made good once however many hear of it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standby.compensation.granting import Issuer
from standby.compensation.mailing import RemedyMails
from standby.compensation.ordered import Line, Ordered
from standby.compensation.repository import RemedyBook
from standby.events.delay import DelayDetected
from standby.platform.schema import reader
from standby.platform.table import Table
from standby.platform.tokens import TokenKeys

from tests.fakes import FakeBus, FakeClock, FakeQueue
from tests.standby.compensation.remedied import FEATURE, document, eur, rule, voucher

pytestmark = pytest.mark.promise("P6")

AT_ONCE = 64


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
        self.book, self.orders = RemedyBook(Table("Compensation", tables)), Ordering()
        self.bus, self.queue, self.clock = FakeBus(), FakeQueue(), FakeClock()

    def sets(self, **more: Any) -> None:
        said = reader(FEATURE, "policy")(document(rule(voucher(1, 500)), **more))
        self.book.set_policy(said, by="test", at="2026-05-03T10:00:00.000Z")

    def hear(self, order_ids: Iterable[str]) -> None:
        events = [delay(order_id) for order_id in order_ids]
        barrier = Barrier(len(events))

        def one(event: DelayDetected) -> None:
            issuer = Issuer(
                book=self.book,
                orders=self.orders,
                bus=self.bus,
                mails=lambda: RemedyMails(lambda: TokenKeys(current="key"), "en"),
                queue=self.queue,
                clock=self.clock,
                zone=ZoneInfo("UTC"),
                home="DE",
                count=lambda _name, _value: None,
            )
            barrier.wait()
            issuer.hear(event)

        with ThreadPoolExecutor(len(events)) as pool:
            list(pool.map(one, events))

    def grants(self, order_ids: Iterable[str]) -> int:
        return sum(len(self.book.remedies(order_id).grants) for order_id in order_ids)


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
    assert {event.id for event in many.bus.named("BudgetEnded")} == {"budget#2026-05#EUR"}


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
