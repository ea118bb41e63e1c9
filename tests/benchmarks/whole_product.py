"""A product of 2,000 variants in one answer: the whole function beside bare queries of the same pages, mapped.

HTTP is answered in this process, so that what is compared is the work of Python alone.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from standby.events.fields import MOST_VARIANTS
from standby.platform.dynamodb import from_item, to_item
from standby.platform.table import Query
from standby.shelf import items
from standby.shelf.model import Head
from standby.shelf.reader import PAGE

from tests.benchmarks.badges import TABLE, answering, beside_one_another, function, plain_client, row
from tests.benchmarks.figure import Figure
from tests.gateway import http_event

BUDGET = 1.5
MOST_MEGABYTES = 2
CALLS = 3
PRODUCT = "shirts"
SIZES = [f"{number}" for number in range(50)]
COLOURS = [f"Colour {number}" for number in range(MOST_VARIANTS // len(SIZES))]
HEAD = Head(
    edition=1,
    title={"en": "Shirt", "he": "חולצה"},
    url="https://shop.example/p/shirts",
    image="https://shop.example/i/shirts.jpg",
    price={"amount": 4_990, "currency": "ILS"},
    options=("Size", "Colour"),
)


def pages(only: Sequence[str] = ()) -> list[bytes]:
    """Return the pages of the index as DynamoDB answers them, with all attributes or some."""
    rows = []
    for number, (size, colour) in enumerate(product(SIZES, COLOURS)):
        known = row(number)
        rows.append(replace(known, variant=replace(known.variant, options={"Size": size, "Colour": colour})))
    stored = [to_item(items.row_values(known)) for known in rows]
    keys = ("pk", "sk", "product_id", "place")
    made = []
    for start in range(0, len(stored), PAGE):
        found = stored[start : start + PAGE]
        after = {name: found[-1][name] for name in keys}
        found = [{name: item[name] for name in only or item} for item in found]
        more = {"LastEvaluatedKey": after} if start + PAGE < len(stored) else {}
        made.append(json.dumps({"Items": found, "Count": len(found), "ScannedCount": len(found), **more}).encode())
    return made


def answered_at_once(client: Any) -> Any:
    """Answer a client's queries with the pages in their turn, and every BatchGetItem with the product."""
    found, some = pages(), pages(items.SHOWN)
    about = to_item(items.head_values(PRODUCT, HEAD))
    whole = json.dumps({"Responses": {TABLE: [about]}, "UnprocessedKeys": {}}).encode()

    def answer(body: bytes) -> bytes:
        if b"RequestItems" in body:
            return whole
        return (some if b"ProjectionExpression" in body else found)[b"ExclusiveStartKey" in body]

    return answering(client, answer)


def asking(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Return what asks the function for the product."""
    handle = function(monkeypatch, answered_at_once)
    event = http_event("GET", f"/v1/products/{PRODUCT}/availability", query={"choice": "Size:7"})
    return lambda: handle(event)


def bare() -> Callable[[], Any]:
    """Return what reads the same pages with the SDK alone and maps the rows."""
    client: Any = answered_at_once(plain_client("dynamodb"))
    question = Query(PRODUCT, index=items.BY_PRODUCT, limit=PAGE).request(TABLE)

    def read() -> list[Any]:
        first = client.query(**question)
        second = client.query(**question, ExclusiveStartKey=first["LastEvaluatedKey"])
        return [from_item(item) for page in (first, second) for item in page["Items"]]

    return read


def whole_product() -> list[Figure]:
    """Compare the CPU seconds of the two, and the bytes that Lambda hands back with what it allows."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        ours, compared = asking(monkeypatch), bare()
        answer = ours()
        assert (answer["statusCode"], len(json.loads(answer["body"])["variants"])) == (200, MOST_VARIANTS)
        ratio, took = beside_one_another(ours, compared, calls=CALLS)
    name = f"a product of {MOST_VARIANTS} variants in one answer"
    size = len(json.dumps(answer, ensure_ascii=False).encode()) / 1_000_000
    return [
        Figure(name, ratio, BUDGET, "x bare queries of its pages, mapped", f"{took:.0f} ms of CPU"),
        Figure(
            f"{name}, its size",
            size,
            MOST_MEGABYTES,
            "MB",
            f"Lambda allows 6; {len(answer['body'].encode()) / 1_000:.0f} kB of JSON",
        ),
    ]
