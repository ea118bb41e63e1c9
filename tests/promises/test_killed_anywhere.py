"""Promises 1 to 4, 8 and 9 when any one AWS call of the journey is broken in any way."""

import pytest
from standby.platform.clock import to_text

from tests.promises.killing import (
    Scenario,
    dead_letters,
    distinct,
    everything_runs,
    insists,
    nobody_is_lost_or_spammed,
    report,
)
from tests.promises.shop import CONSENT, Shop, customers
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P2", "P3", "P4", "P5", "P8", "P9")

SKU = "SHIRT-RED-M"
ANA = "ana@example.org"


# ---- telling 70 customers ----

EVERYBODY = customers(70)


def seventy_wait(shop: Shop) -> None:
    shop.counts(SKU, 0)
    for email in EVERYBODY:
        shop.waits(email, SKU, locale="he" if email.endswith("3@example.org") else "en")


def it_is_back(world: World) -> None:
    world.send("StockUpdates", Shop(world).level(SKU, 500))
    everything_runs(world)


def all_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY), most)
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["told"]) == (0, 70), "promise 2: told and still waiting"
    assert Shop(world).stock(SKU)["on_hand"] == 500, "promise 4: the ERP's word was lost"


# ---- a wave of five ----


def thirty_wait(shop: Shop) -> None:
    shop.counts(SKU, 0)
    for email in EVERYBODY[:30]:
        shop.waits(email, SKU)
        shop.world.clock.advance(seconds=1)


def five_are_back(world: World) -> None:
    world.send("StockUpdates", Shop(world).level(SKU, 5))
    everything_runs(world)


def the_first_five_are_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(EVERYBODY[:5]), most)
    assert Shop(world).figures(SKU)["waiting"] == 25, "promise 5: somebody lost their place"


# ---- joining and confirming ----


def nothing_is_left(shop: Shop) -> None:
    shop.counts(SKU, 0)


def ana_joins_and_confirms(world: World) -> None:
    wish = {"email": ANA, "skus": [SKU], "quantity": 1, "locale": "en", "consent": CONSENT}
    insists(world, "waitlist_api", "POST", "/v1/waitlist", body=wish)
    everything_runs(world)
    token = next(mail.link("confirm") for mail in world.mails if mail.email == ANA)
    insists(world, "waitlist_api", "POST", "/v1/waitlist/confirm", query={"token": token})
    everything_runs(world)
    Shop(world).counts(SKU, 1)
    everything_runs(world)


def ana_is_told(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, {ANA}, most)
    figures = Shop(world).figures(SKU)
    assert (figures["unconfirmed"], figures["waiting"], figures["told"]) == (0, 0, 1), figures


# ---- leaving ----


def ana_waits(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.joins(ANA, SKU)
    shop.confirms(ANA)


def ana_leaves(world: World) -> None:
    token = world.mails[-1].link("leave")
    insists(world, "waitlist_api", "POST", "/v1/waitlist/leave", query={"token": token})
    everything_runs(world)
    Shop(world).counts(SKU, 5)
    everything_runs(world)


def leaving_is_final(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, set(), most)
    figures = Shop(world).figures(SKU)
    assert (figures["waiting"], figures["left"]) == (0, 1), figures


# ---- a feed of levels ----


def nothing_is_known(_shop: Shop) -> None:
    """Begin with an empty ledger."""


def the_erp_tells(world: World) -> None:
    shop = Shop(world)
    first = [shop.level(SKU, 3), shop.level("OTHER", 1)]
    world.clock.advance(seconds=5)
    counted = shop.level(SKU, 8, netted_until=to_text(world.clock.now()))
    order = {
        "type": "stock.incoming",
        "purchase_order_id": "PO-1",
        "sku": SKU,
        "quantity": 20,
        "eta": "2026-06-01",
        "supplier_id": "S-1",
        "as_of": to_text(world.clock.now()),
    }
    world.send("StockUpdates", {"type": "batch", "messages": [*first, counted, order]})
    world.send("StockUpdates", first[0])
    world.send("StockUpdates", "{not json")
    everything_runs(world)


def the_newest_word_wins(world: World, _most: int) -> None:
    stock = Shop(world).stock(SKU)
    assert (stock["on_hand"], stock["free"], stock["incoming"]) == (8, 8, 20), "promise 4"
    assert {event["sku"] for event in distinct(world, "Restocked")} == {SKU, "OTHER"}, "a restock was lost"
    assert {letter.body for letter in world.queues["StockDeadLetters"]} == {"{not json"}, "promise 9"
    assert dead_letters(world) == ["StockDeadLetters"], "promise 9: set aside without need"


SCENARIOS = (
    Scenario("telling 70 customers", seventy_wait, it_is_back, all_are_told, every=9),
    Scenario("a wave of 5 of 30", thirty_wait, five_are_back, the_first_five_are_told, every=5),
    Scenario("joining and confirming", nothing_is_left, ana_joins_and_confirms, ana_is_told, every=5),
    Scenario("leaving", ana_waits, ana_leaves, leaving_is_final, every=5),
    Scenario("a feed of levels", nothing_is_known, the_erp_tells, the_newest_word_wins, every=5),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_promises_hold_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
