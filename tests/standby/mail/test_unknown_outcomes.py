"""Lost answers and deaths at any moment: nobody lost, one call repeated once, then a person decides."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from standby.events.mail import MailFailed
from standby.mail.model import Answer, Outcome, OutcomeUnknownError
from standby.mail.repository import MailRepository
from standby.platform.bus import Event
from standby.platform.queue import Outgoing
from standby.platform.table import Table

from tests.standby.mail.post_room import FailingBus, KilledError, PostRoom, answers, job, raises

pytestmark = pytest.mark.promise("P2", "P3")

LOST = OutcomeUnknownError("ReadTimeoutError")
PEOPLE = [f"person{number}@example.com" for number in range(3)]
EVERYBODY = ["entry-0", "entry-1", "entry-2"]


def test_a_lost_answer_repeats_the_call_once(room: PostRoom) -> None:
    room.mailer.scripts = [room.mailer.loses(LOST)]
    room.deliver(job(3))
    assert room.bus.events == []
    room.settle()
    assert Counter(room.mailer.delivered) == dict.fromkeys(PEOPLE, 2)
    assert room.references("MailAccepted") == EVERYBODY


def test_a_second_lost_answer_waits_for_a_person(room: PostRoom) -> None:
    room.mailer.scripts = [room.mailer.loses(LOST), room.mailer.loses(LOST)]
    room.deliver(job(3))
    room.settle()
    assert len(room.mailer.calls) == 2
    assert [type(event) for event in room.bus.events] == [MailFailed]
    (letter,) = room.dead_letters.messages
    assert (letter.reason or "").startswith("3 of 3 recipients: unknown outcome twice")
    assert room.counts["MailOutcomeUnknown"] == 6
    assert room.counts["MailParked"] == 3


def test_a_person_may_send_them_again_and_nobody_else(room: PostRoom) -> None:
    later = Answer(Outcome.LATER, "ACCOUNT_THROTTLED", 5)
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), later, later), raises(LOST), raises(LOST)]
    room.deliver(job(3))
    room.settle()
    (letter,) = room.dead_letters.messages
    room.deliver(Outgoing(letter.body, attributes=letter.attributes))
    assert room.mailer.calls[3:] == [["person1@example.com", "person2@example.com"]]
    assert Counter(room.mailer.delivered) == dict.fromkeys(PEOPLE, 1)
    assert room.references("MailAccepted") == EVERYBODY


def test_a_dead_letter_sent_again_counts_once_however_often_it_is_delivered(room: PostRoom) -> None:
    room.mailer.scripts = [raises(LOST)] * 4
    room.deliver(job(1))
    room.settle()
    (letter,) = room.dead_letters.drain()
    for _ in range(3):
        room.deliver(Outgoing(letter.body, attributes=letter.attributes))
        room.settle()
    assert len(room.mailer.calls) == 4


def test_a_dead_letter_of_a_second_failure_can_be_sent_again_too(room: PostRoom) -> None:
    room.mailer.scripts = [raises(LOST)] * 4
    room.deliver(job(1))
    room.settle()
    for _ in range(2):
        (letter,) = room.dead_letters.drain()
        room.deliver(Outgoing(letter.body, attributes=letter.attributes))
        room.settle()
    assert room.references("MailAccepted") == ["entry-0"]
    assert room.dead_letters.messages == []


def test_a_job_parked_in_part_is_set_aside_when_the_rest_is_done(room: PostRoom) -> None:
    room.set_rate(2)
    room.mailer.scripts = [raises(LOST), lambda _entries: None, raises(LOST)]
    room.deliver(job(3))
    room.settle()
    assert sorted(room.references("MailAccepted")) == ["entry-2"]
    assert len(room.dead_letters.messages) == 1


@dataclass
class Deadly:
    """Kills the process before or after one call of a port, counted over all ports."""

    at: int
    after: bool
    lose_answer: bool = False
    seen: list[str] = field(default_factory=list)

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        """Make the call, unless the process dies first."""
        here = len(self.seen) == self.at
        self.seen.append(name)
        if here and not self.after:
            raise KilledError(name)
        result = call()
        if here and self.after:
            raise KilledError(name)
        return result


@dataclass
class DeadlyClient:
    client: Any
    deadly: Deadly

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        return lambda **request: self.deadly.around(name, lambda: method(**request))


@dataclass
class DeadlyBus(FailingBus):
    deadly: Deadly | None = None

    def publish(self, events: Iterable[Event]) -> None:
        kept = list(events)
        assert self.deadly is not None
        self.deadly.around("publish", lambda: FailingBus.publish(self, kept))


def arm(room: PostRoom, deadly: Deadly) -> None:
    """Put death into every port of the room."""
    mailer_send, queue_send, dead_send = room.mailer.send, room.queue.send, room.dead_letters.send
    room.mailer.send = lambda mail, people: deadly.around("send", lambda: mailer_send(mail, people))  # type: ignore[method-assign]
    room.queue.send = lambda messages: deadly.around("put back", lambda: queue_send(messages))  # type: ignore[method-assign]
    room.dead_letters.send = lambda messages: deadly.around("set aside", lambda: dead_send(messages))  # type: ignore[method-assign]
    object.__setattr__(room.repository.table, "dynamodb", DeadlyClient(room.repository.table.dynamodb, deadly))
    bus = DeadlyBus(deadly=deadly)
    room.bus = bus
    room.set_rate(room.rate)


def live_through(room: PostRoom, *jobs: Any) -> int:
    """Deliver until nothing is left, as SQS would after each death; return the number of deaths."""
    deaths = 0
    waiting: list[Any] = list(jobs)
    for _ in range(30):
        if not waiting:
            waiting = list(room.queue.drain())
            if not waiting:
                return deaths
            room.clock.advance(seconds=max(message.delay_seconds for message in waiting))
        try:
            failed = room.deliver(*waiting)
            waiting = [each for place, each in enumerate(waiting) if f"m-{place}" in failed]
        except KilledError:
            deaths += 1
        room.clock.advance(seconds=360)
    message = "the job never came to an end"
    raise AssertionError(message)


def scripts_of(room: PostRoom, case: str) -> list[Any]:
    throttled = Answer(Outcome.LATER, "ACCOUNT_THROTTLED", 5)
    return {
        "plain": [],
        "throttled": [answers(Answer(Outcome.ACCEPTED), throttled, Answer(Outcome.REFUSED))],
        "lost": [room.mailer.loses(LOST)],
    }[case]


@pytest.mark.parametrize("case", ["plain", "throttled"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_death_at_any_call_loses_nobody_and_repeats_one_call_at_most_once(
    room: PostRoom, case: str, *, after: bool
) -> None:
    place, broken = 0, []
    while True:
        number = f"{case}-{after}-{place}"
        fresh = PostRoom(
            clock=room.clock,
            dynamodb=room.dynamodb,
            mailer=type(room.mailer)(),
            bus=FailingBus(),
            queue=type(room.queue)(),
            dead_letters=type(room.dead_letters)(),
            repository=MailRepository(Table("Mail", room.dynamodb, room.repository.table.backoff)),  # type: ignore[arg-type]
        )
        fresh.mailer.scripts = scripts_of(fresh, case)
        deadly = Deadly(at=place, after=after)
        arm(fresh, deadly)
        deaths = live_through(fresh, job(3, job_id=number, valid_for=86_400, clock=fresh.clock))
        if deaths == 0:
            break
        counts = Counter(fresh.mailer.delivered)
        accepted = set(fresh.references("MailAccepted"))
        refused = set(fresh.references("MailRefused"))
        wanted = set(EVERYBODY) if case == "plain" else {"entry-0", "entry-1"} | (accepted & {"entry-2"})
        if not (accepted >= wanted and accepted | refused == set(EVERYBODY)):
            broken.append((deadly.seen[place], place, "lost", accepted, refused))
        if any(count > 2 for count in counts.values()):
            broken.append((deadly.seen[place], place, "more than twice", counts))
        if fresh.dead_letters.messages:
            broken.append((deadly.seen[place], place, "set aside", fresh.dead_letters.messages))
        place += 1
    assert broken == []
    assert place >= 5


def test_two_deaths_in_the_same_call_wait_for_a_person(room: PostRoom) -> None:
    room.mailer.scripts = [room.mailer.loses(KilledError()), room.mailer.loses(KilledError())]  # type: ignore[arg-type]
    the_job = job(3, valid_for=86_400)
    for _ in range(2):
        with pytest.raises(KilledError):
            room.deliver(the_job)
        room.clock.advance(seconds=360)
    room.deliver(the_job)
    assert len(room.mailer.calls) == 2
    assert [type(event) for event in room.bus.events] == [MailFailed]
    assert len(room.dead_letters.messages) == 1


def test_a_death_while_the_letter_is_written_writes_it_at_the_next_delivery(room: PostRoom) -> None:
    room.mailer.scripts = [raises(LOST), raises(LOST)]
    room.deliver(job(1))
    again = room.queue.drain()
    dead_send = room.dead_letters.send
    deadly = Deadly(at=0, after=False)
    room.dead_letters.send = lambda messages: deadly.around("set aside", lambda: dead_send(messages))  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        room.deliver(*again)
    room.clock.advance(seconds=360)
    room.deliver(*again)
    assert len(room.mailer.calls) == 2
    assert len(room.dead_letters.messages) == 1


def test_an_unexpected_error_from_the_mailer_counts_as_an_unknown_outcome(room: PostRoom) -> None:
    room.mailer.scripts = [raises(ZeroDivisionError())]
    assert room.deliver(job(1)) == ["m-0"]
    room.clock.advance(seconds=120)
    room.deliver(job(1))
    assert room.counts["MailOutcomeUnknown"] == 1
    assert room.references("MailAccepted") == ["entry-0"]


def test_a_write_whose_answer_was_lost_is_recognised(room: PostRoom) -> None:
    record = room.repository.read("j", 2, [], None).record.attempting([0]).held("me", room.clock.now())
    first = room.repository.save("j", record, now=room.clock.now())
    assert room.repository.save("j", record, now=room.clock.now() + timedelta(milliseconds=5)) == first
