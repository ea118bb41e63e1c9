"""The shop's messages into the catalogue (design §3; promises 4 and 9).

A record of the queue is one message or a batch, or a job of our own: products to be told anew (`retelling`), or those
that a complete file does not name (`absences`). Large batches are split. When a message fails, its record fails, and
SQS delivers it again: the messages of it that were taken in change nothing then.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

from standby.catalog.messages import LARGEST, Word, read
from standby.platform.batch import PART, inner, letter_of, opened, parts, pass_on
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.identifier import EXACT, Ids
from standby.platform.json_text import to_json
from standby.platform.moment import Arrival
from standby.platform.observability import logger
from standby.platform.queue import Message, PoisonError, Queue, set_aside

log = logger("catalog")
Letters = list[tuple[Message, str, str | None]]


class Taker(Protocol):
    """Who takes in what is said of products."""

    def take(self, word: Word) -> None:
        """Take one word in; idempotent."""
        ...


@frozen(kw_only=True)
class Ingester:
    """Takes the shop's messages in."""

    catalogue: Taker
    jobs: Mapping[str, Callable[[Mapping[str, Any]], None]]
    """What does a job, by the field that it is known by. They raise `PoisonError`."""
    updates: Queue
    dead_letters: Queue
    clock: Clock
    ids: Ids = EXACT

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
            log.exception("catalogue messages failed", extra={"record": message.message_id})
            return False
        return whole

    def _taken(self, letter: Message, said: object, index: int) -> bool:
        said = inner(said)
        own = [kind for kind in self.jobs if kind in said] if isinstance(said, dict) and "type" not in said else []
        if own and isinstance(said, dict):
            work = partial(self.jobs[own[0]], said)
        else:
            word = read(said, arrival=Arrival(letter.received_at, index), now=self.clock.now(), ids=self.ids)
            work = partial(self.catalogue.take, word)
        try:
            work()
        except PoisonError:
            raise
        except Exception:
            log.exception("a catalogue message failed", extra={"record": letter.message_id, "index": index})
            return False
        return True

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
            reason = pass_on(self.updates, cut, group=message.message_id, most_bytes=max(LARGEST.values()))
            if reason is not None:
                letters.append((message, reason, None))
            return
        for place, said in enumerate(content.messages):
            index = content.first + place
            yield letter_of(message, index), said, index, None if content.single else to_json(said)
