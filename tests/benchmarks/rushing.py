"""A rush in time that only passes where something is waited for: what contention leaves of the reservations a second.

The local AWS knows no conflicts, so the world's DynamoDB gets them here: a transaction holds its items while it lasts,
and another that wants one of them meanwhile is cancelled (TransactionConflict). Customers are threads of which
one runs at a time, so the figures are the same in every run. What DynamoDB takes is assumed (`READ`, `TRANSACTION`):
only the ratios count.
"""

import heapq
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standby.platform.backoff import Backoff
from standby.platform.clock import to_text
from standby.platform.table import Update
from standby.preorder import items
from standby.preorder.credits import owed
from standby.preorder.model import Line, Reservation

from tests.benchmarks.figure import Figure
from tests.linearizable import History
from tests.rush import Attempt, Rush, Storefront, service
from tests.world import World, build

READ, TRANSACTION = 0.004, 0.015
"""Seconds that a read and a transaction take."""
RETRY_AFTER = 1.0
CUSTOMERS = 64
"""At once, each as soon as it was answered before."""
RESERVATIONS = 3_200
EXPECTED = 1_000
SHARDS = (1, 8, 32)
GROUP = 16
"""Reservations of one transaction of a group: six items each, and 100 are allowed."""
READS = frozenset({"Query", "GetItem", "BatchGetItem"})


@dataclass
class Turns:
    """Lets threads take turns: the next is whose waiting is over first, and time is what was waited for."""

    now: float = 0.0
    _ahead: list[tuple[float, int, threading.Event]] = field(default_factory=list)
    _number: int = 0

    def wait(self, seconds: float) -> None:
        """Let time pass for the thread that asks, and let others run meanwhile."""
        turn = self._later(seconds)
        self._next()
        turn.wait()

    def run(self, *works: Callable[[], None]) -> float:
        """Run works side by side and return how long they took."""
        began, threads, broken = self.now, [], list[BaseException]()

        def work(mine: Callable[[], None], turn: threading.Event) -> None:
            turn.wait()
            try:
                mine()
            except BaseException as error:  # noqa: BLE001 - raised below
                broken.append(error)
            self._next()

        for each in works:
            threads.append(threading.Thread(target=work, args=(each, self._later(0))))
            threads[-1].start()
        self._next()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]
        return self.now - began

    def _later(self, seconds: float) -> threading.Event:
        turn = threading.Event()
        self._number += 1
        heapq.heappush(self._ahead, (self.now + seconds, self._number, turn))
        return turn

    def _next(self) -> None:
        if self._ahead:
            self.now, _, turn = heapq.heappop(self._ahead)
            turn.set()


@dataclass
class Contended:
    """A tap of the world: each call takes its time, and transactions that meet are cancelled."""

    turns: Turns
    conflicts: int = 0
    _held: dict[tuple[str, str], float] = field(default_factory=dict)

    def __call__(self, service: str, operation: str, parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
        if operation in READS:
            self.turns.wait(READ)
            return make()
        keys = [_key(entry) for entry in parameters.get("TransactItems", ())]
        met = [self._held.get(key, 0.0) > self.turns.now for key in keys]
        if any(met):
            self.conflicts += 1
            self.turns.wait(TRANSACTION / 2)
            reasons = [{"Code": "TransactionConflict" if each else "None"} for each in met]
            error: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}}
            raise ClientError({**error, "CancellationReasons": reasons}, operation)
        self._held.update(dict.fromkeys(keys, self.turns.now + TRANSACTION))
        self.turns.wait(TRANSACTION)
        return make()


def rush(shards: int, *, on_credit: bool) -> Rush:
    """Return what everybody wants."""
    expected = EXPECTED if on_credit else None
    return Rush(sku="LAMP", kind="preorder", units=100_000, shards=shards, expected_per_second=expected)


def a_second(wanted: Rush) -> tuple[float, float]:
    """Return how many reservations a second are made, and how many conflicts there are for each."""

    def customers(world: World, turns: Turns, history: History) -> list[Callable[[], None]]:
        def customer(number: int) -> Callable[[], None]:
            front = _front(number)

            def work() -> None:
                for each in range(RESERVATIONS // CUSTOMERS):
                    attempt = Attempt(key=f"{number}-{each}", customer=f"{number}-{each}")
                    while front.reserve(wanted, attempt)[0] == 503:
                        turns.wait(RETRY_AFTER)

            return work

        return [customer(number) for number in range(CUSTOMERS)]

    return _measured(wanted, customers)


def by_groups(wanted: Rush) -> tuple[float, float]:
    """Return the same where one writes a transaction for 16 at once, who find their way to it in no time."""

    def groups(world: World, turns: Turns, history: History) -> list[Callable[[], None]]:
        return [lambda: [_group(_front(0), wanted, first) for first in range(0, RESERVATIONS, GROUP)] and None]

    return _measured(wanted, groups)


def rushing() -> list[Figure]:
    """Compare reservations on credit with reservations that move the SKU's numbers, by counters."""
    plain = {shards: a_second(rush(shards, on_credit=False)) for shards in SHARDS}
    credit = {shards: a_second(rush(shards, on_credit=True)) for shards in SHARDS}
    group, _ = by_groups(rush(1, on_credit=False))
    said = [
        f"{name} {', '.join(f'{found[shards][0]:.0f} ({found[shards][1]:.1f} conflicts each)' for shards in SHARDS)}"
        for name, found in (("at the SKU", plain), ("on credit", credit))
    ]
    beside = (
        f"a second with {', '.join(map(str, SHARDS))} counters: {'; '.join(said)}; groups of {GROUP}: {group:.0f}; "
        f"{CUSTOMERS} at once, a transaction takes {TRANSACTION * 1_000:.0f} ms"
    )
    most = SHARDS[-1]
    return [
        Figure("a rush at the SKU beside one on credit, 32 counters", plain[most][0] / credit[most][0], 0.25, "x",
               beside),
    ]  # fmt: skip


def _measured(wanted: Rush, works: Callable[[World, Turns, History], list[Callable[[], None]]]) -> tuple[float, float]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for world in build(monkeypatch):
            service().opens(wanted)
            turns = Turns()
            monkeypatch.setattr(Backoff, "pause", _pausing(turns, random.Random(wanted.shards)))
            contended = Contended(turns)
            world.tap, world._function = contended, "preorder_api"
            seconds = turns.run(*works(world, turns, History()))
            world._function = "test"
            sold = service().taken(wanted)
            assert sold == RESERVATIONS, sold
            return RESERVATIONS / seconds, contended.conflicts / RESERVATIONS
    raise AssertionError


def _pausing(turns: Turns, chance: random.Random) -> Callable[[Backoff, int], None]:
    """Return what waits between attempts as the product does, by this time and chance."""

    def pause(backoff: Backoff, attempt: int) -> None:
        turns.wait(chance.random() * min(backoff.cap_seconds, backoff.base_seconds * 2**attempt))

    return pause


def _front(number: int) -> Storefront:
    front = service()
    shuffle = random.Random(number).shuffle
    return Storefront(replace(front.desk, reserving=replace(front.desk.reserving, shuffle=shuffle)))


def _group(front: Storefront, wanted: Rush, first: int) -> None:
    """Reserve for many in one transaction: their own items, and the counter and the SKU once."""
    reserving, now = front.desk.reserving, front.desk.clock.now()
    made = [_reservation(wanted.sku, number, to_text(now)) for number in range(first, first + GROUP)]
    counter = Update(
        items.counter_key(wanted.sku, 1, 0),
        add={"reserved": GROUP, "remaining": -GROUP},
        equal={"open": True},
        at_least={"remaining": GROUP},
        elsewhere=reserving.writes.table,
    )
    reserving.claims.take_together(
        [owed(each.reservation_id, each.lines[0]) for each in made],
        now=now,
        beside=[counter, *(write for each in made for write in reserving.writes.begun(each))],
    )


def _reservation(sku: str, number: int, at: str) -> Reservation:
    line = Line(sku=sku, quantity=1, campaign=1, shards={0: 1})
    return Reservation(
        reservation_id=f"g{number}", kind="preorder", status="held", lines=(line,), customer=None, body="",
        created_at=at, held_until=at, expires_at=at, hold_minutes=15,
    )  # fmt: skip


def _key(entry: Mapping[str, Any]) -> tuple[str, str]:
    ((_, body),) = entry.items()
    key = body.get("Key") or body["Item"]
    return key["pk"]["S"], key["sk"]["S"]
