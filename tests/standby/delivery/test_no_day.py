"""A day that other systems say where they know none was not said: nobody is told it, and nothing is late by it."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.test_lookup import why
from tests.standby.delivery.test_silence import each_day, subjects
from tests.standby.delivery.track import Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3")
NONE = ("0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31")
NO_DAYS = pytest.mark.parametrize("day", NONE)
LATER, NOT_YET = "Later than we told you", "Not with you yet"


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def two(ana: Customer, *days: str, **more: Any) -> None:
    """Let the ERP say an order of two articles, each promised by a day of its own."""
    said = ana.order(4, skus=("LAMP", "SHADE"), **more)
    for shipment, day in zip(said["shipments"], days, strict=True):
        shipment["promised_until"] = day
    ana.places(**said)


def looked_up(ana: Customer) -> Any:
    status, answer = ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")
    assert status == 200, answer
    return answer


@NO_DAYS
def test_it_is_no_promise(ana: Customer, day: str) -> None:
    two(ana, day, ana.day(4))
    each_day(ana, 6)
    (mail,) = ana.shop.world.mails
    assert ("SHADE" in mail.text, "LAMP" in mail.text) == (True, False)
    (shown,) = ana.sees()["shipments"]
    assert shown["shipment_id"] == "B"
    assert [line["sku"] for line in ana.sees()["lines"]] == ["LAMP"]
    days = {each["shipment_id"]: each["promised_until"] for each in looked_up(ana)["shipments"]}
    assert days == {"A": None, "B": ana.day(-2)}
    assert day not in str(why(ana))


@NO_DAYS
def test_what_was_promised_before_stays_the_promise(ana: Customer, day: str) -> None:
    promised = ana.day(4)
    two(ana, promised, promised)
    two(ana, day, promised)
    each_day(ana, 6)
    days = {each["shipment_id"]: each["promised_until"] for each in looked_up(ana)["shipments"]}
    assert days == {"A": promised, "B": promised}
    assert subjects(ana) == [NOT_YET]


@NO_DAYS
def test_what_is_said_after_it_is_the_promise(ana: Customer, day: str) -> None:
    two(ana, day, ana.day(4))
    two(ana, ana.day(5), ana.day(4))
    ana.tells("eta", eta=ana.day(9))
    assert subjects(ana) == [LATER]
    assert {each["promised_until"] for each in looked_up(ana)["shipments"]} == {ana.day(4), ana.day(5)}


@NO_DAYS
def test_words_about_its_shipment_are_about_its_lines_all_the_same(ana: Customer, day: str) -> None:
    two(ana, day, ana.day(4))
    ana.tells("shipped", shipment_id="A", occurred_at=ana.now())
    assert [line["fate"] for line in looked_up(ana)["lines"]] == ["shipped", "waiting"]


@NO_DAYS
def test_an_eta_that_is_none_is_one_that_nobody_knows(ana: Customer, day: str) -> None:
    two(ana, ana.day(4), ana.day(4))
    ana.tells("eta", eta=day)
    assert subjects(ana) == [NOT_YET]
    assert f", {day[:4].lstrip('0')}\u2069" not in ana.shop.world.mails[-1].text
