"""SQS: reading batches with partial failures, setting poison aside, sending whole batches (design §3, promise 9).

The time at which a message first reached us travels with it as the attribute ``received_at`` (milliseconds since
the epoch), through splits, retries and redrives. SQS's ``SentTimestamp`` is that time where the attribute is missing.
"""

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from standby.platform import aws
from standby.platform.backoff import Backoff
from standby.platform.batching import groups
from standby.platform.counted import counted
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json
from standby.platform.json_text import to_json as to_json  # noqa: PLC0414 - re-exported: senders write bodies with it
from standby.platform.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

TEXT, BYTES = "String", "Binary"
PLAIN_TYPES = (TEXT, BYTES)
MORE = "more_attributes"
"""Holds attributes for which SQS has no room, as JSON."""
RECEIVED_AT = "received_at"
REASON = "reason"
SOURCE_ARN = "source_arn"
ATTEMPTS = 5
"""How often SQS delivers a message before it sets it aside."""
BATCH_ENTRIES = 10
BATCH_BYTES = 1_000_000  # SQS takes 1 MiB a request and counts attributes too
MESSAGE_BYTES = 1_048_576
LONGEST_DELAY_SECONDS = 900
REASON_LENGTH = 1_000
SHORT_REASON_LENGTH = 100
MOST_ATTRIBUTES = 10
LONGEST_RECEIVED_AT = len("253402300799999")  # the last millisecond of the year 9999
EARLIEST_RECEIVED_AT = 10**12
"""In September 2001. An instant in seconds stays below it for 30,000 years."""
AHEAD_MILLISECONDS = 300_000
"""How far the clock by which a message carries ``received_at`` may be ahead of SQS's."""
BACKOFF = Backoff(attempts=4, base_seconds=0.05)
Value = TypeVar("Value")
log = logger("queue")


class PoisonError(Exception):
    """The message can never be handled; ``reason`` says why, for the person who mends and redrives it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnsentError(Exception):
    """SQS kept refusing some entries; the caller must not count its message as done."""


@frozen()
class Message:
    """One received SQS message."""

    message_id: str
    body: str
    received_at: int
    receive_count: int = 1
    attributes: Mapping[str, str] = field(default_factory=dict)
    binary: Mapping[str, str] = field(default_factory=dict)
    """Attributes that are bytes, in base64."""
    types: Mapping[str, str] = field(default_factory=dict)
    """SQS's names for the types of attributes that are not just texts or bytes, such as ``Number``."""
    source_arn: str = ""
    """The queue that it came from."""

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Message":
        """Read one record of a Lambda SQS event."""
        attributes = {
            name: value["stringValue"]
            for name, value in record.get("messageAttributes", {}).items()
            if "stringValue" in value
        }
        system = record.get("attributes", {})
        return cls(
            message_id=record["messageId"],
            body=record["body"],
            received_at=_received_at(attributes, system),
            receive_count=int(system.get("ApproximateReceiveCount", 1)),
            attributes=attributes,
            binary={
                name: value["binaryValue"]
                for name, value in record.get("messageAttributes", {}).items()
                if "binaryValue" in value
            },
            types={
                name: value["dataType"]
                for name, value in record.get("messageAttributes", {}).items()
                if value.get("dataType", TEXT) not in PLAIN_TYPES
            },
            source_arn=record.get("eventSourceARN", ""),
        )

    def json(self) -> Any:  # noqa: ANN401 - JSON
        """Parse the body. Raises `PoisonError` when it is not JSON."""
        try:
            return from_json(self.body)
        except ValueError as error:
            raise PoisonError(f"not JSON: {error}") from error


@frozen()
class Outgoing:
    """One message to send. A message made from a received one carries on that one's ``received_at``."""

    body: str
    delay_seconds: int = 0
    received_at: int | None = None
    reason: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    binary: Mapping[str, str] = field(default_factory=dict)
    """Attributes that are bytes, in base64."""
    types: Mapping[str, str] = field(default_factory=dict)
    """The types of attributes that are not just texts or bytes."""
    group: str | None = None
    """What a message is one of many of. SQS hands out messages of other groups first while many of one wait (AWS: "fair
    queues"); one without a group is a group of its own."""

    @classmethod
    def of(cls, content: object, *, delay_seconds: int = 0, received_at: int | None = None) -> "Outgoing":
        """Write ``content`` as compact JSON."""
        return cls(to_json(content), delay_seconds=delay_seconds, received_at=received_at)


class Queue(Protocol):
    """A queue that can be sent to."""

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Send all messages. Raises `UnsentError`; some messages may have been sent by then."""
        ...


@frozen()
class SqsQueue:
    """A queue on SQS."""

    url: str
    sqs: "SQSClient"
    backoff: Backoff = BACKOFF

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Send in requests of 10 messages and 1 MB at most, repeating single refused entries.

        Raises `UnsentError` when entries stay refused.
        """
        for group in groups(messages, most=BATCH_ENTRIES, most_weight=BATCH_BYTES, weight=_weight):
            self._send_group(group)

    def _send_group(self, group: Sequence[Outgoing]) -> None:
        pending = {str(index): message for index, message in enumerate(group)}
        for attempt in range(self.backoff.attempts):
            if attempt:
                self.backoff.pause(attempt - 1)
            entries: Any = [{"Id": key, **_entry(message)} for key, message in pending.items()]
            answer = self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
            pending = {failure["Id"]: pending[failure["Id"]] for failure in answer.get("Failed", ())}
            if not pending:
                return
        message = f"{self.url}: {counted(len(pending), 'message')} refused"
        raise UnsentError(message)


@frozen()
class SeldomQueue:
    """A queue that a function hardly ever sends to: its client is made by then, not at the cold start."""

    url: str

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Send as `SqsQueue` does; without messages no client is made."""
        waiting = list(messages)
        if waiting:
            connect(self.url).send(waiting)


def client() -> "SQSClient":
    """Return a client; making one takes longer than sending a message, so a function's queues share it."""
    made: SQSClient = aws.client("sqs")
    return made


def connect(url: str, sqs: "SQSClient | None" = None) -> SqsQueue:
    """Return the queue at ``url``, with a client of its own unless one is given."""
    return SqsQueue(url, sqs or client())


def consume(
    event: Mapping[str, Any], handle: Callable[[Message], None], *, dead_letters: Queue | None = None
) -> dict[str, Any]:
    """Hand each message to ``handle`` by itself and return the partial batch response.

    A message that raises `PoisonError` is set aside in ``dead_letters`` as it came, with the reason, and counts as
    handled. Without ``dead_letters`` it fails like any other. Any other exception fails that message alone: SQS
    delivers it again, and the queue's redrive policy sets it aside in the end.
    """
    failures = []
    for record in event["Records"]:
        message = Message.from_record(record)
        try:
            try:
                handle(message)
            except PoisonError as poison:
                if dead_letters is None:
                    raise
                set_aside(dead_letters, message, poison.reason)
        except Exception:
            log.exception("message failed", extra={"message_id": message.message_id})
            failures.append({"itemIdentifier": message.message_id})
    return {"batchItemFailures": failures}


def set_aside(dead_letters: Queue, message: Message, reason: str, *, body: str | None = None) -> None:
    """Send a message to the feature's dead letters in its original form.

    Attributes say the reason and, because several queues share the dead letters, which of them it came from. ``body``
    replaces the body where only a part of it (one message of a batch) is poison, unless SQS does not take so much: then
    the whole message is set aside, with fewer attributes and a shorter reason if need be. Raises `UnsentError` when not
    even that fits: then SQS itself sets the message aside, after its tries.
    """
    log.warning("message set aside", extra={"message_id": message.message_id, "reason": reason})
    source = {SOURCE_ARN: message.source_arn} if message.source_arn else {}
    kept, more = _parted(message)
    letter = Outgoing(
        message.body if body is None else body,
        received_at=message.received_at,
        reason=reason,
        attributes={**{name: text for name, text in message.attributes.items() if name in kept}, **more, **source},
        binary={name: text for name, text in message.binary.items() if name in kept},
        types=message.types,
    )
    whole = replace(letter, body=message.body)
    bare = replace(whole, attributes=source, binary={}, reason=reason[:SHORT_REASON_LENGTH])
    for form in (letter, whole, bare):
        if fits(form):
            dead_letters.send([form])
            return
    raise UnsentError(f"{message.message_id}: SQS takes no attributes beside a body as long as this")


def fits(message: Outgoing) -> bool:
    """Tell whether SQS takes a message as long as this."""
    return _length(message) <= MESSAGE_BYTES


def _parted(message: Message) -> tuple[frozenset[str], dict[str, str]]:
    """Return the names of the sender's attributes that have room beside ours, and the others packed into one.

    SQS takes ten attributes. The names of ours are ours, whoever sent one of them.
    """
    own = {REASON, RECEIVED_AT, SOURCE_ARN, MORE}
    sent = [name for name in (*message.attributes, *message.binary) if name not in own]
    room = MOST_ATTRIBUTES - len(own)  # with the one in which others are packed
    if len(sent) <= room + 1 and MORE not in message.attributes:
        return frozenset(sent), {}
    kept = frozenset(sent[:room])
    packed = {name: packed_attribute(message, name) for name in sent if name not in kept}
    return kept, {MORE: to_json(packed | _packed_before(message))}


def _packed_before(message: Message) -> dict[str, Any]:
    """Return what a message that was set aside before carries packed."""
    try:
        packed = from_json(message.attributes.get(MORE, "{}"))
    except ValueError:
        return {}
    return packed if isinstance(packed, dict) else {}


def packed_attribute(message: Message, name: str) -> dict[str, str]:
    """Return an attribute as it is written into the one that holds several: its type, and its text or base64."""
    if name in message.binary:
        return {"type": message.types.get(name, BYTES), "bytes": message.binary[name]}
    return {"type": message.types.get(name, TEXT), "text": message.attributes[name]}


def received_at(attributes: Mapping[str, str]) -> int | None:
    """Return the time of receipt that a message carries with it, in milliseconds.

    ``None`` where it carries none, or a number that is no such time: a sender may have written seconds.
    """
    carried = attributes.get(RECEIVED_AT, "")
    at = int(carried) if carried.isdecimal() and len(carried) <= LONGEST_RECEIVED_AT else 0
    return at if at >= EARLIEST_RECEIVED_AT else None


def _received_at(attributes: Mapping[str, str], system: Mapping[str, str]) -> int:
    """Return when a message first reached us: not after it was sent here, whatever its sender says."""
    sent_at = int(system.get("SentTimestamp", 0))
    carried = received_at(attributes)
    return sent_at if carried is None or (sent_at and carried > sent_at + AHEAD_MILLISECONDS) else carried


def _texts(message: Outgoing) -> dict[str, str]:
    texts = dict(message.attributes)
    if message.received_at is not None:
        texts[RECEIVED_AT] = str(message.received_at)
    if message.reason is not None:
        texts[REASON] = "".join(map(_taken_by_sqs, message.reason[:REASON_LENGTH]))
    return {name: text for name, text in texts.items() if text}


def _taken_by_sqs(character: str) -> str:
    """Replace a character that SQS refuses.

    A regular expression would do the same, but would take longer to compile than the rest of a cold import takes.
    """
    refused = (character < " " and character not in "\t\n\r") or "\ud800" <= character <= "\udfff"
    return "\ufffd" if refused or character in "\ufffe\uffff" else character


def _entry(message: Outgoing) -> dict[str, Any]:
    entry: dict[str, Any] = {"MessageBody": message.body}
    if message.delay_seconds:
        entry["DelaySeconds"] = min(message.delay_seconds, LONGEST_DELAY_SECONDS)
    if message.group is not None:
        entry["MessageGroupId"] = message.group
    attributes: dict[str, Any] = {
        name: {"DataType": message.types.get(name, TEXT), "StringValue": text} for name, text in _texts(message).items()
    }
    if message.binary:
        attributes |= {
            name: {"DataType": message.types.get(name, BYTES), "BinaryValue": b64decode(text)}
            for name, text in message.binary.items()
        }
    if attributes:
        entry["MessageAttributes"] = attributes
    return entry


def _length(message: Outgoing) -> int:
    """Return how many bytes SQS counts."""
    texts = [*_texts(message).items(), *message.binary.items()]
    return len(message.body.encode()) + sum(
        len(name.encode()) + len(message.types.get(name, TEXT)) + len(text.encode()) for name, text in texts
    )


def _weight(message: Outgoing) -> int:
    return _length(message) + 500
