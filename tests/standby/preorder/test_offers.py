"""Units are held for who waits, and pass to the next in line when nobody takes them."""

from datetime import timedelta

import pytest
from standby.platform.clock import from_text

from tests.promises.preorder_checks import adds_up
from tests.promises.shop import Shop
from tests.standby.preorder.line import HOURS, WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World


@pytest.fixture
def line(world: World) -> WaitingLine:
    return WaitingLine(Shop(world))


def test_units_that_come_are_held_for_the_first_in_line_and_nobody_else_can_buy_them(line: WaitingLine) -> None:
    line.begins()

    line.shop.counts(LAMP, 2)

    assert line.offered() == ["w0", "w1"]
    assert line.numbers() == (0, 2, 0)
    assert line.reserves("quick", kind="checkout")[0] == 409
    adds_up(line.world)


def test_who_accepts_has_a_reservation_to_check_out_with(line: WaitingLine) -> None:
    line.begins()
    line.shop.counts(LAMP, 1)

    made = line.accepts("w0")

    assert (made["kind"], made["status"], made["sku"], made["quantity"]) == ("checkout", "held", LAMP, 1)
    assert line.does(made["id"], "confirm", {"paid": True})[1]["status"] == "confirmed"
    assert line.looks("w0")[0] == "accepted"
    assert line.numbers() == (0, 1, 0)
    line.world.wait(hours=2 * HOURS)
    assert line.offered() == ["w0"]
    adds_up(line.world)


def test_what_is_declined_goes_to_the_next_in_line(line: WaitingLine) -> None:
    line.begins()
    line.shop.counts(LAMP, 2)

    line.declines("w1")

    assert line.offered() == ["w0", "w1", "w2"]
    assert line.numbers() == (0, 2, 0)
    adds_up(line.world)


def test_what_nobody_answers_goes_to_the_next_in_line_at_its_time(line: WaitingLine) -> None:
    line.begins(3)
    line.shop.counts(LAMP, 1)
    _, ends = line.looks("w0")
    assert ends is not None
    left = from_text(ends) - line.world.clock.now()
    assert timedelta(hours=HOURS - 1) < left <= timedelta(hours=HOURS)

    line.world.wait(seconds=left.total_seconds() - 60)
    assert line.offered() == ["w0"]
    line.world.wait(minutes=2)

    assert line.offered() == ["w0", "w1"]
    assert line.answers("w0", "accept")[0] == 410
    adds_up(line.world)
