"""Budgets of design §10 that need no emulator: requests per 1,000 told, flat memory, sign-ups as the list grows."""

import json
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.dynamodb import to_item
from standby.waitlist import items
from standby.waitlist.model import Listing, Place
from standby.waitlist.planning import Planner
from standby.waitlist.wave import Chain, Page, Stretch

from tests.fakes import FakeBus
from tests.standby.waitlist.conftest import SKU, FakeLedger, House, event

PAGE = 300


@contextmanager
def requests(house: House) -> Iterator[Counter[str]]:
    """Count the requests to DynamoDB."""
    made: Counter[str] = Counter()

    def count(model: Any, **_more: Any) -> None:
        made[model.name] += 1

    house.dynamodb.meta.events.register("before-call.dynamodb", count)
    try:
        yield made
    finally:
        house.dynamodb.meta.events.unregister("before-call.dynamodb", count)


def listing(house: House, number: int, *, quantity: int = 1) -> Listing:
    """Return the listing of the customer with this number."""
    email = f"customer-{number:06}@example.org"
    at = to_text(house.clock.now() - timedelta(days=30) + timedelta(milliseconds=number))
    return Listing(
        sku=SKU,
        place=at,
        entry_id=f"e{number:011}",
        address=address_key(email),
        email=email,
        quantity=quantity,
        locale="en",
        consented_at=at,
        expires_at=to_text(house.clock.now() + timedelta(days=300)),
    )


def fill(house: House, count: int, *, quantity: int = 1) -> None:
    """Put customers in line, as confirming would."""
    listings = [listing(house, number, quantity=quantity) for number in range(count)]
    puts = [{"PutRequest": {"Item": to_item(items.listing_item(each))}} for each in listings]
    for start in range(0, count, 25):
        house.dynamodb.batch_write_item(RequestItems={"Waitlist": puts[start : start + 25]})


def test_telling_a_thousand_keeps_to_its_requests(house: House) -> None:
    fill(house, 1_000)
    house.ledger.restocked(SKU, 1, 5_000)
    with requests(house) as planning:
        house.planner.handle(event("Restocked", sku=SKU, revision=1))
        house.plan()
    jobs = house.bulk.bodies()
    with requests(house) as recording:
        house.accepts(jobs)

    assert len(house.invited()) == 1_000
    assert len(jobs) == 20
    assert house.line() == []
    # The ledger is a fake here; it costs three requests a wave.
    assert planning.total() + 3 <= 40
    assert recording.total() <= 30


def test_signing_up_costs_the_same_however_many_wait(house: House) -> None:
    with requests(house) as before:
        house.confirms("first@example.org")
    fill(house, 1_000)
    with requests(house) as after:
        house.confirms("last@example.org")

    assert before == after


@dataclass
class EndlessWaves:
    """A line of so many customers that are made when they are read; nothing is kept."""

    house: House
    customers: int
    kept: Chain | None = None
    read: Iterator[int] = field(default_factory=lambda: iter(()))

    def chain(self, _sku: str) -> Chain | None:
        return self.kept

    def save(self, chain: Chain, _step: Any = None, _heard: Any = None) -> None:
        self.kept = chain

    def stretch(self, _sku: str, after: str) -> Stretch:
        if not after:
            self.read = iter(range(self.customers))
        found = [listing(self.house, number) for number in islice(self.read, PAGE)]
        return Stretch(found, exhausted=len(found) < PAGE)

    def anybody(self, _sku: str) -> bool:
        return False

    def under_way_before(self, _chain: Chain) -> bool:
        return False

    def under_way(self, _chain: Chain, _after: str, _end: str) -> frozenset[str]:
        return frozenset()

    def doubted(self, _chain: Chain, _listings: Iterable[Listing]) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(), frozenset()

    def persist(self, chain: Chain, _page: Page) -> None:
        self.kept = chain

    def page(self, _sku: str, _revision: int, _wave: int, _after: str) -> Page | None:
        return None

    def listings(self, _sku: str, _places: Any) -> dict[str, Listing]:
        return {}


@dataclass
class Sink:
    """A queue that forgets all but the newest message."""

    newest: Any = None
    sent: int = 0

    def send(self, messages: Any) -> None:
        for message in messages:
            self.newest = message
            self.sent += 1


class ForgettingBus(FakeBus):
    """A bus that forgets."""

    def publish(self, events: Any) -> None:
        for _event in events:
            pass


def peak(house: House, customers: int) -> int:
    """Return the peak memory of planning a wave for so many customers."""
    ledger = FakeLedger()
    ledger.restocked(SKU, 1, 10 * customers)
    plans, mails = Sink(), Sink()
    planner = Planner(
        waves=EndlessWaves(house, customers),
        ledger=ledger,
        discontinuing=house.planner.discontinuing,
        dating=house.planner.dating,
        early=house.planner.early,
        mails=mails,
        offers=house.offers,
        plans=plans,
        bus=ForgettingBus(),
        links=house.links,
        clock=house.clock,
        count=house.measure,
        opens=house.planner.opens,
    )
    tracemalloc.start()
    planner.handle(event("Restocked", sku=SKU, revision=1))
    while (message := plans.newest) is not None:
        plans.newest = None
        planner.handle(json.loads(message.body))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mails.sent >= customers // 50
    return most


def test_memory_is_flat_in_the_number_of_people(house: House) -> None:
    peak(house, 600)
    assert peak(house, 12_000) <= 1.5 * peak(house, 1_200)


def test_a_place_far_down_the_line_is_told_at_the_same_cost(house: House) -> None:
    fill(house, 300)
    last = listing(house, 299)
    with requests(house) as made:
        ahead = house.customers.ahead(Place(SKU, last.place, last.entry_id))

    assert made.total() == 1
    assert 150 <= ahead <= 450
