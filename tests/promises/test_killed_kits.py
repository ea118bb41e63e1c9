"""Promises 1, 2, 3 and 9 where what people wait for is a kit: it follows its components, whatever breaks."""

import pytest

from tests.promises.killing import Scenario, everything_runs, nobody_is_lost_or_spammed, report
from tests.promises.shop import Shop, customers
from tests.standby.availability.storefront import Storefront, product_changed, variant
from tests.standby.catalog.words import upserted
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P2", "P3", "P9")

TENT, POLE, PEG, ROPE = "TENT", "POLE", "PEG", "ROPE"
CAMP, PARTY, PAIR = "CAMP-KIT", "PARTY-KIT", "PAIR-KIT"
ONE, TWO = customers(2)
PAGES_OF_ONE = {"standby.ledger.kits.KITS_PAGE": 1}


def components(**made: int) -> list[dict[str, object]]:
    """Return so many of each SKU, as the catalogue says it."""
    return [{"sku": sku, "quantity": quantity} for sku, quantity in made.items()]


def kits(world: World, minute: int, **made: dict[str, int]) -> None:
    """Let the shop say what kits are made of: by their names, with ``_`` for ``-``."""
    variants = [{"sku": name.replace("_", "-"), "components": components(**each)} for name, each in made.items()]
    world.send("CatalogUpdates", upserted("KITS", minute=minute, variants=variants))


def two_wait_for_a_kit(shop: Shop) -> None:
    """Nothing of three kits can be made, because there are no poles."""
    for sku, units in ((TENT, 3), (POLE, 0), (PEG, 50), (ROPE, 9)):
        shop.counts(sku, units)
    kits(shop.world, 1, CAMP_KIT={TENT: 1, POLE: 2}, PARTY_KIT={POLE: 4, PEG: 1}, PAIR_KIT={TENT: 2})
    shop.world.settle()
    for email in (ONE, TWO):
        shop.waits(email, CAMP)
        shop.world.clock.advance(seconds=1)
    shop.world.settle()


def poles_come(world: World) -> None:
    """Poles for two camps come; meanwhile one kit is made of something else, and one is none any more.

    The catalogue's functions are killed elsewhere, so its event comes from nowhere.
    """
    shop = Shop(world)
    world.send("StockUpdates", shop.level(POLE, 5))
    party = variant(PARTY, 2, components=components(PEG=10, ROPE=1))
    world.send("StockProducts", product_changed("KITS", 2, party, variant(PAIR, 2)))
    everything_runs(world)
    world.send("StockUpdates", shop.level(TENT, 0))
    everything_runs(world)


def both_are_told_and_the_kits_are_counted(world: World, most: int) -> None:
    nobody_is_lost_or_spammed(world, {ONE, TWO}, most)
    shop = Storefront(world)
    assert [shop.stock(kit)["free"] for kit in (CAMP, PARTY, PAIR)] == [0, 5, 0]
    assert shop.stock(PAIR)["kit"] is None
    assert shop.statuses(CAMP, PARTY) == ["SoldOut", "InStock"]


SCENARIOS = (
    Scenario(
        "a kit's component comes back",
        two_wait_for_a_kit,
        poles_come,
        both_are_told_and_the_kits_are_counted,
        every=60,
        constants=PAGES_OF_ONE,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_whatever_breaks_a_kit_follows_its_components(
    scenario: Scenario, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(Shop(world), monkeypatch)
    report(capsys, scenario.name, scenario.broken(world))


def test_a_kit_sells_out_with_its_component_and_who_waits_is_told_once_when_it_is_back(world: World) -> None:
    shop = Storefront(world)
    for sku, units in ((TENT, 4), (POLE, 9)):
        shop.counts(sku, units)
    kits(world, 1, CAMP_KIT={TENT: 1, POLE: 2})
    world.settle()
    there = shop.statuses(CAMP)
    shop.counts(POLE, 1)
    gone = shop.statuses(CAMP)
    shop.waits(ONE, CAMP)
    shop.counts(TENT, 5)
    nothing = dict(shop.told())

    shop.counts(POLE, 7)
    shop.counts(POLE, 9)
    world.wait(minutes=16)

    assert (there, gone, nothing) == (["InStock"], ["SoldOut"], {})
    assert shop.told() == {ONE: 1}
    assert shop.statuses(CAMP) == ["InStock"]
    assert [event["sku"] for name, event in world.events if name == "SoldOut"] == [CAMP]


def test_a_wave_for_a_kit_is_sized_by_the_kits_that_can_be_made(world: World) -> None:
    shop = Shop(world)
    two_wait_for_a_kit(shop)

    shop.counts(POLE, 3)

    assert shop.told() == {ONE: 1}


def test_a_kit_comes_back_on_the_day_on_which_the_last_missing_component_comes(world: World) -> None:
    shop = Storefront(world)
    two_wait_for_a_kit(shop)
    for sku, eta in ((POLE, "2026-06-01"), (TENT, "2026-05-20")):
        order = {"type": "stock.incoming", "purchase_order_id": f"PO-{sku}", "sku": sku, "quantity": 4, "eta": eta}
        world.send("StockUpdates", {**order, "as_of": shop.level(sku, 0)["as_of"]})
    world.settle()

    (badge,) = shop.badges(CAMP)

    assert (badge["status"], badge["back_on"], shop.stock(CAMP)["incoming"]) == ("OutOfStock", "2026-06-01", 2)


def test_a_component_that_the_erp_names_after_its_kit_was_described_makes_it(world: World) -> None:
    shop = Shop(world)
    shop.counts(TENT, 4)
    kits(world, 1, CAMP_KIT={TENT: 1, POLE: 2})
    world.settle()
    before = shop.stock(CAMP)["free"]

    shop.counts(POLE, 4)
    first = shop.stock(CAMP)["free"]
    shop.counts(POLE, 2)

    assert (before, first, shop.stock(CAMP)["free"]) == (0, 2, 1)


def test_the_operator_sees_what_a_kit_is_made_of_and_why_it_can_be_made(world: World) -> None:
    shop = Shop(world)
    two_wait_for_a_kit(shop)
    shop.counts(POLE, 3)

    kit = shop.stock(CAMP)["kit"]
    status, why = world.request("stock_api", "GET", f"/v1/stock/{CAMP}/why", scopes="ops")

    assert kit == {
        "components": [{"sku": TENT, "quantity": 1}, {"sku": POLE, "quantity": 2}],
        "edition": 1,
    }
    counted = [step for step in why["steps"] if step["event"].startswith("kit.")][-1]
    assert (status, counted["event"], counted["numbers"]["free"]) == (200, "kit.counted", 1)
    assert counted["numbers"]["components"][POLE]["free"] == 3


def test_a_kit_whose_jobs_were_lost_is_counted_when_the_change_is_told_again(world: World) -> None:
    """The stream's function failed for too long, so that only the hourly look tells of the change."""
    shop = Storefront(world)
    two_wait_for_a_kit(shop)
    world.held = frozenset({"Stock"})
    world.send("StockUpdates", shop.level(POLE, 4))
    world.settle()
    world.read["Stock"] = len(world.memory.tables["Stock"].stream)
    world.held = frozenset()

    world.clock.advance(minutes=6)
    world.send("StockSweeps", {"sweep": "unannounced"})
    world.settle()

    assert (shop.stock(CAMP)["free"], shop.told()) == (2, {ONE: 1, TWO: 1})
