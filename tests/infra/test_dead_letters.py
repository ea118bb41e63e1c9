"""Operators look at dead letters without losing any, and send them back with the time of their first arrival."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws
from standby.platform.queue import Message, SqsQueue, set_aside

from infra.operations import letters
from infra.operations import redrive as command
from infra.operations.dead_letters import described, report
from infra.operations.letters import (
    EXHAUSTED,
    Letter,
    SeveralLettersError,
    UnsentLettersError,
    WorkQueue,
    count,
    peek,
    redrive,
    work_queues,
)
from infra.operations.place import Place, PlaceError, named
from infra.operations.stream_letters import changes_again

ARN = "arn:aws:sqs:us-east-1:000000000000"
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/Ledger/stream/2026-05-03T10:00:00.000"


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(letters, "WAIT_SECONDS", 0)
        yield boto3.client("sqs", region_name="us-east-1")


@pytest.fixture
def queue(sqs: Any) -> WorkQueue:
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("updates", "dead")]
    return WorkQueue("StockUpdates", *urls, source="updates")


def put(sqs: Any, url: str, body: str, **attributes: str) -> None:
    said = {"source_arn": f"{ARN}:updates"} | attributes
    named_ = {name: {"DataType": "String", "StringValue": value} for name, value in said.items() if value}
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


def test_a_body_for_one_of_several_letters_is_refused_and_their_ids_are_named(sqs: Any, queue: WorkQueue) -> None:
    put(sqs, queue.dead_letters_url, "another queue's", source_arn=f"{ARN}:other-updates")
    put(sqs, queue.dead_letters_url, "one")
    (one,) = (letter for letter in peek(sqs, queue.dead_letters_url) if letter.body == "one")
    put(sqs, queue.dead_letters_url, "two")
    with pytest.raises(SeveralLettersError) as refused:
        redrive(sqs, queue, body="repaired")
    left = peek(sqs, queue.dead_letters_url)
    assert set(str(refused.value).split(", ")) == {each.message_id for each in left if each.source.endswith(":updates")}
    assert len(left) == 3
    assert received(sqs, queue.url) == []
    redrive(sqs, queue, chosen=lambda letter: letter.message_id == one.message_id, body="repaired")
    assert [body for body, _ in received(sqs, queue.url)] == ["repaired"]


@pytest.mark.promise("P9")
def test_an_empty_answer_or_two_do_not_say_that_there_is_no_letter(
    sqs: Any, queue: WorkQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(sqs, queue.dead_letters_url, "one")
    receive, waits = sqs.receive_message, iter([0, 0, 1, 0, 0, 1, 0, 0, 0])

    def short(**asked: Any) -> Any:
        assert "WaitTimeSeconds" in asked
        return receive(**asked) if next(waits) else {}

    monkeypatch.setattr(sqs, "receive_message", short)
    assert [letter.body for letter in redrive(sqs, queue)] == ["one"]


def test_redriving_ends_with_the_last_letter_however_long_it_takes(
    sqs: Any, queue: WorkQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        put(sqs, queue.dead_letters_url, f"letter {number}")
    later = iter(range(0, 10_000, 40))
    monkeypatch.setattr("time.monotonic", lambda: next(later))
    assert len(redrive(sqs, queue)) == 25


@pytest.mark.parametrize(("body", "said"), [(b"", "empty"), (b" \n", "empty"), (b"\xff{}", "not UTF-8")])
def test_a_repaired_body_that_is_none_is_refused_and_nothing_is_sent(  # noqa: PLR0917 - fixtures
    sqs: Any,
    queue: WorkQueue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    body: bytes,
    said: str,
) -> None:
    put(sqs, queue.dead_letters_url, "broken")
    (tmp_path / "repaired.json").write_bytes(body)
    monkeypatch.setattr(command, "chosen", lambda _: SimpleNamespace(sqs=sqs))
    monkeypatch.setattr(command, "named_queue", lambda *_: queue)
    monkeypatch.setattr("sys.argv", ["redrive", "StockUpdates", "--body", str(tmp_path / "repaired.json")])
    assert command.main() == 1
    assert said in capsys.readouterr().err
    assert received(sqs, queue.url) == []


@pytest.mark.promise("P9")
def test_a_letter_with_as_many_attributes_as_sqs_takes_goes_back(sqs: Any, queue: WorkQueue) -> None:
    put(sqs, queue.dead_letters_url, "full", **{f"a-{number}": "x" for number in range(8)}, index="7")
    put(sqs, queue.dead_letters_url, "another")
    redrive(sqs, queue)
    found = dict(received(sqs, queue.url))
    assert found.keys() == {"full", "another"}
    assert found["full"].keys() == {"index", "received_at", *(f"a-{number}" for number in range(8))}
    assert found["full"]["index"] == "7"
    # SQS itself sets a message aside with all of its ten.
    ten = {f"a-{number}": {"DataType": "Number", "StringValue": "7"} for number in range(10)}
    letter = Letter("m", "ten", "", 1, {}, "h", carried=ten).again("ten")["MessageAttributes"]
    assert len(letter) == 10
    assert letter["received_at"]["StringValue"] == "1"
    assert letter["a-0"] == {"DataType": "Number", "StringValue": "7"}


@pytest.mark.promise("P9")
def test_of_ten_attributes_of_any_type_none_is_lost_on_the_way_there_and_back(sqs: Any, queue: WorkQueue) -> None:
    types = ("String", "Number", "String.json", "Binary.png", "Number.int")
    sent: dict[str, Any] = {}
    for number in range(10):
        kind = types[number % len(types)]
        value = {"BinaryValue": b"\x00\xff"} if kind.startswith("Binary") else {"StringValue": str(number)}
        sent[f"a-{number}"] = {"DataType": kind, **value}

    def of_lambda(value: Mapping[str, Any]) -> dict[str, str]:
        if "BinaryValue" in value:
            return {"dataType": value["DataType"], "binaryValue": b64encode(value["BinaryValue"]).decode()}
        return {"dataType": value["DataType"], "stringValue": value["StringValue"]}

    record = {
        "messageId": "m",
        "body": "{",
        "attributes": {"SentTimestamp": "1777800000000"},
        "messageAttributes": {name: of_lambda(value) for name, value in sent.items()},
        "eventSourceARN": f"{ARN}:updates",
    }
    set_aside(SqsQueue(queue.dead_letters_url, sqs), Message.from_record(record), "poison")
    for _ in range(2):
        redrive(sqs, queue)
        (message,) = sqs.receive_message(QueueUrl=queue.url, MessageAttributeNames=["All"])["Messages"]
        back: dict[str, Any] = dict(message["MessageAttributes"])
        more = json.loads(back.pop("more_attributes")["StringValue"])
        assert len(back) + 1 == 10
        found = {name: of_lambda(value) for name, value in back.items() if name != "received_at"}
        found |= {
            name: {"dataType": value["type"], ("binaryValue" if form == "bytes" else "stringValue"): value[form]}
            for name, value in more.items()
            for form in value.keys() - {"type"}
        }
        assert found == record["messageAttributes"]
        attributes = {name: of_lambda(value) for name, value in message["MessageAttributes"].items()}
        again = {**record, "messageAttributes": attributes}
        set_aside(SqsQueue(queue.dead_letters_url, sqs), Message.from_record(again), "poison again")


@pytest.mark.promise("P9")
def test_a_letter_that_is_back_at_once_is_sent_once(
    sqs: Any, queue: WorkQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(sqs, queue.dead_letters_url, "poison", received_at="1777800000000")
    send = sqs.send_message

    def comes_back(**request: Any) -> Any:
        source = {"source_arn": {"DataType": "String", "StringValue": f"{ARN}:updates"}}
        attributes = request["MessageAttributes"] | source
        send(QueueUrl=queue.dead_letters_url, MessageBody=request["MessageBody"], MessageAttributes=attributes)
        return send(**request)

    monkeypatch.setattr(sqs, "send_message", comes_back)
    assert len(redrive(sqs, queue)) == 1
    assert len(received(sqs, queue.url)) == 1


@pytest.mark.promise("P9")
def test_a_letter_with_bytes_goes_back_with_them(sqs: Any, queue: WorkQueue) -> None:
    said = {"source_arn": {"DataType": "String", "StringValue": f"{ARN}:updates"}}
    picture = {"picture": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sqs.send_message(QueueUrl=queue.dead_letters_url, MessageBody="bytes", MessageAttributes=said | picture)
    redrive(sqs, queue)
    (message,) = sqs.receive_message(QueueUrl=queue.url, MessageAttributeNames=["All"])["Messages"]
    assert message["MessageAttributes"]["picture"]["BinaryValue"] == b"\x00\xff"


@pytest.mark.promise("P9")
def test_a_letter_that_sqs_does_not_take_stops_no_other(
    sqs: Any, queue: WorkQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for body in ("one", "too long", "two"):
        put(sqs, queue.dead_letters_url, body)
    send = sqs.send_message

    def take(**asked: Any) -> Any:
        if asked["MessageBody"] == "too long":
            raise ClientError({"Error": {"Code": "InvalidParameterValue", "Message": "too long"}}, "SendMessage")
        return send(**asked)

    monkeypatch.setattr(sqs, "send_message", take)
    with pytest.raises(UnsentLettersError) as refused:
        redrive(sqs, queue)
    (left,) = peek(sqs, queue.dead_letters_url)
    assert sorted(letter.body for letter in refused.value.sent) == ["one", "two"]
    assert str(refused.value) == f"{left.message_id}: too long"


@pytest.mark.parametrize("carried", ["9" * 5_000, "soon", "-1"])
def test_a_first_arrival_that_is_none_is_when_the_letter_was_sent(sqs: Any, queue: WorkQueue, carried: str) -> None:
    put(sqs, queue.dead_letters_url, "body", received_at=carried)
    (letter,) = peek(sqs, queue.dead_letters_url)
    assert 0 < letter.received_at < 10**13


SHARD = "shardId-00000001777802400000-00000001"
AT = [f"10000000000000000000{number}" for number in range(4)]


def stream_letter(**more: str) -> str:
    return json.dumps({"DDBStreamBatchInfo": {"streamArn": STREAM, "shardId": SHARD} | more})


@pytest.mark.promise("P2")
def test_a_stream_letter_is_redriven_as_the_changes_that_the_stream_still_holds(sqs: Any, queue: WorkQueue) -> None:
    streams = boto3.client("dynamodbstreams", region_name="us-east-1")
    keys = {"pk": {"S": "SKU#MUG"}, "sk": {"S": "SKU"}}
    images = [{"Keys": keys, "OldImage": {"on_hand": {"N": "5"}}, "NewImage": {"on_hand": {"N": "0"}}}] * 4
    at = [{"dynamodb": image | {"SequenceNumber": place}} for image, place in zip(images, AT, strict=True)]
    with Stubber(streams) as stub:
        asked = {"StreamArn": STREAM, "ShardId": SHARD, "ShardIteratorType": "AT_SEQUENCE_NUMBER"}
        stub.add_response("get_shard_iterator", {"ShardIterator": "i-1"}, asked | {"SequenceNumber": AT[0]})
        stub.add_response("get_records", {"Records": [], "NextShardIterator": "i-2"})
        stub.add_response("get_records", {"Records": at[:1], "NextShardIterator": "i-3"})
        stub.add_response("get_records", {"Records": at[1:], "NextShardIterator": "i-4"})
        stream = WorkQueue("StockStream", queue.url, queue.dead_letters_url, STREAM, partial(changes_again, streams))
        body = stream_letter(startSequenceNumber=AT[0], endSequenceNumber=AT[2])
        put(sqs, queue.dead_letters_url, body, source_arn="")
        assert redrive(sqs, queue) == []
        redrive(sqs, stream)
    ((sent, _),) = received(sqs, queue.url)
    assert json.loads(sent) == {"sweep": "changes", "records": [{"dynamodb": image} for image in images[:3]]}


@pytest.mark.parametrize("code", ["TrimmedDataAccessException", "ResourceNotFoundException"])
def test_a_stream_letter_is_redriven_by_publishing_what_was_never_announced_once_the_stream_forgot(code: str) -> None:
    streams = boto3.client("dynamodbstreams", region_name="us-east-1")
    with Stubber(streams) as stub:
        stub.add_client_error("get_shard_iterator", code)
        body = stream_letter(startSequenceNumber=AT[0], endSequenceNumber=AT[2])
        assert changes_again(streams, body) == ['{"sweep":"unannounced"}']


def test_only_the_letters_of_the_named_queue_go_back(sqs: Any, queue: WorkQueue) -> None:
    """Several queues share their dead letters; letters say where they came from in four ways."""
    put(sqs, queue.dead_letters_url, "ours")
    put(sqs, queue.dead_letters_url, "another's", source_arn=f"{ARN}:other-updates")
    put(sqs, queue.dead_letters_url, "EventBridge's", source_arn="", TARGET_ARN=f"{ARN}:updates")
    put(sqs, queue.dead_letters_url, "EventBridge's for another", source_arn="", TARGET_ARN=f"{ARN}:sweeps")
    put(sqs, queue.dead_letters_url, "nobody's", source_arn="")
    assert sorted(letter.body for letter in redrive(sqs, queue)) == ["EventBridge's", "ours"]
    left = {letter.body: letter.source for letter in peek(sqs, queue.dead_letters_url)}
    assert left == {
        "another's": f"{ARN}:other-updates",
        "EventBridge's for another": f"{ARN}:sweeps",
        "nobody's": "",
    }
    assert [attributes.keys() for _, attributes in received(sqs, queue.url)] == [
        {"received_at"},
        {"received_at", "TARGET_ARN"},
    ]


def test_sqs_says_from_which_queue_it_set_a_message_aside() -> None:
    """In an attribute of its own, which moto does not know."""
    message = {"MessageId": "m", "Body": "{}", "ReceiptHandle": "h"}
    exhausted = message | {"Attributes": {"SentTimestamp": "1", "DeadLetterQueueSourceArn": f"{ARN}:updates"}}
    sqs = SimpleNamespace(receive_message=lambda **asked: {"Messages": [exhausted]} if _asks(asked) else {})
    sqs.change_message_visibility = lambda **_: None
    (letter,) = peek(sqs, "dead")  # type: ignore[arg-type]
    assert WorkQueue("StockUpdates", "u", "dead", source="updates").sent(letter)


def _asks(asked: dict[str, Any]) -> bool:
    return "DeadLetterQueueSourceArn" in asked["MessageSystemAttributeNames"]


def test_the_report_tells_letters_by_their_queues(
    sqs: Any, queue: WorkQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(boto3.Session())
    outputs = {
        "StockUpdatesQueueUrl": queue.url,
        "StockSettleQueueUrl": "u2",
        "StockDeadLettersUrl": queue.dead_letters_url,
    }
    vars(place).update(stacks={"Stock": outputs}, sqs=sqs)
    put(sqs, queue.dead_letters_url, "{}", reason="sku: missing")
    put(sqs, queue.dead_letters_url, "{}", source_arn="")
    report(place, most=20)
    said = capsys.readouterr().out
    assert "StockUpdates: 1" in said
    assert "make redrive queue=StockUpdates" in said
    assert "from nowhere known" in said
    assert "none seen of StockSettle" in said


def test_queues_are_found_by_the_stacks_outputs() -> None:
    place = Place(boto3.Session())
    outputs = {
        "MailBulkQueueUrl": "https://sqs/1/bulk",
        "MailUrgentQueueUrl": "https://sqs/1/urgent",
        "MailDeadLettersUrl": "d1",
        "StockSweepsQueueUrl": "https://sqs/1/sweeps",
        "StockDeadLettersUrl": "d2",
        "StockStreamArn": STREAM,
        "ApiUrl": "a",
    }
    sides = {key: value for key, value in outputs.items() if key.startswith("Mail")}
    rest = {key: value for key, value in outputs.items() if key not in sides}
    vars(place)["stacks"] = {"Mail": sides, "Stock": rest}  # what the cached property would read from CloudFormation
    assert [(queue.name, queue.url, queue.dead_letters_url, queue.source) for queue in work_queues(place)] == [
        ("MailBulk", "https://sqs/1/bulk", "d1", "bulk"),
        ("MailUrgent", "https://sqs/1/urgent", "d1", "urgent"),
        ("StockStream", "https://sqs/1/sweeps", "d2", STREAM),
        ("StockSweeps", "https://sqs/1/sweeps", "d2", "sweeps"),
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
