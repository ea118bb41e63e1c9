"""Look at dead letters without losing any, and send them back to where they came from.

The queues of a feature share their dead letters. Each letter says where it came from, in a place that depends on who
set it aside: one of our functions, SQS after five tries, EventBridge that could not deliver, or Lambda that gave up a
part of a table's stream.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from standby.platform.batch import INDEX
from standby.platform.json_text import from_json, to_json
from standby.platform.queue import MORE, MOST_ATTRIBUTES, REASON, RECEIVED_AT, SOURCE_ARN, TEXT, received_at

from infra.operations.place import Place, PlaceError
from infra.operations.stream_letters import changes_again, stream_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

SOURCE_BY_SQS: Final = "DeadLetterQueueSourceArn"
SOURCE_BY_EVENTBRIDGE = "TARGET_ARN"
PAGE = 10
HOLD_SECONDS = 60
WAIT_SECONDS = 1
"""How long SQS looks for letters. Asked without waiting, it looks in some of its places only."""
EMPTY_ANSWERS = 3
"""So many answers without a letter in a row say that there is none."""
DEAD_LETTERS = "DeadLettersUrl"
QUEUE = "QueueUrl"
STREAM = "StreamArn"
EXHAUSTED = "failed until SQS gave up; the function's log says why"


@dataclass(frozen=True)
class Letter:
    """A dead letter as it lies in its queue. ``received_at`` is in milliseconds since the epoch.

    ``source`` is the name or the ARN of the queue or stream that it came from, empty where nobody said.
    """

    message_id: str
    body: str
    reason: str
    received_at: int
    attributes: Mapping[str, str]
    handle: str
    source: str = ""
    carried: Mapping[str, Any] = field(default_factory=dict)
    """The attributes as SQS gave them, texts and bytes."""

    def again(self, body: str) -> dict[str, Any]:
        """Return the message that goes back, without what says why and where from it was set aside.

        The time of the first arrival always goes along, and the place in its batch. Of the sender's attributes those
        that have no room beside these stay packed in one.
        """
        ours = {REASON, SOURCE_ARN, RECEIVED_AT, MORE}
        packed = from_json(self.attributes.get(MORE, "{}"))
        said = {name: _sendable(value) for name, value in self.carried.items() if name not in ours}
        said |= {name: _unpacked(value) for name, value in packed.items()}
        first = {name: said.pop(name) for name in [INDEX] if name in said}
        first[RECEIVED_AT] = {"DataType": TEXT, "StringValue": str(self.received_at)}
        room = MOST_ATTRIBUTES - len(first)
        if len(said) > room:
            names = list(said)[room - 1 :]
            rest = {name: _packed(said.pop(name)) for name in names}
            said[MORE] = {"DataType": TEXT, "StringValue": to_json(rest)}
        return {"MessageBody": body, "MessageAttributes": {**first, **said}}

    def age_seconds(self, now: float) -> int:
        """Return how long ago the message first reached us."""
        return max(0, round(now - self.received_at / 1000))


class UnsentLettersError(Exception):
    """SQS did not take some letters back, for the reasons that the message lists; the others were sent."""

    def __init__(self, refused: Mapping[str, str], sent: "list[Letter]") -> None:
        super().__init__("; ".join(f"{message_id}: {reason}" for message_id, reason in refused.items()))
        self.sent = sent


class SeveralLettersError(Exception):
    """One body was given for several letters. The message lists their ids."""


@dataclass(frozen=True)
class WorkQueue:
    """A queue, or a stream, and the dead letters that it shares with others.

    ``source`` is what its letters say about where they came from. ``again``, if any, returns what is sent in place of a
    letter's body.
    """

    name: str
    url: str
    dead_letters_url: str
    source: str
    again: Callable[[str], list[str]] | None = None

    def bodies(self, letter: Letter) -> list[str]:
        """Return what goes back for a letter. Raises ``ClientError``."""
        return self.again(letter.body) if self.again else [letter.body]

    def sent(self, letter: Letter) -> bool:
        """Tell whether a letter came from here."""
        return letter.source == self.source or letter.source.endswith(f":{self.source}")


def work_queues(place: Place) -> list[WorkQueue]:
    """Return the queues and streams of all stacks, with their dead letters, by name.

    The stream's dead letters have no queue to go back to: they name records of the stream. To redrive one, the stock
    sweeper is given the records, or if the stream no longer holds them, asked to publish whatever was never announced.
    """
    queues = []
    for outputs in place.stacks.values():
        dead_letters_url = next((value for key, value in outputs.items() if key.endswith(DEAD_LETTERS)), None)
        if dead_letters_url is None:
            continue
        for key, value in outputs.items():
            if key.endswith(QUEUE):
                name = key.removesuffix(QUEUE)
                queues.append(WorkQueue(name, value, dead_letters_url, source=value.rpartition("/")[2]))
            elif key.endswith(STREAM):
                sweeps = place.outputs["StockSweepsQueueUrl"]
                queues.append(
                    WorkQueue(
                        key.removesuffix("Arn"),
                        sweeps,
                        dead_letters_url,
                        source=value,
                        again=partial(changes_again, place.streams),
                    )
                )
    return sorted(queues, key=lambda queue: queue.name)


def named_queue(place: Place, name: str) -> WorkQueue:
    """Return the queue with this name, case aside. Raises `PlaceError`, listing the names."""
    queues = {queue.name.lower(): queue for queue in work_queues(place)}
    wanted = name.lower().removesuffix("queue")
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
    """Let a held letter be received again at once. One that SQS does not release comes back by itself, in a minute."""
    with suppress(ClientError):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.handle, VisibilityTimeout=0)


def redrive(
    sqs: "SQSClient",
    queue: WorkQueue,
    *,
    chosen: Callable[[Letter], bool] = lambda _letter: True,
    body: str | None = None,
) -> list[Letter]:
    """Send the chosen letters of a queue back to it, with the time of their first arrival, and return them.

    With ``body``, the chosen letter is sent with this body. Raises `SeveralLettersError`, and sends none, when there
    are several. A letter is deleted after it was sent. A crash in between repeats it, and every consumer bears that.
    Letters that SQS does not take stay, the others go: then it raises `UnsentLettersError`.
    """
    if body is not None:
        there = peek(sqs, queue.dead_letters_url, most=count(sqs, queue.dead_letters_url) + PAGE)
        found = [letter for letter in there if queue.sent(letter) and chosen(letter)]
        if len(found) > 1:
            raise SeveralLettersError(", ".join(letter.message_id for letter in found))
    sent: list[Letter] = []
    gone: set[tuple[str, int]] = set()
    kept: list[Letter] = []
    refused: dict[str, str] = {}
    for letter in _held(sqs, queue.dead_letters_url, max(1, count(sqs, queue.dead_letters_url)) + PAGE):
        same = (letter.body, letter.received_at)  # a letter may be back before this command ends
        if not queue.sent(letter) or not chosen(letter) or (body is not None and sent) or same in gone:
            kept.append(letter)
            continue
        try:
            for each in [body] if body is not None else queue.bodies(letter):
                sqs.send_message(QueueUrl=queue.url, **letter.again(each))
        except ClientError as error:
            refused[letter.message_id] = error.response["Error"].get("Message", str(error))
            kept.append(letter)
            continue
        sqs.delete_message(QueueUrl=queue.dead_letters_url, ReceiptHandle=letter.handle)
        sent.append(letter)
        gone.add(same)
    for letter in kept:
        release(sqs, queue.dead_letters_url, letter)
    if refused:
        raise UnsentLettersError(refused, sent)
    return sent


def _held(sqs: "SQSClient", url: str, most: int) -> Iterator[Letter]:
    """Yield letters, each hidden from other readers for a minute, until ``most`` or no more come."""
    seen: set[str] = set()
    empty = 0
    while len(seen) < most and empty < EMPTY_ANSWERS:
        received = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(PAGE, most - len(seen)),
            VisibilityTimeout=HOLD_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp", SOURCE_BY_SQS],
        ).get("Messages", [])
        fresh = [message for message in received if message["MessageId"] not in seen]
        empty = 0 if fresh else empty + 1
        seen.update(message["MessageId"] for message in fresh)
        yield from map(_letter, fresh)


def _letter(message: "MessageTypeDef") -> Letter:
    carried = message.get("MessageAttributes", {})
    attributes = {name: value["StringValue"] for name, value in carried.items() if "StringValue" in value}
    first = received_at(attributes)
    system: Mapping[str, str] = {str(name): value for name, value in message.get("Attributes", {}).items()}
    sent_at = int(system.get("SentTimestamp", 0))
    return Letter(
        message_id=message["MessageId"],
        body=message["Body"],
        reason=attributes.get(REASON, EXHAUSTED),
        received_at=sent_at if first is None else first,
        attributes=attributes,
        carried=carried,
        handle=message["ReceiptHandle"],
        source=attributes.get(SOURCE_ARN)
        or system.get(SOURCE_BY_SQS)
        or attributes.get(SOURCE_BY_EVENTBRIDGE)
        or stream_of(message["Body"]),
    )


def _sendable(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an attribute as SQS takes it: as it was received, without the empty lists that come along."""
    return {name: value[name] for name in ("DataType", "StringValue", "BinaryValue") if value.get(name)}


def _unpacked(value: Mapping[str, str]) -> dict[str, Any]:
    """Return an attribute that was packed (`standby.platform.queue.packed_attribute`) as SQS takes it."""
    if "bytes" in value:
        return {"DataType": value["type"], "BinaryValue": b64decode(value["bytes"])}
    return {"DataType": value["type"], "StringValue": value["text"]}


def _packed(value: Mapping[str, Any]) -> dict[str, str]:
    """Return an attribute as it is written into the one that holds several."""
    if "BinaryValue" in value:
        return {"type": value["DataType"], "bytes": b64encode(value["BinaryValue"]).decode()}
    return {"type": value["DataType"], "text": value["StringValue"]}
