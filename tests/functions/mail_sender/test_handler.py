"""`mail_sender` from its event to SES, with AWS in memory and SES's answers scripted."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from standby.mail import ses
from standby.mail.settings import SenderSettings

from tests.tables import create_table

ROOT = Path(__file__).parents[3]


class Ses:
    """An SES that accepts everybody and remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def send_bulk_email(self, **request: Any) -> Any:
        self.requests.append(request)
        return {"BulkEmailEntryResults": [{"Status": "SUCCESS"} for _entry in request["BulkEmailEntries"]]}


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Ses:
    post = Ses()
    monkeypatch.setattr(ses, "client", lambda: post)
    return post


@pytest.fixture
def letters() -> list[Any]:
    return []


@pytest.fixture
def sender(aws: Any, post: Ses, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    create_table(aws, "Mail")
    create_table(aws, "Shelf")
    sqs = boto3.client("sqs")
    boto3.client("events").create_event_bus(Name="Bus")
    settings = SenderSettings(
        mail_table="Mail",
        shelf_table="Shelf",
        event_bus_name="Bus",
        mail_urgent_queue_url=sqs.create_queue(QueueName="MailUrgent")["QueueUrl"],
        mail_bulk_queue_url=sqs.create_queue(QueueName="MailBulk")["QueueUrl"],
        mail_dead_letter_queue_url=sqs.create_queue(QueueName="MailDeadLetters")["QueueUrl"],
        sender="Olive & Loom <news@shop.example>",
        sender_identity="Olive & Loom, 1 Herzl St, Tel Aviv",
        market="il",
        shop_time_zone="Asia/Jerusalem",
        shop_product_url="https://shop.example/p/{sku}",
        configuration_set="mails",
        max_send_rate=500,
    )
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("mail_sender_handler", ROOT / "functions/mail_sender/handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    module.sender.cache_clear()


def invoke(sender: ModuleType, sample: str) -> Any:
    event = json.loads((ROOT / "events" / "mail_sender" / f"{sample}.json").read_text("utf-8"))
    context = SimpleNamespace(
        function_name="mail_sender",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:mail_sender",
        aws_request_id="request-1",
    )
    return sender.handler(event, context)


def received(name: str) -> list[Any]:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return answer.get("Messages", [])


def test_a_batch_is_mailed_in_each_language(sender: ModuleType, post: Ses) -> None:
    assert invoke(sender, "back_in_stock") == {"batchItemFailures": []}
    subjects = [request["DefaultContent"]["Template"]["TemplateContent"]["Subject"] for request in post.requests]
    assert subjects == ["Back in stock: \u2068MUG-BLUE\u2069", "חזר למלאי: \u2068MUG-BLUE\u2069"]
    assert [len(request["BulkEmailEntries"]) for request in post.requests] == [2, 1]


@pytest.mark.parametrize("sample", ["confirmation", "last_notice", "sent_again_by_hand"])
def test_each_kind_is_mailed_once_however_often_it_is_delivered(sender: ModuleType, post: Ses, sample: str) -> None:
    invoke(sender, sample)
    invoke(sender, sample)
    assert len(post.requests) == 1


def test_poison_is_set_aside_with_its_reason_and_the_good_one_goes_out(sender: ModuleType, post: Ses) -> None:
    assert invoke(sender, "malformed_among_good") == {"batchItemFailures": []}
    assert len(post.requests) == 1
    letters = received("MailDeadLetters")
    assert letters[0]["Body"] == "{not json"
    reasons = [letter["MessageAttributes"]["reason"]["StringValue"] for letter in letters]
    assert [reason.partition(":")[0] for reason in reasons] == [
        "not JSON",
        "kind",
        "recipients.0.slots.mine",
        "kind",
    ]


def test_a_job_goes_back_to_the_queue_that_it_came_from(sender: ModuleType, post: Ses) -> None:
    def busy(**_request: Any) -> Any:
        from botocore.exceptions import EndpointConnectionError  # noqa: PLC0415

        raise EndpointConnectionError(endpoint_url="https://email")

    post.send_bulk_email = busy  # type: ignore[method-assign]
    sqs = boto3.client("sqs")
    assert invoke(sender, "confirmation") == {"batchItemFailures": []}
    waiting = {
        name: sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=["All"])[
            "Attributes"
        ]["ApproximateNumberOfMessagesDelayed"]
        for name in ("MailUrgent", "MailBulk")
    }
    assert waiting == {"MailUrgent": "1", "MailBulk": "0"}


def test_logs_and_metrics_name_no_address(sender: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    invoke(sender, "malformed_among_good")
    printed = capsys.readouterr()
    assert '"MailAccepted"' in printed.out
    assert "@example.com" not in printed.out + printed.err
