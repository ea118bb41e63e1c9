"""Promises 1 to 5, 8 and 9 when functions run at once: nothing fails, but everything else runs in the middle of a call.

Whatever a function has read is old by the time it writes. Each call of each scenario is overtaken (all else runs before
it) and followed (all else runs after it). What runs is once the other messages alone, and once also a second delivery
of those that the function is at work on. A plain run overtakes the first call of each kind that changes something, in
one of these two ways.
"""

import pytest

from tests.crashes import at_once
from tests.promises.killing import THOROUGH, Scenario, report, sampled, scenarios
from tests.promises.shop import Shop
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P2", "P3", "P4", "P5", "P8", "P9")

ALONE = ("test_counted_anywhere", "test_killed_access")
"""A count has its own test of what runs beside it; nothing runs beside the authorizer, which only reads."""
SCENARIOS = scenarios(without=ALONE)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_promises_hold_when_functions_run_at_once(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)
    others = at_once(shop.world, World.settle)
    same = {f"{name} by the same": fault for name, fault in at_once(shop.world, World.settle, again=True).items()}
    faults = {name: fault for name, fault in {**others, **same}.items() if THOROUGH or name.startswith("overtaken")}

    explored = scenario.explore(shop.world, faults, 1, chosen=sampled(scenario.every * 20), rotate=not THOROUGH)

    report(capsys, f"{scenario.name}, at once", explored)
    assert explored.points > 0, "nothing ran at once"
