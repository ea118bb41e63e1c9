"""Queues as SQS allows them to be: any order, any batch, some messages twice; and a call that breaks now and then."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import environ
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.crashes import FAULTS, Fault, Make
from tests.world import SOURCES, World

MOST_ROUNDS = 3_000
MOST_DOUBLES = 5
BREAKS: Mapping[str, Fault] = {name: FAULTS[name] for name in ("killed before", "killed after", "answer lost")}


def searching(*, examples: int, steps: int) -> settings:
    """Return how long Hypothesis searches; ``STANDBY_EXAMPLES`` says how many examples instead."""
    return settings(
        max_examples=int(environ.get("STANDBY_EXAMPLES", examples)),
        stateful_step_count=steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def run_unruly(world: World, seed: int) -> None:
    """Let everything run that can run now, in an order, in batches and with the duplicates that ``seed`` chooses."""
    chance = random.Random(seed)
    doubles = 0
    for _ in range(MOST_ROUNDS):
        busy = world._stream()
        for name in chance.sample(sorted(SOURCES), len(SOURCES)):
            visible = [message for message in world.queues[name] if message.visible_at <= world.clock.now()]
            busy = busy or bool(visible)
            if not visible or chance.random() < 0.25:
                continue
            waiting = list(world.queues[name])
            chance.shuffle(waiting)
            if doubles < MOST_DOUBLES and chance.random() < 0.15:
                doubles += 1
                waiting.append(replace(visible[0], receives=0))
            world.queues[name].clear()
            world.queues[name].extend(waiting)
            world.batch = chance.randint(1, 10)
            world.deliver(name)
        if not busy:
            return
    waiting_now = {name: len(queue) for name, queue in world.queues.items() if queue}
    pytest.fail(f"not quiet after {MOST_ROUNDS} rounds: {waiting_now}, {[repr(each) for each in world.failures[-3:]]}")


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
