"""Some units of a claim are given back or leave, once, and the others stay with whoever has them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standby.ledger.claims import BesideError, Claim, ClaimBook, Watch
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.table import Put

from tests.fakes import EPOCH
from tests.standby.ledger.kits import CAMP, ORDERED_AT, POLE, TENT, camp, level, look
from tests.standby.ledger.test_giving import numbers, owed
from tests.standby.ledger.words import stock

pytestmark = pytest.mark.promise("P1")
PIECE = "r1-piece"
LEFT = to_text(EPOCH + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("given", "units", "after"), [(0, 2, (3, 0, 2)), (2, 2, (1, 2, 2)), (4, 2, (0, 3, 2)), (5, 4, (0, 1, 4))]
)
def test_units_that_were_not_set_aside_go_first(quick: LedgerTable, given: int, units: int, after: Any) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 5)
    if given:
        book.give(TENT, "r1", given, now=EPOCH)

    for _ in range(2):
        book.reduce(TENT, "r1", units, piece=PIECE, now=EPOCH)

        claim, piece = book.claim(TENT, "r1"), book.claim(TENT, PIECE)
        assert claim
        assert piece
        left = min(given, 5 - units)
        assert (claim.units, claim.given, claim.status) == (5 - units, left, "taken")
        assert (piece.units, piece.given, piece.status) == (units, given - left, "returned")
        assert numbers(quick) == after


def test_held_units_are_free_again(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    level(quick, TENT, 3)
    book.take(Claim(claim_id="r1", sku=TENT, kind="checkout", units=3), now=EPOCH)

    book.reduce(TENT, "r1", 1, piece=PIECE, now=EPOCH)

    assert numbers(quick) == (0, 2, 1)
    book.give_back(TENT, "r1", now=EPOCH)
    assert numbers(quick) == (0, 0, 3)


def test_of_a_kit_those_of_each_component_are_given_back(quick: LedgerTable) -> None:
    camp(quick, tents=2, poles=4)
    book = ClaimBook(quick)
    book.take(owed(3, sku=CAMP), now=EPOCH)
    book.give(CAMP, "r1", 2, now=EPOCH)

    book.reduce(CAMP, "r1", 2, piece=PIECE, now=EPOCH)
    look(quick)

    assert [numbers(quick, sku) for sku in (CAMP, TENT, POLE)] == [(0, 1, 1), (0, 1, 1), (0, 2, 2)]
    book.left_all_the_same(CAMP, PIECE, 1, shipped_at=to_text(EPOCH), now=EPOCH)
    book.give_back(CAMP, "r1", now=EPOCH)
    assert [numbers(quick, sku) for sku in (TENT, POLE)] == [(0, 0, 2), (0, 0, 4)]


@pytest.mark.parametrize("committed", [5, 3])
def test_an_order_that_a_level_shows_is_counted_once(quick: LedgerTable, committed: int) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    book.settle(TENT, "r1", settled_at=ORDERED_AT, now=EPOCH)
    level(quick, TENT, 5, second=9, committed=committed, netted_until=ORDERED_AT)
    assert stock(quick, TENT).awaited == (5 if committed == 5 else 0)

    book.reduce(TENT, "r1", 2, piece=PIECE, now=EPOCH)

    assert (numbers(quick), stock(quick, TENT).awaited) == ((0, 0, 5 - committed), 3)


def test_whoever_looked_before_gives_back_what_is_left(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 5)
    write = quick.dynamodb.transact_write_items

    def overtaken(**request: Any) -> Any:
        quick.dynamodb.transact_write_items = write  # type: ignore[method-assign]
        book.reduce(TENT, "r1", 2, piece=PIECE, now=EPOCH)
        return write(**request)

    quick.dynamodb.transact_write_items = overtaken  # type: ignore[method-assign]
    book.give_back(TENT, "r1", now=EPOCH)

    assert numbers(quick) == (0, 0, 5)


def test_a_caller_who_repeats_itself_is_told_so(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    once = Put({"pk": "PIECE#r1", "sk": "1"}, absent=("pk",), elsewhere="Waitlist")
    book.reduce(TENT, "r1", 2, piece=PIECE, now=EPOCH, beside=[once])

    with pytest.raises(BesideError):
        book.reduce(TENT, "r1", 2, piece=PIECE, now=EPOCH, beside=[once])

    assert stock(quick, TENT).owed == 3


@pytest.mark.parametrize("ended", ["returned", "dropped"])
def test_of_a_claim_that_ended_nothing_is_given_back_and_what_stands_beside_is_written(
    quick: LedgerTable, ended: Any
) -> None:
    book = ClaimBook(quick)
    level(quick, TENT, 5)
    book.take(owed(5), now=EPOCH)
    book.end_together([(TENT, "r1")], ended, now=EPOCH)
    once = Put({"pk": "PIECE#r1", "sk": "1"}, absent=("pk",), elsewhere="Waitlist")

    book.reduce(TENT, "r1", 2, piece=PIECE, now=EPOCH, beside=[once])

    assert (numbers(quick), book.claim(TENT, PIECE)) == ((0, 0, 5), None)
    assert LedgerTable("Waitlist", quick.dynamodb).item({"pk": "PIECE#r1", "sk": "1"}) is not None


@pytest.mark.parametrize("units", [0, 5, 6])
def test_all_units_or_none_are_refused(quick: LedgerTable, units: int) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)

    with pytest.raises(ValueError, match="while others stay"):
        book.reduce(TENT, "r1", units, piece=PIECE, now=EPOCH)


def test_what_lacks_nothing_any_more_is_watched_with_its_owners_others(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    level(quick, TENT, 3)
    level(quick, POLE, 1)
    for name, sku, units, given in (("r1", TENT, 5, 3), ("r2", POLE, 1, 1)):
        book.take(owed(units, name, sku), now=EPOCH)
        book.give(sku, name, given, now=EPOCH, watch=Watch(None))

    book.reduce(TENT, "r1", 2, piece=PIECE, now=EPOCH, watch=Watch(EPOCH, [(POLE, "r2")]))

    items = [item for sku in (TENT, POLE) for item in quick.starting(f"SKU#{sku}", "CLAIM#")]
    assert len([item for item in items if item.get("due_at")]) == 2


@pytest.mark.parametrize(
    ("given", "units", "after"), [(0, 2, (3, 2, 0)), (1, 2, (3, 2, 0)), (4, 2, (1, 4, 0)), (5, 4, (0, 5, 0))]
)
def test_units_that_left_are_nobodys_and_those_that_were_set_aside_go_first(
    quick: LedgerTable, given: int, units: int, after: Any
) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 5)
    if given:
        book.give(TENT, "r1", given, now=EPOCH)

    for _ in range(2):
        book.reduce(TENT, "r1", units, piece=PIECE, now=EPOCH, shipped_at=LEFT)

        claim, piece = book.claim(TENT, "r1"), book.claim(TENT, PIECE)
        assert claim
        assert piece
        left = min(given, units)
        assert (claim.units, claim.given, claim.lives) == (5 - units, given - left, True)
        assert (piece.units, piece.given, piece.lives, piece.shipped_at) == (units, left, False, LEFT)
        assert (numbers(quick), stock(quick, TENT).shipped) == (after, units)
    level(quick, TENT, 5 - units, second=9)
    assert (numbers(quick)[0], stock(quick, TENT).shipped) == (after[0], 0)
    book.reduce(TENT, "r1", units, piece=PIECE, now=EPOCH, shipped_at=LEFT)
    assert sum(numbers(quick)[:2]) == 5 - units, "a repeat takes nothing, also once a level counted what left"


def test_units_that_left_before_the_newest_level_are_in_no_number(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(Claim(claim_id="r1", sku=TENT, kind="checkout", units=3, counted_as="owed"), now=EPOCH)
    level(quick, TENT, 3)
    book.give(TENT, "r1", 3, now=EPOCH)
    level(quick, TENT, 1, second=9)

    book.reduce(TENT, "r1", 2, piece=PIECE, now=EPOCH, shipped_at=LEFT)

    assert (numbers(quick), stock(quick, TENT).shipped, book.claim(TENT, PIECE)) == (
        (0, 1, 0),
        0,
        replace(owed(2), kind="checkout", claim_id=PIECE, given=2, status="dropped"),
    )


def test_of_a_kit_those_of_each_component_leave(quick: LedgerTable) -> None:
    camp(quick, tents=2, poles=4)
    book = ClaimBook(quick)
    book.take(owed(2, sku=CAMP), now=EPOCH)
    book.give(CAMP, "r1", 2, now=EPOCH)

    for _ in range(2):
        book.reduce(CAMP, "r1", 1, piece=PIECE, now=EPOCH, shipped_at=LEFT)
        look(quick)
        assert [numbers(quick, sku) for sku in (CAMP, TENT, POLE)] == [(0, 1, 0), (0, 2, 0), (0, 4, 0)]
        assert [stock(quick, sku).shipped for sku in (CAMP, TENT, POLE)] == [0, 1, 2]
    book.give_back(CAMP, "r1", now=EPOCH)
    assert [numbers(quick, sku) for sku in (TENT, POLE)] == [(0, 1, 1), (0, 2, 2)]
    level(quick, TENT, 1, second=9)
    level(quick, POLE, 2, second=9)
    assert [numbers(quick, sku) for sku in (TENT, POLE)] == [(0, 0, 1), (0, 0, 2)]


def test_what_left_of_an_order_that_a_level_shows_stays_committed_until_the_next(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(3), now=EPOCH)
    book.settle(TENT, "r1", settled_at=ORDERED_AT, now=EPOCH)
    level(quick, TENT, 3, second=2, committed=3, netted_until=ORDERED_AT)
    book.give(TENT, "r1", 3, now=EPOCH)

    book.reduce(TENT, "r1", 1, piece=PIECE, now=EPOCH, shipped_at=LEFT)

    assert (numbers(quick), stock(quick, TENT).allotted, stock(quick, TENT).shipped) == ((0, 0, 0), 3, 1)
    level(quick, TENT, 2, second=9, committed=2, netted_until=ORDERED_AT)
    assert (numbers(quick), stock(quick, TENT).allotted, stock(quick, TENT).shipped) == ((0, 0, 0), 2, 0)
