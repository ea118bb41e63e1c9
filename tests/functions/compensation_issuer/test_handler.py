"""`compensation_issuer` from its events to the vouchers, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import Remedied, remedied
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "compensation_issuer"


def issued(world: World, case: str) -> Any:
    return world.run("compensation_issuer", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_a_late_order_is_made_good(world: World) -> None:
    made = remedied(Shop(world))
    order = made.order(4)
    order["shipments"][0]["shipment_id"] = "S-1"
    made.tells("placed", "1001", **order, customer={"email": "ana@example.org"})
    assert issued(world, "delayed") == {"batchItemFailures": []}
    world.settle()
    assert made.granted("1001") == [("voucher", 1_500)]
    assert [mail.email for mail in made.mailed()] == ["ana@example.org"]


def test_where_the_shop_has_no_policy_nothing_happens(world: World) -> None:
    for case in ("delayed", "missing"):
        assert issued(world, case) == {"batchItemFailures": []}
    assert [world.bodies(queue) for queue in ("MailBulk", "CompensationDeadLetters")] == [[], []]
    assert Remedied(Shop(world)).of("1001").edition == 0


def test_an_unknown_message_is_set_aside_alone(world: World) -> None:
    assert issued(world, "unknown") == {"batchItemFailures": []}
    assert len(world.bodies("CompensationDeadLetters")) == 1
