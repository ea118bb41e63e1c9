"""Order messages: the whole function beside the calls that it makes, made again by PynamoDB and by the bare SDK.

HTTP is answered in this process, so that what is compared is the work of Python alone.
"""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standby.delivery import repository
from standby.platform import aws
from standby.platform.bus import EventBridgeBus
from standby.platform.dynamodb import to_item
from standby.platform.records import Bounds

from tests.benchmarks.badges import CREDENTIALS, answering, beside_one_another, plain_client, sessions_as_they_come
from tests.benchmarks.figure import Figure
from tests.fakes import sqs_event
from tests.standby.delivery.words import placed
from tests.world import Context

HANDLER = Path(__file__).parents[2] / "functions" / "delivery_ingester" / "handler.py"
MESSAGES = 10
"""In one delivery of the queue."""
BUDGET = 1.5
TABLE, BUS = "Deliveries", "Standby"
ENVIRONMENT = {
    "DELIVERIES_TABLE": TABLE,
    "ORDER_UPDATES_QUEUE_URL": "https://queue",
    "DELIVERY_DEAD_LETTER_QUEUE_URL": "https://letters",
    "EVENT_BUS_NAME": BUS,
    "SHOP_TIME_ZONE": "Asia/Jerusalem",
}
CALLS = 20
PROMISED = "2099-12-01"
"""None of the orders is late."""
PUBLISHED = json.dumps({"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}).encode()
CUSTOMER = {"id": "C-7", "name": "Noa Levi", "email": "noa@example.com", "phone": "+972501234567", "locale": "he"}


def message(number: int) -> dict[str, Any]:
    """Return an order as shops have them: three lines in two shipments."""
    skus = [f"SHIRT-RED-{number}-{size}" for size in "SML"]
    order = placed(
        f"ORDER-{number}",
        *skus,
        shipments={"A": skus[:2], "B": skus[2:]},
        customer=CUSTOMER,
        ship_to={"country": "IL", "postal_code": "3303142"},
        reservation_ids=[f"R-{number}"],
    )
    for shipment in order["shipments"]:
        shipment["promised_until"] = PROMISED
    return order


def answered_at_once(client: Any) -> Any:
    """Answer each call of a client of DynamoDB as if nothing were there yet."""
    return answering(client, lambda _: b"{}")


def published_at_once(client: Any) -> Any:
    """Answer each PutEvents of a client of EventBridge."""
    return answering(client, lambda _: PUBLISHED, service="events")


def taking(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Return what hands ten orders to the function."""
    for name, value in {**ENVIRONMENT, **CREDENTIALS, "POWERTOOLS_METRICS_NAMESPACE": "Standby"}.items():
        monkeypatch.setenv(name, value)
    client = aws.client
    monkeypatch.setattr(aws, "client", lambda service, **more: published_at_once(client(service, **more)))
    repository.orders.cache_clear()
    answered_at_once(repository.orders(TABLE)._get_connection().connection.client)
    spec = importlib.util.spec_from_file_location("delivery_ingester_handler", HANDLER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    event = sqs_event(*(json.dumps(message(number)) for number in range(MESSAGES)))
    return lambda: module.handler(event, Context())


def written(ours: Callable[[], Any]) -> tuple[list[Any], list[Any]]:
    """Return what the function writes and what it publishes, by letting it work once."""
    records, events = [], []
    with pytest.MonkeyPatch.context() as patch:
        save = repository.save_record
        patch.setattr(repository, "save_record", lambda record, on: records.append(record) or save(record, on))
        publish = EventBridgeBus._put
        patch.setattr(EventBridgeBus, "_put", lambda bus, group: events.append(list(group)) or publish(bus, group))
        assert ours() == {"batchItemFailures": []}
    return records, events


def as_it_comes() -> Any:
    """Return a model of orders whose client is as PynamoDB makes it."""

    class Bound(repository.OrderRecord):
        class Meta(Bounds):
            table_name = TABLE

    answered_at_once(Bound._get_connection().connection.client)
    return Bound


def by_records(records: list[Any], events: list[Any]) -> Callable[[], None]:
    """Return what reads and writes the same records with PynamoDB, and publishes the same events."""
    bus = published_at_once(plain_client("events"))
    with sessions_as_they_come():
        model = as_it_comes()
    made = [model(**record.attribute_values) for record in records]

    def work() -> None:
        for first, second, entries in zip(made[::2], made[1::2], events, strict=True):
            try:
                model.get(first.pk, first.sk, consistent_read=True)
            except model.DoesNotExist:
                first.save(model.pk.does_not_exist())
            bus.put_events(Entries=entries)
            second.save(model.edition == first.edition)

    return work


def by_sdk(records: list[Any], events: list[Any]) -> Callable[[], None]:
    """Return what makes the same calls with the SDK alone."""
    table: Any = answered_at_once(plain_client("dynamodb"))
    bus = published_at_once(plain_client("events"))
    items = [to_item({name: record.attribute_values[name] for name in KEPT}) for record in records]
    names = {"#e": "edition"}

    def work() -> None:
        for first, second, entries in zip(items[::2], items[1::2], events, strict=True):
            table.get_item(TableName=TABLE, Key={"pk": first["pk"], "sk": first["sk"]}, ConsistentRead=True)
            table.put_item(TableName=TABLE, Item=first, ConditionExpression="attribute_not_exists(pk)")
            bus.put_events(Entries=entries)
            table.put_item(
                TableName=TABLE,
                Item=second,
                ConditionExpression="#e = :e",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={":e": first["edition"]},
            )

    return work


KEPT = ("pk", "sk", "edition", "text", "due_shard", "due_at", "ttl")


def ordering() -> list[Figure]:
    """Compare the CPU of ten orders with either."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        ours = taking(monkeypatch)
        records, events = written(ours)
        assert len(records) == 2 * MESSAGES
        ratio, took = beside_one_another(ours, by_records(records, events), calls=CALLS)
        beside_sdk, _ = beside_one_another(ours, by_sdk(records, events), calls=CALLS)
    said = f"{took / MESSAGES:.2f} ms of CPU a message; {beside_sdk:.2f} x the bare SDK"
    return [Figure("an order message", ratio, BUDGET, "x its own calls, made again by PynamoDB", said)]
