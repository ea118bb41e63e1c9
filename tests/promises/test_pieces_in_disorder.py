"""Promise 1 of orders whose lines of one SKU are cancelled, shipped, or both, said in any order and twice.

The reservations are those of the order together: what of it is still to ship they still have, no more was given back
than was ever called cancelled, and what left is nobody's before a level counts it no more.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import to_text
from standby.preorder.model import LIVE, Line, Reservation

from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import Shop
from tests.promises.unruly import searching
from tests.standby.preorder.sales import LAMP, Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1")

RESERVED = st.sampled_from(((3,), (4,), (2, 2), (1, 3)))
WORDS = ((), ("cancelled",), ("shipped",), ("cancelled", "shipped"), ("shipped", "cancelled"))
"""What is said of a line, the oldest word first. The last is tried with one reservation: with two, nobody can tell of
which the units were that have not left after all, once one of them is over."""


def opened(world: World, reserved: tuple[int, ...]) -> tuple[Sales, list[str]]:
    """Let some customers pre-order."""
    sales = Sales(Shop(world))
    sales.opens(capacity=9, shards=2)
    made = [sales.holds(f"c{number}", quantity=quantity) for number, quantity in enumerate(reserved)]
    for each in made:
        sales.does(each, "confirm")
    world.settle()
    return sales, made


def messages(world: World, made: list[str], lines: list[int], words: list[tuple[str, ...]]) -> list[dict[str, Any]]:
    """Return the order that names them, and what is said of its lines since."""
    order = {"order_id": "O-1"}
    listed = [{"line_id": str(line), "sku": LAMP, "quantity": units} for line, units in enumerate(lines)]
    said = [order | {"type": "order.placed", "reservation_ids": made, "lines": listed, "as_of": now(world)}]
    for turn in range(2):
        for line, of_it in enumerate(words):
            world.clock.advance(seconds=1)
            if len(of_it) > turn:
                at = now(world)
                said.append(
                    order | {"type": f"order.{of_it[turn]}", "line_ids": [str(line)], "occurred_at": at, "as_of": at}
                )
    return said


def now(world: World) -> str:
    return to_text(world.clock.now())


@given(draw=st.data())
@searching(examples=40, steps=1)
def check(world: World, start: Any, draw: st.DataObject) -> None:
    world.restore(start)
    reserved = draw.draw(RESERVED, label="reserved")
    sales, made = opened(world, reserved)
    lines = draw.draw(st.sampled_from(((1, 1, 1), (1, 2), (2, 1, 1), (1, 1, 1, 1), (3, 1))), label="lines")
    of_a_line = st.sampled_from(WORDS[: None if len(reserved) == 1 else -1])
    words = [draw.draw(of_a_line, label=f"of {line}") for line, _ in enumerate(lines)]
    there = sales.shop.level(LAMP, draw.draw(st.integers(0, 4), label="there"))
    world.clock.advance(seconds=1)
    said = messages(world, made, list(lines), words)
    doubled = draw.draw(st.lists(st.sampled_from(said), max_size=2), label="again")
    told = draw.draw(st.permutations([*said, *doubled, there]), label="in this order")
    for message in told:
        world.send("StockUpdates" if message is there else "OrderUpdates", message)
        world.settle()
        adds_up(world)
    for _ in range(12):
        world.wait(minutes=1)
    adds_up(world)
    everything_was_told(world)
    of_the_order(sales, sum(reserved), list(lines), words)


def of_the_order(sales: Sales, reserved: int, lines: list[int], words: list[tuple[str, ...]]) -> None:
    """Check what the reservations have, what was given back, and what left."""
    units = {
        what: sum(quantity for quantity, of_it in zip(lines, words, strict=True) if of_it[-1:] == (what,))
        for what in ("shipped", "cancelled")
    }
    open_units = sum(lines) - sum(units.values())
    ever = sum(quantity for quantity, of_it in zip(lines, words, strict=True) if "cancelled" in of_it)
    ever = reserved if ever == sum(lines) else ever  # units that no order lists follow the others
    known = reservations(sales.world)
    kept = sum(line.quantity for each in known if each.status in LIVE for line in each.lines)
    sold = sales.campaign()["reserved"]
    freed = sum({told["id"]: told["units"] for told in sales.told("UnitsFreed")}.values())
    beyond = max(0, sum(lines) - reserved)  # nobody reserved these, and they may be any of the order's
    assert kept >= min(open_units - beyond, reserved), f"promise 1: {kept} of {open_units} that are still to ship"
    assert freed == reserved - sold, f"{freed} were told to be free, {reserved - sold} are"
    assert freed <= ever, f"promise 1: {freed} were given back, {ever} were cancelled"
    owed, held, _ = sales.numbers()
    wanted = open_units + units["shipped"]
    assert owed + held >= min(wanted - beyond, reserved), "promise 1: what left is sold again"
    left = sum(line.quantity for each in known for line in each.every_line if _left(each, line))
    once = all(len(of_it) < 2 for of_it in words)
    shipped = sum(quantity for quantity, of_it in zip(lines, words, strict=True) if "shipped" in of_it)
    unlisted = max(0, reserved - sum(lines)) if shipped else 0  # these follow the others
    assert left <= shipped + unlisted, f"{left} left, {shipped} were ever shipped"
    if once and sum(lines) >= reserved:
        assert freed == max(0, units["cancelled"] - beyond), "what was cancelled is free again"
        assert left == min(units["shipped"], reserved - freed), f"promise 1: {left} left of {units}"
        assert kept == reserved - freed - left


def _left(each: Reservation, line: Line) -> bool:
    return line.fate == "shipped" or (each.status == "fulfilled" and line.fate is None)


def test_what_is_cancelled_of_a_sku_is_free_once_and_nothing_else_whatever_order_the_words_come_in(
    world: World,
) -> None:
    check(world, world.snapshot())
