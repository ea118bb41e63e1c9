"""A reservation on credit beside the bare calls that it makes, and the line of a launch that is given its goods.

HTTP is answered in this process, so that what is compared is the work of Python alone.
"""

import gc
import json
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, cast

import pytest
from standby.ledger import items as ledger_items
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb
from standby.platform.dynamodb import from_item, to_item
from standby.platform.table import Table
from standby.preorder import items
from standby.preorder.assembly.allocator import assemble
from standby.preorder.campaigns import terms_of
from standby.preorder.counter_model import Counter
from standby.preorder.model import Campaign, Customer, Line, Reservation
from standby.preorder.repository import PreorderRepository
from standby.preorder.service import Request, Wish
from standby.preorder.settings import AllocatorSettings

from tests.benchmarks.badges import CREDENTIALS, answering, beside_one_another, plain_client
from tests.benchmarks.claiming import write_units
from tests.benchmarks.figure import Figure
from tests.fakes import FakeQueue
from tests.rush import Nobody, Rush, Storefront, service

SKU, SHARDS = "LAMP", 32
CALLS, BUDGET = 40, 1.5
MOST_UNITS = 10
"""Write units of a reservation on credit, its entry in the index of what is due included; 20 where the SKU moves."""
ONE_OF_INDEX = 1
SMALL, LARGE = 500, 10_000
TRACED = 5
"""Of so many pages the memory of one is traced, because that takes long."""
MOST_GROWTH = 1.3
AT = "2026-05-03T10:00:00.000Z"
LINE = items.line_partition(SKU)
RESERVED: Mapping[str, Any] = {
    **items.reservation_values(
        Reservation(
            reservation_id="r", kind="preorder", status="confirmed", lines=(Line(sku=SKU, quantity=1, campaign=1),),
            customer=Customer(email="ana@example.org", locale="en"), body="", created_at=AT, held_until=AT,
            expires_at=AT, hold_minutes=15,
        )
    )
}  # fmt: skip
CLAIMED = {"kind": "preorder", "units": 1, "counter": "owed", "status": "taken"}
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
    campaign = Campaign(sku=SKU, number=1, terms=terms_of(rush.terms(now)), edition=1, prices=())
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
        plain_client("dynamodb"),
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


@dataclass(frozen=True)
class EndlessLine:
    """DynamoDB as it answers who gives a line its goods, without keeping anything: so all memory is the product's."""

    reservations: int

    def answer(self, body: bytes) -> bytes:
        """Answer a request by what it asks for."""
        asked = json.loads(body)
        if "TransactItems" in asked:
            return b"{}"
        if "RequestItems" in asked:
            ((table, wanted),) = asked["RequestItems"].items()
            return json.dumps({"Responses": {table: [self._item(key) for key in wanted["Keys"]]}}).encode()
        if "Key" in asked:
            return json.dumps({"Item": self._item(asked["Key"])}).encode()
        values = [value["S"] for value in asked["ExpressionAttributeValues"].values()]
        if LINE not in values:
            return b'{"Items": [], "Count": 0}'
        after = max((int(value.rpartition("#")[2]) for value in values if value.startswith(AT)), default=-1)
        places = [
            self._place(number) for number in range(after + 1, min(after + 1 + asked["Limit"], self.reservations))
        ]
        found: dict[str, Any] = {"Items": places, "Count": len(places)}
        if after + 1 + asked["Limit"] < self.reservations:
            found["LastEvaluatedKey"] = {name: places[-1][name] for name in ("pk", "sk")}
        return json.dumps(found).encode()

    def _place(self, number: int) -> Any:
        key = {"pk": LINE, "sk": f"{AT}#{number}"}
        return to_item({**key, "units": 1, "reservation": f"{items.RESERVATION}#{number}", "confirmed": True})

    def _item(self, key: Mapping[str, Any]) -> Any:
        pk, sk = key["pk"]["S"], key["sk"]["S"]
        if pk.startswith(items.RESERVATION):
            return to_item({"pk": pk, "sk": sk, **RESERVED})
        if sk.startswith(ledger_items.CLAIMS):
            return to_item({"pk": pk, "sk": sk, **CLAIMED, "claim_id": sk.removeprefix(ledger_items.CLAIMS)})
        numbers = dict.fromkeys(
            ("committed", "safety", "held", "incoming", "low_stock", "netted_units", "free_units"), 0
        )
        owed = {"on_hand": self.reservations, "owed": self.reservations, "revision": 1, "changed_at": AT}
        return to_item({"pk": pk, "sk": sk, **numbers, **owed})


def allocating(reservations: int) -> tuple[float, int]:
    """Return the most memory that a page of a line took, in bytes, and how many pages the line was."""
    peaks: list[float] = []
    client = answering(dynamodb.client(), EndlessLine(reservations).answer)
    unread = {each.name: each.name for each in fields(AllocatorSettings)}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(dynamodb, "client", lambda: client)
        allocations, quiet = FakeQueue(), Nobody()
        allocator = replace(
            assemble(AllocatorSettings(**{**unread, "preorders_table": "Preorder", "shop_time_zone": "UTC"})),
            announcer=cast("Any", quiet),
            allocations=allocations,
        )
        content: dict[str, Any] | None = {"allocate": SKU, "after": "", "kept": 0}
        pages = 0
        while content is not None:
            pages += 1
            if pages % TRACED == 0:
                gc.collect()
                tracemalloc.start()
            allocator.handle(content)
            if tracemalloc.is_tracing():
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
            content = json.loads(allocations.messages.pop().body) if allocations.messages else None
    return max(peaks), pages


def of_a_line() -> Figure:
    """Give a small and a large line its goods, and compare what a message of it takes."""
    small, _ = allocating(SMALL)
    large, messages = allocating(LARGE)
    beside = f"{large / 1_000_000:.2f} MB at most in one of {messages} pages; {SMALL}: {small / 1_000_000:.2f} MB"
    return Figure(f"peak memory of allocating {LARGE:,} beside {SMALL}", large / small, MOST_GROWTH, "x", beside)


def launching() -> list[Figure]:
    """Measure a reservation on credit, and a long line."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return [*of_one(monkeypatch), of_a_line()]
