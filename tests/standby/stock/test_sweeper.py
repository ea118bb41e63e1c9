"""What is due, what was never announced, what must be counted anew."""

import json
from typing import Any

import pytest
from standby.ledger import items
from standby.ledger.items import SHARDS
from standby.ledger.reconciliation import Reconciler
from standby.ledger.settings_book import SettingsBook
from standby.platform.dynamodb import BusyError, to_item
from standby.platform.queue import Message, PoisonError
from standby.platform.table import Update
from standby.stock import repository
from standby.stock.repository import SweepRepository

from tests.standby.stock.warehouse import Warehouse


def ids(warehouse: Warehouse) -> list[str]:
    return [event.id for event in warehouse.bus.events]


def run_sweeps(warehouse: Warehouse) -> int:
    """Let the sweeper work off what it and others sent it; return the number of jobs."""
    jobs = 0
    while warehouse.sweeps.messages:
        for job in warehouse.sweeps.drain():
            jobs += 1
            warehouse.sweeper.handle(Message("m", job.body, received_at=0))
    return jobs


def unheard(warehouse: Warehouse) -> list[str]:
    """Return the SKUs in the index of changes that nobody is sure were heard."""
    pages = SweepRepository(warehouse.table)
    return sorted(sku for shard in SHARDS for sku in pages.unheard(shard, None)[0])


def test_what_was_never_announced_is_announced_by_the_hour(warehouse: Warehouse) -> None:
    warehouse.settle(warehouse.counts("MUG", 5))
    warehouse.bus.events.clear()
    warehouse.counts("MUG", 0)
    warehouse.clock.advance(minutes=6)

    warehouse.sweep(sweep="unannounced")

    assert ids(warehouse) == ["MUG@2:StockChanged", "MUG@2:SoldOut", "MUG@2:IncomingChanged"]
    assert warehouse.settles.bodies()[0]["revision"] == 2
    assert warehouse.metrics == {"ChangesAnnouncedLate": 1}


def test_what_is_young_may_still_be_on_its_way(warehouse: Warehouse) -> None:
    warehouse.counts("MUG", 5)

    warehouse.sweep(sweep="unannounced")

    assert ids(warehouse) == []


def test_what_was_announced_is_not_announced_again(warehouse: Warehouse) -> None:
    warehouse.settle(warehouse.counts("MUG", 0))
    warehouse.clock.advance(minutes=6)

    warehouse.sweep(sweep="unannounced")

    assert ids(warehouse) == []
    assert warehouse.metrics == {}


def test_what_was_heard_is_not_looked_at_again(warehouse: Warehouse) -> None:
    warehouse.settle(warehouse.counts("MUG", 5))
    warehouse.counts("TEE", 5)
    warehouse.clock.advance(minutes=6)
    assert unheard(warehouse) == ["MUG", "TEE"]

    warehouse.sweep(sweep="unannounced")
    assert unheard(warehouse) == ["TEE"]  # until the settler has heard of it

    warehouse.tell_settler(warehouse.settles.bodies()[-1])
    warehouse.sweep(sweep="unannounced")
    assert unheard(warehouse) == []


def test_what_changed_again_meanwhile_is_looked_at_again(warehouse: Warehouse) -> None:
    warehouse.settle(warehouse.counts("MUG", 5))
    seen = warehouse.stock("MUG")
    warehouse.counts("MUG", 4)

    SweepRepository(warehouse.table).heard(seen, seen.revision)

    assert unheard(warehouse) == ["MUG"]


def changes_every_minute(warehouse: Warehouse, minutes: int, *, heard: bool) -> None:
    """Let a SKU change every minute; the settler hears of each change as the next one is made, or of none."""
    for minute in range(minutes):
        before = warehouse.reader.stock("MUG")
        warehouse.counts("MUG", 1 + minute % 3)
        if heard and before:
            warehouse.settle(before)
        warehouse.clock.advance(seconds=59)


@pytest.mark.promise("P2")
def test_a_sku_that_changes_every_minute_is_announced_by_the_hour_all_the_same(warehouse: Warehouse) -> None:
    changes_every_minute(warehouse, 60, heard=False)

    warehouse.sweep(sweep="unannounced")

    assert ids(warehouse)[0] == "MUG@60:StockChanged"
    assert warehouse.metrics == {"ChangesAnnouncedLate": 1}

    warehouse.tell_settler(warehouse.settles.bodies()[-1])
    changes_every_minute(warehouse, 60, heard=False)
    warehouse.sweep(sweep="unannounced")
    assert warehouse.metrics == {"ChangesAnnouncedLate": 1}  # of the changes before, one was heard meanwhile
    changes_every_minute(warehouse, 60, heard=False)
    warehouse.sweep(sweep="unannounced")
    assert warehouse.metrics == {"ChangesAnnouncedLate": 2}


@pytest.mark.promise("P2")
def test_a_sku_whose_last_change_is_always_on_its_way_is_not_late(warehouse: Warehouse) -> None:
    for _ in range(3):
        changes_every_minute(warehouse, 60, heard=True)
        assert warehouse.state("MUG").latest_revision == warehouse.stock("MUG").revision - 1
        warehouse.sweep(sweep="unannounced")

    assert warehouse.bus.named("StockChanged") == []
    assert warehouse.metrics == {}


def test_the_index_of_unheard_changes_is_written_by_the_first_of_them(warehouse: Warehouse) -> None:
    warehouse.counts("MUG", 5)
    first = warehouse.table.item(items.sku_key("MUG"))
    warehouse.clock.advance(hours=3)
    warehouse.counts("MUG", 4)
    second = warehouse.table.item(items.sku_key("MUG"))
    assert first
    assert second
    assert (first["due_at"], first["heard_before"]) == (second["due_at"], second["heard_before"])


def test_the_streams_failure_record_has_everything_looked_through(warehouse: Warehouse) -> None:
    warehouse.counts("MUG", 5)

    failure = {"DDBStreamBatchInfo": {"shardId": "1", "startSequenceNumber": "1", "batchSize": 1}}
    warehouse.sweeper.handle(Message("m", json.dumps(failure), received_at=0))

    assert ids(warehouse) == ["MUG@1:StockChanged"]
    assert warehouse.metrics == {}


def test_a_sku_is_announced_again_on_request(warehouse: Warehouse) -> None:
    warehouse.settle(warehouse.counts("MUG", 0))

    warehouse.sweep(sweep="sku", sku="MUG")
    warehouse.sweep(sweep="sku", sku="NOBODY")

    assert ids(warehouse)[0] == "MUG@1:StockChanged"
    assert [content["sku"] for content in warehouse.settles.bodies()] == ["MUG"]


def test_a_sweep_through_many_skus_goes_in_pages(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "DUE_PAGE", 1)
    for number in range(5):
        warehouse.counts(f"MUG-{number}", 0)
    warehouse.clock.advance(minutes=6)

    warehouse.sweep(sweep="unannounced")
    pages = 1 + run_sweeps(warehouse)

    assert pages > 2
    assert sorted(ids(warehouse)) == [f"MUG-{number}@1:StockChanged" for number in range(5)]


def test_a_locations_skus_are_counted_anew_in_pages(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "LEVELS_PAGE", 2)
    for number in range(5):
        warehouse.counts(f"MUG-{number}", 3)
    warehouse.deliver({"type": "location.upserted", "location_id": "berlin", "kind": "returns"})

    jobs = run_sweeps(warehouse)

    assert jobs > 4
    assert [warehouse.stock(f"MUG-{number}").on_hand for number in range(5)] == [0] * 5
    assert [warehouse.stock(f"MUG-{number}").revision for number in range(5)] == [2] * 5


def test_another_buffer_is_taken_off_in_pages(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "LEVELS_PAGE", 2)
    for number in range(5):
        warehouse.counts(f"MUG-{number}", number)
    warehouse.deliver({"type": "location.upserted", "location_id": "berlin", "kind": "warehouse", "buffer": 2})

    run_sweeps(warehouse)

    assert [warehouse.stock(f"MUG-{number}").free for number in range(5)] == [0, 0, 0, 1, 2]


def test_another_safety_stock_of_the_shop_reaches_every_sku(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "SKUS_PAGE", 1)
    for number in range(3):
        warehouse.counts(f"MUG-{number}", 3)

    warehouse.settings.change(None, {"safety_stock": 2})
    run_sweeps(warehouse)

    assert [warehouse.stock(f"MUG-{number}").free for number in range(3)] == [1, 1, 1]


def test_another_safety_stock_of_a_sku_reaches_that_sku(warehouse: Warehouse) -> None:
    warehouse.counts("MUG", 3)
    warehouse.counts("CUP", 3)

    warehouse.settings.change("MUG", {"safety_stock": 2})
    run_sweeps(warehouse)

    assert (warehouse.stock("MUG").free, warehouse.stock("CUP").free) == (1, 3)


def test_settings_that_concern_no_stored_number_start_no_sweep(warehouse: Warehouse) -> None:
    warehouse.settings.change(None, {"wave_ratio": 2.0, "settle_seconds": 5})

    assert warehouse.sweeps.messages == []


def test_a_lower_minimum_makes_a_restock_of_what_is_free_already(warehouse: Warehouse) -> None:
    SettingsBook(warehouse.table).change(None, {"minimum_restock": 5})
    warehouse.settle(warehouse.counts("MUG", 3))

    warehouse.settings.change(None, {"minimum_restock": 2})
    run_sweeps(warehouse)
    for content in warehouse.settles.bodies():
        warehouse.tell_settler(content)

    assert [event.id for event in warehouse.bus.named("Restocked")] == ["MUG@1:Restocked"]


def test_many_due_skus_are_all_found(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "DUE_PAGE", 1)
    SettingsBook(warehouse.table).change(None, {"settle_seconds": 3_600})
    for number in range(9):
        warehouse.settle(warehouse.counts(f"MUG-{number}", 3))
    warehouse.clock.advance(hours=2)

    warehouse.sweep(sweep="due")
    run_sweeps(warehouse)

    assert sorted(content["sku"] for content in warehouse.settles.bodies()) == [f"MUG-{number}" for number in range(9)]


def test_a_sweep_that_does_not_exist_is_poison(warehouse: Warehouse) -> None:
    with pytest.raises(PoisonError):
        warehouse.sweep(sweep="chimney")


# ---------------------------------------------------------------------- one poisoned item of every kind


THREE = ("CUP", "MUG", "TEE")
SPOILT = {
    "numbers": (items.sku_key("MUG"), {"free_units": None, "on_hand": "many"}),
    "settle state": (items.settle_key("MUG"), {"latest_revision": None}),
    "level": (items.level_key("MUG", "berlin"), {"version": "the newest"}),
}


def spoilt(warehouse: Warehouse, kind: str) -> None:
    """Spoil one item of MUG's."""
    key, assign = SPOILT[kind]
    warehouse.table.write(Update(key, assign=assign))


def jobs_that_fail(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Let the sweeper work off what it and others sent it, and return the jobs that it cannot do."""
    failed = []
    while warehouse.sweeps.messages:
        for job in warehouse.sweeps.drain():
            try:
                warehouse.sweeper.handle(Message("m", job.body, received_at=0))
            except Exception:  # noqa: BLE001 - whatever it is, SQS sets the job aside
                failed.append(json.loads(job.body))
    return failed


@pytest.mark.promise("P2")
@pytest.mark.parametrize("kind", ["numbers", "settle state"])
def test_one_sku_that_cannot_be_read_keeps_no_other_from_being_announced(warehouse: Warehouse, kind: str) -> None:
    for sku in THREE:
        warehouse.settle(warehouse.counts(sku, 5))
        warehouse.counts(sku, 0)
    spoilt(warehouse, kind)
    warehouse.bus.events.clear()
    warehouse.clock.advance(minutes=6)

    warehouse.sweep(sweep="unannounced")

    assert {event.id for event in warehouse.bus.named("SoldOut")} == {"CUP@2:SoldOut", "TEE@2:SoldOut"}
    assert jobs_that_fail(warehouse) == []  # it is found again each hour
    assert warehouse.metrics == {"ChangesAnnouncedLate": 3}

    warehouse.sweep(sweep="unannounced", older_than_seconds=0)
    assert jobs_that_fail(warehouse) == [{"sweep": "sku", "sku": "MUG"}]


def of_one_shard(count: int, shard: str) -> list[str]:
    return [sku for sku in (f"SHIRT-{number}" for number in range(100)) if items.shard(sku) == shard][:count]


@pytest.mark.promise("P2")
def test_a_shard_of_which_nothing_can_be_read_keeps_no_other_from_being_announced(warehouse: Warehouse) -> None:
    bad, (good,) = of_one_shard(2, SHARDS[0]), of_one_shard(1, SHARDS[-1])
    for sku in [*bad, good]:
        warehouse.counts(sku, 5)
    for sku in bad:
        warehouse.table.write(Update(items.sku_key(sku), assign={"low_stock": None}))
    warehouse.clock.advance(minutes=6)

    warehouse.sweep(sweep="unannounced")

    assert ids(warehouse) == [f"{good}@1:StockChanged"]
    assert warehouse.metrics == {"ChangesAnnouncedLate": 3}


@pytest.mark.promise("P2")
def test_a_shard_that_aws_does_not_show_keeps_no_other_from_being_found(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = SweepRepository.due

    def busy(pages: SweepRepository, shard: str, *rest: Any, **more: Any) -> Any:
        if shard == SHARDS[0]:
            raise BusyError("throttled")
        return read(pages, shard, *rest, **more)

    monkeypatch.setattr(SweepRepository, "due", busy)
    warehouse.sweep(sweep="due")
    assert warehouse.sweeps.bodies() == [{"sweep": "due", "shard": SHARDS[0]}]


@pytest.mark.promise("P2")
def test_what_is_due_and_cannot_be_read_is_one_dead_letter_an_hour(warehouse: Warehouse) -> None:
    SettingsBook(warehouse.table).change(None, {"settle_seconds": 3_600})
    warehouse.settle(warehouse.counts("MUG", 5))
    spoilt(warehouse, "settle state")
    warehouse.clock.advance(minutes=61)
    letters = []
    for _ in range(120):
        warehouse.sweep(sweep="due")
        for job in warehouse.settles.drain():
            try:
                warehouse.settler.handle(Message("m", job.body, received_at=0))
            except PoisonError as poison:
                letters.append(poison.reason)
        warehouse.clock.advance(minutes=1)
    assert letters == ["MUG: cannot be decided: KeyError('latest_revision')"] * 2


@pytest.mark.promise("P4")
@pytest.mark.parametrize("kind", ["numbers", "level"])
def test_one_sku_that_cannot_be_read_keeps_no_other_from_being_counted_anew(warehouse: Warehouse, kind: str) -> None:
    for sku in THREE:
        warehouse.counts(sku, 5)
    spoilt(warehouse, kind)

    warehouse.deliver({"type": "location.upserted", "location_id": "berlin", "kind": "returns"})
    failed = jobs_that_fail(warehouse)
    assert [warehouse.stock(sku).on_hand for sku in ("CUP", "TEE")] == [0, 0]
    assert failed == [{"sweep": "recount", "sku": "MUG", "cause": "location:berlin"}] * 2

    warehouse.settings.change(None, {"safety_stock": 2})
    failed = jobs_that_fail(warehouse)
    assert [warehouse.stock(sku).free for sku in ("CUP", "TEE")] == [-2, -2]
    assert failed == [{"sweep": "settings", "settle": False, "sku": "MUG"}] * 2


def test_where_all_skus_fail_the_page_comes_again(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    for sku in THREE:
        warehouse.counts(sku, 5)

    def busy(*_: Any, **__: Any) -> None:
        raise BusyError("throttled")

    monkeypatch.setattr(Reconciler, "reconcile", busy)
    with pytest.raises(BusyError):
        warehouse.sweep(sweep="location", location_id="berlin")
    assert warehouse.sweeps.messages == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "message: must be object"),
        ({"sweep": ["sku"]}, "sweep: "),
        ({"sweep": "sku"}, "sku: missing"),
        ({"sweep": "location", "location_id": 7}, "location_id: missing"),
        ({"sweep": "snapshot", "snapshot_id": "S1", "location_id": "W"}, "step: missing"),
        ({"sweep": "due", "cursor": "x"}, "cursor: must be"),
        ({"sweep": "due", "shard": SHARDS[0], "cursor": {"wrong": "x"}}, "cursor: must have the texts due_at"),
        ({"sweep": "location", "location_id": "W", "cursor": {"pk": "x"}}, "cursor: must have the texts"),
        ({"sweep": "due", "shard": 5}, "shard: must be"),
        ({"sweep": "unannounced", "older_than_seconds": "x"}, "older_than_seconds: must be"),
        ({"sweep": "unannounced", "older_than_seconds": 1e300}, "older_than_seconds: must be"),
        ({"sweep": "changes", "records": [5]}, "records: must be"),
        ({"sweep": "settings", "sku": 5}, "sku: must be"),
        (
            {"sweep": "snapshot", "snapshot_id": "S1", "location_id": "W", "step": "count", "falling": "x"},
            "falling: must be",
        ),
    ],
)
def test_a_malformed_job_is_poison_with_its_reason(warehouse: Warehouse, body: Any, reason: str) -> None:
    with pytest.raises(PoisonError, match=f"^{reason}"):
        warehouse.sweeper.handle(Message("m", json.dumps(body), received_at=0))


# ---------------------------------------------------------------------- what the stream gave up


def changes(warehouse: Warehouse, *on_hand: int) -> list[dict[str, Any]]:
    """Let MUG's units change, and return the changes of its numbers as the stream holds them."""
    records = []
    for units in on_hand:
        before = warehouse.table.item(items.sku_key("MUG"))
        warehouse.counts("MUG", units)
        after = warehouse.table.item(items.sku_key("MUG"))
        images = {name: to_item(item) for name, item in (("OldImage", before), ("NewImage", after)) if item}
        records.append({"dynamodb": {"Keys": to_item(items.sku_key("MUG")), **images}})
    return records


@pytest.mark.promise("P2")
def test_a_dip_that_the_stream_gave_up_is_told_although_a_later_change_came_through(warehouse: Warehouse) -> None:
    _, dip, _ = changes(warehouse, 5, 0, 7)
    warehouse.tell_settler({"sku": "MUG", "revision": 1, "free": 5, "at": ""})
    warehouse.tell_settler({"sku": "MUG", "revision": 3, "free": 7, "at": ""})
    assert [event.id for event in warehouse.bus.named("Restocked")] == ["MUG@1:Restocked"]

    warehouse.sweep(sweep="changes", records=[dip])
    for content in warehouse.settles.bodies():
        warehouse.tell_settler(content)
    warehouse.tell_settler({"sku": "MUG"})

    assert [event.id for event in warehouse.bus.named("SoldOut")] == ["MUG@2:SoldOut"]
    assert [event.id for event in warehouse.bus.named("Restocked")][-1] == "MUG@3:Restocked"


@pytest.mark.promise("P2")
def test_one_change_that_cannot_be_told_keeps_no_other_of_its_batch(warehouse: Warehouse) -> None:
    first, second = changes(warehouse, 5, 0)
    del first["dynamodb"]["NewImage"]["free_units"]
    warehouse.sweep(sweep="changes", records=[first, second])
    assert [event.id for event in warehouse.bus.named("SoldOut")] == ["MUG@2:SoldOut"]
    assert jobs_that_fail(warehouse) == [{"sweep": "changes", "records": [first]}]
