"""A complete product feed of 50,000 items: read, and taken into the catalogue with what the next one leaves out.

``python -m tests.benchmarks.feeding [items]`` prints lines a second and the peak memory of reading, then the CPU of the
real functions on DynamoDB in memory (`tests.world`): a feed, and the next one, which lacks a tenth, changes a tenth and
says the rest again. What the catalogue knows in the end is compared with the second file.
"""

# ruff: noqa: T201 - it prints what it measured

import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from standby.catalog.absences.model import Absence
from standby.catalog.feeds.completeness import INDEX_LAG_SECONDS
from standby.catalog.feeds.service import ProductFeeds
from standby.imports.reading import FileReader
from standby.platform.queue import Message

from tests.benchmarks.importing import PUT_AT, CountingQueue, Files, measured
from tests.fakes import FakeClock, sqs_record
from tests.world import World, furnish

ITEMS = 50_000
VARIANTS = 4
"""Items of one product."""
MAPPING = {"kind": "products", "format": "google", "complete": True, "version": 1}
SERVED = ("StockImports", "CatalogUpdates")
"""The queues whose functions are measured; the others stand still."""


def lines(items: int, *, left_out: int = 0, changed: int = 0) -> list[str]:
    """Return a feed's lines, without every ``left_out``-th product, and with another price for every ``changed``-th."""
    made = []
    for number in range(items):
        product = number // VARIANTS
        if left_out and product % left_out == 0:
            continue
        price = 10 + (5 if changed and product % changed == 1 else 0)
        made.append(
            f"SKU-{number:07}\tP-{product:06}\tLinen shirt {product}\thttps://shop.example/p/{product}?v={number}\t"
            f"https://cdn.shop.example/{number}.jpg\t{price}.90 EUR\tOlive\tRed {number % VARIANTS}\tM\t"
            f"Clothing > Shirts > Linen\tin_stock\t{'A shirt of linen, soft and cool. ' * 8}"
        )
    random.Random(3).shuffle(made)
    return made


def as_file(made: Sequence[str]) -> bytes:
    """Return the file."""
    header = "id item_group_id title link image_link price brand color size product_type availability description"
    return "\n".join(["\t".join(header.split()), *made]).encode()


class Feed(Files):
    """The file, its mapping and its report."""

    def mapping(self, name: str) -> dict[str, Any]:
        return dict(MAPPING)


@dataclass
class Brought:
    """What the feed brought before, and how much was written down as absent."""

    products: int
    listed: int = 0

    def members(self, feed: str) -> Iterator[str]:
        return (f"P-{number:06}" for number in range(self.products))

    def announce(self, absence: Absence, *, now: datetime) -> None:
        return None

    def enlist(self, absence_id: str, place: str, product_ids: Sequence[str], *, now: datetime) -> None:
        self.listed += len(product_ids)


def read_file(content: bytes, brought: Brought) -> dict[str, Any]:
    """Read a file, all its passes, and return the report."""
    imports, files = CountingQueue(), Feed(content)
    reader = FileReader(
        inbox=files,
        reports=files,
        kinds={"products": ProductFeeds(updates=CountingQueue(kept=False), lists=brought, known=nobody)}.__getitem__,
        imports=imports,
        dead_letters=CountingQueue(),
        clock=FakeClock(),
        count=lambda _name, _value: None,
    )
    thing = {"key": "inbox/shop/products.tsv", "size": len(content), "eTag": "e", "sequencer": "1"}
    record = {"eventTime": PUT_AT, "s3": {"bucket": {"name": "b"}, "object": thing}}
    reader.handle(Message.from_record(sqs_record(json.dumps({"Records": [record]}))))
    while imports.waiting:
        reader.handle(Message.from_record(sqs_record(imports.waiting.popleft().body)))
    return files.report


def nobody() -> Any:
    """Fail: no dry run is measured."""
    raise AssertionError


def taken(world: World, name: str, content: bytes) -> dict[str, float]:
    """Put a file, let its functions run, and return the CPU seconds of each queue's function."""
    world.put(f"inbox/shop/{name}.tsv", content)
    cpu = dict.fromkeys(SERVED, 0.0)
    busy, waited = True, False
    while busy or not waited:
        waited = not busy
        if waited:
            world.clock.advance(seconds=INDEX_LAG_SECONDS)
        busy = False
        for queue in SERVED:
            started = time.process_time()
            busy |= world.deliver(queue)
            cpu[queue] += time.process_time() - started
        world.calls.clear()
        for queue, waiting in world.queues.items():
            if queue not in SERVED:
                waiting.clear()
        world.events.clear()
    return cpu


def sold(world: World) -> dict[str, int]:
    """Return how many SKUs each product has that has any, as the table says."""
    found = {}
    for pk, items in world.memory.tables["Catalog"].items.items():
        if pk.startswith("PRODUCT#") and (skus := json.loads(items["PRODUCT"]["skus"]["S"])):
            found[pk.removeprefix("PRODUCT#")] = len(skus)
    return found


def main(arguments: Sequence[str]) -> int:
    """Measure, compare, print."""
    items = int(arguments[0]) if arguments else ITEMS
    first, second = lines(items), lines(items, left_out=10, changed=10)
    products = -(-items // VARIANTS)
    content = as_file(second)
    print(f"{len(second):,} lines of {len(content) / 1e6:.1f} MB; the feed brought {products:,} products before")
    brought = Brought(products)
    measured("file to messages", len(second), lambda: read_file(content, brought) and None)
    assert brought.listed == 2 * len(range(0, products, 10)), "measured twice"
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")  # else PynamoDB looks for some before each call
        world = furnish(monkeypatch)
        world.batch = 1
        place = "/v1/imports/mappings/shop"
        body = {name: said for name, said in MAPPING.items() if name != "version"}
        assert world.request("stock_api", "PUT", place, body=body, scopes="ops")[0] == 200
        for name, made in (("first", first), ("second", second)):
            cpu = taken(world, name, as_file(made))
            world.clock.advance(hours=1)
            print(
                f"{name} feed: {len(made) / cpu['StockImports']:,.0f} lines per CPU second of the reader, "
                f"{len(made) / cpu['CatalogUpdates']:,.0f} of the ingester"
            )
        status, said = world.request("catalog_api", "GET", "/v1/catalog/absences", scopes="ops")
        absence = said["items"][0] if status == 200 else {}
        print(f"absence {absence['state']}: {absence['brake']['absent']:,} of {absence['brake']['known']:,} products")
        wanted = {f"P-{number:06}": 0 for number in range(products) if number % 10}
        for number in range(items):
            if number // VARIANTS % 10:
                wanted[f"P-{number // VARIANTS:06}"] += 1
        found = sold(world)
        wrong = {name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)}
        print(f"products unlike the second file: {len(wrong)} of {len(wanted):,}")
    return 1 if wrong or absence["state"] != "applied" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
