"""Every call that any function ever makes is one before and after which the function is killed.

Two places show which calls the functions make: the scenarios themselves, and a broad day in the shop, which the
permissions test compares with the grants.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

from tests.crashes import FAULTS, Call, Choice
from tests.promises import test_permissions_used
from tests.promises.killing import ELSEWHERE, scenarios
from tests.promises.shop import Shop
from tests.world import ROOT, World

PRESIGNED = ("stock_api", "s3", "PutObject")
"""Made by whoever uploads a file, with the function's signature."""
CALLS_NOTHING = {"storefront_api"}
"""Functions that may ask AWS for nothing (`test_permissions_used` holds that) and so leave nothing half done."""
KILLS = {name: FAULTS[name] for name in ("killed before", "killed after")}


class Day(test_permissions_used.Recorder):
    """Refuses calls where the day says so. Which permissions they need is not asked here."""

    def tap(self, _service: str, operation: str, _parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        return self.fault(operation, make) if self.fault else make()


def test_every_call_of_every_function_is_killed_before_and_after(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = world.snapshot()
    killed: set[Call] = set()
    points = 0
    for scenario in scenarios():
        with monkeypatch.context() as patch:
            world.restore(empty)
            scenario.set_up(Shop(world), patch)
            explored = scenario.explore(world, KILLS, 2, chosen=_first_of_others(killed))
        assert explored.broken == []
        assert explored.points == len(KILLS) * len(explored.kinds)
        killed |= explored.kinds
        points += explored.points
    world.restore(empty)
    with monkeypatch.context() as patch:
        a_broad_day(world, patch)

    made = {call for call in world.calls if call[0] not in ELSEWHERE} - {PRESIGNED}
    with capsys.disabled():
        print(f"\n  every call: {len(killed)} of {len(made)} kinds killed, {points} crash points")  # noqa: T201
    assert made - killed == set(), f"in no SCENARIOS of a test_killed_….py: {sorted(made - killed)}"
    functions = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    never = functions - ELSEWHERE - CALLS_NOTHING - {function for function, _, _ in killed}
    assert never == set(), "give these SCENARIOS in a test_killed_….py"


def _first_of_others(known: set[Call]) -> Choice:
    """Choose the first call of each kind that is not known."""

    def choose(calls: Sequence[Call]) -> Iterable[int]:
        firsts = {call: number for number, call in reversed(list(enumerate(calls))) if call not in known}
        return sorted(firsts.values())

    return choose


def a_broad_day(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let everything happen that the permissions test lets happen."""
    shop = test_permissions_used.furnished(world, patch)
    day = Day(world, None)  # type: ignore[arg-type]
    world.tap = day.tap
    test_permissions_used.everything_happens(shop, day)
