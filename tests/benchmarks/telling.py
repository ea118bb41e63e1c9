"""Telling N waiting customers: the real handlers, DynamoDB and SES on the emulator, queues in this process."""

import json
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.clock import SystemClock, to_text
from standby.platform.dynamodb import to_item
from standby.waitlist import items
from standby.waitlist.model import Listing

from tests.fakes import FakeClock
from tests.world import World, furnish

TELLING = ("waitlist_planner", "mail_sender", "waitlist_recorder")
READ_UNIT_BYTES = 4096
BATCH = 25
ANSWERED_HERE = frozenset({"sqs", "events"})
"""Services that the world answers in this process: what that takes is not the function's."""


class RunningClock(FakeClock):
    """A clock that runs by itself."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Call:
    """One call of a function that went to the emulator, and what came back."""

    function: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass
class Meter:
    """Counts what a run asks of AWS, by service and function."""

    function: Callable[[], str] = str
    """Says which function is asking."""
    tape: list[Call] | None = None
    """Keeps the calls that went to the emulator, if given."""

    calls: Counter[str] = field(default_factory=Counter)
    write_units: float = 0.0
    read_units: float = 0.0
    first_mail_after: int | None = None
    own_seconds: float = 0.0
    """CPU of counting itself, and of what the world answers."""
    _order: int = 0

    def tap(self, service: str, operation: str, parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        """See one call."""
        begun = time.process_time()
        self._order += 1
        self.calls[service] += 1
        self.calls[f"{service}.{operation}"] += 1
        if service == "dynamodb":
            parameters["ReturnConsumedCapacity"] = "TOTAL"  # type: ignore[index]
        if operation == "SendBulkEmail" and self.first_mail_after is None:
            self.first_mail_after = self._order
        given = dict(parameters)  # the SDK adds to what it is given
        asked = time.process_time()
        answer = make()
        answered = time.process_time()
        if service == "dynamodb":
            self._units(operation, parameters, answer)
        elsewhere = service not in ANSWERED_HERE
        if self.tape is not None and elsewhere:
            self.tape.append(Call(self.function(), service, operation, given, answer))
        self.own_seconds += time.process_time() - begun - (answered - asked if elsewhere else 0.0)
        return answer

    def _units(self, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        if operation in {"GetItem", "BatchGetItem", "Query", "Scan"}:
            self.read_units += read_units(operation, parameters, answer)
            return
        said = answer.get("ConsumedCapacity", {})
        for each in said if isinstance(said, list) else [said]:
            self.write_units += float(each.get("CapacityUnits", 0.0))


def read_units(operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Compute read units by AWS's rule (the emulator's figures are too low): per item, or per answer of a query."""
    if operation == "BatchGetItem":
        ((table, asked),) = parameters["RequestItems"].items()
        found = answer["Responses"].get(table, ())
        larger = sum(-(-len(json.dumps(item)) // READ_UNIT_BYTES) - 1 for item in found)
        return (len(asked["Keys"]) + larger) * (1.0 if asked.get("ConsistentRead") else 0.5)
    content = answer.get("Items", answer.get("Item", {}))
    units = max(1, -(-len(json.dumps(content)) // READ_UNIT_BYTES))
    return units * (1.0 if parameters.get("ConsistentRead") else 0.5)


@dataclass(frozen=True)
class Told:
    """The figures of one run."""

    customers: int
    cpu_seconds: Mapping[str, float]
    meter: Meter
    peak_bytes: int
    queue_messages: int
    events: int
    invocations: int


def world_on(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> World:
    """Return a world whose DynamoDB and SES are the emulator's, and whose clock runs."""
    world = furnish(monkeypatch, endpoint=endpoint)
    world.clock = RunningClock()
    monkeypatch.setenv("MAX_SEND_RATE", "100000")
    monkeypatch.setattr(SystemClock, "now", lambda _clock: datetime.now(UTC))
    import boto3  # noqa: PLC0415 - the world has just taken its place

    boto3.client("sesv2").create_email_identity(EmailIdentity="news@shop.example")
    return world


def fill(world: World, sku: str, customers: int, *, start: int = 0) -> None:
    """Put customers into a SKU's line, as confirming would."""
    put(world.dynamodb, "Waitlist", (listing(sku, number) for number in range(start, start + customers)))


def listing(sku: str, number: int) -> Listing:
    """Return the place in line of the customer with this number, who joined a month ago."""
    joined = datetime.now(UTC) - timedelta(days=30)
    email = f"customer-{number:07}@example.org"
    at = to_text(joined + timedelta(milliseconds=number))
    return Listing(
        sku=sku,
        place=at,
        entry_id=f"e{number:09}",
        address=address_key(email),
        email=email,
        quantity=1,
        locale="en",
        consented_at=at,
        expires_at=to_text(datetime.now(UTC) + timedelta(days=300)),
    )


def put(dynamodb: Any, table: str, listings: Iterable[Listing]) -> None:
    """Write listings, 25 to a request."""
    left = iter(listings)
    while group := list(islice(left, BATCH)):
        requests = [{"PutRequest": {"Item": to_item(items.listing_item(each))}} for each in group]
        dynamodb.batch_write_item(RequestItems={table: requests})


def restock(world: World, sku: str, units: int) -> None:
    """Let the ERP count units and the settler see the crossing. Then the plan lies in its queue; nothing else ran."""
    for on_hand in (0, units):
        level = {"type": "stock.level", "sku": sku, "location_id": "w", "on_hand": on_hand}
        world.send("StockUpdates", {**level, "as_of": to_text(world.clock.now())})
        world.deliver("StockUpdates")
        status, stock = world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes="ops")
        assert status == 200, stock
        said = {"sku": sku, "revision": stock["revision"], "free": stock["free"], "netted": False, "goods": 0}
        world.send("StockSettle", {**said, "at": to_text(world.clock.now())})
        world.deliver("StockSettle")


def tell(world: World, sku: str, customers: int, *, memory: bool = False) -> Told:
    """Let customers wait for a SKU and tell them; measure CPU, or memory (which slows the CPU)."""
    bring_back(world, sku, customers)
    return tell_all(world, sku, customers, memory=memory)


def bring_back(world: World, sku: str, customers: int) -> None:
    """Let customers wait for a SKU that comes back, with a unit for each. Nobody is told yet."""
    fill(world, sku, customers)
    status, said = world.request(
        "stock_api", "PUT", f"/v1/settings/sku:{sku}", body={"notify_everyone": True}, scopes="ops"
    )
    assert status == 200, said
    restock(world, sku, customers)
    world.events.clear()


def tell_all(world: World, sku: str, customers: int, *, memory: bool = False, tape: list[Call] | None = None) -> Told:
    """Tell everybody who waits for a SKU that came back; ``tape`` gets every call that is made."""
    meter = Meter(lambda: world.calls[-1][0], tape)
    world.tap = meter.tap
    cpu: Counter[str] = Counter()
    messages = invocations = 0
    sources = {"WaitlistPlans": TELLING[0], "MailBulk": TELLING[1], "WaitlistRecords": TELLING[2]}
    if memory:
        tracemalloc.start()
    events = 0
    while any(world.queues[queue] for queue in sources):
        for queue, function in sources.items():
            while world.queues[queue]:
                before, waiting = time.process_time(), len(world.queues[queue])
                own_before = meter.own_seconds
                if not world.deliver(queue):
                    break
                cpu[function] += time.process_time() - before - (meter.own_seconds - own_before)
                invocations += 1
                messages += min(waiting, world.batch)
                if queue == "WaitlistPlans":
                    break
            events += len(world.events)
            world.events.clear()
            world.calls.clear()
    peak = tracemalloc.get_traced_memory()[1] if memory else 0
    if memory:
        tracemalloc.stop()
    assert world.failures == [], world.failures[:1]
    _status, figures = world.request("waitlist_api", "GET", f"/v1/waitlist/{sku}", scopes="ops")
    assert figures["told"] == customers, figures
    return Told(customers, cpu, meter, peak, messages, events, invocations)


def bare(world: World, sku: str, customers: int) -> float:
    """Do with bare boto3 the least that tells: read the line, send in bulk, delete; return CPU seconds per customer."""
    import boto3  # noqa: PLC0415 - the world has taken its place

    fill(world, sku, customers)
    dynamodb, ses = boto3.client("dynamodb"), boto3.client("sesv2")
    content = {"Subject": f"{sku} is back", "Html": f"<p>{sku} is back</p>" * 60, "Text": f"{sku} is back" * 20}
    before = time.process_time()
    for shard in range(4):
        pages = dynamodb.get_paginator("query").paginate(
            TableName="Waitlist",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": items.list_partition(sku, shard)}},
            PaginationConfig={"PageSize": 250},
        )
        for page in pages:
            for first in range(0, len(page["Items"]), 50):
                group = page["Items"][first : first + 50]
                ses.send_bulk_email(
                    FromEmailAddress="news@shop.example",
                    DefaultContent={"Template": {"TemplateContent": content, "TemplateData": "{}"}},
                    BulkEmailEntries=[
                        {
                            "Destination": {"ToAddresses": [item["email"]["S"]]},
                            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": "{}"}},
                        }
                        for item in group
                    ],
                )
                keys = [{"pk": item["pk"], "sk": item["sk"]} for item in group]
                deletes = [{"Delete": {"TableName": "Waitlist", "Key": key}} for key in keys]
                dynamodb.transact_write_items(TransactItems=deletes)
    return (time.process_time() - before) / customers
