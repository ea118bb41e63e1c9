"""`compensation_issuer` from its events to the vouchers, with AWS in memory."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from standby.compensation.rehearsal_repository import RehearsalBook
from standby.compensation.rehearsed import Rehearsed
from standby.platform.clock import to_text

from tests.promises.shop import Shop
from tests.standby.compensation.rehearser import Rehearser, cost
from tests.standby.compensation.remedied import TWO_LEVELS, Remedied, document, remedied
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
    for case in ("delayed", "missing", "mail_taken_back"):
        assert issued(world, case) == {"batchItemFailures": []}
    assert [world.bodies(queue) for queue in ("MailBulk", "CompensationDeadLetters")] == [[], []]
    assert Remedied(Shop(world)).of("1001").edition == 0


def test_an_unknown_message_is_set_aside_alone(world: World) -> None:
    assert issued(world, "unknown") == {"batchItemFailures": []}
    assert len(world.bodies("CompensationDeadLetters")) == 1


def test_pages_of_a_rehearsal_are_worked_off(world: World) -> None:
    made, now = Rehearser(Shop(world)), world.clock.now()
    made.places()
    made.late(days=3)
    about = {"first": to_text(now - timedelta(days=1)), "until": to_text(now + timedelta(days=1))}
    rehearsal = Rehearsed(
        rehearsal_id="5f0c6b1d2e3a49788b6c0d1e",
        by="ops",
        started_at=to_text(now),
        moved_at=to_text(now),
        policy=document(TWO_LEVELS),
        **about,
    )
    assert RehearsalBook(made.book.table).begin(rehearsal, before={}, day=f"{now:%Y-%m-%d}", count=1)
    assert issued(world, "rehearsal") == {"batchItemFailures": []}
    world.settle()
    shown = made.rehearsed(rehearsal.rehearsal_id)
    assert (shown["status"], shown["late_orders"], cost(shown)) == ("finished", 1, {"EUR": 500})
