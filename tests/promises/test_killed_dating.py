"""Promises 2, 3 and 10 of days that are told to those who wait, whichever call breaks."""

from collections import Counter

import pytest
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, report
from tests.promises.shop import OPS, Shop
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P9")

MUG = "MUG-BLUE"
NAMES = [f"c{number}@example.org" for number in range(5)]


def five_wait(shop: Shop) -> None:
    shop.settings(date_slip_days=3)
    shop.counts(MUG, 0)
    for name in NAMES:
        shop.waits(name, MUG)
        shop.world.clock.advance(seconds=1)
    shop.world.settle()


def a_day_is_known_and_slips(world: World) -> None:
    for eta in ("2026-06-12", "2026-07-20"):
        said = {"type": "stock.incoming", "purchase_order_id": "P-1", "sku": MUG, "quantity": 5, "eta": eta}
        world.send("StockUpdates", {**said, "as_of": to_text(world.clock.now())})
        everything_runs(world)


def each_was_told_both_days_and_waits(world: World, most: int) -> None:
    told = Counter((mail.email, "July" in mail.subject) for mail in world.mails if "expected" in mail.subject)
    assert set(told) == {(name, july) for name in NAMES for july in (False, True)}, f"promise 2: {told}"
    assert max(told.values()) <= most, f"promise 3: {told}"
    _, line = world.request("waitlist_api", "GET", f"/v1/waitlist/{MUG}", scopes=OPS)
    assert (line["waiting"], line["told"]) == (len(NAMES), 0), "promise 2: somebody lost the place"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "a day is known and slips",
        five_wait,
        a_day_is_known_and_slips,
        each_was_told_both_days_and_waits,
        every=19,
        constants={"standby.waitlist.dating.PAGE": 2},
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_everybody_hears_of_each_day_once_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
