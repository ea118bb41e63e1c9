"""In a shop whose notices wait for its open hours a customer is told in the morning, of what is so then."""

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.track import AMERICA, ANA, EUROPE, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3")
NIGHTS = {"QUIET_HOURS": "21:00-08:00", "QUIET_FOR": "all"}


@pytest.fixture
def ana(world: World, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """Let it be ten in the evening in the shop, with an order of Ana's."""
    for name, value in NIGHTS.items():
        monkeypatch.setenv(name, value)
    world.restart()
    ana = Customer(Shop(world))
    ana.places(until=2, ship_to=EUROPE)
    world.clock.advance(hours=9)
    return ana


def the_night_goes_by(ana: Customer) -> None:
    for _ in range(12):
        ana.shop.world.wait(hours=1)
        ana.looks()


def test_what_becomes_late_at_night_is_told_once_in_the_morning(ana: Customer) -> None:
    ana.tells("eta", eta=ana.day(5))
    assert (ana.told(), len(ana.delays())) == ([], 1), "all but the customer hear of it at once"
    the_night_goes_by(ana)
    assert len(ana.told()) == 1
    order = OrderRepository("Delivery").order("O")
    assert ([notice.by for notice in order.notices], order.tell_at) == (["mail"], None)
    the_night_goes_by(ana)
    assert len(ana.told()) == 1


def test_orders_of_one_customer_that_become_late_at_night_are_one_mail_in_the_morning(ana: Customer) -> None:
    for name in ("P", "Q"):
        ana.places(name, until=2, ship_to=EUROPE, order_number=f"of-{name}")
    ana.places("R", until=2, ship_to=EUROPE, email="bo@example.org")
    for name in ("O", "P", "Q", "R"):
        ana.tells("eta", name, eta=ana.day(5))
    assert ana.told() == []
    the_night_goes_by(ana)
    assert sorted(email for email, _ in ana.told()) == [ANA, "bo@example.org"]
    (mail,) = [mail for mail in ana.shop.world.mails if mail.email == ANA]
    assert all(number in mail.text for number in ("10234", "of-P", "of-Q"))
    store = OrderRepository("Delivery")
    assert [[notice.by for notice in store.order(name).notices] for name in "OPQR"] == [["mail"]] * 4
    assert [store.order(name).tell_at for name in "OPQR"] == [None] * 4


@pytest.mark.parametrize("word", ["delivered", "cancelled"])
def test_what_is_over_by_the_morning_is_not_told(ana: Customer, word: str) -> None:
    ana.tells("eta", eta=ana.day(5))
    ana.tells(word)
    the_night_goes_by(ana)
    assert (ana.told(), OrderRepository("Delivery").order("O").tell_at) == ([], None)


def test_a_day_that_moves_at_night_is_told_as_it_is_in_the_morning(ana: Customer) -> None:
    ana.tells("eta", eta=ana.day(5))
    ana.tells("eta", eta=ana.day(9))
    the_night_goes_by(ana)
    assert len(ana.told()) == 1
    assert [notice.expected for notice in OrderRepository("Delivery").order("O").notices] == [ana.day(8)], "a day later"


def test_the_night_is_the_customers_own(ana: Customer) -> None:
    far = {"locale": "en", "email": ANA, "time_zone": "America/Los_Angeles"}
    ana.tells("placed", **ana.order(2), customer=far, ship_to=EUROPE)
    ana.tells("eta", eta=ana.day(5))
    assert len(ana.told()) == 1, "it is noon where she is"


def test_what_the_law_dates_is_told_at_night(ana: Customer) -> None:
    shipment = {"shipment_id": "A", "promised_until": ana.day(2), "ship_by": ana.day(0), "line_ids": ["1"]}
    ana.places("P", until=2, shipments=[shipment], ship_to=AMERICA)
    ana.tells("eta", "P", eta=ana.day(5))
    assert len(ana.told()) == 1


def test_what_the_law_dates_by_a_newer_word_is_told_at_night(ana: Customer) -> None:
    shipment = {"shipment_id": "A", "promised_until": ana.day(4), "ship_by": ana.day(3), "line_ids": ["1"]}
    about = {"until": 4, "ship_to": AMERICA}
    ana.places("P", shipments=[shipment], **about)
    ana.tells("eta", "P", eta=ana.day(9))
    assert ana.told() == []
    ana.places("P", shipments=[{**shipment, "ship_by": ana.day(0)}], **about)
    ana.looks()
    assert len(ana.told()) == 1


def test_what_waits_for_the_pace_when_the_shop_closes_is_told_in_the_morning(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**NIGHTS, "NOTICES_PER_HOUR": "1"}.items():
        monkeypatch.setenv(name, value)
    world.restart()
    ana = Customer(Shop(world))
    for name in ("A", "B", "C"):
        ana.places(name, until=3, ship_to=EUROPE)
    world.clock.advance(hours=7, minutes=45)
    for name in ("A", "B", "C"):
        ana.tells("eta", name, eta=ana.day(6))
    for _ in range(10):  # until before seven in the morning
        assert len(ana.told()) == 1, "before the shop closed"
        world.wait(hours=1)
        ana.looks()
    ana.tells("delivered", "B")
    the_night_goes_by(ana)
    assert [len(OrderRepository("Delivery").order(name).notices) for name in ("A", "B", "C")] == [1, 0, 1]
    assert len(ana.told()) == 2
