"""Promises 1, 3 and 5 of held offers, whatever customers, shop and ERP do, in any order of messages and with doubles.

Never are more units offered, held and ordered than there ever were; nobody is offered the same units twice; and the
ledger, the reservations and what was told agree after each step.
"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promises.preorder_checks import adds_up, offers, reservations
from tests.promises.shop import Shop
from tests.promises.unruly import Unruly, searching
from tests.standby.preorder.line import HOURS, LINK, WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World, in_order

pytestmark = pytest.mark.promise("P1", "P3", "P5")
WAITING = 6
WHO = st.integers(0, WAITING - 1)
STEPS = st.one_of(
    st.tuples(st.just("counts"), st.integers(0, 4)),
    st.tuples(st.sampled_from(["accept", "accept", "decline", "confirm", "cancel", "leave"]), WHO),
    st.tuples(st.just("buys"), st.integers(1, 2)),
    st.tuples(st.just("hours"), st.sampled_from([1, HOURS * 3 // 4, HOURS + 1])),
)


def does(line: WaitingLine, step: tuple[str, int], number: int) -> None:
    """Do one thing that customers, the shop or the ERP do; whoever has no offer does nothing."""
    what, who = step
    world, name = line.world, f"w{who}"
    if what == "counts":
        line.world.send("StockUpdates", line.shop.level(LAMP, who))
    elif what == "buys":
        line.reserves(f"buyer-{number}", kind="checkout", quantity=who)
    elif what == "hours":
        world.clock.advance(hours=who)
        world.tick()
    elif any(mail.email == f"{name}@example.org" and LINK.search(mail.text) for mail in world.mails):
        if what == "leave":
            line.shop.leaves(f"{name}@example.org")
        elif what in {"confirm", "cancel"}:
            status, made = line.answers(name, "accept")
            if status == 201:
                line.does(made["id"], what)
        else:
            line.answers(name, what)


def holds(line: WaitingLine, most: int) -> None:
    """Check what holds after each step; ``most`` units were ever there at once."""
    adds_up(line.world)
    living = [each for each in reservations(line.world) if each.status in {"held", "confirmed"}]
    assert sum(part.quantity for each in living for part in each.lines) <= most, "promise 1"
    mails = Counter(mail.email for mail in line.mails())
    assert max(mails.values(), default=0) <= 1, f"promise 3: {mails}"
    made = [each for each in offers(line.world) if each.offer and each.offer.over != "unmade"]
    assert len({each.offer.address for each in made if each.offer}) == len(made), "promise 3"


@given(steps=st.lists(STEPS, min_size=2, max_size=7), seed=st.integers(0, 2**32))
@searching(examples=8, steps=1)
def test_offers_never_exceed_the_units_and_pass_on_in_order(
    steps: list[tuple[str, int]], seed: int, in_line: WaitingLine
) -> None:
    world = in_line.world
    began = world.snapshot()
    most = 0
    for number, step in enumerate([("counts", 2), *steps]):
        world.turn = Unruly(seed + number)
        most = max(most, step[1]) if step[0] == "counts" else most
        does(in_line, step, number)
        world.settle()
        world.turn = in_order
        world.wait(minutes=2)
        world.clock.advance(seconds=5)
        holds(in_line, most)
    for _ in range(WAITING):
        world.wait(hours=HOURS + 2)
        holds(in_line, most)
    assert [each.reservation_id for each in reservations(world) if each.owed] == []
    world.restore(began)


@pytest.fixture
def in_line(world: World) -> WaitingLine:
    line = WaitingLine(Shop(world))
    line.begins(WAITING)
    world.settle()
    return line
