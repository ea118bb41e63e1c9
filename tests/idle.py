"""Beats that can find nothing: while a scenario is broken at every call, each of them is run once only.

A sweep finds its work by queries. Where all tables that its function may query are empty, and where the beat before
made queries only, another one does nothing either, at whatever time. Leaving them out takes a quarter to a third off
the crash explorations of delivery and compensation.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from tests.deliveries import Delivery
from tests.dynamo import Memory
from tests.wiring import FUNCTIONS, QUEUES, beats, called

BEATS = frozenset((queue, json.dumps(message)) for queue, message in beats())


@cache
def queried(function: str) -> frozenset[str]:
    """Return the tables that a function may query, themselves or an index of theirs."""
    may = FUNCTIONS[function]["may"]
    return frozenset(called(place.partition("/index/")[0]) for place, acts in may.items() if "dynamodb:Query" in acts)


@dataclass
class Idle:
    """Remembers which beats only looked for work."""

    memory: Memory
    only_looked: set[tuple[str, str]] = field(default_factory=set)
    _running: tuple[str, str] | None = None

    def finds_nothing(self, queue: str, batch: Sequence[Delivery]) -> bool:
        """Tell whether a batch is of beats that need not run; where they do, notice what they call."""
        beat = (queue, batch[0].body)
        self._running = None
        if (
            beat not in BEATS
            or any(message.body != beat[1] for message in batch)
            or not self._is_empty(QUEUES[queue]["feeds"])
        ):
            return False
        if beat in self.only_looked:
            return True
        self._running = beat
        return False

    def see(self, operation: str) -> None:
        """Notice a call of the function that runs."""
        if operation != "Query":
            self._running = None

    def ran(self) -> None:
        """Remember the beat that ran."""
        if self._running is not None:
            self.only_looked.add(self._running)
        self._running = None

    def _is_empty(self, function: str) -> bool:
        return not any(next(self.memory.tables[name].every(), None) for name in queried(function))
