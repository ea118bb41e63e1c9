"""A kit follows its components: as many are free as the scarcest allows, and none is given that cannot be made."""

from typing import Any

import pytest
from standby.events.fields import MOST_COMPONENTS
from standby.ledger import items
from standby.ledger.kits import KITS_PAGE, KitBook
from standby.ledger.locations import LocationBook
from standby.ledger.reconciliation import Reconciler
from standby.ledger.settings_book import SettingsBook
from standby.ledger.supply import SupplyReader
from standby.ledger.table import LedgerTable
from standby.platform.table import Update

from tests.fakes import EPOCH
from tests.standby.ledger.kits import CAMP, PEG, POLE, TENT, camp, define, incoming, level, look
from tests.standby.ledger.words import location, stock


def test_as_many_are_free_as_the_scarcest_component_allows(quick: LedgerTable) -> None:
    made = camp(quick, tents=5, poles=7)

    assert (made.free, made.sellable, made.on_hand) == (3, 3, 3)


@pytest.mark.parametrize("poles", [-3, 0, 1])
def test_a_kit_that_cannot_be_made_is_sold_out_and_never_below_0(quick: LedgerTable, poles: int) -> None:
    assert camp(quick, poles=poles).free == 0


def test_a_component_that_the_erp_never_named_counts_as_none(quick: LedgerTable) -> None:
    level(quick, TENT, 5)

    made = define(quick, {TENT: 1, POLE: 2})

    assert made
    assert (made.free, made.revision) == (0, 1)


def test_a_kit_follows_its_components_and_its_revision_rises_only_where_its_numbers_change(quick: LedgerTable) -> None:
    before = camp(quick)
    level(quick, POLE, 6, second=1)
    same = look(quick)
    level(quick, POLE, 5, second=2)

    after = look(quick)

    assert (before.free, same.free, after.free) == (3, 3, 2)
    assert (same.revision, after.revision) == (before.revision, before.revision + 1)


def test_looking_again_writes_nothing(quick: LedgerTable) -> None:
    camp(quick)
    level(quick, POLE, 5, second=2)
    look(quick)
    before = quick.item(items.sku_key(CAMP))

    look(quick)

    assert quick.item(items.sku_key(CAMP)) == before


def test_who_looked_earlier_and_writes_later_does_not_win(quick: LedgerTable) -> None:
    """The components go down and up again meanwhile, so that the quicker one sees no difference."""
    camp(quick, poles=6)
    level(quick, POLE, 0, second=1)
    update, quicker = quick.dynamodb.transact_write_items, KitBook(quick)

    def slowly(**request: Any) -> Any:
        quick.dynamodb.transact_write_items = update  # type: ignore[method-assign]
        level(quick, POLE, 6, second=2)
        quicker.look(CAMP, now=EPOCH)
        return update(**request)

    quick.dynamodb.transact_write_items = slowly  # type: ignore[method-assign]
    try:
        look(quick)
    finally:
        quick.dynamodb.transact_write_items = update  # type: ignore[method-assign]

    assert stock(quick, CAMP).free == 3


def test_incoming_is_how_many_more_could_be_made_if_all_came_and_arrivals_say_when(quick: LedgerTable) -> None:
    camp(quick, tents=3, poles=2)
    incoming(quick, POLE, 6, "2026-06-01", "po-1")
    incoming(quick, TENT, 4, "2026-07-01", "po-2")
    incoming(quick, POLE, 1, "2026-05-20", "po-3")
    incoming(quick, POLE, 50, None, "po-4")

    made = look(quick)

    lines = SupplyReader(quick).supply(CAMP).lines
    assert (made.free, made.incoming) == (1, 6)
    assert [(line.eta, line.open) for line in lines] == [("2026-06-01", 2), ("2026-07-01", 1)]


def test_the_safety_stock_is_taken_off_the_components_only(quick: LedgerTable) -> None:
    SettingsBook(quick).change(None, {"safety_stock": 1})

    made = camp(quick, tents=3, poles=7)
    Reconciler(quick).reconcile(CAMP, cause="settings", now=EPOCH)

    assert (made.free, made.safety, stock(quick, CAMP)) == (2, 0, made)


def test_a_kit_has_a_low_stock_of_its_own(quick: LedgerTable) -> None:
    made = camp(quick)
    SettingsBook(quick).change(CAMP, {"low_stock": 1})

    Reconciler(quick).reconcile(CAMP, cause="settings", now=EPOCH)

    assert (stock(quick, CAMP).low_stock, stock(quick, CAMP).revision) == (1, made.revision + 1)


# ---- what it is made of ----


def test_the_newest_word_about_a_kit_wins_in_any_order(quick: LedgerTable) -> None:
    camp(quick)
    level(quick, PEG, 8)
    define(quick, {TENT: 1, PEG: 8}, edition=3)

    made = define(quick, {PEG: 1}, edition=2)

    assert made
    assert made.free == 1
    assert [KitBook(quick).kits_of(sku, None)[0] for sku in (TENT, POLE, PEG)] == [[CAMP], [], [CAMP]]


def test_the_same_word_with_a_higher_edition_changes_no_number(quick: LedgerTable) -> None:
    before = camp(quick)

    after = define(quick, {TENT: 1, POLE: 2}, edition=4)
    define(quick, {PEG: 1}, edition=3)

    assert after
    assert after.kit
    assert (after.revision, after.kit.edition, stock(quick, CAMP)) == (before.revision, 4, after)


def test_what_is_no_kit_any_more_stays_none_when_an_older_word_comes(quick: LedgerTable) -> None:
    camp(quick)
    define(quick, {}, edition=3)

    made = define(quick, {TENT: 1}, edition=2)

    assert made
    assert (made.kit, made.free, KitBook(quick).kits_of(TENT, None)[0]) == (None, 0, [])


def test_levels_of_a_kit_are_kept_and_count_once_it_is_none(quick: LedgerTable) -> None:
    level(quick, CAMP, 9)
    camp(quick)
    level(quick, CAMP, 4, second=5)
    level(quick, CAMP, 2, second=5, place="haifa")
    incoming(quick, CAMP, 7, "2026-06-01")
    as_kit = stock(quick, CAMP)

    define(quick, {}, edition=2)

    after = stock(quick, CAMP)
    assert (as_kit.free, as_kit.on_hand, as_kit.incoming) == (3, 3, 0)
    assert (after.free, after.on_hand, after.incoming, after.kit) == (6, 6, 7, None)


def test_units_of_a_kit_in_stores_count_once_it_is_none(quick: LedgerTable) -> None:
    LocationBook(quick).describe(location("haifa", kind="store"))
    level(quick, CAMP, 2, place="haifa")
    camp(quick)
    as_kit = stock(quick, CAMP)

    define(quick, {}, edition=2)

    assert (as_kit.in_store, stock(quick, CAMP).in_store, stock(quick, CAMP).free) == (0, 2, 0)


def test_a_level_that_comes_while_a_sku_ceases_to_be_a_kit_is_not_lost(quick: LedgerTable) -> None:
    level(quick, CAMP, 9)
    camp(quick)
    write = quick.dynamodb.transact_write_items

    def meanwhile(**request: Any) -> Any:
        quick.dynamodb.transact_write_items = write  # type: ignore[method-assign]
        level(quick, CAMP, 5, second=5)
        return write(**request)

    quick.dynamodb.transact_write_items = meanwhile  # type: ignore[method-assign]
    define(quick, {}, edition=2)

    assert stock(quick, CAMP).free == 5


def test_a_location_that_ceases_to_sell_while_a_sku_is_a_kit_does_not_count_afterwards(quick: LedgerTable) -> None:
    level(quick, CAMP, 9)
    camp(quick)
    LocationBook(quick).describe(location("berlin", kind="returns", second=1))
    Reconciler(quick).reconcile(CAMP, cause="location", now=EPOCH)
    as_kit = stock(quick, CAMP)

    define(quick, {}, edition=2)

    assert (as_kit.free, stock(quick, CAMP).free) == (3, 0)


def test_a_kit_of_kits_cannot_be_made_and_a_circle_comes_to_rest(quick: LedgerTable) -> None:
    camp(quick)

    both = define(quick, {CAMP: 1}, kit="BOTH")
    circle = define(quick, {"BOTH": 1}, edition=2)

    assert both
    assert circle
    assert (both.free, circle.free, look(quick).revision) == (0, 0, circle.revision)


def test_a_component_that_is_no_kit_any_more_counts_again(quick: LedgerTable) -> None:
    camp(quick)
    define(quick, {CAMP: 1}, kit="BOTH")
    level(quick, CAMP, 4)

    define(quick, {}, edition=2)

    assert look(quick, "BOTH").free == 4


@pytest.mark.parametrize(
    "components", [{CAMP: 1}, {TENT: 0}, {f"PART-{number}": 1 for number in range(MOST_COMPONENTS + 1)}]
)
def test_what_no_kit_can_be_is_refused(quick: LedgerTable, components: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=CAMP):
        define(quick, components)


def test_a_component_that_changes_while_its_kit_is_said_is_counted(quick: LedgerTable) -> None:
    """Its change finds no kit yet."""
    level(quick, TENT, 3)
    level(quick, POLE, 6)
    write = quick.dynamodb.transact_write_items

    def meanwhile(**request: Any) -> Any:
        quick.dynamodb.transact_write_items = write  # type: ignore[method-assign]
        level(quick, POLE, 2, second=2)
        return write(**request)

    quick.dynamodb.transact_write_items = meanwhile  # type: ignore[method-assign]
    made = define(quick, {TENT: 1, POLE: 2})

    assert made
    assert made.free == 1


def test_a_component_knows_its_kits_a_page_at_a_time(quick: LedgerTable) -> None:
    for number in range(KITS_PAGE + 3):
        quick.write(Update(items.kit_key(TENT, f"KIT-{number:03}"), assign={"x": 1}))

    first, cursor = KitBook(quick).kits_of(TENT, None)
    second, end = KitBook(quick).kits_of(TENT, cursor)

    assert (len(first), len(second), end) == (KITS_PAGE, 3, None)


def test_components_are_marked_so_that_their_changes_are_told_to_kits(quick: LedgerTable) -> None:
    level(quick, PEG, 1)
    camp(quick)

    assert [stock(quick, sku).in_kits for sku in (TENT, POLE, PEG)] == [True, True, False]
