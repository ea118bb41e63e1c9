"""What becomes of a job."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standby.mail.model import NO_MARKS, AddressMarks, Answer, CallRefusedError, NotSentError, Outcome, people_print
from standby.mail_job import MailJob
from standby.platform.address import address_key
from standby.platform.bus import detail_of
from standby.platform.queue import Outgoing

from tests.standby.mail.post_room import PostRoom, answers, job, raises

PEOPLE = people_print(["entry-0", "entry-1", "entry-2"])
EVERYBODY = ["entry-0", "entry-1", "entry-2"]


def test_everybody_is_mailed_in_one_call_and_told_in_one_event(room: PostRoom) -> None:
    room.deliver(job(3))
    assert room.mailer.calls == [["person0@example.com", "person1@example.com", "person2@example.com"]]
    (event,) = room.bus.events
    assert detail_of(event) == {
        "version": 1,
        "id": "MUG@7#1#0#0#1#accepted",
        "at": "2026-05-03T10:00:00.000Z",
        "job_id": "MUG@7#1#0#0",
        "kind": "back_in_stock",
        "references": EVERYBODY,
        "wave": "MUG@7#1",
    }


def test_each_mail_carries_its_own_tokens_and_one_click_leaving(room: PostRoom) -> None:
    room.deliver(job(2))
    second = room.mailer.addressees[1]
    assert second.slots == {"mine": "m1", "leave": "l1"}
    assert second.headers == {
        "List-Unsubscribe": "<https://shop.example/v1/waitlist/leave?token=l1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.promise("P3")
def test_the_same_job_delivered_again_is_mailed_once(room: PostRoom) -> None:
    room.deliver(job(3))
    room.deliver(job(3))
    assert len(room.mailer.calls) == 1
    assert {event.id for event in room.bus.events} == {"MUG@7#1#0#0#1#accepted"}


def test_a_job_made_again_after_somebody_left_is_left_to_the_first_one(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NotSentError("Throttling", 5))]
    room.deliver(job(3))
    assert room.deliver(job(emails=["person1@example.com", "person2@example.com"])) == []
    assert room.counts["MailJobDiffers"] == 1
    room.settle()
    assert room.mailer.delivered == ["person0@example.com", "person1@example.com", "person2@example.com"]
    assert room.dead_letters.messages == []


def test_a_job_that_somebody_else_is_working_on_waits_for_the_lease(room: PostRoom) -> None:
    record = room.repository.read("MUG@7#1#0#0", 3, [], None).record
    held = replace(record.attempting([0]).held("other", room.clock.now() + timedelta(seconds=60)), people=PEOPLE)
    room.repository.save("MUG@7#1#0#0", held, now=room.clock.now())
    assert room.deliver(job(3)) == []
    assert room.mailer.calls == []
    (again,) = room.queue.messages
    assert again.delay_seconds == 61


@pytest.mark.promise("P8")
def test_suppressed_left_and_erased_get_nothing_and_say_why(room: PostRoom) -> None:
    now = room.clock.now()
    room.repository.mark(address_key("person0@example.com"), lambda marks: marks.suppress("bounced", now), now=now)
    room.repository.mark(address_key("Person1@Example.com "), lambda marks: marks.left(now), now=now)
    room.repository.mark(address_key("person2@example.com"), lambda marks: marks.erased(now), now=now)
    room.deliver(job(4))
    assert room.mailer.delivered == ["person3@example.com"]
    assert room.references("MailRefused", "suppressed") == ["entry-0"]
    assert room.references("MailRefused", "left") == ["entry-1"]
    assert room.references("MailRefused", "erased") == ["entry-2"]
    assert room.references("MailAccepted") == ["entry-3"]
    assert room.counts == {
        "MailAccepted": 1,
        "MailRefusedSuppressed": 1,
        "MailRefusedLeft": 1,
        "MailRefusedErased": 1,
    }


def test_who_asked_again_after_leaving_is_mailed(room: PostRoom) -> None:
    now = room.clock.now()
    room.repository.mark(address_key("person0@example.com"), lambda marks: marks.left(now), now=now)
    room.deliver(job(1, consented_at=now + timedelta(seconds=1)))
    assert room.mailer.delivered == ["person0@example.com"]


@pytest.mark.promise("P8")
def test_marks_are_looked_up_again_when_a_job_comes_back(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NotSentError("Throttling", 5))]
    room.deliver(job(2))
    now = room.clock.now()
    room.repository.mark(address_key("person0@example.com"), lambda marks: marks.left(now), now=now)
    room.settle()
    assert room.mailer.delivered == ["person1@example.com"]


def test_a_wave_is_called_off_when_its_product_sold_out_after_the_restock(room: PostRoom) -> None:
    room.repository.call_off("MUG", 9, now=room.clock.now())
    room.deliver(job(2))
    assert room.mailer.calls == []
    assert room.references("MailRefused", "cancelled") == ["entry-0", "entry-1"]


def test_a_newer_restock_is_not_called_off_by_an_older_sell_out(room: PostRoom) -> None:
    room.repository.call_off("MUG", 9, now=room.clock.now())
    room.repository.call_off("MUG", 5, now=room.clock.now())
    room.deliver(job(1, wave="MUG@8#1", job_id="older"), job(1, wave="MUG@10#1", job_id="newer"))
    assert [event._asdict()["job_id"] for event in room.bus.named("MailAccepted")] == ["newer"]


def test_a_job_that_comes_too_late_is_not_sent(room: PostRoom) -> None:
    late = job(1, valid_for=60)
    room.clock.advance(seconds=60)
    room.deliver(late)
    assert room.mailer.calls == []
    assert room.references("MailRefused", "expired") == ["entry-0"]


@pytest.mark.promise("P2", "P9")
def test_one_refused_address_costs_nobody_else_the_mail(room: PostRoom) -> None:
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), Answer(Outcome.BAD_ADDRESS), Answer(Outcome.ACCEPTED))]
    room.deliver(job(3))
    assert room.references("MailAccepted") == ["entry-0", "entry-2"]
    assert room.references("MailRefused", "rejected") == ["entry-1"]


@pytest.mark.promise("P9")
def test_a_refused_call_is_bisected_until_the_refused_address_is_found(room: PostRoom) -> None:
    def refuses_the_bad_one(addressees):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if any(addressee.email == "person13@example.com" for addressee in addressees):
            raise CallRefusedError("BadRequestException: no", about_the_address=False)

    room.mailer.scripts = [refuses_the_bad_one] * 30
    room.deliver(job(50))
    assert len(room.mailer.delivered) == 49
    assert sorted(room.references("MailAccepted")) == sorted(f"entry-{n}" for n in range(50) if n != 13)
    assert room.references("MailRefused", "rejected") == ["entry-13"]
    assert len(room.mailer.calls) <= 13


def test_two_addresses_in_one_field_never_reach_ses(room: PostRoom) -> None:
    room.deliver(job(emails=["ana@example.com, eve@example.com", "ana@example.com"]))
    assert room.mailer.delivered == ["ana@example.com"]
    assert room.references("MailRefused", "rejected") == ["entry-0"]


@pytest.mark.promise("P2")
def test_when_ses_refuses_everybody_alike_a_person_decides_and_nobody_leaves_the_list(room: PostRoom) -> None:
    room.mailer.scripts = [raises(CallRefusedError("BadRequestException: template", about_the_address=False))] * 9
    room.deliver(job(3))
    assert room.bus.events == []
    (letter,) = room.dead_letters.messages
    assert letter.reason == ("3 of 3 recipients: refused, and nobody was accepted: BadRequestException: template")
    assert MailJob.from_content(room.dead_letters.bodies()[0]) == job(3)


def test_a_dead_letter_redriven_by_a_person_is_sent(room: PostRoom) -> None:
    room.mailer.scripts = [raises(CallRefusedError("BadRequestException: template", about_the_address=False))]
    room.deliver(job(1))
    (letter,) = room.dead_letters.drain()
    room.deliver(Outgoing(letter.body, attributes=letter.attributes))
    assert room.dead_letters.messages == []
    assert room.mailer.delivered == ["person0@example.com"]
    assert room.references("MailAccepted") == ["entry-0"]


def test_an_address_that_ses_names_is_refused_even_alone(room: PostRoom) -> None:
    room.mailer.scripts = [raises(CallRefusedError("BadRequestException: Illegal address", about_the_address=True))]
    room.deliver(job(1))
    assert room.references("MailRefused", "rejected") == ["entry-0"]
    assert room.dead_letters.messages == []


def test_throttling_puts_the_job_back_with_a_delay_and_is_no_failure(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NotSentError("TooManyRequestsException", 5))]
    assert room.deliver(job(3)) == []
    (again,) = room.queue.messages
    assert again.delay_seconds == 5
    room.settle()
    assert len(room.mailer.delivered) == 3
    assert room.references("MailAccepted") == EVERYBODY


def test_a_job_can_be_put_back_a_hundred_times(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NotSentError("SendingPausedException", 9))] * 100
    room.deliver(job(3))
    room.settle(rounds=101)
    assert room.references("MailAccepted") == EVERYBODY
    assert room.dead_letters.messages == []


@pytest.mark.promise("P2")
def test_a_quota_reached_within_a_call_sends_the_rest_later(room: PostRoom) -> None:
    quota = Answer(Outcome.LATER, "ACCOUNT_DAILY_QUOTA_EXCEEDED", 900)
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), quota, quota)]
    room.deliver(job(3))
    assert room.queue.messages[0].delay_seconds == 900
    assert room.references("MailAccepted") == ["entry-0"]
    room.settle()
    assert room.mailer.calls[1] == ["person1@example.com", "person2@example.com"]
    assert room.references("MailAccepted") == EVERYBODY


@pytest.mark.promise("P3")
def test_who_was_told_before_is_not_told_again_when_the_rest_comes_back(room: PostRoom) -> None:
    later = Answer(Outcome.LATER, "ACCOUNT_THROTTLED", 5)
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), later), answers(later), answers(later)]
    room.deliver(job(2))
    room.settle()
    assert [event._asdict()["references"] for event in room.bus.events] == [["entry-0"], ["entry-1"]]


@pytest.mark.promise("P2")
def test_a_lost_publication_is_told_at_the_next_delivery(room: PostRoom) -> None:
    room.bus.errors = [RuntimeError("bus")]  # type: ignore[attr-defined]
    assert room.deliver(job(3)) == ["m-0"]
    room.deliver(job(3))
    assert len(room.mailer.calls) == 1
    assert room.references("MailAccepted") == EVERYBODY


def test_a_small_rate_makes_small_calls_at_its_pace(room: PostRoom) -> None:
    room.set_rate(14)
    room.deliver(job(50))
    assert [len(call) for call in room.mailer.calls] == [14, 14, 14, 8]
    assert sum(room.slept) >= 2


def test_a_sender_that_runs_out_of_time_puts_the_rest_back(room: PostRoom) -> None:
    room.set_rate(1)
    room.deliver(job(50))
    assert 0 < len(room.mailer.delivered) < 50
    room.settle()
    assert sorted(room.mailer.delivered) == sorted(f"person{n}@example.com" for n in range(50))
    assert len(room.references("MailAccepted")) == 50


def test_marks_of_an_address_start_empty(room: PostRoom) -> None:
    assert room.repository.address_marks("nobody") == NO_MARKS == AddressMarks()
