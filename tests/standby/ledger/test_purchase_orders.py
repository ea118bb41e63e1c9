"""Incoming goods: what is still to come, whichever word comes first."""

from dataclasses import replace
from itertools import permutations

import pytest
from standby.ledger import items
from standby.ledger.levels import LevelBook
from standby.ledger.model import PurchaseOrder
from standby.ledger.purchase_orders import Ordered, PurchaseOrderBook, Received
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable

from tests.fakes import EPOCH
from tests.standby.ledger.words import reading, stock

pytestmark = pytest.mark.promise("P4")

SHIRT = "SHIRT-RED-M"


def ordered(quantity: int, *, at: int = 1, eta: str | None = "2026-06-01") -> Ordered:
    return Ordered(
        quantity=quantity, eta=eta, supplier_id="acme", as_of=f"t{at}", version=(at, 0, 0), cause=f"ordered-{at}"
    )


def received(quantity: int, *, at: int = 1) -> Received:
    return Received(quantity=quantity, version=(at, 0, 0), cause=f"received-{at}")


def record(table: LedgerTable, word: Ordered | Received, line: str = "PO-1") -> None:
    book = PurchaseOrderBook(table)
    if isinstance(word, Ordered):
        book.record(SHIRT, line, ordered=word, now=EPOCH)
    else:
        book.record(SHIRT, line, received=word, now=EPOCH)


def line(table: LedgerTable, name: str = "PO-1") -> PurchaseOrder:
    return items.purchase_order(table.item(items.purchase_order_key(SHIRT, name)) or {})


def test_an_order_is_incoming_and_begins_the_sku(table: LedgerTable) -> None:
    record(table, ordered(40))

    assert (stock(table, SHIRT).incoming, stock(table, SHIRT).free, stock(table, SHIRT).revision) == (40, 0, 1)


def test_orders_add_up(table: LedgerTable) -> None:
    record(table, ordered(40))
    record(table, ordered(5), "PO-2")

    assert stock(table, SHIRT).incoming == 45


def test_receiving_lowers_incoming_and_never_raises_on_hand(table: LedgerTable) -> None:
    LevelBook(table).record(SHIRT, [reading(SHIRT, "berlin", 3)], now=EPOCH)
    record(table, ordered(40))
    record(table, received(15))

    assert (stock(table, SHIRT).incoming, stock(table, SHIRT).on_hand) == (25, 3)


def test_what_was_received_is_cumulative(table: LedgerTable) -> None:
    record(table, ordered(40))
    record(table, received(15, at=1))
    record(table, received(25, at=2))

    assert stock(table, SHIRT).incoming == 15


def test_an_older_receipt_changes_nothing(table: LedgerTable) -> None:
    record(table, ordered(40))
    record(table, received(25, at=2))
    record(table, received(15, at=1))

    assert stock(table, SHIRT).incoming == 15


def test_receiving_more_than_ordered_leaves_nothing_to_come(table: LedgerTable) -> None:
    record(table, ordered(40))
    record(table, received(44))

    assert stock(table, SHIRT).incoming == 0


def test_a_receipt_without_its_order_is_kept_and_begins_no_sku(table: LedgerTable) -> None:
    record(table, received(15))

    assert LedgerReader(table).stock(SHIRT) is None
    assert line(table).received == 15


def test_quantity_nought_cancels(table: LedgerTable) -> None:
    record(table, ordered(40, at=1))
    record(table, ordered(0, at=2))

    assert stock(table, SHIRT).incoming == 0


def test_a_new_date_alone_raises_the_revision(table: LedgerTable) -> None:
    record(table, ordered(40, at=1))
    record(table, ordered(40, at=2, eta="2026-06-09"))

    assert (stock(table, SHIRT).revision, line(table).eta) == (2, "2026-06-09")


def test_the_same_word_again_changes_nothing(table: LedgerTable) -> None:
    record(table, ordered(40, at=1))
    record(table, ordered(40, at=1))
    record(table, ordered(40, at=2))

    assert (stock(table, SHIRT).revision, line(table).edition) == (1, 2)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_any_order_the_newest_words_count(table: LedgerTable, order: tuple[int, ...]) -> None:
    words = [ordered(40, at=1), ordered(30, at=3), received(10, at=2), received(12, at=4)]

    for place in order:
        record(table, words[place])
        record(table, replace(words[place]))

    assert (stock(table, SHIRT).incoming, line(table).open) == (18, 18)
