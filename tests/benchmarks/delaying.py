"""Late orders: what looking for them asks of AWS, the CPU it takes, and what a million orders cost in AWS prices."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.figure import Figure
from tests.benchmarks.telling import read_units
from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.world import World, furnish

ORDERS = 300
LATE = 14
"""One in so many is late, as of the 9,206 real orders of `infra.local.replay_orders`."""
WRITE_UNIT_BYTES = 1_024
REQUESTS_BUDGET = 7_300
"""For 1,000 orders whose day is over: each is read and written when all hear of it, read when its customer does, with
the apologies so far, and both are written; eight queries and their pages beside, and a slot of the hour's pace for each
batch of notices."""
USD_BUDGET = 25.0
"""A mail to each customer of a million would cost 100."""
GIGABYTES = 0.25
WAIT_SECONDS = 0.005
"""That a call of AWS is waited for, of which Lambda's time is paid."""
MILLION = 1_000_000
SQS_REQUESTS = 3
"""A message is sent, received and deleted."""
PRICES = Path(__file__).with_name("prices.json")


@dataclass
class Meter:
    """A world's tap that counts calls and units."""

    calls: Counter[str] = field(default_factory=Counter)
    write_units: int = 0
    read_units: float = 0.0
    events: int = 0

    def __call__(self, service: str, operation: str, parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        answer = make()
        self.calls[service] += 1
        if operation == "PutItem":
            item = parameters["Item"]
            indexed = 1 + ("due_at" in item)  # at most: an entry in the index is written where its key changed
            self.write_units += -(-len(json.dumps(item, default=str)) // WRITE_UNIT_BYTES) + indexed
        elif service == "dynamodb" and operation in {"GetItem", "Query"}:
            self.read_units += read_units(operation, parameters, answer)
        elif operation == "PutEvents":
            self.events += len(parameters["Entries"])
        elif service == "dynamodb":
            self.write_units += 1
        return answer


def ordered(world: World, count: int) -> Parcels:
    """Return a shop with so many orders, promised within two days."""
    parcels = Parcels(Shop(world))
    for number in range(count):
        parcels.says("placed", f"O-{number}", **parcels.order(2), customer={"email": f"ana-{number}@example.org"})
    world.settle()
    return parcels


def delaying() -> list[Figure]:
    """Sweep orders whose day is over, and let a life of others go by."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return [_swept(furnish(monkeypatch)), _a_million(furnish(monkeypatch))]


def _swept(world: World) -> Figure:
    parcels = ordered(world, ORDERS)
    world.clock.advance(days=3)
    world.held = frozenset({"MailBulk"})
    world.tap = meter = Meter()
    begun = time.process_time()
    parcels.looks()
    took = time.process_time() - begun
    assert len(parcels.delays()) == ORDERS
    per_thousand = 1_000 / ORDERS
    return Figure(
        "DynamoDB requests for 1,000 orders whose day is over",
        meter.calls["dynamodb"] * per_thousand,
        REQUESTS_BUDGET,
        "requests",
        f"with their notices; {meter.write_units / ORDERS:.1f} write units an order; in a world in memory "
        f"{ORDERS / took:.0f} orders a CPU second, the world's own work among it",
    )


def _a_million(world: World) -> Figure:
    """Compute what 1,000,000 orders cost from being placed to their delivery, one in `LATE` of them late."""
    world.tap = meter = Meter()
    begun = time.process_time()
    parcels = ordered(world, ORDERS)
    late = range(0, ORDERS, LATE)
    for number in range(ORDERS):
        parcels.says("shipped", f"O-{number}", occurred_at=parcels.now())
        if number not in late:
            parcels.says("delivered", f"O-{number}", occurred_at=parcels.now())
    world.settle()
    parcels.days_pass(3)
    took = time.process_time() - begun
    assert len(parcels.delays()) == len(late)
    prices: dict[str, float] = json.loads(PRICES.read_text("utf-8"))["usd"]
    messages = 3 * ORDERS + 2 * len(late)
    calls = sum(meter.calls.values())
    share = {
        "write units": meter.write_units * prices["dynamodb_per_million_write_units"],
        "read units": meter.read_units * prices["dynamodb_per_million_read_units"],
        "queues": messages * SQS_REQUESTS * prices["sqs_per_million_requests"],
        "events": meter.events * prices["eventbridge_per_million_events"],
        "functions": messages * prices["lambda_per_million_requests"]
        + (took + calls * WAIT_SECONDS) * GIGABYTES * prices["lambda_arm_per_gigabyte_second"] * MILLION,
        "mails": len(late) * prices["ses_per_thousand_mails"] * 1_000,
    }
    usd = {name: spent / ORDERS for name, spent in share.items()}
    return Figure(
        "AWS cost of 1,000,000 orders from placing to delivery",
        sum(usd.values()),
        USD_BUDGET,
        "USD",
        ", ".join(f"{name} {each:.2f}" for name, each in usd.items()) + f"; one in {LATE} late",
    )
