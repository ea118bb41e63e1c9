"""Scenarios that are broken at every call: what happens in a shop, and what must hold however it breaks.

A plain run breaks some of a scenario's calls: the first of a kind in half of the ways, the others in one way each.
After one break everything is delivered in the plain order, after the next in disorder, and so on. ``STANDBY_EVERY=1``
(``make proof``) breaks every call in every way twice: once followed by the plain order, once by disorder.

``make test`` has 15 minutes for everything. In it a new function gets at most 150 crash points over all its scenarios
(`Scenario.every`), and a new state machine at most 40 examples (`unruly.searching`). The rest is for ``make proof``.
"""

import importlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from os import environ
from pathlib import Path
from typing import Any

import pytest

from tests.crashes import FAULTS, Choice, Explored, Fault, explore, sample
from tests.promises import marks
from tests.promises.shop import Shop
from tests.promises.unruly import disorder
from tests.world import Killed, World

EVERY = "STANDBY_EVERY"
THOROUGH = EVERY in environ
HERE = Path(__file__).parent
BREAKING = ("test_killed_*.py", "test_*_anywhere.py")
GATHERING = {"test_killed_at_once", "test_killed_everywhere"}
"""Modules that run the others' scenarios."""
MOST_REPEATED = 50
"""Recipients of one SES call."""
ELSEWHERE = frozenset({"imports_reader"})
"""Functions that are killed elsewhere: the reader of files in ``test_imported_anywhere``, with the bytes it reads."""
CRASHES: Mapping[str, Fault] = {
    name: FAULTS[name] for name in ("killed before", "killed after", "killed halfway", "answer lost", "results missing")
}
"""Only after these may a mail come twice (promise 3)."""
REFUSALS: Mapping[str, Fault] = {name: fault for name, fault in FAULTS.items() if name not in CRASHES}
Check = Callable[[World, int], None]
"""Checks the promises; the number is how many mails about one thing anybody may have."""


@dataclass(frozen=True)
class Scenario:
    """An act and what must hold after it."""

    name: str
    prepare: Callable[[Shop], None]
    act: Callable[[World], None]
    check: Check
    every: int
    """A plain run breaks one of so many calls, and the first of each kind that changes something."""
    environment: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, int] = field(default_factory=dict)
    """Sizes of pages and the like, made small."""

    def set_up(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        """Bring a shop to where the act begins."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        for path, size in self.constants.items():
            monkeypatch.setattr(path, size)
        self.prepare(shop)
        shop.world.restart()

    def explore(self, world: World, faults: Mapping[str, Fault], most: int, **how: Any) -> Explored:
        """Break the act, each time by one of these faults."""
        return explore(world, self.act, lambda world: self.check(world, most), faults=faults, **how)

    def broken(self, world: World) -> Explored:
        """Break the act in every way, followed by the plain order and by disorder."""
        few = not THOROUGH
        how: dict[str, Any] = {"chosen": sampled(self.every), "disorder": disorder, "alternate": few, "rotate": few}
        crashed = self.explore(world, CRASHES, 2, **how)
        refused = self.explore(world, REFUSALS, 1, **how)
        return both(crashed, refused)


def scenarios(*, without: Collection[str] = ()) -> tuple[Scenario, ...]:
    """Return the scenarios of the modules here. A feature brings its own, as ``SCENARIOS`` of ``test_killed_…``."""
    stems = {path.stem for pattern in BREAKING for path in HERE.glob(pattern)} - GATHERING - set(without)
    modules = [importlib.import_module(f"tests.promises.{stem}") for stem in sorted(stems)]
    return tuple(scenario for module in modules for scenario in getattr(module, "SCENARIOS", ()))


def days() -> list[Callable[[Shop], None]]:
    """Return what the features' own modules let happen in a broad day, ``everything_happens`` of ``day_of_…``.

    All of these days together make every call that the functions ever make and use everything that they may.
    """
    stems = sorted(path.stem for path in HERE.glob("day_of_*.py"))
    return [importlib.import_module(f"tests.promises.{stem}").everything_happens for stem in stems]


def sampled(every: int) -> Choice:
    """Choose the calls that are broken: some in a plain run."""
    return sample(int(environ.get(EVERY, every)))


def both(one: Explored, other: Explored) -> Explored:
    """Add up two explorations."""
    return Explored(one.points + other.points, one.broken + other.broken, one.kinds | other.kinds)


def report(capsys: pytest.CaptureFixture[str], what: str, explored: Explored) -> None:
    """Print the number of crash points past pytest's capture, and fail on the first broken promise."""
    marks.note(what, explored.points)
    with capsys.disabled():
        print(f"\n  {what}: {explored.points} crash points, {len(explored.broken)} broken")  # noqa: T201 - the figure
    broken = [f"{point}: {failure.splitlines()[0]}" for point, failure in explored.broken]
    assert broken == [], "\n".join(broken)


def repeats(world: World) -> int:
    """Count the mails beyond the first to each address."""
    told = Shop(world).told()
    return sum(told.values()) - len(told)


def dead_letters(world: World) -> list[str]:
    """Name the dead-letter queues that hold something."""
    return [name for name, queue in world.queues.items() if queue and name.endswith("DeadLetters")]


def everything_runs(world: World) -> None:
    """Run until quiet, let leases and delays pass, and run again."""
    world.settle()
    for _ in range(2):
        world.wait(minutes=16)


def insists(world: World, function: str, method: str, path: str, **more: Any) -> tuple[int, Any]:
    """Make a request as somebody does who needs it: where it is killed or refused for a while, they try again."""
    status, body = 502, None
    for _ in range(6):
        try:
            status, body = world.request(function, method, path, **more)
        except Killed:
            status = 502
        if status < 500:
            break
        everything_runs(world)
    return status, body


def nobody_is_lost_or_spammed(world: World, everybody: set[str], most: int) -> None:
    """Check promises 2 and 3 for those who were to be told once, and promise 9 for the queues."""
    told = Shop(world).told()
    lost, uninvited = everybody - set(told), set(told) - everybody
    assert not lost, f"promise 2: lost {sorted(lost)}"
    assert not uninvited, f"promises 5 and 8: told without having been due {sorted(uninvited)}"
    assert max(told.values(), default=0) <= most, f"promise 3: told again: {told}"
    assert repeats(world) <= MOST_REPEATED, f"promise 3: {repeats(world)} mails repeated"
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


def distinct(world: World, name: str) -> list[dict[str, Any]]:
    """Return the events of one name in the order in which they were first told; one id must always say the same."""
    found: dict[str, dict[str, Any]] = {}
    for each, detail in world.events:
        if each == name:
            known = found.setdefault(detail["id"], detail)
            assert {**known, "at": ""} == {**detail, "at": ""}, "one event, told differently"
    return list(found.values())
