"""What is known to stop a mail right before a call stops it, whatever was read with the job."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from standby.mail.model import Addressee, Answer, CallRefusedError, NotSentError, Outcome
from standby.mail.repository import MailRepository
from standby.mail_job import MailJob
from standby.platform.address import address_key
from standby.platform.dynamodb import BusyError

from tests.standby.mail.post_room import PostRoom, Script, answers, job, raises

pytestmark = pytest.mark.promise("P8")

Event = Callable[[PostRoom], None]


def left(number: int) -> Event:
    def happen(room: PostRoom) -> None:
        now = room.clock.now()
        room.repository.mark(address_key(f"person{number}@example.com"), lambda marks: marks.left(now), now=now)

    return happen


def everybody_left(room: PostRoom) -> None:
    for number in range(6):
        left(number)(room)


def one_taken_back(room: PostRoom) -> None:
    now = room.clock.now()
    key = address_key("person5@example.com")
    room.repository.mark(key, lambda marks: marks.left(now, ["entry-5"]), now=now)


def complained(room: PostRoom) -> None:
    now = room.clock.now()
    key = address_key("person5@example.com")
    room.repository.mark(key, lambda marks: marks.suppress("complained", now), now=now)


def sold_out(room: PostRoom) -> None:
    room.repository.call_off("MUG", 8, now=room.clock.now())


def too_late(room: PostRoom) -> None:
    room.clock.advance(seconds=30)


def during(room: PostRoom, event: Event, then: Script | None = None) -> Script:
    """Return a script of a call in the middle of which something happens."""

    def script(addressees: Sequence[Addressee]) -> Sequence[Answer] | None:
        event(room)
        return then(addressees) if then else None

    return script


STOPS = [
    (everybody_left, "left", [2, 3, 4, 5]),
    (one_taken_back, "left", [5]),
    (complained, "suppressed", [5]),
    (sold_out, "cancelled", [2, 3, 4, 5]),
    (too_late, "expired", [2, 3, 4, 5]),
]


@pytest.mark.parametrize(("event", "reason", "stopped"), STOPS)
def test_what_happens_during_a_call_stops_the_next_one(
    room: PostRoom, event: Event, reason: str, stopped: list[int]
) -> None:
    room.set_rate(2)
    room.mailer.scripts = [during(room, event)]
    room.deliver(job(6, valid_for=20))
    assert room.references("MailRefused", reason) == [f"entry-{number}" for number in stopped]
    assert room.mailer.delivered == [f"person{n}@example.com" for n in range(6) if n not in stopped]


@pytest.mark.parametrize(("event", "reason", "_stopped"), STOPS)
def test_what_happens_while_the_first_call_waits_for_its_turn_stops_it(
    room: PostRoom, event: Event, reason: str, _stopped: list[int]
) -> None:
    room.set_rate(2)
    room.deliver(job(2, job_id="before"))
    sleep = room.pace.sleep

    def sleeping(seconds: float) -> None:
        sleep(max(seconds, 1.5))
        event(room)

    room.pace.sleep = sleeping
    room.deliver(job(1, emails=["person5@example.com"], valid_for=20))
    told = [event for event in room.bus.named("MailRefused") if event._asdict()["reason"] == reason]
    assert len(room.mailer.calls) == 1 + (event is one_taken_back)  # it took back another reference
    assert len(told) == 1 - (event is one_taken_back)


def test_each_half_of_a_refused_call_is_looked_up_again(room: PostRoom) -> None:
    refused = raises(CallRefusedError("BadRequestException: no"))
    room.mailer.scripts = [during(room, left(0), refused), during(room, left(2), refused)]
    room.deliver(job(4))
    assert room.mailer.calls == [
        [f"person{n}@example.com" for n in range(4)],
        ["person1@example.com"],
        ["person3@example.com"],
    ]
    assert room.references("MailRefused", "left") == ["entry-0", "entry-2"]


def test_a_job_that_comes_back_is_looked_up_again(room: PostRoom) -> None:
    room.mailer.scripts = [during(room, left(1), answers(*[Answer(Outcome.LATER, "ACCOUNT_THROTTLED", 5)] * 2))]
    room.deliver(job(2))
    room.settle()
    assert room.mailer.delivered == ["person0@example.com"]


@pytest.mark.parametrize("people", [1, 50])
def test_a_job_of_one_call_that_need_not_wait_is_read_once(room: PostRoom, people: int) -> None:
    room.deliver(job(people))
    assert room.dynamodb.requests.count("batch_get_item") == 1


def test_a_job_of_several_calls_is_read_once_for_each(room: PostRoom) -> None:
    room.set_rate(14)
    room.deliver(job(50))
    assert len(room.mailer.calls) == room.dynamodb.requests.count("batch_get_item") == 4


def test_who_is_stopped_without_a_call_costs_no_lease(room: PostRoom) -> None:
    room.set_rate(2)
    room.mailer.scripts = [during(room, everybody_left)]
    room.deliver(job(6))
    assert len(room.mailer.calls) == 1
    assert room.dynamodb.requests.count("batch_get_item") == 2
    assert room.dynamodb.requests.count("update_item") <= 4  # two turns, the lease, what became of all


@pytest.mark.promise("P3")
def test_a_look_that_fails_repeats_no_call(room: PostRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.set_rate(2)

    def busy(_repository: MailRepository, *_wanted: object) -> None:
        raise BusyError

    again: MailJob = job(6)
    with monkeypatch.context() as broken:
        broken.setattr(MailRepository, "stops", busy)
        assert room.deliver(again) == ["m-0"]
    room.deliver(again)
    assert sorted(room.mailer.delivered) == [f"person{number}@example.com" for number in range(6)]
    assert "MailOutcomeUnknown" not in room.counts


@pytest.mark.parametrize("kind", ["confirm", "back_in_stock", "last_notice"])
def test_leaving_stops_every_kind_that_was_asked_for_before_it_and_none_that_was_asked_for_after(
    room: PostRoom, kind: str
) -> None:
    now = room.clock.now()
    left(0)(room)
    room.deliver(job(1, kind=kind, wave=None, job_id="before", consented_at=now - timedelta(seconds=1)))
    room.deliver(job(1, kind=kind, wave=None, job_id="after", consented_at=now + timedelta(seconds=1)))
    assert [event._asdict()["job_id"] for event in room.bus.named("MailRefused")] == ["before"]
    assert [event._asdict()["job_id"] for event in room.bus.named("MailAccepted")] == ["after"]


def test_leaving_that_is_heard_of_late_and_twice_stops_no_later_request(room: PostRoom) -> None:
    now = room.clock.now()
    key = address_key("person0@example.com")
    for at in (now, now - timedelta(minutes=5), now, now - timedelta(minutes=5)):
        room.repository.mark(key, lambda marks, at=at: marks.left(at), now=now)
    room.deliver(job(1, kind="confirm", wave=None, consented_at=now + timedelta(seconds=1)))
    room.deliver(job(1, kind="confirm", wave=None, job_id="older", consented_at=now - timedelta(minutes=1)))
    assert room.references("MailAccepted") == room.references("MailRefused", "left") == ["entry-0"]


@pytest.mark.promise("P2")
def test_a_mail_put_back_for_ses_is_looked_up_before_it_is_tried_again(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NotSentError("SendingPausedException", 900, ours=True, for_all=True))]
    room.deliver(job(1, kind="confirm", wave=None, valid_for=7200))
    left(0)(room)
    room.settle()
    assert room.mailer.delivered == []
    assert room.references("MailRefused", "left") == ["entry-0"]
