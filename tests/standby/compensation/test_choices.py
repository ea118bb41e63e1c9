"""A customer chooses one of several remedies: once, and what the dearest would have cost beyond that is free again."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.identifier import TURNING

from tests.promises.shop import Shop
from tests.standby.compensation.chooser import Chooser, chooser
from tests.standby.compensation.remedied import (
    FEE,
    ONE_OF_THREE,
    Remedied,
    choice,
    document,
    eur,
    percent,
    rule,
    shipping,
    voucher,
)
from tests.standby.compensation.till import API

pytestmark = pytest.mark.promise("P6")


@pytest.fixture
def ana(shop: Shop) -> Chooser:
    return chooser(shop)


def test_who_waits_is_mailed_what_there_is_to_choose_from_and_as_much_is_kept_as_the_dearest_costs(
    ana: Chooser,
) -> None:
    assert ana.granted() == [("choice", 800)]
    assert ana.spent() == 800
    ((subject, text),) = ana.read()
    assert subject == "For your wait: order 10234"
    assert "10% off another order, at most €8.00" in text
    assert "€5.00 off another order" in text
    assert "Free shipping of another order, for shipping of up to €6.00" in text
    assert "/v1/remedies/" in text
    assert ana.brought() == []
    (event,) = ana.heard("RemedyGranted")
    assert (event["kind"], event["options"]) == ("choice", ["percent_off", "voucher", "free_shipping"])


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "en",
            [
                "The code for €5.00 off is for orders of €40.00 or more.",
                "The code for €5.00 off cannot be used together with another voucher.",
                "The code for 10% off is for orders of €15.00 or more.",
                "The code for free shipping cannot be used together with another voucher.",
            ],
        ),
        (
            "he",
            [
                "הקוד להנחה של \u200f5.00\u00a0\u200f€ תקף להזמנות בסך \u200f40.00\u00a0\u200f€ ומעלה.",
                "אי אפשר להשתמש בקוד להנחה של \u200f5.00\u00a0\u200f€ יחד עם קוד הנחה אחר.",
                "הקוד להנחה של 10% תקף להזמנות בסך \u200f15.00\u00a0\u200f€ ומעלה.",
                "אי אפשר להשתמש בקוד למשלוח חינם יחד עם קוד הנחה אחר.",
            ],
        ),
    ],
    ids=["en", "he"],
)
def test_the_mail_and_the_page_say_the_conditions_of_each_remedy_before_it_is_chosen(
    shop: Shop, locale: str, said: list[str]
) -> None:
    ana = Chooser(shop)
    off, five, free = (each["remedy"] for each in (percent(2, 10, 800), voucher(2, 500), shipping(2, 600)))
    bound = [{**off, "minimum": eur(1_500)}, {**five, "minimum": eur(4_000), "combinable": False}]
    bound.append({**free, "combinable": False})
    ana.sets(rule(choice(2, *({"remedy": each} for each in bound))), voucher_valid_days=30)
    ana.places(customer={"locale": locale})
    ana.late(days=3)
    ((_, text),) = ana.read()
    assert [each for each in said if each.translate(TURNING) not in text] == []
    last = ana.shop.today() + timedelta(days=30)
    if locale == "en":
        assert f"It is valid at least until {last:%B} {last.day}, {last.year}." in text
        assert f"It is valid at least until {last:%B} {last.day}, {last.year}." in ana.own(page=True)
    assert ana.own()["remedies"][0]["ends_on"] == last.isoformat()
    ana.shop.world.clock.advance(days=1)
    ana.chooses("voucher")
    assert ana.own()["remedies"][0]["ends_on"] == (last + timedelta(days=1)).isoformat()


def test_the_mail_of_remedies_without_conditions_names_none(ana: Chooser) -> None:
    ((_, text),) = ana.read()
    assert [each for each in ("or more", "together with another voucher") if each in text] == []


def test_a_choice_that_is_taken_back_is_told_once_however_often_it_is_looked_at(ana: Chooser) -> None:
    body = {"remedy_id": ana.open().grant_id}
    assert ana.shop.world.request(API, "POST", "/v1/deliveries/O/remedies/revoke", body=body, scopes="ops")[0] == 200
    for _ in range(3):
        ana.time_passes(0)
    ana.time_passes(20)
    assert [name for name, _ in ana.shop.world.events].count("RemedyLapsed") == 1


def test_what_is_chosen_comes_as_a_voucher_and_the_rest_is_free_again(ana: Chooser) -> None:
    status, said = ana.chooses("voucher")
    assert (status, ana.granted(), ana.spent()) == (200, [("voucher", 500)], 500)
    (code,) = ana.brought()
    (remedy,) = said["remedies"]
    assert (remedy["kind"], remedy["status"], remedy["code"]) == ("voucher", "given", code)
    kept = ana.voucher(code)
    assert kept is not None
    assert (kept.amount, kept.kind) == (500, "voucher")
    (event,) = ana.heard("RemedyChosen")
    assert (event["kind"], event["amount"], event["freed"]) == ("voucher", eur(500), eur(300))
    assert event["by_customer"] is True
    assert "ana" not in str(event)


def test_the_same_choice_again_changes_nothing_and_another_one_is_refused(ana: Chooser) -> None:
    remedy_id = ana.open().grant_id
    ana.chooses("voucher")
    edition = ana.of().edition
    assert ana.chooses("voucher", remedy_id=remedy_id)[0] == 200
    status, problem = ana.chooses("percent_off", remedy_id=remedy_id)
    assert (status, problem["type"]) == (409, "/problems/already-chosen")
    assert (ana.granted(), ana.spent(), ana.of().edition) == ([("voucher", 500)], 500, edition)
    assert len(ana.brought()) == 1
    assert len(ana.heard("RemedyChosen")) == 1


@pytest.mark.parametrize(
    ("remedy_id", "kind", "slug"),
    [(None, "delivery_fee_back", "no-such-option"), ("g0", "voucher", "unknown-remedy")],
    ids=["not offered", "unknown"],
)
def test_what_is_not_offered_cannot_be_chosen(ana: Chooser, remedy_id: str | None, kind: str, slug: str) -> None:
    status, problem = ana.chooses(kind, remedy_id=remedy_id)
    assert (status, problem["type"]) == (409, f"/problems/{slug}")
    assert ana.granted() == [("choice", 800)]


def test_a_fixed_remedy_is_nothing_to_choose(shop: Shop) -> None:
    ana = chooser(shop, voucher(2, 500))
    assert ana.chooses("voucher", remedy_id=ana.of().grants[0].grant_id)[0] == 409


def test_the_fee_that_is_chosen_is_told_to_who_pays_and_is_no_code(shop: Shop) -> None:
    ana = chooser(shop, choice(2, FEE, voucher(2, 1_000)))
    assert ana.spent() == 1_000
    assert ana.heard("RefundDue") == []
    ana.chooses("delivery_fee_back")
    assert (ana.granted(), ana.spent(), ana.brought()) == ([("delivery_fee_back", 490)], 490, [])
    (due,) = ana.heard("RefundDue")
    assert due["amount"] == eur(490)
    assert "€4.90" in ana.read()[-1][1]


def test_who_chooses_nothing_in_time_gets_nothing_and_what_was_kept_is_free(ana: Chooser) -> None:
    remedy_id = ana.open().grant_id
    ana.time_passes(14)
    assert ana.granted() == [("choice", 800)]
    ana.time_passes(1)
    assert (ana.granted(), ana.spent()) == ([("choice", 0)], 0)
    assert [event["reason"] for event in ana.heard("RemedyLapsed")] == ["lapsed"]
    status, problem = ana.chooses("voucher", remedy_id=remedy_id)
    assert (status, problem["type"]) == (409, "/problems/choice-over")
    assert [remedy["status"] for remedy in ana.own()["remedies"]] == ["lapsed"]


def test_after_its_last_day_nothing_is_chosen_though_nobody_looked_yet(ana: Chooser) -> None:
    ana.shop.world.clock.advance(days=15)
    assert ana.chooses("voucher")[0] == 409
    assert [remedy["status"] for remedy in ana.own()["remedies"]] == ["lapsed"]


def test_who_chooses_nothing_in_time_gets_what_the_policy_gives_then(shop: Shop) -> None:
    ana = chooser(shop, choice(2, percent(2, 10, 800), voucher(2, 500), days=3, otherwise="voucher"))
    ana.time_passes(4)
    assert (ana.granted(), ana.spent()) == ([("voucher", 500)], 500)
    assert len(ana.brought()) == 1
    (event,) = ana.heard("RemedyChosen")
    assert event["by_customer"] is False


def test_the_same_delay_told_again_offers_the_rest_to_nobody(ana: Chooser) -> None:
    ana.chooses("voucher")
    ana.late(days=4)
    ana.hears("DelayDetected", **{**ana.heard("DelayDetected")[-1], "id": "again", "edition": 99})
    assert (ana.granted(), ana.spent()) == ([("voucher", 500)], 500)


def test_a_longer_delay_adds_up_to_what_its_level_gives_whatever_was_chosen_before(shop: Shop) -> None:
    ana = chooser(shop, ONE_OF_THREE, voucher(5, 1_500))
    ana.chooses("voucher")
    ana.late(days=6)
    assert (ana.granted(), ana.spent()) == ([("voucher", 500), ("voucher", 1_000)], 1_500)


def test_a_longer_delay_replaces_a_choice_that_is_open(shop: Shop) -> None:
    ana = chooser(shop, ONE_OF_THREE, choice(5, percent(5, 20, 1_600), voucher(5, 1_000)))
    first = ana.open().grant_id
    ana.late(days=6)
    assert (ana.granted(), ana.spent()) == ([("choice", 0), ("choice", 1_600)], 1_600)
    assert [event["reason"] for event in ana.heard("RemedyLapsed")] == ["replaced"]
    assert ana.chooses("voucher", remedy_id=first)[0] == 409
    assert len(ana.own()["remedies"]) == 1
    ana.chooses("voucher")
    assert (ana.granted(), ana.spent()) == ([("choice", 0), ("voucher", 1_000)], 1_000)
    assert not any("already been given" in text or "been given for it" in text for _, text in ana.read())


def test_each_option_of_a_longer_delay_adds_what_is_missing_to_it(shop: Shop) -> None:
    ana = chooser(shop, ONE_OF_THREE, choice(5, percent(5, 20, 1_600), voucher(5, 1_000), shipping(5, 400)))
    ana.chooses("voucher")
    ana.late(days=6)
    assert [(option.kind, option.amount) for option in ana.open().options] == [("percent_off", 1_100), ("voucher", 500)]
    ana.chooses("voucher")
    assert (sum(amount for _, amount in ana.granted()), ana.spent()) == (1_000, 1_000)


def test_a_longer_delay_for_which_the_budget_is_too_small_leaves_the_choice_as_it_is(shop: Shop) -> None:
    ana = chooser(shop, ONE_OF_THREE, voucher(5, 1_500), budget=1_499)
    ana.late(days=6)
    assert (ana.granted(), ana.spent(), ana.why()) == ([("choice", 800)], 800, ["budget"])
    ana.chooses("free_shipping")
    assert (ana.granted(), ana.spent()) == ([("free_shipping", 600)], 600)


def test_what_a_choice_frees_is_free_for_others_and_for_the_same_customer(shop: Shop) -> None:
    caps = {"per_customer_month": [eur(1_300)], "per_order": [eur(1_000)]}
    ana = chooser(shop, budget=1_300, **caps)
    token = ana.link()
    ana.places("O-2")
    ana.late("O-2", days=3)
    assert ana.granted("O-2") == [("choice", 500)]
    ana.chooses("voucher", token=token)
    ana.places("O-3")
    ana.late("O-3", days=3)
    assert (ana.granted("O-3"), ana.spent()) == ([("choice", 300)], 1_300)


def test_a_choice_that_the_shop_takes_back_frees_all_of_it(ana: Chooser) -> None:
    remedy_id = ana.open().grant_id

    def revokes(remedy_id: str) -> tuple[int, Any]:
        body = {"remedy_id": remedy_id}
        return ana.shop.world.request(API, "POST", "/v1/deliveries/O/remedies/revoke", body=body, scopes="ops")

    assert [revokes(remedy_id)[0] for _ in range(2)] == [200, 200]
    assert (ana.granted(), ana.spent()) == ([("choice", 0)], 0)
    assert revokes("g0")[0] == 404
    assert ana.chooses("voucher", remedy_id=remedy_id)[0] == 409
    ana.time_passes(0)
    assert [event["reason"] for event in ana.heard("RemedyLapsed")] == ["revoked"]
    ana.late(days=4)
    assert ana.spent() == 0


def test_a_choice_that_was_made_is_not_taken_back(ana: Chooser) -> None:
    remedy_id = ana.open().grant_id
    ana.chooses("voucher")
    body = {"remedy_id": remedy_id}
    path = "/v1/deliveries/O/remedies/revoke"
    assert ana.shop.world.request(API, "POST", path, body=body, scopes="ops")[0] == 409
    assert ana.granted() == [("voucher", 500)]


def test_where_all_but_one_of_the_remedies_add_nothing_there_is_no_choice(shop: Shop) -> None:
    ana = chooser(shop, voucher(2, 500), choice(5, percent(5, 20, 1_600), voucher(5, 500)))
    ana.late(days=6)
    assert ana.granted() == [("voucher", 500), ("percent_off", 1_100)]


def test_a_fee_that_may_be_chosen_for_one_parcel_is_not_given_back_for_another(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(rule(choice(1, FEE, voucher(1, 300)), name="choice", categories=["x"]), rule(FEE, name="fee"))
    order = made.order(2, skus=("LAMP", "SHADE"))
    order["lines"][0]["category"] = "x"
    made.tells("placed", "O", **order, customer={"email": "ana@example.org"})
    made.late(days=2)
    assert sorted(made.granted()) == [("choice", 490)]


@pytest.mark.promise("P8")
def test_where_vouchers_are_advertising_nobody_is_mailed_and_the_page_has_the_choice_and_its_code(shop: Shop) -> None:
    ana = Chooser(shop)
    ana.sets(rule(ONE_OF_THREE))
    ana.places(ship_to={"country": "IL"})
    ana.late(days=3)
    assert (ana.granted(), ana.mailed()) == ([("choice", 800)], [])
    ana.chooses("voucher")
    assert ana.mailed() == []
    (remedy,) = ana.own()["remedies"]
    assert ana.voucher(remedy["code"]) is not None


@pytest.mark.parametrize(
    ("levels", "wrong"),
    [
        ([{"days_late": 1}], "rules.0.levels.0: has a remedy, a choice or a call"),
        ([{**voucher(1, 5), **ONE_OF_THREE}], "rules.0.levels.0: has either a remedy or a choice"),
        ([choice(1, voucher(1, 5), voucher(1, 6))], "rules.0.levels.0.choice.remedies: two are of the same kind"),
        (
            [choice(1, voucher(1, 5), shipping(1, 6), otherwise="percent_off")],
            "rules.0.levels.0.choice.otherwise: is none of its remedies",
        ),
        (
            [choice(1, voucher(1, 5), {"remedy": {"kind": "free_shipping"}})],
            "rules.0.levels.0.choice.remedies.1.amount: missing",
        ),
    ],
    ids=["neither", "both", "twice", "otherwise", "amount"],
)
def test_a_policy_whose_choice_contradicts_itself_is_refused(shop: Shop, levels: Any, wrong: str) -> None:
    body = document(rule(*levels))
    status, problem = shop.world.request(API, "PUT", "/v1/policy", body=body, scopes="ops")
    assert (status, problem["errors"]) == (400, [wrong])
