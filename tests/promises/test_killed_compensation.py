"""Promise 6 whatever breaks: each delay is made good once, by the difference, and the sums say what was granted."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from standby.compensation.voucher_repository import VoucherBook

from tests.promises.killing import Scenario, distinct, everything_runs, insists, report
from tests.promises.shop import Shop
from tests.standby.compensation.chooser import VIEWER, Chooser
from tests.standby.compensation.remedied import (
    FEE,
    ONE_OF_THREE,
    TWO_LEVELS,
    Remedied,
    choice,
    document,
    eur,
    percent,
    rule,
    voucher,
)
from tests.standby.compensation.till import API, Till
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P6", "P9")

WORTH = {"R-1": 1_500, "R-2": 490, "R-3": 500}


def three_orders_are_promised(shop: Shop) -> None:
    """The budget covers two of one customer and the fee of another; a fourth order is too much."""
    made = Remedied(shop)
    late = rule(*TWO_LEVELS["levels"], {"days_late": 8, "call": True})
    made.sets(rule(FEE, name="fee", channels=["app"]), late, budget=sum(WORTH.values()), per_order=[eur(1_500)])
    for number in range(1, 5):
        channel = {"channel": "app"} if number == 2 else {}
        made.places(f"R-{number}", email=f"ana-{number % 2}@example.org", **channel)


def they_are_late_and_later(world: World) -> None:
    made = Remedied(Shop(world))
    for order_id, days in (("R-1", 3), ("R-2", 3), ("R-1", 6), ("R-3", 2), ("R-4", 8)):
        made.says("eta", order_id, eta=made.day(2 + days), cause="carrier")
        everything_runs(world)


def each_was_made_good_once(world: World, most: int) -> None:
    made = Remedied(Shop(world))
    granted = {order_id: sum(amount for _, amount in made.granted(order_id)) for order_id in WORTH}
    assert granted == WORTH, "promise 6"
    assert made.granted("R-4") == [], "promise 6: beyond the budget"
    assert made.spent() == sum(WORTH.values()), "promise 6"
    assert not any(made.of(order_id).untold for order_id in (*WORTH, "R-4")), "it is told for ever"
    told = {event["id"]: event["amount"]["amount"] for event in distinct(world, "RemedyGranted")}
    assert sum(told.values()) == sum(WORTH.values()), "promise 10"
    assert len(distinct(world, "BudgetEnded")) == 1, "promise 10"
    assert [event["order_id"] for event in distinct(world, "CallTaskOpened")] == ["R-4"], "promise 2"
    assert [due["amount"] for due in distinct(world, "RefundDue")] == [eur(490)], "promise 7"
    codes = Counter(made.brought())
    assert sorted(voucher.amount for code in codes if (voucher := made.voucher(code))) == [500, 500, 1_000], "promise 2"
    assert max(codes.values()) <= most, "promise 3"
    assert len(codes) == 3, "promise 6"


# ---- vouchers at the checkout ----


def two_customers_have_vouchers(shop: Shop) -> None:
    made = Till(shop)
    made.sets(TWO_LEVELS)
    for number in (1, 2):
        made.places(f"R-{number}", email=f"ana-{number}@example.org")
        made.late(f"R-{number}", days=3)


def one_is_taken_and_one_is_taken_back(world: World) -> None:
    made = Till(Shop(world))
    insists(world, API, "PUT", "/v1/policy", body=document(TWO_LEVELS, budget=7), scopes="ops")
    first, second = made.brought()
    body = {"order_id": "NEXT", "order_total": eur(4_000)}
    asked: Any = {"body": body, "headers": {"idempotency-key": "next"}, "scopes": "storefront"}
    assert insists(world, API, "POST", f"/v1/vouchers/{first}/redeem", **asked)[0] == 200, "promise 6"
    guess: Any = {"headers": {"shopper-hint": "session"}, "scopes": "storefront"}
    assert insists(world, API, "GET", "/v1/vouchers/SUMMER", **guess)[0] == 404, "promise 11"
    beside = {**asked, "headers": {"idempotency-key": "beside"}}
    assert insists(world, API, "POST", f"/v1/vouchers/{second}/redeem", **beside)[0] == 200, "promise 6"
    given_back: Any = {"body": {"order_id": "NEXT"}, "scopes": "storefront"}
    assert insists(world, API, "POST", f"/v1/vouchers/{second}/release", **given_back)[0] == 200, "promise 6"
    assert insists(world, API, "POST", f"/v1/vouchers/{second}/revoke", scopes="ops")[0] == 200
    assert insists(world, API, "GET", "/v1/deliveries/R-1/remedies", scopes="ops")[0] == 200
    for about in ("remedies", "vouchers"):
        month = {"month": f"{world.clock.now():%Y-%m}"}
        assert insists(world, API, "GET", f"/v1/reports/{about}", query=month, scopes="ops")[0] == 200


def each_was_heard_once(world: World, _most: int) -> None:
    made = Till(Shop(world))
    states = [found.state for code in made.brought() if (found := made.voucher(code))]
    assert states == ["redeemed", "revoked"], "promise 6"
    assert [event["taken_off"] for event in distinct(world, "VoucherRedeemed")] == [eur(500)] * 2, "promise 10"
    assert len(distinct(world, "VoucherRevoked")) == 1, "promise 10"
    said = made.book.policy_said()
    assert said is not None
    assert said["version"] == 2, "promise 4"


# ---- orders that took them ----


def one_is_redeemed_and_both_orders_are_there(shop: Shop) -> None:
    two_customers_have_vouchers(shop)
    made = Till(shop)
    first, second = made.brought()
    made.redeems(first)
    made.places("NEXT", email="ana-3@example.org")
    made.places("OTHER", email="ana-4@example.org", discount_codes=[second])


def one_order_comes_to_nothing_and_one_leaves(world: World) -> None:
    made = Till(Shop(world))
    made.says("cancelled", "NEXT")
    made.says("shipped", "OTHER")
    made.says("placed", "LAST", **made.order(2), discount_codes=[made.brought()[0]], payment_status="failed")
    everything_runs(world)


def one_voucher_is_free_and_one_stands(world: World, _most: int) -> None:
    made = Till(Shop(world))
    assert [found.state for code in made.brought() if (found := made.voucher(code))] == ["granted", "stood"], (
        "promise 6"
    )
    assert [event["order_id"] for event in distinct(world, "VoucherFreed")] == ["NEXT"], "promise 10"
    assert len(distinct(world, "VoucherRedeemed")) == 2, "promise 10"


# ---- a checkout that is left ----


def a_voucher_is_redeemed(shop: Shop) -> None:
    made = Till(shop)
    made.sets(TWO_LEVELS, voucher_valid_days=2)
    for number in (1, 2):
        made.places(f"R-{number}", email=f"ana-{number}@example.org")
        made.late(f"R-{number}", days=3)
    made.redeems(made.brought()[0])


def time_passes(world: World) -> None:
    for days in (1, 3):
        world.clock.advance(days=days)
        for _ in range(2):
            world.send("CompensationRecords", {"sweep": "due"})
            everything_runs(world)


def it_is_free_and_both_are_over_in_the_accounts(world: World, _most: int) -> None:
    made = Till(Shop(world))
    found = [kept for code in made.brought() if (kept := made.voucher(code))]
    assert [(kept.state, kept.lapsed, kept.due_at) for kept in found] == [("granted", True, None)] * 2, "promise 6"
    assert [event["order_id"] for event in distinct(world, "VoucherFreed")] == ["NEXT"], "promise 10"
    moved = VoucherBook(made.book.table).movements(world.clock.now() - timedelta(days=20), world.clock.now(), None)[0]
    assert sum(each.owed for each in moved) == sum(each.taken_off for each in moved) == 0, "promise 10"
    assert Counter(each.what for each in moved) == {"granted": 2, "redeemed": 1, "freed": 1, "expired": 2}


# ---- choices ----

CHOSEN = {"C-1": [("voucher", 500)], "C-2": [("voucher", 500)], "C-3": [("choice", 0), ("percent_off", 1_600)]}


def three_customers_may_choose(shop: Shop) -> None:
    made = Chooser(shop)
    later = choice(5, percent(5, 20, 1_600), voucher(5, 1_000))
    made.sets(rule({**ONE_OF_THREE, "choice": {**ONE_OF_THREE["choice"], "otherwise": "voucher"}}, later))
    for number in range(1, 4):
        made.places(f"C-{number}", email=f"ana-{number}@example.org")
        made.late(f"C-{number}", days=3)


def one_chooses_one_waits_longer_and_one_says_nothing(world: World) -> None:
    made = Chooser(Shop(world))

    def chooses(order_id: str, kind: str) -> None:
        path = f"/v1/remedies/{made.link(f'ana-{order_id[-1]}@example.org')}"
        assert insists(world, VIEWER, "GET", path)[0] == 200
        choices = [grant for grant in made.of(order_id).grants if grant.options and grant.outcome != "replaced"]
        body = {"remedy_id": choices[-1].grant_id, "kind": kind}
        assert insists(world, VIEWER, "POST", f"{path}/choose", body=body)[0] == 200, "promise 6"

    chooses("C-1", "voucher")
    made.says("eta", "C-3", eta=made.day(8), cause="carrier")
    everything_runs(world)
    chooses("C-3", "percent_off")
    path = f"/v1/remedies/{made.link('ana-1@example.org')}/feedback"
    assert insists(world, VIEWER, "POST", path, body={"right": True, "words": "Well."})[0] == 200
    everything_runs(world)
    world.clock.advance(days=16)
    for _ in range(2):
        world.send("CompensationRecords", {"sweep": "due"})
        everything_runs(world)


def each_choice_ended_once(world: World, most: int) -> None:
    made = Chooser(Shop(world))
    assert {order_id: made.granted(order_id) for order_id in CHOSEN} == CHOSEN, "promise 6"
    assert not any(made.of(order_id).untold for order_id in CHOSEN), "it is told for ever"
    spent = sum(amount for granted in CHOSEN.values() for _, amount in granted)
    assert made.spent() == spent, "promise 6"
    chosen = {event["order_id"]: event["by_customer"] for event in distinct(world, "RemedyChosen")}
    assert chosen == {"C-1": True, "C-2": False, "C-3": True}, "promise 10"
    assert [event["reason"] for event in distinct(world, "RemedyLapsed")] == ["replaced"], "promise 10"
    assert [event["right"] for event in distinct(world, "RemedyRated")] == [True], "promise 10"
    codes = Counter(made.brought())
    assert sorted(voucher.amount for code in codes if (voucher := made.voucher(code))) == [500, 500, 1_600], "promise 2"
    assert max(codes.values()) <= most, "promise 3"


# ---- people ----


def two_orders_are_late(shop: Shop) -> None:
    made = Till(shop)
    made.sets(TWO_LEVELS, budget=3_100, approval_above=[eur(600)])
    for number in (1, 2, 3):
        made.places(f"R-{number}", email=f"ana-{number}@example.org")
        made.late(f"R-{number}", days=8 if number < 3 else 1)


def people_grant_and_decide(world: World) -> None:
    made = Till(Shop(world))
    first, second = (f"/v1/deliveries/R-{number}/remedies" for number in (1, 2))
    for path, decision in ((first, "approve"), (second, "deny")):
        named = {"remedy_id": made.of(path.split("/")[3]).grants[0].grant_id}
        assert insists(world, API, "POST", f"{path}/{decision}", scopes="ops", body=named)[0] == 200
    body = {"remedy": {"kind": "voucher", "amount": eur(600)}, "reason": "they wrote", "agent": "Dana"}
    asked: Any = {"body": body, "headers": {"idempotency-key": "k"}, "scopes": "ops"}
    assert insists(world, API, "POST", "/v1/deliveries/R-3/remedies", **asked)[0] == 201
    everything_runs(world)


def each_was_granted_or_denied_once(world: World, most: int) -> None:
    made = Till(Shop(world))
    assert [made.granted(f"R-{number}") for number in (1, 2, 3)] == [
        [("voucher", 1_500)],
        [("voucher", 0)],
        [("voucher", 600)],
    ], "promise 6"
    assert made.spent() == 2_100, "promise 6"
    assert made.book.awaiting(None) == ([], None), "promise 6"
    assert len(distinct(world, "RemedyGranted")) == 2, "promise 10"
    codes = Counter(made.brought())
    assert sorted(voucher.amount for code in codes if (voucher := made.voucher(code))) == [600, 1_500], "promise 2"
    assert max(codes.values()) <= most, "promise 3"


# ---- grace ----


def two_delays_wait(shop: Shop) -> None:
    made = Remedied(shop)
    made.sets(TWO_LEVELS, grace_hours=24)
    for number in (1, 2):
        made.places(f"G-{number}", email=f"ana-{number}@example.org", until=9)
        made.late(f"G-{number}", days=3, promised=9)


def one_is_over_and_one_lasts(world: World) -> None:
    made = Remedied(Shop(world))
    made.says("eta", "G-2", eta=made.day(9))
    everything_runs(world)
    world.wait(minutes=25 * 60)
    world.send("CompensationRecords", {"sweep": "due"})
    everything_runs(world)
    world.send("CompensationRecords", {"sweep": "due"})
    everything_runs(world)


def the_one_that_lasted_was_made_good_once(world: World, most: int) -> None:
    made = Remedied(Shop(world))
    assert [made.granted(f"G-{number}") for number in (1, 2)] == [[("voucher", 500)], []], "promise 6"
    assert 1 <= len(made.brought()) <= most, "promises 2 and 3"


# ---- orders in several shipments ----


def an_order_comes_in_three_shipments(shop: Shop) -> None:
    made = Chooser(shop)
    made.sets(TWO_LEVELS)
    made.places("S", skus=("LAMP", "SHADE", "BULB"))


def all_of_them_are_late_and_one_is_later(world: World) -> None:
    made = Chooser(Shop(world))
    made.says("eta", "S", eta=made.day(5), cause="carrier")
    everything_runs(world)
    world.wait(minutes=6)
    everything_runs(world)
    for _ in range(2):  # whoever dies before the message is sent leaves it to the hourly look
        world.clock.advance(minutes=6)
        world.send("CompensationRecords", {"sweep": "due"})
        everything_runs(world)
    made.says("eta", "S", eta=made.day(8), cause="carrier", shipment_id="B")
    everything_runs(world)
    world.wait(minutes=6)
    everything_runs(world)
    for _ in range(2):
        world.clock.advance(minutes=6)
        world.send("CompensationRecords", {"sweep": "due"})
        everything_runs(world)


def one_mail_brought_all_of_it(world: World, most: int) -> None:
    made = Chooser(Shop(world))
    assert made.granted("S") == [*[("voucher", 500)] * 3, ("voucher", 1_000)], "promise 6"
    assert made.spent() == 2_500, "promise 6"
    assert {grant.told for grant in made.of("S").grants} == {"mail"}, "promise 2"
    assert len(distinct(world, "RemedyGranted")) == 4, "promise 10"
    together = [text for _, text in made.read() if "€15.00 in all" in text]
    assert 1 <= len(together) <= most, "promises 2 and 3"
    assert len(made.read()) - len(together) <= most, "promise 3"
    assert len(set(made.brought())) == 1, "promise 2"


# ---- a code that is taken back while its mail waits ----


def mails_about_three_shipments_and_one_wait(shop: Shop) -> None:
    made = Till(shop)
    made.sets(TWO_LEVELS)
    made.places("S", skus=("LAMP", "SHADE", "BULB"))
    made.places("T")
    shop.world.held = frozenset({"MailBulk"})
    made.late("S", days=3)
    made.late("T", days=3)
    shop.world.wait(minutes=6)
    assert {grant.told for grant in made.of("S").grants} == {"mail"}
    shop.world.held = frozenset()


def one_of_each_is_taken_back(world: World) -> None:
    made = Till(Shop(world))
    world.held = frozenset({"MailBulk"})
    for order_id in ("S", "T"):
        _, shown = insists(world, API, "GET", f"/v1/deliveries/{order_id}/remedies", scopes="ops")
        code = shown["granted"][0]["code"]
        assert insists(world, API, "POST", f"/v1/vouchers/{code}/revoke", scopes="ops")[0] == 200
    for _ in range(2):  # whoever dies before it is told leaves it to the hourly look
        everything_runs(world)
        world.send("CompensationRecords", {"sweep": "due"})
    everything_runs(world)
    world.held = frozenset()
    everything_runs(world)
    world.wait(minutes=6)
    everything_runs(world)
    assert made.brought() == [], "promise 8"


def one_mail_brought_the_other_two(world: World, most: int) -> None:
    made = Till(Shop(world))
    assert [grant.told for grant in made.of("S").grants] == ["nothing", "mail", "mail"], "promise 2"
    together = [text for _, text in made.read()]
    assert {"€10.00 in all" in text for text in together} == {True}, "promise 8"
    assert 1 <= len(together) <= most, "promises 2 and 3"
    assert len(distinct(world, "VoucherRevoked")) == 2, "promise 10"


# ---- an order that is cancelled before its customer was told ----


def three_codes_are_gathered(shop: Shop) -> None:
    an_order_comes_in_three_shipments(shop)
    Till(shop).late("S", days=3)


def one_shipment_is_cancelled(world: World) -> None:
    Till(Shop(world)).says("cancelled", "S", shipment_id="A")
    everything_runs(world)
    for _ in range(3):  # whoever dies before the message is sent leaves it to the hourly look
        world.wait(minutes=6)
        everything_runs(world)
        world.send("CompensationRecords", {"sweep": "due"})
        everything_runs(world)


def what_is_left_was_told_and_the_rest_costs_nothing(world: World, most: int) -> None:
    """Where what broke is made up for only once the mail went, what was told stays."""
    made = Till(Shop(world))
    first, *others = made.of("S").grants
    assert [(grant.amount, grant.told) for grant in others] == [(500, "mail")] * 2, "promise 2"
    assert (first.amount, first.told) in ((0, "nothing"), (500, "mail")), "promise 6"
    assert made.spent() == first.amount + 1_000, "promise 6"
    said = f"€{10 + first.amount // 100}.00 in all"
    assert {said in text for _, text in made.read()} == {True}, "promise 8"
    assert 1 <= len(made.read()) <= most, "promises 2 and 3"
    taken_back = 0 if first.amount else 1
    assert len(distinct(world, "RemedyLapsed")) == len(distinct(world, "VoucherRevoked")) == taken_back, "promise 10"


SCENARIOS = (
    Scenario(
        "an order is cancelled before its customer was told",
        three_codes_are_gathered,
        one_shipment_is_cancelled,
        what_is_left_was_told_and_the_rest_costs_nothing,
        every=7,
    ),
    Scenario(
        "codes are taken back while their mails wait",
        mails_about_three_shipments_and_one_wait,
        one_of_each_is_taken_back,
        one_mail_brought_the_other_two,
        every=7,
    ),
    Scenario(
        "all shipments of an order are late",
        an_order_comes_in_three_shipments,
        all_of_them_are_late_and_one_is_later,
        one_mail_brought_all_of_it,
        every=7,
    ),
    Scenario(
        "delays wait until their grace is over",
        two_delays_wait,
        one_is_over_and_one_lasts,
        the_one_that_lasted_was_made_good_once,
        every=5,
    ),
    Scenario(
        "people grant and decide",
        two_orders_are_late,
        people_grant_and_decide,
        each_was_granted_or_denied_once,
        every=5,
    ),
    Scenario(
        "orders that took vouchers come to nothing",
        one_is_redeemed_and_both_orders_are_there,
        one_order_comes_to_nothing_and_one_leaves,
        one_voucher_is_free_and_one_stands,
        every=7,
    ),
    Scenario(
        "a checkout is left",
        a_voucher_is_redeemed,
        time_passes,
        it_is_free_and_both_are_over_in_the_accounts,
        every=3,
    ),
    Scenario(
        "choices are made, replaced and not made",
        three_customers_may_choose,
        one_chooses_one_waits_longer_and_one_says_nothing,
        each_choice_ended_once,
        every=9,
    ),
    Scenario(
        "vouchers are taken and taken back",
        two_customers_have_vouchers,
        one_is_taken_and_one_is_taken_back,
        each_was_heard_once,
        every=3,
    ),
    Scenario(
        "delays are made good",
        three_orders_are_promised,
        they_are_late_and_later,
        each_was_made_good_once,
        every=9,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_remedy_is_lost_or_given_twice_however_it_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    explored = scenario.broken(shop.world)

    ours = {kind[1:] for kind in explored.kinds if kind[0] in ("compensation_issuer", API, VIEWER)}
    calls = {("dynamodb", "PutItem"), ("events", "PutEvents")}
    assert ours >= calls | ({("dynamodb", "TransactWriteItems")} if "come to nothing" not in scenario.name else set())
    report(capsys, scenario.name, explored)
