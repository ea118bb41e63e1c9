"""An order of several shipments is late once one of them is, or once all are, as the shop says."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.track import AMERICA, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10")


@pytest.fixture
def ana(world: World, monkeypatch: pytest.MonkeyPatch) -> Customer:
    monkeypatch.setenv("ORDER_LATE_WHEN", "all")
    return Customer(Shop(world))


def order(ana: Customer) -> Any:
    status, answer = ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="storefront")
    assert status == 200, answer
    return answer


def subjects(ana: Customer) -> list[str]:
    return [subject.partition(":")[0] for _, subject in ana.told()]


def test_without_a_word_of_the_shop_one_late_shipment_makes_a_late_order(world: World) -> None:
    ana = Customer(Shop(world))
    ana.places(until=3, skus=("LAMP", "CUP"))
    assert (order(ana)["late"], order(ana)["late_when"]) == (False, "one")
    ana.tells("eta", eta=ana.day(6), shipment_id="A")
    assert order(ana)["late"]
    assert subjects(ana) == ["Later than we told you"]


def test_by_all_the_customer_hears_once_of_both_when_the_last_is_late_too(ana: Customer) -> None:
    ana.places(until=3, skus=("LAMP", "CUP"))
    ana.tells("eta", eta=ana.day(6), shipment_id="A")
    ana.looks()
    assert (subjects(ana), order(ana)["late"], order(ana)["late_when"]) == ([], False, "all")
    assert [delay["shipment_id"] for delay in ana.delays()] == ["A"]
    ana.tells("eta", eta=ana.day(8), shipment_id="B")
    ana.looks()
    assert (subjects(ana), order(ana)["late"]) == (["Later than we told you"], True)
    assert "LAMP" in ana.shop.world.mails[-1].text
    assert "CUP" in ana.shop.world.mails[-1].text


@pytest.mark.parametrize("kind", ["delivered", "cancelled"])
def test_by_all_what_is_not_to_come_any_more_holds_up_no_word_of_the_rest(ana: Customer, kind: str) -> None:
    ana.places(until=3, skus=("LAMP", "CUP"))
    ana.tells("eta", eta=ana.day(6), shipment_id="A")
    ana.tells(kind, shipment_id="B", occurred_at=ana.now())
    assert ana.due() == ["O"]
    ana.looks()
    ana.looks()
    assert subjects(ana) == ["Later than we told you"]
    assert order(ana)["late"]
    ana.tells("delivered", occurred_at=ana.now())
    assert (order(ana)["late"], ana.due()) == (False, [])


def test_by_all_an_order_of_one_shipment_is_late_as_by_one(ana: Customer) -> None:
    ana.places(until=1)
    ana.days_pass(2)
    assert subjects(ana) == ["Not with you yet"]


def test_by_all_what_the_law_wants_told_on_a_day_is_told_on_it(ana: Customer) -> None:
    said = ana.order(9, skus=("LAMP", "CUP"))
    said["shipments"][0]["ship_by"] = ana.day(1)
    ana.places(until=9, shipments=said["shipments"], skus=("LAMP", "CUP"), ship_to=AMERICA, payment_status="paid")
    ana.shop.world.clock.advance(days=1, hours=12)
    ana.looks()
    assert subjects(ana) == ["Not on its way yet"]
    assert not order(ana)["late"]


def test_by_all_one_late_arrival_among_timely_ones_makes_no_late_order(ana: Customer) -> None:
    ana.places(until=1, skus=("LAMP", "CUP"))
    ana.tells("delivered", shipment_id="B", occurred_at=ana.now())
    ana.shop.world.clock.advance(days=2)
    ana.tells("delivered", shipment_id="A", occurred_at=ana.now())
    ana.looks()
    assert (subjects(ana), order(ana)["late"]) == ([], False)
