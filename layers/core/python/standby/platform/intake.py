"""Messages over HTTP: one, or a batch of them (design §5.2). The good ones go to the queue, the others are named."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform.batch import BATCH_LIMIT, SomeTakenError, inner, is_batch, parts, unpacked
from standby.platform.clock import Clock, to_milliseconds
from standby.platform.envelope import unwrapped
from standby.platform.frozen import frozen
from standby.platform.http import NOT_JSON, Problem, Resolver, json_body, malformed
from standby.platform.json_text import in_pieces
from standby.platform.moment import Arrival
from standby.platform.observability import logger
from standby.platform.queue import PoisonError, Queue
from standby.platform.settings import REFUSED

if TYPE_CHECKING:
    from standby.platform.answers import MessageRejected, MessagesTaken

LONGEST_REASON = 300
log = logger("intake")
ANSWERS = {
    202: "how many were accepted, and what is wrong with the others, by index",
    400: "not JSON, or neither a message nor a batch",
    413: "more than 1,000 messages",
}
"""What a route that takes messages answers."""


class Check(Protocol):
    """Says what is wrong with a message."""

    def __call__(self, message: object, /, *, arrival: Arrival, now: datetime) -> object:
        """Raise `PoisonError` for a message that will never be taken in, or `SomeTakenError`."""
        ...


@frozen(kw_only=True)
class Intake:
    """Takes messages over HTTP: checks them at once, and puts the good ones on the queue."""

    updates: Queue
    clock: Clock
    check: Check

    def accept(
        self, messages: Sequence[Any], *, unkept: Callable[[object], str | None] = lambda _: None
    ) -> "MessagesTaken":
        """Queue the good messages in their order. Return how many there were, and what is wrong with the others.

        ``unkept`` says what of a message no store can keep (`standby.platform.json_text.in_pieces`), if anything.
        """
        now = self.clock.now()
        received_at = to_milliseconds(now)
        good: list[Any] = []
        rejected: list[MessageRejected] = []
        for index, message in enumerate(messages):
            odd = unkept(message)
            if odd is not None:
                rejected.append({"index": index, "reason": odd[:LONGEST_REASON]})
                continue
            try:
                said = inner(message)
                self.check(said, arrival=Arrival(received_at, index), now=now)
            except PoisonError as poison:
                rejected.append({"index": index, "reason": poison.reason})
            except SomeTakenError as some:
                good.append(some.good)
                rejected.append({"index": index, "reason": some.reason})
            else:
                good.append(said)
        self.updates.send(parts(good, received_at=received_at))
        if rejected:
            first = {"index": rejected[0]["index"], "reason": rejected[0]["reason"][:LONGEST_REASON]}
            log.warning(REFUSED, extra={"refused": len(rejected), "of": len(messages), "first": first})
        return {"accepted": len(messages) - len(rejected), "rejected": rejected}


def taken(app: Resolver, intake: Intake) -> "MessagesTaken":
    """Take the messages of a request's body. Raises `Problem` 400 or 413."""
    try:
        return intake.accept(_messages(_opened(json_body(app))))
    except Problem as problem:
        if problem.slug != NOT_JSON:
            raise
        body, unkept = _in_pieces(app, problem)
        return intake.accept(_messages(body), unkept=unkept)


def _in_pieces(app: Resolver, problem: Problem) -> tuple[Any, Callable[[object], str | None]]:
    """Read a body of which some messages cannot be kept, and what tells which. Raises the ``problem`` for any other."""
    try:
        body, unkept = in_pieces(app.current_event.decoded_body or "")
        body = unwrapped(body, lambda text: in_pieces(text)[0])
    except ValueError:
        raise problem from None
    if is_batch(body) and any(unkept(said) for name, said in body.items() if name != "messages"):
        raise problem
    return body, unkept


def _opened(body: object) -> object:
    """Return what is in the envelopes around a body. Raises `Problem` 400."""
    try:
        return unwrapped(body)
    except ValueError as error:
        raise Problem(400, NOT_JSON, str(error)) from error


def _messages(body: object) -> list[Any]:
    """Return the messages of a body: one, or a batch's. Raises `Problem` 400 or 413."""
    if not isinstance(body, dict):
        raise malformed("the body must be one message or a batch of messages")
    listed = body.get("messages") if is_batch(body) else None
    if isinstance(listed, list) and len(listed) > BATCH_LIMIT:
        raise Problem(413, "too-many-messages", f"{len(listed):,} messages are more than {BATCH_LIMIT:,}")
    try:
        return unpacked(body)
    except PoisonError as poison:
        raise malformed(poison.reason) from poison
