"""Full counts of a location: nothing newer is overwritten, nothing is emptied on half a word or by accident."""

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standby.ledger import items
from standby.ledger.table import LedgerTable
from standby.platform.table import Query, Update
from standby.stock.snapshots.service import AmbiguousError, UndecidableError

from tests.fakes import AT_ONCE
from tests.standby.stock.counting import Warehouse, cut, level, many, message, pages
from tests.tables import create_table

pytestmark = pytest.mark.promise("P4")

TEN = many("SHIRT", 10, 5)


@pytest.fixture
def warehouse(aws: Any) -> Warehouse:
    create_table(aws, "Stock")
    return Warehouse(LedgerTable("Stock", aws, AT_ONCE))


def filled(warehouse: Warehouse, location_id: str = "W", *, second: float = 0) -> None:
    warehouse.take(*(level(sku, location_id, on_hand, second=second) for sku, on_hand in TEN.items()))


def test_a_sku_that_no_page_names_becomes_nothing_once_all_pages_came(warehouse: Warehouse) -> None:
    filled(warehouse)
    named = {sku: 7 for sku in TEN if sku not in {"SHIRT-3", "SHIRT-4"}}
    first, second = pages("S1", "W", *cut(list(named.items()), 2), second=60)
    warehouse.take(second)
    warehouse.work()
    assert warehouse.on_hand("W", "SHIRT-3", "SHIRT-4") == {"SHIRT-3": 5, "SHIRT-4": 5}
    assert warehouse.state("S1") == "receiving"
    warehouse.take(first)
    warehouse.work()
    assert warehouse.state("S1") == "applied"
    assert named | {"SHIRT-3": 0, "SHIRT-4": 0} == warehouse.on_hand("W", *TEN)


def test_units_are_there_at_once_although_a_page_is_missing(warehouse: Warehouse) -> None:
    warehouse.take(pages("S1", "W", {"SHIRT-1": 4}, {"SHIRT-2": 4}, second=60)[0])
    assert warehouse.on_hand("W", "SHIRT-1") == {"SHIRT-1": 4}
    assert warehouse.approvals.unfinished()[0]["pages_missing"] == [2]


def test_a_level_newer_than_the_snapshot_stays(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.level("SHIRT-1", "W", 9, second=120)
    warehouse.level("SHIRT-2", "W", 9, second=120)
    rest = {sku: 5 for sku in TEN if sku != "SHIRT-2"}
    warehouse.take(*pages("S1", "W", rest | {"SHIRT-1": 1}, second=60))
    warehouse.work()
    assert warehouse.on_hand("W", "SHIRT-1", "SHIRT-2") == {"SHIRT-1": 9, "SHIRT-2": 9}


def test_a_level_older_than_the_applied_snapshot_comes_too_late_even_for_a_sku_that_it_did_not_name(
    warehouse: Warehouse,
) -> None:
    filled(warehouse)
    warehouse.take(*pages("S1", "W", TEN, second=60))
    warehouse.work()
    warehouse.level("HAT", "W", 3, second=30)
    assert warehouse.on_hand("W", "HAT") == {"HAT": None}
    warehouse.level("HAT", "W", 3, second=90)
    assert warehouse.on_hand("W", "HAT") == {"HAT": 3}


def test_an_older_snapshot_changes_nothing(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.take(*pages("S2", "W", TEN, second=60))
    warehouse.work()
    warehouse.take(*pages("S1", "W", {"SHIRT-1": 1}, second=30))
    warehouse.work()
    assert warehouse.state("S1") == "superseded"
    assert warehouse.on_hand("W", *TEN) == TEN


def test_a_newer_snapshot_supersedes_an_unfinished_one(warehouse: Warehouse) -> None:
    filled(warehouse)
    old = pages("S1", "W", {"SHIRT-1": 5}, {"SHIRT-2": 5}, second=60)
    warehouse.take(old[0])
    warehouse.take(*pages("S2", "W", TEN, second=90))
    warehouse.take(old[1])
    warehouse.work()
    assert (warehouse.state("S1"), warehouse.state("S2")) == ("superseded", "applied")
    assert warehouse.on_hand("W", *TEN) == TEN


def test_a_missing_page_never_empties_anything_and_raises_the_alarm(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.take(pages("S1", "W", {"SHIRT-1": 5}, {"SHIRT-2": 5}, second=60)[0])
    warehouse.worker.report()
    assert warehouse.metrics == {}
    warehouse.clock.advance(hours=7)
    warehouse.worker.report()
    assert warehouse.metrics == {"SnapshotsUnfinished": 1}
    assert warehouse.on_hand("W", *TEN) == TEN


def test_emptying_over_a_fifth_waits_for_approval_whether_absent_or_nothing(warehouse: Warehouse) -> None:
    filled(warehouse)
    left = {sku: 5 for sku in TEN if sku not in {"SHIRT-0", "SHIRT-1"}} | {"SHIRT-2": 0}
    warehouse.take(*pages("S1", "W", left, second=60))
    warehouse.work()
    assert warehouse.state("S1") == "waiting_for_approval"
    assert warehouse.on_hand("W", *TEN) == TEN
    seen = warehouse.approvals.view("S1", None)
    assert seen
    assert seen["brake"] == {"falling": 3, "stocked": 10, "percent": 30.0, "limit_percent": 20}
    warehouse.approvals.approve("S1", None, by="dana")
    warehouse.work()
    assert warehouse.state("S1") == "applied"
    assert left | {"SHIRT-0": 0, "SHIRT-1": 0, "SHIRT-2": 0} == warehouse.on_hand("W", *TEN)


def test_what_the_snapshot_brings_anew_does_not_release_the_brake(warehouse: Warehouse) -> None:
    """The file of another warehouse, sent under this one's name, names a thousand SKUs that were never here."""
    filled(warehouse)
    warehouse.take(*pages("S1", "W", many("OTHER", 60, 5), second=60))
    warehouse.work()
    assert warehouse.state("S1") == "waiting_for_approval"
    assert warehouse.on_hand("W", *TEN) == TEN


def test_a_rejected_snapshot_empties_nothing(warehouse: Warehouse) -> None:
    filled(warehouse)
    (page,) = pages("S1", "W", {"SHIRT-1": 8, "SHIRT-2": 0}, second=60)
    warehouse.take(page)
    warehouse.work()
    warehouse.approvals.reject("S1", None, by="dana")
    warehouse.take(page)
    warehouse.work()
    assert warehouse.state("S1") == "rejected"
    assert warehouse.on_hand("W", *TEN) == TEN | {"SHIRT-1": 8}
    with pytest.raises(UndecidableError, match="rejected"):
        warehouse.approvals.approve("S1", None, by="dana")


def test_what_happened_while_it_waited_stays(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.take(*pages("S1", "W", {"SHIRT-0": 5}, second=60))
    warehouse.work()
    warehouse.level("SHIRT-1", "W", 2, second=90)
    warehouse.approvals.approve("S1", None, by="dana")
    warehouse.work()
    assert warehouse.on_hand("W", "SHIRT-0", "SHIRT-1", "SHIRT-2") == {"SHIRT-0": 5, "SHIRT-1": 2, "SHIRT-2": 0}


def test_approving_again_after_a_crash_goes_on(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.take(*pages("S1", "W", {"SHIRT-0": 5}, second=60))
    warehouse.work()
    warehouse.approvals.approve("S1", None, by="dana")
    warehouse.sweeps.drain()
    warehouse.approvals.approve("S1", None, by="dana")
    warehouse.work()
    assert warehouse.state("S1") == "applied"


def test_a_doubt_of_the_sender_asks_for_approval(warehouse: Warehouse) -> None:
    filled(warehouse)
    nine = {sku: 5 for sku in TEN if sku != "SHIRT-0"}
    warehouse.take(*pages("S1", "W", nine, second=60, doubt="3 lines could not be read"))
    warehouse.work()
    assert warehouse.state("S1") == "waiting_for_approval"
    assert warehouse.on_hand("W", "SHIRT-0") == {"SHIRT-0": 5}


def test_a_doubt_about_a_count_that_empties_nothing_asks_nobody(warehouse: Warehouse) -> None:
    """A footer of the file, each night, is a line that nobody can read."""
    filled(warehouse)
    warehouse.take(*pages("S1", "W", TEN | {"HAT": 0}, second=60, doubt="1 line could not be read"))
    warehouse.work()
    assert (warehouse.state("S1"), warehouse.metrics) == ("applied", {})
    assert warehouse.on_hand("W", *TEN, "HAT") == TEN | {"HAT": 0}


def test_the_silence_of_a_count_in_doubt_says_nothing_unless_somebody_approves_it(warehouse: Warehouse) -> None:
    """The line that nobody could read was about a SKU. What was said of it before the count still counts."""
    filled(warehouse)
    warehouse.take(*pages("S1", "W", TEN, second=60, doubt="1 line could not be read"))
    (job,) = warehouse.sweeps.drain()
    warehouse.worker.handle(json.loads(job.body))
    warehouse.level("HAT", "W", 3, second=20)  # between the count's look through the location and its end
    warehouse.work()
    warehouse.level("CAP", "W", 3, second=30)
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", "HAT", "CAP") == {"HAT": 3, "CAP": 3}
    warehouse.take(*pages("S2", "W", TEN, second=90, doubt="1 line could not be read"))
    warehouse.work()
    assert warehouse.state("S2") == "waiting_for_approval"
    warehouse.approvals.approve("S2", None, by="dana")
    warehouse.work()
    warehouse.level("SCARF", "W", 3, second=80)
    assert warehouse.on_hand("W", "HAT", "CAP", "SCARF") == {"HAT": 0, "CAP": 0, "SCARF": None}


def test_one_snapshot_id_may_stand_for_several_locations(warehouse: Warehouse) -> None:
    warehouse.take(*pages("S1", "W", TEN, second=60), *pages("S1", "V", TEN, {}, second=60)[:1])
    warehouse.work()
    with pytest.raises(AmbiguousError):
        warehouse.approvals.view("S1", None)
    assert (warehouse.state("S1", "W"), warehouse.state("S1", "V")) == ("applied", "receiving")


def test_nothing_is_a_word_about_a_sku_that_was_never_named(warehouse: Warehouse) -> None:
    warehouse.take(*pages("S1", "W", {"NEW": 0}, second=60))
    assert warehouse.on_hand("W", "NEW") == {"NEW": 0}


def test_a_page_that_contradicts_the_others_is_poison_alone(warehouse: Warehouse) -> None:
    filled(warehouse)
    first, second = pages("S1", "W", {"SHIRT-1": 4}, {"SHIRT-2": 4}, second=60)
    warehouse.take(first, second | {"as_of": "2026-05-03T10:05:00Z"})
    assert [m.reason for m in warehouse.dead.messages] == [
        "as_of: the snapshot's other pages say 2026-05-03T10:01:00.000Z"
    ]
    assert warehouse.on_hand("W", "SHIRT-1", "SHIRT-2") == {"SHIRT-1": 4, "SHIRT-2": 5}


@pytest.mark.parametrize("length", [20, 60])
def test_a_bad_level_of_a_page_waits_alone_and_keeps_the_snapshot_open(warehouse: Warehouse, length: int) -> None:
    named = many("SOCK", length, 3)
    (page,) = pages("S1", "W", named, second=60)
    page["levels"][17]["on_hand"] = "three"
    warehouse.take(page)
    warehouse.work()
    (letter,) = warehouse.dead.messages
    assert (letter.reason or "").endswith("SKU SOCK-17: on_hand: 'three' is not a number")
    (waiting,) = warehouse.dead.bodies()
    assert waiting["levels"] == [{"sku": "SOCK-17", "on_hand": "three"}]
    assert warehouse.on_hand("W", *named) == named | {"SOCK-17": None}
    assert warehouse.state("S1") == "receiving"
    waiting["levels"][0]["on_hand"] = 3
    warehouse.take(waiting)
    warehouse.work()
    assert (warehouse.state("S1"), warehouse.on_hand("W", *named)) == ("applied", named)


def test_a_sku_named_twice_in_a_page_waits_with_both_its_levels(warehouse: Warehouse) -> None:
    (page,) = pages("S1", "W", many("SOCK", 60, 3), second=60)
    page["levels"][59] = {"sku": "SOCK-0", "on_hand": 4}
    warehouse.take(page)
    (letter,) = warehouse.dead.messages
    assert letter.reason == "page 1, part 1, SKU SOCK-0: SOCK-0 stands there twice"
    assert warehouse.dead.bodies()[0]["levels"] == [{"sku": "SOCK-0", "on_hand": 3}, {"sku": "SOCK-0", "on_hand": 4}]
    assert warehouse.on_hand("W", "SOCK-0", "SOCK-1", "SOCK-58") == {"SOCK-0": None, "SOCK-1": 3, "SOCK-58": 3}


def test_a_page_that_names_one_sku_only_is_set_aside_whole(warehouse: Warehouse) -> None:
    (page,) = pages("S1", "W", {"SOCK": 3}, second=60)
    warehouse.take(page | {"levels": page["levels"] * 26})
    assert [letter.reason for letter in warehouse.dead.messages] == ["levels: SOCK stands there twice"]


def test_what_a_page_empties_is_held_back_beside_its_bad_levels_too(warehouse: Warehouse) -> None:
    """The mended letter is the same part of the same page: it must not displace what was held back."""
    warehouse.take(*(level(sku, "W", 5, second=0) for sku in ("A", "B", *many("SOCK", 20, 5))))
    (page,) = pages("S1", "W", {"A": 0, "B": 0, **many("SOCK", 20, 5)}, second=60)
    page["levels"][1]["on_hand"] = None
    page["levels"][0]["committed"] = 2
    warehouse.take(page)
    (waiting,) = warehouse.dead.bodies()
    waiting["levels"][0]["on_hand"] = 0
    warehouse.take(waiting)
    warehouse.work()
    assert (warehouse.state("S1"), warehouse.on_hand("W", "A", "B")) == ("applied", {"A": 0, "B": 0})
    found = {sku: warehouse.table.item(items.level_key(sku, "W")) for sku in ("A", "B")}
    assert {sku: item and items.level(item).committed for sku, item in found.items()} == {"A": 2, "B": 0}


def test_what_is_held_back_is_stored_by_the_name_that_levels_are_stored_by(warehouse: Warehouse) -> None:
    """What an older release held back is applied by a newer one, so the name on disk stays."""
    filled(warehouse)
    warehouse.take(*pages("S1", "W", TEN | {"SHIRT-1": 0}, second=60))
    (item,) = warehouse.table.starting("PAGES#S1/W", "HELD#")
    told = {"on_hand": "0", "snapshot_id": '"S1"'}
    assert [reading["told"] for reading in json.loads(item["held"])] == [told]
    warehouse.work()
    assert (warehouse.table.item(items.level_key("SHIRT-1", "W")) or {})["told"] == told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"page": 0}, "page: "),
        ({"page": 2, "pages": 1}, "page: 2 is more than pages: 1"),
        ({"part": 3, "parts": 2}, "part: 3 is more than parts: 2"),
        ({"part": 2}, "part: 2 is more than parts: 1"),
        (
            {"page": 2, "pages": 1, "levels": [{"sku": f"S{number}", "on_hand": 1} for number in range(30)]},
            "page: 2 is",
        ),
        ({"as_of": None}, "as_of: "),
        ({"snapshot_id": "a\tb"}, "snapshot_id: has U+0009 in it"),
        ({"page": "1.5"}, "page: '1.5' is not a whole number"),
        ({"page": "3", "pages": 2.0}, "page: 3 is more than pages: 2"),
        (
            {"levels": [{"sku": 7, "on_hand": 1}, {"sku": "7", "on_hand": 2}]},
            'page 1, level {"sku":7,"on_hand":1}: 7 stands there twice',
        ),
        ({"levels": [{"sku": "A", "on_hand": 1}, {"sku": "A", "on_hand": 2}]}, "page 1, SKU A: A stands there twice"),
        ({"levels": [{"sku": "A"}]}, "page 1, SKU A: on_hand or available or counted: missing"),
        ({"levels": [{"sku": "A", "on_hand": None}]}, "page 1, SKU A: on_hand or available: missing"),
        ({"levels": [{"on_hand": 1}, 7]}, 'page 1, level {"on_hand":1}: sku: missing; level 7: must be object'),
        (
            {"levels": [{"sku": f"S{number}", "on_hand": "x"} for number in range(9)]},
            "page 1, SKU S0: on_hand: 'x' is not a number; SKU S1",
        ),
        ({"as_of": "2026-05-04T10:00:00Z"}, "as_of: 2026-05-04T10:00:00Z is more than 5 minutes ahead"),
    ],
)
def test_a_malformed_page_says_what_is_wrong(warehouse: Warehouse, change: dict[str, Any], reason: str) -> None:
    warehouse.take(pages("S1", "W", {"A": 1}, second=60)[0] | change)
    assert [(letter.reason or "").startswith(reason) for letter in warehouse.dead.messages] == [True], warehouse.dead


def test_orders_that_the_snapshot_subtracts_already_are_known_for_absent_skus_too(warehouse: Warehouse) -> None:
    filled(warehouse)
    nine = {sku: 5 for sku in TEN if sku != "SHIRT-0"}
    warehouse.take(*pages("S1", "W", nine, second=60, netted_until="2026-05-03T10:00:30Z"))
    warehouse.work()
    item = warehouse.table.item({"pk": "SKU#SHIRT-0", "sk": "LEVEL#W"})
    assert item
    assert (item["on_hand"], item["netted_until"]) == (0, "2026-05-03T10:00:30.000Z")


def test_jobs_delivered_twice_do_the_same_once(warehouse: Warehouse) -> None:
    filled(warehouse)
    nine = {sku: 5 for sku in TEN if sku != "SHIRT-0"}
    warehouse.take(*pages("S1", "W", nine, second=60))
    for _ in range(20):
        jobs = warehouse.sweeps.bodies()
        warehouse.sweeps.drain()
        for job in jobs:
            warehouse.worker.handle(message(job).json())
            warehouse.worker.handle(message(job).json())
    assert warehouse.state("S1") == "applied"
    assert nine | {"SHIRT-0": 0} == warehouse.on_hand("W", *TEN)


PLACES = count(1)
SKUS = [f"SKU-{number}" for number in range(5)]
WORDS = st.tuples(st.sampled_from(SKUS), st.integers(0, 3), st.integers(0, 4).map(lambda tenth: tenth * 20))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(WORDS, max_size=6),
    counted=st.dictionaries(st.sampled_from(SKUS), st.integers(0, 3)),
    page_count=st.integers(1, 4),
    order=st.randoms(use_true_random=False),
    approved=st.booleans(),
)
def test_in_any_order_with_duplicates_the_newest_word_about_each_sku_wins(  # noqa: PLR0917 - one per strategy
    warehouse: Warehouse,
    before: list[Any],
    counted: dict[str, int],
    page_count: int,
    order: Any,
    approved: bool,  # noqa: FBT001 - a strategy's
) -> None:
    """Words at 0, 20, 40, 60, 80 s; the snapshot is of 50 s, so that nothing is said twice about one time."""
    place = f"W{next(PLACES)}"  # a place of its own, since all examples share the ledger
    said = {}
    for sku, units, second in before:
        said[sku, second] = units
    words = [level(sku, place, units, second=second) for (sku, second), units in said.items()]
    snapshot = pages(f"S-{place}", place, *cut(list(counted.items()), page_count), second=50)
    deliveries = [*words, *snapshot, *order.choices([*words, *snapshot], k=3)]
    order.shuffle(deliveries)
    warehouse.take(*deliveries)
    warehouse.work()
    if approved and warehouse.state(f"S-{place}") == "waiting_for_approval":
        warehouse.approvals.approve(f"S-{place}", None, by="dana")
        warehouse.work()
    # Calculated independently: the newest word about each SKU counts, and the snapshot is a word about all.
    newest = {sku: max((second, units) for (each, second), units in said.items() if each == sku) for sku, _ in said}
    applied = warehouse.state(f"S-{place}") == "applied"
    found = {sku: units or 0 for sku, units in warehouse.on_hand(place, *SKUS).items()}
    expected = {}
    for sku in SKUS:
        second, units = newest.get(sku, (-1, 0))
        if second < 50 and (applied or counted.get(sku, 0)):
            units = counted.get(sku, 0)
        elif second < 50 and sku in counted and not found[sku]:
            units = 0  # the count's own 0 came where nothing was yet: it emptied nothing, and outdates what came later
        expected[sku] = units
    assert found == expected
    if approved:
        assert applied


# ---------------------------------------------------------------------- what cannot be read


def work_off(warehouse: Warehouse) -> list[str]:
    """Do all jobs, and return the SKUs of those that fail."""
    failed = []
    while warehouse.sweeps.messages:
        for job in warehouse.sweeps.drain():
            content = json.loads(job.body)
            try:
                warehouse.worker.handle(content)
            except Exception:  # noqa: BLE001 - whatever it is, SQS sets the job aside
                failed.append(content["sku"])
    return failed


@pytest.mark.parametrize("named", [{"SHIRT-0": 0, "SHIRT-1": 0}, {}], ids=["held back", "absent"])
def test_two_skus_that_cannot_be_read_keep_no_other_from_being_emptied(
    warehouse: Warehouse, named: dict[str, int]
) -> None:
    many_more = many("SHIRT", 30, 5)
    warehouse.take(*(level(sku, "W", on_hand, second=0) for sku, on_hand in many_more.items()))
    for sku in ("SHIRT-0", "SHIRT-1"):
        warehouse.table.write(Update(items.sku_key(sku), assign={"low_stock": None}))
    left = {sku: 5 for sku in many_more if sku not in {"SHIRT-0", "SHIRT-1", "SHIRT-2"}}
    warehouse.take(*pages("S1", "W", left | named, second=60))
    assert set(work_off(warehouse)) == {"SHIRT-0", "SHIRT-1"}
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", "SHIRT-2") == {"SHIRT-2": 0}


def test_readings_held_back_that_cannot_be_read_keep_no_count_from_ending(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.take(*pages("S1", "W", TEN | {"SHIRT-0": 0}, second=60))
    (held,) = warehouse.table.page(Query("PAGES#S1/W", starting="HELD#")).items
    warehouse.table.write(Update({"pk": held["pk"], "sk": held["sk"]}, assign={"held": '[{"sku": "SHIRT-0"}]'}))
    assert work_off(warehouse) == []
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", "SHIRT-0") == {"SHIRT-0": 0}


def test_a_level_that_cannot_be_read_keeps_no_other_of_its_page(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.table.write(Update(items.level_key("SHIRT-0", "W"), assign={"as_of": None}))
    warehouse.take(*pages("S1", "W", dict.fromkeys(TEN, 7) | {"SHIRT-0": 0}, second=60))
    assert set(work_off(warehouse)) == {"SHIRT-0"}
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", "SHIRT-1") == {"SHIRT-1": 7}
