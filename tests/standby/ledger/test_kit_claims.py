"""A claim on a kit takes all of its components or none, and gives back exactly what it took."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from standby.events.fields import MOST_COMPONENTS
from standby.ledger.claims import ClaimBook, SoldOutError
from standby.ledger.kits import KitBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text

from tests.fakes import EPOCH
from tests.standby.ledger.kits import CAMP, ORDERED_AT, PEG, POLE, TENT, camp, claim, define, level, look
from tests.standby.ledger.words import stock


def test_a_claim_on_a_kit_takes_all_its_components_at_once(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)

    ClaimBook(quick).take(claim(units=2), now=EPOCH)

    made = look(quick)
    assert [(stock(quick, sku).free, stock(quick, sku).held) for sku in (TENT, POLE)] == [(1, 2), (3, 4)]
    assert (made.free, made.held, made.on_hand) == (1, 2, 3)


@pytest.mark.promise("P1")
def test_a_kit_whose_component_is_short_is_sold_out_and_takes_nothing(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)
    ClaimBook(quick).take(claim("poles", 4, POLE), now=EPOCH)

    with pytest.raises(SoldOutError) as refused:
        ClaimBook(quick).take(claim(units=2), now=EPOCH)

    assert (refused.value.free, stock(quick, TENT).free, ClaimBook(quick).claim(CAMP, "c1")) == (1, 3, None)


def test_taking_and_giving_back_a_kit_again_changes_nothing(quick: LedgerTable) -> None:
    camp(quick)
    book = ClaimBook(quick)
    taken = [book.take(claim(), now=EPOCH).status for _ in range(2)]
    given = [book.give_back(CAMP, "c1", now=EPOCH) for _ in range(2)]

    late = book.take(claim(), now=EPOCH).status

    assert (taken, given, late) == (["taken", "taken"], [True, False], "returned")
    assert [stock(quick, sku).free for sku in (TENT, POLE)] == [3, 7]
    assert (look(quick).free, look(quick).held) == (3, 0)


def test_a_claim_gives_back_what_it_took_whatever_the_kit_is_by_then(quick: LedgerTable) -> None:
    camp(quick)
    level(quick, PEG, 9)
    ClaimBook(quick).take(claim(units=2), now=EPOCH)
    define(quick, {PEG: 3}, edition=2)

    ClaimBook(quick).give_back(CAMP, "c1", now=EPOCH)

    assert [stock(quick, sku).free for sku in (TENT, POLE, PEG)] == [3, 7, 9]
    assert [stock(quick, sku).held for sku in (TENT, POLE, PEG, CAMP)] == [0, 0, 0, 0]


def test_a_kit_that_is_another_one_by_then_is_claimed_as_it_is(quick: LedgerTable) -> None:
    camp(quick)
    level(quick, PEG, 9)
    write = quick.dynamodb.transact_write_items
    calls: list[int] = []

    def between(**request: Any) -> Any:
        calls.append(len(request["TransactItems"]))
        if len(calls) == 2:
            quick.dynamodb.transact_write_items = write  # type: ignore[method-assign]
            define(quick, {PEG: 3}, edition=2)
        return write(**request)

    quick.dynamodb.transact_write_items = between  # type: ignore[method-assign]
    ClaimBook(quick).take(claim(), now=EPOCH)

    assert [stock(quick, sku).held for sku in (TENT, POLE, PEG)] == [0, 0, 3]


def test_giving_back_never_lets_a_kit_seem_free_that_cannot_be_made(quick: LedgerTable) -> None:
    """Its tent went elsewhere meanwhile; a guess would be a restock that customers are told of."""
    camp(quick, tents=1, poles=2)
    book = ClaimBook(quick)
    book.take(claim(), now=EPOCH)
    look(quick)
    level(quick, TENT, 0, second=3)
    book.give_back(CAMP, "c1", now=EPOCH)

    assert (stock(quick, CAMP).free, look(quick).free) == (0, 0)


def test_a_shipped_kit_takes_nothing_off_what_the_erp_says_next(quick: LedgerTable) -> None:
    camp(quick)
    book = ClaimBook(quick)
    book.take(claim(units=2, counted_as="owed"), now=EPOCH)

    done = [book.shipped(CAMP, "c1", now=EPOCH) for _ in range(2)]

    assert (done, [stock(quick, sku).owed for sku in (TENT, POLE, CAMP)]) == ([True, False], [0, 0, 0])


def test_a_kits_claim_ends_once_the_levels_of_all_its_components_contain_it(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)
    book = ClaimBook(quick)
    book.take(claim(units=1), now=EPOCH)
    book.settle(CAMP, "c1", settled_at=ORDERED_AT, now=EPOCH)
    level(quick, TENT, 2, second=9, netted_until=ORDERED_AT)
    half = (look(quick).held, stock(quick, TENT).held, stock(quick, POLE).held)

    level(quick, POLE, 5, second=9, netted_until=ORDERED_AT)

    after = look(quick)
    ended = book.claim(CAMP, "c1")
    assert half == (1, 0, 2)
    assert (after.free, stock(quick, CAMP).held, stock(quick, POLE).held, ended and ended.status) == (
        2,
        0,
        0,
        "dropped",
    )


def test_a_kits_claim_that_settles_after_the_levels_came_is_dropped_at_once(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)
    book = ClaimBook(quick)
    book.take(claim(units=1), now=EPOCH)
    level(quick, TENT, 2, second=9, netted_until=ORDERED_AT)
    level(quick, POLE, 5, second=9, netted_until=ORDERED_AT)

    book.settle(CAMP, "c1", settled_at=ORDERED_AT, now=EPOCH)

    assert [stock(quick, sku).held for sku in (TENT, POLE, CAMP)] == [0, 0, 0]


def test_what_is_left_of_a_claim_is_given_back_when_a_level_contained_a_part(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)
    book = ClaimBook(quick)
    book.take(claim(units=1), now=EPOCH)
    book.settle(CAMP, "c1", settled_at=ORDERED_AT, now=EPOCH)
    level(quick, TENT, 2, second=9, netted_until=ORDERED_AT)

    book.give_back(CAMP, "c1", now=EPOCH)

    assert [(stock(quick, sku).free, stock(quick, sku).held) for sku in (TENT, POLE)] == [(2, 0), (7, 0)]


def test_a_kit_that_only_netting_brought_back_is_marked(quick: LedgerTable) -> None:
    camp(quick, tents=1, poles=9)
    book = ClaimBook(quick)
    book.take(claim("tent", 1, TENT), now=EPOCH)
    look(quick)
    book.settle(TENT, "tent", settled_at=ORDERED_AT, now=EPOCH)
    level(quick, TENT, 1, second=9, netted_until=ORDERED_AT)

    made = look(quick)

    assert (made.free, stock(quick, CAMP).netted) == (1, True)


def test_goods_of_another_component_make_a_kit_loud_although_one_was_netted_before(quick: LedgerTable) -> None:
    camp(quick, tents=1, poles=0)
    book = ClaimBook(quick)
    book.take(claim("tent", 1, TENT), now=EPOCH)
    book.settle(TENT, "tent", settled_at=ORDERED_AT, now=EPOCH)
    level(quick, TENT, 1, second=9, netted_until=ORDERED_AT)
    look(quick)
    level(quick, POLE, 2, second=9)

    made = look(quick)

    assert (made.free, stock(quick, CAMP).netted) == (1, False)


def test_the_largest_kit_is_taken_settled_and_given_back_in_one_transaction_each(quick: LedgerTable) -> None:
    parts = {f"PART-{number}": 2 for number in range(MOST_COMPONENTS)}
    for sku in parts:
        level(quick, sku, 5)
    define(quick, parts)
    book = ClaimBook(quick)

    book.take(claim(units=2), now=EPOCH)
    look(quick)
    book.settle(CAMP, "c1", settled_at=ORDERED_AT, now=EPOCH)
    book.give_back(CAMP, "c1", now=EPOCH)
    swapped = {f"OTHER-{number}": 1 for number in range(MOST_COMPONENTS)}
    define(quick, swapped, edition=2)

    assert {stock(quick, sku).free for sku in parts} == {5}


@pytest.mark.promise("P1")
def test_customers_at_once_for_kits_and_for_their_parts_never_get_more_than_there_is(quick: LedgerTable) -> None:
    camp(quick, tents=10, poles=16)
    book, got = ClaimBook(quick), []

    def buy(number: int) -> None:
        sku = (CAMP, POLE, TENT)[number % 3]
        try:
            book.take(claim(f"c{number}", 1, sku), now=EPOCH)
        except SoldOutError:
            return
        got.append(sku)
        if number % 7 == 0:
            book.give_back(sku, f"c{number}", now=EPOCH)
            got.remove(sku)
        KitBook(quick).look(CAMP, now=EPOCH)

    customers = [threading.Thread(target=buy, args=(number,)) for number in range(45)]
    for customer in customers:
        customer.start()
    for customer in customers:
        customer.join()

    kits, poles, tents = (got.count(sku) for sku in (CAMP, POLE, TENT))
    assert [stock(quick, sku).held for sku in (CAMP, POLE, TENT)] == [kits, poles + 2 * kits, tents + kits]
    assert [stock(quick, sku).free for sku in (POLE, TENT)] == [16 - poles - 2 * kits, 10 - tents - kits]
    assert min(stock(quick, sku).free for sku in (POLE, TENT)) >= 0
    assert look(quick).free == min(stock(quick, TENT).free, stock(quick, POLE).free // 2)


def test_what_left_of_a_kit_that_was_given_back_is_held_for_nobody_with_each_component(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)
    book = ClaimBook(quick)
    book.take(claim(units=2), now=EPOCH)
    later = EPOCH + timedelta(minutes=1)

    for _ in range(2):  # of a claim that lives nothing left, nor of one that nobody knows
        for claim_id in ("c1", "nobody"):
            book.left_all_the_same(CAMP, claim_id, 2, shipped_at=to_text(later), now=later)
        book.give_back(CAMP, "c1", now=EPOCH)
    for _ in range(2):
        book.left_all_the_same(CAMP, "c1", 1, shipped_at=to_text(later), now=later)

    numbers = [stock(quick, sku) for sku in (TENT, POLE)]
    assert [(each.free, each.held, each.shipped) for each in numbers] == [(1, 2, 2), (3, 4, 4)]
    level(quick, TENT, 1, second=90)
    assert (stock(quick, TENT).free, stock(quick, TENT).shipped) == (1, 0)


@pytest.mark.promise("P1")
def test_what_left_of_a_kit_whose_component_counts_none_is_held_when_an_older_level_comes_behind(
    quick: LedgerTable,
) -> None:
    camp(quick, tents=3, poles=7)
    book = ClaimBook(quick)
    book.take(claim(units=1), now=EPOCH)
    level(quick, TENT, 0, second=5)
    book.shipped(CAMP, "c1", now=EPOCH + timedelta(minutes=1))

    level(quick, TENT, 2, second=30)

    assert (stock(quick, TENT).free, stock(quick, TENT).shipped, look(quick).free) == (1, 1, 1)
    level(quick, TENT, 2, second=90)
    assert (stock(quick, TENT).free, stock(quick, TENT).shipped, look(quick).free) == (2, 0, 2)
