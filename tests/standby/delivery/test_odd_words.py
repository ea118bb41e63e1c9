"""Odd words that a stranger tried on late deliveries: nulls, withdrawals beside other shipments, odd incidents."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from standby.platform.tokens import TokenKeys, Tokens

from tests.promises.shop import Shop
from tests.standby.delivery.track import EUROPE, Customer
from tests.world import World

PRICE = {"amount": 5_000, "currency": "EUR"}
WORDS = {"en": "The dockers are on strike.", "he": "עובדי הנמל שובתים."}
OCCURRED = ("tracked", "refunded", "shipped", "delivered", "cancelled", "returned")
FIELDS: Mapping[str, Any] = {"tracked": {"state": "delivered"}, "refunded": {"amount": PRICE}}


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def asks(ana: Customer, method: str, path: str, body: Any = None) -> Any:
    return ana.shop.world.request("delivery_api", method, path, body=body, scopes="ops")


def declare(ana: Customer, **more: Any) -> None:
    status, answer = asks(ana, "PUT", "/v1/incidents/strike", {"cause": "customs", "since": ana.day(0), **more})
    assert status == 200, answer
    ana.shop.world.clock.advance(minutes=2)


def token(ana: Customer) -> str:
    """Return a link that an earlier mail about the order had."""
    now = ana.shop.world.clock.now()
    return Tokens(TokenKeys(current="a-key-of-the-test")).issue("track", {"o": "O"}, now=now, lifetime=timedelta(90))


@pytest.mark.parametrize("kind", OCCURRED)
def test_a_word_whose_occurred_at_is_null_is_taken_as_one_that_does_not_say_it(ana: Customer, kind: str) -> None:
    """The schema allows null; the reading compares it with a text."""
    ana.places(until=2)
    ana.tells(kind, occurred_at=None, **FIELDS.get(kind, {}))
    assert [letter.attributes.get("reason") for letter in ana.shop.world.queues["DeliveryDeadLetters"]] == []


def test_an_occurred_at_of_null_costs_no_other_message_of_its_request(ana: Customer) -> None:
    good = {"type": "order.placed", "order_id": "P", "as_of": ana.now(), **ana.order(2)}
    odd = {"type": "order.delivered", "order_id": "P", "as_of": ana.now(), "occurred_at": None}
    body = {"type": "batch", "messages": [good, odd]}
    status, _ = ana.shop.world.request("delivery_api", "POST", "/v1/messages/orders", body=body, scopes="erp")
    assert status == 202


def test_by_all_what_was_withdrawn_from_holds_up_no_word_of_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDER_LATE_WHEN", "all")
    ana = Customer(Shop(world))
    ana.places(until=3, skus=("LAMP", "CUP"), ship_to=EUROPE)
    ana.does("withdraw", {"confirm": True, "line_ids": ["2"]}, token=token(ana))
    ana.tells("eta", eta=ana.day(6), shipment_id="A")
    ana.looks()
    assert len(ana.mailed("Later than we told you")) == 1


@pytest.mark.parametrize("locale", ["iw", "he_IL"])
def test_who_reads_hebrew_by_another_name_reads_the_hebrew_words(ana: Customer, locale: str) -> None:
    declare(ana, words=WORDS)
    ana.places(until=2, customer={"locale": locale})
    ana.tells("eta", eta=ana.day(9))
    assert WORDS["he"] in ana.shop.world.mails[-1].text


def test_an_incident_that_ended_before_it_began_explains_nothing(ana: Customer) -> None:
    """Its route says: it explains no shipment that is promised for a later day."""
    declare(ana, since=ana.day(3), until=ana.day(9))
    assert asks(ana, "POST", "/v1/incidents/strike/end")[0] == 200
    ana.shop.world.clock.advance(minutes=2)
    ana.places(until=3)
    ana.tells("eta", eta=ana.day(9))
    assert [delay.get("incident_id") for delay in ana.delays()] == [None]


def test_a_carrier_whose_name_is_a_hyphen_is_not_every_carrier(ana: Customer) -> None:
    body = {"cause": "customs", "since": ana.day(0), "carrier": "-"}
    status, _ = asks(ana, "PUT", "/v1/incidents/strike", body)
    ana.shop.world.clock.advance(minutes=2)
    ana.places(until=2)
    ana.tells("eta", eta=ana.day(9))
    assert (status, [delay.get("incident_id") for delay in ana.delays()]) == (400, [None])
