"""2,000 waiting, killed anywhere: 0 lost, and at most one SES call (50 recipients) repeated (design, promise 3).

Every call is broken with ``STANDBY_EVERY=1`` (some minutes); a plain run breaks every 40th.
"""

import os

import pytest

from tests.benchmarks.telling import fill
from tests.crashes import FAULTS, explore
from tests.promises.killing import MOST_REPEATED, everything_runs, repeats, report
from tests.promises.shop import Shop
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3")

SKU = "SHIRT-RED-M"
WAITING = 2_000
EVERY = int(os.environ.get("STANDBY_EVERY", "40"))
DEADLY = {name: FAULTS[name] for name in ("killed before", "killed after", "answer lost")}


def test_nobody_of_2000_is_lost_and_one_call_at_most_repeats(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.settings(notify_everyone=True)
    shop.counts(SKU, 0)
    fill(shop.world, SKU, WAITING)

    def act(world: World) -> None:
        world.send("StockUpdates", Shop(world).level(SKU, WAITING))
        everything_runs(world)

    def check(world: World) -> None:
        told = Shop(world).told()
        assert len(told) == WAITING, f"{WAITING - len(told)} lost"
        assert repeats(world) <= MOST_REPEATED, f"{repeats(world)} repeated"
        assert Shop(world).figures(SKU)["told"] == WAITING

    report(capsys, "telling 2,000 customers", explore(shop.world, act, check, faults=DEADLY, every=EVERY))
