"""What a word about a whole order is about, once the ERP added, renamed or replaced parts of it."""

from itertools import permutations
from typing import Any

import pytest
from standby.delivery.model import Order

from tests.promises.shop import Shop
from tests.standby.delivery.test_promises import known, later
from tests.standby.delivery.track import ANA, EUROPE, Customer
from tests.standby.delivery.words import placed, said
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P4")
LATER, NOT_YET = "Later than we told you", "Not with you yet"


@pytest.fixture
def ana(world: World) -> Customer:
    ana = Customer(Shop(world))
    ana.places(until=2, ship_to=EUROPE)
    return ana


def again(ana: Customer, until: int, *skus: str, shipment: str = "A", **more: Any) -> None:
    """Let the ERP say the whole order anew; its first shipment has this name."""
    order = {**ana.order(until, skus=skus or ("LAMP",)), **more}
    order["shipments"][0]["shipment_id"] = shipment
    ana.tells("placed", **order, customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)


def subjects(ana: Customer) -> list[str]:
    return [mail.subject.partition(":")[0] for mail in ana.shop.world.mails]


def looked_up(ana: Customer) -> Any:
    return ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")[1]


def test_a_day_that_the_erp_says_first_after_an_eta_is_the_newest_word(ana: Customer) -> None:
    ana.tells("eta", eta=ana.day(5), cause="customs")
    again(ana, 9)
    (shipment,) = looked_up(ana)["shipments"]
    assert (shipment["expected"], shipment["cause"]) == (ana.day(9), None)
    assert subjects(ana) == [LATER, LATER]
    again(ana, 9)
    ana.tells("eta", eta=ana.day(6))
    again(ana, 9)
    assert looked_up(ana)["shipments"][0]["expected"] == ana.day(6), "orders come again for other reasons"


@pytest.mark.parametrize("shipment", ["A", "B"])
def test_a_day_that_the_erp_had_said_before_an_eta_does_not_outrank_it(ana: Customer, shipment: str) -> None:
    ana.tells("eta", eta=ana.day(5))
    again(ana, 2, shipment=shipment)
    assert looked_up(ana)["shipments"][0]["expected"] == ana.day(5)


def test_an_eta_is_about_what_the_order_had_then(ana: Customer) -> None:
    ana.tells("eta", eta=ana.day(30))
    again(ana, 20, "LAMP", "CHAIR")
    assert [each["delay"] for each in looked_up(ana)["shipments"]] == ["expected", None]
    assert not any("CHAIR" in mail.text for mail in ana.shop.world.mails)


def test_what_is_added_after_a_delivery_is_still_to_come(ana: Customer) -> None:
    ana.tells("delivered")
    again(ana, 5, "LAMP", "CHAIR")
    shown = looked_up(ana)
    assert [line["fate"] for line in shown["lines"]] == ["arrived", "waiting"]
    assert [each["shipped_at"] for each in shown["shipments"]] == [None, None]
    ana.days_pass(6)
    assert subjects(ana) == [NOT_YET]
    ana.tells("delivered", occurred_at=ana.now())
    assert [line["fate"] for line in looked_up(ana)["lines"]] == ["arrived", "arrived"]


def test_an_eta_that_was_said_before_the_only_order_counts(ana: Customer) -> None:
    ana.says("eta", "P", eta=ana.day(5))
    ana.shop.world.clock.advance(hours=1)
    ana.places("P", until=2)
    assert [event["order_id"] for event in ana.delays()] == ["P"]


@pytest.mark.parametrize("word", ["shipped", "cancelled", "delivered"])
def test_a_line_by_another_name_is_the_same_line(ana: Customer, word: str) -> None:
    ana.tells(word)
    fate = looked_up(ana)["lines"][0]["fate"]
    line = {"line_id": "1001", "sku": "LAMP", "quantity": 1}
    shipment = {"shipment_id": "A", "promised_until": ana.day(2), "line_ids": ["1001"]}
    again(ana, 2, lines=[line], shipments=[shipment])
    assert [(line["line_id"], line["fate"]) for line in looked_up(ana)["lines"]] == [("1001", fate)]


def test_whatever_came_before_the_only_order_is_about_all_of_it(ana: Customer) -> None:
    ana.tells("delivered", "P")
    ana.shop.world.clock.advance(hours=1)
    ana.places("P", until=2)
    ana.days_pass(4)
    assert [event["order_id"] for event in ana.delays()] == ["O"]


def test_what_is_sent_again_after_it_came_back_is_promised_and_followed_anew(ana: Customer) -> None:
    ana.tells("shipped")
    ana.tells("returned")
    ana.days_pass(4)
    assert subjects(ana) == []
    again(ana, 5, shipment="B")
    ana.tells("shipped", shipment_id="B")
    assert (subjects(ana), looked_up(ana)["lines"][0]["fate"]) == ([], "shipped")
    ana.days_pass(6)
    assert subjects(ana) == [NOT_YET]
    ana.tells("returned")
    assert looked_up(ana)["lines"][0]["fate"] == "returned"


def test_a_parcel_that_leaves_once_more_under_its_old_name_is_followed(ana: Customer) -> None:
    for word in ("shipped", "delivered", "returned"):
        ana.tells(word, shipment_id="A")
    again(ana, 9)
    ana.tells("shipped", shipment_id="A", occurred_at=ana.now())
    (shipment,) = ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")[1]["shipments"]
    assert (shipment["promised_until"], shipment["arrived_on"], shipment["over"]) == (ana.day(9), None, False)


def test_a_word_of_leaving_that_comes_again_does_not_bring_back_what_came_back(ana: Customer) -> None:
    left = ana.now()
    ana.tells("shipped", occurred_at=left)
    ana.tells("returned")
    ana.tells("shipped", occurred_at=left)
    again(ana, 2, shipment="A-2")
    ana.days_pass(4)
    assert (subjects(ana), looked_up(ana)["shipments"][0]["over"]) == ([], True)


def test_what_an_order_had_at_first_is_the_same_in_whatever_order_it_is_heard() -> None:
    words = [
        placed("O", "S", minute=1),
        said("delivered", "O", minute=2),
        placed("O", "S", "M", minute=3),
        placed("O", "M", "L", minute=4),
    ]
    heard = [(later(message, arrival=number)) for number, message in enumerate(words)]
    for order in permutations(heard):
        made = Order(order_id="O")
        for word in order:
            made = made.after(word)
        assert (made.numbering, made.fates) == (known(*words).numbering, {})


def test_what_was_told_stands_with_the_lines_however_the_erp_plans_its_shipments_anew(ana: Customer) -> None:
    again(ana, 2, "LAMP", "CHAIR")
    ana.tells("eta", eta=ana.day(5))
    assert subjects(ana) == [LATER]
    lines = ana.order(5, skus=("LAMP", "CHAIR"))["lines"]
    whole = {"shipment_id": "C", "promised_until": ana.day(5), "line_ids": ["1", "2"]}
    ana.tells("placed", lines=lines, shipments=[whole], customer={"email": ANA}, ship_to=EUROPE)
    again(ana, 5, "LAMP", "CHAIR", shipment="D")
    ana.looks()
    assert (subjects(ana), len(ana.delays())) == ([LATER], 2)
    again(ana, 7, "LAMP", "CHAIR", shipment="E")
    assert subjects(ana) == [LATER, LATER]
    ana.days_pass(8)
    assert subjects(ana) == [LATER, LATER, NOT_YET]


def test_a_part_that_joins_one_that_was_told_is_told_of_what_it_was_not(ana: Customer) -> None:
    again(ana, 2, "LAMP", "CHAIR")
    ana.tells("eta", eta=ana.day(5), shipment_id="A")
    ana.tells("eta", eta=ana.day(5), shipment_id="B")
    ana.tells("eta", eta=ana.day(7), shipment_id="B")
    assert len(subjects(ana)) == 3
    lines = ana.order(7, skus=("LAMP", "CHAIR"))["lines"]
    whole = {"shipment_id": "C", "promised_until": ana.day(7), "line_ids": ["1", "2"]}
    ana.tells("placed", lines=lines, shipments=[whole], customer={"email": ANA}, ship_to=EUROPE)
    assert len(subjects(ana)) == 4
