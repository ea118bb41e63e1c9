"""Promises 2, 3, 5 and 8 in closed hours: mails that wait for the morning, and a sweep that stands still for days."""

from collections import Counter

import pytest

from tests.promises.killing import (
    Scenario,
    dead_letters,
    everything_runs,
    insists,
    nobody_is_lost_or_spammed,
    report,
)
from tests.promises.preorder_checks import adds_up, offers
from tests.promises.shop import Shop, customers
from tests.standby.preorder.line import LINK, WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P2", "P3", "P5", "P8")

SKU = "SHIRT-RED-M"
EVERYBODY = customers(6)
LEAVING = EVERYBODY[0]
FROM_TWO = {"QUIET_HOURS": "14:00-22:00", "QUIET_FOR": "all"}
"""Closed from an hour after a world begins."""
CLOSED = "a mail left in a closed hour"


def six_wait(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.joins(LEAVING, SKU)
    shop.confirms(LEAVING)
    for number, email in enumerate(EVERYBODY[1:]):
        shop.waits(email, SKU, locale="he" if number % 2 else "en")
    shop.world.clock.advance(minutes=45)


def it_comes_back_at_two(world: World) -> None:
    """Let a wave begin, and its mails come to the sender when it has closed."""
    world.held = frozenset({"MailBulk"})
    world.send("StockUpdates", Shop(world).level(SKU, 500))
    world.settle()
    world.clock.advance(minutes=20)
    world.held = frozenset()
    everything_runs(world)
    assert Shop(world).told() == {}, CLOSED


def it_opens(world: World) -> None:
    world.wait(hours=8)
    everything_runs(world)


def one_leaves_before_it_opens(world: World) -> None:
    it_comes_back_at_two(world)
    token = next(mail.link("leave") for mail in world.mails if mail.email == LEAVING)
    insists(world, "waitlist_api", "POST", "/v1/waitlist/leave", query={"token": token})
    world.settle()
    it_opens(world)


def all_but_who_left_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY) - {LEAVING}, most)
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["told"], figures["left"]) == (0, 5, 1), figures


def the_sweep_stands_still_for_days(world: World) -> None:
    it_comes_back_at_two(world)
    assert any(each["sk"]["S"] == "WAITING" for each in world.memory.tables["Mail"].every())
    world.held = frozenset({"MailFeedback"})
    world.wait(hours=57)
    assert Shop(world).told() == {}
    world.held = frozenset()
    everything_runs(world)
    world.wait(hours=1)
    everything_runs(world)


def all_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY), most)
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["told"]) == (0, 6), figures


# ---- units that are held at night: whose mails wait, and whose time begins in the morning ----


def four_wait_and_it_is_after_two(shop: Shop) -> None:
    WaitingLine(shop).begins(4, hours=4)
    shop.world.settle()
    shop.world.clock.advance(hours=1, minutes=1)


def two_are_held_until_it_opens(world: World) -> None:
    world.send("StockUpdates", Shop(world).level(LAMP, 2))
    everything_runs(world)
    assert offered(world) == {}, CLOSED
    it_opens(world)
    world.wait(hours=2)
    everything_runs(world)


def the_first_two_have_them(world: World, most: int) -> None:
    adds_up(world)
    assert offered(world).keys() == {"w0@example.org", "w1@example.org"}, "promise 5"
    assert max(offered(world).values()) <= most, f"promise 3: {offered(world)}"
    held = [each for each in offers(world) if each.status == "held"]
    assert len(held) == 2, "promise 2"
    assert dead_letters(world) == [], dead_letters(world)


def offered(world: World) -> Counter[str]:
    return Counter(
        mail.email for mail in world.mails if LINK.search(mail.text) and mail.subject.startswith("Set aside")
    )


SMALL = {"standby.mail.waiting_repository.PAGE": 1}
SCENARIOS = (
    Scenario(
        "mails that wait for the morning",
        six_wait,
        one_leaves_before_it_opens,
        all_but_who_left_are_told,
        every=44,
        environment=FROM_TWO,
        constants=SMALL,
    ),
    Scenario(
        "offers that wait for the morning",
        four_wait_and_it_is_after_two,
        two_are_held_until_it_opens,
        the_first_two_have_them,
        every=90,
        environment=FROM_TWO,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_promises_hold_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))


def test_a_sweep_that_stands_still_for_days_loses_nobody(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FROM_TWO.items():
        monkeypatch.setenv(name, value)
    six_wait(shop)
    shop.world.restart()

    the_sweep_stands_still_for_days(shop.world)

    all_are_told(shop.world, 1)
