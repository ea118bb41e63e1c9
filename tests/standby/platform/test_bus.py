"""Publishing on the bus: all of it or an error."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from standby.events.mail import MailAccepted
from standby.events.stock import EtaMoved, SoldOut
from standby.platform import bus
from standby.platform.bus import BACKOFF, REQUEST_BYTES, EventBridgeBus, UnpublishedError, detail_of
from standby.platform.clock import to_text

from tests.fakes import AT_ONCE, EPOCH

AT = to_text(EPOCH)


@dataclass
class FakeEvents:
    """EventBridge that refuses the events with these ids, once per mention."""

    refused: list[str] = field(default_factory=list)
    calls: list[list[Mapping[str, Any]]] = field(default_factory=list)

    def put_events(self, *, Entries: list[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's word
        self.calls.append(Entries)
        results = []
        for entry in Entries:
            id_ = json.loads(entry["Detail"])["id"]
            if id_ in self.refused:
                self.refused.remove(id_)
                results.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
            else:
                results.append({"EventId": f"e-{id_}"})
        return {"FailedEntryCount": 0, "Entries": results}

    def ids(self) -> list[list[str]]:
        return [[json.loads(entry["Detail"])["id"] for entry in call] for call in self.calls]


def sold_out(id_: str) -> SoldOut:
    return SoldOut(id=id_, at=AT, sku="SHIRT-RED-M", revision=7)


def published(*events: Any, refused: list[str] | None = None) -> FakeEvents:
    client: Any = FakeEvents(refused or [])
    EventBridgeBus("Bus", client, AT_ONCE).publish(events)
    fake: FakeEvents = client
    return fake


def test_an_event_is_published_under_its_name() -> None:
    (entry,) = published(sold_out("s-1")).calls[0]
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == ("Bus", "standby", "SoldOut")
    assert json.loads(entry["Detail"]) == {"version": 1, "id": "s-1", "at": AT, "sku": "SHIRT-RED-M", "revision": 7}


def test_ten_events_go_in_one_request() -> None:
    events = published(*(sold_out(f"s-{number}") for number in range(23)))
    assert [len(call) for call in events.calls] == [10, 10, 3]


def test_a_request_is_never_larger_than_eventbridge_takes() -> None:
    accepted = [
        MailAccepted(id=f"m-{number}", at=AT, job_id="j", kind="confirm", references=["ש" * 1_000] * 50)
        for number in range(5)
    ]
    events = published(*accepted)
    assert [len(call) for call in events.calls] == [2, 2, 1]
    for call in events.calls:
        assert sum(len(entry["Detail"].encode()) for entry in call) <= REQUEST_BYTES


def test_events_that_were_refused_are_sent_again_alone() -> None:
    """FailedEntryCount is not asked: the answer of each entry, by its index, is what counts."""
    events = published(sold_out("a"), sold_out("b"), sold_out("c"), refused=["a", "c", "c"])
    assert events.ids() == [["a", "b", "c"], ["a", "c"], ["c"]]


def test_an_event_that_stays_refused_is_an_error() -> None:
    fake = FakeEvents(["b"] * BACKOFF.attempts)
    client: Any = fake
    pauses: list[float] = []
    backoff = replace(BACKOFF, sleep=pauses.append, jitter=lambda: 1.0)
    with pytest.raises(UnpublishedError, match="Bus: 1 event refused"):
        EventBridgeBus("Bus", client, backoff).publish([sold_out("a"), sold_out("b")])
    assert fake.ids() == [["a", "b"], ["b"], ["b"], ["b"]]
    assert pauses == [0.05, 0.1, 0.2]


def test_nothing_to_publish_makes_no_request() -> None:
    assert published().calls == []


def test_what_is_published_reaches_a_queue_behind_a_rule(aws: Any) -> None:
    sqs, events = boto3.client("sqs"), boto3.client("events")
    url = sqs.create_queue(QueueName="WaitlistPlans")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name="Bus")
    events.put_rule(
        Name="Plans", EventBusName="Bus", EventPattern='{"source": ["standby"], "detail-type": ["EtaMoved"]}'
    )
    events.put_targets(Rule="Plans", EventBusName="Bus", Targets=[{"Id": "queue", "Arn": arn}])
    moved = EtaMoved(id="x", at=AT, sku="A", purchase_order_id="4711", eta="2026-06-01", previous_eta=None, quantity=5)
    bus.connect("Bus").publish([sold_out("s-1"), moved])
    (received,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(received["Body"])["detail"] == detail_of(moved)
