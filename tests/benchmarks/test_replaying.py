"""What bare boto3 is compared with are the same calls, and they get the same answers."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from botocore.client import BaseClient

from tests.benchmarks import replaying, telling
from tests.benchmarks.replaying import _contents, _put_back, _replayed
from tests.benchmarks.telling import Call
from tests.fakes import FakeClock
from tests.world import World

CUSTOMERS = 60


class TickingClock(FakeClock):
    """A clock that moves on by a millisecond whenever it is looked at, so that the second level is the newer."""

    def now(self) -> datetime:
        self.advance(milliseconds=1)
        return self.at


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lead the bare calls to the world, whose customers joined a month before now, and list their operations."""
    world.clock = TickingClock(datetime.now(UTC))
    made: list[str] = []

    def ask(client: object, operation: str, parameters: object) -> object:
        made.append(operation)
        return BaseClient._make_api_call(client, operation, parameters)

    monkeypatch.setattr(replaying, "ask", ask)
    return made


def test_boto3_makes_the_calls_of_the_functions_again(world: World, asked: list[str]) -> None:
    telling.bring_back(world, "MUG", CUSTOMERS)
    before, tape = _contents(world.dynamodb), list[Call]()
    told = telling.tell_all(world, "MUG", CUSTOMERS, tape=tape)
    after = _contents(world.dynamodb)
    _put_back(world.dynamodb, before)
    assert _contents(world.dynamodb) == before != after
    _replayed(tape, validated=True)
    assert _contents(world.dynamodb) == after
    made = {name.partition(".")[2]: count for name, count in told.meter.calls.items() if "." in name}
    assert Counter(asked) == Counter(made) - Counter({name: made[name] for name in ("SendMessageBatch", "PutEvents")})


def test_calls_that_are_answered_differently_are_not_compared(world: World, asked: list[str]) -> None:
    telling.bring_back(world, "MUG", CUSTOMERS)
    tape: list[Call] = []
    telling.tell_all(world, "MUG", CUSTOMERS, tape=tape)
    with pytest.raises(Exception, match=r"answered differently|TransactionCanceled"):
        _replayed(tape, validated=True)  # with the tables as telling left them
    assert asked
