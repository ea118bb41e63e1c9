"""A mail about several parts of an order names the day of those that have one, and calls none over that is to come."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.test_silence import PRICE, each_day, subjects
from tests.standby.delivery.test_turns import minutes_pass
from tests.standby.delivery.track import AMERICA, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3")
OVER, NO_DAY = "As far as we know", "we do not know"


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def two_parts(ana: Customer, order_id: str = "O", *, leaves: int | None = None, **more: Any) -> None:
    """Let an order of two articles be placed, each in a shipment of its own."""
    said = ana.order(4, skus=("LAMP", "SHADE"), **more)
    for line in said["lines"]:
        line["unit_price"] = PRICE
    for shipment in said["shipments"]:
        shipment.update({} if leaves is None else {"ship_by": ana.day(leaves)})
    ana.places(order_id, **said)


def one_has_a_day(ana: Customer, order_id: str = "O") -> str:
    """Let it be heard at once that one part comes on a later day, and that nobody knows one of the other."""
    later = ana.day(9)
    ana.says("eta", order_id, shipment_id="A", eta=later)
    ana.says("eta", order_id, shipment_id="B", eta=None)
    return later


def test_the_part_that_has_a_new_day_is_told_it(ana: Customer) -> None:
    two_parts(ana)
    one_has_a_day(ana)
    ana.shop.world.settle()
    (mail,) = ana.shop.world.mails
    assert ("May 12, 2026" in mail.text, OVER in mail.text, NO_DAY in mail.text) == (True, False, True)


def test_in_hebrew_too(ana: Customer) -> None:
    two_parts(ana, customer={"locale": "he"})
    one_has_a_day(ana)
    ana.shop.world.settle()
    (mail,) = ana.shop.world.mails
    assert "12 במאי 2026" in mail.text
    assert "עוד לא ידוע לנו" in mail.text


def test_silence_consents_to_a_day_that_the_mail_named(ana: Customer) -> None:
    two_parts(ana, leaves=1, ship_to=AMERICA, payment_status="paid")
    one_has_a_day(ana)
    ana.shop.world.settle()
    silences = {each["shipment_id"]: each["silence"]["meaning"] for each in ana.sees()["shipments"]}
    assert silences == {"A": "consents", "B": "cancels"}
    assert "May 12, 2026" in ana.shop.world.mails[-1].text


def test_a_mail_about_several_orders_names_that_day_too(ana: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICES_PER_HOUR", "1")
    ana.places("E", until=4, email="eve@example.org")
    ana.tells("eta", "E", eta=ana.day(8))
    for order_id in ("O", "Q"):
        two_parts(ana, order_id)
        one_has_a_day(ana, order_id)
    ana.shop.world.settle()
    minutes_pass(ana, 75)
    text = ana.shop.world.mails[-1].text
    assert text.count("May 12, 2026") == 2
    assert (OVER in text, NO_DAY in text) == (False, True)


def test_what_did_not_leave_in_time_is_not_said_to_be_over_beside_what_has_no_day(ana: Customer) -> None:
    two_parts(ana, leaves=1, ship_to=AMERICA, payment_status="paid")
    ana.shop.world.clock.advance(days=1, hours=8)
    ana.says("eta", shipment_id="B", eta=None)
    ana.looks()
    (mail,) = ana.shop.world.mails
    assert ("LAMP" in mail.text, "SHADE" in mail.text, OVER in mail.text) == (True, True, False)


def test_of_what_did_not_leave_in_time_no_day_counts_as_told(ana: Customer) -> None:
    """Its mail says that nobody knows the new day, so silence consents to none."""
    two_parts(ana, leaves=1, ship_to=AMERICA, payment_status="paid")
    ana.tells("eta", eta=ana.day(3))
    each_day(ana, 2)
    assert subjects(ana) == ["Not on its way yet"]
    silences = [(each["silence"]["meaning"], each["silence"]["at"]) for each in ana.sees()["shipments"]]
    assert silences == [("cancels", ana.day(29))] * 2
