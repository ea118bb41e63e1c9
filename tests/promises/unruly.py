"""Queues and streams as they are allowed to be: any order, any batch, some messages twice; and a call that breaks."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from os import environ
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.crashes import DEADLY, Fault, Make
from tests.wiring import QUEUES, STREAMS
from tests.world import World

MOST_ROUNDS = 3_000
MOST_DOUBLES = 5
BREAKS: Mapping[str, Fault] = DEADLY


def searching(*, examples: int, steps: int) -> settings:
    """Return how long Hypothesis searches: the same examples each time, so that only a change makes it fail.

    With ``STANDBY_EXAMPLES`` (``make proof``) it tries so many, drawn anew each time; a failure prints the line that
    repeats it. A new search gets at most 40 examples; those that ask for more are older.
    """
    longer = environ.get("STANDBY_EXAMPLES")
    return settings(
        max_examples=int(longer or examples),
        derandomize=longer is None,
        stateful_step_count=steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@dataclass
class Unruly:
    """Rounds of `World.settle` in an order, in batches and with the duplicates that ``seed`` chooses.

    Queues that are ``held`` stand still. Where ``latest`` is given, a message may also come a second time up to so much
    later. The stream gives the changes of one item in their order, and those of different items in any order. It may
    deliver again what it has delivered, from some record on. If ``unsteady``, indexes follow late and clocks are wrong
    from the first round on.
    """

    seed: int
    held: Collection[str] = ()
    latest: timedelta = timedelta()
    unsteady: bool = False
    _chance: random.Random = field(init=False)
    _doubles: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def __call__(self, world: World) -> bool:
        if self.unsteady and world.skews is None:
            world.unsteady(self.seed)
        busy = self._stream(world)
        for name in self._chance.sample(moving := sorted(set(QUEUES) - set(self.held)), len(moving)):
            busy = self._deliver(world, name) or busy
        return busy

    def _deliver(self, world: World, name: str) -> bool:
        visible = world.visible(name)
        if not visible or self._chance.random() < 0.25:
            return bool(visible)
        waiting = list(world.queues[name])
        self._chance.shuffle(waiting)
        if self._doubles < MOST_DOUBLES and self._chance.random() < 0.15:
            self._doubles += 1
            later = self.latest * self._chance.choice((0, self._chance.random()))
            waiting.append(replace(visible[0], receives=0, visible_at=world.clock.now() + later))
        world.queues[name].clear()
        world.queues[name].extend(waiting)
        world.deliver(name, most=self._chance.randint(1, 10))
        return True

    def _stream(self, world: World) -> bool:
        before = world.read.copy()
        for table in STREAMS:
            stream = world.memory.tables[table].stream
            stream[before[table] :] = self._mixed(stream[before[table] :])
        busy = world._stream(self._chance.randint(1, 10))
        for table in STREAMS:
            read = before[table]
            if world.read[table] > read and self._doubles < MOST_DOUBLES and self._chance.random() < 0.15:
                self._doubles += 1
                world.read[table] = self._chance.randint(read, world.read[table] - 1)
        return busy

    def _mixed(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Mix the changes of different items, but keep those of each item in their order."""
        by_item: dict[str, list[dict[str, Any]]] = {}
        for record in records:
            by_item.setdefault(str(record["dynamodb"]["Keys"]), []).append(record)
        turns = [item for item, changes in by_item.items() for _ in changes]
        self._chance.shuffle(turns)
        return [by_item[item].pop(0) for item in turns]


def run_unruly(world: World, seed: int, *, held: Collection[str] = ()) -> None:
    """Let everything run that can run now, as `Unruly` chooses."""
    turn = Unruly(seed, held=held)
    for _ in range(MOST_ROUNDS):
        if not turn(world):
            return
    waiting_now = {name: len(queue) for name, queue in world.queues.items() if queue}
    pytest.fail(f"not quiet after {MOST_ROUNDS} rounds: {waiting_now}, {[repr(each) for each in world.failures[-3:]]}")


def disorder(seed: int) -> Unruly:
    """Return the disorder after a crash: duplicates come up to a quarter of an hour later.

    After every other one indexes follow late and clocks are wrong besides.
    """
    return Unruly(seed, latest=timedelta(minutes=15), unsteady=seed % 2 == 1)


@dataclass
class BreakOnce:
    """Breaks the call with this number, counted from when it is set as a world's tap; the others go through."""

    number: int
    fault: Fault
    done: bool = False

    def __call__(self, _service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        self.number -= 1
        if self.done or self.number >= 0:
            return make()
        self.done = True
        return self.fault(operation, parameters, make)
