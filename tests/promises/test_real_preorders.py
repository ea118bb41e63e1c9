"""Promises 1 and 5 on real sales: half of what was sold of a SKU is its capacity, and comes in three parts.

The order of the file is time. A line of nothing or less cancels the customer's latest reservation of the SKU, or the
latest of anybody where that customer has none; a line without a customer is a guest's. Plain lists calculate what
becomes of each order, and share nothing with the product.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import environ
from pathlib import Path

import pytest

from infra.local.feed import REAL
from tests.promises.preorder_checks import adds_up, reservations
from tests.promises.shop import Shop
from tests.standby.preorder.sales import Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P5")

SALES = Path(environ.get("STANDBY_SALES", REAL))
NOT_GOODS = frozenset({"POST", "D", "M", "DOT", "C2", "BANK CHARGES"})
BEST, A_FEW = 100, 3
PARTS = 3


@dataclass
class Order:
    """An order on paper."""

    number: int
    customer: str
    quantity: int
    given: int = 0
    cancelled: bool = False


@dataclass
class Paper:
    """A SKU on paper: what can be sold, who has it, and what came and is nobody's."""

    capacity: int
    orders: list[Order] = field(default_factory=list)
    free: int = 0

    def sells(self, order: Order) -> bool:
        """Sell all of an order or nothing."""
        living = [each for each in self.orders if not each.cancelled]
        if sum(each.quantity for each in living) + order.quantity > self.capacity:
            return False
        self.orders.append(order)
        self.gives()
        return True

    def latest(self, customer: str) -> Order | None:
        """Return a customer's latest order that lives; of who bought before the file began, the latest of anybody."""
        living = [each for each in self.orders if not each.cancelled]
        own = [each for each in living if each.customer == customer] or living
        return own[-1] if own else None

    def cancels(self, order: Order) -> None:
        """Give an order's units to those behind it."""
        order.cancelled, self.free, order.given = True, self.free + order.given, 0
        self.gives()

    def gives(self) -> None:
        """Give what is there to whoever came first, in part if need be."""
        for order in self.orders:
            if not order.cancelled:
                units = min(self.free, order.quantity - order.given)
                order.given, self.free = order.given + units, self.free - units


@dataclass(frozen=True)
class Line:
    """A line of the file."""

    number: int
    sku: str
    quantity: int
    customer: str


def lines() -> Iterator[Line]:
    with SALES.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if row["sku"] not in NOT_GOODS:
                customer = row["customer_id"] or f"guest-{row['invoice']}"
                yield Line(number, row["sku"], int(row["quantity"]), f"{customer}@example.org")


class Market:
    """The product and the paper side by side."""

    def __init__(self, world: World, said: Sequence[Line], best: int) -> None:
        self.world, self.sales = world, Sales(Shop(world))
        sold = Counter[str]()
        for line in said:
            sold[line.sku] += max(0, line.quantity)
        self.paper = {sku: Paper(units // 2) for sku, units in sold.most_common(best)}
        self.lines = [line for line in said if line.sku in self.paper]
        self.ids: dict[int, str] = {}
        self.refused = self.cancelled = 0
        for sku, paper in self.paper.items():
            self.sales.opens(sku, capacity=paper.capacity, shards=1)
            self.sales.shop.counts(sku, 0)

    def run(self) -> None:
        """Go through the file; a third of each SKU's units comes after each third of it."""
        for part in range(PARTS):
            for line in self.lines[part * len(self.lines) // PARTS : (part + 1) * len(self.lines) // PARTS]:
                self.hears(line)
            for sku, paper in self.paper.items():
                there = paper.capacity * (part + 1) // PARTS
                paper.free += there - paper.capacity * part // PARTS
                paper.gives()
                self.world.send("StockUpdates", self.sales.shop.level(sku, there))
            self.agree()

    def hears(self, line: Line) -> None:
        self.world.clock.advance(milliseconds=10)
        paper = self.paper[line.sku]
        if line.quantity > 0:
            status, answer = self.sales.reserves(f"line-{line.number}", line.sku, line.quantity, email=line.customer)
            sold = paper.sells(Order(line.number, line.customer, line.quantity))
            assert (status == 201) == sold, f"promise 1: {line} {answer}"
            self.refused += not sold
            if sold:
                self.ids[line.number] = answer["id"]
                assert self.sales.does(answer["id"], "confirm")[0] == 200
        elif (order := paper.latest(line.customer)) is not None:
            self.world.settle()  # what was there before is given before
            assert self.sales.does(self.ids[order.number], "cancel")[0] == 200
            paper.cancels(order)
            self.world.settle()
            self.cancelled += 1

    def agree(self) -> None:
        """Check each order: what it was given is what the paper gave it."""
        self.world.settle()
        given = {
            each.reservation_id: (each.lines[0].given if each.status != "cancelled" else 0)
            for each in reservations(self.world)
        }
        wanted = {self.ids[order.number]: order.given for paper in self.paper.values() for order in paper.orders}
        assert given == wanted, "promise 5"
        for sku, paper in self.paper.items():
            stock = self.sales.shop.stock(sku)
            assert stock["held"] <= paper.capacity, "promise 1"
            assert (stock["sellable"], stock["free"]) == (paper.free, paper.free - _lacking(paper)), sku


def _lacking(paper: Paper) -> int:
    return sum(order.quantity - order.given for order in paper.orders if not order.cancelled)


@pytest.mark.skipif(not SALES.exists(), reason="the real sales are not on this machine")
def test_real_orders_are_sold_and_served_as_plain_lists_say(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    market = Market(world, list(lines()), BEST if "STANDBY_PROOF" in environ else A_FEW)

    market.run()

    adds_up(world)
    capacity = sum(paper.capacity for paper in market.paper.values())
    orders = [order for paper in market.paper.values() for order in paper.orders if not order.cancelled]
    sold, given = sum(order.quantity for order in orders), sum(order.given for order in orders)
    assert sold <= capacity
    with capsys.disabled():
        sys.stdout.write(
            f"\n  {len(market.paper)} SKUs, {len(market.lines)} lines: {sold} of {capacity} units sold to "
            f"{len(orders)} orders, {given} given, {market.refused} orders refused, {market.cancelled} cancelled\n"
        )
