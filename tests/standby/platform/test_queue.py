"""Messages in and out of SQS: nothing is lost, poison is set aside as it came."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform import queue
from standby.platform.queue import (
    BACKOFF,
    BATCH_BYTES,
    MESSAGE_BYTES,
    REASON_LENGTH,
    Message,
    Outgoing,
    PoisonError,
    SqsQueue,
    UnsentError,
    consume,
    fits,
    set_aside,
)

from tests.fakes import AT_ONCE, FakeQueue, sqs_event, sqs_record

pytestmark = pytest.mark.promise("P9")

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/StockUpdates"
SENT_AT = 1_777_802_400_000
ARN = "arn:aws:sqs:us-east-1:000000000000:StockUpdates"


@dataclass
class FakeSqs:
    """SQS that refuses some entries: ``refusals`` names, per call, the bodies that it refuses."""

    refusals: list[set[str]] = field(default_factory=list)
    calls: list[list[Mapping[str, Any]]] = field(default_factory=list)

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == URL
        assert len({entry["Id"] for entry in Entries}) == len(Entries)
        self.calls.append(Entries)
        refused = self.refusals.pop(0) if self.refusals else set()
        return {
            "Successful": [{"Id": entry["Id"]} for entry in Entries if entry["MessageBody"] not in refused],
            "Failed": [{"Id": entry["Id"], "Code": "X"} for entry in Entries if entry["MessageBody"] in refused],
        }

    def bodies(self) -> list[list[str]]:
        return [[entry["MessageBody"] for entry in call] for call in self.calls]


def sent(messages: Iterable[Outgoing], *refusals: set[str]) -> FakeSqs:
    """Send through a fake SQS and return it."""
    sqs: Any = FakeSqs(list(refusals))
    SqsQueue(URL, sqs, AT_ONCE).send(messages)
    fake: FakeSqs = sqs
    return fake


class BrokenQueue:
    """A queue that takes nothing."""

    def send(self, messages: Iterable[Outgoing]) -> None:
        raise UnsentError("refused")


def attributes(entry: Mapping[str, Any]) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in entry.get("MessageAttributes", {}).items()}


# ---------------------------------------------------------------------- reading


def test_a_record_becomes_a_message() -> None:
    record = sqs_record("{}", message_id="m-7", sent_at=SENT_AT, attributes={"channel": "erp"})
    record["attributes"]["ApproximateReceiveCount"] = "3"
    assert Message.from_record(record) == Message(
        message_id="m-7", body="{}", received_at=SENT_AT, receive_count=3, attributes={"channel": "erp"}
    )


def test_the_first_receipt_is_carried_over_later_sendings() -> None:
    record = sqs_record("{}", sent_at=SENT_AT, attributes={"received_at": "1777800000000"})
    assert Message.from_record(record).received_at == 1_777_800_000_000


@pytest.mark.parametrize("carried", ["", "yesterday", "-5", "1.5", "9" * 16, "0", "1777800000", "1777800000000000"])
def test_a_receipt_that_is_no_instant_is_ignored(carried: str) -> None:
    record = sqs_record("{}", sent_at=SENT_AT, attributes={"received_at": carried})
    assert Message.from_record(record).received_at == SENT_AT


def test_attributes_of_bytes_are_left_out() -> None:
    record = sqs_record("{}")
    record["messageAttributes"]["picture"] = {"dataType": "Binary", "binaryValue": "AA=="}
    assert Message.from_record(record).attributes == {}


@pytest.mark.parametrize(
    "body", ["", "{", "NaN", "[" * 100_000, r'"\ud800"'], ids=["empty", "open", "nan", "deep", "half"]
)
def test_a_body_that_is_no_json_is_poison_with_its_reason(body: str) -> None:
    with pytest.raises(PoisonError, match=r"^not JSON: "):
        Message.from_record(sqs_record(body)).json()


# ---------------------------------------------------------------------- consuming


def test_every_message_is_handled_and_none_fails() -> None:
    seen: list[str] = []
    answer = consume(sqs_event("a", "b"), lambda message: seen.append(message.body))
    assert (seen, answer) == (["a", "b"], {"batchItemFailures": []})


def test_only_the_message_that_fails_comes_again() -> None:
    def handle(message: Message) -> None:
        if message.body == "b":
            raise RuntimeError("the table is away")

    answer = consume(sqs_event("a", "b", "c"), handle)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_poison_is_set_aside_as_it_came_and_the_others_go_through() -> None:
    dead = FakeQueue()
    seen: list[str] = []

    def handle(message: Message) -> None:
        message.json()
        seen.append(message.body)

    event = sqs_event('{"sku": "A"}', '{"sku": חולצה', '{"sku": "B"}', sent_at=SENT_AT, attributes={"channel": "erp"})
    answer = consume(event, handle, dead_letters=dead)
    assert answer == {"batchItemFailures": []}
    assert seen == ['{"sku": "A"}', '{"sku": "B"}']
    (letter,) = dead.messages
    assert (letter.body, letter.attributes, letter.received_at) == ('{"sku": חולצה', {"channel": "erp"}, SENT_AT + 1)
    assert letter.reason is not None
    assert letter.reason.startswith("not JSON: ")


def test_poison_without_a_queue_of_its_own_is_left_to_the_redrive_policy() -> None:
    def handle(message: Message) -> None:
        raise PoisonError("no such kind")

    assert consume(sqs_event("a"), handle) == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}


def test_poison_that_cannot_be_set_aside_comes_again() -> None:
    def handle(message: Message) -> None:
        raise PoisonError("no such kind")

    answer = consume(sqs_event("a"), handle, dead_letters=BrokenQueue())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}


# ---------------------------------------------------------------------- setting aside


def test_a_part_of_a_batch_is_set_aside_alone() -> None:
    dead = FakeQueue()
    set_aside(dead, Message.from_record(sqs_record('{"messages": []}')), "sku: missing", body='{"on_hand": 1}')
    assert [(letter.body, letter.reason) for letter in dead.messages] == [('{"on_hand": 1}', "sku: missing")]


def test_a_letter_that_was_redriven_gets_its_new_reason_and_keeps_its_first_receipt() -> None:
    dead = FakeQueue()
    redriven = sqs_record("{}", sent_at=SENT_AT, attributes={"reason": "old", "received_at": "1777800000000"})
    set_aside(dead, Message.from_record(redriven), "new")
    sqs = sent(dead.messages)
    assert attributes(sqs.calls[0][0]) == {"received_at": "1777800000000", "reason": "new"}


def test_a_letter_with_as_many_attributes_as_sqs_takes_has_room_for_ours() -> None:
    dead = FakeQueue()
    record = sqs_record("{}", attributes={f"a{n}": "x" for n in range(10)}) | {"eventSourceARN": ARN}
    set_aside(dead, Message.from_record(record), "poison")
    names = attributes(sent(dead.messages).calls[0][0]).keys()
    assert len(names) == 10
    assert {"received_at", "reason", "source_arn", "a0", "a5", "more_attributes"} <= names


def test_a_letter_says_from_which_queue_it_came_last() -> None:
    """The queues of a feature share their dead letters."""
    dead = FakeQueue()
    redriven = sqs_record("{}", attributes={"source_arn": "arn:aws:sqs:us-east-1:000000000000:Other"})
    set_aside(dead, Message.from_record(redriven | {"eventSourceARN": ARN}), "poison")
    assert attributes(sent(dead.messages).calls[0][0])["source_arn"] == ARN


def test_a_reason_is_cut_and_cleaned_so_that_sqs_takes_it() -> None:
    (entry,) = sent([Outgoing("{}", reason="\x00\ud800\uffff" + "ש" * 2_000)]).calls[0]
    assert attributes(entry)["reason"] == "\ufffd" * 3 + "ש" * (REASON_LENGTH - 3)


# ---------------------------------------------------------------------- sending


def test_content_is_sent_as_compact_json() -> None:
    (entry,) = sent([Outgoing.of({"sku": "A", "name": "חולצה"})]).calls[0]
    assert entry == {"Id": "0", "MessageBody": '{"sku":"A","name":"חולצה"}'}


def test_a_delay_is_at_most_what_sqs_takes() -> None:
    first, second, third = sent([Outgoing("a", delay_seconds=d) for d in (0, 60, 5_000)]).calls[0]
    assert ("DelaySeconds" in first, second["DelaySeconds"], third["DelaySeconds"]) == (False, 60, 900)


def test_empty_attributes_are_left_out() -> None:
    (entry,) = sent([Outgoing("a", attributes={"channel": ""}, reason="")]).calls[0]
    assert "MessageAttributes" not in entry


def test_ten_messages_go_in_one_request() -> None:
    bodies = [str(number) for number in range(23)]
    assert [len(call) for call in sent(Outgoing(body) for body in bodies).calls] == [10, 10, 3]


def test_nothing_to_send_makes_no_request() -> None:
    assert sent([]).calls == []


def test_a_queue_that_is_seldom_sent_to_makes_no_client_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(queue, "connect", made.append)

    queue.SeldomQueue("letters").send(iter(()))

    assert made == []


@given(
    st.lists(
        st.builds(
            Outgoing,
            body=st.integers(0, 400_000).map("x".__mul__),
            reason=st.none() | st.integers(0, 1_000).map("ש".__mul__),
            attributes=st.dictionaries(st.text("ab", min_size=1, max_size=3), st.integers(0, 200_000).map("y".__mul__)),
        ),
        max_size=12,
    )
)
def test_a_request_is_never_larger_than_sqs_takes(messages: list[Outgoing]) -> None:
    sqs = sent(messages)
    assert [body for call in sqs.bodies() for body in call] == [message.body for message in messages]
    for call in sqs.calls:
        size = sum(
            len(entry["MessageBody"].encode())
            + sum(len(name) + len("String") + len(text.encode()) for name, text in attributes(entry).items())
            for entry in call
        )
        assert size <= BATCH_BYTES or len(call) == 1


def test_entries_that_were_refused_are_sent_again_alone() -> None:
    sqs = sent([Outgoing("a"), Outgoing("b"), Outgoing("c")], {"b", "c"}, {"c"})
    assert sqs.bodies() == [["a", "b", "c"], ["b", "c"], ["c"]]


def test_an_entry_that_stays_refused_is_an_error() -> None:
    fake = FakeSqs([{"b"}] * BACKOFF.attempts)
    sqs: Any = fake
    pauses: list[float] = []
    backoff = replace(BACKOFF, sleep=pauses.append, jitter=lambda: 1.0)
    with pytest.raises(UnsentError, match="1 message refused"):
        SqsQueue(URL, sqs, backoff).send([Outgoing("a"), Outgoing("b")])
    assert fake.bodies() == [["a", "b"], ["b"], ["b"], ["b"]]
    assert pauses == [0.05, 0.1, 0.2]


def test_what_is_sent_is_received_as_it_was(aws: Any) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="StockUpdates")["QueueUrl"]
    queue.connect(url).send([Outgoing.of({"name": "חולצה \uffff"}, received_at=SENT_AT)])
    (received,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(received["Body"]) == {"name": "חולצה \uffff"}
    assert received["MessageAttributes"]["received_at"]["StringValue"] == str(SENT_AT)


# ---------------------------------------------------------------------- letters that SQS would not take


def test_a_receipt_after_the_sending_is_not_believed() -> None:
    record = sqs_record("{}", sent_at=SENT_AT, attributes={"received_at": str(SENT_AT + 600_000)})
    assert Message.from_record(record).received_at == SENT_AT


def test_a_receipt_by_a_clock_that_is_a_little_ahead_is_believed() -> None:
    record = sqs_record("{}", sent_at=SENT_AT, attributes={"received_at": str(SENT_AT + 2_000)})
    assert Message.from_record(record).received_at == SENT_AT + 2_000


def test_attributes_of_bytes_are_set_aside_with_their_message() -> None:
    record = sqs_record("{}", attributes={"channel": "erp"})
    record["messageAttributes"]["picture"] = {"dataType": "Binary", "binaryValue": "AP8="}
    dead = FakeQueue()
    set_aside(dead, Message.from_record(record), "no")
    (call,) = sent(dead.messages).calls
    assert call[0]["MessageAttributes"]["picture"] == {"DataType": "Binary", "BinaryValue": b"\x00\xff"}


def test_bytes_count_among_the_ten_attributes() -> None:
    record = sqs_record("{}", attributes={f"text-{number}": "x" for number in range(5)}) | {"eventSourceARN": ARN}
    for number in range(5):
        record["messageAttributes"][f"bytes-{number}"] = {"dataType": "Binary", "binaryValue": "AA=="}
    dead = FakeQueue()
    set_aside(dead, Message.from_record(record), "no")
    (call,) = sent(dead.messages).calls
    assert len(call[0]["MessageAttributes"]) == 10
    assert {"reason", "received_at", "source_arn"} <= call[0]["MessageAttributes"].keys()


def test_a_letter_that_is_too_long_for_its_attributes_has_fewer() -> None:
    body = "x" * (MESSAGE_BYTES - 400)
    dead = FakeQueue()
    message = Message("m", body, SENT_AT, attributes={"channel": "erp" * 100}, source_arn=ARN)
    set_aside(dead, message, "why " * 200)
    (letter,) = dead.messages
    assert (letter.body, letter.attributes, fits(letter)) == (body, {"source_arn": ARN}, True)
    assert (letter.reason or "").startswith("why why")


def test_a_part_that_outgrew_sqs_is_set_aside_as_the_whole_that_it_came_in() -> None:
    dead = FakeQueue()
    set_aside(dead, Message("m", "as it came", SENT_AT), "no", body="x" * MESSAGE_BYTES)
    assert [letter.body for letter in dead.messages] == ["as it came"]


def test_a_body_beside_which_sqs_takes_nothing_is_left_to_sqs() -> None:
    with pytest.raises(UnsentError):
        set_aside(FakeQueue(), Message("m", "x" * MESSAGE_BYTES, SENT_AT), "no")


def test_one_of_many_says_so_to_sqs() -> None:
    (call,) = sent([Outgoing("{}", group="bulk-1"), Outgoing("{}")]).calls
    assert [entry.get("MessageGroupId") for entry in call] == ["bulk-1", None]
