"""The shelf is right in the end whichever call of the projector breaks, and a storefront's call breaks nothing."""

from typing import Any

import pytest
from standby.availability.pictures.hashing import looks
from standby.platform.clock import to_text
from standby.platform.table import Query, Table
from standby.shelf import items
from standby.shelf.stores import StoreReader

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.preorder_checks import the_shelf_knows
from tests.promises.shop import Shop
from tests.standby.availability.pictures.drawing import drawn
from tests.standby.availability.storefront import (
    QUEUE,
    Storefront,
    counts_of,
    described,
    discontinued,
    head,
    on_the_ledger,
    product,
    product_changed,
    shelf,
    summary,
    variant,
)
from tests.standby.preorder.sales import Sales
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

PICTURES = "AvailabilityPictures"
SKUS = ("RED", "BLUE", "GREY", "GREEN")
PRODUCTS = ("mugs", "cups")
OWNERS = {"RED": "cups", "BLUE": "mugs", "GREY": None, "GREEN": "mugs"}
CART = {"lines": [{"sku": "RED", "quantity": 5}, {"sku": "RED", "quantity": 1}], "alternatives": True}
ANSWERS = "answers"
"""What a storefront was answered, kept as events of the world, so that a restored world forgets them."""


def a_product_and_its_stock_are_there(shop: Shop) -> None:
    words = (variant(sku, 1) for sku in SKUS[:3])
    shop.world.send(QUEUE, product_changed("mugs", 1, *words))
    shop.world.settle()
    for sku in SKUS[:3]:
        shop.counts(sku, 5)


def two_products_of_a_category_are_there(shop: Shop) -> None:
    a_product_and_its_stock_are_there(shop)
    can = variant("CAN", 1, options={"Size": "M"})
    for word in (product_changed("mugs", 2, category="kitchen"), product_changed("cans", 1, can, category="kitchen")):
        shop.world.send(QUEUE, word)
        shop.world.settle()
    shop.counts("CAN", 5)


def stock_and_catalogue_change_at_once(world: World) -> None:
    """Sell out, order, move a SKU, take one out, add one, end one: all of it waits, then it comes in batches."""
    shop = Shop(world)
    for message in (shop.level("RED", 0), shop.level("BLUE", 1), shop.level("GREEN", 7)):
        world.send("StockUpdates", message)
    incoming = {"type": "stock.incoming", "purchase_order_id": "P", "sku": "RED", "quantity": 4, "eta": "2026-06-01"}
    world.send("StockUpdates", {**incoming, "as_of": "2026-05-03T10:00:00Z"})
    words = [
        product_changed("cups", 1, variant("RED", 2)),
        product_changed("mugs", 2, variant("GREY", 2, gone=True), variant("GREEN", 1), variant("BLUE", 2)),
        product_changed("mugs", 3, variant("BLUE", 3, discontinued=True)),
        discontinued("BLUE", 3, "mugs"),
        product_changed("mugs", 2, variant("RED", 1)),
    ]
    for word in words:
        world.send(QUEUE, word)
    everything_runs(world)


def the_shelf_is_right(world: World, _most: int) -> None:
    rows = shelf(world).rows(SKUS)
    for sku in SKUS:
        assert rows[sku].supply == on_the_ledger(world, sku), f"promise 4: the shelf says otherwise of {sku}"
    assert {sku: rows[sku].variant.product_id for sku in SKUS} == OWNERS
    assert {sku: row.status for sku, row in rows.items()} == {
        "RED": "OutOfStock",
        "BLUE": "LimitedAvailability",
        "GREY": "InStock",
        "GREEN": "InStock",
    }
    assert {name: summary(world, name) for name in PRODUCTS} == counts_of(rows.values()), "counts of rows"
    assert head(world, "mugs").edition == 3
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


def a_storefront_asks_for_everything(world: World) -> None:
    for method, path, more in (
        ("GET", "/v1/availability", {"query": {"sku": "RED"}}),
        ("GET", "/v1/availability", {"query": {"product_id": "mugs"}}),
        ("POST", "/v1/availability/check", {"body": CART}),
        ("POST", "/v1/listings/rank", {"body": {"skus": ["RED"]}}),
        ("GET", "/v1/availability/RED/why", {"scopes": "ops"}),
        ("GET", "/v1/products/mugs/availability", {}),
        ("GET", "/v1/feeds/availability.tsv", {}),
        ("GET", "/v1/products/mugs/alternatives", {"query": {"choice": "Size:M"}}),
        ("GET", "/v1/products/mugs/stores", {}),
    ):
        status, body = insists(world, "availability_api", method, path, **more)
        world.events.append((ANSWERS, {"status": status, "body": body}))


def every_answer_is_right(world: World, _most: int) -> None:
    answers: list[dict[str, Any]] = [detail for name, detail in world.events if name == ANSWERS]
    assert [answer["status"] for answer in answers] == [200] * 9
    assert answers[0]["body"]["items"][0]["status"] == "InStock"
    assert [line["can_be_had"] for line in answers[2]["body"]["lines"]] == [True, False]
    assert answers[2]["body"]["lines"][1]["alternatives"] == ["BLUE", "GREY"]
    assert [each["sku"] for each in answers[5]["body"]["variants"]] == ["BLUE", "GREY", "RED"]
    told = {line.split("\t")[0] for line in answers[6]["body"].splitlines()[1:]}
    assert told == {*SKUS[:3], "CAN"}, "a feed is whole, or an error"
    assert [each["sku"] for each in answers[7]["body"]["items"]] == ["CAN"]
    assert [store["name"] for store in answers[8]["body"]["items"]] == ["haifa", "jaffa"]


def poison_comes_among_good(world: World) -> None:
    shop = Shop(world)
    world.send(QUEUE, {"detail-type": "StockChanged", "detail": {"sku": 7}})
    world.send("StockUpdates", shop.level("RED", 0))
    everything_runs(world)


def poison_is_aside_and_the_good_is_done(world: World, _most: int) -> None:
    assert shelf(world).rows(["RED"])["RED"].status == "SoldOut"
    letters = world.queues["AvailabilityDeadLetters"]
    assert letters, "promise 9: poison is gone"
    assert {letter.attributes["reason"] for letter in letters} == {"StockChanged: id: missing"}


def about_store(world: World, location_id: str, **more: Any) -> dict[str, Any]:
    said = {"type": "location.upserted", "location_id": location_id, "kind": "store", "name": location_id}
    return {**said, **more, "as_of": to_text(world.clock.now())}


def two_stores_have_mugs(shop: Shop) -> None:
    a_product_and_its_stock_are_there(shop)
    stores_are_there(shop)


def two_products_and_two_stores_are_there(shop: Shop) -> None:
    two_products_of_a_category_are_there(shop)
    stores_are_there(shop)


def stores_are_there(shop: Shop) -> None:
    for location_id in ("haifa", "jaffa"):
        shop.world.send("StockUpdates", about_store(shop.world, location_id))
        Shop(shop.world, location=location_id).counts("BLUE", 2)


def a_store_moves_sells_out_and_another_ships(world: World) -> None:
    Shop(world).counts("BLUE", 0)
    world.send("StockUpdates", about_store(world, "haifa", name="moved"))
    world.send("StockUpdates", Shop(world, location="haifa").level("BLUE", 0))
    world.send("StockUpdates", about_store(world, "jaffa", ships_orders=True, buffer=1))
    everything_runs(world)


def the_stores_are_right(world: World, _most: int) -> None:
    front = Storefront(world)
    assert on_the_ledger(world, "BLUE") == (row := shelf(world).rows(["BLUE"])["BLUE"]).supply
    assert (row.status, row.supply.stores) == ("LimitedAvailability", {"jaffa": 2}), "promise 4"
    assert StoreReader(front.table(), world.clock).stores() == described(world), "promise 4: another directory"
    assert [store["name"] for store in front.stores("mugs")] == ["jaffa"]
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


def the_shelf_is_lost(shop: Shop) -> None:
    two_stores_have_mugs(shop)
    Sales(shop).opens("RED", capacity=7)
    shop.world.wait(seconds=2)
    shop.world.memory.tables["Availability"].items.clear()


def it_is_rebuilt_while_the_erp_speaks(world: World) -> None:
    shop = Shop(world)
    world.send(QUEUE, {"rebuild": "skus"})
    world.send("PreorderRecords", {"retell": "campaigns"})
    world.send("StockUpdates", shop.level("RED", 0))
    world.send(QUEUE, product_changed("mugs", 1, *(variant(sku, 1) for sku in SKUS[:3])))
    world.settle()
    everything_runs(world)


def the_rebuilt_shelf_is_right(world: World, _most: int) -> None:
    rows = shelf(world).rows(SKUS)
    assert {sku: row.status for sku, row in rows.items()} == {"RED": "SoldOut", "BLUE": "InStock", "GREY": "InStock"}
    assert rows["RED"].status_at(to_text(world.clock.now())) == "PreOrder"
    the_shelf_knows(world)
    assert product(world, "mugs").counts == {"SoldOut": 1, "InStock": 2}
    assert StoreReader(Storefront(world).table(), world.clock).stores() == described(world), "a store is lost"
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


MUG, CUP, CHANGED = (f"https://shop.example/i/{name}.png" for name in ("mug", "cup", "changed"))


def two_products_look_alike(shop: Shop) -> None:
    """The first has no category, so only its looks tell what is like it."""
    world = shop.world
    world.web.pictures = {MUG: drawn(1), CUP: drawn(1), CHANGED: drawn(2)}
    for name, image in (("mugs", MUG), ("cups", CHANGED)):
        for queue in (QUEUE, PICTURES):
            world.send(queue, product_changed(name, 1, variant(name.upper(), 1), image=image))
        world.settle()
        shop.counts(name.upper(), 5)


def pictures_change_and_cannot_be_had(world: World) -> None:
    """One is another's now; one is not there; one comes late and twice; and the storefront asks what is like one."""
    for word in (
        product_changed("cups", 2, variant("CUPS", 2), image=CUP),
        product_changed("jugs", 1, variant("JUGS", 1), image="https://shop.example/i/forbidden.png"),
        product_changed("mugs", 3, variant("MUGS", 3), image=MUG),
        product_changed("mugs", 2, variant("MUGS", 2), image=CHANGED),
        {"look": 7},
    ):
        world.send(PICTURES, word)
    everything_runs(world)
    asked = insists(world, "availability_api", "GET", "/v1/products/mugs/alternatives")
    world.events.append((ANSWERS, {"status": asked[0], "body": asked[1]}))


def who_looks_alike_is_found(world: World, _most: int) -> None:
    found = shelf(world).pictures(["mugs", "cups", "jugs"])
    assert {name: (each.edition, each.address, each.state) for name, each in found.items()} == {
        "mugs": (3, MUG, "seen"),
        "cups": (2, CUP, "seen"),
        "jugs": (1, "https://shop.example/i/forbidden.png", "left"),
    }, "promise 4"
    table = Table("Availability", world.dynamodb)
    for number, names in ((1, {"mugs", "cups"}), (2, set())):
        lists = [table.page(Query(key["pk"])).items for key in items.band_keys("", looks(drawn(number)))]
        listed = [{items.looking(item["sk"]) for item in each} for each in lists]
        assert [{name for name, its in each if its == looks(drawn(number))} for each in listed] == [names] * len(lists)
    assert shelf(world).alike("mugs") == {"cups": 0}, "an old picture is still found, or a new one is not"
    (answer,) = [detail for name, detail in world.events if name == ANSWERS]
    assert [(each["product_id"], each["reason"]) for each in answer["body"]["items"]] == [("cups", "looks_alike")]
    letters = world.queues["AvailabilityDeadLetters"]
    assert {letter.body for letter in letters} == {'{"look": 7}'}, "promise 9"


SCENARIOS = (
    Scenario(
        "pictures named, changed and missing",
        two_products_look_alike,
        pictures_change_and_cannot_be_had,
        who_looks_alike_is_found,
        every=6,
    ),
    Scenario(
        "the shelf rebuilt",
        the_shelf_is_lost,
        it_is_rebuilt_while_the_erp_speaks,
        the_rebuilt_shelf_is_right,
        every=13,
        constants={"standby.ledger.supply.SKUS_PAGE": 1, "standby.ledger.locations.LOCATIONS_PAGE": 1},
    ),
    Scenario(
        "stores described and emptied",
        two_stores_have_mugs,
        a_store_moves_sells_out_and_another_ships,
        the_stores_are_right,
        every=13,
    ),
    Scenario(
        "stock and catalogue at once",
        a_product_and_its_stock_are_there,
        stock_and_catalogue_change_at_once,
        the_shelf_is_right,
        every=9,
        constants={"standby.availability.repository.ROWS_PER_WRITE": 2},
    ),
    Scenario(
        "badges asked for",
        two_products_and_two_stores_are_there,
        a_storefront_asks_for_everything,
        every_answer_is_right,
        every=1,
    ),
    Scenario(
        "poison among changes of availability",
        a_product_and_its_stock_are_there,
        poison_comes_among_good,
        poison_is_aside_and_the_good_is_done,
        every=12,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_shelf_is_right_whichever_call_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)
    report(capsys, scenario.name, scenario.broken(shop.world))
