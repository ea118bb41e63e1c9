"""What becomes of a job."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standby.events.mail import MailFailed
from standby.mail.model import NO_MARKS, AddressMarks, Answer, CallRefusedError, NotSentError, Outcome, people_print
from standby.mail.ses import _entry_answer
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
    assert room.counts == {"MailRefusedExpired": 1, "MailNotSentAfterAll": 1}, "the alarm hears only the latter"


@pytest.mark.promise("P2", "P9")
def test_one_refused_address_costs_nobody_else_the_mail(room: PostRoom) -> None:
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), Answer(Outcome.REFUSED), Answer(Outcome.ACCEPTED))]
    room.deliver(job(3))
    assert room.references("MailAccepted") == ["entry-0", "entry-2"]
    assert room.references("MailRefused", "rejected") == ["entry-1"]


@pytest.mark.promise("P9")
def test_a_refused_call_is_bisected_until_the_refused_address_is_found(room: PostRoom) -> None:
    def refuses_the_bad_one(addressees):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if any(addressee.email == "person13@example.com" for addressee in addressees):
            raise CallRefusedError("BadRequestException: no")

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
    room.mailer.scripts = [raises(CallRefusedError("BadRequestException: template"))] * 9
    room.deliver(job(3))
    (event,) = room.bus.events
    assert isinstance(event, MailFailed)
    assert (event.reason, event.references) == ("parked", ["entry-0", "entry-1", "entry-2"])
    (letter,) = room.dead_letters.messages
    assert letter.reason == ("3 of 3 recipients: refused, and nobody was accepted: BadRequestException: template")
    assert MailJob.from_content(room.dead_letters.bodies()[0]) == job(3)


def test_a_dead_letter_redriven_by_a_person_is_sent(room: PostRoom) -> None:
    room.mailer.scripts = [raises(CallRefusedError("BadRequestException: template"))]
    room.deliver(job(1))
    (letter,) = room.dead_letters.drain()
    room.deliver(Outgoing(letter.body, attributes=letter.attributes))
    assert room.dead_letters.messages == []
    assert room.mailer.delivered == ["person0@example.com"]
    assert room.references("MailAccepted") == ["entry-0"]


ILLEGAL = CallRefusedError("BadRequestException: Illegal address")


@pytest.mark.promise("P2")
@pytest.mark.parametrize("people", [1, 30])
def test_whatever_ses_says_of_addresses_nobody_is_closed_before_it_accepted_the_same_mail_for_another(
    room: PostRoom, people: int
) -> None:
    """A wrong sender may be called an illegal address too."""
    room.mailer.scripts = [raises(ILLEGAL)] * 99
    room.deliver(job(people))
    assert [type(event) for event in room.bus.events] == [MailFailed]
    assert room.dead_letters.messages[0].reason.startswith(
        f"{people} of {people} recipient{'s' * (people > 1)}: refused, and nobody"
    )
    assert room.counts["MailParked"] == people


def test_a_lone_address_is_refused_once_the_same_mail_was_accepted_for_another(room: PostRoom) -> None:
    room.deliver(job(1, emails=["good@example.com"], job_id="first"))
    room.mailer.scripts = [raises(ILLEGAL)]
    room.deliver(job(1, job_id="second"))
    assert room.references("MailRefused", "rejected") == ["entry-0"]
    assert room.dead_letters.messages == []


@pytest.mark.parametrize("other", [{"locale": "he"}, {"kind": "confirm"}])
def test_another_mail_that_was_accepted_proves_nothing(room: PostRoom, other: dict[str, str]) -> None:
    room.deliver(job(1, emails=["good@example.com"], job_id="first", **other))
    room.mailer.scripts = [raises(ILLEGAL)]
    room.deliver(job(1, job_id="second"))
    assert room.references("MailRefused") == []
    assert len(room.dead_letters.messages) == 1


@pytest.mark.promise("P2")
def test_a_sender_that_was_changed_for_the_worse_in_the_middle_of_a_job_closes_nobody(room: PostRoom) -> None:
    throttled = Answer(Outcome.LATER, "ACCOUNT_THROTTLED", 5)
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), throttled, throttled), *[raises(ILLEGAL)] * 3]
    room.deliver(job(3))
    room.mailer.sender = "Olive & Loom <news@חנות.example>"
    room.set_rate(500)
    room.settle()
    assert room.references("MailRefused") == []
    assert room.counts["MailParked"] == 2


def test_a_job_that_goes_on_elsewhere_knows_that_its_mail_was_accepted(room: PostRoom) -> None:
    throttled = Answer(Outcome.LATER, "ACCOUNT_THROTTLED", 5)
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), throttled), raises(ILLEGAL)]
    room.deliver(job(2))
    room.set_rate(500)
    room.settle()
    assert room.references("MailRefused", "rejected") == ["entry-1"]


@pytest.mark.promise("P2")
@pytest.mark.parametrize("status", ["FAILED", "MESSAGE_REJECTED", "MAIL_FROM_DOMAIN_NOT_VERIFIED"])
def test_what_is_not_about_an_address_takes_nobody_off_the_list_though_others_were_accepted(
    room: PostRoom, status: str
) -> None:
    said = _entry_answer({"Status": status, "Error": "Illegal address"})
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), said)] + [answers(said)] * 2
    room.deliver(job(2))
    room.settle()
    assert room.references("MailAccepted") == ["entry-0", "entry-1"]
    assert room.references("MailRefused") == []


@pytest.mark.promise("P2")
def test_a_refusal_of_the_account_rings_at_the_first_and_asks_ses_rarely_however_many_jobs_wait(
    room: PostRoom,
) -> None:
    paused = NotSentError("SendingPausedException", 900, ours=True, for_all=True)
    room.mailer.scripts = [raises(paused)] * 500
    jobs = [job(10, job_id=f"job-{number}", valid_for=timedelta(hours=30).total_seconds()) for number in range(20)]
    for each in jobs:
        room.deliver(each)
    assert len(room.mailer.calls) == room.counts["SesRefusesUs"] == 1

    start = room.clock.now()
    while room.clock.now() - start < timedelta(hours=26):
        room.settle(rounds=1)
    assert len(room.mailer.calls) <= 120

    room.mailer.scripts = []
    room.settle()
    assert len(room.mailer.delivered) == 200
    assert room.clock.now() - start < timedelta(hours=26, minutes=31)


@pytest.mark.promise("P2")
def test_a_mail_that_ses_rejects_holds_up_no_other_mail(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NotSentError("MessageRejected: invalid content", 900, ours=True))]
    room.deliver(job(1, job_id="infected"))
    room.deliver(job(1, job_id="clean"))
    assert room.references("MailAccepted") == ["entry-0"]
    assert room.counts["SesRefusesUs"] == 1


def test_failures_that_pass_are_tried_ever_more_rarely_and_ring_after_a_quarter_of_an_hour(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NotSentError("ConnectTimeoutError", 5))] * 500
    room.deliver(job(1, valid_for=timedelta(days=2).total_seconds()))
    start = room.clock.now()
    while room.clock.now() - start < timedelta(minutes=15):
        assert "SesRefusesUs" not in room.counts
        room.settle(rounds=1)
    room.settle(rounds=1)
    assert room.counts["SesRefusesUs"] >= 1
    assert len(room.mailer.calls) <= 12
    room.mailer.scripts = []
    room.settle()
    assert room.references("MailAccepted") == ["entry-0"]


def test_an_acceptance_ends_an_outage(room: PostRoom) -> None:
    throttled = Answer(Outcome.LATER, "ACCOUNT_THROTTLED", 5)
    room.mailer.scripts = [answers(Answer(Outcome.ACCEPTED), throttled)] + [answers(throttled)] * 3
    room.deliver(job(2))
    room.settle(rounds=3)
    assert [message.delay_seconds for message in room.queue.messages] == [20]
    room.mailer.scripts = []
    room.settle()
    assert room.references("MailAccepted") == ["entry-0", "entry-1"]


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
    room.deliver(job(3, valid_for=timedelta(days=2).total_seconds()))
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
