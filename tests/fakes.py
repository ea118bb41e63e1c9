"""Stand-ins that behave: a clock that is moved, a queue and a bus that remember."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from standby.platform.bus import Event, name_of
from standby.platform.dynamodb import Backoff
from standby.platform.queue import Outgoing

EPOCH = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOURS = tuple(
    EPOCH.replace(hour=hour, minute=minute) for hour, minute in ((0, 5), (10, 0), (20, 58), (21, 5), (23, 30))
)
"""When to begin where days matter: around midnight, at noon, and around the shop's midnight (Asia/Jerusalem)."""
AT_ONCE = Backoff(sleep=lambda _seconds: None, jitter=lambda: 0.0)
"""Retries without waiting."""


@dataclass
class FakeClock:
    """A clock that stands still until it is moved."""

    at: datetime = EPOCH

    def now(self) -> datetime:
        return self.at

    def advance(self, **duration: float) -> None:
        """Move on by a `timedelta`'s arguments."""
        self.at += timedelta(**duration)


@dataclass
class FakeQueue:
    """A queue that remembers what was sent."""

    messages: list[Outgoing] = field(default_factory=list)

    def send(self, messages: Iterable[Outgoing]) -> None:
        self.messages.extend(messages)

    def bodies(self) -> list[Any]:
        """Return the JSON bodies, in the order sent."""
        return [json.loads(message.body) for message in self.messages]

    def drain(self) -> list[Outgoing]:
        """Take all messages out."""
        taken, self.messages = self.messages, []
        return taken


@dataclass
class FakeBus:
    """A bus that remembers what was published."""

    events: list[Event] = field(default_factory=list)

    def publish(self, events: Iterable[Event]) -> None:
        self.events.extend(events)

    def named(self, name: str) -> list[Event]:
        """Return the events of one kind, in the order published."""
        return [event for event in self.events if name_of(event) == name]


def sqs_record(
    body: str, *, message_id: str = "m-1", sent_at: int = 1_777_802_400_000, attributes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return one record of a Lambda SQS event."""
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-{message_id}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(sent_at)},
        "messageAttributes": {
            name: {"dataType": "String", "stringValue": value} for name, value in (attributes or {}).items()
        },
        "eventSource": "aws:sqs",
        "awsRegion": "us-east-1",
    }


def sqs_event(
    *bodies: str, sent_at: int = 1_777_802_400_000, attributes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a Lambda SQS event with one record per body, sent a millisecond apart."""
    return {
        "Records": [
            sqs_record(body, message_id=f"m-{index}", sent_at=sent_at + index, attributes=attributes)
            for index, body in enumerate(bodies)
        ]
    }
