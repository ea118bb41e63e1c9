"""SKUs that a full count names and does not count: their levels stay as they are, whatever comes when."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.stock.snapshots import repository

from tests.fakes import AT_ONCE
from tests.standby.stock.counting import Warehouse, cut, level, many, pages
from tests.tables import create_table
from tests.world import World

pytestmark = pytest.mark.promise("P4")

TEN = many("SHIRT", 10, 5)
KEPT = dict.fromkeys(("SHIRT-3", "SHIRT-4", "SHIRT-5"))


@pytest.fixture
def warehouse(aws: Any) -> Warehouse:
    create_table(aws, "Stock")
    found = Warehouse(LedgerTable("Stock", aws, AT_ONCE))
    found.take(*(level(sku, "W", on_hand, second=0) for sku, on_hand in TEN.items()))
    return found


def counted(warehouse: Warehouse, snapshot_id: str, named: dict[str, int | None], *, second: float) -> None:
    warehouse.take(*pages(snapshot_id, "W", *cut(list(named.items()), 2), second=second))
    warehouse.work()


def reasons(warehouse: Warehouse) -> Sequence[str | None]:
    return [letter.reason for letter in warehouse.dead.messages]


def test_what_is_named_and_not_counted_keeps_its_level_and_the_rest_becomes_nothing(warehouse: Warehouse) -> None:
    named = {sku: 7 for sku in TEN if sku not in {*KEPT, "SHIRT-9"}}
    counted(warehouse, "S1", named | KEPT, second=60)
    assert warehouse.state("S1") == "applied"
    assert named | dict.fromkeys(KEPT, 5) | {"SHIRT-9": 0} == warehouse.on_hand("W", *TEN)


def test_it_stays_for_the_brake_and_does_not_fall(warehouse: Warehouse) -> None:
    named: dict[str, int | None] = {sku: 5 for sku in TEN if sku not in {*KEPT, "SHIRT-7", "SHIRT-8", "SHIRT-9"}}
    counted(warehouse, "S1", named | KEPT, second=60)
    shown = warehouse.approvals.view("S1", None)
    assert shown
    assert (shown["state"], shown["brake"]) == (
        "waiting_for_approval",
        {"falling": 3, "stocked": 10, "percent": 30.0, "limit_percent": 20},
    )
    warehouse.approvals.approve("S1", None, by="dana")
    warehouse.work()
    assert warehouse.on_hand("W", *KEPT, "SHIRT-7") == {"SHIRT-3": 5, "SHIRT-4": 5, "SHIRT-5": 5, "SHIRT-7": 0}


def test_a_count_that_counts_nothing_empties_nothing_of_what_it_names(warehouse: Warehouse) -> None:
    counted(warehouse, "S1", dict.fromkeys(TEN), second=60)
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", *TEN) == TEN


def test_an_older_word_about_it_counts_still_when_it_comes_late_and_about_others_no_more(warehouse: Warehouse) -> None:
    counted(warehouse, "S1", dict(TEN) | {"SHIRT-3": None, "HAT": None}, second=60)
    for sku in ("SHIRT-3", "HAT", "CAP"):
        warehouse.level(sku, "W", 9, second=30)
    assert warehouse.on_hand("W", "SHIRT-3", "HAT", "CAP") == {"SHIRT-3": 9, "HAT": 9, "CAP": None}
    warehouse.level("HAT", "W", 1, second=20)
    assert warehouse.on_hand("W", "HAT") == {"HAT": 9}, "it is older than what is known"


def test_a_word_that_comes_between_the_page_and_its_applying_stays(warehouse: Warehouse) -> None:
    warehouse.take(*pages("S1", "W", dict(TEN) | {"HAT": None}, second=60))
    warehouse.level("HAT", "W", 9, second=30)
    warehouse.work()
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", "HAT") == {"HAT": 9}


def test_of_several_counts_each_that_is_newer_than_a_word_must_have_left_it_out(warehouse: Warehouse) -> None:
    counted(warehouse, "S1", dict(TEN), second=60)
    counted(warehouse, "S2", dict(TEN) | {"HAT": None, "CAP": None}, second=120)
    counted(warehouse, "S3", dict(TEN) | {"HAT": None}, second=180)
    for sku, second in (("HAT", 30), ("CAP", 90)):
        warehouse.level(sku, "W", 9, second=second)
    assert warehouse.on_hand("W", "HAT", "CAP") == {"HAT": None, "CAP": None}
    for sku, second in (("HAT", 90), ("CAP", 150)):
        warehouse.level(sku, "W", 9, second=second)
    assert warehouse.on_hand("W", "HAT", "CAP") == {"HAT": 9, "CAP": None}
    counted(warehouse, "S4", dict(TEN) | {"HAT": None}, second=240)
    counted(warehouse, "S5", dict(TEN) | {"HAT": 9}, second=300)
    warehouse.level("COAT", "W", 1, second=290)
    assert warehouse.on_hand("W", "COAT") == {"COAT": None}


def test_so_many_counts_are_remembered_and_a_word_from_before_them_comes_too_late(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MOST_SPARING", 2)
    for number in (1, 2, 3):
        counted(warehouse, f"S{number}", dict(TEN) | {"HAT": None}, second=60 * number)
    warehouse.level("HAT", "W", 9, second=30)
    assert warehouse.on_hand("W", "HAT") == {"HAT": None}
    warehouse.level("HAT", "W", 9, second=90)
    assert warehouse.on_hand("W", "HAT") == {"HAT": 9}


def test_an_older_count_that_is_applied_late_still_empties_what_a_newer_one_did_not_count(
    warehouse: Warehouse,
) -> None:
    few = {sku: 5 for sku in TEN if sku not in KEPT}
    warehouse.take(*pages("S1", "W", few, second=60))
    warehouse.work()
    warehouse.approvals.approve("S1", None, by="dana")
    (job,) = warehouse.sweeps.drain()
    counted(warehouse, "S2", dict(TEN) | dict.fromkeys(KEPT), second=120)
    assert warehouse.state("S2") == "applied"
    warehouse.sweeps.send([job])
    warehouse.work()
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", *KEPT) == dict.fromkeys(KEPT, 0)
    warehouse.level("HAT", "W", 9, second=30)
    assert warehouse.on_hand("W", "HAT") == {"HAT": None}


def test_a_later_count_that_counts_it_again_holds(warehouse: Warehouse) -> None:
    counted(warehouse, "S1", dict(TEN) | {"SHIRT-3": None}, second=60)
    counted(warehouse, "S2", {sku: 5 for sku in TEN if sku != "SHIRT-3"}, second=120)
    assert warehouse.on_hand("W", "SHIRT-3") == {"SHIRT-3": 0}


def test_where_a_page_that_came_twice_contradicts_itself_about_a_sku_it_keeps_its_level(warehouse: Warehouse) -> None:
    (page,) = pages("S1", "W", dict(TEN) | {"SHIRT-3": None}, second=60)
    (other,) = pages("S1", "W", dict(TEN) | {"SHIRT-3": 0}, second=60)
    warehouse.take(page, other)
    warehouse.work()
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", "SHIRT-3") == {"SHIRT-3": 5}


def test_a_long_page_says_the_same_in_parts(warehouse: Warehouse) -> None:
    rest: dict[str, int | None] = dict.fromkeys(f"MUG-{number}" for number in range(60))
    warehouse.take(*pages("S1", "W", dict(TEN) | {"SHIRT-3": None} | rest, second=60))
    warehouse.work()
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", *TEN, "MUG-59") == TEN | {"MUG-59": None}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"counted": False, "on_hand": 3}, "page 1, SKU SHIRT-3: counted: false, and on_hand is said"),
        ({"counted": False, "available": 0}, "page 1, SKU SHIRT-3: counted: false, and available is said"),
        ({"counted": True}, "page 1, SKU SHIRT-3: on_hand or available: missing"),
        ({"counted": "no", "on_hand": 3}, "page 1, SKU SHIRT-3: counted: must be boolean"),
    ],
    ids=["and units", "and none", "nothing else", "no word of ours"],
)
def test_a_level_that_contradicts_itself_waits_for_a_person(
    warehouse: Warehouse, said: dict[str, Any], reason: str
) -> None:
    (page,) = pages("S1", "W", {sku: 5 for sku in TEN if sku != "SHIRT-3"}, second=60)
    warehouse.take({**page, "levels": [*page["levels"], {"sku": "SHIRT-3", **said}]})
    warehouse.work()
    assert reasons(warehouse) == [reason]
    assert warehouse.state("S1") == "receiving"
    assert warehouse.on_hand("W", *TEN) == TEN


def test_a_null_says_nothing_of_whether_it_was_counted(warehouse: Warehouse) -> None:
    (page,) = pages("S1", "W", {sku: 5 for sku in TEN if sku != "SHIRT-3"}, second=60)
    more = [{"sku": "SHIRT-3", "counted": None, "on_hand": 6}, {"sku": "HAT", "counted": False, "on_hand": None}]
    warehouse.take({**page, "levels": [*page["levels"], *more]})
    warehouse.work()
    assert (warehouse.state("S1"), reasons(warehouse)) == ("applied", [])
    assert warehouse.on_hand("W", "SHIRT-3", "HAT") == {"SHIRT-3": 6, "HAT": None}


def by_file(world: World, _at: str) -> None:
    mapping = {"columns": {"sku": 1, "on_hand": 2}, "location_id": "W", "full_count": True, "keep_words": ["n/a"]}
    path = "/v1/imports/mappings/night"
    assert world.request("stock_api", "PUT", path, body=mapping, scopes="ops")[0] == 200
    lines = [f"{sku};5" for sku in TEN if sku not in {*KEPT, "SHIRT-9"}] + [f"{sku};N/A" for sku in KEPT]
    world.put("inbox/night/count.csv", "\n".join(["Item;Qty", *lines]).encode())


def page(at: str) -> dict[str, Any]:
    rest: dict[str, int | None] = {sku: 5 for sku in TEN if sku not in {*KEPT, "SHIRT-9"}}
    return {**pages("S1", "W", rest | KEPT, second=0)[0], "as_of": at}


def by_queue(world: World, at: str) -> None:
    world.send("StockUpdates", page(at))


def by_http(world: World, at: str) -> None:
    status, answer = world.request("stock_api", "POST", "/v1/messages/stock", body=page(at), scopes="erp")
    assert (status, answer["rejected"]) == (202, [])


@pytest.mark.parametrize("send", [by_file, by_queue, by_http])
def test_at_every_door_it_keeps_its_level(world: World, send: Callable[[World, str], None]) -> None:
    for sku in TEN:
        world.send("StockUpdates", {**level(sku, "W", 5, second=0), "as_of": to_text(world.clock.now())})
    world.settle()
    world.clock.advance(minutes=1)
    send(world, to_text(world.clock.now()))
    world.settle()
    world.wait(minutes=5)
    world.wait(minutes=5)
    found = {
        sku: world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes="ops")[1]["on_hand"]
        for sku in (*KEPT, "SHIRT-0", "SHIRT-9")
    }
    assert found == {**dict.fromkeys(KEPT, 5), "SHIRT-0": 5, "SHIRT-9": 0}
