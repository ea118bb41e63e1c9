"""A listing page of a hundred badges: the whole function beside a bare BatchGetItem whose items are mapped.

HTTP is answered in this process, so that what is compared is the work of Python alone.
"""

import gzip
import importlib.util
import json
import statistics
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import register_initializer, unregister_initializer
from botocore.awsrequest import AWSResponse
from standby.platform import dynamodb
from standby.platform.dynamodb import from_item, to_item
from standby.platform.records import name_ourselves
from standby.shelf import items
from standby.shelf.model import Heard, Row, Supply, Variant

from tests.benchmarks.figure import Figure
from tests.gateway import http_event
from tests.world import Context

HANDLER = Path(__file__).parents[2] / "functions" / "availability_api" / "handler.py"
BADGES = 100
BUDGET = 1.3
MOST_BYTES = 25_000
PAIRS, CALLS = 9, 30
AT = "2026-05-03T10:00:00.000Z"
TABLE = "Shelf"
ENVIRONMENT = {
    "SHELF_TABLE": TABLE,
    "SHOP_TIME_ZONE": "Asia/Jerusalem",
    "DEFAULT_LOCALE": "en",
    "PUBLIC_URL": "https://care.shop.example",
    "SHOP_NAME": "Shop",
    "BACK_IN_STOCK_DAYS": "14",
}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def sessions_as_they_come() -> Iterator[None]:
    """Let sessions made meanwhile have botocore's own user agent."""
    unregister_initializer(name_ourselves)
    try:
        yield
    finally:
        register_initializer(name_ourselves)


def plain_client(service: str) -> Any:
    """Return a client as botocore makes it for anybody."""
    with sessions_as_they_come():
        return botocore.session.Session().create_client(service)


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


def answering(client: Any, answer: Callable[[bytes], bytes], *, service: str = "dynamodb") -> Any:
    """Let a client be answered at once, by what its request says."""

    def send(request: Any, **_: Any) -> AWSResponse:
        content = answer(request.body)
        headers = {"x-amz-crc32": str(zlib.crc32(content)), "content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, Body(content))

    client.meta.events.register(f"before-send.{service}", send)
    return client


def answered_at_once(client: Any) -> Any:
    """Answer every BatchGetItem of a client with a hundred rows."""
    found = [to_item(items.row_values(row(number))) for number in range(BADGES)]
    content = json.dumps({"Responses": {TABLE: found}, "UnprocessedKeys": {}}).encode()
    return answering(client, lambda _: content)


def function(monkeypatch: pytest.MonkeyPatch, answered: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the function's handler of events, whose client is answered so."""
    for name, value in {**ENVIRONMENT, **CREDENTIALS}.items():
        monkeypatch.setenv(name, value)
    client = dynamodb.client
    monkeypatch.setattr(dynamodb, "client", lambda: answered(client()))
    spec = importlib.util.spec_from_file_location("availability_api_handler", HANDLER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda event: module.handler(event, Context())


def asking(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Return what asks the function for a hundred badges."""
    handle = function(monkeypatch, answered_at_once)
    event = http_event("GET", "/v1/availability", query=[("sku", sku(number)) for number in range(BADGES)])  # type: ignore[arg-type] # pairs
    return lambda: handle(event)


def bare() -> Callable[[], Any]:
    """Return what reads the same rows with the SDK alone and maps them."""
    client: Any = answered_at_once(plain_client("dynamodb"))
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
        ratio, took = beside_one_another(ours, compared, calls=CALLS)
    beside = f"{took:.1f} ms of CPU, {len(answer['body']) / 1000:.1f} kB; BatchGetItem and mapping alone are 1"
    return Figure("100 badges in one answer", ratio, BUDGET, "x a bare BatchGetItem, mapped", beside)


def weight() -> Figure:
    """Count the bytes of a hundred badges."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        body = asking(monkeypatch)()["body"].encode()
    beside = f"{len(gzip.compress(body)):,} bytes where a CDN compresses them; {len(body) / BADGES:.0f} a badge"
    return Figure("100 badges in one answer, weight", len(body), MOST_BYTES, "bytes", beside)


def beside_one_another(ours: Callable[[], Any], bare: Callable[[], Any], *, calls: int) -> tuple[float, float]:
    """Return the CPU of ours as a multiple of the other's, and in milliseconds: medians of pairs."""
    for each in (ours, bare):
        _milliseconds(each, calls)
    pairs = [(_milliseconds(ours, calls), _milliseconds(bare, calls)) for _ in range(PAIRS)]
    return statistics.median(one / other for one, other in pairs), statistics.median(one for one, _ in pairs)


def _milliseconds(work: Callable[[], Any], calls: int) -> float:
    begun = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - begun) / calls * 1_000
