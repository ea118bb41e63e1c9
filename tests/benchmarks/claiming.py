"""A reservation: one owed claim and three writes beside it, next to the bare transaction of the same items.

HTTP is answered in this process, so that what is compared is the work of Python alone.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb
from standby.platform.table import ConditionCheck, Put, Update, Write

from tests.benchmarks.badges import CREDENTIALS, answering, beside_one_another, plain_client
from tests.benchmarks.figure import Figure
from tests.fakes import EPOCH

CALLS = 60
BUDGET = 1.5
MOST_UNITS = 14
UNITS_OF_ONE = 2
"""Write units of an item of up to a kilobyte that is written, or whose condition is checked, in a transaction."""
KILOBYTE = 1_024
TABLES = ("Stock", "Preorders")
RESERVATION = Put(
    {
        "pk": "RESERVATION#5f1c",
        "sk": "RESERVATION",
        "state": "held",
        "email": "ana@example.org",
        "lines": [{"sku": "TENT", "quantity": 1, "price": {"amount": 4_990, "currency": "ILS"}}],
        "expires_at": "2026-05-03T10:15:00.000Z",
    },
    absent=("pk",),
    elsewhere=TABLES[1],
)
CAPACITY = Update({"pk": "CAMPAIGN#c1", "sk": "LEFT#3"}, add={"left": -1}, at_least={"left": 1}, elsewhere=TABLES[1])
LIMIT = Update({"pk": "LIMIT#c1#ana", "sk": "LIMIT"}, add={"taken": 1}, at_most={"taken": 1}, elsewhere=TABLES[1])
BESIDE: list[Write | ConditionCheck] = [RESERVATION, CAPACITY, LIMIT]


def reserving() -> tuple[Callable[[], Any], list[Any]]:
    """Return what reserves, and a list of the transactions that it makes."""
    made: list[Any] = []

    def answer(body: bytes) -> bytes:
        made[:] = [json.loads(body)["TransactItems"]]
        return b"{}"

    book = ClaimBook(LedgerTable(TABLES[0], answering(dynamodb.client(), answer)))
    claim = Claim(claim_id="r1", sku="TENT", kind="pre-order", units=1, counted_as="owed")
    return lambda: book.take_together([claim], now=EPOCH, beside=BESIDE), made


def bare(transaction: Any) -> Callable[[], Any]:
    """Return what makes a transaction with the SDK alone."""
    client: Any = answering(plain_client("dynamodb"), lambda _: b"{}")
    return lambda: client.transact_write_items(TransactItems=transaction)


def write_units(transaction: list[Mapping[str, Any]]) -> int:
    """Count the write units of a transaction, by the items of which it says all; what is updated is small."""
    bodies = [next(iter(entry.values())) for entry in transaction]
    sizes = [len(json.dumps(body.get("Item", {}))) for body in bodies]
    return sum(UNITS_OF_ONE * max(1, math.ceil(size / KILOBYTE)) for size in sizes)


def claiming() -> list[Figure]:
    """Compare the CPU of a reservation with its bare transaction, and count its write units."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        reserve, made = reserving()
        reserve()
        (transaction,) = made
        ratio, took = beside_one_another(reserve, bare(transaction), calls=CALLS)
    beside = f"{took:.2f} ms of CPU, {len(transaction)} items; the transaction alone is 1"
    return [
        Figure("a reservation's claim with three writes beside", ratio, BUDGET, "x the bare transaction", beside),
        Figure("write units of a reservation's claim with three writes beside", write_units(transaction), MOST_UNITS,
               "units"),
    ]  # fmt: skip
