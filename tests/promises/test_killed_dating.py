"""Promises 2 and 3 of days and invitations that those who wait are told, whichever call breaks."""

from collections import Counter

import pytest
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.shop import OPS, Shop
from tests.standby.preorder.sales import Sales
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


def a_campaign_invites_them(world: World) -> None:
    terms = {"kind": "preorder", "capacity": 9, "release_on": "2026-07", "price": {"amount": 100, "currency": "EUR"}}
    early = {"opens_at": "2026-05-03T10:00:00Z", "waitlist": True}
    body = {**terms, "opens_at": "2026-05-20T10:00:00Z", "early_access": early}
    assert insists(world, "preorder_api", "PUT", f"/v1/campaigns/{MUG}", body=body, scopes=OPS)[0] in (200, 201)
    everything_runs(world)


def each_was_invited_and_may_reserve(world: World, most: int) -> None:
    told = Counter(mail.email for mail in world.mails if mail.subject.startswith("Before everybody else"))
    assert set(told) == set(NAMES), f"promise 2: {told}"
    assert max(told.values()) <= most, f"promise 3: {told}"
    sales = Sales(Shop(world))
    answers = [sales.reserves(f"early-{name}", MUG, email=name)[0] for name in (*NAMES, "zoe@example.org")]
    assert answers == [201] * len(NAMES) + [409], answers
    _, line = world.request("waitlist_api", "GET", f"/v1/waitlist/{MUG}", scopes=OPS)
    assert line["waiting"] == len(NAMES), "promise 2: somebody lost the place"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "who waits is invited early",
        five_wait,
        a_campaign_invites_them,
        each_was_invited_and_may_reserve,
        every=11,
        constants={"standby.waitlist.line_pages.PAGE": 2},
    ),
    Scenario(
        "a day is known and slips",
        five_wait,
        a_day_is_known_and_slips,
        each_was_told_both_days_and_waits,
        every=19,
        constants={"standby.waitlist.line_pages.PAGE": 2},
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_everybody_hears_of_each_day_once_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
