"""A person asks once about what a carrier gave up or brings back; that is no delay, and nothing came back by it."""

from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery.calling import troubles
from standby.delivery.model import Order
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.track import Customer
from tests.standby.delivery.words import placed, said, word
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10")
UTC = ZoneInfo("UTC")


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def calls(ana: Customer) -> list[tuple[str, str]]:
    return [("+".join(call["shipment_ids"]), call["reason"]) for call in ana.heard("CallTaskOpened")]


def order(ana: Customer) -> Any:
    status, answer = ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")
    assert status == 200, answer
    return answer


@pytest.mark.parametrize(("state", "fate"), [("returning", "shipped"), ("failed", "waiting")])
def test_a_person_is_asked_once_to_call_whose_parcel_is_given_up_or_comes_back(
    ana: Customer, state: str, fate: str
) -> None:
    ana.places(until=3, customer={"phone": "050-1"})
    for _ in range(3):
        ana.tells("tracked", state=state, occurred_at=ana.now())
        ana.looks()
    assert calls(ana) == [("A", state)]
    shown = order(ana)
    assert [(call["reason"], call["ask"].split()[0]) for call in shown["calls"]] == [(state, "Say")]
    assert shown["customer"]["phone"] == "050-1"
    assert (shown["shipments"][0]["over"], shown["lines"][0]["fate"], shown["shipments"][0]["delay"]) == (
        False,
        fate,
        None,
    )
    assert (ana.delays(), ana.told(), ana.heard("OrderCancelled")) == ([], [], [])
    assert [call["event"] for call in why(ana) if "person_asks" in call["rule"]] == ["CallTaskOpened"]


def why(ana: Customer) -> Any:
    return ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O/why", scopes="ops")[1]["steps"]


def test_all_shipments_of_an_order_about_which_the_same_is_asked_are_one_call(ana: Customer) -> None:
    ana.places(until=3, skus=("LAMP", "CUP", "MUG"))
    for name in "ABC":
        ana.tells("tracked", shipment_id=name, state="failed", occurred_at=ana.now())
    ana.looks()
    ana.tells("tracked", shipment_id="A", state="returning", occurred_at=ana.now())
    ana.tells("tracked", shipment_id="B", state="returning", occurred_at=ana.now())
    ana.looks()
    assert calls(ana) == [("A+B+C", "failed"), ("A+B", "returning")]
    assert [(call["shipment_id"], call["reason"]) for call in order(ana)["calls"]] == [
        *((name, "failed") for name in "ABC"),
        *((name, "returning") for name in "AB"),
    ]


def test_a_customer_is_called_once_a_day_about_one_thing_and_on_the_next_about_what_came_since(ana: Customer) -> None:
    ana.places(until=9, skus=("LAMP", "CUP", "MUG"))
    for name in "ABC":
        ana.tells("tracked", shipment_id=name, state="failed", occurred_at=ana.now())
        ana.looks()
    assert calls(ana) == [("A", "failed")]
    ana.tells("tracked", shipment_id="B", state="out", occurred_at=ana.now())
    ana.days_pass(1)
    assert calls(ana) == [("A", "failed"), ("C", "failed")]
    ana.days_pass(1)
    assert len(calls(ana)) == 2


@pytest.mark.parametrize("state", ["returning", "failed"])
@pytest.mark.parametrize("again", ["the_same", "another"])
def test_what_is_sent_again_after_it_came_back_is_asked_about_again(ana: Customer, state: str, again: str) -> None:
    ana.places(until=3)
    ana.tells("shipped", shipment_id="A", occurred_at=ana.now())
    ana.tells("tracked", shipment_id="A", state=state, occurred_at=ana.now())
    ana.looks()
    ana.tells("returned", shipment_id="A", occurred_at=ana.now())
    ana.days_pass(1)
    name = "A"
    if again == "another":
        name = "B"
        about = ana.order(9)
        ana.tells("placed", **{**about, "shipments": [{**about["shipments"][0], "shipment_id": name}]})
    ana.tells("shipped", shipment_id=name, occurred_at=ana.now())
    ana.looks()
    assert calls(ana) == [("A", state)]
    for _ in range(2):
        ana.tells("tracked", shipment_id=name, state=state, occurred_at=ana.now())
        ana.looks()
    assert calls(ana) == [("A", state), (name, state)]
    assert len({call["id"] for call in ana.heard("CallTaskOpened")}) == 2
    assert [call["reason"] for call in order(ana)["calls"]] == [state, state]


@pytest.mark.parametrize(
    ("state", "kind", "more"),
    [
        ("failed", "tracked", {"state": "out"}),
        ("failed", "delivered", {}),
        ("returning", "returned", {}),
        ("returning", "cancelled", {}),
    ],
)
def test_what_was_settled_before_anybody_looked_needs_no_call(
    ana: Customer, state: str, kind: str, more: dict[str, str]
) -> None:
    ana.places(until=3)
    ana.tells("tracked", state=state, occurred_at=ana.now())
    ana.tells(kind, occurred_at=ana.now(), **more)
    ana.looks()
    assert calls(ana) == []


def test_what_arrives_at_the_sender_again_is_asked_about_all_the_same(ana: Customer) -> None:
    ana.places(until=3)
    ana.tells("tracked", state="returning", occurred_at=ana.now())
    ana.tells("tracked", state="in_transit", occurred_at=ana.now())
    ana.looks()
    assert calls(ana) == [("A", "returning")]


def test_nobody_is_called_about_what_they_gave_up(ana: Customer) -> None:
    ana.places(until=3, ship_to={"country": "FR"})
    ana.tells("eta", eta=ana.day(6))
    assert ana.does("withdraw", {"confirm": True})[0] == 200
    ana.tells("tracked", state="returning", occurred_at=ana.now())
    ana.looks()
    assert calls(ana) == []


def test_it_is_not_looked_at_for_ever(ana: Customer) -> None:
    ana.places(until=3)
    ana.tells("tracked", state="failed", occurred_at=ana.now())
    assert ana.due() == ["O"]
    ana.looks()
    ana.tells("delivered", occurred_at=ana.now())
    assert ana.due() == []
    assert [notice.by for notice in OrderRepository("Delivery").order("O").notices] == ["call"]


WORDS = [
    placed("O", "CUP", "MUG", shipments={"A": ["CUP"], "B": ["MUG"]}),
    said("tracked", "O", minute=1, state="failed", shipment_id="A"),
    said("tracked", "O", minute=2, state="returning"),
    said("tracked", "O", minute=3, state="out", shipment_id="A"),
    said("delivered", "O", minute=4, shipment_id="B"),
]


@given(st.permutations([*WORDS, WORDS[2]]))
def test_whatever_order_words_come_in_the_same_calls_are_to_be_made(words: list[Any]) -> None:
    known = Order(order_id="O")
    for arrival, message in enumerate(words):
        known = known.after(word(message, arrival=arrival))
    assert [(call.promise.shipment_id, call.reason) for call in troubles(known, UTC)] == [("A", "returning")]


def test_before_an_order_is_known_nobody_is_called() -> None:
    for words in permutations(WORDS[1:3]):
        known = Order(order_id="O")
        for message in words:
            known = known.after(word(message))
        assert troubles(known, UTC) == []
