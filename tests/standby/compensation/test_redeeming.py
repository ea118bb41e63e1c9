"""Vouchers at the checkout, taken once whoever asks twice; the policy, and what was granted, as routes show them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from standby.compensation.codes import ALPHABET, codes_of, digest
from standby.compensation.redeeming import Till as Checkout
from standby.compensation.redeeming import Wish
from standby.compensation.voucher_model import RefusedError, Voucher
from standby.compensation.voucher_repository import VoucherBook
from standby.platform.table import Table
from standby.platform.tokens import TokenKeys

from tests.fakes import FakeBus, FakeClock
from tests.promises.shop import Shop
from tests.standby.compensation.remedied import TWO_LEVELS, document, eur, percent, rule, voucher
from tests.standby.compensation.till import Till, till

pytestmark = pytest.mark.promise("P6")


@pytest.fixture
def ana(shop: Shop) -> Till:
    return till(shop)


def test_a_late_order_becomes_a_voucher_that_the_next_order_takes_once(ana: Till) -> None:
    code = ana.a_code()
    status, shown = ana.asks(f"GET /v1/vouchers/{code}")
    assert (status, shown["status"], shown["amount"], shown["value"]) == (200, "granted", eur(500), None)
    status, answer = ana.redeems(code)
    assert (status, answer["status"], answer["value"], answer["redeemed_for"]) == (200, "redeemed", eur(500), "NEXT")
    assert ana.redeems(code) == (status, answer)
    status, problem = ana.redeems(code, "OTHER", key="k-2")
    assert (status, problem["type"]) == (409, "/problems/voucher-redeemed")
    (event,) = ana.heard("VoucherRedeemed")
    assert (event["order_id"], event["granted_for"], event["taken_off"]) == ("NEXT", "O", eur(500))
    assert [name for name, _ in ana.shop.world.events].count("VoucherRedeemed") == 1


def test_a_code_is_taken_however_it_was_typed(ana: Till) -> None:
    assert ana.redeems(ana.a_code().lower().replace("-", ""))[0] == 200


@pytest.mark.promise("P11")
def test_a_near_miss_is_answered_as_a_code_that_never_was(ana: Till) -> None:
    code = ana.a_code()
    last = ALPHABET[ALPHABET.index(code[-1]) - 1]
    stranger = codes_of(TokenKeys(current="another"), "g")[0]
    answers = [ana.asks(f"GET /v1/vouchers/{wrong}") for wrong in (code[:-1] + last, stranger, "hello")]
    assert {status for status, _ in answers} == {404}
    assert len({str({**problem, "instance": ""}) for _, problem in answers}) == 1
    assert [ana.redeems(wrong)[0] for wrong in (code[:-1] + last, stranger)] == [404, 404]


def test_a_percentage_takes_off_its_part_up_to_its_cap(ana: Till) -> None:
    ana.sets(rule(percent(1, 10, 300)))
    code = ana.a_code()
    assert ana.redeems(code, order_total=eur(2_599))[1]["value"] == eur(259)


def test_free_shipping_takes_off_what_shipping_costs(ana: Till) -> None:
    ana.sets(rule({"days_late": 1, "remedy": {"kind": "free_shipping", "amount": eur(600)}}))
    assert ana.redeems(ana.a_code(), delivery_fee=eur(390))[1]["value"] == eur(390)


def test_a_voucher_of_another_currency_or_whose_time_is_over_is_not_taken(ana: Till) -> None:
    code = ana.a_code()
    status, problem = ana.redeems(code, order_total={"amount": 9_000, "currency": "ILS"})
    assert (status, problem["type"]) == (409, "/problems/voucher-currency")
    ana.shop.world.clock.advance(days=366)
    status, problem = ana.redeems(code)
    assert (status, problem["type"]) == (409, "/problems/voucher-expired")
    assert ana.asks(f"GET /v1/vouchers/{code}")[1]["status"] == "expired"


def test_a_fee_in_another_currency_than_the_order_is_refused(ana: Till) -> None:
    assert ana.redeems(ana.a_code(), delivery_fee={"amount": 1, "currency": "ILS"})[0] == 400


def test_a_voucher_that_was_taken_back_is_not_taken_and_one_that_was_taken_is_not_taken_back(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    assert [ana.revokes(first)[1]["status"] for _ in range(2)] == ["revoked"] * 2
    status, problem = ana.redeems(first)
    assert (status, problem["type"]) == (409, "/problems/voucher-revoked")
    assert len(ana.heard("VoucherRevoked")) == 1
    ana.redeems(second)
    status, problem = ana.revokes(second)
    assert (status, problem["type"]) == (409, "/problems/voucher-redeemed")


def test_the_key_of_a_request_names_one_request(ana: Till) -> None:
    code = ana.a_code()
    assert ana.asks(f"POST /v1/vouchers/{code}/redeem", body={"order_id": "N", "order_total": eur(1)})[0] == 400
    ana.redeems(code)
    assert ana.redeems(code, order_total=eur(9_000))[0] == 422


def test_sixty_four_orders_that_want_one_voucher_at_once_get_it_once(tables: Any) -> None:
    book = VoucherBook(Table("Compensation", tables))
    code = codes_of(TokenKeys(current="key"), "g1")[0]
    made = Voucher(
        grant_id="g1",
        order_id="O",
        kind="voucher",
        amount=500,
        currency="EUR",
        granted_at="2026-05-03T10:00:00.000Z",
        expires_at="2027-05-03T10:00:00.000Z",
    )
    book.add_voucher(made, digest(code))
    barrier, bus = Barrier(64), FakeBus()

    def one(number: int) -> bool:
        checkout = Checkout(book=book, bus=bus, clock=FakeClock(), order=lambda _order_id: None)
        barrier.wait()
        try:
            checkout.redeem(code, Wish.of("shop", f"k-{number}", {"order_id": f"N-{number}", "order_total": eur(900)}))
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(64) as pool:
        assert sum(pool.map(one, range(64))) == 1
    assert len({event.id for event in bus.named("VoucherRedeemed")}) == 1


def test_the_policy_is_shown_with_its_version_and_who_set_it(ana: Till) -> None:
    status, first = ana.asks("GET /v1/policy", scopes="ops")
    assert (status, first["version"], first["policy"]) == (200, 1, document(TWO_LEVELS))
    ana.sets(TWO_LEVELS)
    assert ana.asks("GET /v1/policy", scopes="ops")[1]["version"] == 1
    ana.sets(rule(voucher(1, 100)))
    assert ana.asks("GET /v1/policy", scopes="ops")[1]["version"] == 2


def test_where_no_policy_was_set_that_is_said(shop: Shop) -> None:
    assert Till(shop).asks("GET /v1/policy", scopes="ops")[0] == 404


def test_a_policy_that_contradicts_itself_is_refused_whole(ana: Till) -> None:
    body = {"rules": [rule(voucher(1, 1)), rule(voucher(1, 1))], "monthly_budget": []}
    status, problem = ana.asks("PUT /v1/policy", scopes="ops", body=body)
    assert (status, "rules.1.name: stands there twice" in problem["errors"]) == (400, True)
    assert ana.asks("GET /v1/policy", scopes="ops")[1]["version"] == 1


@pytest.mark.promise("P10")
def test_what_was_granted_for_an_order_is_shown_with_rule_numbers_and_code_and_why_not_more(ana: Till) -> None:
    ana.sets(TWO_LEVELS, per_order=[eur(500)])
    code = ana.a_code()
    ana.late(days=9)
    status, shown = ana.asks("GET /v1/deliveries/O/remedies")
    (granted,), (refused,) = shown["granted"], shown["refused"]
    assert (status, granted["code"], granted["told"], granted["rule"], granted["level"]) == (
        200,
        code,
        "mail",
        "all",
        2,
    )
    assert (refused["why"], refused["days_late"], refused["amount"]) == ("cap", 9, eur(1_000))
    assert ana.asks("GET /v1/deliveries/remedies", query={"order_id": "O"}) == (status, shown)
    assert ana.asks("GET /v1/deliveries/NONE/remedies")[1]["granted"] == []


@pytest.mark.promise("P8")
def test_where_vouchers_are_not_mailed_the_shop_can_show_the_code_itself(ana: Till) -> None:
    ana.places(ship_to={"country": "IL"})
    ana.late(days=3)
    (granted,) = ana.asks("GET /v1/deliveries/O/remedies")[1]["granted"]
    assert (granted["told"], ana.mailed()) == ("advertising", [])
    assert ana.redeems(granted["code"])[0] == 200
