"""A listing page of a hundred badges: the whole function beside a bare BatchGetItem whose items are mapped.

HTTP is answered in this process, so that what is compared is the work of Python alone.
"""

import importlib.util
import json
import statistics
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from standby.platform import dynamodb
from standby.platform.dynamodb import from_item, to_item
from standby.shelf import items
from standby.shelf.model import Heard, Row, Supply, Variant

from tests.benchmarks.figure import Figure
from tests.gateway import http_event
from tests.world import Context

HANDLER = Path(__file__).parents[2] / "functions" / "availability_api" / "handler.py"
BADGES = 100
BUDGET = 1.3
PAIRS, CALLS = 9, 30
AT = "2026-05-03T10:00:00.000Z"
TABLE = "Shelf"
ENVIRONMENT = {"SHELF_TABLE": TABLE, "SHOP_TIME_ZONE": "Asia/Jerusalem", "DEFAULT_LOCALE": "en"}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


class Body:
    """The body of an answer, as the SDK reads it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


def sku(number: int) -> str:
    return f"SHIRT-RED-{number}"


def row(number: int) -> Row:
    """Return a row as a shop has them."""
    return Row(
        sku=sku(number),
        supply=Supply(revision=7, sellable=number % 5, low_stock=3, incoming=4, arrivals=("2099-12-01",), as_of=AT),
        variant=Variant(
            edition=3,
            product_id="shirts",
            position=number,
            options={"Colour": "Red", "Size": "M"},
            price={"amount": 4_990, "currency": "ILS"},
            image="https://shop.example/i/shirt-red.jpg",
            as_of=AT,
        ),
        of_supply=Heard(event=f"{sku(number)}@7:StockChanged", at=AT),
        of_variant=Heard(event="shirts@3", at=AT),
        edition=4,
    )


def answered_at_once(client: Any) -> Any:
    """Answer every BatchGetItem of a client with a hundred rows."""
    found = [to_item(items.row_values(row(number))) for number in range(BADGES)]
    content = json.dumps({"Responses": {TABLE: found}, "UnprocessedKeys": {}}).encode()
    headers = {"x-amz-crc32": str(zlib.crc32(content)), "content-type": "application/x-amz-json-1.0"}

    def send(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, headers, Body(content))

    client.meta.events.register("before-send.dynamodb.BatchGetItem", send)
    return client


def asking(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Return what asks the function for a hundred badges."""
    for name, value in {**ENVIRONMENT, **CREDENTIALS}.items():
        monkeypatch.setenv(name, value)
    client = dynamodb.client
    monkeypatch.setattr(dynamodb, "client", lambda: answered_at_once(client()))
    spec = importlib.util.spec_from_file_location("availability_api_handler", HANDLER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    event = http_event("GET", "/v1/availability", query=[("sku", sku(number)) for number in range(BADGES)])  # type: ignore[arg-type] # pairs
    return lambda: module.handler(event, Context())


def bare() -> Callable[[], Any]:
    """Return what reads the same rows with the SDK alone and maps them."""
    client: Any = answered_at_once(botocore.session.Session().create_client("dynamodb"))
    keys = [to_item(items.row_key(sku(number))) for number in range(BADGES)]

    def read() -> list[Any]:
        answer = client.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": False}})
        return [from_item(item) for item in answer["Responses"][TABLE]]

    return read


def badges() -> Figure:
    """Compare the CPU seconds of the two, which follow one another; the median of the ratios counts."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        ours, compared = asking(monkeypatch), bare()
        answer = ours()
        assert (answer["statusCode"], len(json.loads(answer["body"])["items"])) == (200, BADGES)
        for each in (ours, compared):
            _milliseconds(each)
        pairs = [(_milliseconds(ours), _milliseconds(compared)) for _ in range(PAIRS)]
    ratio = statistics.median(one / other for one, other in pairs)
    took = statistics.median(one for one, _ in pairs)
    beside = f"{took:.1f} ms of CPU, {len(answer['body']) / 1000:.1f} kB; BatchGetItem and mapping alone are 1"
    return Figure("100 badges in one answer", ratio, BUDGET, "x a bare BatchGetItem, mapped", beside)


def _milliseconds(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - begun) / CALLS * 1_000
