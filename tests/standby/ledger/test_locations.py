"""Which places count, and SKUs counted anew when that changes."""

from typing import Any

import pytest
from standby.ledger import items, locations
from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook, LocationReader
from standby.ledger.model import Location
from standby.ledger.reconciliation import LEVELS_PER_WRITE, Reconciler
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable

from tests.fakes import EPOCH
from tests.standby.ledger.words import location, reading, stock

SHIRT = "SHIRT-RED-M"


def record(table: LedgerTable, *places: str, units: int = 5) -> None:
    LevelBook(table).record(SHIRT, [reading(SHIRT, place, units) for place in places], now=EPOCH)


def reconcile(table: LedgerTable) -> Any:
    return Reconciler(table).reconcile(SHIRT, cause="test", now=EPOCH)


@pytest.mark.parametrize(
    ("kind", "sells_online", "ships_orders", "counts"),
    [
        ("warehouse", None, False, True),
        ("warehouse", True, False, True),
        ("warehouse", False, False, False),
        ("warehouse", False, True, False),
        ("store", None, False, False),
        ("store", None, True, True),
        ("store", False, True, True),
        ("store", True, False, True),
        ("quarantine", None, True, False),
        ("quarantine", True, False, True),
        ("returns", None, False, False),
        ("returns", True, False, True),
        ("transit", False, False, False),
        ("transit", True, False, True),
    ],
)
def test_what_counts_online(kind: str, sells_online: bool | None, ships_orders: bool, counts: bool) -> None:  # noqa: FBT001
    place = Location(location_id="x", kind=kind, sells_online=sells_online, ships_orders=ships_orders)

    assert place.counts is counts


def test_a_location_that_counts_as_before_needs_no_recount(table: LedgerTable) -> None:
    assert LocationBook(table).describe(location("berlin", kind="warehouse")).recount is False


def test_a_location_that_counts_no_more_needs_a_recount_until_it_is_ordered(table: LedgerTable) -> None:
    book = LocationBook(table)
    told = location("berlin", kind="returns")

    first = book.describe(told)
    again = book.describe(told)
    book.recount_ordered(again)

    assert (first.recount, again.recount, book.describe(told).recount) == (True, True, False)


def test_an_older_description_changes_nothing_but_finds_the_recount_that_was_never_ordered(table: LedgerTable) -> None:
    book = LocationBook(table)
    book.describe(location("berlin", second=5, kind="returns"))

    known = book.describe(location("berlin", second=1, kind="warehouse"))

    assert (known.kind, known.recount) == ("returns", True)


def test_a_newer_description_keeps_the_recount_that_was_never_ordered(table: LedgerTable) -> None:
    book = LocationBook(table)
    book.describe(location("berlin", second=1, kind="returns"))

    assert book.describe(location("berlin", second=2, kind="returns", about={"name": "R"})).recount is True


def test_a_recount_that_is_noted_late_leaves_a_newer_description_alone(table: LedgerTable) -> None:
    book = LocationBook(table)
    first = book.describe(location("berlin", second=1, kind="returns"))
    book.describe(location("berlin", second=2, kind="warehouse"))

    book.recount_ordered(first)

    assert book.describe(location("berlin", second=2)).recount is True


def test_what_customers_are_shown_is_kept_as_it_was_told(table: LedgerTable) -> None:
    about = {"name": "חנות", "latitude": 32.08, "hours": {"sun": ["09:00", "17:30"]}}

    LocationBook(table).describe(location("haifa", kind="store", about=about))

    assert items.location(table.item(items.location_key("haifa")) or {}).about == about


def test_all_locations_are_found_page_by_page_and_no_sku_among_them(
    table: LedgerTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "LOCATIONS_PAGE", 2)
    record(table, "berlin")
    for place in ("haifa", "jaffa", "akko"):
        LocationBook(table).describe(location(place, kind="store"))
    reader, found, cursor = LocationReader(table), [], None
    while not found or cursor:
        page, cursor = reader.page(cursor)
        found += page

    assert sorted(found) == ["akko", "haifa", "jaffa"]
    assert reader.location("berlin") is None


def test_a_location_that_becomes_a_store_needs_a_recount_as_its_units_can_be_collected(table: LedgerTable) -> None:
    record(table, "haifa")
    LocationBook(table).describe(location("haifa", kind="warehouse", sells_online=False))
    reconcile(table)

    told = LocationBook(table).describe(location("haifa", second=1, kind="store"))

    assert told.recount is True
    assert (reconcile(table).in_store, stock(table, SHIRT).free) == (5, 0)


def test_a_recount_moves_the_numbers_as_one_revision(table: LedgerTable) -> None:
    record(table, "berlin", "haifa")
    LocationBook(table).describe(location("berlin", kind="returns"))

    after = reconcile(table)

    assert (after.on_hand, after.free, after.revision) == (5, 5, 2)


def test_a_second_recount_changes_nothing(table: LedgerTable) -> None:
    record(table, "berlin", "haifa")
    LocationBook(table).describe(location("berlin", kind="returns"))

    assert reconcile(table) == reconcile(table)


def test_a_location_that_counts_again_brings_its_newest_level(table: LedgerTable) -> None:
    LocationBook(table).describe(location("berlin", kind="returns"))
    record(table, "berlin")
    LocationBook(table).describe(location("berlin", second=1, kind="warehouse"))

    assert reconcile(table).on_hand == 5


def test_a_recount_of_very_many_locations_goes_in_pieces(table: LedgerTable) -> None:
    places = [f"p{place}" for place in range(LEVELS_PER_WRITE + 3)]
    record(table, *places, units=1)
    for place in places:
        LocationBook(table).describe(location(place, kind="returns"))

    assert reconcile(table).on_hand == 0


def test_another_safety_stock_moves_what_is_free(table: LedgerTable) -> None:
    record(table, "berlin")
    SettingsBook(table).change(SHIRT, {"safety_stock": 2})

    after = reconcile(table)

    assert (after.safety, after.free, after.on_hand, after.revision) == (2, 3, 5, 2)


def test_another_low_stock_is_copied_and_raises_the_revision(table: LedgerTable) -> None:
    record(table, "berlin")
    SettingsBook(table).change(None, {"low_stock": 8})

    after = reconcile(table)

    assert (after.low_stock, after.free, after.revision) == (8, 5, 2)


def test_nothing_is_written_for_a_sku_that_nobody_named(table: LedgerTable) -> None:
    assert reconcile(table) is None


def test_a_level_that_came_while_the_recount_was_computed_is_not_lost(table: LedgerTable) -> None:
    record(table, "berlin", "haifa")
    LocationBook(table).describe(location("berlin", kind="returns"))
    original = table.dynamodb.transact_write_items
    meanwhile = [reading(SHIRT, "berlin", 9, second=1)]

    def racing(**request: Any) -> Any:
        if meanwhile:
            LevelBook(table).record(SHIRT, [meanwhile.pop()], now=EPOCH)
        return original(**request)

    table.dynamodb.transact_write_items = racing  # type: ignore[method-assign]
    reconcile(table)

    level = items.level(table.item(items.level_key(SHIRT, "berlin")) or {})
    assert (level.on_hand, level.counting.counts, stock(table, SHIRT).on_hand) == (9, False, 5)
