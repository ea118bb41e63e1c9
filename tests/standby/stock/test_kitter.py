"""Kits follow their components a page at a time, and one that fails costs no other its turn."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from standby.events.hearing import hear
from standby.ledger import items
from standby.ledger.kits import KITS_PAGE, KitBook
from standby.ledger.model import SkuStock
from standby.ledger.table import LedgerTable
from standby.platform.cursor import Cursor
from standby.platform.json_text import to_json
from standby.platform.queue import Message, PoisonError
from standby.stock.hears import PRODUCTS
from standby.stock.kitted import Kitted
from standby.stock.kitter import Kitter, changed_component

from tests.fakes import EPOCH, FakeClock, FakeQueue, sqs_record
from tests.promises.shop import Shop
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.ledger.kits import CAMP, camp, define, level
from tests.world import World, build

MANY = [f"KIT-{number:03}" for number in range(2 * KITS_PAGE + 10)]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from build(monkeypatch)


class Stubborn:
    """Kits of which one cannot be counted."""

    def __init__(self) -> None:
        self.counted: list[str] = []

    def look(self, sku: str, *, now: Any) -> SkuStock | None:
        if sku == "BAD":
            raise ValueError("spoilt")
        self.counted.append(sku)
        return None

    def define(self, sku: str, components: Any, *, edition: int, now: Any) -> None:
        raise AssertionError

    def kits_of(self, component: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        return ["A", "BAD", "B"], None


def message(body: Any) -> Message:
    return Message.from_record(sqs_record(to_json(body)))


def test_a_kit_that_cannot_be_counted_costs_the_others_nothing_and_is_named() -> None:
    kits, jobs = Stubborn(), FakeQueue()
    kitter = Kitter(kits=kits, jobs=jobs, clock=FakeClock())

    kitter.handle(message(changed_component("POLE")))

    assert (kits.counted, jobs.bodies()) == (["A", "B"], [{"kit": "BAD"}])
    with pytest.raises(ValueError, match="spoilt"):
        kitter.handle(message({"kit": "BAD"}))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"component": ""},
        {"component": "POLE", "cursor": 7},
        {"kit": ["A"]},
        {"kit": "A", "edition": 1, "components": [["B"]]},
        {"kit": "A", "edition": 1, "components": [["B", "2"]]},
    ],
)
def test_what_is_no_job_is_poison(body: Any) -> None:
    kitter = Kitter(kits=Stubborn(), jobs=FakeQueue(), clock=FakeClock())

    with pytest.raises(PoisonError):
        kitter.handle(message(body))


def test_a_component_of_many_kits_takes_three_requests_a_kit_in_pages(world: World) -> None:
    shop, book = Shop(world), KitBook(LedgerTable("Stock", world.dynamodb))
    for sku, units in (("TENT", 5), ("POLE", 9)):
        shop.counts(sku, units)
    for kit in MANY:
        book.define(kit, [("TENT", 1), ("POLE", 2)], edition=1, now=EPOCH)
    world.settle()
    world.calls.clear()

    shop.counts("POLE", 5)

    kitter = Counter(operation for function, _, operation in world.calls if function == "stock_kitter")
    each = dict.fromkeys(("GetItem", "BatchGetItem", "TransactWriteItems"), len(MANY))
    assert kitter == each | {"Query": 3, "SendMessageBatch": 2}
    assert {shop.stock(kit)["free"] for kit in MANY} == {2}


def test_shops_without_kits_are_asked_for_nothing_but_each_new_sku(world: World) -> None:
    shop = Shop(world)
    for units in (5, 3, 0):
        shop.counts("TENT", units)

    assert [call[2] for call in world.calls if call[0] == "stock_kitter"] == ["Query"]


def test_only_kits_and_what_was_one_make_jobs(world: World) -> None:
    table, jobs = LedgerTable("Stock", world.dynamodb), FakeQueue()
    camp(table)
    define(table, {"TENT": 2}, kit="PAIR")
    level(table, "MUG", 4)
    taker = Kitted(kits=KitBook(table), jobs=jobs)
    said = [
        variant("MUG", 2),
        variant(CAMP, 5),
        {**variant("PAIR", 6), "gone": True, "components": [{"sku": "TENT", "quantity": 2}]},
        variant("NEW", 7, components=[{"sku": "MUG", "quantity": 3}]),
    ]

    event = hear(product_changed("KITS", 9, *said), PRODUCTS)
    assert event is not None
    taker.take(event)

    assert jobs.bodies() == [
        {"kit": CAMP, "edition": 5, "components": []},
        {"kit": "PAIR", "edition": 6, "components": []},
        {"kit": "NEW", "edition": 7, "components": [["MUG", 3]]},
    ]
    assert table.item(items.kit_key("MUG", "NEW")) is None, "the job does it"
