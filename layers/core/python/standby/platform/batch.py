"""What other systems send in: one message, or a batch of them, each read by itself (design §5.1, promise 9).

Large batches are split. Each part carries its place in the original batch (the attribute ``index``) and
``received_at``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from standby.platform.batching import groups
from standby.platform.envelope import unwrapped
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids
from standby.platform.json_text import from_json, in_pieces, to_json
from standby.platform.queue import Message, Outgoing, PoisonError, Queue, fits
from standby.platform.schema import UnfitError, reader

BATCH = "batch"
BATCH_LIMIT = 1_000
PART = 25
"""Messages of a batch that one record may have; more are split (design §3)."""
PART_BYTES = 200_000
INDEX = "index"
"""Attribute of a record: the place of its first message in the batch that it was once part of."""


class SomeTakenError(Exception):
    """Of a bad message something is good: ``good`` is queued in its place, and ``reason`` says what is wrong."""

    def __init__(self, good: Any, reason: str) -> None:  # noqa: ANN401 - JSON
        super().__init__(reason)
        self.good = good
        self.reason = reason


@frozen(kw_only=True)
class Opened:
    """What a record says."""

    messages: Sequence[Any]
    single: bool
    """It is one message and no batch."""
    first: int
    """The place of its first message in the batch that it was once part of."""
    unkept: str | None
    """What is wrong with messages that no store can keep. They are left out, and the letter is the whole record."""


def opened(message: Message) -> Opened:
    """Return the messages of a record. Raises `PoisonError` where none can be read."""
    content, wrong = _content(message)
    messages = unpacked(content)
    bad: dict[int, str] = {}
    if wrong is not None:
        bad = {place: reason for place, said in enumerate(messages) if (reason := wrong(said))}
        messages = [said for place, said in enumerate(messages) if place not in bad]
    reasons = "; ".join(f"message {place}: {reason}" for place, reason in bad.items())
    return Opened(
        messages=messages,
        single=not is_batch(content),
        first=_first_index(message),
        unkept=f"not JSON: {reasons}" if wrong is not None else None,
    )


def inner(said: object) -> object:
    """Return a message of a batch without the envelopes around it. Raises `PoisonError` where one cannot be opened.

    A pipe that puts events together makes a batch of envelopes. What is set aside stays in its envelope.
    """
    try:
        return unwrapped(said)
    except ValueError as error:
        raise PoisonError(f"not JSON: {error}") from error


def letter_of(message: Message, index: int) -> Message:
    """Return the record as the letter by which one of its messages is set aside, with that message's place."""
    # The place stands in front of the others: where SQS takes no more attributes, the last ones are left out.
    return replace(message, attributes={INDEX: "", **message.attributes} | {INDEX: str(index)})


def is_batch(content: object) -> bool:
    """Tell whether a body is a batch."""
    return isinstance(content, dict) and content.get("type") == BATCH


def unpacked(content: object) -> list[Any]:
    """Return the messages in a body: a batch's, or the body itself. Raises `PoisonError` for a malformed batch."""
    if not isinstance(content, dict) or content.get("type") != BATCH:
        return [content]
    messages = content.get("messages")
    if not isinstance(messages, list):
        raise PoisonError("messages: missing" if messages is None else "messages: must be array")
    if len(messages) > BATCH_LIMIT:
        raise PoisonError(f"messages: {len(messages)} are more than {BATCH_LIMIT:,}")
    return messages


def parts(messages: Sequence[Any], *, received_at: int, first: int = 0) -> list[Outgoing]:
    """Return records of at most 25 messages, each with the time of receipt and its place in the batch."""
    made = []
    for part in groups(messages, most=PART, most_weight=PART_BYTES, weight=size):
        body = to_json({"type": BATCH, "messages": part})
        made.append(Outgoing(body, received_at=received_at, attributes={INDEX: str(first)}))
        first += len(part)
    return made


def pass_on(updates: Queue, cut: Sequence[Outgoing], *, group: str, most_bytes: int) -> str | None:
    """Send parts. Return a reason where one grew beyond SQS's limit when it was written anew; it was not sent then."""
    sent = [replace(part, group=part.group or group) for part in cut if fits(part)]
    updates.send(sent)
    if len(sent) == len(cut):
        return None
    return f"message: {max(len(part.body.encode()) for part in cut)} bytes are more than {most_bytes:,}"


def checked(message: object, *, package: str, largest: Mapping[str, int], ids: Ids) -> dict[str, Any]:
    """Return a message as its schema in ``package`` reads it. Raises `PoisonError`.

    ``largest`` says which types there are, and how many bytes a message of each may have.
    """
    if not isinstance(message, dict):
        raise PoisonError("message: must be object")
    if "type" not in message:
        raise PoisonError("type: missing")
    named = message["type"]
    if not isinstance(named, str) or named not in largest:
        raise PoisonError(f"type: {named!r:.80} is none of {', '.join(largest)}")
    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False)
        length = len(text) if text.isascii() else size(message)
    except (ValueError, RecursionError) as error:
        raise PoisonError(f"message: {error}") from error
    if length > largest[named]:
        raise PoisonError(f"message: {length} bytes are more than {largest[named]:,}")
    try:
        fields: dict[str, Any] = reader(package, named, ids)(message)
    except UnfitError as error:
        raise PoisonError(str(error)) from error
    return fields


def size(content: object) -> int:
    """Return how many bytes a content has as JSON."""
    return len(to_json(content).encode())


def _content(message: Message) -> tuple[Any, Callable[[object], str | None] | None]:
    """Return what a record says, and what tells which messages of a batch cannot be read. Raises `PoisonError`."""
    try:
        return unwrapped(from_json(message.body)), None
    except ValueError as error:
        poison = PoisonError(f"not JSON: {error}")
    try:
        content, wrong = in_pieces(message.body)
        content = unwrapped(content, lambda text: in_pieces(text)[0])
    except ValueError:
        raise poison from None
    if not is_batch(content) or any(wrong(said) for name, said in content.items() if name != "messages"):
        raise poison
    return content, wrong


def _first_index(message: Message) -> int:
    """Return the place of a record's first message in the batch that it was once part of."""
    carried = message.attributes.get(INDEX, "")
    place = int(carried) if carried.isdecimal() and len(carried) <= len(str(BATCH_LIMIT)) else 0
    return place if place < BATCH_LIMIT else 0
