"""A carrier, a region and dates share one cause: what is late by it says so, and what is in time costs nothing."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.track import Customer
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P10")
WORDS = {"en": "The dockers are on strike.", "he": "עובדי הנמל שובתים."}


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def asks(ana: Customer, method: str, path: str, body: Any = None, *, scopes: str = "ops") -> tuple[int, Any]:
    status, answer = ana.shop.world.request("delivery_api", method, path, body=body, scopes=scopes)
    return status, answer


def declare(ana: Customer, incident_id: str = "strike", **more: Any) -> Any:
    said = {"cause": "customs", "since": ana.day(0), "until": ana.day(5), **more}
    status, answer = asks(ana, "PUT", f"/v1/incidents/{incident_id}", said)
    assert status == 200, answer
    ana.shop.world.clock.advance(minutes=2)
    return answer


def why(ana: Customer) -> list[Any]:
    steps = asks(ana, "GET", "/v1/deliveries/O/why")[1]["steps"]
    return [step["numbers"]["incident_id"] for step in steps if step["event"] == "Incident"]


def test_what_is_late_in_an_incident_says_so_in_its_words_and_names_it(ana: Customer) -> None:
    declare(ana, carrier="Sea Post", region={"country": "IL"}, words=WORDS, policy="strike-2026")
    for order_id, locale in (("O", "en"), ("H", "he-IL")):
        shipment = {**ana.order(2)["shipments"][0], "carrier": "SEA-POST"}
        ana.places(order_id, shipments=[shipment], ship_to={"country": "il"}, customer={"locale": locale})
        ana.tells("eta", order_id, eta=ana.day(9))
    english, hebrew = (mail.text for mail in ana.shop.world.mails)
    assert WORDS["en"] in english
    assert WORDS["he"] in hebrew
    assert "Customs needed longer" not in english
    assert [(each["incident_id"], each["policy"], each["cause"]) for each in ana.delays()] == [
        ("strike", "strike-2026", "customs")
    ] * 2
    assert why(ana) == ["strike"]


def test_without_words_of_its_own_the_cause_is_told_plainly(ana: Customer) -> None:
    declare(ana)
    ana.places(until=2)
    ana.days_pass(4)
    assert "Customs needed longer than expected." in ana.shop.world.mails[-1].text
    assert [each["incident_id"] for each in ana.delays()] == ["strike"]


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ({"carrier": "Sea Post"}, {}),
        ({"region": {"country": "IL"}}, {"ship_to": {"country": "FR"}}),
        ({"region": {"postal_prefix": "91"}}, {"ship_to": {"country": "IL", "postal_code": "8 191"}}),
        ({"region": {"country": "IL"}}, {}),
    ],
)
def test_what_an_incident_does_not_name_is_none_of_it(ana: Customer, said: Any, order: Any) -> None:
    declare(ana, **said)
    ana.places(until=2, **order)
    ana.tells("eta", eta=ana.day(9))
    assert [(each.get("incident_id"), each.get("cause")) for each in ana.delays()] == [(None, None)]
    assert why(ana) == []


@pytest.mark.parametrize(("until", "named"), [(1, None), (2, "strike"), (5, "strike"), (6, None)])
def test_the_promised_day_decides(ana: Customer, until: int, named: str | None) -> None:
    declare(ana, since=ana.day(2))
    ana.places(until=until)
    ana.tells("eta", eta=ana.day(30))
    assert [each.get("incident_id") for each in ana.delays()] == [named]


def test_a_postal_code_is_compared_without_spaces(ana: Customer) -> None:
    declare(ana, region={"postal_prefix": "SW1-A"})
    ana.places(until=2, ship_to={"country": "GB", "postal_code": "sw1a 2aa"})
    ana.tells("eta", eta=ana.day(9))
    assert why(ana) == ["strike"]


def test_what_the_shop_says_of_an_order_counts_more_than_what_it_declared_of_many(ana: Customer) -> None:
    declare(ana, words=WORDS)
    ana.places(until=2)
    ana.tells("eta", eta=ana.day(9), cause="warehouse")
    assert "Our warehouse needed longer" in ana.shop.world.mails[-1].text
    assert WORDS["en"] not in ana.shop.world.mails[-1].text
    assert [(each["cause"], each["incident_id"]) for each in ana.delays()] == [("warehouse", "strike")]


def test_of_two_incidents_the_nearer_one_counts(ana: Customer) -> None:
    declare(ana, "storm", region={"country": "IL"}, cause="weather")
    declare(ana, "world")
    ana.places(until=2, ship_to={"country": "IL"})
    ana.tells("eta", eta=ana.day(9))
    assert why(ana) == ["storm"]


def test_an_incident_that_ended_explains_no_later_day(ana: Customer) -> None:
    declare(ana)
    for _ in range(2):
        status, ended = asks(ana, "POST", "/v1/incidents/strike/end")
        assert (status, ended["until"]) == (200, ana.day(0))
    assert asks(ana, "GET", "/v1/incidents/strike") == (200, ended)
    ana.shop.world.clock.advance(minutes=2)
    ana.places(until=2)
    ana.tells("eta", eta=ana.day(9))
    assert why(ana) == []


def test_incidents_are_listed_replaced_and_bounded(ana: Customer) -> None:
    for number in range(100):
        declare(ana, f"i{number}")
    assert declare(ana, "i7", cause="data", until=None)["until"] is None
    body = {"cause": "data", "since": ana.day(0)}
    assert asks(ana, "PUT", "/v1/incidents/more", body)[0] == 409
    asks(ana, "POST", "/v1/incidents/i3/end")
    assert asks(ana, "PUT", "/v1/incidents/more", body)[0] == 200
    listed = [each["incident_id"] for each in asks(ana, "GET", "/v1/incidents")[1]["items"]]
    assert (len(listed), "i3" in listed, "more" in listed) == (100, False, True)


def test_what_is_no_incident_is_refused(ana: Customer) -> None:
    for name, body in (
        ("a b", {"cause": "data", "since": ana.day(0)}),
        ("a", {"cause": "ghosts", "since": ana.day(0)}),
        ("a", {"cause": "data", "since": ana.day(3), "until": ana.day(2)}),
        ("a", {"cause": "data", "since": "2026-02-30"}),
        ("a", {"cause": "data", "since": ana.day(0), "carier": "x"}),
    ):
        assert asks(ana, "PUT", f"/v1/incidents/{name}", body)[0] == 400, body
    assert asks(ana, "GET", "/v1/incidents/none")[0] == 404
    assert asks(ana, "POST", "/v1/incidents/none/end")[0] == 404
    assert asks(ana, "GET", "/v1/incidents", scopes="storefront")[0] == 403


def test_what_is_in_time_costs_no_request_and_what_is_late_one_a_minute(ana: Customer) -> None:
    declare(ana)
    for number in range(3):
        ana.says("placed", f"T-{number}", **ana.order(2))
    assert reads(ana) == 3  # of the orders
    for number in range(3):
        ana.says("eta", f"T-{number}", eta=ana.day(9))
    assert reads(ana) == 3 + 1  # once of the incidents


def reads(ana: Customer) -> int:
    """Let messages be taken in, and return how often the ingester reads then."""
    begin = len(ana.shop.world.calls)
    ana.shop.world.settle()
    return ana.shop.world.calls[begin:].count(("delivery_ingester", "dynamodb", "GetItem"))


@pytest.mark.parametrize("locale", ["en", "he"])
def test_the_page_of_an_order_says_it_in_the_words_of_the_mail(ana: Customer, locale: str) -> None:
    declare(ana, words=WORDS)
    ana.places(until=2, customer={"locale": locale})
    ana.tells("eta", eta=ana.day(9))
    (shipment,) = ana.sees()["shipments"]
    assert (shipment["cause"], shipment["words"]) == ("customs", WORDS)
    headers = {"accept": "text/html", "accept-language": locale}
    page = ana.shop.world.request("delivery_viewer", "GET", f"/v1/track/{ana.link()}", headers=headers)[1]
    assert WORDS[locale] in page
    assert "Customs needed longer" not in page


def test_the_page_says_of_what_is_in_time_no_incident(ana: Customer) -> None:
    declare(ana, words=WORDS)
    ana.places(until=2)
    ana.tells("eta", eta=ana.day(9))
    ana.tells("eta", eta=ana.day(2))
    (shipment,) = ana.sees()["shipments"]
    assert (shipment["cause"], shipment["words"]) == (None, {})


def test_a_cause_that_the_erp_names_is_no_incidents_on_the_page_either(ana: Customer) -> None:
    declare(ana, words=WORDS)
    ana.places(until=2)
    ana.tells("eta", eta=ana.day(9), cause="supplier")
    (shipment,) = ana.sees()["shipments"]
    assert (shipment["cause"], shipment["words"]) == ("supplier", {})
