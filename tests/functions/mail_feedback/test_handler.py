"""`mail_feedback` from its event to the table, with AWS in memory."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from standby.mail.settings import FeedbackSettings
from standby.mail.waiting import KeptJob
from standby.mail.waiting_repository import WaitingRepository
from standby.platform.address import address_key
from standby.platform.table import Table

from tests.fakes import EPOCH
from tests.tables import create_table

ROOT = Path(__file__).parents[3]


@pytest.fixture
def feedback(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    create_table(aws, "Mail")
    boto3.client("events").create_event_bus(Name="Bus")
    sqs = boto3.client("sqs")
    made = FeedbackSettings(
        mail_table="Mail",
        event_bus_name="Bus",
        mail_bulk_queue_url=sqs.create_queue(QueueName="MailBulk")["QueueUrl"],
        mail_feedback_queue_url=sqs.create_queue(QueueName="MailFeedback")["QueueUrl"],
        mail_dead_letter_queue_url=sqs.create_queue(QueueName="dead")["QueueUrl"],
    )
    for name, value in made.to_environment().items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("mail_feedback_handler", ROOT / "functions/mail_feedback/handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    module.feedback.cache_clear()


def invoke(feedback: ModuleType, event: Any) -> Any:
    context = SimpleNamespace(
        function_name="mail_feedback",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:mail_feedback",
        aws_request_id="request-1",
    )
    return feedback.handler(event, context)


def sample(name: str) -> Any:
    return json.loads((ROOT / "events" / "mail_feedback" / f"{name}.json").read_text("utf-8"))


def marks(aws: Any) -> list[Any]:
    return aws.scan(TableName="Mail")["Items"]


@pytest.mark.parametrize(("name", "reason"), [("bounced_for_good", "bounced"), ("complained", "complained")])
def test_bounces_and_complaints_suppress(feedback: ModuleType, aws: Any, name: str, reason: str) -> None:
    assert invoke(feedback, sample(name)) == {"batchItemFailures": []}
    (item,) = marks(aws)
    assert item["pk"]["S"] == f"ADDRESS#{address_key('ana@example.com')}"
    assert item["suppressed"]["S"] == reason


@pytest.mark.parametrize("name", ["mailbox_full", "left_and_erased", "voucher_taken_back"])
def test_the_rest_marks_without_suppressing(feedback: ModuleType, aws: Any, name: str) -> None:
    assert invoke(feedback, sample(name)) == {"batchItemFailures": []}
    (item,) = marks(aws)
    assert "suppressed" not in item


@pytest.mark.parametrize("name", ["mail_at_fault", "sending_disabled"])
def test_faults_of_ours_mark_nobody(feedback: ModuleType, aws: Any, name: str) -> None:
    assert invoke(feedback, sample(name)) == {"batchItemFailures": []}
    assert marks(aws) == []


def test_selling_out_is_remembered(feedback: ModuleType, aws: Any) -> None:
    assert invoke(feedback, sample("sold_out")) == {"batchItemFailures": []}
    (item,) = marks(aws)
    assert (item["pk"]["S"], item["sold_out_revision"]["N"]) == ("WAVE#MUG-BLUE", "8")


def test_a_malformed_envelope_is_set_aside_alone_and_names_no_address(
    feedback: ModuleType, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    event = sample("bounced_for_good")
    bad = event["Records"][0] | {
        "messageId": "bad",
        "body": '{"detail-type": "Email Bounced", "detail": {"bounce": {"x": "ana@example.com"}}}',
    }
    assert invoke(feedback, {"Records": [bad, *event["Records"]]}) == {"batchItemFailures": []}
    assert len(marks(aws)) == 1
    printed = capsys.readouterr()
    assert "@example.com" not in printed.out + printed.err


def test_a_sweep_sends_a_job_to_its_queue_whose_hour_has_come(feedback: ModuleType, aws: Any) -> None:
    waiting = WaitingRepository(Table("Mail", aws))
    kept = KeptJob("back#1", '{"job_id":"back#1"}', {"told": "1"}, received_at=1777802400000)
    waiting.put_away(kept, until=EPOCH, now=EPOCH)

    for _ in range(2):
        assert invoke(feedback, sample("sweep")) == {"batchItemFailures": []}

    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="MailBulk")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])["Messages"]
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (message["Body"], said) == (kept.body, {"told": "1", "received_at": "1777802400000"})
    assert marks(aws) == []


@pytest.mark.parametrize("body", ['{"sweep": "all"}', '{"sweep": "due", "shard": "DUE#0"}'])
def test_a_sweep_of_something_else_is_set_aside(feedback: ModuleType, aws: Any, body: str) -> None:
    event = sample("sweep")
    event["Records"][0]["body"] = body
    assert invoke(feedback, event) == {"batchItemFailures": []}
    url = boto3.client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    assert len(boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]) == 1
