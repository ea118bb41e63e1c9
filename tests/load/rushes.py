"""What a launch must bear: many processes that want the same units, on the service, its tables on the local AWS."""

import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import boto3
import pytest
from standby.ledger.table import LedgerTable

from infra.local.emulator import Emulator
from tests.linearizable import Call, History
from tests.rush import LATER, Attempt, Rush, attempts, service
from tests.standby.ledger.kits import level
from tests.tables import create_table

ATTEMPTS, PROCESSES, RUNS = 2_000, 16, 3
UNITS = 50
SHARDS = (1, 8, 32)
TABLES = ("Stock", "Preorder")
CUSTOMERS, LIMIT = 40, 2
EXPECTED = 8
"""Reservations a second that a rush on credit names: few, so that units are granted often."""
PLENTY = 5_000
"""More units than are asked for, so that only the customers' limit bounds them."""


def in_processes(running: Emulator, say: Callable[[str], None]) -> None:
    """Let 16 processes reserve, several times for each number of counters; check every unit, limit and answer."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in {**running.environment(), "POWERTOOLS_METRICS_NAMESPACE": "Standby"}.items():
            monkeypatch.setenv(name, value)
        dynamodb = boto3.client("dynamodb")
        for table in TABLES:
            create_table(dynamodb, table)
        try:
            with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as processes:
                for kind, rush in rushes():
                    _rushed(processes, kind, rush, say)
        finally:
            for table in TABLES:
                dynamodb.delete_table(TableName=table)


def rushes() -> list[tuple[str, Rush]]:
    """Return the rushes, each with what it is about."""
    made: list[tuple[str, Rush]] = []
    for run in range(RUNS):
        made.append(("stock at checkout", Rush(sku=f"STOCK-{run}", kind="checkout", units=UNITS)))
        for shards in SHARDS:
            name = f"{shards}-{run}"
            made += [
                ("capacity", Rush(sku=f"CAPACITY-{name}", kind="preorder", units=UNITS, shards=shards)),
                ("limit", Rush(sku=f"LIMIT-{name}", kind="preorder", units=PLENTY, limit=LIMIT, shards=shards)),
                (
                    "capacity on credit",
                    Rush(
                        sku=f"CREDIT-{name}", kind="preorder", units=UNITS, shards=shards, expected_per_second=EXPECTED
                    ),
                ),
            ]
    return made


def takes_part(rush: Rush, wanted: Sequence[Attempt]) -> list[Call]:
    """Make attempts as one process of many, and return what was answered."""
    history = History()
    service().takes_part(rush, wanted, history)
    return history.calls


def _rushed(processes: ProcessPoolExecutor, kind: str, rush: Rush, say: Callable[[str], None]) -> None:
    if rush.kind == "preorder":
        service().opens(rush)
    else:
        dynamodb: Any = boto3.client("dynamodb")
        level(LedgerTable(TABLES[0], dynamodb), rush.sku, rush.units)
    people = CUSTOMERS if kind == "limit" else None
    wanted = [
        Attempt(key=f"{rush.sku}-{each.key}", customer=each.customer, again=each.again)
        for each in attempts(ATTEMPTS, customers=people)
    ]
    began = time.monotonic()
    shares = [wanted[first::PROCESSES] for first in range(PROCESSES)]
    found = processes.map(takes_part, [rush] * PROCESSES, shares)
    history = History([call for calls in found for call in calls])
    seconds = time.monotonic() - began
    exactly = CUSTOMERS * LIMIT if kind == "limit" else rush.units
    assert service().taken(rush) == exactly, f"{rush}: {service().taken(rush)} units for {exactly}"
    made = Counter(call.customer for call in history.calls if call.said == "made" and not _replay(call, history))
    assert kind != "limit" or set(made.values()) == {LIMIT}, made
    later = service(ahead=LATER)
    later.sweeps(rush, history)
    assert later.taken(rush) == 0, f"{rush}: {later.taken(rush)} units are stuck"
    later.takes_part(rush, [Attempt(key=f"{rush.sku}-late", customer="late")], history)
    assert later.taken(rush) == 1, rush
    wrong = rush.faults(history.calls)
    assert not wrong, wrong
    p50, p99 = (
        statistics.quantiles([call.ended - call.began for call in history.calls], n=100)[at] * 1_000 for at in (49, 98)
    )
    again = sum(call.said == "unknown" for call in history.calls)
    counters = f", {rush.shards} counters" if rush.kind == "preorder" else ""
    say(
        f"{kind}{counters}: {ATTEMPTS:,} attempts from {PROCESSES} processes, exactly {exactly} units; "
        f"{len(history.calls) / seconds:.0f} answers a second, p50 {p50:.0f} ms, p99 {p99:.0f} ms, {again} times 503; "
        f"nothing stuck after expiry; {len(history.calls):,} calls linearizable"
    )


def _replay(call: Call, history: History) -> bool:
    """Tell whether a key was answered before this call."""
    return any(each.key == call.key and each.began < call.began and each.said == "made" for each in history.calls)
