"""Look at dead letters without losing any, and send them back to where they came from."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.operations.place import Place, PlaceError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

REASON = "reason"
RECEIVED_AT = "received_at"
PAGE = 10
HOLD_SECONDS = 60
DEAD_LETTERS = "DeadLettersUrl"
UNANNOUNCED = '{"sweep":"unannounced"}'
EXHAUSTED = "failed until SQS gave up; the function's log says why"


@dataclass(frozen=True)
class WorkQueue:
    """A queue and its dead-letter queue, by their addresses. ``body``, if any, is sent in place of every letter."""

    name: str
    url: str
    dead_letters_url: str
    body: str | None = None


@dataclass(frozen=True)
class Letter:
    """A dead letter as it lies in its queue. ``received_at`` is in milliseconds since the epoch."""

    message_id: str
    body: str
    reason: str
    received_at: int
    attributes: Mapping[str, str]
    handle: str

    def age_seconds(self, now: float) -> int:
        """Return how long ago the message first reached us."""
        return max(0, round(now - self.received_at / 1000))


def work_queues(place: Place) -> list[WorkQueue]:
    """Return the stack's queues with their dead-letter queues, by name.

    The stream's dead letters have no queue to go back to: they name records that the stream no longer holds. To redrive
    one, the stock sweeper is asked to publish whatever was never announced.
    """
    outputs = place.outputs
    queues = []
    for key, dead_letters_url in sorted(outputs.items()):
        if not key.endswith(DEAD_LETTERS):
            continue
        name = key.removesuffix(DEAD_LETTERS)
        url = outputs.get(f"{name}QueueUrl")
        republished = {"url": outputs["StockSweepsQueueUrl"], "body": UNANNOUNCED}
        queues.append(WorkQueue(name, dead_letters_url=dead_letters_url, **({"url": url} if url else republished)))
    return queues


def named_queue(place: Place, name: str) -> WorkQueue:
    """Return the queue with this name, case aside. Raises `PlaceError`, listing the names."""
    queues = {queue.name.lower(): queue for queue in work_queues(place)}
    wanted = name.lower().removesuffix("deadletters").removesuffix("queue")
    if wanted not in queues:
        raise PlaceError(f"{name!r}: there is no such queue; there are {', '.join(q.name for q in queues.values())}")
    return queues[wanted]


def count(sqs: "SQSClient", url: str) -> int:
    """Return about how many messages wait in a queue."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"])


def peek(sqs: "SQSClient", url: str, *, most: int = 100) -> list[Letter]:
    """Return up to ``most`` dead letters and leave all of them where they are."""
    letters = list(_held(sqs, url, most))
    for letter in letters:
        release(sqs, url, letter)
    return letters


def release(sqs: "SQSClient", url: str, letter: Letter) -> None:
    """Let a held letter be received again at once."""
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.handle, VisibilityTimeout=0)


def redrive(
    sqs: "SQSClient",
    queue: WorkQueue,
    *,
    chosen: Callable[[Letter], bool] = lambda _letter: True,
    body: str | None = None,
) -> list[Letter]:
    """Send the chosen letters back to their queue, with the time of their first arrival, and return them.

    With ``body``, only the first chosen letter is sent, with this body. A letter is deleted after it was sent. A crash
    in between repeats it, and every consumer bears that.
    """
    sent: list[Letter] = []
    kept: list[Letter] = []
    for letter in _held(sqs, queue.dead_letters_url, max(1, count(sqs, queue.dead_letters_url)) + PAGE):
        if not chosen(letter) or (body is not None and sent):
            kept.append(letter)
            continue
        attributes: Any = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in {**letter.attributes, RECEIVED_AT: str(letter.received_at)}.items()
            if name != REASON
        }
        sqs.send_message(
            QueueUrl=queue.url, MessageBody=body or queue.body or letter.body, MessageAttributes=attributes
        )
        sqs.delete_message(QueueUrl=queue.dead_letters_url, ReceiptHandle=letter.handle)
        sent.append(letter)
    for letter in kept:
        release(sqs, queue.dead_letters_url, letter)
    return sent


def _held(sqs: "SQSClient", url: str, most: int) -> Iterator[Letter]:
    """Yield letters, each hidden from other readers for a minute, until ``most`` or no more come."""
    seen: set[str] = set()
    deadline = time.monotonic() + HOLD_SECONDS / 2
    while len(seen) < most and time.monotonic() < deadline:
        received = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(PAGE, most - len(seen)),
            VisibilityTimeout=HOLD_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        ).get("Messages", [])
        fresh = [message for message in received if message["MessageId"] not in seen]
        if not fresh:
            return
        seen.update(message["MessageId"] for message in fresh)
        yield from map(_letter, fresh)


def _letter(message: "MessageTypeDef") -> Letter:
    attributes = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    carried = attributes.get(RECEIVED_AT, "")
    sent_at = int(message.get("Attributes", {}).get("SentTimestamp", 0))
    return Letter(
        message_id=message["MessageId"],
        body=message["Body"],
        reason=attributes.get(REASON, EXHAUSTED),
        received_at=int(carried) if carried.isdecimal() else sent_at,
        attributes=attributes,
        handle=message["ReceiptHandle"],
    )
