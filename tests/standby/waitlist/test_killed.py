"""The planner and the recorder killed before and after each of their calls in turn, then delivered again."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from standby.ledger.model import SkuSettings
from standby.platform.address import address_key

from tests.dynamo import Memory
from tests.fakes import FakeBus, FakeQueue
from tests.standby.waitlist.conftest import SKU, House, accepted, event
from tests.tables import in_memory

pytestmark = pytest.mark.promise("P2", "P3")

MOST_CALLS = 200


class Killed(BaseException):
    """The function's process ended."""


class Breaker:
    """Ends the process at the call with this number, before it is made or after."""

    def __init__(self, number: int, *, before: bool) -> None:
        self.number = number
        self.before = before
        self.seen = -1

    def call(self, make: Callable[[], Any]) -> Any:
        self.seen += 1
        if self.seen != self.number:
            return make()
        if not self.before:
            make()
        raise Killed


@contextmanager
def broken(house: House, breaker: Breaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Send every call to DynamoDB, a queue or the bus through the breaker."""
    with monkeypatch.context() as patch:
        targets = [(type(house.dynamodb), "_make_api_call"), (FakeQueue, "send"), (FakeBus, "publish")]
        for owner, name in targets:
            original = getattr(owner, name)

            def through(*arguments: Any, _original: Any = original) -> Any:
                return breaker.call(lambda: _original(*arguments))

            patch.setattr(owner, name, through)
        yield


def deliver(handle: Callable[..., None], content: Any, *, knows_redelivery: bool = False) -> None:
    """Deliver a message until it is handled, as SQS does."""
    for attempt in range(3):
        try:
            if knows_redelivery:
                handle(content, redelivered=attempt > 0)
            else:
                handle(content)
        except Killed:
            continue
        return


def told_and_recorded(house: House) -> None:
    """Restock, plan, mail each job once, and record the outcomes."""
    house.ledger.restocked(SKU, 1, 9)
    deliver(house.planner.handle, event("Restocked", sku=SKU, revision=1), knows_redelivery=True)
    while house.plans.messages:
        for message in house.plans.drain():
            if not message.delay_seconds:
                deliver(house.planner.handle, json.loads(message.body), knows_redelivery=True)
    for job in {job["job_id"]: job for job in house.bulk.bodies()}.values():
        deliver(house.recorder.handle, accepted(job))


def fresh(memory: Memory, tables: Any) -> House:
    memory.restore(in_memory().snapshot())
    house = House(tables, shard_read=2)
    house.ledger.merged = SkuSettings(wave_interval_seconds=600)
    for number in range(8):
        house.waits(f"single-{number}@example.org", locale="he" if number == 3 else "en")
    house.waits("any@example.org", SKU, "OTHER")
    house.waits("late@example.org")
    return house


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_killed_at_any_call_everybody_is_told_once_and_counted_once(
    memory: Memory,
    tables: Any,
    monkeypatch: pytest.MonkeyPatch,
    before: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    number = 0
    for number in range(MOST_CALLS):
        house = fresh(memory, tables)
        breaker = Breaker(number, before=before)
        with broken(house, breaker, monkeypatch):
            told_and_recorded(house)
        if breaker.seen < number:
            break
        assert sorted(set(house.invited())) == sorted(
            ["any@example.org", *(f"single-{each}@example.org" for each in range(8))]
        ), f"call {number}"
        assert house.line() == ["late@example.org"], f"call {number}"
        assert house.line("OTHER") == [], f"call {number}"
        assert house.counts() == {"waiting": 1, "units_wanted": 1, "invited": 9, "told": 9}, f"call {number}"
        assert house.counts("OTHER") == {}, f"call {number}"
    assert 25 < number < MOST_CALLS


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_leaving_killed_at_any_call_is_mended_by_leaving_again(
    memory: Memory,
    tables: Any,
    monkeypatch: pytest.MonkeyPatch,
    before: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    address = address_key("any@example.org")
    for number in range(MOST_CALLS):
        house = fresh(memory, tables)
        breaker = Breaker(number, before=before)
        with broken(house, breaker, monkeypatch):
            deliver(house.leaving.leave, address)
        if breaker.seen < number:
            return
        assert "any@example.org" not in house.line() + house.line("OTHER"), f"call {number}"
        assert house.counts("OTHER") == {"left": 1}, f"call {number}"
        assert house.bus.named("CustomerLeft"), f"call {number}"
    pytest.fail("leaving never ended")
