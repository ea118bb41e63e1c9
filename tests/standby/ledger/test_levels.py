"""The ERP's newest word about each location wins."""

import threading
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standby.ledger import items
from standby.ledger.levels import LOCATIONS_PER_WRITE, LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.model import Counting, Level, Reading
from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform.dynamodb import Backoff, BusyError

from tests.fakes import AT_ONCE, EPOCH, FakeClock
from tests.standby.ledger.words import location, reading, stock
from tests.tables import create_table

pytestmark = pytest.mark.promise("P4")

SHIRT = "SHIRT-RED-M"
TABLES = count()


def record(table: LedgerTable, *readings: Reading) -> None:
    LevelBook(table).record(readings[0].sku, readings, now=EPOCH)


def steps(table: LedgerTable, sku: str) -> list[Any]:
    return table.starting(items.partition(sku), items.STEPS)


def test_the_first_level_begins_the_sku(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7, committed=2))

    found = stock(table, SHIRT)
    assert (found.on_hand, found.committed, found.free, found.sellable, found.revision) == (7, 2, 5, 5, 1)


def test_a_first_level_of_nothing_begins_the_sku_too(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 0))

    assert (stock(table, SHIRT).free, stock(table, SHIRT).revision) == (0, 1)


def test_a_new_sku_takes_its_safety_and_low_stock_from_the_settings(table: LedgerTable) -> None:
    SettingsBook(table).change(None, {"safety_stock": 2, "low_stock": 9})

    record(table, reading(SHIRT, "berlin", 7))

    found = stock(table, SHIRT)
    assert (found.safety, found.low_stock, found.free) == (2, 9, 5)


def test_locations_add_up_and_one_delivery_is_one_revision(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7), reading(SHIRT, "haifa", 3))

    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).revision) == (10, 1)


def test_an_older_level_changes_nothing(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7, second=10))
    record(table, reading(SHIRT, "berlin", 99, second=9))

    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).revision) == (7, 1)


def test_the_same_message_again_changes_nothing(table: LedgerTable) -> None:
    for _ in range(3):
        record(table, reading(SHIRT, "berlin", 7))

    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).revision, len(steps(table, SHIRT))) == (7, 1, 1)


def test_at_equal_times_the_higher_sequence_wins_then_the_later_arrival(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 1, sequence=2, arrival=5))
    record(table, reading(SHIRT, "berlin", 2, sequence=1, arrival=9))
    record(table, reading(SHIRT, "berlin", 3, sequence=2, arrival=6))

    assert stock(table, SHIRT).on_hand == 3


def test_a_newer_level_wins_although_an_older_one_had_a_higher_sequence(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 1, second=0, sequence=9))
    record(table, reading(SHIRT, "berlin", 2, second=1))

    assert stock(table, SHIRT).on_hand == 2


def test_the_same_quantity_again_only_moves_the_levels_time(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7, second=0))
    record(table, reading(SHIRT, "berlin", 7, second=5))
    record(table, reading(SHIRT, "berlin", 99, second=3))

    level = items.level(table.item(items.level_key(SHIRT, "berlin")) or {})
    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).revision) == (7, 1)
    assert level.as_of == reading(SHIRT, "berlin", 7, second=5).as_of


def test_the_same_quantity_again_is_one_small_write(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7, second=0))
    transactions = 0
    original = table.dynamodb.transact_write_items

    def counted(**request: Any) -> Any:
        nonlocal transactions
        transactions += 1
        return original(**request)

    table.dynamodb.transact_write_items = counted  # type: ignore[method-assign]
    record(table, reading(SHIRT, "berlin", 7, second=5))

    assert transactions == 0


def test_a_dip_inside_one_delivery_is_never_seen(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 5, second=0))
    record(table, reading(SHIRT, "berlin", 0, second=1), reading(SHIRT, "berlin", 6, second=2))

    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).revision) == (6, 2)


def test_a_location_that_does_not_sell_online_adds_nothing_but_is_known(table: LedgerTable) -> None:
    LocationBook(table).describe(location("quarantine-1", kind="quarantine"))

    record(table, reading(SHIRT, "quarantine-1", 40), reading(SHIRT, "berlin", 2))

    level = items.level(table.item(items.level_key(SHIRT, "quarantine-1")) or {})
    assert (stock(table, SHIRT).on_hand, level.on_hand, level.counting.counts) == (2, 40, False)


def test_a_sku_in_very_many_locations_is_written_in_pieces(table: LedgerTable) -> None:
    places = 2 * LOCATIONS_PER_WRITE + 5

    record(table, *(reading(SHIRT, f"store-{place}", 1) for place in range(places)))

    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).revision) == (places, 3)


def test_every_change_of_the_numbers_leaves_a_step(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7, second=0))
    record(table, reading(SHIRT, "berlin", 4, second=1))

    step = items.step(steps(table, SHIRT)[-1])
    assert step.event == "stock.level"
    assert step.numbers["change"] == {"on_hand": -3, "free": -3}
    assert step.numbers["levels"]["berlin"]["was_on_hand"] == 7


def test_steps_are_cleaned_up_after_ninety_days(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7))

    assert steps(table, SHIRT)[0]["ttl"] == EPOCH.timestamp() + 90 * 24 * 3600


def test_levels_of_one_sku_from_many_workers_at_once_all_count(table: LedgerTable) -> None:
    patient = replace(table, backoff=Backoff(attempts=60, base_seconds=0.0005, cap_seconds=0.005))
    feeds = [
        [reading(SHIRT, f"store-{place}", second + place, second=second) for second in range(6)] for place in range(6)
    ]

    def work(feed: list[Reading]) -> None:
        for each in feed:
            record(patient, each)

    workers = [threading.Thread(target=work, args=(feed,)) for feed in feeds]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert stock(table, SHIRT).on_hand == sum(5 + place for place in range(6))
    assert stock(table, SHIRT).free == stock(table, SHIRT).on_hand


def test_a_write_whose_answer_was_lost_is_not_done_twice(table: LedgerTable) -> None:
    record(table, reading(SHIRT, "berlin", 7, second=0))
    original = table.dynamodb.transact_write_items
    lost = ClientError({"Error": {"Code": "InternalServerError"}}, "TransactWriteItems")
    answers = [lost]

    def losing(**request: Any) -> Any:
        answer = original(**request)
        if answers:
            raise answers.pop()
        return answer

    table.dynamodb.transact_write_items = losing  # type: ignore[method-assign]
    record(table, reading(SHIRT, "berlin", 4, second=1))

    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).revision) == (4, 2)


def test_a_table_that_stays_busy_is_an_error_and_no_loss(table: LedgerTable) -> None:
    original = table.dynamodb.transact_write_items
    busy = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": "TransactionConflict"}]}

    def conflicting(**request: Any) -> Any:
        raise ClientError(busy, "TransactWriteItems")  # type: ignore[arg-type]

    table.dynamodb.transact_write_items = conflicting  # type: ignore[method-assign]
    with pytest.raises(BusyError):
        record(table, reading(SHIRT, "berlin", 7))
    table.dynamodb.transact_write_items = original  # type: ignore[method-assign]
    record(table, reading(SHIRT, "berlin", 7))

    assert stock(table, SHIRT).on_hand == 7


FEEDS = st.lists(
    st.builds(
        reading,
        st.just(SHIRT),
        st.sampled_from(["berlin", "haifa", "store-1", "quarantine-1"]),
        st.integers(0, 9),
        second=st.integers(0, 6),
        sequence=st.integers(0, 2),
        arrival=st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=14,
    unique_by=lambda each: (each.location_id, each.version),
)


def newest_word(feed: list[Reading]) -> dict[str, int]:
    """The reference: sort everything, the last word about each location stays."""
    return {each.location_id: each.on_hand for each in sorted(feed, key=lambda each: each.version)}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(feed=FEEDS, data=st.data())
def test_in_any_order_with_duplicates_the_levels_end_as_the_newest_words(
    aws: Any, feed: list[Reading], data: st.DataObject
) -> None:
    name = create_table(aws, f"Stock-{next(TABLES)}")
    table = LedgerTable(name, aws, AT_ONCE)
    again = data.draw(st.lists(st.sampled_from(feed), max_size=5))
    shuffled = data.draw(st.permutations([*feed, *again]))
    LocationBook(table).describe(location("quarantine-1", kind="quarantine"))
    while shuffled:
        size = data.draw(st.integers(1, 4))
        record(table, *shuffled[:size])
        shuffled = shuffled[size:]

    expected = newest_word(feed)
    levels = [items.level(item) for item in table.starting(items.partition(SHIRT), items.LEVELS)]
    assert {level.location_id: level.on_hand for level in levels} == expected
    sold_online = sum(units for place, units in expected.items() if place != "quarantine-1")
    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).free) == (sold_online, sold_online)
    aws.delete_table(TableName=name)


@settings(max_examples=40)
@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_a_buffer_hides_free_units_and_owes_none(on_hand: int, committed: int, buffer: int, counts: bool) -> None:  # noqa: FBT001
    """The reference: the units that nobody needs stand in a row, and the buffer takes away the first of them."""
    level = Level(location_id="haifa", on_hand=on_hand, committed=committed, counting=Counting(counts, buffer))
    unneeded = ["unit"] * on_hand
    missing = 0
    for _ in range(committed):
        if unneeded:
            unneeded.pop()
        else:
            missing += 1

    assert level.counted.free == (len(unneeded[buffer:]) - missing if counts else 0)
    assert level.counted.committed == (committed if counts else 0)


def test_a_buffer_is_taken_off_each_level_of_its_location(table: LedgerTable) -> None:
    LocationBook(table).describe(location("haifa", kind="store", ships_orders=True, buffer=2))

    record(table, reading(SHIRT, "haifa", 5), reading(SHIRT, "berlin", 4))
    record(table, reading(SHIRT, "haifa", 1, second=1))

    assert (stock(table, SHIRT).on_hand, stock(table, SHIRT).free) == (4, 4)


def test_the_reader_knows_no_sku_that_the_erp_never_named(table: LedgerTable, clock: FakeClock) -> None:
    assert LedgerReader(table).stock("NOBODY") is None
