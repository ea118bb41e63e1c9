"""Promises 1 and 5 of reservations that are put in front of the line, when that is broken at any call."""

import pytest

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import OPS, Shop
from tests.standby.preorder.sales import LAMP, Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P5", "P10")


def three_pre_ordered_and_the_head_has_some(shop: Shop) -> None:
    sales = Sales(shop)
    sales.opens(capacity=9)
    for number in range(3):
        sales.does(sales.holds(f"c{number}", quantity=2), "confirm")
        shop.world.clock.advance(seconds=1)
    shop.counts(LAMP, 1)
    shop.world.settle()


def the_last_is_put_in_front_and_goods_come(world: World) -> None:
    last = max(reservations(world), key=lambda each: each.created_at).reservation_id
    path = f"/v1/reservations/{last}/prioritise"
    status, shown = insists(world, "preorder_api", "POST", path, body={"reason": "he waited in vain"}, scopes=OPS)
    assert (status, shown["prioritised"]["reason"]) == (200, "he waited in vain")
    everything_runs(world)
    Shop(world).counts(LAMP, 3)
    everything_runs(world)


def the_last_has_the_goods_and_a_reason(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    held = {each.customer.email[:2]: each for each in reservations(world) if each.customer}
    assert [held[name].lines[0].given for name in ("c0", "c1", "c2")] == [1, 0, 2]
    exception = held["c2"].prioritised
    assert exception is not None, "promise 10: nobody knows why it was served first"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "a reservation is put in front",
        three_pre_ordered_and_the_head_has_some,
        the_last_is_put_in_front_and_goods_come,
        the_last_has_the_goods_and_a_reason,
        every=19,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_exception_is_made_whole_or_not_at_all_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
