"""Who waits for an order is told that it is late before they ask, once for each new day, and never what is over."""

import pytest
from standby.delivery.deciding import Deciding
from standby.delivery.model import Order
from standby.delivery.repository import OrderRepository
from standby.platform.address import address_key

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import LOOK, Parcels
from tests.wiring import hearing
from tests.world import World

LATER, NOT_YET, CAME = (
    "Later than we told you: order \u206810234\u2069",
    "Not with you yet: order \u206810234\u2069",
    "It came later than we told you: order \u206810234\u2069",
)
ANA = "ana@example.org"
pytestmark = pytest.mark.promise("P3")


@pytest.fixture
def parcels(world: World) -> Parcels:
    return Parcels(Shop(world))


def test_a_day_that_is_over_is_told_once(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.days_pass(2)
    assert parcels.told() == []
    parcels.days_pass(1)
    assert parcels.told() == [(ANA, NOT_YET)]
    (delay,) = parcels.delays()
    assert (delay["promised_until"], delay.get("expected"), delay["days_late"]) == (parcels.day(-1), None, 1)
    parcels.days_pass(1)
    parcels.tells("delivered", occurred_at=parcels.now())
    parcels.looks()
    assert parcels.told() == [(ANA, NOT_YET)]


def test_how_late_it_was_in_the_end_others_hear_once_and_its_customer_knows(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.days_pass(3)
    parcels.shop.world.clock.advance(days=2)
    came = parcels.now()
    for _ in range(2):
        parcels.tells("delivered", occurred_at=came)
    delays = [(each["days_late"], each["confirmed"], each["arrived"]) for each in parcels.delays()]
    assert delays == [(1, False, False), (3, True, True)]
    assert parcels.told() == [(ANA, NOT_YET)]


@pytest.mark.parametrize(("came", "late"), [(4, [2]), (5, [3]), (6, [3, 4])])
def test_what_came_no_later_than_was_told_is_told_to_nobody_again(parcels: Parcels, came: int, late: list[int]) -> None:
    parcels.places(until=2)
    parcels.tells("eta", eta=parcels.day(4 if came == 4 else 5))
    for _ in range(came):
        parcels.shop.world.clock.advance(days=1)
    parcels.tells("delivered", occurred_at=parcels.now())
    assert [each["days_late"] for each in parcels.delays()] == late


def test_a_later_day_is_told_at_once_with_its_cause_and_again_when_it_moves(parcels: Parcels) -> None:
    parcels.places(until=2)
    for days in (5, 5, 9):
        parcels.tells("eta", eta=parcels.day(days), cause="customs")
    assert parcels.told() == [(ANA, LATER), (ANA, LATER)]
    assert "Customs needed longer than expected." in parcels.shop.world.mails[0].text
    assert "/v1/track/" in parcels.shop.world.mails[0].text
    parcels.days_pass(10)
    assert parcels.told()[2:] == [(ANA, NOT_YET)]


def test_a_day_is_told_again_where_a_better_one_was_told_since(parcels: Parcels) -> None:
    parcels.places(until=2)
    for days in (9, 5, 9, 5, 9):
        parcels.tells("eta", eta=parcels.day(days))
    assert parcels.told() == [(ANA, LATER)] * 3
    parcels.tells("eta", eta=None)
    parcels.tells("eta", eta=parcels.day(12))
    parcels.tells("eta", eta=None)
    assert parcels.told()[3:] == [(ANA, NOT_YET), (ANA, LATER), (ANA, NOT_YET)]
    assert len(parcels.delays()) == 6
    notices = OrderRepository("Delivery").order("O").notices
    assert [notice.expected for notice in notices] == [
        *(parcels.day(each) for each in (9, 5, 9)),
        None,
        parcels.day(12),
        None,
    ]


def test_after_a_day_is_over_it_is_no_news_that_nobody_knows_another(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.days_pass(3)
    parcels.tells("eta", eta=None)
    assert (len(parcels.told()), len(parcels.delays())) == (1, 1)
    parcels.tells("eta", eta=parcels.day(4))
    parcels.tells("eta", eta=None)
    assert parcels.told() == [(ANA, NOT_YET), (ANA, LATER), (ANA, NOT_YET)]
    assert parcels.due() == []


def test_what_arrives_in_time_is_not_spoken_of(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.tells("shipped", occurred_at=parcels.now())
    parcels.shop.world.clock.advance(days=1)
    parcels.tells("delivered", occurred_at=parcels.now())
    parcels.days_pass(5)
    assert (parcels.told(), parcels.delays()) == ([], [])


def test_what_is_heard_to_have_arrived_late_is_apologised_for_once(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.shop.world.clock.advance(days=3)
    for _ in range(2):
        parcels.tells("delivered", occurred_at=parcels.now())
    assert parcels.told() == [(ANA, CAME)]
    assert [delay["arrived"] for delay in parcels.delays()] == [True]


def test_a_late_word_of_what_was_in_time_makes_no_delay(parcels: Parcels) -> None:
    parcels.places(until=2)
    in_time = parcels.now()
    parcels.shop.world.clock.advance(days=3)
    parcels.tells("delivered", occurred_at=in_time)
    parcels.looks()
    assert (parcels.told(), parcels.delays()) == ([], [])


def test_parts_that_are_late_by_one_message_are_one_mail(parcels: Parcels) -> None:
    parcels.places(until=2, skus=("LAMP", "SHADE"))
    parcels.tells("eta", eta=parcels.day(6))
    assert parcels.told() == [(ANA, LATER)]
    text = parcels.shop.world.mails[0].text
    assert ("LAMP" in text, "SHADE" in text) == (True, True)
    assert len(parcels.delays()) == 2


def test_a_delay_that_is_over_before_it_is_told_is_not_told(parcels: Parcels) -> None:
    parcels.places(until=2)
    world = parcels.shop.world
    world.held = frozenset({"DeliveryRecords"})
    parcels.tells("eta", eta=parcels.day(6))
    parcels.tells("eta", eta=parcels.day(2))
    world.held = frozenset()
    world.settle()
    assert len(parcels.delays()) == 1
    assert parcels.told() == []


def test_what_is_cancelled_is_not_late(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.tells("cancelled")
    parcels.days_pass(5)
    assert (parcels.told(), parcels.delays()) == ([], [])


def test_an_order_without_address_is_followed_and_nobody_is_mailed(parcels: Parcels) -> None:
    parcels.places(until=2, email=None)
    parcels.days_pass(3)
    parcels.looks()
    assert parcels.told() == []
    assert len(parcels.delays()) == 1
    assert [notice.by for notice in OrderRepository("Delivery").order("O").notices] == ["none"]


def test_whose_address_comes_after_the_delay_is_told_of_it_once(parcels: Parcels) -> None:
    parcels.places(until=2, email=None)
    parcels.tells("eta", eta=parcels.day(5))
    assert parcels.told() == []
    for _ in range(2):
        parcels.tells("placed", **parcels.order(2), customer={"email": ANA, "locale": "en"})
    parcels.looks()
    assert parcels.told() == [(ANA, LATER)]
    assert len(parcels.delays()) == 1
    assert [notice.by for notice in OrderRepository("Delivery").order("O").notices] == ["none", "mail"]


@pytest.mark.parametrize(("event", "told"), [("CustomerErased", []), ("CustomerLeft", [(ANA, LATER)])])
def test_who_was_erased_hears_nothing_of_an_order_of_before_and_who_left_does(
    parcels: Parcels, event: str, told: list[tuple[str, str]]
) -> None:
    parcels.places(until=2)
    said = {"version": 1, "id": "e", "at": parcels.now(), "address": address_key(ANA)}
    for queue in hearing(event, said):
        parcels.shop.world.send(queue, {"source": "standby", "detail-type": event, "detail": said})
    parcels.shop.world.settle()
    parcels.shop.world.clock.advance(minutes=1)
    parcels.tells("eta", eta=parcels.day(5))
    assert parcels.told() == told


def test_a_bounce_that_was_forgiven_does_not_stop_mails_about_an_order_of_before(parcels: Parcels) -> None:
    world = parcels.shop.world
    parcels.places(until=2)
    world.clock.advance(minutes=1)
    said = {"timestamp": parcels.now(), "feedbackId": "f", "bounceType": "Permanent"}
    detail = {"bounce": {**said, "bouncedRecipients": [{"emailAddress": ANA}]}}
    world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    world.settle()
    world.clock.advance(minutes=1)
    world.request("mail_api", "POST", "/v1/mail/suppressions/lift", body={"email": ANA}, scopes="ops")
    parcels.tells("eta", eta=parcels.day(5))
    assert parcels.told() == [(ANA, LATER)]


def test_an_order_that_comes_late_itself_is_told_of(parcels: Parcels) -> None:
    parcels.places(until=-3)
    parcels.looks()
    assert parcels.told() == [(ANA, NOT_YET)]


def test_after_a_few_apologies_only_the_facts_are_told(parcels: Parcels) -> None:
    for number in range(5):
        parcels.places(f"O-{number}", until=2, email=" Ana@Example.org" if number % 2 else ANA)
        parcels.tells("eta", f"O-{number}", eta=parcels.day(5))
    assert ["We are sorry." in mail.text for mail in parcels.shop.world.mails] == [True, True, True, False, False]
    parcels.shop.world.clock.advance(days=91)
    parcels.places("O-9", until=2)
    parcels.tells("eta", "O-9", eta=parcels.day(5))
    assert "We are sorry." in parcels.shop.world.mails[-1].text


def test_after_an_outage_of_days_all_pages_are_looked_at(parcels: Parcels) -> None:
    for number in range(260):
        parcels.says("placed", f"O-{number}", **parcels.order(2), customer={"email": f"ana-{number}@example.org"})
    parcels.shop.world.settle()
    parcels.days_pass(9)
    assert sorted(email for email, _ in parcels.told()) == sorted(f"ana-{number}@example.org" for number in range(260))
    assert {delay["days_late"] for delay in parcels.delays()} == {7}
    assert parcels.due() == []


@pytest.mark.parametrize(
    "message", [{"sweep": "due", "shard": "X"}, {"sweep": "all"}, {}, {**LOOK, "shard": "DUE#0", "cursor": {"pk": "x"}}]
)
def test_what_is_no_sweep_is_poison(parcels: Parcels, message: dict[str, object]) -> None:
    parcels.shop.world.send("DeliveryRecords", message)
    parcels.shop.world.settle()
    assert len(parcels.shop.world.bodies("DeliveryDeadLetters")) == 1


def test_before_the_promised_day_nobody_is_told_that_it_should_have_come(parcels: Parcels) -> None:
    parcels.places(until=5)
    parcels.tells("eta", eta=None)
    (mail,) = parcels.shop.world.mails
    assert ("should have been" in mail.text, "It may come later" in mail.text) == (False, True)
    assert "have it already" not in mail.text


@pytest.mark.parametrize("locale", ["iw", "iw_IL", "he-IL"])
def test_hebrew_by_its_old_name_is_hebrew(parcels: Parcels, locale: str) -> None:
    parcels.places(until=2, customer={"locale": locale})
    parcels.tells("eta", eta=parcels.day(5))
    assert parcels.shop.world.mails[0].subject.startswith("מאוחר ממה שאמרנו")


def test_a_carrier_that_says_that_it_is_late_is_the_cause(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.tells("tracked", state="delayed", occurred_at=parcels.now())
    parcels.tells("eta", eta=parcels.day(5))
    assert parcels.delays()[0]["cause"] == "carrier"


def test_what_lies_ready_to_be_collected_left_the_house(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.tells("tracked", state="pick_up", occurred_at=parcels.now())
    parcels.tells("cancelled")
    assert OrderRepository("Delivery").order("O").fates["1"].outcome == "shipped"


def test_a_message_that_nobody_can_read_costs_no_other_of_its_batch(
    parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 9, also where the fault is ours."""

    def broken(fields: object, *_: object) -> None:
        raise KeyError(fields)

    parcels.places("P", until=2)
    monkeypatch.setattr("standby.delivery.messages._refunded", broken)
    world = parcels.shop.world
    amount = {"amount": 1, "currency": "EUR"}
    refunded = {"type": "order.refunded", "order_id": "P", "amount": amount, "as_of": parcels.now()}
    late = {"type": "order.eta", "order_id": "P", "eta": parcels.day(9), "as_of": parcels.now()}
    world.send("OrderUpdates", {"type": "batch", "messages": [refunded, late]})
    world.settle()
    assert parcels.told() == [(ANA, LATER)]
    (letter,) = world.queues["DeliveryDeadLetters"]
    assert letter.attributes["reason"] == "it could not be read: KeyError, a fault of Standby"


def test_an_order_of_many_late_parts_is_one_mail(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Order] = []
    look = Deciding.look

    def looked(deciding: Deciding, order: Order) -> None:
        looks.append(order)
        look(deciding, order)

    monkeypatch.setattr(Deciding, "look", looked)
    many = [str(number) for number in range(205)]
    lines = [{"line_id": number, "sku": f"SKU-{number}", "quantity": 1} for number in many]
    shipments = [{"shipment_id": number, "promised_until": parcels.day(2), "line_ids": [number]} for number in many]
    parcels.places(until=2, lines=lines, shipments=shipments)
    for days in (5, 5, 9):
        parcels.tells("eta", eta=parcels.day(days))
    assert parcels.told() == [(ANA, LATER), (ANA, LATER)]
    assert len(looks) < len(many), "one look at an order tells of all its parts of which a batch has events"


@pytest.mark.parametrize("ship_by", ["0001-01-01", "9999-12-02", "9999-12-31"])
def test_a_day_to_leave_at_the_end_of_the_calendar_hinders_nothing(parcels: Parcels, ship_by: str) -> None:
    shipment = {"shipment_id": "A", "ship_by": ship_by, "promised_until": parcels.day(2), "line_ids": ["1"]}
    parcels.places(until=2, shipments=[shipment], ship_to={"country": "US"})
    parcels.tells("eta", eta=parcels.day(5))
    assert parcels.told() == [(ANA, LATER)]
    for tail in ("", "/why"):
        status, answer = parcels.shop.world.request("delivery_api", "GET", f"/v1/deliveries/O{tail}", scopes="ops")
        assert status == 200, answer
