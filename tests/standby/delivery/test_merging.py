"""What waits for one customer leaves as one mail, which names each order, its days and its page; and each notes it."""

import re

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.standby.delivery.test_incidents import WORDS, declare
from tests.standby.delivery.test_parcel_markup import marked
from tests.standby.delivery.test_silence import unreachable
from tests.standby.delivery.test_turns import minutes_pass, waiting
from tests.standby.delivery.track import Customer
from tests.world import World

ANA, BO = "ana@example.org", "bo@example.org"
SEVERAL = "Later than we told you: your orders"
LINK = re.compile(r"/v1/track/(\S+)")
pytestmark = pytest.mark.promise("P2", "P3")


@pytest.fixture
def parcels(world: World, monkeypatch: pytest.MonkeyPatch) -> Parcels:
    """Return a shop in which one notice leaves in an hour, and one has."""
    monkeypatch.setenv("NOTICES_PER_HOUR", "1")
    parcels = Parcels(Shop(world))
    order(parcels, "O-0", email="eve@example.org")
    parcels.tells("eta", "O-0", eta=parcels.day(8))
    assert len(parcels.told()) == 1
    return parcels


def order(
    parcels: Parcels, order_id: str, *, email: str = ANA, until: int = 4, locale: str = "en", **more: object
) -> None:
    parcels.places(
        order_id,
        until=until,
        email=email,
        order_number=order_id.replace("O-", "10"),
        customer={"locale": locale},
        **more,
    )


def several(parcels: Parcels, *order_ids: str, email: str = ANA, **more: str) -> None:
    """Let orders of a customer be late, which wait."""
    for order_id in order_ids:
        order(parcels, order_id, email=email, **more)
    for place, order_id in enumerate(order_ids):
        parcels.tells("eta", order_id, eta=parcels.day(9 + place), cause="carrier")


def notices(order_id: str) -> list[tuple[str, str | None]]:
    return [(notice.by, notice.mail) for notice in OrderRepository("Delivery").order(order_id).notices]


def test_several_orders_that_wait_are_one_mail(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2", "O-3")
    minutes_pass(parcels, 75)
    world = parcels.shop.world
    assert parcels.told()[1:] == [(ANA, SEVERAL)]
    text = world.mails[-1].text
    for said in ("Order \u2068101", "Order \u2068102", "Order \u2068103", "May 7,", "May 12,", "May 13,", "May 14,"):
        assert said in text
    tokens = LINK.findall(text)
    assert len(set(tokens)) == 3
    pages = [world.request("delivery_viewer", "GET", f"/v1/track/{token}") for token in tokens]
    assert [status for status, _ in pages] == [200] * 3
    assert {page["order"] for _, page in pages} == {"101", "102", "103"}
    assert "The carrier needed longer than planned." in text
    assert "We are sorry." in text
    ((by, mail),) = notices("O-1")
    assert by == "mail"
    assert notices("O-2") == notices("O-3") == [("mail", mail)]
    assert mail is not None
    assert waiting(world) == []


def test_such_a_mail_is_one_notice_of_the_pace(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2")
    several(parcels, "O-3", "O-4", email=BO)
    minutes_pass(parcels, 75)
    assert len(parcels.told()) == 2
    minutes_pass(parcels, 75)
    assert sorted(parcels.told()[1:]) == [(ANA, SEVERAL), (BO, SEVERAL)]


def test_what_is_over_by_then_is_not_named(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2", "O-3")
    parcels.tells("cancelled", "O-2")
    minutes_pass(parcels, 75)
    text = parcels.shop.world.mails[-1].text
    assert [number in text for number in ("101", "102", "103")] == [True, False, True]
    assert notices("O-2") == []


def test_where_one_order_is_left_its_own_mail_is_sent(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2")
    parcels.tells("eta", "O-2", eta=parcels.day(4))
    minutes_pass(parcels, 75)
    assert [subject.partition(":")[2].strip(" \u2068\u2069") for _, subject in parcels.told()[1:]] == [
        "order \u2068101"
    ]
    assert notices("O-1") == [("mail", None)]


def test_nothing_is_told_twice_when_more_comes(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2")
    minutes_pass(parcels, 75)
    parcels.tells("eta", "O-1", eta=parcels.day(9))
    several(parcels, "O-3")
    minutes_pass(parcels, 150)
    assert len(parcels.told()) == 3
    assert "103" in parcels.told()[2][1]


def test_it_speaks_hebrew_to_whom_the_newest_order_does(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2", locale="he")
    minutes_pass(parcels, 75)
    assert parcels.told()[1:] == [(ANA, "מאוחר ממה שאמרנו: ההזמנות שלכם")]


def test_an_order_without_a_day_and_one_that_came_are_said_so(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2", "O-3")
    parcels.tells("eta", "O-1", eta=None)
    parcels.shop.world.held = frozenset({"DeliveryRecords"})
    parcels.shop.world.clock.advance(days=5)
    parcels.tells("delivered", "O-2", occurred_at=parcels.now())
    parcels.shop.world.held = frozenset()
    minutes_pass(parcels, 75)
    text = parcels.shop.world.mails[-1].text
    assert "It arrived on" in text
    assert "we do not know the new day yet" in text


def test_whose_order_has_another_address_by_then_is_mailed_there(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2", "O-3")
    order(parcels, "O-3", email=BO)
    minutes_pass(parcels, 150)
    told = parcels.told()[1:]
    assert [email for email, _ in told] == [ANA, BO]
    assert "103" not in parcels.shop.world.mails[1].text


def test_a_mail_of_several_that_is_refused_is_no_notice_of_any(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2")
    unreachable(Customer(parcels.shop))
    minutes_pass(parcels, 75)
    assert [by for by, _ in notices("O-1") + notices("O-2")] == ["refused", "refused"]


def test_it_is_explained(parcels: Parcels) -> None:
    several(parcels, "O-1", "O-2")
    minutes_pass(parcels, 75)
    world = parcels.shop.world
    for path in ("/v1/deliveries/O-1", "/v1/deliveries/O-1/why"):
        status, answer = world.request("delivery_api", "GET", path, scopes="ops")
        assert status == 200, answer
    ((_, mail),) = notices("O-1")
    assert str(mail).startswith("late_orders#")
    told = [step for step in answer["steps"] if "late_orders" in str(step)]
    assert [("'apology': True" in str(step)) for step in told] == [True]


def test_at_most_so_many_orders_are_in_one_mail(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.delivery.merging.MOST_ORDERS", 2)
    several(parcels, "O-1", "O-2", "O-3", "O-4")
    minutes_pass(parcels, 240)
    assert parcels.told()[1:] == [(ANA, SEVERAL)] * 2
    assert len({mail for number in range(1, 5) for _, mail in notices(f"O-{number}")}) == 2


def test_by_when_to_answer_stands_with_each_order(parcels: Parcels) -> None:
    for order_id in ("O-1", "O-2"):
        about = parcels.order(9)
        (shipment,) = about["shipments"]
        about["shipments"] = [{**shipment, "ship_by": parcels.day(3)}]
        customer = {"email": ANA, "locale": "en"}
        parcels.tells("placed", order_id, **about, ship_to={"country": "US"}, customer=customer)
        parcels.tells("eta", order_id, eta=None)
    minutes_pass(parcels, 75)
    assert parcels.told()[1:] == [(ANA, SEVERAL)]
    assert parcels.shop.world.mails[-1].text.count("if we hear nothing from you") == 2


def test_what_an_incident_says_of_itself_stands_with_each_order_that_it_explains(parcels: Parcels) -> None:
    ana = Customer(parcels.shop)
    declare(ana, words=WORDS, until=parcels.day(4))
    order(parcels, "O-1")
    order(parcels, "O-2", until=6)
    for order_id in ("O-1", "O-2"):
        parcels.tells("eta", order_id, eta=parcels.day(9))
    minutes_pass(parcels, 75)
    text = parcels.shop.world.mails[-1].text
    assert text.count(WORDS["en"]) == 1
    assert text.index("101") < text.index(WORDS["en"]) < text.index("102")
    assert "Customs needed" not in text


def test_the_cause_that_the_others_share_is_named_beside_an_order_that_has_words_of_its_own(parcels: Parcels) -> None:
    declare(Customer(parcels.shop), words=WORDS, until=parcels.day(4))
    for order_id, until, cause in (("O-1", 4, "customs"), ("O-2", 6, "carrier"), ("O-3", 6, "carrier")):
        order(parcels, order_id, until=until)
        parcels.tells("eta", order_id, eta=parcels.day(9), cause=cause)
    minutes_pass(parcels, 75)
    text = parcels.shop.world.mails[-1].text
    assert (text.count(WORDS["en"]), text.count("The carrier needed longer")) == (1, 1)


def test_each_parcel_on_its_way_is_marked_with_its_order(parcels: Parcels) -> None:
    for order_id in ("O-1", "O-2", "O-3"):
        order(parcels, order_id)
    for order_id in ("O-1", "O-2"):
        parcels.tells("shipped", order_id, occurred_at=parcels.now(), carrier="Post")
    for order_id in ("O-1", "O-2", "O-3"):
        parcels.tells("eta", order_id, eta=parcels.day(9))
    minutes_pass(parcels, 75)
    found = marked(Customer(parcels.shop))
    assert sorted(each["partOfOrder"]["orderNumber"] for each in found) == ["101", "102"]
    assert {each["itemShipped"][0]["name"] for each in found} == {"LAMP"}
