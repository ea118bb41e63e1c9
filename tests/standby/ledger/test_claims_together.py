"""Several claims, and what the caller writes beside them, are taken or ended together or not at all."""

from collections.abc import Callable
from typing import Any

import pytest
from standby.ledger.claims import BesideError, Claim, ClaimBook, SoldOutError, TooManyError
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform.table import TRANSACTION_ITEMS, ConditionCheck, Put, Update

from tests.fakes import EPOCH
from tests.standby.ledger.kits import CAMP, PEG, POLE, TENT, camp, define, incoming, level, look
from tests.standby.ledger.words import stock

pytestmark = pytest.mark.promise("P1")

ORDER = {"pk": "RESERVATION#r1", "sk": "RESERVATION"}
COUNTER = {"pk": "CAMPAIGN#c1", "sk": "COUNTER#0"}
PREORDERS = "Waitlist"
"""Another table than the ledger's."""


def claim(sku: str, units: int = 1, name: str = "r1", **more: Any) -> Claim:
    return Claim(claim_id=name, sku=sku, kind="pre-order", units=units, **more)


def owed(sku: str, units: int = 1, name: str = "r1") -> Claim:
    return claim(sku, units, name, counted_as="owed")


def reserved(**values: Any) -> Put:
    """Return the write of a reservation in a table of another feature, once."""
    return Put({**ORDER, **values}, absent=("pk",), elsewhere=PREORDERS)


def reservation(ledger: LedgerTable) -> Any:
    return LedgerTable(PREORDERS, ledger.dynamodb).item(ORDER)


def freed(ledger: LedgerTable, *skus: str) -> list[int]:
    return [stock(ledger, sku).free for sku in skus]


def test_claims_of_several_skus_and_kits_and_a_callers_writes_are_taken_in_one_transaction(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)
    level(quick, PEG, 5)

    taken = ClaimBook(quick).take_together(
        [claim(CAMP, 1), claim(TENT, 1, "r1-tent"), owed(PEG, 8)], now=EPOCH, beside=[reserved(state="held")]
    )

    assert [each.sku for each in taken] == [CAMP, TENT, PEG]
    assert freed(quick, TENT, POLE, PEG) == [1, 5, -3]
    assert [(stock(quick, sku).held, stock(quick, sku).owed) for sku in (CAMP, TENT, PEG)] == [(1, 0), (2, 0), (0, 8)]
    assert reservation(quick)["state"] == "held"


def test_where_one_of_them_is_sold_out_nothing_is_taken_or_written(quick: LedgerTable) -> None:
    level(quick, TENT, 5)
    level(quick, PEG, 1)

    with pytest.raises(SoldOutError) as refused:
        ClaimBook(quick).take_together([claim(TENT, 2), claim(PEG, 2)], now=EPOCH, beside=[reserved()])

    assert (refused.value.sku, refused.value.units, refused.value.free) == (PEG, 2, 1)
    assert (freed(quick, TENT, PEG), reservation(quick)) == ([5, 1], None)


def test_a_kit_and_its_component_in_one_order_need_their_units_together(quick: LedgerTable) -> None:
    camp(quick, tents=2, poles=9)

    with pytest.raises(SoldOutError) as refused:
        ClaimBook(quick).take_together([claim(CAMP, 2), claim(TENT, 1, "r1-tent")], now=EPOCH)

    assert (refused.value.sku, refused.value.free, freed(quick, TENT, POLE)) == (CAMP, 2, [2, 9])


def test_a_callers_condition_that_fails_is_told_before_anything_else(quick: LedgerTable) -> None:
    level(quick, TENT, 0)
    full = Update(COUNTER, add={"taken": 1}, at_least={"capacity": 1}, elsewhere=PREORDERS)

    with pytest.raises(BesideError) as refused:
        ClaimBook(quick).take_together([claim(TENT)], now=EPOCH, beside=[reserved(), full])

    assert refused.value.reasons == (None, {})


def test_a_reservation_that_was_made_before_is_told_as_it_is(quick: LedgerTable) -> None:
    level(quick, TENT, 1)
    book = ClaimBook(quick)
    book.take_together([claim(TENT)], now=EPOCH, beside=[reserved(state="held")])

    with pytest.raises(BesideError) as refused:
        book.take_together([claim(TENT)], now=EPOCH, beside=[reserved(state="held")])

    assert refused.value.reasons == ({**ORDER, "state": "held"},)
    assert stock(quick, TENT).held == 1


def test_claims_that_were_taken_before_are_returned_as_they_are_now(quick: LedgerTable) -> None:
    level(quick, TENT, 2)
    book = ClaimBook(quick)
    both = [claim(TENT), claim(TENT, name="r2")]
    book.take_together(both, now=EPOCH)
    book.give_back(TENT, "r2", now=EPOCH)

    again = book.take_together(both, now=EPOCH)

    assert ([each.status for each in again], stock(quick, TENT).held) == (["taken", "returned"], 1)


def test_claims_of_which_only_some_were_taken_before_are_a_mistake(quick: LedgerTable) -> None:
    level(quick, TENT, 5)
    book = ClaimBook(quick)
    book.take(claim(TENT), now=EPOCH)

    with pytest.raises(ValueError, match="some of these claims were taken before"):
        book.take_together([claim(TENT), claim(TENT, name="r2")], now=EPOCH)

    assert stock(quick, TENT).free == 4


def test_more_than_a_transaction_takes_is_refused_by_name(quick: LedgerTable) -> None:
    many = [owed(TENT, name=f"r{number}") for number in range(TRANSACTION_ITEMS // 3)]

    with pytest.raises(TooManyError, match="at most 100"):
        ClaimBook(quick).take_together(many, now=EPOCH, beside=[reserved()])


def test_what_is_owed_needs_no_units_and_makes_free_negative(quick: LedgerTable) -> None:
    level(quick, TENT, 1)

    ClaimBook(quick).take(owed(TENT, 4), now=EPOCH)

    tents = stock(quick, TENT)
    assert (tents.free, tents.owed, tents.sellable, tents.givable) == (-3, 4, 0, 1)


def test_a_sku_that_the_erp_never_named_begins_with_what_is_owed(quick: LedgerTable) -> None:
    ClaimBook(quick).take(owed(TENT, 4), now=EPOCH)
    level(quick, TENT, 3)

    tents = stock(quick, TENT)
    assert (tents.on_hand, tents.free, tents.givable) == (3, -1, 3)


def test_what_incoming_goods_promise_is_sold_once(quick: LedgerTable) -> None:
    level(quick, TENT, 1)
    incoming(quick, TENT, 4, "2026-06-01")
    book = ClaimBook(quick)
    book.take_together([owed(TENT, 3)], now=EPOCH, promised_by_incoming={"r1"})

    with pytest.raises(SoldOutError) as refused:
        book.take_together([owed(TENT, 3, "r2")], now=EPOCH, promised_by_incoming={"r2"})
    book.take_together([owed(TENT, 2, "r3")], now=EPOCH, promised_by_incoming={"r3"})

    assert (refused.value.free, freed(quick, TENT)) == (2, [-4])


def test_goods_that_are_called_off_while_they_are_promised_are_promised_to_nobody(
    quick: LedgerTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    level(quick, TENT, 0)
    incoming(quick, TENT, 5, "2026-06-01")
    written = LedgerTable.beside

    def too_late(self: LedgerTable, *writes: Any, room: int) -> None:
        monkeypatch.setattr(LedgerTable, "beside", written)
        incoming(quick, TENT, 2, "2026-06-01", moment=2)
        written(self, *writes, room=room)

    monkeypatch.setattr(LedgerTable, "beside", too_late)
    with pytest.raises(SoldOutError) as refused:
        ClaimBook(quick).take_together([owed(TENT, 4)], now=EPOCH, promised_by_incoming={"r1"})

    assert (refused.value.free, stock(quick, TENT).owed) == (2, 0)


def test_nothing_is_promised_of_a_sku_that_the_erp_never_named(quick: LedgerTable) -> None:
    with pytest.raises(SoldOutError):
        ClaimBook(quick).take_together([owed(TENT)], now=EPOCH, promised_by_incoming={"r1"})

    assert LedgerReader(quick).stock(TENT) is None


def test_a_kit_is_promised_by_what_is_on_its_way_to_each_component(quick: LedgerTable) -> None:
    camp(quick, tents=0, poles=2)
    incoming(quick, TENT, 3, "2026-06-01")
    incoming(quick, POLE, 2, "2026-06-01", order="po-2")
    book = ClaimBook(quick)
    book.take_together([owed(CAMP, 2)], now=EPOCH, promised_by_incoming={"r1"})

    with pytest.raises(SoldOutError) as refused:
        book.take_together([owed(CAMP, 1, "r2")], now=EPOCH, promised_by_incoming={"r2"})

    assert (refused.value.sku, refused.value.free) == (CAMP, 0)
    assert (freed(quick, TENT, POLE), look(quick).owed, look(quick).free) == ([-2, -2], 2, 0)


def before_the_next_write(quick: LedgerTable, act: Callable[[], None]) -> None:
    """Let something happen between what the next transaction read and its write."""
    write = quick.dynamodb.transact_write_items

    def overtaken(**request: Any) -> Any:
        quick.dynamodb.transact_write_items = write  # type: ignore[method-assign]
        act()
        return write(**request)

    quick.dynamodb.transact_write_items = overtaken  # type: ignore[method-assign]


@pytest.mark.parametrize(("there", "sold_out"), [(2, False), (0, True)])
def test_goods_on_their_way_that_arrive_meanwhile_are_no_wrong_sold_out(
    quick: LedgerTable, there: int, *, sold_out: bool
) -> None:
    level(quick, TENT, 0)
    incoming(quick, TENT, 2, "2026-06-01")

    def arrive() -> None:
        incoming(quick, TENT, 0, "2026-06-01", moment=2)
        level(quick, TENT, there, second=9)

    before_the_next_write(quick, arrive)
    try:
        ClaimBook(quick).take_together([owed(TENT, 2)], now=EPOCH, promised_by_incoming={"r1"})
    except SoldOutError:
        assert sold_out
    else:
        assert not sold_out
    assert stock(quick, TENT).owed == (0 if sold_out else 2)


# ---- ending together ----


def test_claims_end_together_with_a_callers_writes_and_give_back_what_they_took(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=7)
    book = ClaimBook(quick)
    book.take_together([claim(CAMP), claim(TENT, name="r1-tent"), owed(PEG, 2)], now=EPOCH)
    ends = [(CAMP, "r1"), (TENT, "r1-tent"), (PEG, "r1")]

    done = book.end_together(ends, "returned", now=EPOCH, beside=[reserved(state="cancelled")])

    assert (done, freed(quick, TENT, POLE, PEG)) == (True, [3, 7, 0])
    assert reservation(quick)["state"] == "cancelled"
    assert {found.status for sku, name in ends if (found := book.claim(sku, name))} == {"returned"}


def test_what_ended_already_is_passed_over_and_the_callers_writes_are_done(quick: LedgerTable) -> None:
    level(quick, TENT, 3)
    book = ClaimBook(quick)
    book.take(claim(TENT, 2), now=EPOCH)
    book.shipped(TENT, "r1", now=EPOCH)

    done = book.end_together([(TENT, "r1")], "returned", now=EPOCH, beside=[reserved(state="cancelled")])

    found = book.claim(TENT, "r1")
    assert (done, found and found.status, reservation(quick)["state"]) == (False, "dropped", "cancelled")


def test_claims_end_only_if_the_callers_conditions_hold(quick: LedgerTable) -> None:
    level(quick, TENT, 3)
    book = ClaimBook(quick)
    book.take(claim(TENT, 2), now=EPOCH)
    held = ConditionCheck(ORDER, equal={"state": "held"}, elsewhere=PREORDERS)

    with pytest.raises(BesideError):
        book.end_together([(TENT, "r1")], "returned", now=EPOCH, beside=[held])

    assert stock(quick, TENT).held == 2


def test_a_claim_that_is_given_units_while_it_ends_frees_exactly_its_units(quick: LedgerTable) -> None:
    level(quick, TENT, 3)
    book = ClaimBook(quick)
    book.take(owed(TENT, 2), now=EPOCH)
    before_the_next_write(quick, lambda: void(book.give(TENT, "r1", 1, now=EPOCH)))

    book.end_together([(TENT, "r1")], "returned", now=EPOCH)

    tents = stock(quick, TENT)
    assert (tents.owed, tents.held, tents.free) == (0, 0, 3)


def void(_: object) -> None:
    """Make nothing of an answer."""


def test_a_kit_that_is_defined_while_it_is_taken_is_taken_in_parts(quick: LedgerTable) -> None:
    level(quick, TENT, 1)
    level(quick, POLE, 2)
    level(quick, CAMP, 5)
    before_the_next_write(quick, lambda: void(define(quick, {TENT: 1, POLE: 2})))

    ClaimBook(quick).take_together([claim(CAMP)], now=EPOCH)

    assert freed(quick, TENT, POLE) == [0, 0]
