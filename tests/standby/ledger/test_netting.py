"""Orders that came before their goods, and that the ERP counts itself: netted as far as it shows them (design §4)."""

from typing import Any

import pytest
from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.reconciliation import Reconciler
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text

from tests.fakes import EPOCH
from tests.standby.ledger.kits import TENT, level
from tests.standby.ledger.words import location, reading, stock

ORDERED_AT = to_text(EPOCH)


def ordered(table: LedgerTable, number: int, units: int = 1) -> ClaimBook:
    """Take claims that are owed and let the ERP know their orders."""
    book = ClaimBook(table)
    for each in range(number):
        book.take(Claim(claim_id=f"r{each:03}", sku=TENT, kind="preorder", units=units, counted_as="owed"), now=EPOCH)
        book.settle(TENT, f"r{each:03}", settled_at=ORDERED_AT, now=EPOCH)
    return book


def says(table: LedgerTable, on_hand: int, committed: int, *, second: int, **more: Any) -> None:
    level(table, TENT, on_hand, committed=committed, second=second, **{"netted_until": ORDERED_AT, **more})


def numbers(table: LedgerTable) -> tuple[int, int, int, int, int]:
    """Return what is owed, held, awaited, free and givable."""
    found = stock(table, TENT)
    assert found.on_hand == found.committed + found.safety + found.owed + found.held + found.free
    return found.owed, found.held, found.awaited, found.free, found.givable


def test_what_is_committed_is_owed_no_longer_and_lacks_its_units_still(quick: LedgerTable) -> None:
    book = ordered(quick, 10)

    says(quick, 0, 10, second=1)
    assert numbers(quick) == (0, 0, 10, -10, 0)

    says(quick, 10, 10, second=2)
    assert numbers(quick) == (0, 0, 10, 0, 10)
    assert {book.give(TENT, f"r{each:03}", 1, now=EPOCH).given for each in range(10)} == {1}
    assert numbers(quick) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("committed", "expected"), [(0, (10, 0, 0, -10, 0)), (4, (6, 0, 4, -10, 0)), (12, (0, 0, 10, -12, 0))]
)
def test_no_more_is_netted_than_the_level_shows_as_committed(
    quick: LedgerTable, committed: int, expected: tuple[int, ...]
) -> None:
    ordered(quick, 10)

    says(quick, 0, committed, second=1)

    assert numbers(quick) == expected


def test_goods_that_come_before_the_erp_commits_them_are_nobody_elses(quick: LedgerTable) -> None:
    book = ordered(quick, 2)

    says(quick, 2, 0, second=1)
    assert numbers(quick) == (2, 0, 0, 0, 2)
    for each in range(2):
        book.give(TENT, f"r{each:03}", 1, now=EPOCH)
    says(quick, 2, 1, second=2)
    assert numbers(quick) == (0, 1, 0, 0, 0)
    says(quick, 2, 2, second=3)

    assert numbers(quick) == (0, 0, 0, 0, 0)


def test_what_a_level_shows_no_longer_is_owed_again_in_the_same_change(quick: LedgerTable) -> None:
    ordered(quick, 60)
    says(quick, 0, 60, second=1)
    assert numbers(quick) == (0, 0, 60, -60, 0)
    before = stock(quick, TENT).revision

    says(quick, 60, 0, second=2)

    assert numbers(quick) == (60, 0, 0, 0, 60)
    assert stock(quick, TENT).revision == before + 3, "two pages were owed again before the level was written"


def test_an_order_that_left_before_we_are_told_is_counted_until_then(quick: LedgerTable) -> None:
    book = ordered(quick, 2)
    says(quick, 2, 2, second=1)
    for each in range(2):
        book.give(TENT, f"r{each:03}", 1, now=EPOCH)

    says(quick, 1, 1, second=2)
    assert numbers(quick) == (0, 1, 0, -1, 0)
    book.shipped(TENT, "r000", now=EPOCH)
    says(quick, 1, 1, second=3)

    assert numbers(quick) == (0, 0, 0, 0, 0)


def test_below_zero_is_committed_where_the_erp_nets_and_nothing_where_it_does_not(quick: LedgerTable) -> None:
    ordered(quick, 3)
    book = LevelBook(quick)

    book.record(TENT, [reading(TENT, "berlin", 0, second=1, short=3)], now=EPOCH)
    assert (stock(quick, TENT).committed, *numbers(quick)) == (0, 3, 0, 0, -3, 0)
    book.record(TENT, [reading(TENT, "berlin", 0, second=2, short=3, netted_until=ORDERED_AT)], now=EPOCH)
    assert (stock(quick, TENT).committed, *numbers(quick)) == (3, 0, 0, 3, -3, 0)
    book.record(TENT, [reading(TENT, "berlin", 0, second=3, short=1)], now=EPOCH)

    assert (stock(quick, TENT).committed, *numbers(quick)) == (0, 3, 0, 0, -3, 0)


def test_a_shop_whose_levels_always_net_need_not_say_so(quick: LedgerTable) -> None:
    ordered(quick, 2)
    SettingsBook(quick).change(None, {"net_by_as_of": True})

    level(quick, TENT, 1, committed=2, second=1)
    assert numbers(quick) == (0, 0, 2, -1, 1)
    LevelBook(quick).record(TENT, [reading(TENT, "berlin", 9, second=2, as_of_assumed=True)], now=EPOCH)

    assert numbers(quick) == (2, 0, 0, 7, 9)


def test_what_another_location_shows_stays_netted(quick: LedgerTable) -> None:
    ordered(quick, 2)
    says(quick, 0, 2, second=1)

    says(quick, 5, 0, second=2, place="kiosk")
    assert numbers(quick) == (0, 0, 2, 3, 5)
    says(quick, 0, 0, second=3)

    assert numbers(quick) == (2, 0, 0, 3, 5)


def test_one_who_goes_lacks_nothing_any_more(quick: LedgerTable) -> None:
    book = ordered(quick, 2)
    says(quick, 0, 2, second=1)

    assert book.give_back(TENT, "r000", now=EPOCH)

    assert numbers(quick) == (0, 0, 1, -2, 0)
    says(quick, 1, 1, second=2)
    assert numbers(quick) == (0, 0, 1, 0, 1)


def test_units_that_turn_out_not_to_be_there_are_awaited_again(quick: LedgerTable) -> None:
    book = ordered(quick, 1)
    says(quick, 1, 1, second=1)
    book.give(TENT, "r000", 1, now=EPOCH)

    book.take_back(TENT, "r000", 1, now=EPOCH)

    assert numbers(quick) == (0, 0, 1, 0, 1)


def test_goods_are_a_restock_of_what_is_left_though_the_level_commits_the_orders_with_them(quick: LedgerTable) -> None:
    ordered(quick, 2)
    level(quick, TENT, 1, second=1)

    says(quick, 3, 2, second=2)

    assert (numbers(quick), stock(quick, TENT).netted) == ((0, 0, 2, 1, 3), False)


def test_what_was_given_and_a_level_shows_no_longer_is_nobody_elses_at_any_moment(quick: LedgerTable) -> None:
    book = ordered(quick, 2)
    says(quick, 2, 2, second=1)
    for each in range(2):
        book.give(TENT, f"r{each:03}", 1, now=EPOCH)
    before = stock(quick, TENT).revision

    says(quick, 2, 0, second=2)

    assert numbers(quick) == (0, 2, 0, 0, 0)
    assert stock(quick, TENT).revision == before + 1


def test_what_was_given_stays_theirs_where_the_location_that_shows_them_counts_no_more(quick: LedgerTable) -> None:
    book = ordered(quick, 2)
    says(quick, 2, 2, second=1)
    says(quick, 2, 0, second=2, place="kiosk")
    for each in range(2):
        book.give(TENT, f"r{each:03}", 1, now=EPOCH)
    assert numbers(quick) == (0, 0, 0, 2, 2)

    LocationBook(quick).describe(location("berlin", kind="returns"))
    Reconciler(quick).reconcile(TENT, cause="location", now=EPOCH)

    assert numbers(quick) == (0, 2, 0, 0, 0)
