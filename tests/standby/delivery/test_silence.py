"""What becomes of late orders whose customers say nothing, and the money that is owed, by the law of the market."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

import pytest
from standby.delivery.refunding import unpaid
from standby.delivery.repository import OrderRepository
from standby.delivery.standing import standing
from standby.platform.clock import from_text

from tests.promises.shop import Shop
from tests.standby.delivery.track import AMERICA, ANA, EUROPE, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10")

NOT_LEFT, REMINDED, CANCELLED = "Not on its way yet", "Please tell us by", "We cancel what did not leave in time"
PRICE = {"amount": 4_900, "currency": "USD"}


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def orders(ana: Customer, *, leaves: int = 1, until: int = 4, to: Mapping[str, str] = AMERICA, **more: Any) -> None:
    shipment = {"shipment_id": "A", "ship_by": ana.day(leaves), "promised_until": ana.day(until), "line_ids": ["1"]}
    line = {"line_id": "1", "sku": "LAMP", "quantity": 2, "unit_price": PRICE}
    said = {"lines": [line], "shipments": [shipment], "payment_status": "paid", "ship_to": to, **more}
    ana.places(until=until, **said)


def subjects(ana: Customer) -> list[str]:
    return [mail.subject.partition(": ")[0].partition(" by ")[0] for mail in ana.shop.world.mails]


def each_day(ana: Customer, days: int) -> None:
    """Let days go by, on each of which it is looked in the afternoon too."""
    for _ in range(days):
        ana.shop.world.clock.advance(hours=12)
        ana.looks()
        ana.shop.world.clock.advance(hours=12)
        ana.looks()


def test_what_did_not_leave_on_its_day_is_told_on_that_day(ana: Customer) -> None:
    orders(ana)
    ana.shop.world.clock.advance(hours=20)
    ana.looks()
    assert subjects(ana) == []  # it is nine in the morning where the shop is, and it may still leave
    ana.shop.world.clock.advance(hours=4)
    ana.looks()
    assert subjects(ana) == ["Not on its way yet"]
    (delay,) = ana.delays()
    assert (delay["days_late"], delay.get("expected")) == (0, None)
    each_day(ana, 1)
    assert subjects(ana) == ["Not on its way yet"]


def test_what_left_in_the_morning_is_not_spoken_of(ana: Customer) -> None:
    orders(ana)
    ana.shop.world.clock.advance(days=1)
    ana.tells("shipped", occurred_at=ana.now())
    each_day(ana, 2)
    assert (subjects(ana), ana.delays()) == ([], [])


@pytest.mark.parametrize("state", ["out", "attempted", "returning", "pick_up", "in_transit"])
def test_what_a_carrier_has_or_had_did_leave(ana: Customer, state: str) -> None:
    orders(ana)
    ana.tells("tracked", state=state, shipment_id="A", occurred_at=ana.now())
    each_day(ana, 2)
    assert subjects(ana) == []
    each_day(ana, 40)
    assert ana.heard("CancellationRequested") == []


@pytest.mark.parametrize("state", ["labelled", "unknown", "failed", "delayed"])
def test_a_carrier_that_may_not_have_it_yet_does_not_say_that_it_left(ana: Customer, state: str) -> None:
    orders(ana)
    ana.tells("tracked", state=state, shipment_id="A", occurred_at=ana.now())
    each_day(ana, 2)
    assert subjects(ana) == ["Not on its way yet"]


def test_where_the_law_goes_by_the_delivery_nobody_hears_of_the_shipping(ana: Customer) -> None:
    orders(ana, to=EUROPE)
    each_day(ana, 3)
    assert (subjects(ana), ana.delays()) == ([], [])
    assert ana.due() == ["O"]


def test_silence_on_a_near_day_waits_and_on_a_further_one_cancels(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    each_day(ana, 5)
    assert subjects(ana) == ["Later than we told you"]
    assert ana.heard("CancellationRequested") == []
    ana.tells("eta", eta=ana.day(40))
    until = ana.day(4)
    each_day(ana, 3)
    assert subjects(ana) == ["Later than we told you", "Later than we told you", "Please tell us"]
    assert until[:4] in ana.mailed("Please tell us")[0].text
    assert "we cancel it and pay back" in ana.mailed("Please tell us")[0].text
    assert ana.heard("CancellationRequested") == []
    each_day(ana, 2)
    assert [notice.by for notice in OrderRepository("Delivery").order("O").notices] == ["mail", "mail", "reminder"]
    (asked,) = ana.heard("CancellationRequested")
    assert (asked["reason"], asked["lines"]) == ("silence", [{"sku": "LAMP", "quantity": 2, "line_id": "1"}])
    assert ana.mailed("We cancel")
    assert ana.heard("RefundDue") == []
    each_day(ana, 3)
    assert len(ana.heard("CancellationRequested")) == 1
    assert len(ana.mailed("We cancel")) == 1
    assert "We did not hear from you" in ana.sees(page=True)


def unreachable(ana: Customer) -> None:
    """Let a mail to the customer come back for good."""
    about = {"timestamp": ana.now(), "feedbackId": "f", "bounceType": "Permanent"}
    detail = {"bounce": {**about, "bouncedRecipients": [{"emailAddress": ANA}]}}
    ana.shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    ana.shop.world.settle()


@pytest.mark.parametrize("days", [9, 40])
def test_whose_mail_was_refused_was_not_told_so_silence_decides_nothing_and_a_person_calls(
    ana: Customer, days: int
) -> None:
    unreachable(ana)
    orders(ana)
    ana.tells("eta", eta=ana.day(days))
    assert ana.told() == []
    assert [notice.by for notice in OrderRepository("Delivery").order("O").notices] == ["refused", "call"]
    (parcel,) = standing(OrderRepository("Delivery").order("O"), UTC, ana.shop.world.clock.now()).parcels
    assert parcel.rights.silence.meaning != "consents"
    each_day(ana, 12)
    assert ana.heard("CancellationRequested") == []
    assert len(ana.heard("CallTaskOpened")) == 1


def refuses(ana: Customer) -> None:
    """Let SES refuse the only mail, which then waits for a person."""
    ana.shop.world.refused = {ANA}


def comes_back(ana: Customer, *, kind: str = "Permanent", subtype: str = "General", **reported: str) -> None:
    """Let the newest mail come back that SES accepted."""
    recipients = [{"emailAddress": ana.shop.world.mails[-1].email, **reported}]
    about = {"timestamp": ana.now(), "feedbackId": "f", "bounceType": kind, "bounceSubType": subtype}
    tags = {name: [value] for name, value in ana.shop.world.mails[-1].tags.items()}
    detail = {"bounce": {**about, "bouncedRecipients": recipients}, "mail": {"tags": tags}}
    ana.shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    ana.shop.world.settle()


def by(ana: Customer, order_id: str = "O") -> list[str]:
    return [notice.by for notice in OrderRepository("Delivery").order(order_id).notices]


def test_whose_mail_waits_for_a_person_was_not_told(ana: Customer) -> None:
    refuses(ana)
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    assert (ana.told(), by(ana)) == ([], ["refused", "call"])
    each_day(ana, 12)
    assert ana.heard("CancellationRequested") == [], "silence decides of nobody who was not told"


BACK: list[dict[str, str]] = [
    {},
    {"kind": "Transient", "subtype": "MailboxFull"},
    {"kind": "Transient", "subtype": "MessageTooLarge"},
    {"kind": "Transient", "action": "failed", "status": "4.4.7"},
    {"kind": "Undetermined", "subtype": "Undetermined"},
]


@pytest.mark.parametrize("said", BACK)
def test_whose_mail_came_back_was_not_told(ana: Customer, said: dict[str, str]) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(40))
    assert by(ana) == ["mail"]
    comes_back(ana, **said)
    assert by(ana) == ["refused", "call"]
    each_day(ana, 12)
    assert ana.heard("CancellationRequested") == []


def test_whose_machine_answers_was_told(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(40))
    comes_back(ana, kind="Transient")
    assert by(ana) == ["mail"]


def test_what_the_law_dates_does_not_wait_for_an_open_hour(ana: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIET_HOURS", "12:00-11:00")
    monkeypatch.setenv("QUIET_FOR", "all")
    ana.shop.world.restart()
    orders(ana, leaves=0)
    orders(ana, order_id="P", to=EUROPE)
    ana.tells("eta", eta=ana.day(9))
    ana.tells("eta", "P", eta=ana.day(9))
    ana.shop.world.wait(hours=1)
    assert len(ana.told()) == 1


def test_who_says_that_they_wait_is_waited_for(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(40))
    assert ana.waits(ana.day(40))[0] == 200
    each_day(ana, 35)
    assert ana.heard("CancellationRequested") == []
    assert len(ana.heard("ConsentGiven")) == 1


def test_who_was_told_late_has_days_to_answer(ana: Customer) -> None:
    """Mail may stand still for weeks: what customers did not hear they cannot answer."""
    orders(ana)
    ana.shop.world.held = frozenset({"DeliveryRecords"})
    ana.shop.world.clock.advance(days=60)
    ana.shop.world.held = frozenset()
    each_day(ana, 3)
    assert ana.heard("CancellationRequested") == []
    assert len(subjects(ana)) == 1
    each_day(ana, 2)
    assert len(ana.heard("CancellationRequested")) == 1


def test_whom_no_mail_reaches_a_person_calls_before_the_day_is_over(ana: Customer) -> None:
    orders(ana, email=None)
    each_day(ana, 3)
    (call,) = ana.heard("CallTaskOpened")
    assert (call["order_id"], call["reason"], call["due_by"]) == ("O", "notice", ana.day(-2))
    assert ana.heard("CancellationRequested") == []


WAIT_IN_PEACE, NO_YES = "need not do anything, or cancel", "We do not take silence for a yes"


@pytest.mark.parametrize("eta", [40, None])
def test_where_silence_cancels_the_mail_says_by_when_to_answer(ana: Customer, eta: int | None) -> None:
    orders(ana)
    ana.tells("eta", eta=None if eta is None else ana.day(eta))
    silence, text = ana.sees()["shipments"][0]["silence"], ana.shop.world.mails[0].text
    assert (silence["meaning"], WAIT_IN_PEACE in text, "if we hear nothing from you" in text) == (
        "cancels",
        False,
        True,
    )
    each_day(ana, 40)
    (asked,) = ana.heard("CancellationRequested")
    last = (from_text(asked["at"]) + timedelta(hours=3)).date() - timedelta(days=1)  # the day before, in the shop
    assert f"Please tell us by \u2068{last:%B} {last.day}, {last.year}" in text


def test_the_mail_about_what_did_not_leave_says_by_when_to_answer(ana: Customer) -> None:
    orders(ana, leaves=0)
    answer_by = ana.shop.today() + timedelta(days=30)
    each_day(ana, 1)
    (mail,) = ana.mailed(NOT_LEFT)
    assert f"Please tell us by \N{FIRST STRONG ISOLATE}{answer_by:%B} {answer_by.day}" in mail.text
    assert "You may wait, or cancel at any time before it leaves. What" not in mail.text


def test_where_silence_cancels_a_part_the_mail_does_not_say_it_of_all(ana: Customer) -> None:
    lines = [{"line_id": each, "sku": f"S-{each}", "quantity": 1} for each in ("1", "2")]
    shipments = [
        {"shipment_id": each, "promised_until": ana.day(4), "line_ids": [each], **({"ship_by": by} if by else {})}
        for each, by in (("1", ana.day(1)), ("2", None))
    ]
    ana.places(until=4, lines=lines, shipments=shipments, ship_to=AMERICA)
    ana.tells("eta", eta=ana.day(40))
    (mail,) = ana.shop.world.mails
    assert ("parts of your order we cancel" in mail.text, WAIT_IN_PEACE in mail.text) == (True, False)


@pytest.mark.parametrize("to", [EUROPE, AMERICA])
def test_where_silence_cancels_nothing_one_may_wait_and_say_nothing(ana: Customer, to: Mapping[str, str]) -> None:
    orders(ana, to=to)
    ana.tells("eta", eta=ana.day(9))
    assert WAIT_IN_PEACE in ana.shop.world.mails[0].text


def test_after_silence_was_taken_for_a_yes_the_page_says_so(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    before = ana.sees()["shipments"][0]["silence"]
    assert (before["meaning"], before["decided"]) == ("consents", False)
    each_day(ana, 2)
    assert ana.sees()["shipments"][0]["silence"] == {**before, "decided": True}
    page = ana.sees(page=True)
    assert (NO_YES in page, "so we take it that you wait until" in page) == (False, True)
    assert ana.waits(ana.day(7))[0] == 200
    assert "We heard nothing from you by" not in ana.sees(page=True)


def test_where_silence_means_nothing_the_page_says_so(ana: Customer) -> None:
    orders(ana, to=EUROPE)
    ana.tells("eta", eta=ana.day(9))
    each_day(ana, 2)
    assert NO_YES in ana.sees(page=True)


# ---- money that is owed ----


def cancelled(ana: Customer, **more: Any) -> None:
    """Let a customer in Europe cancel by code, and the ERP carry it out."""
    orders(ana, to=EUROPE, **more)
    ana.days_pass(6)
    ana.does("cancel")
    ana.does("cancel", {"code": ana.codes()[-1]})
    for _ in range(2):
        ana.tells("cancelled")


def test_what_was_paid_and_cancelled_is_owed_once_with_its_day(ana: Customer) -> None:
    cancelled(ana, delivery_fee={"amount": 500, "currency": "USD"})
    (due,) = ana.heard("RefundDue")
    assert (due["reason"], due["amount"]) == ("customer", {"amount": 10_300, "currency": "USD"})
    assert due["due_by"] == ana.day(14)
    assert due["lines"] == [{"sku": "LAMP", "quantity": 2, "line_id": "1"}]


@pytest.mark.parametrize("named", [True, False])
def test_a_refund_that_the_erp_tells_closes_it(ana: Customer, named: bool) -> None:  # noqa: FBT001
    cancelled(ana)
    (due,) = ana.heard("RefundDue")
    name = {"refund_due_id": due["refund_due_id"]} if named else {}
    ana.tells("refunded", amount={"amount": 9_800, "currency": "USD"}, **name)
    order = OrderRepository("Delivery").order("O")
    assert unpaid(order) == []
    assert ana.due() == []


def test_a_refund_that_does_not_come_rings_once(ana: Customer) -> None:
    cancelled(ana)
    ana.tells("refunded", amount={"amount": 100, "currency": "USD"})
    ana.days_pass(14)
    assert [refund.rung for refund in OrderRepository("Delivery").order("O").refunds_due] == [False]
    ana.days_pass(1)
    assert [refund.rung for refund in OrderRepository("Delivery").order("O").refunds_due] == [True]
    assert ana.due() == []


def test_who_did_not_pay_is_owed_nothing(ana: Customer) -> None:
    cancelled(ana, payment_status="pending")
    assert ana.heard("RefundDue") == []


def test_what_the_erp_cancels_by_itself_is_its_own_to_pay_back(ana: Customer) -> None:
    orders(ana)
    ana.tells("cancelled")
    assert ana.heard("RefundDue") == []


def test_what_was_withdrawn_is_owed_once_it_is_back(ana: Customer) -> None:
    orders(ana, to=EUROPE)
    ana.tells("eta", eta=ana.day(6))
    ana.tells("delivered", occurred_at=ana.now())
    ana.does("withdraw", {"confirm": True})
    assert ana.heard("RefundDue") == []
    ana.tells("returned")
    (due,) = ana.heard("RefundDue")
    assert (due["reason"], due["amount"]["amount"]) == ("withdrawal", 9_800)


def test_in_america_it_is_seven_working_days(ana: Customer) -> None:
    """Memorial Day, 25 May 2026, is none of them."""
    orders(ana)
    ana.tells("eta", eta=ana.day(40))
    while ana.day(0) != "2026-05-20":
        ana.shop.world.clock.advance(days=1)
    ana.does("cancel")
    ana.does("cancel", {"code": ana.codes()[-1]})
    ana.tells("cancelled")
    assert [due["due_by"] for due in ana.heard("RefundDue")] == ["2026-06-01"]
