"""What bounces, complaints, leaving and selling out change."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standby.mail.feedback import Feedback
from standby.mail.model import NO_MARKS
from standby.mail.repository import MailRepository
from standby.mail.sweeping import WaitingSweeper
from standby.mail.tag import tags
from standby.mail.waiting_repository import WaitingRepository
from standby.platform.address import address_key
from standby.platform.bus import detail_of
from standby.platform.clock import to_text
from standby.platform.dynamodb import BusyError, ConditionFailedError
from standby.platform.queue import Message, PoisonError, to_json
from standby.platform.table import Table

from tests.fakes import EPOCH, FakeBus, FakeClock, FakeQueue
from tests.standby.mail.post_room import PostRoom, job, nothing_waits

pytestmark = pytest.mark.promise("P8")

ANA = "ana@example.com"
KEY = address_key(ANA)
MAIL = {"destination": [ANA], "messageId": "ses-1", "timestamp": "2026-05-03T09:00:00.000Z"}


@pytest.fixture
def counts() -> dict[str, int]:
    return {}


@pytest.fixture
def feedback(repository: MailRepository, counts: dict[str, int]) -> Feedback:
    return Feedback(repository, FakeBus(), FakeClock(), lambda name, value: counts.update({name: value}), nothing_waits)


def tell(feedback: Feedback, kind: str, detail: Mapping[str, Any]) -> None:
    told = {"id": "e-1", "at": to_text(EPOCH), **detail}
    feedback.handle(Message("m-1", to_json({"detail-type": kind, "detail": told}), 0))


def bounce(
    kind: str = "Permanent",
    feedback_id: str = "f-1",
    at: str = "2026-05-03T09:00:00.000Z",
    subtype: str = "General",
) -> dict[str, Any]:
    recipients = [{"emailAddress": ANA, "action": "failed", "status": "5.1.1"}]
    told = {
        "bounceType": kind,
        "bounceSubType": subtype,
        "feedbackId": feedback_id,
        "timestamp": at,
        "bouncedRecipients": recipients,
    }
    return {"eventType": "Bounce", "bounce": told, "mail": MAIL}


def complaint(**more: Any) -> dict[str, Any]:
    told = {"feedbackId": "f-2", "timestamp": "2026-05-03T09:00:00.000Z", **more}
    return {"complaint": {"complainedRecipients": [{"emailAddress": ANA}], **told}, "mail": MAIL}


def test_a_bounce_for_good_suppresses_the_address_and_says_so(feedback: Feedback, repository: MailRepository) -> None:
    tell(feedback, "Email Bounced", bounce())
    assert repository.address_marks(KEY).suppressed == "bounced"
    (event,) = feedback.bus.events  # type: ignore[attr-defined]
    assert detail_of(event) == {
        "version": 1,
        "id": f"f-1#{KEY}",
        "at": "2026-05-03T10:00:00.000Z",
        "reason": "bounced",
        "references": (),
        "address": KEY,
    }


def test_the_same_bounce_told_twice_is_the_same_event(feedback: Feedback) -> None:
    tell(feedback, "Email Bounced", bounce())
    tell(feedback, "Email Bounced", bounce())
    assert {event.id for event in feedback.bus.events} == {f"f-1#{KEY}"}  # type: ignore[attr-defined]


def test_a_mail_that_came_back_is_told_by_its_reference(feedback: Feedback) -> None:
    mail = {**MAIL, "tags": {name: [value] for name, value in tags("d1~O").items()}}
    tell(feedback, "Email Bounced", {**bounce("Undetermined"), "mail": mail})
    (event,) = feedback.bus.events  # type: ignore[attr-defined]
    assert (event.id, event.reason, event.references) == ("f-1#failed", "bounced", ["d1~O"])


AUTOMATIC = [
    {},
    {"action": "delivered", "status": "2.0.0"},
    {"action": "relayed", "status": "2.1.9"},
    {"action": "delayed", "status": "4.4.1"},
    {"status": "2.0.0"},
]


@pytest.mark.promise("P2")
@pytest.mark.parametrize("reported", AUTOMATIC)
def test_replies_out_of_the_office_never_count_against_the_address(
    feedback: Feedback, repository: MailRepository, counts: dict[str, int], reported: dict[str, str]
) -> None:
    """SES tells of them as of general bounces, without a mail server's report of a failure."""
    for number in range(9):
        told = bounce("Transient", f"f-{number}")
        told["bounce"]["bouncedRecipients"] = [{"emailAddress": ANA, **reported}]
        tell(feedback, "Email Bounced", told)
    assert repository.address_marks(KEY) == NO_MARKS
    assert feedback.bus.events == []  # type: ignore[attr-defined]
    assert counts == {"MailBouncedForItself": 1}


@pytest.mark.parametrize("subtype", ["General", "MailboxFull"])
def test_a_passing_bounce_suppresses_at_the_fifth(feedback: Feedback, repository: MailRepository, subtype: str) -> None:
    for number in range(4):
        tell(feedback, "Email Bounced", bounce("Transient", f"f-{number}", subtype=subtype))
        tell(feedback, "Email Bounced", bounce("Transient", f"f-{number}", subtype=subtype))
    assert repository.address_marks(KEY).suppressed is None
    tell(feedback, "Email Bounced", bounce("Transient", "f-4", subtype=subtype))
    assert repository.address_marks(KEY).suppressed == "bounced"
    assert len(feedback.bus.events) == 1  # type: ignore[attr-defined]


def test_a_complaint_suppresses_the_address(feedback: Feedback, repository: MailRepository) -> None:
    tell(feedback, "Email Complaint Received", complaint(complaintFeedbackType="abuse"))
    assert repository.address_marks(KEY).suppressed == "complained"


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_feedback_by_which_nobody_complains_is_no_complaint(
    feedback: Feedback, repository: MailRepository, kind: str
) -> None:
    tell(feedback, "Email Complaint Received", complaint(complaintFeedbackType=kind))
    assert repository.address_marks(KEY).suppressed is None


@pytest.mark.parametrize("kind", ["Email Rejected", "Email Rendering Failed"])
def test_a_fault_of_the_mail_never_counts_against_the_address(
    feedback: Feedback, repository: MailRepository, counts: dict[str, int], kind: str
) -> None:
    for number in range(6):
        tell(feedback, kind, {"mail": {**MAIL, "messageId": f"ses-{number}"}})
    assert repository.address_marks(KEY) == NO_MARKS
    assert counts == {"MailNotSentAfterAll": 1}


@pytest.mark.promise("P2")
@pytest.mark.parametrize("kind", ["Email Rejected", "Email Rendering Failed"])
def test_a_mail_that_was_accepted_and_not_sent_is_taken_back_by_its_tags(room: PostRoom, kind: str) -> None:
    feedback = Feedback(room.repository, room.bus, room.clock, lambda _name, _value: None, nothing_waits)
    room.deliver(job(2))
    tagged = {name: [value] for name, value in room.mailer.addressees[1].tags.items()}
    mail = {**MAIL, "destination": ["Noa <noa@example.com>"], "tags": {"ses:configuration-set": ["mails"], **tagged}}
    for _ in range(2):
        tell(feedback, kind, {"mail": mail})
    events = room.bus.named("MailRefused")
    assert {event.id for event in events} == {"ses-1#undelivered"}
    assert detail_of(events[0]) == {
        "version": 1,
        "id": "ses-1#undelivered",
        "at": to_text(room.clock.now()),
        "reason": "undelivered",
        "references": ["entry-1"],
        "address": address_key("noa@example.com"),
    }


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("Transient", "MessageTooLarge"),
        ("Transient", "ContentRejected"),
        ("Transient", "OutOfTheOffice"),
        ("Transient", "AttachmentRejected"),
        ("Transient", "ASubtypeOfTomorrow"),
        ("Undetermined", "Undetermined"),
    ],
)
def test_a_bounce_that_does_not_speak_of_the_mailbox_never_counts_against_the_address(
    feedback: Feedback, repository: MailRepository, kind: str, subtype: str
) -> None:
    for number in range(6):
        tell(feedback, "Email Bounced", bounce(kind, f"f-{number}", subtype=subtype))
    assert repository.address_marks(KEY) == NO_MARKS


def test_sending_that_is_disabled_rings_as_a_refusal(feedback: Feedback, counts: dict[str, int]) -> None:
    record = {"status": "DISABLED", "cause": "reputation"}
    tell(feedback, "Sending Status Disabled", {"version": "1.0", "data": {"origin": "AWS", "record": record}})
    assert counts == {"SesRefusesUs": 1}


def test_an_address_written_with_a_name_is_the_same_address(feedback: Feedback, repository: MailRepository) -> None:
    told = bounce()
    told["bounce"]["bouncedRecipients"][0]["emailAddress"] = "Ana <Ana@Example.com>"
    tell(feedback, "Email Bounced", told)
    assert repository.address_marks(KEY).suppressed == "bounced"


def test_leaving_and_erasure_stop_jobs_that_are_under_way(room: PostRoom) -> None:
    feedback = Feedback(room.repository, room.bus, room.clock, lambda _name, _value: None, nothing_waits)
    at = to_text(room.clock.now())
    people = ["ana@example.com", "noa@example.com", "dan@example.com"]
    tell(feedback, "CustomerLeft", {"address": address_key(people[0]), "at": at, "references": []})
    tell(feedback, "CustomerLeft", {"address": address_key(people[1]), "at": at, "references": ["entry-1"]})
    tell(feedback, "CustomerErased", {"address": address_key(people[2]), "at": at})
    room.deliver(job(emails=people))
    assert room.mailer.calls == []
    assert room.references("MailRefused", "left") == ["entry-0", "entry-1"]
    assert room.references("MailRefused", "erased") == ["entry-2"]


def test_selling_out_calls_off_the_wave(room: PostRoom) -> None:
    feedback = Feedback(room.repository, room.bus, room.clock, lambda _name, _value: None, nothing_waits)
    tell(feedback, "SoldOut", {"sku": "MUG", "revision": 8})
    tell(feedback, "SoldOut", {"sku": "MUG", "revision": 3})
    room.deliver(job(1, wave="MUG@7#2"))
    assert room.references("MailRefused", "cancelled") == ["entry-0"]


def test_marks_without_suppression_are_cleaned_up_and_suppressions_stay(
    feedback: Feedback, repository: MailRepository
) -> None:
    key = {"pk": {"S": f"ADDRESS#{KEY}"}, "sk": {"S": "ADDRESS"}}
    tell(feedback, "CustomerLeft", {"address": KEY, "at": to_text(EPOCH)})
    item = repository.table.dynamodb.get_item(TableName="Mail", Key=key)["Item"]
    assert int(item["ttl"]["N"]) == int((EPOCH + timedelta(days=90)).timestamp())
    tell(feedback, "Email Bounced", bounce())
    item = repository.table.dynamodb.get_item(TableName="Mail", Key=key)["Item"]
    assert "ttl" not in item
    assert "left_at" in item


def test_two_changes_at_once_are_both_kept(feedback: Feedback, repository: MailRepository) -> None:
    inner = repository.table.dynamodb.client  # type: ignore[attr-defined]

    def bounced_meanwhile(marks: Any) -> Any:
        if marks.suppressed is None:
            other = MailRepository(Table("Mail", inner, repository.table.backoff))
            other.mark(KEY, lambda found: found.suppress("bounced", EPOCH), now=EPOCH)
        return marks.left(EPOCH)

    repository.mark(KEY, bounced_meanwhile, now=EPOCH)
    assert (repository.address_marks(KEY).suppressed, repository.address_marks(KEY).left_at) == ("bounced", EPOCH)


def test_marks_that_others_keep_changing_are_given_back_to_the_queue(repository: MailRepository) -> None:
    def never(**_request: Any) -> Any:
        raise ConditionFailedError([{}])

    client = type("Busy", (), {"get_item": lambda _self, **_request: {}, "put_item": lambda _self, **_request: never()})
    busy = MailRepository(Table("Mail", client(), repository.table.backoff))  # type: ignore[arg-type]
    with pytest.raises(BusyError):
        busy.mark(KEY, lambda marks: marks.left(EPOCH), now=EPOCH)


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        '{"detail-type": "CustomerLeft", "detail": {"at": "2026-05-03T09:00:00Z"}}',
        '{"detail-type": "CustomerLeft", "detail": {"address": "k", "at": "yesterday"}}',
        '{"detail-type": "Email Bounced", "detail": {"bounce": {}}}',
        '{"detail-type": "SoldOut", "detail": {"sku": "MUG", "revision": "x"}}',
        "no json",
    ],
)
def test_a_malformed_envelope_is_poison(feedback: Feedback, body: str) -> None:
    with pytest.raises(PoisonError):
        feedback.handle(Message("m-1", body, 0))


def test_a_kind_that_mail_does_not_know_is_ignored(feedback: Feedback) -> None:
    tell(feedback, "Restocked", {"sku": "MUG"})
    assert feedback.bus.events == []  # type: ignore[attr-defined]


def test_every_sample_can_be_handled(feedback: Feedback, repository: MailRepository) -> None:
    waiting, queue = WaitingRepository(repository.table), FakeQueue()
    sweeper = WaitingSweeper(waiting=waiting, jobs=queue, sweeps=queue, clock=FakeClock())
    feedback = replace(feedback, sweeper=lambda: sweeper)
    samples = sorted((Path(__file__).parents[3] / "events" / "mail_feedback").glob("*.json"))
    bodies = [record["body"] for path in samples for record in json.loads(path.read_text("utf-8"))["Records"]]
    for body in bodies:
        feedback.handle(Message("m-1", body, 0))
    assert len(bodies) >= 6
