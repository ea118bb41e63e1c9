"""Offers never exceed the units that are there, whatever is counted after they were made."""

import pytest

from tests.promises.preorder_checks import adds_up, everything_was_told
from tests.promises.shop import Shop
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.preorder.line import HOURS, WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World


@pytest.fixture
def line(world: World) -> WaitingLine:
    return WaitingLine(Shop(world))


def offered_one_by_one(line: WaitingLine, units: int, *skus: str) -> None:
    """Let units come so that one customer is offered his after the other."""
    for counted in range(1, units + 1):
        line.world.clock.advance(seconds=1)
        for sku in skus or (LAMP,):
            line.shop.counts(sku, counted)


def test_while_units_are_missing_the_latest_offers_cannot_be_taken(line: WaitingLine) -> None:
    line.begins(3)
    offered_one_by_one(line, 3)
    line.shop.counts(LAMP, 1)

    said = {name: line.answers(name, "accept")[0] for name in ("w2", "w1", "w0")}
    shown = line.answers("w2", "accept", html=True)

    assert said == {"w2": 409, "w1": 409, "w0": 201}
    assert (shown[0], "try again in ten minutes" in shown[1]) == (409, True)
    line.shop.counts(LAMP, 3)
    assert line.answers("w1", "accept")[0] == 201


def test_offers_whose_units_vanished_end_and_their_customers_keep_their_places(line: WaitingLine) -> None:
    line.begins(4)
    offered_one_by_one(line, 3)
    line.shop.counts(LAMP, 1)
    line.world.wait(minutes=5)
    assert line.looks("w2")[0] == "open", "the level may be ahead of an order"

    line.world.wait(minutes=6)

    assert [line.looks(f"w{number}")[0] for number in range(3)] == ["open", "expired", "expired"]
    assert line.numbers() == (0, 1, 0)
    assert "You have kept your place in line" in line.answers("w2", html=True)[1]
    assert sorted(told["reason"] for told in line.told("OfferExpired")) == ["vanished", "vanished"]
    assert line.answers("w1", "accept")[0] == 410
    assert line.shop.figures(LAMP)["waiting"] == 3
    adds_up(line.world)
    everything_was_told(line.world, held=1)

    line.shop.counts(LAMP, 4)

    assert line.offered() == ["w0", "w1", "w2", "w1", "w2", "w3"]
    assert line.accepts("w2")["status"] == "held"
    assert line.numbers() == (0, 4, 0)


def test_who_took_an_offer_keeps_it(line: WaitingLine) -> None:
    line.begins(3)
    offered_one_by_one(line, 3)
    line.accepts("w2")
    line.shop.counts(LAMP, 1)

    line.world.wait(minutes=11)

    assert [line.looks(f"w{number}")[0] for number in range(3)] == ["expired", "expired", "accepted"]
    assert line.numbers() == (0, 1, 0)


def test_what_left_the_house_with_a_known_order_ends_no_offer(line: WaitingLine) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 2)
    made = line.accepts("w0")
    line.does(made["id"], "confirm")
    at = line.world.clock.now().isoformat().replace("+00:00", "Z")
    lines = [{"line_id": "1", "sku": LAMP, "quantity": 1}]
    placed = {"type": "order.placed", "order_id": "o", "as_of": at, "reservation_ids": [made["id"]], "lines": lines}
    line.world.send("OrderUpdates", placed)
    line.world.settle()
    line.shop.counts(LAMP, 1)

    line.world.wait(minutes=11)

    assert line.looks("w1")[0] == "open"
    assert line.accepts("w1")["status"] == "held"


def test_an_offer_of_a_kit_ends_where_a_component_is_missing(line: WaitingLine) -> None:
    components = [{"sku": sku, "quantity": 1} for sku in ("BASE", "SHADE")]
    line.shop.settings(offer_hours=HOURS)
    for sku in ("BASE", "SHADE"):
        line.shop.counts(sku, 0)
    line.world.send("StockProducts", product_changed("lamp-set", 1, variant("LAMP-SET", 1, components=components)))
    line.world.settle()
    for name in ("w0", "w1"):
        line.waits(name, "LAMP-SET")
    offered_one_by_one(line, 2, "BASE", "SHADE")
    line.shop.counts("SHADE", 1)
    assert line.answers("w1", "accept")[0] == 409

    line.world.wait(minutes=11)

    assert [line.looks(name)[0] for name in ("w0", "w1")] == ["open", "expired"]
    assert (line.numbers("BASE"), line.numbers("SHADE")) == ((0, 1, 1), (0, 1, 0))
