"""A deadline that counts from the lease: from the sending, not from the planning. A repetition says the same one."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from standby.mail.model import JobRecord, Mail, NotSentError, OutcomeUnknownError
from standby.mail.repository import MailRepository
from standby.mail_job import MailJob, Recipient
from standby.platform.clock import to_text
from standby.platform.queue import Outgoing

from tests.fakes import EPOCH
from tests.standby.mail.looking import renderer, sample
from tests.standby.mail.post_room import PostRoom, job, raises

LOST = OutcomeUnknownError("ReadTimeoutError")
NOT_SENT = NotSentError("throttled", 60)
OFFER_HOURS = timedelta(hours=24)


@pytest.fixture
def room(room: PostRoom) -> PostRoom:
    room.sender = replace(room.sender, renderer=renderer())
    return room


def at_rate(room: PostRoom, rate: float) -> None:
    """Let the account send so many mails a second, and still write the kinds of the tests."""
    room.set_rate(rate)
    room.sender = replace(room.sender, renderer=renderer())


def offer(people: int = 3) -> MailJob:
    told = sample("everything")
    return MailJob(
        job_id="LAMP@7#1#0#0",
        kind="everything",
        locale="he",
        data=told["data"],
        recipients=[
            Recipient(f"entry-{number}", f"person{number}@example.com", told["slots"], to_text(EPOCH))
            for number in range(people)
        ],
        valid_until=to_text(EPOCH + timedelta(days=3)),
        time_zone="UTC",
    )


def deadline(mail: Mail) -> datetime:
    """Return the instant that the mail names, read from its Hebrew."""
    found = re.search(r"(\d+) במאי 2026, (\d+):(\d\d)", mail.text)
    assert found is not None
    day, hour, minute = map(int, found.groups())
    return EPOCH.replace(day=day, hour=hour, minute=minute, second=0, microsecond=0)


def in_hours(at: datetime) -> datetime:
    return (at + OFFER_HOURS).replace(second=0, microsecond=0)


def test_a_deadline_counts_from_the_lease_and_not_from_the_planning(room: PostRoom) -> None:
    made = offer()
    room.clock.advance(hours=5, minutes=7)
    room.deliver(made)
    assert [deadline(mail) for mail in room.mailer.mails] == [in_hours(EPOCH + timedelta(hours=5, minutes=7))]


def test_a_call_repeated_after_a_lost_answer_says_the_same(room: PostRoom) -> None:
    room.mailer.scripts = [room.mailer.loses(LOST)]
    room.deliver(offer())
    room.clock.advance(minutes=90)
    room.settle()
    first, again = room.mailer.mails
    assert again == first
    assert deadline(first) == in_hours(EPOCH)


def test_a_call_that_surely_was_not_sent_counts_anew(room: PostRoom) -> None:
    room.mailer.scripts = [raises(NOT_SENT)]
    room.deliver(offer())
    room.clock.advance(minutes=90)
    room.settle()
    first, later = room.mailer.mails
    assert deadline(later) - deadline(first) >= timedelta(minutes=90)


def test_a_repeated_call_that_was_not_sent_either_still_says_the_same(room: PostRoom) -> None:
    room.mailer.scripts = [room.mailer.loses(LOST), raises(NOT_SENT)]
    room.deliver(offer())
    room.clock.advance(minutes=90)
    room.settle()
    assert len(room.mailer.mails) == 3
    assert {deadline(mail) for mail in room.mailer.mails} == {in_hours(EPOCH)}


def test_calls_of_one_job_count_each_from_its_own_lease_also_when_both_are_repeated(room: PostRoom) -> None:
    at_rate(room, 2)
    room.mailer.scripts = [room.mailer.loses(LOST)]
    room.deliver(offer(4))
    room.clock.advance(hours=1)
    room.mailer.scripts = [room.mailer.loses(LOST)]
    room.settle(rounds=1)
    room.clock.advance(hours=1)
    room.settle()
    said: dict[str, set[datetime]] = {}
    for call, mail in zip(room.mailer.calls, room.mailer.mails, strict=True):
        for email in call:
            said.setdefault(email, set()).add(deadline(mail))
    assert len(room.mailer.calls) == 4
    assert all(len(deadlines) == 1 for deadlines in said.values())
    assert len(set.union(*said.values())) == 2


def test_what_a_person_sends_again_counts_anew(room: PostRoom) -> None:
    room.mailer.scripts = [raises(LOST), raises(LOST)]
    room.deliver(offer())
    room.settle()
    (letter,) = room.dead_letters.drain()
    room.clock.advance(hours=10)
    room.deliver(Outgoing(letter.body, attributes=letter.attributes))
    *_, first, last = room.mailer.mails
    assert deadline(last) - deadline(first) >= timedelta(hours=10)
    assert room.references("MailAccepted") == ["entry-0", "entry-1", "entry-2"]


def test_whoever_holds_the_unit_hears_from_when_the_deadline_counts(room: PostRoom) -> None:
    room.mailer.scripts = [room.mailer.loses(LOST)]
    room.clock.advance(hours=2)
    leased_at = room.clock.now()
    room.deliver(offer())
    room.settle()
    (accepted,) = room.bus.named("MailAccepted")
    assert accepted._asdict()["leased_at"] == to_text(leased_at)
    assert deadline(room.mailer.mails[-1]) == in_hours(leased_at)


def test_other_kinds_keep_no_lease_and_tell_of_none(room: PostRoom, repository: MailRepository) -> None:
    room.deliver(job(3))
    (accepted,) = room.bus.named("MailAccepted")
    assert accepted._asdict()["leased_at"] is None
    assert repository.read("MUG@7#1#0#0", 3, [], None).record.leases == ()


def test_leases_survive_their_table(repository: MailRepository) -> None:
    record = JobRecord.fresh(5).leased([0, 1, 3], EPOCH).leased([4], EPOCH + timedelta(seconds=61))
    repository.save("j", record, now=EPOCH)
    kept: Any = repository.read("j", 5, [], None).record
    assert kept.leases == (EPOCH, EPOCH, None, EPOCH, EPOCH + timedelta(seconds=61))
