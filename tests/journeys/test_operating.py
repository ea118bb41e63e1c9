"""What integrators and operators rely on: poison set aside and redriven, keys, a feed with everything in it."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx
import pytest

from infra.local import feed
from infra.local.client import Client, awaited, stock_level
from infra.local.replay import replay
from infra.operations import key
from infra.operations.letters import Letter, named_queue, peek, redrive

pytestmark = pytest.mark.local_aws


def letters(client: Client, marker: str) -> list[Letter]:
    found = peek(client.place.sqs, named_queue(client.place, "StockUpdates").dead_letters_url)
    return [letter for letter in found if marker in letter.body]


@pytest.mark.promise("P9")
def test_poison_lies_in_the_dead_letters_as_it_came_and_comes_through_when_repaired(client: Client, sku: str) -> None:
    now = client.now()
    broken = stock_level(sku, 0, now) | {"on_hand": "7 pcs", "note": "as the ERP wrote it"}
    good = stock_level(f"{sku}-GOOD", 3, now)
    client.send("StockUpdates", [{"type": "batch", "messages": [broken, good]}])
    awaited(lambda: client.sellable(f"{sku}-GOOD") == 3, what="the good one beside the poison")
    (letter,) = awaited(lambda: letters(client, sku), what="the dead letter", seconds=30)
    assert json.loads(letter.body) == broken
    assert "on_hand" in letter.reason
    assert [again.message_id for again in letters(client, sku)] == [letter.message_id]

    sent = redrive(
        client.place.sqs,
        named_queue(client.place, "stockupdates"),
        chosen=lambda found: found.message_id == letter.message_id,
        body=json.dumps(broken | {"on_hand": 7}),
    )
    assert [found.message_id for found in sent] == [letter.message_id]
    assert awaited(lambda: client.sellable(sku) == 7, what="the repaired message")
    assert letters(client, sku) == []


@pytest.mark.promise("P9")
def test_what_functions_failed_at_is_told_apart_by_its_queue_and_goes_back_there(client: Client, sku: str) -> None:
    """Queues of a feature share their dead letters. SQS says of each letter from which queue it took it."""
    sqs, queues = client.place.sqs, [named_queue(client.place, name) for name in ("WaitlistPlans", "WaitlistRecords")]
    assert len({queue.dead_letters_url for queue in queues}) == 1
    with brisk(client, *(queue.url for queue in queues)):
        for queue in queues:
            sqs.send_message(QueueUrl=queue.url, MessageBody=f"{sku} {queue.name}")

        def both() -> list[Letter]:
            found = [letter for letter in peek(sqs, queues[0].dead_letters_url) if sku in letter.body]
            return found if len(found) == len(queues) else []

        for letter in awaited(both, what="what failed five times", seconds=60):
            assert [queue.name for queue in queues if queue.sent(letter)] == [letter.body.removeprefix(f"{sku} ")]
        (sent,) = redrive(sqs, queues[1], chosen=lambda letter: sku in letter.body, body=harmless("CustomerErased"))
        assert sent.body == f"{sku} WaitlistRecords"
    assert [letter.body for letter in peek(sqs, queues[0].dead_letters_url) if sku in letter.body] == [
        f"{sku} WaitlistPlans"
    ]
    redrive(sqs, queues[0], chosen=lambda letter: sku in letter.body, body=harmless("SoldOut"))


@contextmanager
def brisk(client: Client, *urls: str) -> Iterator[None]:
    """Let messages come back after a second instead of minutes."""
    name: Literal["VisibilityTimeout"] = "VisibilityTimeout"
    sqs = client.place.sqs
    before = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"] for url in urls]
    for url in urls:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: "1"})
    try:
        yield
    finally:
        for url, attributes in zip(urls, before, strict=True):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={name: attributes[name]})


def harmless(event: str) -> str:
    """Return an event that concerns nobody, with the fields of two kinds."""
    detail = {
        "version": 1,
        "id": secrets.token_hex(8),
        "at": "2026-05-03T10:00:00Z",
        "address": "nobody",
        "revision": 1,
    }
    return json.dumps({"source": "standby", "detail-type": event, "detail": detail | {"sku": "NOBODYS"}})


@pytest.mark.promise("P4")
def test_a_redriven_message_keeps_its_place_in_time(client: Client, sku: str) -> None:
    """Without ``as_of`` the arrival decides, and a message that waited for repair arrived before a later good one."""
    broken = {"type": "stock.level", "sku": sku, "location_id": "main", "on_hand": "7 pcs"}
    client.send("StockUpdates", [broken])
    (letter,) = awaited(lambda: letters(client, sku), what="the dead letter", seconds=30)
    client.send("StockUpdates", [broken | {"on_hand": 2}])
    awaited(lambda: client.sellable(sku) == 2, what="the newer word")

    queue = named_queue(client.place, "StockUpdates")
    redrive(
        client.place.sqs,
        queue,
        chosen=lambda found: found.message_id == letter.message_id,
        body=json.dumps(broken | {"on_hand": 7}),
    )
    after = f"{sku}-AFTER"
    client.level(after, 1)
    awaited(lambda: client.sellable(after) == 1, what="a message sent after the redriven one")
    assert client.sellable(sku) == 2


@pytest.mark.promise("P11")
def test_a_route_of_the_shops_systems_needs_a_key_with_its_scope(client: Client, sku: str) -> None:
    path = f"/v1/stock/{sku}"
    storefront = key.issue(client.place, "storefront of the journey", ["storefront"])
    statuses = {
        "none": client.http.get(path).status_code,
        "unknown": client.http.get(
            path, headers={"Authorization": f"Bearer sb_{secrets.token_urlsafe(32)}"}
        ).status_code,
        "other scope": client.http.get(path, headers={"Authorization": f"Bearer {storefront}"}).status_code,
        "all scopes": client.http.get(path, headers=client.key).status_code,
    }
    assert statuses == {
        "none": httpx.codes.UNAUTHORIZED,
        "unknown": httpx.codes.FORBIDDEN,
        "other scope": httpx.codes.FORBIDDEN,
        "all scopes": httpx.codes.NOT_FOUND,
    }


@pytest.mark.promise("P1", "P4")
def test_the_small_feed_keeps_every_promise(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(client, feed.read_sales(feed.SMALL)) == 0, capsys.readouterr().out
