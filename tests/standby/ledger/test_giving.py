"""Units are given to who is owed them, only while they are there, and taken back where they turn out not to be."""

from typing import Any

import pytest
from standby.ledger.claims import BesideError, Claim, ClaimBook, EndedError, NothingToGiveError
from standby.ledger.table import LedgerTable
from standby.platform.table import Put

from tests.fakes import EPOCH
from tests.standby.ledger.kits import CAMP, ORDERED_AT, POLE, TENT, camp, level, look
from tests.standby.ledger.words import stock

pytestmark = pytest.mark.promise("P1", "P5")


def owed(units: int, name: str = "r1", sku: str = TENT) -> Claim:
    return Claim(claim_id=name, sku=sku, kind="pre-order", units=units, counted_as="owed")


def numbers(table: LedgerTable, sku: str = TENT) -> tuple[int, int, int]:
    """Return what is owed, held and free."""
    found = stock(table, sku)
    return found.owed, found.held, found.free


def test_given_units_are_held_and_what_is_free_stays_as_it_is(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 3)

    after = book.give(TENT, "r1", 2, now=EPOCH)

    assert (after.given, book.claim(TENT, "r1")) == (2, after)
    assert (numbers(quick), stock(quick, TENT).givable) == ((3, 2, -2), 1)


@pytest.mark.parametrize(("on_hand", "units", "givable"), [(3, 4, 3), (9, 6, 5), (0, 1, 0)])
def test_no_more_is_given_than_is_there_and_than_the_claim_lacks(
    quick: LedgerTable, on_hand: int, units: int, givable: int
) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, on_hand)

    with pytest.raises(NothingToGiveError) as refused:
        book.give(TENT, "r1", units, now=EPOCH)

    assert (refused.value.givable, stock(quick, TENT).held) == (givable, 0)


def test_what_is_held_committed_or_kept_safe_is_not_given(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    level(quick, TENT, 4, committed=1)
    book.take(Claim(claim_id="o1", sku=TENT, kind="offer", units=2), now=EPOCH)
    book.take(owed(5), now=EPOCH)

    assert stock(quick, TENT).givable == 1


def test_units_that_are_not_there_after_all_are_owed_again(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 5)
    book.give(TENT, "r1", 5, now=EPOCH)
    level(quick, TENT, 3, second=9)

    with pytest.raises(NothingToGiveError) as refused:
        book.take_back(TENT, "r1", 6, now=EPOCH)
    after = book.take_back(TENT, "r1", 2, now=EPOCH)

    assert (refused.value.givable, after.given, numbers(quick)) == (5, 3, (2, 3, -2))


def test_a_claim_that_ended_is_given_nothing(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(1), now=EPOCH)
    book.give_back(TENT, "r1", now=EPOCH)
    level(quick, TENT, 1)

    with pytest.raises(EndedError) as refused:
        book.give(TENT, "r1", 1, now=EPOCH)

    assert refused.value.claim
    assert refused.value.claim.status == "returned"


@pytest.mark.parametrize("units", [2, 5])
@pytest.mark.parametrize("ended", [False, True])
def test_a_caller_who_repeats_itself_gives_once_and_is_told_so(quick: LedgerTable, units: int, *, ended: bool) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 5)
    once = Put({"pk": "ALLOCATION#r1", "sk": "1"}, absent=("pk",), elsewhere="Waitlist")
    book.give(TENT, "r1", units, now=EPOCH, beside=[once])
    if ended:
        book.shipped(TENT, "r1", now=EPOCH)

    with pytest.raises(BesideError):
        book.give(TENT, "r1", units, now=EPOCH, beside=[once])

    assert numbers(quick) == ((0, 0, 5) if ended else (5 - units, units, 0))


def test_what_is_refused_writes_nothing_beside(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    once = Put({"pk": "ALLOCATION#r1", "sk": "1"}, absent=("pk",), elsewhere="Waitlist")

    with pytest.raises(NothingToGiveError):
        book.give(TENT, "r1", 1, now=EPOCH, beside=[once])

    assert LedgerTable("Waitlist", quick.dynamodb).item({"pk": "ALLOCATION#r1", "sk": "1"}) is None


@pytest.mark.parametrize("given", [0, 2, 5])
def test_a_claim_that_ends_frees_what_it_was_given_and_what_it_lacks(quick: LedgerTable, given: int) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 5)
    if given:
        book.give(TENT, "r1", given, now=EPOCH)

    book.give_back(TENT, "r1", now=EPOCH)

    assert numbers(quick) == (0, 0, 5)


@pytest.mark.parametrize("given", [0, 2])
def test_netting_drops_what_a_claim_was_given_and_what_it_lacks(quick: LedgerTable, given: int) -> None:
    book = ClaimBook(quick)
    book.take(owed(5), now=EPOCH)
    level(quick, TENT, 2)
    if given:
        book.give(TENT, "r1", given, now=EPOCH)
    book.settle(TENT, "r1", settled_at=ORDERED_AT, now=EPOCH)

    level(quick, TENT, 2, second=9, committed=5, netted_until=ORDERED_AT)

    assert numbers(quick) == (0, 0, -3)


def test_a_kit_is_given_in_all_its_parts_or_not(quick: LedgerTable) -> None:
    camp(quick, tents=0, poles=0)
    book = ClaimBook(quick)
    book.take(owed(3, sku=CAMP), now=EPOCH)
    level(quick, TENT, 2, second=5)
    level(quick, POLE, 3, second=5)

    with pytest.raises(NothingToGiveError) as refused:
        book.give(CAMP, "r1", 2, now=EPOCH)
    after = book.give(CAMP, "r1", 1, now=EPOCH)
    look(quick)

    assert (refused.value.givable, after.given) == (1, 1)
    assert [numbers(quick, sku) for sku in (CAMP, TENT, POLE)] == [(2, 1, 0), (2, 1, -1), (4, 2, -3)]
    book.give_back(CAMP, "r1", now=EPOCH)
    assert [numbers(quick, sku) for sku in (TENT, POLE)] == [(0, 0, 2), (0, 0, 3)]


def test_units_that_another_took_meanwhile_are_not_given(quick: LedgerTable) -> None:
    book = ClaimBook(quick)
    book.take(owed(2), now=EPOCH)
    book.take(owed(2, "r2"), now=EPOCH)
    level(quick, TENT, 2)
    write = quick.dynamodb.transact_write_items

    def overtaken(**request: Any) -> Any:
        quick.dynamodb.transact_write_items = write  # type: ignore[method-assign]
        book.give(TENT, "r2", 1, now=EPOCH)
        return write(**request)

    quick.dynamodb.transact_write_items = overtaken  # type: ignore[method-assign]
    with pytest.raises(NothingToGiveError) as refused:
        book.give(TENT, "r1", 2, now=EPOCH)

    assert (refused.value.givable, numbers(quick)) == (1, (3, 1, -2))
