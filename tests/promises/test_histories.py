"""Promise 1 as whoever asks sees it: the history of many at once is linearizable per SKU and per Idempotency-Key."""

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from standby.preorder import items
from standby.preorder.counter_model import Counter
from standby.preorder.model import Line, Reservation
from standby.preorder.repository import Writes
from standby.preorder.showing import Shower

from tests.linearizable import History
from tests.promises.shop import Shop
from tests.rush import LATER, Attempt, Rush, attempts, service
from tests.world import World

pytestmark = pytest.mark.promise("P1")

PROCESSES = 8
FIRST = Attempt(key="first", customer="ana", leaves=True, again=True)


@pytest.fixture(autouse=True)
def many_turns() -> Iterator[None]:
    """Let threads take turns often, so that they meet."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def at_once(rush: Rush, wanted: list[Attempt], history: History) -> None:
    """Let the attempts be made by several at once, as by the containers of a function."""
    broken: list[BaseException] = []

    def takes_part(mine: list[Attempt]) -> None:
        try:
            service().takes_part(rush, mine, history)
        except BaseException as error:  # noqa: BLE001 - raised below, where a test sees it
            broken.append(error)

    threads = [threading.Thread(target=takes_part, args=(wanted[first::PROCESSES],)) for first in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]


def rushed(shop: Shop, rush: Rush, wanted: list[Attempt]) -> History:
    """Open a rush, let everybody ask, let all holds end, and let a few more ask than there are units."""
    if rush.kind == "preorder":
        service().opens(rush)
    else:
        shop.counts(rush.sku, rush.units)
    history = History()
    at_once(rush, [FIRST], history)
    at_once(rush, wanted, history)
    shop.world.clock.advance(minutes=LATER.total_seconds() / 60)
    service().sweeps(rush, history)
    late = [f"late-{number}" for number in range(rush.units + 1)]
    at_once(rush, [Attempt(key=name, customer=name) for name in late], history)
    return history


RUSHES = (
    Rush(sku="LAMP", kind="preorder", units=9, limit=2, shards=1),
    Rush(sku="LAMP", kind="preorder", units=9, shards=8),
    Rush(sku="LAMP", kind="preorder", units=9, shards=32),
    Rush(sku="LAMP", kind="preorder", units=9, shards=1, expected_per_second=2),
    Rush(sku="LAMP", kind="preorder", units=9, limit=2, shards=8, expected_per_second=16),
    Rush(sku="LAMP", kind="preorder", units=9, shards=32, expected_per_second=500),
    Rush(sku="LAMP", kind="checkout", units=9),
)


@pytest.mark.parametrize("rush", RUSHES, ids=str)
def test_a_rush_is_as_if_one_came_after_the_other(world: World, rush: Rush) -> None:
    history = rushed(Shop(world), rush, attempts(60, customers=40, most_units=2))

    assert rush.faults(history.calls) == []
    assert service().taken(rush) == rush.units, "what was given back was sold again, all of it"


def one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """See a unit that was sold, and take it without asking whether it is there."""
    seen, taken = items.counter, Writes.taken

    def counter(item: Any) -> Counter:
        found = seen(item)
        return found if found.shard else found._replace(remaining=found.remaining + 1)

    monkeypatch.setattr(items, "counter", counter)
    monkeypatch.setattr(Writes, "taken", lambda writes, line, **_asked: taken(writes, line, bounded=False))


def what_ends_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give back what was reserved, but for the campaign's counters."""
    given_back = Writes._given_back

    def forgets(writes: Writes, line: Line, reservation: Reservation) -> list[Any]:
        return [write for write in given_back(writes, line, reservation) if "COUNTER" not in str(write)]

    monkeypatch.setattr(Writes, "_given_back", forgets)


def replays_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer a request that comes again by what became of its reservation."""
    monkeypatch.setattr(Shower, "begun", lambda shower, reservation, _skus: shower.shown(reservation))


@pytest.mark.parametrize(
    ("plant", "expected"),
    [(one_too_many, "SKU LAMP"), (what_ends_is_lost, "SKU LAMP"), (replays_differ, "key first")],
)
def test_a_planted_fault_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None], expected: str
) -> None:
    plant(monkeypatch)
    rush = Rush(sku="LAMP", kind="preorder", units=9, shards=2)

    history = rushed(Shop(world), rush, attempts(60, customers=40, most_units=2))

    assert [wrong for wrong in rush.faults(history.calls) if wrong.startswith(expected)]
