"""Promises 2, 3 and 8 of the weekly list: who asked for it gets one a week, whichever call breaks."""

from collections import Counter
from datetime import timedelta

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, report
from tests.promises.shop import CONSENT, TOKENS, Shop
from tests.standby.availability.storefront import QUEUE, product_changed, variant
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P8", "P9")

NAMES = [f"c{number}@example.org" for number in range(5)]
LEFT = "left@example.org"
SHIRTS = ("SHIRT-S", "SHIRT-M")


def five_follow_and_one_left(shop: Shop) -> None:
    shirts = [variant(sku, 1, position=place, options={"Size": sku[-1]}) for place, sku in enumerate(SHIRTS)]
    shop.world.send(QUEUE, product_changed("shirt", 1, *shirts, category="Clothes"))
    shop.world.send(QUEUE, product_changed("coat", 1, variant("COAT", 1), category="Clothes"))
    for sku in (*SHIRTS, "COAT"):
        shop.counts(sku, 3)
        shop.counts(sku, 0)
    for number, name in enumerate((*NAMES, LEFT)):
        consent = {**CONSENT, "marketing": True, "at": to_text(shop.world.clock.now()), "source": "checkout"}
        shop.waits(name, SHIRTS[number % 2], digest=True, consent=consent)
        shop.world.clock.advance(seconds=1)
    shop.world.clock.advance(hours=2)
    shop.counts("COAT", 3)
    shop.counts("SHIRT-S", 1)
    token = TOKENS.issue("leave", {"a": address_key(LEFT)}, now=shop.world.clock.now(), lifetime=timedelta(days=1))
    assert shop.world.request("waitlist_api", "POST", "/v1/waitlist/leave", query={"token": token})[0] == 200
    shop.world.settle()


def the_list_goes_out(world: World) -> None:
    world.send("WaitlistSweeps", {"sweep": "digest", "issue": "2026-05-07"})
    everything_runs(world)
    world.clock.advance(minutes=11)
    world.send("WaitlistSweeps", {"sweep": "digest", "issue": "2026-05-07"})
    everything_runs(world)


def each_got_one_that_names_what_is_there(world: World, most: int) -> None:
    lists = [mail for mail in world.mails if "Back in stock this week" in mail.subject]
    told = Counter(mail.email for mail in lists)
    assert set(told) == set(NAMES), f"promises 2 and 8: {told}"
    assert max(told.values()) <= most, f"promise 3: {told}"
    assert all("coat 1" in mail.html for mail in lists), "a list names what came back"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "the weekly list goes out",
        five_follow_and_one_left,
        the_list_goes_out,
        each_got_one_that_names_what_is_there,
        every=13,
        constants={"standby.waitlist.digesting.PAGE": 2},
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_everybody_gets_one_list_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
