"""Units are taken only while they are there, and given once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standby.ledger.claim_items import ended
from standby.ledger.claims import CLAIMS_PER_WRITE, Claim, ClaimBook, SoldOutError, Status
from standby.ledger.levels import LOCATIONS_PER_WRITE, LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.reconciliation import Reconciler
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.dynamodb import Backoff, BusyError
from standby.stock.snapshots.repository import SnapshotRepository

from tests.fakes import EPOCH
from tests.standby.ledger.words import location, reading, stock

pytestmark = pytest.mark.promise("P1")

SHIRT = "SHIRT-RED-M"
ORDERED_AT = to_text(EPOCH)


def level(table: LedgerTable, units: int, *, second: int = 0, place: str = "berlin", **more: Any) -> None:
    LevelBook(table).record(SHIRT, [reading(SHIRT, place, units, second=second, **more)], now=EPOCH)


def claim(name: str = "c1", units: int = 2, **more: Any) -> Claim:
    return Claim(claim_id=name, sku=SHIRT, kind="offer", units=units, **more)


def test_taken_units_are_not_free_any_more(table: LedgerTable) -> None:
    level(table, 5)

    ClaimBook(table).take(claim(units=2), now=EPOCH)

    assert (stock(table, SHIRT).free, stock(table, SHIRT).held, stock(table, SHIRT).on_hand) == (3, 2, 5)


def test_more_than_is_free_is_sold_out_and_takes_nothing(table: LedgerTable) -> None:
    level(table, 1)

    with pytest.raises(SoldOutError) as refused:
        ClaimBook(table).take(claim(units=2), now=EPOCH)

    assert (refused.value.free, stock(table, SHIRT).free, ClaimBook(table).claim(SHIRT, "c1")) == (1, 1, None)


def test_an_unknown_sku_is_sold_out(table: LedgerTable) -> None:
    with pytest.raises(SoldOutError):
        ClaimBook(table).take(claim(), now=EPOCH)


def test_taking_the_same_claim_again_takes_nothing(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=5), now=EPOCH)

    again = book.take(claim(units=5), now=EPOCH)

    assert (again.status, stock(table, SHIRT).free) == ("taken", 0)


def test_a_claim_that_was_given_back_is_not_taken_by_a_late_repetition(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(), now=EPOCH)
    book.give_back(SHIRT, "c1", now=EPOCH)

    again = book.take(claim(), now=EPOCH)

    assert (again.status, stock(table, SHIRT).free) == ("returned", 5)


@pytest.mark.parametrize(("end", "status"), [(ClaimBook.give_back, "returned"), (ClaimBook.shipped, "dropped")])
def test_what_is_said_of_a_claim_after_its_end_changes_nothing(
    table: LedgerTable, end: Callable[..., bool], status: Status
) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(), now=EPOCH)
    end(book, SHIRT, "c1", now=EPOCH)
    before = stock(table, SHIRT)

    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)
    done = [book.give_back(SHIRT, "c1", now=EPOCH), book.shipped(SHIRT, "c1", now=EPOCH)]
    again = book.take(claim(units=5), now=EPOCH)

    assert (done, again, stock(table, SHIRT)) == ([False, False], claim(status=status), before)


def test_a_claim_that_ends_while_it_is_taken_again_is_not_taken_twice(table: LedgerTable) -> None:
    """The repetition's write comes when the claim does not live any more."""
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(), now=EPOCH)
    write = table.dynamodb.transact_write_items

    def ended_just_before(**request: Any) -> Any:
        table.dynamodb.transact_write_items = write  # type: ignore[method-assign]
        book.give_back(SHIRT, "c1", now=EPOCH)
        return write(**request)

    table.dynamodb.transact_write_items = ended_just_before  # type: ignore[method-assign]
    again = book.take(claim(), now=EPOCH)

    assert (again.status, stock(table, SHIRT).free, stock(table, SHIRT).held) == ("returned", 5, 0)


def test_units_are_given_back_once(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(), now=EPOCH)

    done = [book.give_back(SHIRT, "c1", now=EPOCH) for _ in range(3)]

    assert (done, stock(table, SHIRT).free, stock(table, SHIRT).held) == ([True, False, False], 5, 0)


def test_contention_is_never_a_wrong_sold_out(table: LedgerTable) -> None:
    level(table, 5)
    busy: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [
            {"Code": "ConditionalCheckFailed"},
            {"Code": "TransactionConflict"},
            {"Code": "None"},
        ],
    }

    def conflicting(**request: Any) -> Any:
        raise ClientError(busy, "TransactWriteItems")

    table.dynamodb.transact_write_items = conflicting  # type: ignore[method-assign]
    with pytest.raises(BusyError):
        ClaimBook(table).take(claim(), now=EPOCH)


def test_forty_customers_at_once_for_twelve_units_get_exactly_twelve(table: LedgerTable) -> None:
    level(table, 12)
    book = ClaimBook(replace(table, backoff=Backoff(attempts=60, base_seconds=0.0005, cap_seconds=0.005)))
    outcomes: list[str] = []

    def buy(name: str) -> None:
        try:
            outcomes.append(book.take(claim(name, 1), now=EPOCH).status)
        except SoldOutError:
            outcomes.append("sold out")

    customers = [threading.Thread(target=buy, args=(f"c{number}",)) for number in range(40)]
    for customer in customers:
        customer.start()
    for customer in customers:
        customer.join()

    assert (outcomes.count("taken"), outcomes.count("sold out")) == (12, 28)
    assert (stock(table, SHIRT).free, stock(table, SHIRT).held) == (0, 12)


def test_a_level_that_contains_a_settled_claim_drops_it_in_the_same_write(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)
    revision = stock(table, SHIRT).revision

    level(table, 3, second=9, netted_until=ORDERED_AT)

    after = stock(table, SHIRT)
    assert (after.free, after.held, after.on_hand, after.revision) == (3, 0, 3, revision + 1)


def test_a_claim_that_the_erp_does_not_know_yet_stays(table: LedgerTable) -> None:
    level(table, 5)
    ClaimBook(table).take(claim(units=2), now=EPOCH)

    level(table, 5, second=9, netted_until=ORDERED_AT)

    assert (stock(table, SHIRT).free, stock(table, SHIRT).held) == (3, 2)


def test_a_level_netted_before_the_order_leaves_the_claim(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=to_text(EPOCH.replace(hour=23)), now=EPOCH)

    level(table, 5, second=9, netted_until=ORDERED_AT)

    assert stock(table, SHIRT).held == 2


def test_a_claim_settled_after_the_level_came_is_dropped_when_it_settles(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    level(table, 3, second=9, netted_until=ORDERED_AT)

    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)

    assert (stock(table, SHIRT).free, stock(table, SHIRT).held) == (3, 0)


def test_a_later_level_without_netting_does_not_make_the_ledger_forget_it(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    level(table, 3, second=8, netted_until=ORDERED_AT)
    level(table, 3, second=9)

    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)

    assert stock(table, SHIRT).held == 0


def test_a_claim_of_another_location_is_left_by_a_level(table: LedgerTable) -> None:
    level(table, 5)
    level(table, 5, place="haifa")
    book = ClaimBook(table)
    book.take(claim(units=2, location_id="haifa"), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)

    level(table, 5, second=9, netted_until=ORDERED_AT)

    assert stock(table, SHIRT).held == 2


def test_a_claim_of_a_location_is_no_level_of_it_to_a_full_count(table: LedgerTable) -> None:
    level(table, 5)
    ClaimBook(table).take(claim(location_id="berlin"), now=EPOCH)

    found, _ = SnapshotRepository(table).levels("berlin", None)

    assert [(sku, known.on_hand) for sku, known in found] == [(SHIRT, 5)]


def test_a_claim_without_location_is_left_by_a_level_that_does_not_sell_online(table: LedgerTable) -> None:
    LocationBook(table).describe(location("returns-1", kind="returns"))
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)

    level(table, 1, second=9, place="returns-1", netted_until=ORDERED_AT)

    assert stock(table, SHIRT).held == 2


def test_the_same_level_again_finishes_a_netting_that_was_killed_half_way(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    level(table, 3, second=9, netted_until=ORDERED_AT)
    book._settle(SHIRT, "c1", ORDERED_AT, EPOCH)

    level(table, 3, second=9, netted_until=ORDERED_AT)

    assert stock(table, SHIRT).held == 0


def test_a_crossing_that_only_netting_caused_is_marked(table: LedgerTable) -> None:
    level(table, 2)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)

    level(table, 2, second=9, netted_until=ORDERED_AT)

    assert (stock(table, SHIRT).free, stock(table, SHIRT).netted) == (2, True)


def test_goods_that_come_with_a_netting_are_a_restock(table: LedgerTable) -> None:
    level(table, 2)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)

    level(table, 7, second=9, netted_until=ORDERED_AT)

    assert (stock(table, SHIRT).free, stock(table, SHIRT).netted) == (7, False)


def test_goods_that_come_for_orders_that_were_owed_are_a_restock_of_what_is_left(table: LedgerTable) -> None:
    level(table, 2)
    book = ClaimBook(table)
    book.take(claim(units=2, counted_as="owed"), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)
    level(table, 0, second=5)

    level(table, 3, second=9, committed=2, netted_until=ORDERED_AT)

    assert (stock(table, SHIRT).free, stock(table, SHIRT).netted) == (1, False)


def test_the_mark_of_netting_does_not_outlive_its_change(table: LedgerTable) -> None:
    level(table, 2)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    book.shipped(SHIRT, "c1", now=EPOCH)
    level(table, 1, second=9)

    assert stock(table, SHIRT).netted is False


def test_shipping_drops_a_claim_once(table: LedgerTable) -> None:
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2, counted_as="owed"), now=EPOCH)

    done = [book.shipped(SHIRT, "c1", now=EPOCH) for _ in range(2)]

    assert (done, stock(table, SHIRT).owed, stock(table, SHIRT).free) == ([True, False], 0, 5)


def test_more_settled_claims_than_fit_in_one_write_are_all_dropped(table: LedgerTable) -> None:
    level(table, 60)
    book = ClaimBook(table)
    for number in range(53):
        book.take(claim(f"c{number}", 1), now=EPOCH)
        book.settle(SHIRT, f"c{number}", settled_at=ORDERED_AT, now=EPOCH)

    level(table, 7, second=9, netted_until=ORDERED_AT)

    assert (stock(table, SHIRT).held, stock(table, SHIRT).free) == (0, 7)


def test_levels_and_the_claims_that_they_end_fit_in_one_transaction() -> None:
    numbers_and_step = 2
    most = LOCATIONS_PER_WRITE + CLAIMS_PER_WRITE * len(ended(claim(), "dropped", now=EPOCH)) + numbers_and_step
    assert most <= 100


def test_a_netted_level_reads_the_claims_that_live_once_and_none_that_ended(table: LedgerTable) -> None:
    level(table, 60)
    book = ClaimBook(table)
    for start in range(0, 1_000, 100):
        over = [claim(f"over-{number}", 1) for number in range(start, start + 100)]
        table.transact(ended(each, "returned", now=EPOCH)[1] for each in over)
    for name in ("c1", "c2"):
        book.take(claim(name, 1), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)
    queries = counted(table)

    level(table, 59, second=9, netted_until=ORDERED_AT)

    assert [(prefix, len(found)) for prefix, found in queries] == [("CLAIM#", 2)]
    assert (stock(table, SHIRT).held, stock(table, SHIRT).free) == (1, 58)


def test_a_claim_that_settles_while_a_level_is_written_is_dropped_all_the_same(table: LedgerTable) -> None:
    """The level reads the claims before the settling and is written after it, so the settling sees no such level."""
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    query = table.dynamodb.query

    def settled_just_after(**request: Any) -> Any:
        found = query(**request)
        table.dynamodb.query = query  # type: ignore[method-assign]
        book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)
        return found

    table.dynamodb.query = settled_just_after  # type: ignore[method-assign]
    level(table, 3, second=9, netted_until=ORDERED_AT)

    assert (stock(table, SHIRT).free, stock(table, SHIRT).held) == (3, 0)


def test_a_level_drops_a_claim_that_another_level_contained_before_it_counted(table: LedgerTable) -> None:
    LocationBook(table).describe(location("returns-1", kind="returns"))
    level(table, 5)
    book = ClaimBook(table)
    book.take(claim(units=2), now=EPOCH)
    book.settle(SHIRT, "c1", settled_at=ORDERED_AT, now=EPOCH)
    level(table, 1, second=5, place="returns-1", netted_until=ORDERED_AT)
    LocationBook(table).describe(location("returns-1", kind="returns", sells_online=True, second=6))
    Reconciler(table).reconcile(SHIRT, cause="location", now=EPOCH)

    level(table, 5, second=9, netted_until=to_text(EPOCH.replace(year=2020)))

    assert stock(table, SHIRT).held == 0


def counted(table: LedgerTable) -> list[tuple[str, list[Any]]]:
    """Return a list that fills with the queries from now on: the first sort key asked for, and the items found."""
    queries: list[tuple[str, list[Any]]] = []
    query = table.dynamodb.query

    def watched(**request: Any) -> Any:
        answer = query(**request)
        queries.append((request["ExpressionAttributeValues"][":sk"]["S"], answer["Items"]))
        return answer

    table.dynamodb.query = watched  # type: ignore[method-assign]
    return queries
