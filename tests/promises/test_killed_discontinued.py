"""Promises 2, 3 and 8 where a SKU does not come back: those who wait are told once, whatever breaks."""

from collections import Counter

import pytest

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.shop import Shop, customers
from tests.standby.availability.storefront import QUEUE, discontinued, product_changed, shelf, variant
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P8")

RED, BLUE, GREY = "MUG-RED", "MUG-BLUE", "MUG-GREY"
ONE, TWO, ANY = customers(3)
UNCONFIRMED = "unconfirmed@example.org"
PAGES_OF_TWO = {"standby.waitlist.discontinuing.PAGE": 2}


def everybody_hears(world: World, *events: dict[str, object]) -> None:
    """Send the catalogue's events to the shelf and to the waitlist, each twice."""
    for event in events * 2:
        world.send(QUEUE, event)
        if event["detail-type"] == "ProductDiscontinued":
            world.send("WaitlistPlans", event)


def minutes_go_by(world: World) -> None:
    everything_runs(world)
    for _ in range(3):
        world.wait(minutes=3)


def mails(world: World, subject: str) -> Counter[str]:
    """Count the mails whose subject begins so, by address."""
    return Counter(mail.email for mail in world.mails if mail.subject.startswith(subject))


def in_line(world: World) -> dict[str, tuple[int, int]]:
    """Return how many wait for each SKU, and how many units they want."""
    figures = {sku: Shop(world).figures(sku) for sku in (RED, BLUE, GREY)}
    return {sku: (found["waiting"], found["units_wanted"]) for sku, found in figures.items()}


def three_wait(shop: Shop) -> None:
    for sku in (RED, BLUE, GREY):
        shop.counts(sku, 0)
    shop.world.send(QUEUE, product_changed("mugs", 1, *(variant(sku, 1) for sku in (RED, BLUE, GREY))))
    shop.world.settle()
    for email, skus in ((ONE, [RED]), (TWO, [RED]), (ANY, [RED, BLUE])):
        shop.waits(email, *skus)
        shop.world.clock.advance(seconds=1)
    shop.joins(UNCONFIRMED, RED)


# ---- a SKU does not come back ----


def red_and_then_blue_end(world: World) -> None:
    everybody_hears(world, discontinued(RED, 2, "mugs"))
    minutes_go_by(world)
    assert ANY not in mails(world, "Not coming back"), "told while another SKU of the wish can come"
    everybody_hears(world, discontinued(BLUE, 2, "mugs"))
    minutes_go_by(world)
    token = next(mail.link("confirm") for mail in world.mails if mail.email == UNCONFIRMED)
    status, answer = insists(world, "waitlist_api", "POST", "/v1/waitlist/confirm", query={"token": token})
    assert status == 410, answer
    minutes_go_by(world)


def each_is_told_once_that_it_is_over(world: World, most: int) -> None:
    told = mails(world, "Not coming back")
    assert set(told) == {ONE, TWO, ANY}, f"promise 2: {told}"
    assert max(told.values()) <= most, f"promise 3: {told}"
    assert not mails(world, "Back in stock")
    assert in_line(world) == {RED: (0, 0), BLUE: (0, 0), GREY: (0, 0)}
    assert dead_letters(world) == [], f"promise 9: {dead_letters(world)}"


# ---- the last units go to those in line; what is taken back in time is waited for ----


def they_wait_for_grey_too(shop: Shop) -> None:
    shop.settings(wave_interval_seconds=86_400)
    three_wait(shop)
    for email in (ONE, TWO):
        shop.waits(email, GREY)
    shop.world.settle()


def the_last_unit_comes_and_goes(world: World) -> None:
    shop = Shop(world)
    world.send("StockUpdates", shop.level(RED, 1))
    minutes_go_by(world)
    everybody_hears(world, discontinued(RED, 2, "mugs"), product_changed("mugs", 3, variant(GREY, 3)))
    everything_runs(world)
    world.send("WaitlistPlans", discontinued(GREY, 2, "mugs"))
    minutes_go_by(world)
    assert not mails(world, "Not coming back"), "told while a unit can be sold, or of what was taken back"
    world.send("StockUpdates", shop.level(RED, 0))
    world.send("StockUpdates", shop.level(GREY, 9))
    minutes_go_by(world)


def each_is_told_either_this_or_that(world: World, most: int) -> None:
    over = mails(world, "Not coming back")
    assert set(over) == {TWO}, f"promise 2: {over}"
    assert over[TWO] <= most, f"promise 3: {over}"
    assert set(mails(world, "Back in stock")) == {ONE, TWO}
    assert [Shop(world).figures(sku)["told"] for sku in (RED, BLUE, GREY)] == [1, 0, 2]
    assert in_line(world) == {RED: (0, 0), BLUE: (1, 1), GREY: (0, 0)}
    assert dead_letters(world) == [], f"promise 9: {dead_letters(world)}"


# ---- everything at once, so that the order decides ----


def everything_comes_at_once(world: World) -> None:
    shop = Shop(world)
    everybody_hears(world, discontinued(RED, 2, "mugs"), product_changed("mugs", 3, variant(RED, 3)))
    world.send("StockUpdates", shop.level(RED, 9))
    minutes_go_by(world)


def nobody_hears_both(world: World, most: int) -> None:
    back, over = mails(world, "Back in stock"), mails(world, "Not coming back")
    assert {ONE, TWO} <= set(back) | set(over) <= {ONE, TWO, ANY}, f"promise 2: {back} {over}"
    assert in_line(world)[BLUE] == ((0, 0) if ANY in back else (1, 1)), f"promise 2: {back}"
    assert not set(back) & set(over), f"told that it is back and that it is not: {back} {over}"
    assert max((back + over).values()) <= most, f"promise 3: {back} {over}"
    assert not shelf(world).rows([RED])[RED].variant.discontinued
    assert in_line(world)[RED] == (0, 0)
    assert dead_letters(world) == [], f"promise 9: {dead_letters(world)}"


SCENARIOS = (
    Scenario(
        "a SKU does not come back",
        three_wait,
        red_and_then_blue_end,
        each_is_told_once_that_it_is_over,
        every=90,
        constants=PAGES_OF_TWO,
    ),
    Scenario(
        "the last units",
        they_wait_for_grey_too,
        the_last_unit_comes_and_goes,
        each_is_told_either_this_or_that,
        every=150,
    ),
    Scenario("taken back and restocked at once", three_wait, everything_comes_at_once, nobody_hears_both, every=90),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_those_who_wait_are_told_once_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
