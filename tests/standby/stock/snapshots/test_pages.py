"""Pages that are not what they say, and levels that cannot be read: a count is never completed or stopped by them."""

import json
from typing import Any

import pytest
from standby.ledger import items
from standby.ledger.table import LedgerTable
from standby.platform.identifier import EXACT
from standby.platform.queue import fits
from standby.platform.table import Update
from standby.stock.messages import page_parts

from tests.fakes import AT_ONCE
from tests.standby.stock.counting import Warehouse, cut, level, many, pages
from tests.tables import create_table

pytestmark = pytest.mark.promise("P4")

TEN = many("SHIRT", 10, 5)


@pytest.fixture
def warehouse(aws: Any) -> Warehouse:
    create_table(aws, "Stock")
    return Warehouse(LedgerTable("Stock", aws, AT_ONCE))


def filled(warehouse: Warehouse) -> None:
    warehouse.take(*(level(sku, "W", on_hand, second=0) for sku, on_hand in TEN.items()))


def reasons(warehouse: Warehouse) -> list[str | None]:
    return [letter.reason for letter in warehouse.dead.messages]


def test_a_page_beyond_the_last_stands_for_no_page_that_is_missing(warehouse: Warehouse) -> None:
    filled(warehouse)
    beyond, last = pages("S1", "W", {"SHIRT-1": 5}, {"SHIRT-2": 5}, second=60)
    warehouse.take(beyond | {"page": 3, "pages": None})
    warehouse.take(last)
    warehouse.work()
    assert reasons(warehouse) == ["pages: there is a page 3, but the snapshot has 2"]
    assert warehouse.state("S1") == "receiving"
    assert warehouse.on_hand("W", "SHIRT-9") == {"SHIRT-9": 5}


def test_a_page_beyond_the_number_that_another_page_said_is_poison(warehouse: Warehouse) -> None:
    filled(warehouse)
    first, last = pages("S1", "W", TEN, {}, second=60)
    warehouse.take(last, first | {"page": 3, "pages": None})
    warehouse.work()
    assert reasons(warehouse) == ["pages: there is a page 3, but the snapshot has 2"]
    assert warehouse.approvals.unfinished()[0]["pages_missing"] == [1]


def test_a_page_beyond_the_last_that_came_at_the_same_moment_asks_for_approval(warehouse: Warehouse) -> None:
    """Both pages were looked at before either counted as come."""
    filled(warehouse)
    nine = dict(list(TEN.items())[:9])
    first, last, beyond = pages("S1", "W", nine, {}, {}, second=60)
    warehouse.take(first | {"pages": None})
    warehouse.take(beyond | {"pages": None}, last | {"pages": 2})
    warehouse.work()
    assert reasons(warehouse) == []
    (shown,) = warehouse.approvals.unfinished()
    assert (shown["state"], shown["pages_missing"]) == ("waiting_for_approval", [])
    assert shown["doubt"] == "page 3 came although there are 2 pages"


def test_a_page_that_came_twice_with_other_skus_asks_for_approval(warehouse: Warehouse) -> None:
    """An export that was begun again may have moved SKUs to a page that came already."""
    filled(warehouse)
    ten = list(TEN.items())
    first, second = pages("S1", "W", dict(ten[:5]), dict(ten[6:]), second=60)
    (again,) = pages("S1", "W", dict(ten[1:4]), second=60)
    warehouse.take(first, again | {"pages": 2})
    warehouse.take(second)
    warehouse.work()
    (shown,) = warehouse.approvals.unfinished()
    assert (shown["state"], shown["doubt"]) == (
        "waiting_for_approval",
        "page 1 came twice and named other SKUs: they may have moved to other pages",
    )


def test_a_page_that_came_twice_with_the_same_skus_asks_nobody(warehouse: Warehouse) -> None:
    named = many("SOCK", 60, 3)
    (page,) = pages("S1", "W", named, second=60)
    (again,) = pages("S1", "W", dict.fromkeys(reversed(named), 4), second=60)
    last = pages("S1", "W", {}, {}, second=60)[1]
    warehouse.take(page | {"pages": 2})
    warehouse.take(again | {"pages": 2})
    warehouse.take(last)
    warehouse.work()
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", *named) == dict.fromkeys(named, 4)


def test_parts_of_two_forms_of_a_page_do_not_complete_one_another(warehouse: Warehouse) -> None:
    filled(warehouse)
    one, other = (pages("S1", "W", TEN | many(prefix, 50, 3), second=60)[0] for prefix in ("SOCK", "TIE"))
    arrival = 1_777_802_400_000
    halves = (
        page_parts(one, received_at=arrival, ids=EXACT)[:-1] + page_parts(other, received_at=arrival, ids=EXACT)[-1:]
    )
    assert [json.loads(half.body)["part"] for half in halves] == [1, 2, 3]
    warehouse.take(*(json.loads(half.body) for half in halves))
    assert warehouse.approvals.unfinished()[0]["pages_missing"] == [1]


def test_what_is_not_named_was_netted_no_longer_than_every_page_says(warehouse: Warehouse) -> None:
    filled(warehouse)
    nine = [(sku, 5) for sku in TEN if sku != "SHIRT-0"]
    said = ["2026-05-03T10:00:50Z", "2026-05-03T10:00:30Z"]
    parts = pages("S1", "W", *cut(nine, 2), second=60)
    warehouse.take(*(page | {"netted_until": until} for page, until in zip(parts, said, strict=True)))
    warehouse.work()
    found = warehouse.table.item(items.level_key("SHIRT-0", "W"))
    assert found
    assert found["netted_until"] == "2026-05-03T10:00:30.000Z"


def test_a_part_is_never_longer_than_sqs_takes(warehouse: Warehouse) -> None:
    """SKUs of a page are few, but their levels may be long: what is not known is ignored, and travels with them."""
    levels: list[dict[str, Any]] = [
        {"sku": f"SOCK-{number}", "on_hand": 1, "note": [1e15] * 2_500} for number in range(30)
    ]
    (page,) = pages("S1", "W", {}, second=60)
    cut_up = page_parts(page | {"levels": levels}, received_at=0, ids=EXACT)
    assert all(fits(part) and len(part.body) < 300_000 for part in cut_up)
    assert [level["sku"] for part in cut_up for level in json.loads(part.body)["levels"]] == list(many("SOCK", 30, 1))


@pytest.mark.parametrize(("length", "first_said"), [(30, 1), (20, "many")])
def test_a_page_is_the_same_however_it_writes_its_skus(warehouse: Warehouse, length: int, first_said: object) -> None:
    filled(warehouse)
    page, last = pages("S1", "W", {}, TEN, second=60)
    numbers = [{"sku": 1_000 + number, "on_hand": 1} for number in range(length)]
    warehouse.take(page | {"levels": [numbers[0] | {"on_hand": first_said}, *numbers[1:]]})
    warehouse.take(page | {"levels": [{"sku": f"{each['sku']} ", "on_hand": 1} for each in numbers]})
    warehouse.take(last)
    warehouse.work()
    assert warehouse.state("S1") == "applied"


@pytest.mark.parametrize("named", [True, False])
def test_one_level_that_cannot_be_read_keeps_no_other_from_being_emptied(
    warehouse: Warehouse,
    named: bool,  # noqa: FBT001 - a case
) -> None:
    filled(warehouse)
    left = {sku: 5 for sku in TEN if sku not in {"SHIRT-3", "SHIRT-4"}}
    warehouse.take(*pages("S1", "W", left | dict.fromkeys(("SHIRT-3", "SHIRT-4"), 0) if named else left, second=60))
    warehouse.table.write(Update(items.level_key("SHIRT-3", "W"), assign={"version": "the newest"}))
    failed = []
    for _ in range(20):
        for job in warehouse.sweeps.drain():
            try:
                warehouse.worker.handle(json.loads(job.body))
            except Exception:  # noqa: BLE001 - whatever it is, SQS sets the job aside
                failed.append(json.loads(job.body))
    assert warehouse.state("S1") == "applied"
    assert warehouse.on_hand("W", "SHIRT-4", "SHIRT-5") == {"SHIRT-4": 0, "SHIRT-5": 5}
    assert {(job["step"], job["sku"]) for job in failed} == {("one", "SHIRT-3")}

    warehouse.table.write(Update(items.level_key("SHIRT-3", "W"), assign={"version": [0, 0, 0]}))
    warehouse.worker.handle(failed[0])
    assert warehouse.on_hand("W", "SHIRT-3") == {"SHIRT-3": 0}


def test_one_count_that_cannot_be_read_hides_no_other(warehouse: Warehouse) -> None:
    for number in (1, 2):
        warehouse.take(pages(f"S{number}", f"W{number}", {"A": 1}, {"B": 1}, second=60)[0])
    warehouse.table.write(Update({"pk": "SNAPSHOT#S1", "sk": "SNAPSHOT#W1"}, assign={"as_of": None}))
    assert [shown["snapshot_id"] for shown in warehouse.approvals.unfinished()] == ["S2"]
    warehouse.clock.advance(hours=7)
    warehouse.worker.report()
    assert warehouse.metrics == {"SnapshotsUnfinished": 2}
