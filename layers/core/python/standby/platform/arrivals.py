"""Messages that other systems put on a queue, taken in one by one (design §3; promises 4 and 9).

A record of the queue is one message or a batch, or a job of the feature's own. Large batches are split. When a message
fails, its record fails, and SQS delivers it again: the messages of it that were taken in change nothing then.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from standby.platform.batch import PART, inner, letter_of, opened, parts, pass_on
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json
from standby.platform.moment import Arrival
from standby.platform.observability import logger
from standby.platform.queue import Message, PoisonError, Queue, set_aside

log = logger("arrivals")
Letters = list[tuple[Message, str, str | None]]
Word = TypeVar("Word")
Meaning_co = TypeVar("Meaning_co", covariant=True)


class Read(Protocol[Meaning_co]):
    """Reads a message."""

    def __call__(self, message: object, /, *, arrival: Arrival, now: datetime) -> Meaning_co:
        """Return what the message says. Raises `PoisonError` for one that will never be taken in."""
        ...


@frozen(kw_only=True)
class Arrivals(Generic[Word]):
    """Takes a queue's messages in."""

    read: Read[Word]
    take: Callable[[Word], None]
    """Takes what one message says in; idempotent. Raises `PoisonError` where that can never be."""
    updates: Queue
    dead_letters: Queue
    clock: Clock
    most_bytes: int
    """The bytes that the longest message may have."""
    jobs: Mapping[str, Callable[[Mapping[str, Any]], None]] = field(default_factory=dict)
    """What does a job of the feature's own, by the field that it is known by. They raise `PoisonError`."""

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take one Lambda SQS event in and return the partial batch response."""
        messages = [Message.from_record(record) for record in event["Records"]]
        return {
            "batchItemFailures": [
                {"itemIdentifier": message.message_id} for message in messages if not self._done(message)
            ]
        }

    def _done(self, message: Message) -> bool:
        """Take a record in; tell whether all of it is done. Whatever fails keeps nothing else of it waiting."""
        letters: Letters = []
        whole = True
        try:
            for letter, said, index, body in self._messages(message, letters):
                try:
                    whole &= self._taken(letter, said, index)
                except PoisonError as poison:
                    letters.append((letter, poison.reason, body))
            # Poison last: a record that will come again brings its poison again.
            for letter, reason, body in letters if whole else []:
                set_aside(self.dead_letters, letter, reason, body=body)
        except Exception:
            log.exception("messages failed", extra={"record": message.message_id})
            return False
        return whole

    def _taken(self, letter: Message, said: object, index: int) -> bool:
        said = inner(said)
        own = [kind for kind in self.jobs if kind in said] if isinstance(said, dict) and "type" not in said else []
        if own and isinstance(said, dict):
            work = partial(self.jobs[own[0]], said)
        else:
            work = partial(self.take, self._read(letter, said, index))
        try:
            work()
        except PoisonError:
            raise
        except Exception:
            log.exception("a message failed", extra={"record": letter.message_id, "index": index})
            return False
        return True

    def _read(self, letter: Message, said: object, index: int) -> Word:
        """Read a message. Reading asks nobody, so what fails once fails always: it is set aside alone (promise 9)."""
        try:
            return self.read(said, arrival=Arrival(letter.received_at, index), now=self.clock.now())
        except PoisonError:
            raise
        except Exception as error:
            log.exception("a message could not be read", extra={"record": letter.message_id, "index": index})
            raise PoisonError(f"it could not be read: {type(error).__name__}, a fault of Standby") from error

    def _messages(self, message: Message, letters: Letters) -> Iterator[tuple[Message, object, int, str | None]]:
        """Yield each message of a record: its letter, what it says, its place, and the letter's body in its place."""
        try:
            content = opened(message)
        except PoisonError as poison:
            letters.append((message, poison.reason, None))
            return
        if content.unkept is not None:
            letters.append((message, content.unkept, None))
        if len(content.messages) > PART:
            cut = parts(content.messages, received_at=message.received_at, first=content.first)
            reason = pass_on(self.updates, cut, group=message.message_id, most_bytes=self.most_bytes)
            if reason is not None:
                letters.append((message, reason, None))
            return
        for place, said in enumerate(content.messages):
            index = content.first + place
            yield letter_of(message, index), said, index, None if content.single else to_json(said)
