"""Whoever looks an order up sees all that is known of it, and why; who ordered is for operators alone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from standby.platform.clock import to_text

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.standby.delivery.track import AMERICA, EUROPE, Customer
from tests.world import World

ANA = {"name": "Ana Levi", "phone": "050-1234567", "tier": "gold"}
PRIVATE = ("Ana", "ana@", "050", "gold", "33031", "SUP-1", "W-1")


@pytest.fixture
def parcels(world: World) -> Parcels:
    return Parcels(Shop(world))


def seen(parcels: Parcels, order_id: str = "O", *, scopes: str = "ops") -> Any:
    return asked(parcels, f"/v1/deliveries/{quote(order_id, safe='')}", scopes=scopes)


def asked(parcels: Parcels, path: str, *, scopes: str = "ops", query: Mapping[str, str] | None = None) -> Any:
    status, answer = parcels.shop.world.request("delivery_api", "GET", path, scopes=scopes, query=query)
    assert status == 200, answer
    return answer


def steps(parcels: Parcels, order_id: str = "O") -> list[tuple[str, str]]:
    """Return the event and the rule of each step."""
    return [(step["event"], step["rule"]) for step in why(parcels, order_id)]


def why(parcels: Parcels, order_id: str = "O") -> Any:
    explained = asked(parcels, f"/v1/deliveries/{order_id}/why")
    assert explained["subject"] == f"delivery:{order_id}"
    assert [step["at"] for step in explained["steps"]] == sorted(step["at"] for step in explained["steps"])
    return explained["steps"]


# ---------------------------------------------------------------------- what is known


def test_a_late_order_is_shown_with_its_promise_and_what_its_customer_was_told(parcels: Parcels) -> None:
    parcels.places(until=2)
    placed_at, promised = parcels.shop.world.clock.now() - timedelta(seconds=1), parcels.day(2)
    parcels.tells("eta", eta=parcels.day(5), cause="customs")
    order = seen(parcels, scopes="storefront")
    assert (order["order_number"], order["placed_at"]) == ("10234", to_text(placed_at))
    (shipment,) = order["shipments"]
    late = {"promised_until": promised, "expected": parcels.day(5), "cause": "customs", "delay": "expected"}
    assert {name: shipment[name] for name in late} == late
    assert (shipment["days_late"], shipment["line_ids"], shipment["over"]) == (3, ["1"], False)
    (notice,) = order["notices"]
    assert (notice["delay"], notice["expected"], notice["by"]) == ("expected", parcels.day(5), "mail")
    (step,) = order["history"]
    assert (step["event"], step["eta"], step["cause"]) == ("order.eta", parcels.day(5), "customs")


@pytest.mark.parametrize("scopes", ["storefront", "ops"])
def test_the_shop_is_given_the_link_to_the_orders_own_page(parcels: Parcels, scopes: str) -> None:
    """It opens this order as the link in a mail does, until a year after the last day on which something may come."""
    parcels.places(until=2)
    parcels.tells("eta", eta=parcels.day(5))
    link = seen(parcels, scopes=scopes)["tracking_page"]
    path = f"/v1/track/{link.rpartition('/')[2]}"
    assert link.endswith(path)
    for days, expected in ((0, 200), (5 + 364, 200), (2, 410)):
        parcels.shop.world.clock.advance(days=days)
        status, shown = parcels.shop.world.request("delivery_viewer", "GET", path)
        assert (status, shown.get("order")) == (
            expected,
            "10234" if expected == 200 else None,
        )


def test_an_order_that_was_not_placed_yet_has_no_page(parcels: Parcels) -> None:
    parcels.tells("eta", eta=parcels.day(5))
    assert seen(parcels)["tracking_page"] is None


def test_days_late_count_on_while_nobody_knows_a_day(parcels: Parcels) -> None:
    parcels.places(until=1)
    parcels.days_pass(1)
    assert [(each["delay"], each["days_late"]) for each in seen(parcels)["shipments"]] == [(None, 0)]
    parcels.days_pass(3)
    assert [(each["delay"], each["days_late"]) for each in seen(parcels)["shipments"]] == [("overdue", 3)]
    parcels.tells("delivered", occurred_at=parcels.now())
    parcels.days_pass(2)
    (shipment,) = seen(parcels)["shipments"]
    assert (shipment["delay"], shipment["days_late"], shipment["arrived_on"]) == ("arrived", 3, parcels.day(-2))


def test_who_ordered_is_shown_to_operators_alone(parcels: Parcels) -> None:
    order = parcels.order(2)
    order["shipments"][0] |= {"supplier_id": "SUP-1", "location_id": "W-1"}
    parcels.places(customer=ANA, ship_to={"country": "IL", "postal_code": "33031"}, shipments=order["shipments"])
    parcels.days_pass(4)
    known, shown = str(seen(parcels, scopes="ops")), seen(parcels, scopes="storefront")
    assert [word for word in PRIVATE if word not in known] == []
    assert [word for word in PRIVATE if word in str(shown)] == []
    assert (shown["customer"], shown["country"]) == (None, "IL")
    assert seen(parcels, scopes="erp storefront ops") == seen(parcels, scopes="ops")
    explained = str(why(parcels))
    assert [word for word in PRIVATE if word in explained] == []


def test_each_line_says_what_became_of_it(parcels: Parcels) -> None:
    skus = ("WAITS", "LEFT", "CAME", "BACK", "GONE")
    parcels.places(skus=skus)
    for line_id in ("2", "3", "4"):
        parcels.tells("shipped", line_ids=[line_id])
    parcels.tells("delivered", line_ids=["3"], occurred_at=parcels.now())
    came = to_text(parcels.shop.world.clock.now() - timedelta(seconds=1))
    parcels.tells("returned", line_ids=["4"])
    parcels.tells("cancelled", line_ids=["5"])
    lines = {line["sku"]: (line["fate"], line["fate_at"] is None) for line in seen(parcels)["lines"]}
    fates = ("waiting", "shipped", "arrived", "returned", "cancelled")
    assert lines == {sku: (fate, fate == "waiting") for sku, fate in zip(skus, fates, strict=True)}
    assert next(line["fate_at"] for line in seen(parcels)["lines"] if line["sku"] == "CAME") == came


def test_a_line_in_two_parcels_arrived_with_the_second(parcels: Parcels) -> None:
    shipments = [{"shipment_id": name, "promised_until": parcels.day(2), "line_ids": ["1"]} for name in "AB"]
    parcels.places(shipments=shipments)
    fates = []
    for shipment_id in ("A", "B"):
        parcels.tells("shipped", shipment_id=shipment_id)
    for shipment_id in ("A", "B"):
        parcels.tells("delivered", shipment_id=shipment_id)
        fates += [line["fate"] for line in seen(parcels)["lines"]]
    parcels.tells("returned", shipment_id="A")
    fates += [line["fate"] for line in seen(parcels)["lines"]]
    assert fates == ["shipped", "arrived", "arrived"]


def test_a_parcel_says_who_brings_it_and_where_to_follow_it(parcels: Parcels) -> None:
    parcels.places(skus=("LAMP", "SHADE"))
    parcels.tells("shipped", shipment_id="A", carrier="Post", tracking_url="https://post.example/1")
    parcels.tells("shipped", line_ids=["2"], carrier="Bike")
    parcels.tells("tracked", shipment_id="A", state="out", raw={"code": 7})
    first, second = seen(parcels)["shipments"]
    assert (first["carrier"], first["tracking_url"], first["tracked"]["state"]) == (
        "Post",
        "https://post.example/1",
        "out",
    )
    assert (second["carrier"], second["tracking_url"], second["tracked"]) == ("Bike", None, None)
    assert None not in (first["shipped_at"], second["shipped_at"])


def test_an_order_that_did_not_come_yet_is_shown_by_what_happened_to_it(parcels: Parcels) -> None:
    parcels.tells("shipped", shipment_id="A", carrier="Post", tracking_url="https://post.example/1")
    order = seen(parcels)
    assert (order["placed_at"], order["lines"], order["customer"]) == (None, [], None)
    (shipment,) = order["shipments"]
    assert (shipment["promised_until"], shipment["carrier"], shipment["delay"]) == (None, "Post", None)
    assert [step["event"] for step in order["history"]] == ["order.shipped"]
    assert steps(parcels) == [("order.shipped", "it_left_the_house")]


def test_what_was_paid_back_is_shown_and_explained(parcels: Parcels) -> None:
    parcels.places()
    amount = {"amount": 1990, "currency": "ILS"}
    parcels.tells("refunded", amount=amount, refund_due_id="RD-1")
    (refund,) = seen(parcels, scopes="storefront")["refunds"]
    assert (refund["amount"], refund["refund_due_id"]) == (amount, "RD-1")
    assert ("order.refunded", "money_went_back") in steps(parcels)


def test_the_day_of_placing_is_that_of_the_oldest_word(parcels: Parcels) -> None:
    parcels.places()
    first = seen(parcels)["placed_at"]
    parcels.places(payment_status="paid")
    order = seen(parcels)
    assert (order["placed_at"], order["payment_status"]) == (first, "paid")
    assert order["as_of"] > first


@pytest.mark.parametrize("order_id", ["2026/1001", "#77 a", "why", "ü~%2F"])
def test_an_order_is_found_by_whatever_id_the_shop_gave_it(parcels: Parcels, order_id: str) -> None:
    parcels.places(order_id)
    query = {"order_id": order_id}
    assert asked(parcels, "/v1/deliveries", query=query)["order_id"] == order_id
    assert asked(parcels, "/v1/deliveries/why", query=query)["subject"] == f"delivery:{order_id}"


@pytest.mark.parametrize("path", ["/v1/deliveries/P", "/v1/deliveries/P/why"])
def test_an_order_of_which_nothing_was_said_is_unknown(parcels: Parcels, path: str) -> None:
    parcels.places()
    status, problem = parcels.shop.world.request("delivery_api", "GET", path, scopes="ops")
    assert (status, problem["type"], problem["status"]) == (404, "/problems/unknown-order", 404)


# ---------------------------------------------------------------------- why


def test_a_day_that_is_over_is_explained_from_the_promise_to_the_mail(parcels: Parcels) -> None:
    parcels.places(until=2)
    promised = parcels.day(2)
    parcels.days_pass(4)
    assert steps(parcels) == [
        ("order.placed", "the_newest_order_counts"),
        ("order.placed", "the_first_day_told_is_the_promise"),
        ("DelayDetected", "the_day_is_over"),
        ("CustomerTold", "once_for_each_new_day"),
    ]
    *_, detected, told = why(parcels)
    numbers = {"shipment_id": "A", "promised_until": promised, "last_day": promised, "days_late": 1}
    assert detected["numbers"] == numbers
    news = {"shipment_id": "A", "promised_until": promised, "expected": None, "news": f"after {promised}"}
    assert told["numbers"] == {"by": "mail", "mail": "overdue", "apology": True, "news": [news]}


def test_each_word_about_the_day_says_whether_it_counts(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.tells("eta", eta=parcels.day(5), cause="customs")
    parcels.tells("eta", eta=None)
    told = steps(parcels)
    assert [rule for event, rule in told if event == "order.eta"] == ["a_newer_word_counts", "nobody_knows_the_day"]
    found = [(rule, event) for event, rule in told if event == "DelayDetected"]
    assert [rule for rule, _ in found] == ["it_is_expected_after_the_promised_day", "nobody_knows_the_day"]
    parcels.tells("eta", eta=parcels.day(2))
    assert steps(parcels)[-1] == ("order.eta", "the_newest_word_says_when_it_is_expected")


@pytest.mark.parametrize(
    ("until", "rule"), [(9, "a_later_day_is_news_of_the_promise"), (3, "an_earlier_day_is_promised")]
)
def test_what_a_newer_order_says_of_the_day_is_explained(parcels: Parcels, until: int, rule: str) -> None:
    for days in (5, until):
        parcels.places(until=days)
    placed = {step["rule"]: step["numbers"] for step in why(parcels) if step["event"] == "order.placed"}
    assert placed.keys() == {"the_first_day_told_is_the_promise", "the_newest_order_counts", rule}
    assert (placed[rule]["before"], placed[rule]["promised_until"]) == (parcels.day(5), parcels.day(until))
    late = [step["rule"] for step in why(parcels) if step["event"] == "DelayDetected"]
    assert late == (["it_is_expected_after_the_promised_day"] if until > 5 else [])


def test_an_earlier_day_that_was_overwritten_is_explained(parcels: Parcels) -> None:
    for until in (5, 3, 9):
        parcels.places(until=until)
    promised = [(step["rule"], step["numbers"].get("promised_until")) for step in why(parcels)][:4]
    assert ("an_earlier_day_is_promised", parcels.day(3)) in promised
    assert seen(parcels)["shipments"][0]["promised_until"] == parcels.day(3)


def test_lines_that_moved_are_explained_by_the_parcel_that_was_promised(parcels: Parcels) -> None:
    parcels.places(until=2)
    order = parcels.order(6)
    order["shipments"][0]["shipment_id"] = "B"
    parcels.tells("placed", **order)
    (moved,) = [step["numbers"] for step in why(parcels) if step["rule"] == "lines_take_their_promise_along"]
    assert moved == {"shipment_id": "B", "promised_until": parcels.day(2), "promised_of": "A"}
    listed = {
        step["numbers"]["shipment_id"]: step["numbers"].get("still_listed")
        for step in why(parcels)
        if step["rule"] == "the_first_day_told_is_the_promise"
    }
    assert listed == {"A": False, "B": None}


def test_a_delay_that_was_over_before_it_was_told_says_so(parcels: Parcels) -> None:
    parcels.places(until=2)
    world = parcels.shop.world
    world.held = frozenset({"DeliveryRecords"})
    parcels.tells("eta", eta=parcels.day(6))
    assert steps(parcels)[-1] == ("CustomerNotTold", "not_told_yet")
    parcels.tells("eta", eta=parcels.day(2))
    world.held = frozenset()
    world.settle()
    assert ("CustomerNotTold", "over_before_it_was_told") in steps(parcels)
    assert "CustomerTold" not in [event for event, _ in steps(parcels)]


def test_who_has_no_address_was_not_told_and_it_says_so(parcels: Parcels) -> None:
    parcels.places(until=2, email=None)
    parcels.days_pass(4)
    assert steps(parcels)[-1] == ("CustomerNotTold", "the_order_has_no_address")


def test_whose_mail_was_refused_was_not_told_and_it_says_so(parcels: Parcels) -> None:
    said = {"timestamp": parcels.now(), "feedbackId": "f", "bounceType": "Permanent"}
    detail = {"bounce": {**said, "bouncedRecipients": [{"emailAddress": "ana@example.org"}]}}
    content = {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail}
    parcels.shop.world.send("MailFeedback", content)
    parcels.places(until=2)
    parcels.days_pass(4)
    assert steps(parcels)[-1] == ("CustomerNotTold", "the_mail_was_refused")


def test_a_day_that_is_over_and_at_which_nobody_looked_yet_is_named(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.shop.world.clock.advance(days=4)
    assert steps(parcels)[-1] == ("CustomerNotTold", "nobody_heard_of_it_yet")


def test_who_was_told_that_it_is_late_is_not_told_that_it_came_and_it_says_so(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.days_pass(4)
    parcels.tells("delivered", occurred_at=parcels.now())
    rule = "who_was_told_that_it_is_late_is_not_told_that_it_came"
    assert [step for step in steps(parcels) if step[0] == "CustomerNotTold"] == [("CustomerNotTold", rule)]


def test_what_came_late_unheard_of_is_explained(parcels: Parcels) -> None:
    parcels.places(until=2)
    parcels.shop.world.clock.advance(days=3)
    parcels.tells("delivered", occurred_at=parcels.now())
    assert steps(parcels)[-3:] == [
        ("order.delivered", "it_arrived"),
        ("DelayDetected", "it_arrived_after_the_promised_day"),
        ("CustomerTold", "once_for_each_new_day"),
    ]
    assert why(parcels)[-1]["numbers"]["mail"] == "arrived_late"
    assert why(parcels)[-2]["numbers"]["days_late"] == 1


def test_a_day_that_was_told_again_is_told_twice_with_its_mails(parcels: Parcels) -> None:
    parcels.places(until=2)
    for days in (9, 5, 9):
        parcels.tells("eta", eta=parcels.day(days))
    told = [step["numbers"] for step in why(parcels) if step["event"] == "CustomerTold"]
    assert [each["news"][0]["expected"] for each in told] == [parcels.day(days) for days in (9, 5, 9)]
    assert [each["apology"] for each in told] == [True, True, True]


def test_after_the_limit_of_apologies_it_says_that_the_facts_stood_alone(parcels: Parcels) -> None:
    for number in range(5):
        parcels.places(f"O-{number}", until=2)
        parcels.tells("eta", f"O-{number}", eta=parcels.day(5))
    rules = [rule for number in range(5) for event, rule in steps(parcels, f"O-{number}") if event == "CustomerTold"]
    limited = "after_the_limit_of_apologies_the_facts_alone"
    assert rules == ["once_for_each_new_day"] * 3 + [limited] * 2
    assert [why(parcels, f"O-{number}")[-1]["numbers"]["apology"] for number in (2, 3)] == [True, False]


def test_what_the_customer_chose_is_shown_and_explained(world: World) -> None:
    customer = Customer(Shop(world))
    customer.places(until=2, skus=("LAMP", "SHADE"), ship_to=EUROPE)
    customer.tells("eta", eta=customer.day(5))
    assert customer.waits(customer.day(5), shipment_id="A")[0] == 200
    assert seen(customer)["open"]["cancel"] == ["1", "2"]
    customer.does("cancel")
    customer.does("cancel", {"code": customer.codes()[-1]})
    customer.does("withdraw", {"confirm": True})
    order = seen(customer, scopes="storefront")
    chosen = [(choice["kind"], choice["until"], choice["line_ids"]) for choice in order["choices"]]
    both = ["1", "2"]
    until = customer.day(5)
    assert chosen == [("wait", until, []), ("ask", None, both), ("cancel", None, both), ("withdraw", None, both)]
    assert (order["open"]["market"], order["open"]["cancel"], order["open"]["withdraw"]) == ("eu", [], [])
    said = [step for step in why(customer) if step["event"] == "CustomerChose"]
    assert [step["rule"].split("_")[2] for step in said] == ["agreed", "asked", "came", "withdrew"]
    agreed = {"shipment_id": "A", "until": until, "wording": "w-1", "passed_on": True}
    assert said[0]["numbers"] == agreed


def test_silence_that_cancelled_is_explained_by_its_market(world: World) -> None:
    customer = Customer(Shop(world))
    order = customer.order(2)
    order["shipments"][0]["ship_by"] = customer.day(2)
    customer.places(ship_to=AMERICA, shipments=order["shipments"])
    last_day = customer.day(2 + 30)
    customer.tells("eta", eta=customer.day(60))
    customer.days_pass(32)
    assert "CustomerWasSilent" not in [event for event, _ in steps(customer)]
    customer.days_pass(1)
    (silent,) = [step for step in why(customer) if step["event"] == "CustomerWasSilent"]
    assert silent["rule"] == "silence_cancels"
    assert silent["numbers"] == {"shipment_id": "A", "market": "us", "last_day": last_day}


def test_an_explanation_of_an_order_that_never_rested_is_bounded(
    parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.delivery.explaining.MOST_STEPS", 3)
    parcels.places(until=2)
    parcels.days_pass(4)
    assert [event for event, _ in steps(parcels)] == ["order.placed", "DelayDetected", "CustomerTold"]
