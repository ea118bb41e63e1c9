"""What a customer sees behind the link in a mail about an order, and the day that they agree to."""

from typing import Any

import pytest
from standby.delivery import pages
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.track import AMERICA, ANA, BROWSER, EUROPE, FORM, ISRAEL, Customer
from tests.world import World


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def late(ana: Customer, **more: Any) -> None:
    """Let an order of Ana's be promised in 2 days and expected in 5."""
    ana.places(until=2, **{"ship_to": EUROPE, **more})
    ana.tells("eta", eta=ana.day(5), cause="customs")


def test_a_link_shows_what_was_promised_what_is_known_and_what_one_can_do(ana: Customer) -> None:
    late(ana)
    shown = ana.sees()
    (shipment,) = shown["shipments"]
    assert (shown["order"], shipment["state"], shipment["late"], shipment["days_late"]) == ("10234", "waiting", True, 3)
    assert (shipment["promised_until"], shipment["expected"], shipment["cause"]) == (ana.day(2), ana.day(5), "customs")
    assert shipment["lines"] == [{"line_id": "1", "sku": "LAMP", "quantity": 1, "given_up": False}]
    assert (shipment["may_wait"], shown["cancel"]["open"], shown["withdraw"]["open"]) == (True, True, True)
    assert shipment["silence"] == {"meaning": "nothing", "at": None, "until": None, "decided": False}
    assert [step["what"] for step in shown["history"]] == ["ordered", "day", "told"]


def test_history_says_each_thing_once(ana: Customer) -> None:
    late(ana)
    ana.tells("shipped", carrier="Post", tracking_url="https://post.example/1")
    ana.tells("tracked", state="in_transit")
    ana.tells("tracked", state="labelled")
    ana.tells("tracked", state="out")
    ana.tells("delivered")
    shown = ana.sees()
    assert [step["what"] for step in shown["history"]] == ["ordered", "day", "told", "shipped", "out", "delivered"]
    (shipment,) = shown["shipments"]
    assert (shipment["state"], shipment["carrier"]) == ("delivered", "Post")
    assert shipment["tracking_url"] == "https://post.example/1"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ([], "waiting"),
        ([("shipped", {})], "shipped"),
        ([("tracked", {"state": "in_transit"})], "shipped"),
        ([("shipped", {}), ("tracked", {"state": "out"})], "out"),
        ([("tracked", {"state": "out"}), ("tracked", {"state": "attempted"})], "attempted"),
        ([("tracked", {"state": "attempted"}), ("tracked", {"state": "out"})], "out"),
        ([("tracked", {"state": "pick_up"})], "pick_up"),
        ([("tracked", {"state": "pick_up"}), ("tracked", {"state": "delivered"})], "delivered"),
        ([("cancelled", {})], "cancelled"),
        ([("delivered", {}), ("returned", {})], "returned"),
    ],
)
def test_a_shipment_is_where_the_newest_word_says(ana: Customer, told: list[Any], state: str) -> None:
    late(ana)
    for kind, fields in told:
        ana.tells(kind, **fields)
    assert ana.sees()["shipments"][0]["state"] == state


def test_looking_changes_nothing(ana: Customer) -> None:
    late(ana)
    token, before = ana.link(), ana.shop.world.memory.snapshot()
    for _ in range(2):
        ana.sees(token)
        ana.sees(token, page=True)
        ana.shop.world.settle()
    assert ana.shop.world.memory.snapshot() == before


def test_a_link_of_another_purpose_or_of_nothing_opens_no_order(ana: Customer) -> None:
    late(ana)
    for token in ("eyJ4IjoxfQ.forged", ana.link()[:-2]):
        for what in ("", "/wait", "/cancel", "/withdraw"):
            method = "POST" if what else "GET"
            made = ana.shop.world.request("delivery_viewer", method, f"/v1/track/{token}{what}")
            assert (made[0], made[1]["type"]) == (404, "/problems/bad-link")


def test_a_link_is_over_after_its_time(ana: Customer) -> None:
    late(ana)
    token = ana.link()
    ana.shop.world.clock.advance(days=375)
    for headers in ({}, BROWSER):
        status, _ = ana.shop.world.request("delivery_viewer", "GET", f"/v1/track/{token}", headers=headers)
        assert status == 410


# ---- waiting ----


def test_who_waits_is_noted_with_time_words_and_day_and_others_hear_of_it_once(ana: Customer) -> None:
    late(ana)
    at = ana.now()
    status, shown = ana.waits(ana.day(5))
    (shipment,) = shown["shipments"]
    assert (status, shipment["agreed"], shipment["may_wait"]) == (200, {"at": at, "until": ana.day(5)}, False)
    assert ana.waits(ana.day(5))[0] == 200
    (consent,) = ana.heard("ConsentGiven")
    assert {name: consent[name] for name in ("order_id", "shipment_id", "wording", "until", "at")} == {
        "order_id": "O",
        "shipment_id": "A",
        "wording": "w-1",
        "until": ana.day(5),
        "at": at,
    }
    (kept,) = OrderRepository("Delivery").order("O").choices
    assert (kept.at, kept.until, kept.wording) == (at, ana.day(5), "w-1")
    assert shown["cancel"]["open"], "promise 7"


def test_a_day_that_was_not_shown_is_not_agreed_to(ana: Customer) -> None:
    late(ana)
    for until in (ana.day(4), ana.day(9), None):
        status, problem = ana.waits(until)
        assert (status, problem["type"]) == (409, "/problems/day-changed")
    ana.tells("eta", eta=ana.day(9))
    assert ana.waits(ana.day(5))[1]["type"] == "/problems/day-changed"
    assert ana.waits(ana.day(9))[0] == 200
    assert ana.waits(ana.day(5))[0] == 409


def test_one_may_wait_without_a_day(ana: Customer) -> None:
    ana.places(until=2, ship_to=EUROPE)
    ana.tells("eta", eta=None)
    assert ana.waits(None)[0] == 200
    assert ana.sees()["shipments"][0]["agreed"]["until"] is None
    ana.tells("eta", eta=ana.day(9))
    assert ana.sees()["shipments"][0]["may_wait"], "a day was not agreed to"


def test_of_several_shipments_one_says_which(ana: Customer) -> None:
    ana.places(until=2, skus=("LAMP", "CHAIR"), ship_to=EUROPE)
    ana.tells("eta", eta=ana.day(5))
    assert ana.waits(ana.day(5))[1]["type"] == "/problems/unknown-shipment"
    assert ana.waits(ana.day(5), shipment_id="B")[0] == 200
    assert [each["may_wait"] for each in ana.sees()["shipments"]] == [True, False]


@pytest.mark.parametrize("what", ["delivered", "cancelled"])
def test_there_is_nothing_to_wait_for_once_it_came_or_was_cancelled(ana: Customer, what: str) -> None:
    late(ana)
    ana.tells(what)
    assert ana.waits(ana.day(5))[1]["type"] == "/problems/nothing-to-wait-for"


def test_what_is_not_late_needs_no_consent(ana: Customer) -> None:
    late(ana)
    token = ana.link()
    ana.tells("eta", eta=ana.day(1))
    status, problem = ana.does("wait", {"wording": "w", "until": ana.day(1)}, token=token)
    assert (status, problem["type"]) == (409, "/problems/nothing-to-wait-for")


@pytest.mark.parametrize("body", [{}, {"wording": ""}, {"wording": "w", "until": "soon"}, {"wording": "w", "a": 1}, []])
def test_a_consent_that_says_too_little_is_malformed(ana: Customer, body: Any) -> None:
    late(ana)
    assert ana.does("wait", body)[0] == 400


def test_the_page_says_all_that_in_words_and_its_button_agrees(ana: Customer) -> None:
    late(ana)
    html = ana.sees(page=True)
    for words in ("Your order is late", "3 days later", "Customs needed longer", "I will wait until", "10234"):
        assert words in html
    assert "We do not take silence for a yes" in html
    status, _ = ana.posts("wait", f"shipment_id=A&until={ana.day(5)}&wording={pages.wording('en')}")
    assert status == 303
    assert "You told us on" in ana.sees(page=True)
    status, html = ana.posts("wait", f"shipment_id=A&until={ana.day(9)}&wording=x")
    assert (status, "The day has changed" in html) == (409, True)
    assert ana.posts("wait", "shipment_id=A")[0] == 400


def test_the_version_of_the_words_changes_with_the_words() -> None:
    assert pages.wording("en") != pages.wording("he")
    assert pages.wording("en-GB") == pages.wording("en")


# ---- what silence means ----


def test_in_the_united_states_silence_and_its_day_are_said(ana: Customer) -> None:
    shipment = {"shipment_id": "A", "ship_by": ana.day(1), "promised_until": ana.day(2), "line_ids": ["1"]}
    ana.places(until=2, ship_to=AMERICA, shipments=[shipment])
    ana.tells("eta", eta=ana.day(9))
    silence = ana.sees()["shipments"][0]["silence"]
    assert silence == {"meaning": "consents", "at": ana.day(1), "until": ana.day(9), "decided": False}
    assert "If we hear nothing from you by" in ana.sees(page=True)
    ana.tells("eta", eta=ana.day(50))
    silence = ana.sees()["shipments"][0]["silence"]
    assert silence == {"meaning": "cancels", "at": ana.day(9), "until": None, "decided": False}
    ana.shop.world.clock.advance(days=10)  # nobody looked yet
    assert ana.waits(ana.day(40))[1]["type"] == "/problems/too-late"
    assert "had not left by" in ana.sees(page=True)
    assert ana.sees()["cancel"]["open"], "promise 7"


def test_the_page_is_in_the_language_of_its_customer(ana: Customer) -> None:
    late(ana, customer={"locale": "he-IL"}, ship_to=ISRAEL)
    html = ana.sees(page=True)
    assert '<html lang="he" dir="rtl">' in html
    assert "איחור של 3 ימים" in html


def test_what_comes_in_time_after_all_can_still_be_cancelled(ana: Customer) -> None:
    late(ana)
    ana.tells("eta", eta=ana.day(1))
    shown = ana.sees()
    assert (shown["shipments"][0]["late"], shown["shipments"][0]["days_late"]) == (False, 0)
    assert shown["cancel"]["open"], "promise 7: it was told to be late"
    html = ana.sees(page=True)
    assert ("I will wait" in html, "Your order is late" in html) == (False, False)


def test_a_form_that_a_mail_program_fills_on_adds_nothing(ana: Customer) -> None:
    late(ana)
    path = f"/v1/track/{ana.link()}/wait"
    body = f"from=mail&shipment_id=A&until={ana.day(5)}&wording=w&x=1"
    assert ana.shop.world.request("delivery_viewer", "POST", path, body=body, headers={**BROWSER, **FORM})[0] == 303


def test_nobody_else_is_named_in_what_others_hear(ana: Customer) -> None:
    late(ana)
    ana.waits(ana.day(5))
    assert ANA not in repr([event for _, event in ana.shop.world.events])


@pytest.mark.parametrize("line_ids", [[], ["9"]])
def test_a_shipment_without_units_was_not_cancelled(ana: Customer, line_ids: list[str]) -> None:
    order = ana.order(2)
    order["lines"].append({"line_id": "9", "sku": "GIFT", "quantity": 0})
    order["shipments"].append({"shipment_id": "Z", "promised_until": ana.day(2), "line_ids": line_ids})
    ana.tells("placed", **order, customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)
    ana.tells("eta", eta=ana.day(5))
    assert [shipment["state"] for shipment in ana.sees()["shipments"]] == ["waiting"]
    order["lines"][0]["quantity"] = 0
    ana.tells("placed", **order, customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)
    assert "Nothing more is coming" in ana.sees(page=True), "the whole order was taken back"
