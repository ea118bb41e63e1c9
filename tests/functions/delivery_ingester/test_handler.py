"""`delivery_ingester` from its event to the table and the bus, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest
from standby.delivery.model import About
from standby.delivery.repository import OrderRepository

from tests.standby.delivery.words import placed
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "delivery_ingester"
DONE: dict[str, Any] = {"batchItemFailures": []}
ORDERS = OrderRepository("Delivery")
SHIRT = {"line_id": "1", "sku": "SHIRT-RED-M", "quantity": 2}
CUP = {"line_id": "2", "sku": "CUP-BLUE-S", "quantity": 1}


def taken(world: World, case: str) -> Any:
    return world.run("delivery_ingester", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def told(world: World) -> list[tuple[str, list[Any]]]:
    return [(name, event["lines"]) for name, event in world.events]


def test_an_order_is_kept_and_told_without_its_customer(world: World) -> None:
    assert taken(world, "placed") == DONE

    placed = ORDERS.order("1001").placed
    assert placed is not None
    assert placed.fields["customer"]["phone"] == "+972501234567"
    assert placed.lines["1"] == {
        "sku": "SHIRT-RED-M",
        "quantity": 2,
        "unit_price": {"amount": 9900, "currency": "ILS"},
        "category": "Shirts",
    }
    assert placed.shipments["S-1"] == {"ship_by": "2026-05-04", "promised_until": "2026-05-07", "line_ids": ["1"]}
    ((name, event),) = world.events
    assert (name, event) == (
        "OrderPlaced",
        {
            "version": 1,
            "id": event["id"],
            "at": "2026-05-03T10:00:00.000Z",
            "order_id": "1001",
            "as_of": "2026-05-03T09:00:00.000Z",
            "lines": [SHIRT, CUP],
            "reservation_ids": ["R-81"],
            "discount_codes": ["SPRING"],
            "channel": "web",
            "edition": 1,
            "skus": [
                {"sku": each["sku"], "quantity": each["quantity"], "shipped": 0, "cancelled": 0}
                for each in (SHIRT, CUP)
            ],
            "paid": True,
            "tells": True,
            "payment_failed": False,
        },
    )


def test_what_was_shipped_before_the_order_came_counts_once_it_is_there(world: World) -> None:
    assert taken(world, "shipped_before_placed") == DONE
    assert told(world) == [("OrderPlaced", [SHIRT, CUP]), ("OrderShipped", [SHIRT])]
    event = world.events[1][1]
    assert (event["shipment_id"], event["complete"], event["reservation_ids"]) == ("S-1", False, ["R-81"])


def test_a_line_is_cancelled_alone(world: World) -> None:
    assert taken(world, "cancelled_in_part") == DONE
    assert told(world)[1:] == [("OrderCancelled", [CUP])]
    assert world.events[1][1]["complete"] is False
    assert [(each["shipped"], each["cancelled"]) for each in world.events[1][1]["skus"]] == [
        (0, 0),
        (0, CUP["quantity"]),
    ]


def test_what_arrived_has_left(world: World) -> None:
    assert taken(world, "delivered_and_returned") == DONE
    assert told(world)[1:] == [("OrderShipped", [SHIRT, CUP])]
    assert world.events[1][1]["complete"] is True


def test_what_nothing_acts_on_yet_is_kept(world: World) -> None:
    assert taken(world, "expected_tracked_refunded") == DONE
    order = ORDERS.order("1001")
    assert order.words[About("eta", "shipment", "S-2")].fields["eta"] == "2026-05-14"
    assert order.words[About("tracked", "shipment", "S-1")].fields["raw"] == "InTransit_002"
    assert next(iter(order.refunds.values())).fields["amount"] == {"amount": 4990, "currency": "ILS"}
    assert [step.kind for step in order.history] == ["eta", "tracked"]
    assert (world.events, world.bodies("DeliveryDeadLetters")) == ([], [])


def test_poison_is_set_aside_alone_with_its_reason(world: World) -> None:
    assert taken(world, "batch_with_poison") == DONE
    letters = [letter.attributes for letter in world.queues["DeliveryDeadLetters"]]
    assert [(letter["index"], letter["reason"].partition(" is none")[0]) for letter in letters] == [
        ("1", "order_id: missing"),
        ("2", "type: 'order.lost'"),
    ]
    assert [name for name, _ in world.events] == ["OrderPlaced"]


def test_a_body_that_is_no_json_is_set_aside_as_it_came(world: World) -> None:
    assert taken(world, "malformed") == DONE
    assert world.bodies("DeliveryDeadLetters") == ['{"type": "order.placed", "order_id": ']


def test_envelopes_are_opened(world: World) -> None:
    assert taken(world, "in_envelopes") == DONE
    assert told(world) == [("OrderPlaced", [SHIRT, CUP]), ("OrderShipped", [SHIRT])]


@pytest.mark.promise("P4")
def test_messages_that_come_again_change_and_publish_nothing(world: World) -> None:
    taken(world, "shipped_before_placed")
    known, heard = ORDERS.order("1001"), list(world.events)

    taken(world, "shipped_before_placed")

    assert (ORDERS.order("1001"), world.events) == (known, heard)


@pytest.mark.promise("P9")
def test_an_order_that_has_no_room_for_more_is_set_aside_and_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.platform.packing.PLAIN_BYTES", 1_000)
    monkeypatch.setattr("standby.delivery.repository.MOST_BYTES", 700)
    skus = [f"{number * 7_919:x}" for number in range(100)]
    for order in (placed("large", *skus), placed("small", "CUP")):
        world.send("OrderUpdates", order)
    world.settle()
    (letter,) = world.queues["DeliveryDeadLetters"]
    assert letter.attributes["reason"].startswith("order: all that was said of it are")
    assert [event["order_id"] for _, event in world.events] == ["small"]


def test_no_log_tells_who_ordered(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for case in ("placed", "batch_with_poison", "in_envelopes"):
        taken(world, case)
    written = "".join(capsys.readouterr())
    assert not [secret for secret in ("Noa", "noa@example.com", "972501234567", "3303142") if secret in written]
