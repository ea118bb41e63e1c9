"""Promises 2, 3 and 10 of what silence decides and of money that is owed, when that is broken at any call."""

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.killing import Scenario, dead_letters, everything_runs, report
from tests.promises.shop import Shop
from tests.standby.delivery.parcels import LOOK
from tests.standby.delivery.track import AMERICA, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P10")
PRICE = {"amount": 4_900, "currency": "USD"}
DAYS = 42


def a_day_to_leave_is_near(shop: Shop) -> None:
    """An order in America, of whose shipment its customer was told a day too far off for silence to wait."""
    customer = Customer(shop)
    shipment = {"shipment_id": "A", "ship_by": customer.day(4), "promised_until": customer.day(6), "line_ids": ["1"]}
    line = {"line_id": "1", "sku": "LAMP", "quantity": 1, "unit_price": PRICE}
    customer.places(lines=[line], shipments=[shipment], payment_status="paid", ship_to=AMERICA)
    customer.tells("eta", eta=customer.day(60))


def its_customer_says_nothing(world: World) -> None:
    customer = Customer(Shop(world))
    for days in (29, 1, 4, 2):
        world.clock.advance(days=days)
        for _ in range(2):  # the schedule brings the next look, should one have failed
            world.send("DeliveryRecords", LOOK)
            everything_runs(world)
    customer.says("cancelled")
    everything_runs(world)
    world.clock.advance(days=DAYS)
    for _ in range(2):
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)


def it_is_cancelled_once_and_the_money_is_owed_once(world: World, most: int) -> None:
    customer = Customer(Shop(world))
    order = OrderRepository("Delivery").order("O")
    assert [choice.kind for choice in order.choices] == ["silence"], "promise 10"
    assert [event["reason"] for event in customer.heard("CancellationRequested")] == ["silence"]
    assert [(event["reason"], event["amount"]) for event in customer.heard("RefundDue")] == [("silence", PRICE)]
    assert [refund.rung for refund in order.refunds_due] == [True], "nobody was told that it is overdue"
    for subject in ("Later than we told you", "Please tell us by", "We cancel what did not leave"):
        assert 1 <= len(customer.mailed(subject)) <= most, f"promises 2 and 3: {subject}"
    assert dead_letters(world) == [], dead_letters(world)
    assert customer.due() == [], "it is looked at for ever"


SCENARIOS = (
    Scenario(
        "silence cancels",
        a_day_to_leave_is_near,
        its_customer_says_nothing,
        it_is_cancelled_once_and_the_money_is_owed_once,
        every=5,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_that_silence_means_is_lost_or_repeated_however_it_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
