"""Messages over HTTP: the good ones are queued in their order, the others named, and counted by the log."""

from datetime import datetime
from typing import Any

import pytest
from standby.platform.batch import SomeTakenError
from standby.platform.clock import to_milliseconds
from standby.platform.http import resolver
from standby.platform.intake import ANSWERS, LONGEST_REASON, Intake, taken
from standby.platform.json_text import from_json
from standby.platform.moment import Arrival
from standby.platform.queue import PoisonError
from standby.platform.settings import REFUSED

from tests.fakes import EPOCH, FakeClock, FakeQueue
from tests.gateway import http_event

AT = to_milliseconds(EPOCH)


def check(message: Any, /, *, arrival: Arrival, now: datetime) -> None:
    assert (arrival.received_at, now) == (AT, EPOCH)
    if message == {"half": True}:
        raise SomeTakenError({"good": True}, "half: is bad")
    if "bad" in message:
        raise PoisonError("bad: is bad")


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


def answered(queue: FakeQueue, body: object) -> tuple[int, Any]:
    app, intake = resolver(), Intake(updates=queue, clock=FakeClock(), check=check)
    app.operation("POST /v1/messages/test", "Take messages", ANSWERS, scope="erp")(lambda: taken(app, intake))
    answer = app.resolve(http_event("POST", "/v1/messages/test", body=body, scopes="erp"), None)
    return answer["statusCode"], from_json(answer["body"])


def queued(queue: FakeQueue) -> list[Any]:
    return [message for body in queue.bodies() for message in body["messages"]]


def test_the_good_ones_are_queued_and_the_others_named(queue: FakeQueue, caplog: pytest.LogCaptureFixture) -> None:
    body = {"type": "batch", "messages": [{"a": 1}, {"bad": 1}, {"half": True}, {"b": 1}]}
    assert answered(queue, body) == (
        202,
        {"accepted": 2, "rejected": [{"index": 1, "reason": "bad: is bad"}, {"index": 2, "reason": "half: is bad"}]},
    )
    assert queued(queue) == [{"a": 1}, {"good": True}, {"b": 1}]
    assert {message.received_at for message in queue.messages} == {AT}
    assert [record.message for record in caplog.records] == [REFUSED]


def test_a_number_that_no_store_can_keep_rejects_its_message(queue: FakeQueue) -> None:
    body = '{"type":"batch","messages":[{"a":1},{"b":NaN},{"c":' + "9" * 5_000 + "}]}"
    status, answer = answered(queue, body)
    assert (status, answer["accepted"], [bad["index"] for bad in answer["rejected"]]) == (202, 1, [1, 2])
    assert all(len(bad["reason"]) <= LONGEST_REASON for bad in answer["rejected"])
    assert queued(queue) == [{"a": 1}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('"text"', 400),
        ('{"type":"batch"}', 400),
        ('{"type":"batch","source":NaN,"messages":[]}', 400),
        ('{"type":"batch","messages":[' + ",".join(["{}"] * 1_001) + "]}", 413),
    ],
)
def test_what_is_no_batch_is_a_problem(queue: FakeQueue, body: str, status: int) -> None:
    assert answered(queue, body)[0] == status
    assert queue.messages == []
