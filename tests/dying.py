"""Stores and buses in memory that break: a call that is killed, or during which something else happens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import FakeBus


class Killed(Exception):  # noqa: N818 - as in `tests.world`
    """The function's process ended."""


@dataclass
class Interrupted:
    """A store of which one call is killed, or during one call of which something else happens.

    The store that stands behind it calls ``interrupt`` before and after each of its calls.
    """

    at: int = -1
    meanwhile: Callable[[], None] | None = None
    _calls: int = 0

    def next(self, at: int, meanwhile: Callable[[], None] | None = None) -> None:
        """Break the call with this number, counted from now; -1: none."""
        self.at, self.meanwhile, self._calls = at, meanwhile, 0

    def interrupt(self) -> None:
        self._calls += 1
        if self._calls - 1 != self.at:
            return
        if self.meanwhile is None:
            raise Killed
        act, self.meanwhile, self.at = self.meanwhile, None, -1
        act()


@dataclass
class DyingBus(FakeBus):
    """A bus that dies before or after some events, as often as it was told to."""

    deaths: list[int] = field(default_factory=list)

    def publish(self, events: Any) -> None:
        for event in events:
            if self.deaths and len(self.events) >= self.deaths[0]:
                self.deaths.pop(0)
                raise Killed
            self.events.append(event)


def lives_on(work: Callable[[], None]) -> bool:
    """Do something; tell whether the function lived on."""
    try:
        work()
    except Killed:
        return False
    return True
