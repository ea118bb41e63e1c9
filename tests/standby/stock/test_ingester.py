"""The ERP's messages into the ledger, poison alone, nothing lost or doubled."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationReader
from standby.ledger.model import Reading
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.queue import MESSAGE_BYTES, Outgoing, fits
from standby.stock.messages import bulk

from tests.standby.stock.warehouse import Warehouse


@dataclass
class FailingLevels:
    """Levels that cannot be written for some SKUs."""

    book: LevelBook
    failing: set[str] = field(default_factory=set)

    def record(self, sku: str, readings: Iterable[Reading], *, now: datetime) -> None:
        if sku in self.failing:
            raise RuntimeError(sku)
        self.book.record(sku, readings, now=now)


def batch(*messages: Any) -> dict[str, Any]:
    return {"type": "batch", "messages": list(messages)}


def reasons(warehouse: Warehouse) -> list[str | None]:
    return [letter.reason for letter in warehouse.dead_letters.messages]


def test_a_level_becomes_units(warehouse: Warehouse) -> None:
    assert warehouse.deliver(warehouse.level("MUG", 7, committed=2)) == []
    assert (warehouse.stock("MUG").on_hand, warehouse.stock("MUG").free) == (7, 5)


def test_available_units_are_units_without_commitments(warehouse: Warehouse) -> None:
    message = warehouse.level("MUG", 0)
    del message["on_hand"]

    warehouse.deliver({**message, "available": 4})

    assert (warehouse.stock("MUG").on_hand, warehouse.stock("MUG").committed) == (4, 0)


@pytest.mark.parametrize(("told", "counted"), [(3.99, 3), (-4, 0), (-0.5, 0), (0.99, 0), (12.0, 12)])
def test_decimals_round_down_and_negatives_count_nothing(warehouse: Warehouse, told: float, counted: int) -> None:
    assert warehouse.counts("MUG", told).on_hand == counted


def test_a_batch_is_taken_message_by_message(warehouse: Warehouse) -> None:
    warehouse.deliver(batch(warehouse.level("MUG", 7), warehouse.level("CUP", 3)))

    assert (warehouse.stock("MUG").on_hand, warehouse.stock("CUP").on_hand) == (7, 3)


def test_all_levels_of_a_sku_in_one_delivery_are_one_revision(warehouse: Warehouse) -> None:
    warehouse.deliver(
        batch(warehouse.level("MUG", 7), warehouse.level("MUG", 2, location_id="haifa")),
        warehouse.level("MUG", 1, location_id="store-1"),
    )

    assert (warehouse.stock("MUG").on_hand, warehouse.stock("MUG").revision) == (10, 1)


@pytest.mark.promise("P9")
def test_poison_in_a_batch_goes_alone_and_the_others_go_through(warehouse: Warehouse) -> None:
    bad = {"type": "stock.level", "sku": "CUP", "location_id": "berlin", "note": "no number"}

    assert warehouse.deliver(batch(warehouse.level("MUG", 7), bad, warehouse.level("JUG", 1))) == []

    assert warehouse.dead_letters.bodies() == [bad]
    assert reasons(warehouse) == ["on_hand or available: missing"]
    assert (warehouse.stock("MUG").on_hand, warehouse.stock("JUG").on_hand) == (7, 1)


@pytest.mark.promise("P9")
def test_a_single_poison_message_is_set_aside_exactly_as_it_came(warehouse: Warehouse) -> None:
    body = '{ "type" : "stock.level",  "sku": "CUP" }'

    assert warehouse.deliver(body) == []
    assert warehouse.dead_letters.messages[0].body == body


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sku": "A\u200bB"}, "sku: has U+200B ZERO WIDTH SPACE in it"),
        ({"sku": "x" * 101}, "sku: has more than 100 characters"),
        ({"sku": ""}, "sku: is empty"),
        ({"sku": None}, "sku: must be string"),
        ({"sku": True}, "sku: must be text or a whole number"),
        ({"sku": 1.5}, "sku: must be text or a whole number"),
        ({"location_id": " "}, "location_id: is empty"),
        ({"location_id": None}, "location_id: must be string"),
        ({"location_id": "shop\u202e"}, "location_id: has U+202E RIGHT-TO-LEFT OVERRIDE in it"),
        ({"on_hand": "seven"}, "on_hand: 'seven' is not a number"),
        ({"on_hand": "٣"}, "on_hand: '\\u0663' is not a number"),
        ({"on_hand": "1,5"}, "on_hand: '1,5' is not a number"),
        ({"on_hand": "5e400"}, "on_hand: '5e400' is out of range"),
        ({"on_hand": "9" * 5_000}, "on_hand: "),
        ({"on_hand": int("9" * 4_000)}, "on_hand: "),
        ({"on_hand": [7]}, "on_hand: "),
        ({"on_hand": None}, "on_hand or available: missing"),
        ({"on_hand": True}, "on_hand: true is not a number"),
        ({"on_hand": 10**12}, "on_hand: "),
        ({"as_of": "yesterday"}, "as_of: yesterday is no instant of RFC 3339"),
        ({"as_of": "2026-W18-7T10:00:00Z"}, "as_of: 2026-W18-7T10:00:00Z is no instant of RFC 3339"),
        ({"as_of": "20260503T100000Z"}, "as_of: "),
        ({"as_of": "2026-05-03T10:00Z"}, "as_of: "),
        ({"as_of": "2026-05-03T10:00:60Z"}, "as_of: 2026-05-03T10:00:60Z: a leap second ends the last day of a month"),
        ({"as_of": "2026-05-03T10:00:00"}, "as_of: "),
        ({"as_of": 1777802400}, "as_of: "),
        ({"as_of": "0001-01-01T00:00:00+14:00"}, "as_of: "),
        ({"as_of": "0001-01-01T00:00:00Z"}, "as_of: 0001-01-01T00:00:00Z is before 1970"),
        ({"as_of": "9999-12-31T23:59:59Z"}, "as_of: 9999-12-31T23:59:59Z is more than 5 minutes ahead of "),
        ({"netted_until": "2027-05-03T10:00:00Z"}, "netted_until: 2027-05-03T10:00:00Z is more than 5 minutes ahead"),
        ({"netted_until": "9999-12-31T23:59:59-14:00"}, "netted_until: "),
        ({"netted_until": "0001-01-01T00:00:00Z"}, "netted_until: 0001-01-01T00:00:00Z is before 1970"),
        ({"sequence": -1}, "sequence: "),
        ({"sequence": "1.5"}, "sequence: '1.5' is not a whole number"),
        ({"sequence": 0.5}, "sequence: 0.5 is not a whole number"),
        ({"netted_until": "soon"}, "netted_until: "),
        ({"type": "stock.lvl"}, "type: "),
        ({"type": ["stock.level"]}, "type: "),
        ({"type": None}, "type: "),
        ({"note": "x" * 70_000}, "message: "),
    ],
)
def test_what_is_poison_and_why(warehouse: Warehouse, change: dict[str, Any], reason: str) -> None:
    assert warehouse.deliver(warehouse.level("MUG", 7) | change) == []
    assert len(warehouse.dead_letters.messages) == 1
    assert (reasons(warehouse)[0] or "").startswith(reason)


@pytest.mark.parametrize(
    "body",
    ["", "not json", "[]", "7", "null", '"text"', '{"type":"batch"}', '{"type":"batch","messages":{}}',
     '{"type":"stock.level","sku":"MUG","location_id":"berlin","on_hand":NaN}',
     '{"type":"stock.level","sku":"MUG","location_id":"\\ud800","on_hand":1}', "[" * 100_000],
)  # fmt: skip
def test_a_body_that_is_no_message_is_set_aside_as_it_came(warehouse: Warehouse, body: str) -> None:
    assert warehouse.deliver(body) == []
    assert [letter.body for letter in warehouse.dead_letters.messages] == [body]
    assert reasons(warehouse)[0]


def test_a_batch_of_more_than_a_thousand_is_poison_as_a_whole(warehouse: Warehouse) -> None:
    warehouse.deliver(batch(*[{}] * 1_001))

    assert reasons(warehouse) == ["messages: 1001 are more than 1,000"]


def test_unknown_fields_are_ignored(warehouse: Warehouse) -> None:
    warehouse.deliver(warehouse.level("MUG", 7) | {"colour": "red", "message_id": 12, "source": "erp"})

    assert warehouse.stock("MUG").on_hand == 7


def test_a_level_from_more_than_five_minutes_ahead_is_poison(warehouse: Warehouse) -> None:
    ahead = to_text(warehouse.clock.now() + timedelta(minutes=5, seconds=1))
    nearly = to_text(warehouse.clock.now() + timedelta(minutes=5))

    warehouse.deliver(warehouse.level("MUG", 7, as_of=ahead), warehouse.level("CUP", 7, as_of=nearly))

    assert "more than 5 minutes ahead" in (reasons(warehouse)[0] or "")
    assert warehouse.stock("CUP").on_hand == 7


def test_without_as_of_the_receipt_counts_and_is_marked(warehouse: Warehouse) -> None:
    warehouse.deliver(warehouse.level("MUG", 7, as_of=None))

    level = (warehouse.explainer.view("MUG") or {})["levels"][0]
    assert (level["as_of"], level["as_of_assumed"]) == (to_text(warehouse.clock.now()), True)


@pytest.mark.promise("P4")
def test_without_as_of_the_later_in_a_batch_wins(warehouse: Warehouse) -> None:
    warehouse.deliver(batch(*(warehouse.level("MUG", units, as_of=None) for units in (1, 2, 3))))

    assert warehouse.stock("MUG").on_hand == 3


@pytest.mark.promise("P4")
def test_a_large_batch_is_split_and_its_order_travels_with_the_parts(warehouse: Warehouse) -> None:
    moment = to_text(warehouse.clock.now())
    sent_at = to_milliseconds(warehouse.clock.now())
    warehouse.deliver(batch(*(warehouse.level("MUG", units, as_of=moment) for units in range(60))))

    parts = warehouse.updates.drain()
    warehouse.clock.advance(minutes=3)
    for part in reversed(parts):
        warehouse.redeliver(part)

    assert [len(json.loads(part.body)["messages"]) for part in parts] == [25, 25, 10]
    assert {part.received_at for part in parts} == {sent_at}
    assert warehouse.stock("MUG").on_hand == 59


@pytest.mark.promise("P4", "P9")
def test_poison_out_of_a_split_batch_keeps_its_place_when_it_is_redriven(warehouse: Warehouse) -> None:
    moment = to_text(warehouse.clock.now())
    messages = [warehouse.level("MUG", units, as_of=moment) for units in range(30)]
    messages[3] = messages[3] | {"on_hand": "three"}
    warehouse.deliver(batch(*messages))
    for part in warehouse.updates.drain():
        warehouse.redeliver(part)

    letter = warehouse.dead_letters.messages[0]
    warehouse.clock.advance(hours=1)
    warehouse.redeliver(replace(letter, body=json.dumps(messages[3] | {"on_hand": 3})))

    assert letter.attributes == {"index": "3"}
    assert warehouse.stock("MUG").on_hand == 29


def test_a_write_that_fails_brings_back_only_the_records_that_wanted_it(warehouse: Warehouse) -> None:
    levels = FailingLevels(LevelBook(warehouse.table), {"CUP"})
    ingester = replace(warehouse.ingester, levels=levels)
    records = [warehouse.level("MUG", 7), batch(warehouse.level("JUG", 1), warehouse.level("CUP", 3)), {"type": "?"}]
    event = {
        "Records": [
            {"messageId": f"m-{place}", "body": json.dumps(record), "attributes": {"SentTimestamp": "1777802400000"}}
            for place, record in enumerate(records)
        ]
    }

    first = ingester.handle(event)
    levels.failing.clear()
    second = ingester.handle({"Records": [event["Records"][1]]})

    assert first == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert second == {"batchItemFailures": []}
    assert [warehouse.stock(sku).on_hand for sku in ("MUG", "JUG", "CUP")] == [7, 1, 3]
    assert [warehouse.stock(sku).revision for sku in ("MUG", "JUG", "CUP")] == [1, 1, 1]


def test_poison_of_a_record_that_comes_again_is_set_aside_once(warehouse: Warehouse) -> None:
    levels = FailingLevels(LevelBook(warehouse.table), {"CUP"})
    ingester = replace(warehouse.ingester, levels=levels)
    body = json.dumps(batch(warehouse.level("CUP", 3), {"type": "?"}))
    event = {"Records": [{"messageId": "m", "body": body, "attributes": {"SentTimestamp": "1777802400000"}}]}

    ingester.handle(event)
    levels.failing.clear()
    ingester.handle(event)

    assert len(warehouse.dead_letters.messages) == 1


def test_incoming_and_received_goods_are_taken(warehouse: Warehouse) -> None:
    order = {"type": "stock.incoming", "purchase_order_id": "PO-1", "sku": "MUG", "quantity": 40, "eta": "2026-06-01",
             "supplier_id": "acme", "as_of": to_text(warehouse.clock.now())}  # fmt: skip
    receipt = {"type": "stock.received", "purchase_order_id": "PO-1", "sku": "MUG", "quantity": 15,
               "occurred_at": to_text(warehouse.clock.now())}  # fmt: skip

    warehouse.deliver(batch(order, receipt))

    assert (warehouse.stock("MUG").incoming, warehouse.stock("MUG").revision) == (25, 1)


@pytest.mark.parametrize("eta", ["2026-02-30", "soon", "2026-6-1", "2026-06-01T00:00:00Z"])
def test_an_eta_that_is_no_calendar_date_is_poison(warehouse: Warehouse, eta: str) -> None:
    order = {"type": "stock.incoming", "purchase_order_id": "PO-1", "sku": "MUG", "quantity": 40, "eta": eta}

    warehouse.deliver(order)

    assert (reasons(warehouse)[0] or "").startswith("eta: ")


def test_a_location_that_counts_no_more_has_its_skus_counted_anew_now_and_later(warehouse: Warehouse) -> None:
    warehouse.counts("MUG", 7)

    warehouse.deliver({"type": "location.upserted", "location_id": "berlin", "kind": "returns"})

    assert warehouse.sweeps.bodies() == [{"sweep": "location", "location_id": "berlin"}] * 2
    assert [job.delay_seconds for job in warehouse.sweeps.messages] == [0, 120]


@pytest.mark.parametrize(
    ("kind", "before", "after", "recounted"),
    [("warehouse", None, 2, True), ("warehouse", 2, 2, False), ("warehouse", 2, 0, True), ("store", 1, 2, False)],
)
def test_skus_are_counted_anew_where_another_buffer_is_taken_off(
    warehouse: Warehouse, kind: str, before: int | None, after: int, *, recounted: bool
) -> None:
    told = {"type": "location.upserted", "location_id": "berlin", "kind": kind}
    warehouse.deliver({**told, "buffer": before})
    ordered = len(warehouse.sweeps.messages)

    warehouse.clock.advance(seconds=1)
    warehouse.deliver({**told, "buffer": after})

    assert (len(warehouse.sweeps.messages) > ordered) is recounted


def test_levels_are_counted_by_a_location_of_the_same_delivery(warehouse: Warehouse) -> None:
    warehouse.deliver(
        warehouse.level("MUG", 7), {"type": "location.upserted", "location_id": "berlin", "kind": "transit"}
    )

    assert warehouse.stock("MUG").on_hand == 0


def test_a_recount_that_could_not_be_ordered_is_ordered_when_the_message_comes_again(warehouse: Warehouse) -> None:
    told = {"type": "location.upserted", "location_id": "berlin", "kind": "returns",
            "as_of": to_text(warehouse.clock.now())}  # fmt: skip
    sweeps = warehouse.sweeps

    class Broken:
        def send(self, messages: Any) -> None:
            raise RuntimeError

    warehouse.sweeps = Broken()  # type: ignore[assignment]
    assert warehouse.deliver(told) == ["m-0"]
    warehouse.sweeps = sweeps
    assert warehouse.deliver(told) == []
    assert warehouse.deliver(told) == []

    assert len(sweeps.messages) == 2


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        ({"monday": ["09:00", "17:00"]}, "hours.monday: is none of mon, tue,"),
        ({"mon": [["9", "17"]]}, "hours.mon: must be from when to when"),
        ({"mon": ["09:00", "17:00"], "exceptions": {"2026-12-25": []}}, None),
        ("Mon-Fri 9-17", None),
        (["Mon-Fri 9-17", "Sat 9-12"], None),
    ],
)
def test_hours_that_cannot_be_read_are_poison_and_text_is_taken(
    warehouse: Warehouse, hours: object, reason: str | None
) -> None:
    warehouse.deliver({"type": "location.upserted", "location_id": "haifa", "kind": "store", "hours": hours})

    known = LocationReader(warehouse.table).location("haifa")
    if reason is None:
        assert known is not None
        assert known.about["hours"] == hours
    else:
        assert (reasons(warehouse)[0] or "").startswith(reason)
        assert known is None


@pytest.mark.promise("P1")
@pytest.mark.parametrize("year", ["0001", "2027", "9999"])
@pytest.mark.parametrize(
    ("message", "name"),
    [
        ({"type": "stock.incoming", "sku": "MUG", "purchase_order_id": "PO-1", "quantity": 5}, "as_of"),
        ({"type": "stock.received", "sku": "MUG", "purchase_order_id": "PO-1", "quantity": 5}, "occurred_at"),
        ({"type": "location.upserted", "location_id": "berlin", "kind": "store"}, "as_of"),
    ],
)
def test_nothing_that_outranks_later_words_is_taken_from_another_year(
    warehouse: Warehouse, message: dict[str, Any], name: str, year: str
) -> None:
    warehouse.deliver(message | {name: f"{year}-05-03T10:30:00Z"})

    assert (reasons(warehouse)[0] or "").startswith(f"{name}: {year}-05-03T10:30:00Z is ")


@pytest.mark.promise("P4")
def test_a_receipt_that_its_sender_mistyped_does_not_outrank_every_later_word(warehouse: Warehouse) -> None:
    year_9999 = Outgoing.of(warehouse.level("MUG", 7, as_of=None), received_at=253_402_300_799_999)
    warehouse.redeliver(year_9999)
    warehouse.clock.advance(seconds=1)

    warehouse.redeliver(Outgoing.of(warehouse.level("MUG", 2, as_of=None)))

    assert warehouse.stock("MUG").on_hand == 2


@pytest.mark.promise("P9")
@pytest.mark.parametrize("index", ["9" * 5_000, "1000", "-1", "first"])
def test_a_place_that_is_none_loses_no_message(warehouse: Warehouse, index: str) -> None:
    said = batch(warehouse.level("MUG", 7), {"type": "nothing"})

    failed = warehouse.redeliver(Outgoing.of(said))
    failed += warehouse.redeliver(replace(Outgoing.of(said), attributes={"index": index}))

    assert failed == []
    assert warehouse.stock("MUG").on_hand == 7
    assert [letter.attributes["index"] for letter in warehouse.dead_letters.messages] == ["1", "1"]


@pytest.mark.promise("P9")
@pytest.mark.parametrize("count", [3, 60])
@pytest.mark.parametrize("odd", ["NaN", "1e999", "9" * 5_000, r'"\ud800"'], ids=["nan", "inf", "long", "half"])
def test_a_number_that_cannot_be_read_costs_no_other_message_of_its_batch(
    warehouse: Warehouse, odd: str, count: int
) -> None:
    good = ",".join(json.dumps(warehouse.level(f"MUG-{number}", 7)) for number in range(count))
    bad = json.dumps(warehouse.level("CUP", 0) | {"note": 0}).replace('"note": 0', f'"note": {odd}')
    body = f'{{"type":"batch","messages":[{bad},{good}]}}'

    assert warehouse.deliver(body) == []
    for part in warehouse.updates.drain():
        warehouse.redeliver(part)

    assert [warehouse.stock(f"MUG-{number}").on_hand for number in range(count)] == [7] * count
    (letter,) = warehouse.dead_letters.messages
    assert letter.body == body
    assert (letter.reason or "").startswith("not JSON: message 0: ")


@pytest.mark.promise("P9")
@pytest.mark.parametrize("count", [3, 60])
def test_a_message_that_outgrows_sqs_when_it_is_written_anew_waits_as_it_came(warehouse: Warehouse, count: int) -> None:
    """Python writes 1e15 as 1000000000000000.0, so a body that SQS took may become three times as long."""
    good = ",".join(json.dumps(warehouse.level(f"MUG-{number}", 7)) for number in range(count))
    bad = f'{{"type":"stock.level","note":[{",".join(["1e15"] * 200_000)}]}}'
    body = f'{{"type":"batch","messages":[{bad},{good}]}}'
    assert len(body) < MESSAGE_BYTES < len(json.dumps(json.loads(body)))

    assert warehouse.deliver(body) == []
    for part in warehouse.updates.drain():
        assert fits(part)
        warehouse.redeliver(part)

    assert [warehouse.stock(f"MUG-{number}").on_hand for number in range(count)] == [7] * count
    (letter,) = warehouse.dead_letters.messages
    assert letter.body == body
    assert re.fullmatch(r"message: \d+ bytes are more than [0-9,]+", letter.reason or "")


@pytest.mark.promise("P2")
def test_the_parts_of_one_batch_are_a_group_that_live_levels_overtake(warehouse: Warehouse) -> None:
    levels = [{"sku": f"MUG-{number}", "on_hand": 1} for number in range(60)]
    page = {"type": "stock.snapshot", "snapshot_id": "S1", "location_id": "berlin", "page": 1, "levels": levels}
    page["as_of"] = to_text(warehouse.clock.now())
    warehouse.deliver(batch(*(warehouse.level(f"CUP-{number}", 7) for number in range(60))), page, page | {"page": 2})
    groups = [part.group for part in warehouse.updates.messages]
    assert groups == ["m-0"] * 3 + [bulk("S1")] * 6
