"""Customers who cancel what is late, by a mailed code, and who withdraw by law, in two steps."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from standby.delivery.choice_model import choice_of
from standby.delivery.repository import OrderRepository
from standby.platform.clock import from_text
from standby.platform.code_model import CODE_LIFE, MOST_CODES, MOST_TRIES

from tests.promises.shop import Shop
from tests.standby.delivery.track import AMERICA, ANA, BROWSER, EUROPE, FORM, ISRAEL, Customer
from tests.world import Killed, World

REQUESTED = "CancellationRequested"


@pytest.fixture
def ana(world: World) -> Customer:
    """Let an order of Ana's, of two shipments, be late in one of them."""
    ana = Customer(Shop(world))
    ana.places(until=2, skus=("LAMP", "CHAIR"), ship_to=EUROPE)
    ana.tells("eta", eta=ana.day(5), shipment_id="A")
    return ana


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def lines(event: Mapping[str, Any]) -> list[str]:
    return [line["line_id"] for line in event["lines"]]


def confirming(html: str) -> str:
    """Return what the form of a page posts, beside what the customer types."""
    return urlencode([(name, unescape(value)) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', html)])


# ---- cancelling ----


def test_the_first_press_is_acknowledged_with_date_and_time_and_cancels_nothing(ana: Customer) -> None:
    at = ana.shop.world.clock.now()
    status, shown = ana.does("cancel")
    assert (status, from_text(shown["cancel"]["asked_at"])) == (202, at)
    (mail,) = ana.mailed("Your code")
    assert (mail.email, "May 3, 2026" in mail.text, "10234" in mail.text) == (ANA, True, True)
    assert ana.heard(REQUESTED) == []


def test_the_code_asks_the_erp_to_cancel_what_is_late_and_its_word_decides(ana: Customer) -> None:
    ana.does("cancel")
    status, shown = ana.does("cancel", {"code": ana.codes()[0]})
    assert (status, shown["cancel"]["open"], shown["cancel"]["asked_at"]) == (200, False, None)
    assert shown["cancel"]["sent_at"] is not None
    (event,) = ana.heard(REQUESTED)
    assert (event["order_id"], event["reason"], lines(event)) == ("O", "customer", ["1"]), "the chair is in time"
    assert "reservation_id" not in event
    assert "passed that on" in ana.sees(page=True)
    ana.tells("cancelled", shipment_id="A")
    shown = ana.sees()
    assert ([each["state"] for each in shown["shipments"]], shown["cancel"]["sent_at"]) == (
        ["cancelled", "waiting"],
        None,
    )


def test_what_is_shipped_all_the_same_is_on_its_way(ana: Customer) -> None:
    ana.does("cancel")
    ana.does("cancel", {"code": ana.codes()[0]})
    ana.tells("shipped", shipment_id="A")
    shown = ana.sees()
    assert (shown["shipments"][0]["state"], shown["cancel"]["sent_at"]) == ("shipped", None)
    assert shown["cancel"]["line_ids"] == ["1"], "promise 7: it is late all the same"
    before = len(ana.shop.world.mails)
    ana.tells("eta", eta=ana.day(9), shipment_id="A")
    assert len(ana.shop.world.mails) == before + 1, "its customer hears of it again"
    ana.shop.world.clock.advance(minutes=1)
    assert ana.does("cancel")[0] == 202
    assert ana.does("cancel", {"code": ana.codes()[-1]})[1]["cancel"]["sent_at"] is not None, "it is still to come"
    ana.tells("delivered", shipment_id="A")
    assert ana.sees()["cancel"]["sent_at"] is None


def test_a_code_works_once_and_cancelling_again_answers_the_same(ana: Customer) -> None:
    ana.does("cancel")
    (code,) = ana.codes()
    first = ana.does("cancel", {"code": code})
    assert ana.does("cancel", {"code": code}) == first
    assert ana.does("cancel") == first
    assert len(ana.heard(REQUESTED)) == 1
    assert len(ana.codes()) == 1


def test_what_gets_late_later_is_cancelled_by_a_code_of_its_own(ana: Customer) -> None:
    ana.does("cancel")
    ana.does("cancel", {"code": ana.codes()[0]})
    ana.tells("eta", eta=ana.day(7), shipment_id="B")
    assert ana.does("cancel", {"code": ana.codes()[0]})[1]["type"] == "/problems/code-over"
    ana.shop.world.clock.advance(minutes=1)
    assert ana.does("cancel")[0] == 202
    assert ana.does("cancel", {"code": ana.codes()[1]})[0] == 200
    assert [lines(event) for event in ana.heard(REQUESTED)] == [["1"], ["2"]]


def test_a_code_cancels_what_its_mail_named_and_nothing_else(ana: Customer) -> None:
    ana.does("cancel")
    (mail,) = ana.mailed("Your code")
    assert ("LAMP" in mail.text, "CHAIR" in mail.text) == (True, False)
    ana.tells("eta", eta=ana.day(7), shipment_id="B")
    status, shown = ana.does("cancel", {"code": ana.codes()[0]})
    assert (status, shown["cancel"]["line_ids"]) == (200, ["2"])
    assert [lines(event) for event in ana.heard(REQUESTED)] == [["1"]]
    ana.shop.world.clock.advance(seconds=1)
    assert ana.does("cancel")[0] == 202, "what became late since needs a code of its own, and gets it at once"
    assert ana.does("cancel", {"code": ana.codes()[1]})[0] == 200
    assert [lines(event) for event in ana.heard(REQUESTED)] == [["1"], ["2"]]


def test_a_press_after_more_became_late_is_answered_by_a_code_for_all_of_it(ana: Customer) -> None:
    ana.does("cancel")
    ana.tells("eta", eta=ana.day(7), shipment_id="B")
    ana.does("cancel")
    assert "CHAIR" in ana.mailed("Your code")[-1].text
    assert ana.does("cancel", {"code": ana.codes()[0]})[0] == 409
    assert ana.does("cancel", {"code": ana.codes()[1]})[0] == 200
    assert [lines(event) for event in ana.heard(REQUESTED)] == [["1", "2"]]


def test_a_code_is_acknowledged_with_the_date_of_its_own_press(ana: Customer) -> None:
    ana.does("cancel")
    ana.shop.world.clock.advance(days=20)
    ana.does("cancel")
    assert ["May 3, 2026" in mail.text for mail in ana.mailed("Your code")] == [True, False]
    assert "May 23, 2026" in ana.mailed("Your code")[-1].text


def test_a_code_that_went_to_another_address_is_over(ana: Customer) -> None:
    token = ana.link()
    ana.does("cancel")
    bob = {"email": "bob@example.org", "locale": "en"}
    ana.tells("placed", **ana.order(2, skus=("LAMP", "CHAIR")), customer=bob, ship_to=EUROPE)
    assert ana.does("cancel", {"code": ana.codes()[0]}, token=token)[0] == 409
    assert ana.does("cancel", token=token)[0] == 202
    assert ana.does("cancel", {"code": ana.codes(bob["email"])[0]}, token=token)[0] == 200


def test_two_who_use_the_code_at_the_same_moment_cancel_once(ana: Customer) -> None:
    ana.does("cancel")
    (code,), path, others = ana.codes(), f"/v1/track/{ana.link()}/cancel", []

    def in_the_middle(_service: str, operation: str, _parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
        if operation == "PutItem" and not others:
            others.append(0)
            ana.shop.world.meanwhile(
                lambda world: others.append(world.request("delivery_viewer", "POST", path, body={"code": code})[0])
            )
        return make()

    ana.shop.world.tap = in_the_middle
    assert (ana.does("cancel", {"code": code})[0], others) == (200, [0, 200])
    assert len(ana.heard(REQUESTED)) == 1


def test_nobody_has_more_than_five_tries_whatever_is_tried(ana: Customer) -> None:
    ana.does("cancel")
    (code,) = ana.codes()
    left = [ana.does("cancel", {"code": wrong(code)})[1]["detail"].rpartition("; ")[2] for _ in range(MOST_TRIES)]
    assert left == ["4 tries left", "3 tries left", "2 tries left", "1 try left", "0 tries left"]
    status, problem = ana.does("cancel", {"code": code})
    assert (status, problem["type"], ana.heard(REQUESTED)) == (409, "/problems/code-over", [])


def test_a_code_is_over_after_ten_minutes_and_ten_are_mailed_in_a_day(ana: Customer) -> None:
    ana.does("cancel")
    ana.shop.world.clock.advance(seconds=CODE_LIFE.total_seconds())
    assert ana.does("cancel", {"code": ana.codes()[0]})[1]["type"] == "/problems/code-over"
    for _ in range(MOST_CODES - 1):
        assert ana.does("cancel")[0] == 202
        ana.shop.world.clock.advance(minutes=1)
    assert ana.does("cancel")[0] == 429
    assert len(ana.codes()) == MOST_CODES


def test_no_table_and_no_log_has_the_code(ana: Customer, capsys: pytest.CaptureFixture[str]) -> None:
    ana.does("cancel")
    (code,) = ana.codes()
    ana.does("cancel", {"code": wrong(code)})
    assert code not in repr(ana.shop.world.memory.snapshot())
    assert code not in capsys.readouterr().out


def test_a_scanner_that_looks_at_everything_and_presses_every_button_once_cancels_nothing(ana: Customer) -> None:
    path, headers = f"/v1/track/{ana.link()}", {**BROWSER, **FORM}
    for method, where in (("GET", ""), ("HEAD", ""), ("GET", "/cancel"), ("POST", "/cancel"), ("POST", "/withdraw")):
        for body in (None, "", "code=", "code=%20", "code=000000&code=111111", "a=b"):
            ana.shop.world.request("delivery_viewer", method, path + where, body=body, headers=headers)
    ana.shop.world.settle()
    assert (ana.heard(REQUESTED), len(ana.codes())) == ([], 1)


def test_what_is_not_late_cannot_be_cancelled_here(ana: Customer) -> None:
    ana.tells("delivered", shipment_id="A")
    assert not ana.sees()["cancel"]["open"]
    for body in (None, {"code": "123456"}):
        status, problem = ana.does("cancel", body)
        assert (status, problem["type"]) == (409, "/problems/nothing-late")


def test_the_page_leads_from_the_press_to_the_code_and_says_what_is_wrong(ana: Customer) -> None:
    assert 'name="code"' not in ana.sees(page=True)
    assert ana.posts("cancel")[0] == 303
    assert 'name="code"' in ana.sees(page=True)
    (code,) = ana.codes()
    status, html = ana.posts("cancel", f"code={wrong(code)}")
    assert (status, "not the code" in html, 'action="cancel"' in html) == (409, True, True)
    assert ana.posts("cancel", f"code=%E2%81%A6{code[:3]}+{code[3:]}%E2%81%A9&utm=1")[0] == 303
    assert "passed that on" in ana.sees(page=True)
    ana.tells("delivered")
    status, html = ana.posts("cancel")
    assert (status, "cannot be cancelled here" in html) == (303, False), "it was asked for before"


def test_an_order_whose_address_went_away_is_the_shop_s_to_cancel(ana: Customer) -> None:
    token = ana.link()
    ana.tells("placed", **ana.order(2, skus=("LAMP", "CHAIR")), customer={"locale": "en"})
    status, problem = ana.does("cancel", token=token)
    assert (status, problem["type"]) == (409, "/problems/no-address")
    seen, page = ana.sees(token)["cancel"], ana.sees(token, page=True)
    assert (seen["open"], seen["line_ids"] != []) == (False, True)
    assert ("ask our shop to cancel" in page, "e-mail you a code" in page) == (True, False)


# ---- withdrawing ----


def test_a_withdrawal_that_was_written_is_told_and_acknowledged_whatever_the_erp_says_next(ana: Customer) -> None:
    token, before = ana.link(), ana.shop.world.tap

    def die(_service: str, operation: str, _parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
        if operation == "PutEvents":
            raise Killed
        return make()

    ana.shop.world.tap = die
    with pytest.raises(Killed):
        ana.does("withdraw", {"confirm": True}, token=token)
    ana.shop.world.tap = before
    order = ana.order(2)
    order["lines"][0]["line_id"] = order["shipments"][0]["line_ids"][0] = "1001"
    ana.tells("placed", **order, customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)
    ana.looks()
    (event,) = ana.heard(REQUESTED)
    assert [(line["line_id"], line["sku"], line["quantity"]) for line in event["lines"]] == [
        ("1", "LAMP", 1),
        ("2", "CHAIR", 1),
    ]
    (mail,) = ana.mailed("Your withdrawal")
    assert "LAMP" in mail.text


def test_a_withdrawal_is_acknowledged_though_the_erp_drops_its_lines_first(ana: Customer) -> None:
    ana.shop.world.held = frozenset({"DeliveryRecords"})
    ana.does("withdraw", {"confirm": True})
    order = ana.order(2)
    order["lines"][0]["quantity"] = 0
    ana.tells("placed", **order, customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)
    ana.shop.world.held = frozenset()
    ana.shop.world.settle()
    assert ana.shop.world.bodies("MailDeadLetters") == []
    (mail,) = ana.mailed("Your withdrawal")
    assert ("LAMP" in mail.text, "CHAIR" in mail.text) == (True, True)


def test_a_choice_of_before_is_read_with_what_the_order_has_of_its_lines() -> None:
    kept = choice_of(["2026-05-03T10:00:00.000Z", "withdraw", "", None, "", ["1", "2"]])
    assert list(kept.ended({"2": {"sku": "CHAIR", "quantity": 3}})) == [("2", "CHAIR", 3)]


def test_withdrawing_takes_two_steps_and_is_acknowledged_with_date_and_time(ana: Customer) -> None:
    status, shown = ana.does("withdraw")
    assert (status, shown["withdraw"]["sent_at"], ana.heard(REQUESTED)) == (202, None, [])
    at = ana.now()
    status, shown = ana.does("withdraw", {"confirm": True})
    assert (status, shown["withdraw"]["sent_at"], shown["withdraw"]["open"]) == (200, at, False)
    (event,) = ana.heard(REQUESTED)
    assert (event["reason"], lines(event), event["at"]) == ("withdrawal", ["1", "2"], at)
    (mail,) = ana.mailed("Your withdrawal")
    assert (mail.email, "May 3, 2026" in mail.text, "10234" in mail.text) == (ANA, True, True)
    assert not shown["cancel"]["open"], "all of it was given up"


def test_withdrawing_is_acknowledged_at_any_hour(ana: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIET_HOURS", "12:00-23:00")
    monkeypatch.setenv("QUIET_FOR", "all")
    ana.shop.world.restart()
    ana.does("withdraw", {"confirm": True})
    assert len(ana.mailed("Your withdrawal")) == 1


def test_withdrawing_again_changes_nothing(ana: Customer) -> None:
    first = ana.does("withdraw", {"confirm": True})
    ana.shop.world.clock.advance(minutes=1)
    for body in (None, {"confirm": False}, {"confirm": True}):
        assert ana.does("withdraw", body) == first
    assert (len(ana.heard(REQUESTED)), len(ana.mailed("Your withdrawal"))) == (1, 1)


def test_who_confirms_as_json_withdraws_from_the_lines_that_they_name(ana: Customer) -> None:
    shown = ana.does("withdraw")[1]["withdraw"]["line_ids"]
    ana.tells("placed", **ana.order(2, skus=("LAMP", "CHAIR", "RUG")), customer={"email": ANA}, ship_to=EUROPE)
    status, after = ana.does("withdraw", {"confirm": True, "line_ids": shown})
    assert (status, after["withdraw"]["line_ids"]) == (200, ["3"])
    assert [lines(event) for event in ana.heard(REQUESTED)] == [["1", "2"]]
    status, problem = ana.does("withdraw", {"confirm": True, "line_ids": ["7"]})
    assert (status, problem["type"]) == (409, "/problems/order-changed")
    assert ana.does("withdraw", {"confirm": True, "line_ids": []})[0] == 400
    assert len(ana.heard(REQUESTED)) == 1


def test_an_event_that_comes_again_is_acknowledged_once(ana: Customer) -> None:
    ana.does("withdraw", {"confirm": True})
    (event,) = ana.heard(REQUESTED)
    for _ in range(2):
        ana.shop.world.send("DeliveryRecords", {"detail-type": REQUESTED, "detail": event})
    ana.shop.world.settle()
    assert len(ana.mailed("Your withdrawal")) == 1


def test_withdrawing_is_open_for_fourteen_days_after_the_last_parcel_came(ana: Customer) -> None:
    token = ana.link()
    ana.tells("delivered", shipment_id="B")
    assert ana.sees(token)["withdraw"]["until"] is None, "the lamp is to come"
    ana.tells("delivered", shipment_id="A")
    assert (ana.sees(token)["withdraw"]["open"], ana.sees(token)["withdraw"]["until"]) == (True, ana.day(14))
    ana.days_pass(14)
    assert ana.sees(token)["withdraw"]["open"]
    ana.days_pass(1)
    assert not ana.sees(token)["withdraw"]["open"]
    for body in (None, {"confirm": True}):
        status, problem = ana.does("withdraw", body, token=token)
        assert (status, problem["type"]) == (409, "/problems/withdrawal-closed")


@pytest.mark.parametrize("occurred_at", ["1970-01-01T00:00:00Z", "2026-04-01T00:00:00Z"])
def test_nothing_came_before_it_was_ordered(ana: Customer, occurred_at: str) -> None:
    token = ana.link()
    ana.tells("delivered", occurred_at=occurred_at)
    assert (ana.sees(token)["withdraw"]["open"], ana.sees(token)["withdraw"]["until"]) == (True, ana.day(14))


def test_what_waits_for_its_customer_was_not_received_yet(ana: Customer) -> None:
    for shipment_id in ("A", "B"):
        ana.tells("tracked", state="pick_up", shipment_id=shipment_id)
    assert ana.sees()["withdraw"]["until"] is None


@pytest.mark.parametrize(("ship_to", "open_"), [(EUROPE, True), (ISRAEL, True), (AMERICA, False), (None, True)])
def test_the_market_says_whether_one_can_withdraw(world: World, ship_to: Any, open_: bool) -> None:  # noqa: FBT001 - a case
    bob = Customer(Shop(world))
    bob.places(until=2, **({"ship_to": ship_to} if ship_to else {}))
    bob.tells("eta", eta=bob.day(5))
    assert bob.sees()["withdraw"]["open"] is open_
    assert ("Withdraw from contract here" in bob.sees(page=True)) is open_
    assert bob.does("withdraw", {"confirm": True})[0] == (200 if open_ else 409)


def test_what_was_cancelled_or_came_back_is_not_withdrawn_from(ana: Customer) -> None:
    ana.tells("cancelled", shipment_id="A")
    assert ana.sees()["withdraw"]["line_ids"] == ["2"]
    ana.tells("delivered", shipment_id="B")
    ana.tells("returned", shipment_id="B")
    assert ana.sees()["withdraw"]["line_ids"] == []


def test_the_page_shows_what_it_is_about_before_it_is_confirmed(ana: Customer) -> None:
    status, html = ana.posts("withdraw")
    assert status == 200
    for words in ("Confirm withdrawal", "LAMP", "CHAIR", "a•••@example.org", 'name="confirm"', "Back, without"):
        assert words in html
    assert ANA not in html
    assert ana.heard(REQUESTED) == []
    assert ana.posts("withdraw", confirming(html) + "&x=1")[0] == 303
    assert "You withdrew on" in ana.sees(page=True)
    assert ana.posts("withdraw")[0] == 303


def test_who_confirms_a_withdrawal_withdraws_from_what_was_shown(ana: Customer) -> None:
    _, html = ana.posts("withdraw")
    more = ana.order(2, skus=("LAMP", "CHAIR", "TABLE"))
    ana.tells("placed", **more, customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)
    assert ana.posts("withdraw", confirming(html))[0] == 303
    assert [lines(event) for event in ana.heard(REQUESTED)] == [["1", "2"]]
    assert ana.sees()["withdraw"]["line_ids"] == ["3"]


def test_nobody_withdraws_from_an_order_that_is_another_than_its_page_showed(ana: Customer) -> None:
    _, html = ana.posts("withdraw")
    order = ana.order(2)
    order["lines"][0]["line_id"] = order["shipments"][0]["line_ids"][0] = "1001"
    ana.tells("placed", **order, customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)
    status, html = ana.posts("withdraw", confirming(html))
    assert (status, "Your order has changed" in html) == (409, True)
    assert ana.heard(REQUESTED) == []


@pytest.mark.parametrize("form", ["confirm=yes", "confirm=no&shown=[]", "confirm=", "shown=%5B%221%22%5D"])
def test_a_form_that_does_not_confirm_what_was_shown_is_the_first_step(ana: Customer, form: str) -> None:
    status, html = ana.posts("withdraw", form)
    assert (status, "Confirm withdrawal" in html, ana.heard(REQUESTED)) == (200, True, [])


@pytest.mark.parametrize("shown", ["", "x", "1", "{}", "[1]"])
def test_a_form_whose_lines_cannot_be_read_is_refused(ana: Customer, shown: str) -> None:
    assert ana.posts("withdraw", urlencode({"confirm": "yes", "shown": shown}))[0] == 400
    assert ana.heard(REQUESTED) == []


def test_the_proof_is_kept_with_the_order_whatever_the_erp_says_later(ana: Customer) -> None:
    ana.waits(ana.day(5), shipment_id="A")
    ana.does("cancel")
    ana.does("cancel", {"code": ana.codes()[0]})
    ana.does("withdraw", {"confirm": True})
    ana.tells("placed", **ana.order(3, skus=("LAMP",)), customer={"email": ANA, "locale": "en"}, ship_to=EUROPE)
    kept = OrderRepository("Delivery").order("O")
    assert [choice.kind for choice in kept.choices] == ["wait", "ask", "cancel", "withdraw"]
    assert kept.choices[2].line_ids == ("1",)
    assert kept.choices[3].line_ids == ("1", "2")


def test_who_gave_it_up_is_asked_for_nothing_more_and_told_of_no_new_day(ana: Customer) -> None:
    ana.waits(ana.day(5), shipment_id="A")
    ana.does("cancel")
    ana.does("cancel", {"code": ana.codes()[0]})
    before = len(ana.shop.world.mails)
    ana.tells("eta", eta=ana.day(9), shipment_id="A")
    shipment = ana.sees()["shipments"][0]
    assert (shipment["late"], shipment["may_wait"], shipment["agreed"]) == (True, False, None)
    assert ana.waits(ana.day(9), shipment_id="A")[1]["type"] == "/problems/nothing-to-wait-for"
    assert len(ana.shop.world.mails) == before
