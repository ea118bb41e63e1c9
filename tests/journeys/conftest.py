"""A local AWS of the journeys' own: free port, folder of its own, the product deployed by `cdk deploy`, IAM enforced.

``STANDBY_AUTH=false`` runs them without enforced permissions. With ``STANDBY_STARTS_AT=23:30`` it is half past eleven
in the evening (UTC) in the shop when they begin.
"""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.client import Client
from infra.local.deployment import Deployment
from infra.local.emulator import Emulator, free_port, start
from infra.local.shop_clock import MovingClock


@dataclass
class Listening:
    """Hears what the bus says as any other system would: by a rule of its own, into a queue of its own."""

    client: Client
    url: str
    _heard: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def to(cls, client: Client, *events: str) -> "Listening":
        """Begin to listen to these events."""
        place, name = client.place, f"heard-{secrets.token_hex(4)}"
        url = place.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = place.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus, rules = client.outputs["EventBusName"], place.session.client("events", endpoint_url=place.endpoint)
        pattern = json.dumps({"source": ["standby"], "detail-type": events})
        rules.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
        rules.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": name, "Arn": arn}])
        return cls(client, url)

    def heard(self) -> list[dict[str, Any]]:
        """Return the events published so far, each in its envelope."""
        sqs = self.client.place.sqs
        while messages := sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self._heard


@dataclass
class Restocks:
    """Hears which SKUs are back."""

    listening: Listening

    def of(self, sku: str) -> list[int]:
        """Return the revisions at which a SKU was restocked, as published so far."""
        told = [envelope["detail"] for envelope in self.listening.heard()]
        return [detail["revision"] for detail in told if detail["sku"] == sku]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that move the clock run last: it never goes back, and queues go on stamping messages with real time."""
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.parent == here and "clock" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("local_aws")
    auth = os.environ.get("STANDBY_AUTH", "true") == "true"
    outputs = folder / "outputs.json"
    running = start(folder / "run", port=free_port(0), outputs=outputs, auth=auth, shop_port=free_port(0))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def moving_clock(emulator: Emulator) -> MovingClock:
    """Return the product's clock, put forward to ``STANDBY_STARTS_AT``."""
    clock = MovingClock(emulator.clock_offset)
    if hour := os.environ.get("STANDBY_STARTS_AT"):
        clock.reach(next_time(time.fromisoformat(hour), clock.now()))
    return clock


def next_time(hour: time, now: datetime) -> datetime:
    """Return the first instant from now on at which it is so late."""
    today = datetime.combine(now.date(), hour, UTC)
    return today if today >= now else today + timedelta(days=1)


@pytest.fixture(scope="session")
def client(emulator: Emulator, moving_clock: MovingClock) -> Client:
    deployment = Deployment(emulator, emulator.folder.parent / "outputs.json", client_port=free_port(0))
    return Client(deployment.place, deployment.deploy(), moving_clock.now)


@pytest.fixture(scope="session")
def restocks(client: Client) -> Restocks:
    return Restocks(Listening.to(client, "Restocked"))


@pytest.fixture
def clock(moving_clock: MovingClock) -> MovingClock:
    """Return the product's clock, for a test that moves it."""
    return moving_clock


@pytest.fixture
def sku() -> str:
    """Return a SKU that no other test uses."""
    return f"KETTLE-{secrets.token_hex(4)}"
