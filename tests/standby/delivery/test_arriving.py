"""Whose shipment nobody tracks is asked whether it is there, before anything may be granted for its delay."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery.arriving import answered, is_confirmed, question
from standby.delivery.model import Order
from standby.delivery.promises import delay_of, promises
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.track import AMERICA, EUROPE, Customer
from tests.standby.delivery.words import placed, said, word
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10", "P11")
ASKS = "Has it arrived?"


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def shipment(ana: Customer, place: int = 0) -> Any:
    status, answer = ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")
    assert status == 200, answer
    return answer["shipments"][place]


def answers(ana: Customer) -> list[bool]:
    return [event["arrived"] for event in ana.heard("ArrivalAnswered")]


def choices(ana: Customer) -> list[str]:
    return [choice.kind for choice in OrderRepository("Delivery").order("O").choices]


def test_whose_day_is_over_and_whom_nobody_can_tell_where_it_is_is_asked(ana: Customer) -> None:
    ana.places(until=1)
    ana.tells("shipped", occurred_at=ana.now(), carrier="Post")
    ana.days_pass(2)
    assert "Is it there already?" in ana.mailed("Not with you yet")[0].text
    assert ASKS in ana.sees(page=True)
    assert ana.sees()["shipments"][0]["arrival"] == {"asked": True, "arrived": None, "at": None}
    assert [delay["confirmed"] for delay in ana.delays()] == [False]
    assert (shipment(ana)["confirmed"], shipment(ana)["arrival"]) == (False, None)


def test_looking_at_the_page_answers_nothing(ana: Customer) -> None:
    ana.places(until=1)
    ana.days_pass(2)
    for _ in range(3):
        ana.sees(page=True)
    assert (choices(ana), answers(ana)) == ([], [])


@pytest.mark.parametrize("state", ["in_transit", "out", "delayed", "attempted", "failed"])
def test_who_is_told_by_a_carrier_is_not_asked_and_the_delay_is_known(ana: Customer, state: str) -> None:
    ana.places(until=1)
    ana.shop.world.clock.advance(days=2)
    ana.tells("tracked", state=state, occurred_at=ana.now())
    ana.looks()
    assert ASKS not in ana.sees(page=True)
    assert "If you have it already" in ana.mailed("Not with you yet")[0].text
    assert [delay["confirmed"] for delay in ana.delays()] == [True]
    assert ana.does("arrived", {"arrived": True})[0] == 409
    assert choices(ana) == []


@pytest.mark.parametrize("state", ["unknown", "labelled"])
def test_a_carrier_that_does_not_know_where_it_is_does_not_track_it(ana: Customer, state: str) -> None:
    ana.places(until=1)
    ana.tells("tracked", state=state, occurred_at=ana.now())
    ana.days_pass(2)
    assert ASKS in ana.sees(page=True)


def test_what_the_shop_itself_says_is_late_is_known_and_nobody_is_asked_before_its_day(ana: Customer) -> None:
    ana.places(until=1)
    ana.tells("eta", eta=ana.day(4))
    assert [delay["confirmed"] for delay in ana.delays()] == [True]
    assert ASKS not in ana.sees(page=True)
    assert ana.does("arrived", {"arrived": False})[0] == 409
    ana.days_pass(5)
    assert [delay["confirmed"] for delay in ana.delays()] == [True, False]
    assert ASKS in ana.sees(page=True)


def test_who_says_no_has_the_delay_confirmed_and_is_asked_anew_after_the_next_day(ana: Customer) -> None:
    ana.places(until=1)
    ana.days_pass(2)
    for _ in range(3):
        status, answer = ana.does("arrived", {"arrived": False})
        assert status == 200, answer
    assert (answers(ana), choices(ana)) == ([False], ["missing"])
    assert shipment(ana)["confirmed"]
    assert ASKS not in ana.sees(page=True)
    assert "It has arrived now" in ana.sees(page=True)
    ana.tells("eta", eta=ana.day(3))
    ana.days_pass(4)
    assert ASKS in ana.sees(page=True)
    assert not shipment(ana)["confirmed"]
    assert ana.does("arrived", {"arrived": False})[0] == 200
    assert answers(ana) == [False, False]


def test_who_says_yes_has_no_delay_any_more_and_keeps_the_right_to_withdraw(ana: Customer) -> None:
    ana.places(until=1, ship_to=EUROPE)
    ana.days_pass(2)
    status, answer = ana.posts("arrived", "shipment_id=A&arrived=yes")
    assert (status, answer) == (303, ""), answer
    seen = ana.sees()
    assert (seen["shipments"][0]["state"], seen["shipments"][0]["late"], seen["shipments"][0]["days_late"]) == (
        "delivered",
        False,
        0,
    )
    assert (seen["cancel"]["open"], seen["withdraw"]["open"]) == (False, True)
    assert "Your order has arrived" in ana.sees(page=True)
    shown = shipment(ana)
    assert (shown["delay"], shown["confirmed"], shown["arrival"]["arrived"]) == (None, False, True)
    ana.tells("eta", eta=ana.day(0))
    ana.days_pass(20)
    assert [subject.partition(":")[0] for _, subject in ana.told()] == ["Not with you yet"]
    assert len(ana.delays()) == 1
    assert answers(ana) == [True]


@pytest.mark.parametrize("word", ["tracked", "shipped", "eta"])
def test_a_word_after_a_mistaken_yes_that_it_is_still_to_come_counts_more(ana: Customer, word: str) -> None:
    ana.places(until=1, ship_to=EUROPE)
    ana.days_pass(2)
    assert ana.does("arrived", {"arrived": True})[0] == 200
    ana.shop.world.clock.advance(minutes=1)
    said: dict[str, dict[str, Any]] = {
        "tracked": {"state": "in_transit", "occurred_at": ana.now()},
        "shipped": {"occurred_at": ana.now()},
        "eta": {"eta": ana.day(20)},
    }
    ana.tells(word, **said[word])
    assert ana.sees()["shipments"][0]["state"] != "delivered"
    assert ana.does("cancel")[0] == 202


@pytest.mark.parametrize("word", ["tracked", "eta"])
def test_who_has_it_can_say_so_again_after_such_a_word_and_take_that_back(ana: Customer, word: str) -> None:
    ana.places(until=1, ship_to=EUROPE)
    ana.days_pass(2)
    ana.does("arrived", {"arrived": True})
    ana.shop.world.clock.advance(minutes=1)
    ana.tells(word, **{"tracked": {"state": "out", "occurred_at": ana.now()}, "eta": {"eta": ana.day(20)}}[word])
    ana.shop.world.clock.advance(minutes=1)
    page = ana.sees(page=True)
    assert ("It has arrived now" in page, ASKS in page, "You told us on" in page) == (True, False, False)
    for _ in range(2):
        assert ana.does("arrived", {"arrived": True})[0] == 200
    assert "Your order has arrived" in ana.sees(page=True)
    assert answers(ana) == [True, True]
    ana.shop.world.clock.advance(minutes=1)
    for _ in range(2):
        assert ana.does("arrived", {"arrived": False})[0] == 200
    assert ana.sees()["shipments"][0]["state"] != "delivered"
    assert answers(ana) == [True, True, False]
    assert ana.does("arrived", {"arrived": True})[0] == 200


def test_a_word_from_before_a_yes_does_not_undo_it(ana: Customer) -> None:
    ana.places(until=1, ship_to=EUROPE)
    ana.days_pass(2)
    before = ana.now()
    ana.shop.world.clock.advance(minutes=1)
    assert ana.does("arrived", {"arrived": True})[0] == 200
    ana.tells("tracked", state="in_transit", occurred_at=before, as_of=before)
    ana.tells("eta", eta=ana.day(20), as_of=before)
    assert ana.sees()["shipments"][0]["state"] == "delivered"


def test_who_pressed_by_mistake_may_say_the_other(ana: Customer) -> None:
    ana.places(until=1)
    ana.days_pass(2)
    for arrived in (True, False, True):
        ana.shop.world.clock.advance(minutes=1)
        assert ana.does("arrived", {"arrived": arrived})[0] == 200
    assert (answers(ana), choices(ana)) == ([True, False, True], ["arrived", "missing", "arrived"])
    ana.does("arrived", {"arrived": False})
    assert ana.sees()["shipments"][0]["late"]


def test_what_a_carrier_says_of_the_arrival_counts_more(ana: Customer) -> None:
    ana.places(until=1)
    ana.days_pass(3)
    assert ana.does("arrived", {"arrived": False})[0] == 200
    ana.tells("delivered", occurred_at=ana.now())
    assert ana.does("arrived", {"arrived": False})[0] == 409
    assert ana.sees()["shipments"][0]["arrival"] is None
    assert shipment(ana)["delay"] == "arrived"


def test_silence_cancels_nothing_that_is_there(ana: Customer) -> None:
    left = {"shipment_id": "A", "ship_by": ana.day(1), "promised_until": ana.day(2), "line_ids": ["1"]}
    ana.places(until=2, shipments=[left], ship_to=AMERICA, payment_status="paid")
    ana.days_pass(1)
    ana.days_pass(3)
    assert ana.does("arrived", {"arrived": True})[0] == 200
    for _ in range(50):
        ana.days_pass(1)
    assert ana.heard("CancellationRequested") == []
    assert ana.mailed("Please tell us") == []


def test_of_several_parts_each_is_asked_about_by_itself(ana: Customer) -> None:
    ana.places(until=1, skus=("LAMP", "CUP"))
    ana.days_pass(2)
    status, answer = ana.does("arrived", {"arrived": True})
    assert (status, answer["type"].rpartition("/")[2]) == (409, "unknown-shipment")
    assert ana.does("arrived", {"arrived": True, "shipment_id": "B"})[0] == 200
    assert [each["late"] for each in ana.sees()["shipments"]] == [True, False]
    assert (ana.posts("arrived", "shipment_id=A&arrived=maybe")[0], ana.posts("arrived", "arrived=")[0]) == (400, 400)


def test_what_joins_a_part_after_the_answer_did_not_arrive_by_it(ana: Customer) -> None:
    ana.places(until=1)
    ana.days_pass(2)
    assert ana.does("arrived", {"arrived": True})[0] == 200
    order = ana.order(-1, skus=("LAMP", "CUP"))
    order["shipments"] = [{**order["shipments"][0], "line_ids": ["1", "2"]}]
    ana.tells("placed", **order, customer={"email": "ana@example.org"})
    assert ana.sees()["shipments"][0]["late"]


def test_an_order_keeps_a_bound_of_answers(ana: Customer) -> None:
    ana.places(until=1)
    ana.days_pass(2)
    for number in range(100):
        assert ana.does("arrived", {"arrived": number % 2 == 0})[0] == 200
    assert ana.does("arrived", {"arrived": True})[0] == 409
    assert len(choices(ana)) == 100


@pytest.mark.parametrize(("locale", "words"), [("en", ASKS), ("he", "האם זה הגיע?")])
def test_the_question_stands_in_the_customers_language(ana: Customer, locale: str, words: str) -> None:
    ana.places(until=1, customer={"locale": locale})
    ana.days_pass(2)
    assert words in ana.sees(page=True)
    assert ana.shop.world.mails[-1].text.count("?") >= 1


WORDS = [
    placed("O", "CUP", "MUG", shipments={"A": ["CUP"], "B": ["MUG"]}),
    said("shipped", "O", minute=1, shipment_id="A"),
    said("tracked", "O", minute=2, state="unknown", shipment_id="A"),
    said("tracked", "O", minute=3, state="in_transit", shipment_id="B"),
    said("eta", "O", minute=4, eta="2026-05-08", shipment_id="A"),
]


@given(words=st.permutations([*WORDS, WORDS[2], WORDS[4]]), before=st.integers(0, len(WORDS)), arrived=st.booleans())
def test_whatever_order_words_and_the_answer_come_in_the_same_is_asked_and_known(
    *, words: list[Any], before: int, arrived: bool
) -> None:
    known = Order(order_id="O").after(word(WORDS[0]))
    now = datetime(2026, 5, 12, tzinfo=UTC)
    for arrival, message in enumerate(words[:before]):
        known = known.after(word(message, arrival=arrival))
    known = answered(known, "A", arrived=arrived, now=now, zone=UTC)
    for arrival, message in enumerate(words[before:], before):
        known = known.after(word(message, arrival=arrival))
    first, second = promises(known, UTC)
    asked = question(known, first, date(2026, 5, 12), UTC)
    assert (asked is not None and asked.answer == known.choices[0], asked is not None and asked.open) == (True, False)
    assert question(known, second, date(2026, 5, 12), UTC) is None
    delay = delay_of(first, date(2026, 5, 12))
    assert (delay is None, delay is not None and is_confirmed(known, delay, UTC)) == (arrived, not arrived)
