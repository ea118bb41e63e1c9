"""A reservation on credit beside the bare calls that it makes, and the line of a launch that is given its goods.

HTTP is answered in this process, so that what is compared is the work of Python alone.
"""

import gc
import json
import statistics
import tracemalloc
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import botocore.session
import pytest
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb
from standby.platform.dynamodb import from_item, to_item
from standby.platform.table import Table
from standby.preorder import items
from standby.preorder.allocating import Allocator
from standby.preorder.assembly.allocator import assemble
from standby.preorder.campaigns import terms_of
from standby.preorder.counter_model import Counter
from standby.preorder.model import Campaign, Customer
from standby.preorder.repository import PreorderRepository
from standby.preorder.service import Request, Wish
from standby.preorder.settings import AllocatorSettings

from tests.benchmarks.badges import CREDENTIALS, answering, beside_one_another
from tests.benchmarks.claiming import write_units
from tests.benchmarks.figure import Figure
from tests.fakes import FakeQueue
from tests.rush import Attempt, Rush, Storefront, service
from tests.standby.ledger.kits import level
from tests.world import World, build

SKU, SHARDS = "LAMP", 32
CALLS, BUDGET = 40, 1.5
MOST_UNITS = 10
"""Write units of a reservation on credit, its entry in the index of what is due included; 20 where the SKU moves."""
ONE_OF_INDEX = 1
SMALL, LARGE = 500, 10_000
MOST_GROWTH = 1.3
WISH = Wish(kind="preorder", lines=((SKU, 1),), customer=Customer(email="ana@example.org", locale="en"))


def reserving() -> tuple[Callable[[], Any], list[Any]]:
    """Return what reserves on credit of 32 counters, and the requests that it makes."""
    made: list[Any] = []
    terms = Rush(sku=SKU, kind="preorder", units=9_000, limit=2, shards=SHARDS, expected_per_second=500)

    def answer(body: bytes) -> bytes:
        asked = json.loads(body)
        made[:] = [*made[-1:], asked]
        return b"{}" if "TransactItems" in asked else FOUND

    front = service()
    found = _campaign(front, terms)
    FOUND = json.dumps({"Items": found, "Count": len(found)}).encode()  # noqa: N806 - what the answer holds
    client = answering(dynamodb.client(), answer)
    desk = front.desk.reserving
    repository = PreorderRepository(Table("Preorder", client))
    claims = replace(desk.claims, table=LedgerTable("Stock", client))
    ours = replace(desk, preorders=repository, claims=claims)
    request = Request.of("key", "cart-1", {})
    return lambda: ours.reserve(WISH, request), made


def _campaign(front: Storefront, rush: Rush) -> list[Any]:
    now = front.desk.clock.now()
    campaign = Campaign(sku=SKU, number=1, terms=terms_of(rush.terms(now), now), edition=1, prices=[("", 5_900)])
    counters = [Counter(shard, 250, 0, 0, credit=30) for shard in range(SHARDS)]
    rows = [{**items.campaign_key(SKU), **items.campaign_values(campaign)}]
    rows += [
        {**items.counter_key(SKU, 1, each.shard), "open": True, "remaining": each.remaining, "credit": each.credit}
        for each in counters
    ]
    return [to_item({name: value for name, value in row.items() if value is not None}) for row in rows]


def bare(query: Any, transaction: Any, answered: list[Any]) -> Callable[[], Any]:
    """Return what reads and writes the same with the SDK alone, and maps what it reads."""
    content = json.dumps({"Items": answered, "Count": len(answered)}).encode()
    client: Any = answering(
        botocore.session.Session().create_client("dynamodb"),
        lambda body: b"{}" if b"TransactItems" in body else content,
    )

    def work() -> Any:
        found = [from_item(item) for item in client.query(**query)["Items"]]
        client.transact_write_items(**transaction)
        return found

    return work


def of_one(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Compare the CPU of one reservation with its bare calls, and count its write units."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    reserve, made = reserving()
    reserve()
    query, transaction = made
    front = service()
    rows = _campaign(
        front, Rush(sku=SKU, kind="preorder", units=9_000, limit=2, shards=SHARDS, expected_per_second=500)
    )
    ratio, took = beside_one_another(reserve, bare(query, transaction, rows), calls=CALLS)
    entries = transaction["TransactItems"]
    units = write_units(entries) + ONE_OF_INDEX
    beside = f"{took:.2f} ms of CPU with 32 counters read, {len(entries)} items; Query, mapping and transaction are 1"
    return [
        Figure("a reservation on credit", ratio, BUDGET, "x its bare calls", beside),
        Figure("write units of a reservation on credit", units, MOST_UNITS, "units"),
    ]


def allocating(reservations: int) -> tuple[float, int]:
    """Return how much memory a page of a line took at most, in bytes, and how many pages the line was.

    It is the median of the pages: in one or the other, the tables in memory grow.
    """
    peaks: list[float] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        for world in build(monkeypatch):
            front = _ordered(world, reservations)
            allocations = FakeQueue()
            content: dict[str, Any] | None = {"allocate": SKU, "after": "", "kept": 0}
            allocator = _allocator(front, allocations)
            tracemalloc.start()
            while content is not None:
                tracemalloc.reset_peak()
                before, _ = tracemalloc.get_traced_memory()
                allocator.handle(content)
                peaks.append(tracemalloc.get_traced_memory()[1] - before)
                content = json.loads(allocations.messages.pop().body) if allocations.messages else None
            tracemalloc.stop()
            stock = front.desk.campaigns.ledger.stock(SKU)
            assert stock is not None
            assert (stock.owed, stock.held) == (0, reservations), stock
    return statistics.median(peaks), len(peaks)


def _allocator(front: Storefront, allocations: FakeQueue) -> Allocator:
    """Return the allocator, which tells nobody."""
    unread = {each.name: each.name for each in fields(AllocatorSettings)}
    known = {"preorders_table": "Preorder", "stock_table": "Stock", "shop_time_zone": "UTC"}
    allocator = assemble(AllocatorSettings(**{**unread, **{each: known[each] for each in known if each in unread}}))
    quiet: Any = front.desk.ending.announcer
    return replace(allocator, announcer=quiet, allocations=allocations)


def _ordered(world: World, reservations: int) -> Storefront:
    """Pre-order so many times one unit, let the orders be placed, and let all goods come."""
    rush = Rush(sku=SKU, kind="preorder", units=reservations, shards=SHARDS, expected_per_second=500)
    front = service()
    front.opens(rush)
    for number in range(reservations):
        _, made = front.reserve(rush, Attempt(key=f"k{number}", customer=f"c{number}"))
        front.desk.reserving.confirm(made["id"], paid=True)
    level(LedgerTable("Stock", world.dynamodb), SKU, reservations)
    gc.collect()
    return front


def of_a_line() -> Figure:
    """Give a small and a large line its goods, and compare what a message of it takes."""
    small, _ = allocating(SMALL)
    large, messages = allocating(LARGE)
    beside = f"{large / 1_000_000:.2f} MB at most in a page of {messages}; {SMALL}: {small / 1_000_000:.2f} MB"
    return Figure(f"peak memory of allocating {LARGE:,} beside {SMALL}", large / small, MOST_GROWTH, "x", beside)


def launching() -> list[Figure]:
    """Measure a reservation on credit, and a long line."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return [*of_one(monkeypatch), of_a_line()]
