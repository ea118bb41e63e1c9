"""SES's sandbox mails verified addresses only; the others wait, and hold up nobody."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from standby.mail.model import Addressee, Answer, Outcome, UnverifiedError
from standby.mail.unverified import ASKED_AGAIN_AFTER, Unverified

from tests.fakes import EPOCH
from tests.standby.mail.post_room import PostRoom, Script, job

pytestmark = pytest.mark.promise("P2")

REFUSED = "MESSAGE_REJECTED: Email address is not verified."
Verified = set[str]


def by_entry(verified: Verified) -> Script:
    """Return a post office that fails the entries of unverified recipients."""

    def script(addressees: Sequence[Addressee]) -> Sequence[Answer]:
        known, unknown = Answer(Outcome.ACCEPTED), Answer(Outcome.UNVERIFIED, REFUSED)
        return [known if addressee.email in verified else unknown for addressee in addressees]

    return script


def by_call(verified: Verified) -> Script:
    """Return a post office that fails the whole call, and names two unverified recipients at most."""

    def script(addressees: Sequence[Addressee]) -> None:
        unknown = [place for place, each in enumerate(addressees) if each.email not in verified]
        if unknown:
            raise UnverifiedError(REFUSED, unknown[:2])

    return script


either = pytest.mark.parametrize("post", [by_entry, by_call])


def person(number: int) -> str:
    return f"person{number}@example.com"


@either
@pytest.mark.parametrize("rate", [1, 3, 50])
def test_the_others_are_mailed_at_once_and_nobody_leaves_the_list(room: PostRoom, post: object, rate: int) -> None:
    verified = {person(number) for number in range(5, 8)}
    room.set_rate(rate)
    room.mailer.scripts = [post(verified)] * 99  # type: ignore[operator]
    room.deliver(job(8))
    assert sorted(room.mailer.delivered) == sorted(verified)
    assert room.references("MailRefused") == room.dead_letters.messages == []
    assert room.counts["SesRefusesUs"] == 1
    (again,) = room.queue.messages
    assert 890 <= again.delay_seconds <= 900

    verified |= {person(number) for number in range(8)}
    room.settle()
    assert sorted(room.mailer.delivered) == [person(number) for number in range(8)]


@either
def test_a_sandbox_s_one_mail_a_second_reaches_who_stands_behind_fifty_unverified(room: PostRoom, post: object) -> None:
    room.set_rate(1)
    room.mailer.scripts = [post({person(49)})] * 999  # type: ignore[operator]
    room.deliver(job(50))
    room.settle(rounds=1)
    assert room.mailer.delivered == [person(49)]
    assert len(room.mailer.calls) == 50
    assert room.queue.messages[0].delay_seconds > 800


@either
def test_mails_to_others_are_not_held_up(room: PostRoom, post: object) -> None:
    room.mailer.scripts = [post({"good@example.com"})] * 9  # type: ignore[operator]
    room.deliver(job(1, job_id="unverified"))
    room.deliver(job(1, job_id="verified", emails=["good@example.com"]))
    assert room.mailer.delivered == ["good@example.com"]


@either
def test_they_are_asked_about_every_quarter_of_an_hour_until_their_mail_is_over(room: PostRoom, post: object) -> None:
    room.mailer.scripts = [post(set())] * 999  # type: ignore[operator]
    room.deliver(job(3, valid_for=timedelta(hours=3).total_seconds()))
    room.settle()
    assert room.references("MailRefused", "expired") == ["entry-0", "entry-1", "entry-2"]
    assert 12 <= room.counts["SesRefusesUs"] <= 13
    assert len(room.mailer.calls) <= 2 * 13


@pytest.mark.parametrize(
    "text", [None, "", "x", "1 2 3", "9" * 14, "9" * 13 + " 1", f"{int(EPOCH.timestamp() * 1000)} 1", "1 " * 99]
)
def test_what_a_stranger_wrote_or_what_is_over_names_nobody(text: str | None) -> None:
    assert Unverified.of(text, EPOCH) == Unverified()


def test_what_travels_is_read_as_it_was_written() -> None:
    known = Unverified().joined([7, 3], EPOCH).joined([49], EPOCH + timedelta(minutes=5))
    assert Unverified.of(known.text(), EPOCH + timedelta(minutes=14)) == known
    assert known == Unverified(frozenset({3, 7, 49}), EPOCH + ASKED_AGAIN_AFTER)
    assert Unverified.of(known.text(), EPOCH + ASKED_AGAIN_AFTER) == Unverified()
