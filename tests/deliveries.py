"""Messages of a queue in `tests.world`."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Delivery:
    """A message in a queue."""

    message_id: str
    body: str
    sent_at: int
    visible_at: datetime
    attributes: Mapping[str, str] = field(default_factory=dict)
    receives: int = 0
    source: str = ""
    """The queue that a dead letter came from, where SQS itself set it aside."""

    def record(self, queue: str) -> dict[str, Any]:
        """Return the record as Lambda hands it to a function."""
        return {
            "messageId": self.message_id,
            "receiptHandle": self.message_id,
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": str(self.receives), "SentTimestamp": str(self.sent_at)},
            "messageAttributes": {
                name: {"dataType": "String", "stringValue": value} for name, value in self.attributes.items()
            },
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
        }


def take_out(waiting: deque[Delivery], message: Delivery) -> bool:
    """Take this very message out of a queue; tell whether it was still there."""
    place = next((place for place, each in enumerate(waiting) if each is message), None)
    if place is not None:
        del waiting[place]
    return place is not None
