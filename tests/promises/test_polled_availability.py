"""Promise 1 before a reader's eyes: who polls availability while goods come never sees more than is free.

Goods come one by one for a line of pre-orders, to a shop whose ERP counts them and to one whose ERP does not. Between
any two steps of any function the badge is read.
"""

from os import environ
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.shop import Shop
from tests.promises.test_killed_preorder import LAMP
from tests.promises.unruly import Unruly
from tests.standby.availability.storefront import Storefront
from tests.standby.preorder.sales import Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1")

ARRIVALS = 1_000 if "STANDBY_PROOF" in environ else 25
PARTS = 5
"""Pre-orders that share the goods; as many arrivals again are nobody's."""


class Reader:
    """Polls a badge and remembers what was ever shown."""

    def __init__(self, world: World) -> None:
        self.storefront = Storefront(world)
        self.polls = 0

    def polls_at_most(self, free: int) -> None:
        """Read the badge, of which no more than so many units may be sold."""
        self.polls += 1
        (badge,) = self._badges()
        assert "buy" not in badge["actions"] or free > 0, f"promise 1: {badge}, {free} free"
        assert (badge["units_left"] or 0) <= max(0, free), f"promise 1: {badge}, {free} free"

    def _badges(self) -> list[Any]:
        items: list[Any] = self.storefront.badges(LAMP)
        return items


@pytest.mark.parametrize("counted", [False, True], ids=["owed", "counted by the ERP"])
def test_who_polls_while_goods_come_never_sees_more_than_is_free(world: World, *, counted: bool) -> None:
    sales, reader = Sales(Shop(world)), Reader(world)
    sales.opens(capacity=ARRIVALS)
    sales.shop.counts(LAMP, 0)
    made = [sales.holds(f"c{number}", quantity=ARRIVALS // PARTS) for number in range(PARTS)]
    for each in made:
        sales.does(each, "confirm")
    for each in made if counted else ():
        at = to_text(world.clock.now())
        lines = [{"line_id": "1", "sku": LAMP, "quantity": ARRIVALS // PARTS}]
        placed = {"type": "order.placed", "order_id": each, "as_of": at, "reservation_ids": [each], "lines": lines}
        world.send("OrderUpdates", placed)
    world.settle()

    for there in range(1, ARRIVALS + 4):
        world.clock.advance(milliseconds=10)
        more = {"committed": ARRIVALS, "netted_until": to_text(world.clock.now())} if counted else {}
        world.send("StockUpdates", sales.shop.level(LAMP, there, **more))
        turn = Unruly(there)
        while turn(world):
            reader.polls_at_most(there - ARRIVALS)
    assert reader.polls > 3 * ARRIVALS
    assert sales.shop.stock(LAMP)["sellable"] == 3
    assert {sales.reservation(each)["status"] for each in made} == {"allocated"}
