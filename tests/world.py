"""The whole system in one process: handlers, DynamoDB with its stream, queues, bus, a mail service and a bucket.

What feeds which function, who hears what and which tables there are is read from the templates (`tests.wiring`).
Every call that a handler makes to AWS goes through `World.call`: DynamoDB is `tests.dynamo`, mail and files are
`tests.services`, the rest is this module. So a test sees every call, can refuse it, lose its answer, or kill the
function before or after it (`tests.crashes`), and can redeliver in the orders and with the duplicates that SQS and
streams allow. Time stands still until a test moves it; on AWS indexes lag and clocks differ (`World.unsteady`).
"""

import base64
import copy
import functools
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest
from standby.platform import aws
from standby.platform.backoff import Backoff
from standby.platform.clock import SystemClock, to_milliseconds
from standby.platform.dynamodb import to_item
from standby.platform.schema import checker
from standby.platform.secrets import KEY
from standby.platform.tokens import first

from tests.clients import REGION, as_the_sdk_says, client_of
from tests.cold import cold
from tests.deliveries import Delivery, take_out
from tests.dynamo import Memory
from tests.fakes import FakeClock
from tests.gateway import http_event
from tests.idle import Idle
from tests.services import Bucket, Mail, MailService, Web
from tests.tables import create_table, in_memory
from tests.wiring import (
    DEAD_LETTERS,
    QUEUES,
    STREAMS,
    TABLES,
    beats,
    environment,
    hearing,
    passes,
    told_of_file,
)

ROOT = Path(__file__).parents[1]

PUBLIC_URL = "https://shop.example"
MOST_SKEW = 2.0
"""Seconds by which a function's clock may be wrong."""
COMPARED = 3
"""So many requests of each kind and function are compared with the SDK's model."""
UNSIGNED_FIELDS = {"policy", "signature", "AWSAccessKeyId"}
"""Fields of an upload's form that sign it; the world's clients, which have no options, sign in the old way."""
ENVIRONMENT = {
    **environment(),
    "POWERTOOLS_METRICS_NAMESPACE": "Standby",
    "PUBLIC_URL": PUBLIC_URL,
    "SHOP_TIME_ZONE": "Asia/Jerusalem",
    "JOINS_PER_IP_PER_MINUTE": "0",
    "SENDER": "Shop <news@shop.example>",
    "SENDER_IDENTITY": "Shop Ltd, 1 Harbour Street, Haifa",
    "MARKET": "il",
    "MAX_SEND_RATE": "50",
    "NOTICES_PER_HOUR": "600",
}
"""What every function is told. Where a test needs another value than prod's, it stands here."""


class Killed(BaseException):
    """The function's process ended, wherever it was."""


Tap = Callable[[str, str, Mapping[str, Any], Callable[..., Any]], Any]
"""Sees a call: service, operation, parameters, and a function that makes it, also with other parameters. Returns the
answer or raises."""


class Context:
    """What Lambda tells a function of itself."""

    function_name = "function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:function"
    aws_request_id = "request"


def _straight(_service: str, _operation: str, _parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
    return make()


def keeps_its_contract(name: str, detail: Mapping[str, Any]) -> None:
    """Fail the test where an event is not what its published schema says. No retry of a function catches that."""
    wrong = checker("standby.events", name)(detail)
    if wrong:
        pytest.fail(f"{name} breaks its contract: {wrong} in {detail}")


def in_order(world: "World") -> bool:
    """Run the stream and every queue once, in order; tell whether there was anything to do."""
    return world._stream() | world._deliver()


@dataclass
class World:
    """The system, its queues, and the mails that went out."""

    clock: FakeClock
    dynamodb: Any
    memory: Memory
    queues: dict[str, deque[Delivery]] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    post: MailService = field(default_factory=MailService)
    bucket: Bucket = field(default_factory=lambda: Bucket("Inbox"))
    web: Web = field(default_factory=Web)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    tap: Tap = _straight
    turn: "Callable[[World], bool]" = in_order
    """One round of `settle`: delivers something, and tells whether there was anything."""
    skews: random.Random | None = None
    """Draws by how much each invocation's clock is wrong."""
    held: frozenset[str] = frozenset()
    """Queues that stand still, and tables whose stream does."""
    batch: int = 10
    passed_on: frozenset[str] = frozenset()
    """Services that answer for themselves, on the emulator."""
    functions: Path = ROOT / "functions"
    _handlers: dict[str, Any] = field(default_factory=dict)
    _function: str = "test"
    read: Counter[str] = field(default_factory=Counter)
    """How many changes of each table's stream its function has seen."""
    _reading: set[str] = field(default_factory=set)
    _in_flight: list[Delivery] = field(default_factory=list)
    _serial: int = 0
    _skew: timedelta = timedelta()
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    idle: Idle | None = None
    """Leaves out beats that can find nothing; ``None``: every beat runs."""

    @property
    def mails(self) -> list[Mail]:
        """The mails that went out."""
        return self.post.mails

    @property
    def refused(self) -> set[str]:
        """The addresses that the mail service refuses."""
        return self.post.refused

    @refused.setter
    def refused(self, addresses: set[str]) -> None:
        self.post.refused = addresses

    # ---- running ----

    def restart(self) -> None:
        """Forget every warm function, as after a crash or a deployment."""
        self._handlers.clear()

    def run(self, function: str, event: Mapping[str, Any]) -> Any:
        """Run a handler once. `Killed` passes through, after which the function starts cold."""
        if function not in self._handlers:
            self._handlers[function] = cold(function, self.functions / function / "handler.py")
        with self._as(function):
            try:
                return self._handlers[function](event, Context())
            except Killed:
                self._handlers.pop(function, None)
                raise

    @contextmanager
    def _as(self, function: str) -> Iterator[None]:
        """Count the calls that are made meanwhile as this function's, by whose clock it is."""
        before = self._function, self._skew
        wrong = self.skews.uniform(-MOST_SKEW, MOST_SKEW) if self.skews else 0.0
        self._function, self._skew = function, timedelta(seconds=wrong)
        try:
            yield
        finally:
            self._function, self._skew = before

    def now(self) -> datetime:
        """Return the time by the clock of the function that runs."""
        return self.clock.now() + self._skew

    def unsteady(self, seed: int) -> None:
        """From now on indexes follow their tables late, and clocks are up to two seconds wrong, as a seed draws it."""
        self.memory.follow_late(seed, self.clock.now)
        self.skews = random.Random(seed)

    def steady(self) -> None:
        """Let indexes be fresh and clocks be right again."""
        for table in self.memory.tables.values():
            table.forget_lag()
        self.skews = None

    def settle(self, *, most: int = 2_000) -> None:
        """Let everything run that can run now, without moving the clock. A killed function is simply run again."""
        for _ in range(most):
            if not self.turn(self):
                return
        waiting = {name: len(queue) for name, queue in self.queues.items() if queue}
        pytest.fail(f"not quiet after {most} rounds: {waiting}, {[repr(failure) for failure in self.failures[-3:]]}")

    def wait(self, **duration: float) -> None:
        """Move the clock, run the schedules that are due every few minutes, and let everything run."""
        self.clock.advance(**duration)
        self.tick()
        self.settle()

    def tick(self) -> None:
        """Run the schedules that are due every few minutes."""
        for queue, message in beats():
            self.send(queue, message)

    def visible(self, queue: str) -> list[Delivery]:
        """Return the messages that a function would be given now."""
        if queue in self.held:
            return []
        now, flying = self.clock.now(), {id(message) for message in self._in_flight}
        return [message for message in self.queues[queue] if message.visible_at <= now and id(message) not in flying]

    def deliver(self, queue: str, *, most: int | None = None) -> bool:
        """Hand one batch of a queue to its function; tell whether there was one."""
        waiting = self.queues[queue]
        batch = self.visible(queue)[: most or self.batch]
        if not batch:
            return False
        needless = self.idle is not None and self.idle.finds_nothing(queue, batch)
        failed = set() if needless else self._failed(queue, batch)
        for message in batch:
            if message.message_id in failed and message.receives < QUEUES[queue]["most_receives"]:
                continue
            if not take_out(waiting, message):
                continue
            if message.message_id in failed:
                message.source = queue
                self.queues[DEAD_LETTERS[queue]].append(message)
        return True

    def _failed(self, queue: str, batch: Sequence[Delivery]) -> set[str]:
        """Run the function of a queue; return the ids of the messages that it did not do."""
        for message in batch:
            message.receives += 1
        before, self._in_flight = self._in_flight, [*self._in_flight, *batch]
        try:
            answer = self.run(QUEUES[queue]["feeds"], {"Records": [message.record(queue) for message in batch]})
        except Exception as failure:  # noqa: BLE001 - Lambda takes any failure of a function the same way
            self.failures.append(failure)
            return {message.message_id for message in batch}
        except Killed:
            return {message.message_id for message in batch}
        finally:
            self._in_flight = before
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", ())}
        if self.idle and not failed:
            self.idle.ran()
        return failed

    def meanwhile(self, act: "Callable[[World], None]", *, again: bool = False) -> None:
        """While a function stands still in the middle of a call, run something else in containers of its own.

        ``again``: the messages that the function is at work on are delivered a second time meanwhile.
        """
        warm, self._handlers = self._handlers, {}
        flying, self._in_flight = self._in_flight, [] if again else self._in_flight
        try:
            act(self)
        finally:
            self._handlers, self._in_flight = warm, flying

    # ---- keeping and going back ----

    def snapshot(self) -> Any:
        """Return everything that the world holds, for `restore`."""
        held = copy.deepcopy((self.clock.at, self.queues, self.events, self.post, self.bucket))
        return self.memory.snapshot(), held, self._serial

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot, with every function cold and nothing broken."""
        items, held, self._serial = snapshot
        self.memory.restore(items)
        self.clock.at, self.queues, self.events, self.post, self.bucket = copy.deepcopy(held)
        self.read.clear()
        self.failures.clear()
        self.tap, self.turn, self.held = _straight, in_order, frozenset()
        self.skews, self._skew = None, timedelta()
        self._in_flight, self._reading = [], set()
        self.idle = self.idle and Idle(self.memory)
        self.restart()

    def _deliver(self) -> bool:
        return sum(self.deliver(queue) for queue in QUEUES) > 0

    def _stream(self, most: int | None = None) -> bool:
        return sum(self._changes(table, most) for table in STREAMS) > 0

    def _changes(self, table: str, most: int | None) -> bool:
        """Hand changes of a table to the function that reads its stream."""
        if table in self._reading or table in self.held:
            return False
        stream, begin = self.memory.tables[table].stream, self.read[table]
        records = stream[begin : len(stream) if most is None else begin + most]
        wanted = [record for record in records if passes(table, record)]
        if wanted:
            self._reading.add(table)  # a shard is read by one function at a time
            try:
                self.run(STREAMS[table]["feeds"], {"Records": wanted})
            except Exception as failure:  # noqa: BLE001 - the stream delivers again, whatever it was
                self.failures.append(failure)
                return True
            except Killed:
                return True
            finally:
                self._reading.discard(table)
        self.read[table] = begin + len(records)
        return bool(records)

    # ---- talking to it ----

    def send(self, queue: str, body: object, *, attributes: Mapping[str, str] | None = None, delay: int = 0) -> None:
        """Put a message on a queue, as JSON unless it is text."""
        self._serial += 1
        now = self.clock.now()
        text = body if isinstance(body, str) else json.dumps(body)
        visible = now + timedelta(seconds=delay)
        self.queues[queue].append(
            Delivery(f"m-{self._serial}", text, to_milliseconds(now), visible, dict(attributes or {}))
        )

    def put(self, key: str, content: bytes) -> None:
        """Put a file into the bucket, as whoever may write there directly."""
        boto3.client("s3").put_object(Bucket=self.bucket.name, Key=key, Body=content)

    def upload(self, leave: Mapping[str, Any], content: bytes, *, signer: str = "stock_api") -> None:
        """Put a file by a signed form. S3 lets it in if the form allows it and the function that signed may put it."""
        fields = leave["fields"]
        said = json.loads(base64.b64decode(fields["policy"]))["conditions"]
        exact = {name: value for one in said if isinstance(one, dict) for name, value in one.items()}
        ((least, most),) = [one[1:] for one in said if isinstance(one, list) and one[0] == "content-length-range"]
        assert exact["bucket"] == self.bucket.name
        assert {name: fields[name] for name in exact.keys() - {"bucket"}}.items() <= exact.items()
        assert fields.keys() - exact.keys() <= UNSIGNED_FIELDS, "S3 refuses a field that the policy does not name"
        assert least <= len(content) <= most
        with self._as(signer):
            self.put(fields["key"], content)

    def bodies(self, queue: str) -> list[Any]:
        """Return what lies in a queue."""
        return [message.body for message in self.queues[queue]]

    def request(
        self,
        function: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        scopes: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Call an HTTP function; return the status and the body, parsed where it is JSON."""
        event = http_event(method, path, query=query, body=body, scopes=scopes, headers=headers)
        answer = self.run(function, event)
        content = answer.get("body") or ""
        if answer.get("isBase64Encoded"):
            content = base64.b64decode(content).decode()
        kind = {name.lower(): value for name, value in answer.get("headers", {}).items()}.get("content-type", "")
        is_json = kind.partition(";")[0].endswith(("/json", "+json"))
        return answer["statusCode"], json.loads(content) if is_json and content else content

    def names(self) -> list[str]:
        """Return the names of the events published so far."""
        return [name for name, _detail in self.events]

    def mailed(self, subject_of: str = "") -> dict[str, int]:
        """Count the mails by address, of one link's kind if given (``confirm``, ``mine``)."""
        counts: dict[str, int] = {}
        for mail in self.mails:
            if f"/v1/waitlist/{subject_of}" in mail.text:
                counts[mail.email] = counts.get(mail.email, 0) + 1
        return counts

    # ---- AWS ----

    def call(self, client: Any, operation: str, parameters: Mapping[str, Any], original: Callable[..., Any]) -> Any:
        """Answer one AWS call; `tap` sees it first."""
        service = client.meta.service_model.service_name

        def make(asked: Mapping[str, Any] = parameters) -> Any:
            if service in self.passed_on:
                return original(client, operation, asked)
            if service == "dynamodb":
                return self.memory.call(operation, asked)
            return getattr(self, f"_{service}_{operation}")(asked)

        if self._function == "test":
            return make()
        if self.idle:
            self.idle.see(operation)
        self.calls.append((self._function, service, operation))
        kind = (self._function, operation)
        self._seen[kind] += 1
        if self._seen[kind] <= COMPARED:
            as_the_sdk_says(client, operation, parameters)
        return self.tap(service, operation, parameters, make)

    def _sqs_SendMessageBatch(self, parameters: Mapping[str, Any]) -> Any:  # noqa: N802 - the operation's name
        for entry in parameters["Entries"]:
            self._sqs_SendMessage({**entry, "QueueUrl": parameters["QueueUrl"]})
        return {"Successful": [{"Id": entry["Id"]} for entry in parameters["Entries"]], "Failed": []}

    def _sqs_SendMessage(self, parameters: Mapping[str, Any]) -> Any:  # noqa: N802 - the operation's name
        attributes = {name: value["StringValue"] for name, value in parameters.get("MessageAttributes", {}).items()}
        delay = parameters.get("DelaySeconds", 0)
        self.send(parameters["QueueUrl"], parameters["MessageBody"], attributes=attributes, delay=delay)
        return {"MessageId": f"m-{self._serial}"}

    def _events_PutEvents(self, parameters: Mapping[str, Any]) -> Any:  # noqa: N802 - the operation's name
        for entry in parameters["Entries"]:
            detail = json.loads(entry["Detail"])
            keeps_its_contract(entry["DetailType"], detail)
            self.events.append((entry["DetailType"], detail))
            envelope = {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": detail}
            for queue in hearing(entry["DetailType"], detail):
                self.send(queue, envelope)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in parameters["Entries"]]}

    def _sesv2_GetAccount(self, _parameters: Mapping[str, Any]) -> Any:  # noqa: N802 - the operation's name
        return self.post.quota()

    def _sesv2_SendBulkEmail(self, parameters: Mapping[str, Any]) -> Any:  # noqa: N802 - the operation's name
        return self.post.send(parameters)

    def _s3_GetObject(self, parameters: Mapping[str, Any]) -> Any:  # noqa: N802 - the operation's name
        return self.bucket.get(parameters)

    def _s3_PutObject(self, parameters: Mapping[str, Any]) -> Any:  # noqa: N802 - the operation's name
        told = self.bucket.put(parameters["Key"], parameters["Body"], at=self.clock.now())
        for queue in told_of_file(self.bucket.name, parameters["Key"]):
            self.send(queue, {"Records": [told]})
        return {"ETag": told["s3"]["object"]["eTag"]}


def build(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Build a world in memory for as long as a fixture lives."""
    yield furnish(monkeypatch)


def furnish(monkeypatch: pytest.MonkeyPatch, *, endpoint: str | None = None) -> World:
    """Lead every AWS call of this process to a new world; with ``endpoint``, DynamoDB and SES are the emulator's."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    if endpoint is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    aws.session.cache_clear()  # it may hold another test's credentials
    original = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    one_client = functools.partial(client_of, endpoint=endpoint)
    memory = in_memory()
    memory.tables["LinkKeys"].put(to_item(KEY), to_item({**KEY, "keys": first("a-key-of-the-test")}))
    world = World(clock=FakeClock(), dynamodb=one_client("dynamodb"), memory=memory)
    monkeypatch.setattr("standby.availability.pictures.fetching.Fetcher.fetch", lambda _, url: world.web.fetch(url))
    world.queues = {name: deque() for pair in DEAD_LETTERS.items() for name in pair}
    if endpoint is None:
        world.idle = Idle(memory)
        # Waiting takes no time: sleeping moves the clock, and retries do not pause.
        monkeypatch.setattr(time, "sleep", lambda seconds: world.clock.advance(seconds=seconds))
        monkeypatch.setattr(Backoff, "pause", lambda _backoff, _attempt: None)
        # A cold start makes its clients anew. In memory that would take longer than all that they do, so they stay.
        for maker in (aws, boto3):
            monkeypatch.setattr(maker, "client", lambda service, **_options: one_client(service))
    else:
        world.passed_on = frozenset({"dynamodb", "sesv2"})
        for table in TABLES:
            create_table(world.dynamodb, table, stream=table in STREAMS)

    def intercepted(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        return world.call(client, operation, parameters, original)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", intercepted)
    monkeypatch.setattr(SystemClock, "now", lambda _clock: world.now())
    return world
