"""What comes back of an offer goes to who is next in line and can be given as much as is wanted."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.promises.preorder_checks import adds_up
from tests.promises.shop import Shop
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World


@pytest.fixture
def line(world: World) -> WaitingLine:
    return WaitingLine(Shop(world))


def test_what_is_declined_goes_to_the_next_in_line_who_wants_it_with_what_was_left(line: WaitingLine) -> None:
    """Two are free, the next wants two: nobody else buys them meanwhile (design §6)."""
    line.begins(1)
    line.waits("w1", quantity=2)
    line.shop.counts(LAMP, 2)
    assert line.offered() == ["w0"]

    line.declines("w0")

    assert line.offered() == ["w0", "w1"]
    assert line.reserves("quick", quantity=2, kind="checkout")[0] == 409
    adds_up(line.world)


def test_only_one_is_given_more_than_came_back(line: WaitingLine) -> None:
    """Of four that are free one came back: the first who wants two is given them, the others wait for the next wave."""
    line.begins(1)
    for name in ("w1", "w2"):
        line.waits(name, quantity=2)
    line.shop.settings(offer_hours=24, wave_ratio=0.2)
    line.shop.counts(LAMP, 4)
    assert line.offered() == ["w0"]

    line.declines("w0")

    assert line.offered() == ["w0", "w1"]
    assert line.numbers() == (0, 2, 2)


def late(line: WaitingLine, name: str, until: Callable[[dict[str, Any]], bool]) -> list[Any]:
    """Let an event come late to the waitlist: in front of the first message of which ``until`` is so."""
    kept: list[Any] = []
    send = line.world.send

    def slow(queue: str, body: Any, **more: Any) -> None:
        said = json.loads(body) if isinstance(body, str) else body
        if queue == "WaitlistPlans" and said.get("detail-type") == name:
            kept.append(body)
            return
        if queue == "WaitlistPlans" and kept and until(said):
            send(queue, kept.pop())
        send(queue, body, **more)

    line.world.send = slow  # type: ignore[method-assign]
    return kept


def test_a_late_word_that_it_sold_out_ends_no_wave_of_a_unit_that_came_back_since(line: WaitingLine) -> None:
    """One unit alone is no restock here, so nothing else would begin another wave (design §3)."""
    line.begins(3, minimum_restock=2)
    begun: list[str] = []
    kept = late(line, "SoldOut", lambda said: bool(begun) and said.get("plan") == "page")
    line.shop.counts(LAMP, 2)
    assert line.offered() == ["w0", "w1"]
    assert len(kept) == 1

    begun.append("the unit is back")
    line.declines("w0")

    assert line.offered() == ["w0", "w1", "w2"]
