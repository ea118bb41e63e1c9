"""Operators look at dead letters without losing any, and send them back with the time of their first arrival."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.operations.dead_letters import described
from infra.operations.letters import EXHAUSTED, Letter, WorkQueue, count, peek, redrive, work_queues
from infra.operations.place import Place, PlaceError, named


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sqs", region_name="us-east-1")


@pytest.fixture
def queue(sqs: Any) -> WorkQueue:
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("updates", "dead")]
    return WorkQueue("StockUpdates", *urls)


def put(sqs: Any, url: str, body: str, **attributes: str) -> None:
    named_ = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=named_)


def received(sqs: Any, url: str) -> list[tuple[str, dict[str, str]]]:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [
        (message["Body"], {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()})
        for message in messages.get("Messages", [])
    ]


def test_looking_leaves_every_letter_where_it_is(sqs: Any, queue: WorkQueue) -> None:
    for index in range(12):
        put(sqs, queue.dead_letters_url, f"letter {index}", reason="sku: missing", received_at="1777802400000")
    first, second = (peek(sqs, queue.dead_letters_url) for _ in range(2))
    assert sorted(letter.body for letter in first) == sorted(letter.body for letter in second)
    assert len(first) == count(sqs, queue.dead_letters_url) == 12


def test_a_letter_goes_back_with_its_first_arrival_and_without_its_reason(sqs: Any, queue: WorkQueue) -> None:
    put(sqs, queue.dead_letters_url, "body", reason="sku: missing", received_at="1777802400000", parked_version="4")
    (sent,) = redrive(sqs, queue)
    assert sent.reason == "sku: missing"
    assert received(sqs, queue.url) == [("body", {"received_at": "1777802400000", "parked_version": "4"})]
    assert peek(sqs, queue.dead_letters_url) == []


def test_a_letter_that_only_failed_is_known_by_when_it_was_sent(sqs: Any, queue: WorkQueue) -> None:
    put(sqs, queue.dead_letters_url, "body")
    (letter,) = peek(sqs, queue.dead_letters_url)
    assert letter.reason == EXHAUSTED
    redrive(sqs, queue)
    assert received(sqs, queue.url) == [("body", {"received_at": str(letter.received_at)})]


def test_only_the_chosen_letter_goes_back_and_with_the_repaired_body(sqs: Any, queue: WorkQueue) -> None:
    for body in ("one", "two", "three"):
        put(sqs, queue.dead_letters_url, body, reason="on_hand: missing")
    redrive(sqs, queue, chosen=lambda letter: letter.body == "two", body="repaired")
    assert [body for body, _ in received(sqs, queue.url)] == ["repaired"]
    assert sorted(letter.body for letter in peek(sqs, queue.dead_letters_url)) == ["one", "three"]


def test_a_stream_letter_is_redriven_by_publishing_what_was_never_announced(sqs: Any, queue: WorkQueue) -> None:
    stream = WorkQueue("StockStream", queue.url, queue.dead_letters_url, body='{"sweep":"unannounced"}')
    put(sqs, queue.dead_letters_url, '{"DDBStreamBatchInfo": {}}')
    redrive(sqs, stream)
    assert [body for body, _ in received(sqs, queue.url)] == ['{"sweep":"unannounced"}']


def test_queues_are_found_by_the_stacks_outputs() -> None:
    place = Place(boto3.Session())
    outputs = {
        "MailBulkQueueUrl": "u1",
        "MailBulkDeadLettersUrl": "d1",
        "StockSweepsQueueUrl": "u2",
        "StockSweepsDeadLettersUrl": "d2",
        "StockStreamDeadLettersUrl": "d3",
        "ApiUrl": "a",
    }
    sides = {key: value for key, value in outputs.items() if key.startswith("Mail")}
    rest = {key: value for key, value in outputs.items() if key not in sides}
    vars(place)["stacks"] = {"Mail": sides, "Stock": rest}  # what the cached property would read from CloudFormation
    assert [(queue.name, queue.url, queue.dead_letters_url) for queue in work_queues(place)] == [
        ("MailBulk", "u1", "d1"),
        ("StockStream", "u2", "d3"),
        ("StockSweeps", "u2", "d2"),
    ]


def test_a_name_finds_the_shortest_place_that_has_it() -> None:
    functions = {"Stock/Ingester/Function": "f1", "Stock/Ingester/FunctionRedirect": "f2", "Mail/Sender/Function": "f3"}
    assert named(functions, "stock_ingester") == "f1"
    with pytest.raises(PlaceError, match="Mail/Sender/Function"):
        named(functions, "mail_planner")


def test_a_letter_is_shown_with_its_reason_its_age_and_the_start_of_a_long_body() -> None:
    letter = Letter("id-1", "x" * 1_000, "sku: missing", 1_777_802_400_000, {}, "handle")
    shown = described(letter, 1_777_802_400 + 7_300)
    assert "sku: missing" in shown
    assert "2 h old" in shown
    assert "(1000 characters)" in shown
