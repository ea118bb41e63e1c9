"""What was delivered of a shipment in time is not late: only what is still to come is told, cancelled and paid back."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.test_refunds import asks, cancels, is_late, order, usd
from tests.standby.delivery.test_silence import each_day
from tests.standby.delivery.track import AMERICA, ANA, EUROPE, Customer
from tests.world import World


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def half_is_there(ana: Customer, to: dict[str, str], eta: int) -> None:
    """Let one of the two lines of a shipment be delivered in time, and the shipment come later."""
    lines = [{"line_id": e, "sku": f"S-{e}", "quantity": 1, "unit_price": usd(4_900)} for e in "12"]
    days = {"ship_by": ana.day(1), "promised_until": ana.day(4)}
    shipments = [{"shipment_id": "A", **days, "line_ids": ["1", "2"]}]
    ana.places(until=4, lines=lines, ship_to=to, payment_status="paid", shipments=shipments)
    ana.tells("delivered", line_ids=["1"], occurred_at=ana.now())
    ana.tells("eta", shipment_id="A", eta=ana.day(eta))


def cancelled(ana: Customer) -> list[Any]:
    return [line["line_id"] for line in ana.heard("CancellationRequested")[-1]["lines"]]


def test_what_came_in_time_is_not_told_to_be_late(ana: Customer) -> None:
    half_is_there(ana, EUROPE, 9)
    text = ana.shop.world.mails[-1].text
    assert ("S-1" in text, "S-2" in text, ana.sees()["cancel"]["line_ids"]) == (False, True, ["2"])


def test_what_came_in_time_is_not_told_to_have_come_late(ana: Customer) -> None:
    lines = [{"line_id": each, "sku": f"S-{each}", "quantity": 1} for each in "12"]
    shipments = [{"shipment_id": "A", "promised_until": ana.day(4), "line_ids": ["1", "2"]}]
    ana.places(until=4, lines=lines, shipments=shipments)
    ana.tells("delivered", line_ids=["1"], occurred_at=ana.now())
    ana.shop.world.clock.advance(days=9)
    ana.tells("delivered", line_ids=["2"], occurred_at=ana.now())
    text = ana.shop.world.mails[-1].text
    assert ("S-1" in text, "S-2" in text) == (False, True)


def test_what_came_in_time_is_neither_cancelled_nor_paid_back(ana: Customer) -> None:
    half_is_there(ana, EUROPE, 9)
    cancels(ana)
    assert cancelled(ana) == ["2"]
    ana.tells("cancelled", shipment_id="A")
    assert asks(ana) == [(4_900, {"2": 1})]


def test_silence_does_not_cancel_what_was_delivered(ana: Customer) -> None:
    half_is_there(ana, AMERICA, 40)
    each_day(ana, 34)
    assert cancelled(ana) == ["2"]


def test_an_order_that_is_said_again_without_shipments_is_late_still(ana: Customer) -> None:
    is_late(ana, {"1": 2})
    said = order(ana, {"1": 2})
    del said["shipments"]
    ana.tells("placed", **said)
    assert [each["shipment_id"] for each in ana.sees()["shipments"]] == ["P1"]
    cancels(ana)
    ana.tells("cancelled")
    assert asks(ana) == [(9_800, {"1": 2})]


def alone_and_together(ana: Customer) -> list[dict[str, Any]]:
    """Return two words of an order: a line is promised earlier than the other, and then both are in one shipment."""
    alone = [{"shipment_id": each, "promised_until": ana.day(2 * int(each)), "line_ids": [each]} for each in "12"]
    together = [{"shipment_id": "A", "promised_until": ana.day(4), "line_ids": ["1", "2"]}]
    lines = [{"line_id": each, "sku": f"S-{each}", "quantity": 1} for each in "12"]
    about = {**ana.order(4), "lines": lines, "customer": {"locale": "en", "email": ANA}}
    return [{**about, "shipments": shipments} for shipments in (alone, together)]


def test_the_promise_of_what_came_is_none_of_what_is_to_come(ana: Customer) -> None:
    alone, together = alone_and_together(ana)
    ana.tells("placed", **alone)
    ana.tells("delivered", line_ids=["1"], occurred_at=ana.now())
    ana.tells("placed", **together)
    each_day(ana, 3)
    assert (ana.shop.world.mails, ana.delays()) == ([], [])
    ana.tells("delivered", line_ids=["2"], occurred_at=ana.now())
    each_day(ana, 3)
    assert (ana.shop.world.mails, ana.delays()) == ([], [])


def test_of_what_came_at_once_the_line_is_told_whose_own_promise_was_over(ana: Customer) -> None:
    for said in alone_and_together(ana):
        ana.says("placed", **said)
        ana.shop.world.clock.advance(seconds=1)
    ana.shop.world.clock.advance(days=3)
    for line_id in "12":
        ana.says("delivered", line_ids=[line_id], occurred_at=ana.now())
    ana.shop.world.settle()
    (mail,) = ana.shop.world.mails
    assert ("S-1" in mail.text, "S-2" in mail.text) == (True, False)


def test_what_was_delivered_of_a_shipment_is_not_cancelled_with_it(ana: Customer) -> None:
    half_is_there(ana, EUROPE, 9)
    ana.tells("cancelled", shipment_id="A")
    (event,) = ana.heard("OrderCancelled")
    assert [line["line_id"] for line in event["lines"]] == ["2"]
    assert ana.sees()["shipments"][0]["state"] == "delivered"


def test_a_line_that_is_named_is_cancelled_also_once_it_was_delivered(ana: Customer) -> None:
    half_is_there(ana, EUROPE, 9)
    ana.tells("cancelled", line_ids=["1"])
    (event,) = ana.heard("OrderCancelled")
    assert [line["line_id"] for line in event["lines"]] == ["1"]
