"""Claims whose orders the ERP knows and which never end are found after a week, and nothing else is."""

from collections.abc import Callable

import pytest
from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.kits import KitBook
from standby.platform.clock import to_text

from tests.standby.stock.warehouse import Warehouse

pytestmark = pytest.mark.promise("P1")


@pytest.fixture
def book(warehouse: Warehouse) -> ClaimBook:
    """Take a claim on mugs that are there, and one on mugs that are owed."""
    warehouse.counts("MUG", 3)
    made = ClaimBook(warehouse.table)
    for name, counted_as in (("held", "held"), ("owed", "owed")):
        claim = Claim(claim_id=name, sku="MUG", kind="pre-order", units=2, counted_as=counted_as)  # type: ignore[arg-type]
        made.take(claim, now=warehouse.clock.now())
    return made


def order(warehouse: Warehouse, book: ClaimBook, name: str, sku: str = "MUG") -> None:
    now = warehouse.clock.now()
    book.settle(sku, name, settled_at=to_text(now), now=now)


def found(warehouse: Warehouse, **later: int) -> int:
    """Return how many claims are found after some time."""
    warehouse.clock.advance(**later)
    warehouse.metrics.clear()
    warehouse.sweep(sweep="claims")
    return warehouse.metrics.get("ClaimsUnfinished", 0)


def test_a_claim_whose_order_the_erp_has_known_for_a_week_is_found(warehouse: Warehouse, book: ClaimBook) -> None:
    order(warehouse, book, "held")

    assert [found(warehouse, days=6), found(warehouse, days=1)] == [0, 1]


def test_a_claim_whose_order_the_erp_does_not_know_is_not_found(warehouse: Warehouse, book: ClaimBook) -> None:
    assert book.claim("MUG", "held")
    assert found(warehouse, days=30) == 0


END: dict[str, Callable[[Warehouse, ClaimBook], object]] = {
    "shipped": lambda warehouse, book: book.shipped("MUG", "held", now=warehouse.clock.now()),
    "returned": lambda warehouse, book: book.give_back("MUG", "held", now=warehouse.clock.now()),
    "netted": lambda warehouse, _: warehouse.counts("MUG", 1, netted_until=to_text(warehouse.clock.now())),
}


@pytest.mark.parametrize("end", END.values(), ids=END)
def test_a_claim_that_ended_is_not_found(
    warehouse: Warehouse, book: ClaimBook, end: Callable[[Warehouse, ClaimBook], object]
) -> None:
    order(warehouse, book, "held")
    warehouse.clock.advance(seconds=1)
    end(warehouse, book)

    assert found(warehouse, days=8) == 0


def test_a_pre_order_may_wait_for_its_goods_and_is_found_a_week_after_they_were_given(
    warehouse: Warehouse, book: ClaimBook
) -> None:
    order(warehouse, book, "owed")
    waiting = found(warehouse, days=60)
    warehouse.counts("MUG", 4)
    book.give("MUG", "owed", 1, now=warehouse.clock.now())
    in_part = found(warehouse, days=8)
    book.give("MUG", "owed", 1, now=warehouse.clock.now())

    assert (waiting, in_part, found(warehouse, days=6), found(warehouse, days=1)) == (0, 0, 0, 1)
    book.take_back("MUG", "owed", 1, now=warehouse.clock.now())
    assert found(warehouse, days=30) == 0


def test_a_pre_order_that_was_given_its_goods_before_the_erp_knew_it_is_found_too(
    warehouse: Warehouse, book: ClaimBook
) -> None:
    warehouse.counts("MUG", 4)
    book.give("MUG", "owed", 2, now=warehouse.clock.now())
    order(warehouse, book, "owed")

    assert found(warehouse, days=7) == 1


def test_a_claim_on_a_kit_is_found_once(warehouse: Warehouse, book: ClaimBook) -> None:
    warehouse.counts("TEA", 5)
    KitBook(warehouse.table).define("SET", [("MUG", 1), ("TEA", 2)], edition=1, now=warehouse.clock.now())
    warehouse.counts("MUG", 9)
    book.take(Claim(claim_id="kit", sku="SET", kind="offer", units=1), now=warehouse.clock.now())
    order(warehouse, book, "kit", "SET")

    assert found(warehouse, days=7) == 1
