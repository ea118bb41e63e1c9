"""Promises 1, 3 and 5 of units that nobody pays for: they go to the next in line, whatever breaks."""

from collections import Counter

import pytest
from standby.platform.clock import to_text
from standby.preorder.model import Reservation

from tests.promises.killing import Scenario, dead_letters, distinct, everything_runs, insists, report
from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import Shop
from tests.standby.preorder.sales import LAMP, Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P3", "P5", "P9")
HOURS = 2


def three_ordered_and_pay_when_it_is_there(shop: Shop) -> None:
    """Let three order ahead; the ERP knows the first one's order."""
    sales = Sales(shop)
    sales.opens(capacity=9, pay="on_allocation", checkout_hours=HOURS)
    shop.counts(LAMP, 0)
    for number in range(3):
        made = sales.holds(f"c{number}")
        sales.does(made, "confirm")
        shop.world.clock.advance(seconds=1)
        if number == 0:
            at = to_text(shop.world.clock.now())
            order = {"type": "order.placed", "order_id": "O-0", "as_of": at, "reservation_ids": [made]}
            shop.world.send("OrderUpdates", order | {"lines": [{"line_id": "1", "sku": LAMP, "quantity": 1}]})
    shop.world.settle()


def the_first_does_not_pay_and_the_second_does(world: World) -> None:
    """Let one unit come: nobody pays for it in time, and then somebody does."""
    world.send("StockUpdates", Shop(world).level(LAMP, 1))
    everything_runs(world)
    world.wait(hours=HOURS)
    everything_runs(world)
    path = f"/v1/reservations/{_made(world)[1].reservation_id}/confirm"
    status, answer = insists(world, "preorder_api", "POST", path, body={"paid": True}, scopes="storefront")
    assert (status, answer["status"]) == (200, "allocated"), f"promise 5: {answer}"
    world.wait(hours=2 * HOURS)
    everything_runs(world)


def it_is_the_seconds_and_the_first_knows(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    made = _made(world)
    assert [each.status for each in made] == ["expired", "allocated", "confirmed"], "promise 5"
    assert Sales(Shop(world)).numbers() == (1, 1, -1), Sales(Shop(world)).numbers()
    assert (Sales(Shop(world)).campaign()["reserved"], distinct(world, "RefundDue")) == (2, [])
    asked = [(told["reservation_id"], told["reason"]) for told in distinct(world, "CancellationRequested")]
    assert asked == [(made[0].reservation_id, "unpaid")], asked
    here, over = _mailed(world, "Yours is here"), _mailed(world, "No longer set aside")
    assert (set(here), set(over)) == ({"c0@example.org", "c1@example.org"}, {"c0@example.org"}), (here, over)
    assert max([*here.values(), *over.values()]) <= most, f"promise 3: {here} {over}"
    assert dead_letters(world) == [], dead_letters(world)


def _made(world: World) -> list[Reservation]:
    return sorted(reservations(world), key=lambda each: each.place)


def _mailed(world: World, subject: str) -> Counter[str]:
    return Counter(mail.email for mail in world.mails if mail.subject.startswith(subject))


SCENARIOS = (
    Scenario(
        "who does not pay",
        three_ordered_and_pay_when_it_is_there,
        the_first_does_not_pay_and_the_second_does,
        it_is_the_seconds_and_the_first_knows,
        every=31,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_nobody_pays_for_goes_to_the_next_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
