"""What operators see of a suppression, and what lifting it does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standby.mail.feedback import Feedback
from standby.mail.repository import MailRepository
from standby.mail.suppressions import Suppressions
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.fakes import EPOCH
from tests.standby.mail.post_room import PostRoom, job, nothing_waits
from tests.standby.mail.test_feedback import bounce, complaint, tell
from tests.world import World

pytestmark = pytest.mark.promise("P8")

ANA = "ana@example.com"
KEY = address_key(ANA)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def feedback(room: PostRoom) -> Feedback:
    return Feedback(room.repository, room.bus, room.clock, lambda _name, _value: None, nothing_waits)


@pytest.fixture
def desk(room: PostRoom) -> Suppressions:
    return Suppressions(room.repository, room.bus, room.clock)


def later(room: PostRoom) -> str:
    """Let a minute go by, and return the time."""
    room.clock.advance(minutes=1)
    return to_text(room.clock.now())


def test_a_suppression_says_why_and_since_when_and_lifting_who_and_when(
    room: PostRoom, feedback: Feedback, desk: Suppressions
) -> None:
    tell(feedback, "Email Bounced", bounce(subtype="OnAccountSuppressionList"))
    told = {"reason": "bounced", "at": "2026-05-03T09:00:00.000Z", "said": "Permanent OnAccountSuppressionList"}
    assert desk.look_up(" Ana@Example.com") == {
        "suppressed": told,
        "soft_failures": 0,
        "left_at": None,
        "lifted": [],
    }
    at = later(room)
    for _ in range(2):
        desk.lift(ANA, "support desk")
    assert desk.look_up(ANA) == {
        "suppressed": None,
        "soft_failures": 0,
        "left_at": None,
        "lifted": [{"reason": "bounced", "suppressed_at": told["at"], "at": at, "by": "support desk"}],
    }


def test_soft_failures_are_shown_and_forgotten_with_the_suppression(feedback: Feedback, desk: Suppressions) -> None:
    for number in range(4):
        tell(feedback, "Email Bounced", bounce("Transient", f"f-{number}", subtype="MailboxFull"))
    assert desk.look_up(ANA)["soft_failures"] == 4
    tell(feedback, "Email Bounced", bounce("Transient", "f-4", subtype="MailboxFull"))
    suppressed = desk.look_up(ANA)["suppressed"]
    assert suppressed is not None
    assert suppressed["said"] == "Transient MailboxFull"
    desk.lift(ANA, "support desk")
    assert desk.look_up(ANA)["soft_failures"] == 0


def test_what_is_asked_for_after_the_complaint_is_mailed_once_it_is_lifted_and_what_was_asked_before_is_not(
    room: PostRoom, feedback: Feedback, desk: Suppressions
) -> None:
    tell(feedback, "Email Complaint Received", complaint(timestamp=to_text(EPOCH)))
    room.clock.advance(minutes=5)
    desk.lift(ANA, "support desk")
    room.deliver(
        job(1, emails=[ANA], consented_at=EPOCH - MINUTE, job_id="before"),
        job(1, emails=[ANA], consented_at=EPOCH + MINUTE, job_id="after"),
    )
    assert [event._asdict()["job_id"] for event in room.bus.named("MailAccepted")] == ["after"]
    stopped = [event._asdict() for event in room.bus.named("MailRefused")][-1]
    assert (stopped["job_id"], stopped["reason"]) == ("before", "suppressed"), "nobody left"


@pytest.mark.promise("P2")
def test_a_lift_is_told_whenever_it_is_made_and_only_where_something_was_suppressed(
    room: PostRoom, feedback: Feedback, desk: Suppressions
) -> None:
    desk.lift(ANA, "support desk")
    assert room.bus.named("SuppressionLifted") == []
    tell(feedback, "Email Bounced", bounce())
    at = [later(room) for _ in range(2) if desk.lift(ANA, "support desk")]
    desk.lift(ANA, "support desk")
    told = [event._asdict() for event in room.bus.named("SuppressionLifted")]
    assert [(event["address"], event["at"]) for event in told[1:]] == [(KEY, when) for when in at]


@pytest.mark.promise("P2")
def test_what_happened_before_the_lift_and_is_told_again_or_late_suppresses_nobody_and_ends_nothing(
    room: PostRoom, feedback: Feedback, desk: Suppressions
) -> None:
    tell(feedback, "Email Bounced", bounce(at=to_text(EPOCH)))
    at = later(room)
    desk.lift(ANA, "support desk")
    told = len(room.bus.events)
    tell(feedback, "Email Bounced", bounce(at=to_text(EPOCH)))
    tell(feedback, "Email Complaint Received", complaint(timestamp=at))
    for number in range(6):
        tell(feedback, "Email Bounced", bounce("Transient", f"f-{number}", at=at, subtype="MailboxFull"))
    assert desk.look_up(ANA)["suppressed"] is None
    assert len(room.bus.events) == told

    tell(feedback, "Email Bounced", bounce(feedback_id="new", at=later(room)))
    assert room.repository.address_marks(KEY).suppressed == "bounced"
    assert len(room.bus.events) == told + 1


def test_the_latest_ten_lifts_are_remembered(room: PostRoom, feedback: Feedback, desk: Suppressions) -> None:
    for number in range(12):
        tell(feedback, "Email Bounced", bounce(feedback_id=f"f-{number}", at=later(room)))
        later(room)
        desk.lift(ANA, f"desk {number}")
    assert [lift["by"] for lift in desk.look_up(ANA)["lifted"]] == [f"desk {number}" for number in range(2, 12)]


def test_erasure_forgets_who_lifted_what(room: PostRoom, feedback: Feedback, desk: Suppressions) -> None:
    tell(feedback, "Email Bounced", bounce())
    desk.lift(ANA, "support desk")
    tell(feedback, "CustomerErased", {"address": KEY, "at": to_text(room.clock.now())})
    assert desk.look_up(ANA)["lifted"] == []


def test_marks_of_before_lifts_were_known_are_read(repository: MailRepository) -> None:
    repository.mark(KEY, lambda marks: marks.suppress("bounced", EPOCH, "Permanent General"), now=EPOCH)
    key = {"pk": {"S": f"ADDRESS#{KEY}"}, "sk": {"S": "ADDRESS"}}
    repository.table.dynamodb.update_item(TableName="Mail", Key=key, UpdateExpression="REMOVE lifts, suppressed_for")
    known = repository.address_marks(KEY)
    assert replace(known, lifts=(), suppressed_for="") == known
    assert known.suppressed == "bounced"


@pytest.mark.parametrize("email", ["ana@bücher.example", "ana@xn--bcher-kva.example"])
def test_an_address_is_looked_up_as_it_is_mailed(world: World, email: str) -> None:
    said = {"feedbackId": "f-1", "timestamp": to_text(world.clock.now()), "bounceType": "Permanent"}
    detail = {"bounce": {**said, "bouncedRecipients": [{"emailAddress": "ana@xn--bcher-kva.example"}]}}
    world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    world.settle()
    status, shown = world.request(
        "mail_api", "POST", "/v1/mail/suppressions/look-up", body={"email": email}, scopes="ops"
    )
    assert (status, shown["suppressed"]["reason"]) == (200, "bounced")
