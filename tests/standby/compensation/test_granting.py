"""A delay becomes a remedy: from the ERP's word to the voucher in the customer's mail."""

from typing import Any

import pytest
from standby.compensation.voucher_model import Voucher

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import (
    FEE,
    TWO_LEVELS,
    Remedied,
    eur,
    percent,
    remedied,
    rule,
    voucher,
)

pytestmark = pytest.mark.promise("P6")


@pytest.fixture
def ana(shop: Shop) -> Remedied:
    made = remedied(shop)
    made.places(until=2)
    return made


def test_who_waits_for_a_late_order_is_mailed_a_voucher_that_is_kept_by_its_hash_alone(ana: Remedied) -> None:
    ana.late(days=3)
    assert ana.granted() == [("voucher", 500)]
    assert [mail.email for mail in ana.mailed()] == ["ana@example.org"]
    ((subject, text),) = ana.read()
    assert subject == "For your wait: order 10234"
    assert "€5.00 off another order" in text
    (code,) = ana.brought()
    kept = ana.voucher(code)
    assert isinstance(kept, Voucher)
    assert (kept.amount, kept.currency, kept.order_id, kept.state) == (500, "EUR", "O", "granted")
    stored = str([*ana.shop.world.memory.tables["Compensation"].every()])
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert code not in str(ana.shop.world.events)


def test_others_hear_of_it_once_without_the_customer_and_the_code(ana: Remedied) -> None:
    ana.late(days=3)
    (event,) = ana.heard("RemedyGranted")
    names = ("order_id", "shipment_id", "kind", "amount", "rule", "level", "days_late")
    assert {name: event.get(name) for name in names} == {
        "order_id": "O",
        "shipment_id": "A",
        "kind": "voucher",
        "amount": eur(500),
        "rule": "all",
        "level": 2,
        "days_late": 3,
    }
    assert "ana" not in str(event)


def test_a_shop_without_a_policy_gives_nothing_and_keeps_nothing(shop: Shop) -> None:
    made = Remedied(shop)
    made.places()
    made.late(days=9)
    assert (made.of().edition, made.mailed()) == (0, [])


def test_a_longer_delay_adds_the_difference_only_and_the_mail_says_so(ana: Remedied) -> None:
    ana.late(days=3)
    ana.late(days=4)
    ana.late(days=6)
    assert ana.granted() == [("voucher", 500), ("voucher", 1_000)]
    assert "on top of what you have already been given" in ana.mailed()[-1].text
    assert len(set(ana.brought())) == 2
    assert ana.spent() == 1_500


def test_a_day_that_moves_back_and_forth_is_made_good_once(ana: Remedied) -> None:
    for days in (3, 1, 3, 2, 4, 3):
        ana.late(days=days)
    assert ana.granted() == [("voucher", 500)]


def test_the_first_promise_counts_though_the_customer_agreed_to_a_later_day(ana: Remedied) -> None:
    """Whatever delivery takes for the promise from then on: days are counted from the first that was ever told."""
    ana.late(days=3)
    told = ana.heard("DelayDetected")[-1]
    ana.hears("DelayDetected", **{**told, "id": "later", "promised_until": ana.day(4), "days_late": 1, "edition": 99})
    assert [(grant.days_late, grant.amount) for grant in ana.of().grants] == [(3, 500)]
    ana.hears("DelayDetected", **{**told, "id": "more", "promised_until": ana.day(5), "days_late": 3, "edition": 100})
    assert [(grant.days_late, grant.amount) for grant in ana.of().grants] == [(3, 500), (6, 1_000)]


def test_the_same_event_again_grants_nothing_though_the_policy_gives_more_by_now(ana: Remedied) -> None:
    ana.late(days=3)
    ana.sets(rule(voucher(1, 9_000)))
    ana.hears("DelayDetected", **ana.heard("DelayDetected")[-1])
    assert ana.granted() == [("voucher", 500)]
    assert len(ana.mailed()) == 1


def test_each_shipment_is_made_good_by_itself_within_the_cap_of_the_order(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(TWO_LEVELS, per_order=[eur(700)])
    made.places(skus=("LAMP", "SHADE"))
    made.late(days=3)
    assert made.granted() == [("voucher", 500), ("voucher", 200)]
    made.late(days=9)
    assert made.granted() == [("voucher", 500), ("voucher", 200)]
    assert made.why() == ["cap"] * 3


def test_a_customer_is_given_no_more_in_a_month_than_the_cap_however_the_address_is_written(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(TWO_LEVELS, per_customer_month=[eur(800)])
    for number, email in enumerate(("ana@example.org", "ANA+shop@example.org", "bo@example.org")):
        made.places(f"O-{number}", email=email)
        made.late(f"O-{number}", days=3)
    assert [made.granted(f"O-{number}") for number in range(3)] == [
        [("voucher", 500)],
        [("voucher", 300)],
        [("voucher", 500)],
    ]
    made.shop.world.clock.advance(days=32)
    made.places("O-3")
    made.late("O-3", days=3)
    assert made.granted("O-3") == [("voucher", 500)]


def test_what_the_budget_does_not_cover_is_refused_and_all_hear_once_that_it_ended(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(TWO_LEVELS, budget=1_200)
    for number in range(4):
        made.places(f"O-{number}", email=f"ana-{number}@example.org")
        made.late(f"O-{number}", days=3)
    assert [len(made.granted(f"O-{number}")) for number in range(4)] == [1, 1, 0, 0]
    assert made.spent() == 1_000
    assert made.why("O-2") == made.why("O-3") == ["budget"]
    (ended,) = made.heard("BudgetEnded")
    assert (ended["currency"], ended["budget"], ended["month"]) == ("EUR", 1_200, f"{made.shop.today():%Y-%m}")
    assert [name for name, _ in made.shop.world.events].count("BudgetEnded") == 1
    assert len([mail for mail in made.shop.world.mails if "Later than we told you" in mail.subject]) == 4


def test_a_raised_budget_lets_the_next_level_pay_all_that_was_refused(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(TWO_LEVELS, budget=400)
    made.places()
    made.late(days=3)
    made.sets(TWO_LEVELS, budget=4_000)
    made.late(days=6)
    assert made.granted() == [("voucher", 1_500)]


def test_a_percentage_is_counted_by_its_cap_and_its_mail_says_both(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(rule(percent(1, 10, 800), percent(5, 15, 2_000)))
    made.places()
    made.late(days=2)
    made.late(days=6)
    assert made.granted() == [("percent_off", 800), ("percent_off", 1_200)]
    assert [("10%" in mail.text, "15%" in mail.text) for mail in made.mailed()] == [(True, False), (False, True)]
    assert "At most €12.00 off" in made.read()[-1][1]


def test_the_delivery_fee_comes_back_once_and_is_told_to_who_pays(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(rule(FEE))
    made.places(skus=("LAMP", "SHADE"))
    made.late(days=2)
    made.shop.world.wait(minutes=5)
    assert made.granted() == [("delivery_fee_back", 490)]
    (due,) = made.heard("RefundDue")
    assert (due["amount"], due["delivery_fee"], due["reason"], due["order_id"]) == (eur(490), eur(490), "delay", "O")
    assert made.brought() == []
    assert "€4.90" in made.read()[0][1]


def test_free_shipping_comes_as_a_code(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(rule({"days_late": 1, "remedy": {"kind": "free_shipping", "amount": eur(600)}}))
    made.places()
    made.late(days=2)
    assert "Free shipping of another order" in made.mailed()[0].text
    assert len(made.brought()) == 1


@pytest.mark.promise("P8")
def test_where_a_voucher_is_advertising_nobody_is_mailed_one_and_the_fee_is_told_all_the_same(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(rule(voucher(1, 500), name="vouchers", channels=["web"]), rule(FEE, name="fee"))
    made.places("O-1", ship_to={"country": "IL"}, channel="web", customer={"locale": "he"})
    made.late("O-1", days=2)
    assert (made.granted("O-1"), made.mailed()) == ([("voucher", 500)], [])
    assert made.of("O-1").grants[0].told == "advertising"
    made.places("O-2", ship_to={"country": "IL"}, customer={"locale": "he"})
    made.late("O-2", days=2)
    (mail,) = made.mailed()
    assert made.read()[0][0] == "על ההמתנה: הזמנה 10234"
    assert 'dir="rtl"' in mail.html


@pytest.mark.promise("P8")
def test_an_order_that_does_not_say_where_it_goes_is_taken_for_one_of_the_shops_own_market(shop: Shop) -> None:
    """The shop of these tests is Israeli, where a voucher is advertising."""
    made = remedied(shop)
    made.places(ship_to=None)
    made.late(days=3)
    assert ([grant.told for grant in made.of().grants], made.mailed()) == (["advertising"], [])


def test_an_order_without_an_address_is_given_its_remedy_and_nobody_is_mailed(shop: Shop) -> None:
    made = remedied(shop)
    made.places(email=None)
    made.late(days=3)
    assert (made.granted(), made.mailed()) == ([("voucher", 500)], [])
    assert made.of().grants[0].told == "none"


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        ({"payment_status": "pending"}, "unpaid"),
        ({"payment_status": "refunded"}, "unpaid"),
        ({"customer": {"type": "Staff"}}, "customer_type"),
    ],
    ids=["unpaid", "refunded", "staff"],
)
def test_who_is_excluded_is_given_nothing_and_it_is_kept_why(shop: Shop, happened: Any, why: str) -> None:
    made = remedied(shop)
    made.places(**happened)
    made.late(days=3)
    assert (made.granted(), made.why()) == ([], [why])


@pytest.mark.parametrize("status", ["Paid", "partially_refunded"])
def test_who_paid_and_had_a_part_back_paid(shop: Shop, status: str) -> None:
    made = remedied(shop)
    made.places(payment_status=status)
    made.late(days=3)
    assert made.granted() == [("voucher", 500)]


def test_what_was_cancelled_is_not_made_good(ana: Remedied) -> None:
    ana.says("cancelled", occurred_at=ana.now())
    ana.says("eta", eta=ana.day(9))
    ana.shop.world.settle()
    assert ana.granted() == []


@pytest.mark.promise("P7")
def test_a_remedy_closes_no_right_the_customer_may_cancel_afterwards_as_before(ana: Remedied) -> None:
    ana.late(days=6)
    (mail,) = ana.mailed()
    assert "cancel it and be paid back" in mail.text
    notice = next(mail for mail in ana.shop.world.mails if "Later than we told you" in mail.subject)
    assert "cancel at any time before it arrives" in notice.text


def test_a_shipment_of_which_the_customer_says_that_it_is_missing_is_made_good_then(ana: Remedied) -> None:
    ana.shop.world.send("OrderUpdates", {"type": "order.shipped", "order_id": "O", "as_of": ana.now()})
    ana.shop.world.settle()
    ana.days_pass(6)
    (delay,) = ana.heard("DelayDetected")
    assert delay["confirmed"] is False
    assert ana.granted() == []
    ana.hears("ArrivalAnswered", id="a", at=ana.now(), order_id="O", shipment_id="A", arrived=False)
    assert [kind for kind, _ in ana.granted()] == ["voucher"]
