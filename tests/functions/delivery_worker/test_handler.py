"""`delivery_worker` from its events to the mails, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "delivery_worker"


def worked(world: World, case: str) -> Any:
    return world.run("delivery_worker", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


@pytest.mark.parametrize("case", ["sweep", "sweep_page", "delayed", "turns_next", "turns_come", "call_wanted"])
def test_where_nothing_is_late_nobody_is_mailed(world: World, case: str) -> None:
    assert worked(world, case) == {"batchItemFailures": []}
    assert [world.bodies(queue) for queue in ("MailBulk", "DeliveryDeadLetters")] == [[], []]


def test_who_waits_for_a_late_order_is_mailed_once(world: World) -> None:
    parcels = Parcels(Shop(world))
    parcels.places("1001", until=4)
    parcels.tells("eta", "1001", eta=parcels.day(9))
    assert worked(world, "delayed") == {"batchItemFailures": []}
    world.settle()
    assert [mail.email for mail in world.mails] == ["ana@example.org"]


def test_a_call_that_the_policy_of_remedies_wants_is_opened_once(world: World) -> None:
    parcels = Parcels(Shop(world))
    shipment = {"shipment_id": "S-1", "promised_until": parcels.day(4), "line_ids": ["1"]}
    parcels.tells("placed", "1001", **{**parcels.order(4), "shipments": [shipment]}, customer={"locale": "en"})
    parcels.tells("eta", "1001", eta=parcels.day(9))
    for _ in range(2):
        assert worked(world, "call_wanted") == {"batchItemFailures": []}
    assert [event["reason"] for name, event in world.events if name == "CallTaskOpened"] == ["remedy"]


def test_an_unknown_message_is_set_aside_alone(world: World) -> None:
    assert worked(world, "unknown") == {"batchItemFailures": []}
    assert len(world.bodies("DeliveryDeadLetters")) == 1
