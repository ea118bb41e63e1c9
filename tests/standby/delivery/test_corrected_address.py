"""What reached nobody is told at the address that the ERP corrects, once, and only while it is true."""

from typing import Any

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.test_silence import by, comes_back, each_day, orders
from tests.standby.delivery.track import ANA, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10")
WRONG = "anna@example.org"


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def refuse(ana: Customer) -> None:
    """Let SES refuse what goes to the wrong address."""
    ana.shop.world.refused = {WRONG}


def corrected(ana: Customer, email: str = ANA, **more: Any) -> None:
    orders(ana, email=email, until=4, **more)


def late(ana: Customer, days: int = 40) -> None:
    orders(ana, email=WRONG)
    ana.tells("eta", eta=ana.day(days))


def told(ana: Customer) -> list[str]:
    return [email for email, _ in ana.told()]


@pytest.mark.parametrize("how", ["refused", "came-back"])
def test_it_is_told_at_the_corrected_address_once(ana: Customer, how: str) -> None:
    if how == "refused":
        refuse(ana)
    late(ana)
    if how == "came-back":
        comes_back(ana)
    assert by(ana)[0] == "refused"
    before = len(told(ana))
    for _ in range(2):
        corrected(ana)
        ana.looks()
    assert told(ana)[before:] == [ANA]
    assert [each for each in by(ana) if each != "call"] == ["refused", "mail"]
    corrected(ana, email="ana.levi@example.org")
    assert told(ana)[before:] == [ANA], "it arrived"


def test_the_same_address_once_more_is_no_other(ana: Customer) -> None:
    refuse(ana)
    late(ana)
    corrected(ana, email="Anna@Example.org")
    assert (told(ana), by(ana)) == ([], ["refused", "call"])


def test_what_is_true_no_more_is_not_told(ana: Customer) -> None:
    refuse(ana)
    late(ana)
    ana.tells("eta", eta=ana.day(4))
    corrected(ana)
    ana.looks()
    assert told(ana) == []


def test_a_mail_that_comes_back_after_the_address_was_corrected_is_told_there(ana: Customer) -> None:
    late(ana)
    corrected(ana)
    assert told(ana) == [WRONG]
    comes_back(ana)
    assert told(ana) == [WRONG, ANA]
    assert by(ana) == ["refused", "mail"]


def test_silence_counts_from_the_mail_that_arrived(ana: Customer) -> None:
    refuse(ana)
    late(ana)
    each_day(ana, 10)
    assert ana.heard("CancellationRequested") == []
    corrected(ana)
    assert told(ana) == [ANA]
    each_day(ana, 3)
    assert ana.heard("CancellationRequested") == [], "who is told has days to answer"
    each_day(ana, 40)
    assert len(ana.heard("CancellationRequested")) == 1


def test_who_is_mailed_at_last_is_not_called(ana: Customer) -> None:
    late(ana)
    corrected(ana)
    comes_back(ana)
    each_day(ana, 2)
    assert ana.heard("CallTaskOpened") == []


def test_an_address_that_is_wrong_as_well_is_corrected_again(ana: Customer) -> None:
    ana.shop.world.refused = {WRONG, "ann@example.org"}
    late(ana)
    corrected(ana, email="ann@example.org")
    assert told(ana) == []
    corrected(ana)
    assert told(ana) == [ANA]


def test_a_line_and_an_address_that_are_corrected_at_once_are_told_once(ana: Customer) -> None:
    refuse(ana)
    late(ana)
    line = {"line_id": "10", "sku": "LAMP", "quantity": 2}
    parcel = {"shipment_id": "B", "promised_until": ana.day(40), "line_ids": ["10"]}
    for _ in range(2):
        corrected(ana, lines=[line], shipments=[parcel])
        ana.looks()
    assert told(ana) == [ANA]


def test_the_order_knows_to_which_address_a_notice_went(ana: Customer) -> None:
    late(ana)
    (notice,) = OrderRepository("Delivery").order("O").notices
    assert notice.to is not None
    assert WRONG not in notice.to
