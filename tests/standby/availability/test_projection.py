"""What changes a badge: every change of the ledger that a row shows, and the catalogue's newest word."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standby.ledger import items as ledger_items

from tests.standby.availability.storefront import (
    QUEUE,
    Storefront,
    counts_of,
    discontinued,
    head,
    in_order,
    on_the_ledger,
    product,
    product_changed,
    row,
    shelf,
    summary,
    variant,
)

PROJECTOR = "availability_projector"
ONE = ("dynamodb", "TransactWriteItems")

# ---- every change of what a row shows makes an event ----


def test_a_first_level_and_every_level_after_it_change_the_badge(shop: Storefront) -> None:
    for units, status in ((0, "SoldOut"), (1, "LimitedAvailability"), (40, "InStock"), (0, "SoldOut"), (-4, "SoldOut")):
        shop.counts("MUG", units)
        assert shop.statuses("MUG") == [status]


def test_a_changed_low_stock_changes_the_badge_without_any_level(shop: Storefront) -> None:
    shop.counts("MUG", 5)
    shop.counts("CUP", 5)
    shop.settings("sku:MUG", low_stock=5)
    shop.world.settle()
    assert shop.statuses("MUG", "CUP") == ["LimitedAvailability", "InStock"]
    shop.settings("shop", low_stock=9)
    shop.settings("sku:MUG", low_stock=None)
    shop.world.wait(minutes=3)
    assert [badge["units_left"] for badge in shop.badges("MUG", "CUP")] == [5, 5]


def test_a_changed_safety_stock_changes_the_badge(shop: Storefront) -> None:
    shop.counts("MUG", 5)
    shop.settings("shop", safety_stock=5)
    shop.world.settle()
    assert shop.statuses("MUG") == ["SoldOut"]


def test_a_location_that_no_longer_sells_online_changes_the_badge(shop: Storefront) -> None:
    shop.counts("MUG", 5)
    place = {"type": "location.upserted", "location_id": shop.location, "kind": "quarantine"}
    shop.world.send("StockUpdates", {**place, "as_of": "2026-05-03T10:00:01Z"})
    shop.world.settle()
    assert shop.statuses("MUG") == ["SoldOut"]


def test_goods_ordered_put_off_received_and_cancelled_change_the_badge(shop: Storefront) -> None:
    day, later = ((shop.today() + timedelta(days=days)).isoformat() for days in (3, 9))

    def shown() -> tuple[Any, Any]:
        (badge,) = shop.badges("KETTLE")
        return badge["status"], badge["back_on"]

    shop.orders("KETTLE", 5, day)  # the first that anybody hears of it
    assert shown() == ("OutOfStock", day)
    shop.orders("KETTLE", 5, later)  # no quantity changes
    assert shown() == ("OutOfStock", later)
    shop.orders("KETTLE", 5, None)
    assert shown() == ("OutOfStock", None)
    shop.orders("KETTLE", 5, day)
    shop.receives("KETTLE", 5)
    assert shown() == ("OutOfStock", shop.today().isoformat()), "they are here, and no level counts them yet"
    for units in (5, 0):
        shop.counts("KETTLE", units)
    assert shown() == ("SoldOut", None)
    shop.orders("KETTLE", 8, later)
    assert shown() == ("OutOfStock", later)
    shop.orders("KETTLE", 0, later)
    assert shown() == ("SoldOut", None)
    assert row(shop.world, "KETTLE").supply == on_the_ledger(shop.world, "KETTLE")


# ---- the catalogue ----


def test_a_higher_edition_wins_however_late_the_lower_one_comes(shop: Storefront) -> None:
    for edition in (3, 1, 4, 2):
        word = variant("RED", edition, options={"Edition": str(edition)}, position=edition)
        shop.world.send(QUEUE, product_changed("mugs", edition, word))
        shop.world.settle()
    assert row(shop.world, "RED").variant.options == {"Edition": "4"}
    assert head(shop.world, "mugs").title == {"en": "mugs 4"}


def test_a_sku_that_moves_to_another_product_counts_there(shop: Storefront) -> None:
    shop.counts("RED", 9)
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1), variant("BLUE", 1)))
    shop.world.settle()
    shop.world.send(QUEUE, product_changed("cups", 1, variant("RED", 2)))
    shop.world.settle()
    assert [product(shop.world, name).counts for name in ("mugs", "cups")] == [{"SoldOut": 1}, {"InStock": 1}]
    assert shop.badges("RED")[0]["product_id"] == "cups"


def test_a_variant_that_is_gone_counts_nowhere_and_keeps_its_units(shop: Storefront) -> None:
    shop.counts("RED", 9)
    for edition, gone in ((1, False), (2, True)):
        shop.world.send(QUEUE, product_changed("mugs", edition, variant("RED", edition, gone=gone)))
        shop.world.settle()
    assert product(shop.world, "mugs").counts == {}
    assert [(badge["status"], badge["product_id"]) for badge in shop.badges("RED")] == [("InStock", None)]
    assert shop.products("mugs")[0]["status"] is None


@pytest.mark.parametrize("product_id", ["mugs", None])
def test_what_does_not_come_back_is_sold_until_it_is_gone(shop: Storefront, product_id: str | None) -> None:
    shop.counts("RED", 9)
    shop.orders("RED", 5, (shop.today() + timedelta(days=3)).isoformat())
    shop.world.send(QUEUE, discontinued("RED", 3, product_id))
    shop.world.settle()
    assert shop.statuses("RED") == ["InStock"]
    shop.counts("RED", 0)
    (badge,) = shop.badges("RED")
    assert (badge["status"], badge["actions"], badge["back_on"]) == ("Discontinued", [], None)
    shop.world.send(QUEUE, product_changed("mugs", 4, variant("RED", 4)))
    shop.world.settle()
    assert shop.statuses("RED") == ["OutOfStock"]


def test_the_word_of_the_same_edition_that_says_more_wins(shop: Storefront) -> None:
    whole = product_changed("mugs", 2, variant("RED", 2, discontinued=True, options={"Colour": "Red"}))
    for first, second in ((whole, discontinued("RED", 2, "mugs")), (discontinued("RED", 2, "mugs"), whole)):
        shop.world.memory.tables["Availability"].items.clear()
        for word in (first, second):
            shop.world.send(QUEUE, word)
            shop.world.settle()
        assert row(shop.world, "RED").variant.options == {"Colour": "Red"}
        assert product(shop.world, "mugs").counts == {"Discontinued": 1}


def test_a_sku_that_left_its_product_and_ended_is_nobodys_even_if_the_leaving_is_heard_last(shop: Storefront) -> None:
    for word in (
        product_changed("mugs", 1, variant("RED", 1, options={"Colour": "Red"})),
        discontinued("RED", 3, None),
        product_changed("mugs", 2, variant("RED", 2, gone=True)),
    ):
        shop.world.send(QUEUE, word)
        shop.world.settle()
    (badge,) = shop.badges("RED")
    assert (badge["product_id"], badge["status"]) == (None, "Discontinued")
    assert product(shop.world, "mugs").counts == {}


def test_what_only_the_catalogue_knows_cannot_be_waited_for(shop: Storefront) -> None:
    """The waitlist takes SKUs that the ERP named."""
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1)))
    shop.world.settle()
    (badge,) = shop.badges("RED")
    assert (badge["status"], badge["actions"]) == ("SoldOut", [])


def test_numbers_that_are_older_than_the_shelf_come_with_the_catalogues_first_word(shop: Storefront) -> None:
    shop.counts("RED", 9)
    shop.world.memory.tables["Availability"].items.clear()
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1)))
    shop.world.settle()
    assert shop.statuses("RED") == ["InStock"]


def test_two_thousand_variants_are_rows_and_counts_in_the_products_order(shop: Storefront) -> None:
    names = [f"V-{number:04}" for number in range(2_000)]
    for start in range(0, 2_000, 500):
        words = [variant(names[at], 1, position=at) for at in range(start, start + 500)]
        shop.world.send(QUEUE, product_changed("mugs", 1, *words))
    shop.world.settle()
    shop.counts("V-0007", 9)
    assert product(shop.world, "mugs").counts == {"SoldOut": 1_999, "InStock": 1}
    assert in_order(shop.world, "mugs") == names


# ---- one delivery ----


def test_all_that_a_batch_says_about_a_sku_is_one_write(shop: Storefront) -> None:
    shop.world.held = frozenset({QUEUE})
    for units in range(1, 4):
        shop.counts("MUG", units)
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("MUG", 1)))
    shop.world.held = frozenset()
    before = len(shop.world.calls)

    shop.world.settle()

    made = [operation for function, _, operation in shop.world.calls[before:] if function == PROJECTOR]
    assert made == ["PutItem", "BatchGetItem", "Query", "TransactWriteItems"]  # the product, the row, the ledger
    assert row(shop.world, "MUG").edition == 1


def test_an_event_that_was_overtaken_costs_no_look_at_the_ledger(shop: Storefront) -> None:
    shop.world.held = frozenset({QUEUE})
    shop.counts("MUG", 1)
    (old,) = shop.world.bodies(QUEUE)
    shop.world.queues[QUEUE].clear()
    shop.world.held = frozenset()
    shop.counts("MUG", 2)
    before = len(shop.world.calls)
    shop.world.send(QUEUE, old)
    shop.world.settle()
    assert [operation for *_, operation in shop.world.calls[before:]] == ["BatchGetItem"]


def test_a_sku_that_fails_costs_the_others_nothing(shop: Storefront) -> None:
    shop.world.held = frozenset({QUEUE})
    for sku in ("MUG", "BROKEN", "CUP"):
        shop.counts(sku, 9)
    numbers = shop.world.memory.tables["Stock"].items["SKU#BROKEN"]
    numbers[ledger_items.SKU] = {name: value for name, value in numbers[ledger_items.SKU].items() if name != "owed"}
    shop.world.held = frozenset()

    shop.world.settle()
    for _ in range(6):
        shop.world.wait(minutes=16)

    assert shop.statuses("MUG", "BROKEN", "CUP") == ["InStock", None, "InStock"]
    assert [json.loads(body)["detail"]["sku"] for body in shop.world.bodies("AvailabilityDeadLetters")] == ["BROKEN"]


def test_a_row_that_cannot_be_written_costs_its_products_other_rows_nothing(shop: Storefront) -> None:
    def too_large(service: str, operation: str, parameters: Any, make: Any) -> Any:
        if "SKU#BAD" in str(parameters.get("TransactItems")):
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "too large"}}, operation)
        return make()

    shop.world.tap = too_large
    shop.world.send(QUEUE, product_changed("mugs", 1, *(variant(sku, 1) for sku in ("RED", "BAD", "BLUE"))))
    for _ in range(6):
        shop.world.wait(minutes=16)

    assert product(shop.world, "mugs").counts == {"SoldOut": 2}
    assert len(shop.world.bodies("AvailabilityDeadLetters")) == 1


def test_somebody_who_was_quicker_is_asked_again(shop: Storefront) -> None:
    """A second projector writes the same row between the read and the write of the first."""
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1)))
    shop.world.settle()
    done: list[bool] = []

    def quicker(service: str, operation: str, parameters: Any, make: Any) -> Any:
        if operation == "TransactWriteItems" and not done:
            done.append(True)
            shop.world.run(
                PROJECTOR,
                {"Records": [{"messageId": "m", "body": json.dumps(product_changed("mugs", 3, variant("RED", 3)))}]},
            )
        return make()

    shop.world.tap = quicker
    shop.world.send(QUEUE, product_changed("cups", 1, variant("RED", 2)))
    shop.world.settle()

    assert row(shop.world, "RED").variant.product_id == "mugs"
    assert [product(shop.world, name).counts for name in ("mugs", "cups")] == [{"SoldOut": 1}, {}]


def test_a_rule_that_changed_moves_the_counts_at_the_next_event(shop: Storefront) -> None:
    """A row counts as what it was written with, whatever a later version calls it."""
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1)))
    shop.counts("RED", 9)
    table = shop.world.memory.tables["Availability"]
    key = {"pk": {"S": "SKU#RED"}, "sk": {"S": "ROW"}}
    item = table.get(key)
    assert item is not None
    table.put(key, {**item, "status": {"S": "SoldOut"}})
    product_item = {"pk": {"S": "PRODUCT#mugs"}, "sk": {"S": "SUMMARY"}}
    table.put(product_item, {**(table.get(product_item) or {}), "in_stock": {"N": "0"}, "sold_out": {"N": "1"}})

    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1)))
    shop.world.settle()

    rows = shelf(shop.world).rows(["RED"]).values()
    assert {"mugs": summary(shop.world, "mugs")} == counts_of(rows) == {"mugs": {"InStock": 1, "awaited": 1}}


def test_rows_that_were_written_before_anybody_counted_who_is_awaited_are_counted_anew(shop: Storefront) -> None:
    """Until then a product's status tells, as it did before."""
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1), variant("BLUE", 1)))
    for sku in ("RED", "BLUE"):
        shop.counts(sku, 0)
    table = shop.world.memory.tables["Availability"]
    for sku in ("RED", "BLUE"):
        key = {"pk": {"S": f"SKU#{sku}"}, "sk": {"S": "ROW"}}
        item = table.get(key) or {}
        more = {name: said for name, said in json.loads(item["more"]["S"]).items() if name != "awaited"}
        table.put(key, {**item, "more": {"S": json.dumps(more)}})
    key = {"pk": {"S": "PRODUCT#mugs"}, "sk": {"S": "SUMMARY"}}
    table.put(key, {name: value for name, value in (table.get(key) or {}).items() if name != "awaited"})
    assert product(shop.world, "mugs").awaited is None
    assert product(shop.world, "mugs").is_awaited

    shop.world.send(QUEUE, {"rebuild": "skus"})
    shop.world.settle()
    assert summary(shop.world, "mugs") == {"SoldOut": 2, "awaited": 2}
    written = row(shop.world, "RED").edition
    shop.world.send(QUEUE, {"rebuild": "skus"})
    shop.world.settle()
    assert row(shop.world, "RED").edition == written


# ---- why ----


@pytest.mark.promise("P10")
def test_a_badge_names_the_events_the_rule_and_the_numbers(shop: Storefront) -> None:
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1)))
    shop.world.settle()
    shop.counts("RED", 2)

    *words, badge = shop.why("RED")["steps"]

    assert {step["event"] for step in words} == {"mugs@1:RED", "RED@1:StockChanged"}
    assert badge["rule"] == "units can be sold, but no more than the shop calls low"
    assert badge["numbers"] == {"status": "LimitedAvailability", "sellable": 2, "edition": 2}
    status, twin = shop.world.request(
        "availability_api", "GET", "/v1/availability/why", query={"sku": "RED"}, scopes="ops"
    )
    assert (status, twin) == (200, shop.why("RED"))
