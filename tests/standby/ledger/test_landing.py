"""Goods that came are remembered until the level that counts them, or one that was observed after they came."""

import pytest
from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.model import Reading
from standby.ledger.purchase_orders import Ordered, PurchaseOrderBook, Received
from standby.ledger.table import LedgerTable

from tests.fakes import EPOCH
from tests.standby.ledger.words import location, reading, stock

pytestmark = pytest.mark.promise("P4")

SHIRT = "SHIRT-RED-M"


def at(second: int) -> int:
    """Return the moment of a reading of a second, in microseconds."""
    return reading(SHIRT, "berlin", 0, second=second).version[0]


def level(table: LedgerTable, on_hand: int, *, second: int, place: str = "berlin", assumed: bool = False) -> None:
    words: list[Reading] = [reading(SHIRT, place, on_hand, second=second, as_of_assumed=assumed)]
    LevelBook(table).record(SHIRT, words, now=EPOCH)


def ordered(table: LedgerTable, quantity: int) -> None:
    word = Ordered(quantity=quantity, eta="2026-06-01", supplier_id=None, as_of="t", version=(1, 0, 0))
    PurchaseOrderBook(table).record(SHIRT, "PO-1", ordered=word, now=EPOCH)


def received(table: LedgerTable, quantity: int, *, second: int) -> None:
    word = Received(quantity=quantity, version=(at(second), 0, 0))
    PurchaseOrderBook(table).record(SHIRT, "PO-1", received=word, now=EPOCH)


@pytest.mark.parametrize("receipt_first", [True, False], ids=["receipt-first", "level-first"])
@pytest.mark.parametrize(("level_at", "missing"), [(4, 20), (5, 0), (6, 0)], ids=["before", "with-it", "after"])
def test_what_came_and_was_sold_at_once_is_not_expected_any_more(
    table: LedgerTable, level_at: int, missing: int, *, receipt_first: bool
) -> None:
    level(table, 0, second=0)
    ordered(table, 20)
    words = [lambda: received(table, 20, second=5), lambda: level(table, 0, second=level_at)]
    for say in words if receipt_first else words[::-1]:
        say()

    assert stock(table, SHIRT).landed == -missing


def test_that_it_is_not_expected_any_more_is_a_change_of_which_others_hear(table: LedgerTable) -> None:
    level(table, 0, second=0)
    ordered(table, 20)
    received(table, 20, second=5)
    revision = stock(table, SHIRT).revision

    level(table, 0, second=6)
    level(table, 0, second=7)

    assert stock(table, SHIRT).revision == revision + 1


def test_of_several_locations_each_must_have_been_observed_since(table: LedgerTable) -> None:
    level(table, 0, second=0)
    level(table, 0, second=0, place="paris")
    ordered(table, 20)
    received(table, 20, second=5)

    level(table, 0, second=6)
    assert stock(table, SHIRT).landed == -20
    level(table, 0, second=6, place="paris")
    assert stock(table, SHIRT).landed == 0


def test_a_location_that_does_not_count_says_nothing_of_it(table: LedgerTable) -> None:
    level(table, 0, second=0)
    LocationBook(table).describe(location("returns", kind="returns"))
    level(table, 3, second=0, place="returns")
    ordered(table, 20)
    received(table, 20, second=5)

    level(table, 4, second=6, place="returns")
    assert stock(table, SHIRT).landed == -20
    level(table, 0, second=6)
    assert stock(table, SHIRT).landed == 0


def test_a_level_of_which_nobody_knows_when_it_was_observed_says_nothing_of_it(table: LedgerTable) -> None:
    level(table, 0, second=0)
    ordered(table, 20)
    received(table, 20, second=5)

    level(table, 0, second=6, assumed=True)

    assert stock(table, SHIRT).landed == -20


def test_the_newest_of_several_receipts_decides(table: LedgerTable) -> None:
    level(table, 0, second=0)
    ordered(table, 20)
    received(table, 5, second=3)
    received(table, 20, second=8)

    level(table, 0, second=6)
    assert stock(table, SHIRT).landed == -20
    level(table, 20, second=9)
    assert (stock(table, SHIRT).landed, stock(table, SHIRT).free) == (0, 20)
