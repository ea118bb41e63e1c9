"""Carts are edited, left, and paid for twice; a request is made again: no voucher is lost, and none counts twice.

All vouchers of an order together take off no more than it comes to, in whatever order they are redeemed, or at once.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest
from standby.compensation.codes import codes_of, digest
from standby.compensation.redeeming import OtherRequestError, Wish
from standby.compensation.redeeming import Till as Checkout
from standby.compensation.voucher_model import RefusedError, Voucher
from standby.compensation.voucher_repository import VoucherBook
from standby.platform.backoff import Backoff
from standby.platform.clock import from_text
from standby.platform.table import Table
from standby.platform.tokens import TokenKeys

from tests.fakes import FakeBus, FakeClock
from tests.promises.shop import Shop
from tests.standby.compensation.remedied import eur, percent, rule, shipping, voucher
from tests.standby.compensation.till import Till, till

pytestmark = pytest.mark.promise("P6")
NEXT = "NEXT"


@pytest.fixture
def ana(shop: Shop) -> Till:
    return till(shop)


def shown(ana: Till, code: str) -> tuple[str, str | None, Any]:
    answer = ana.asks(f"GET /v1/vouchers/{code}")[1]
    return answer["status"], answer["redeemed_for"], answer["value"]


def refusal(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["type"].removeprefix("/problems/")


def releases(ana: Till, code: str, order_id: str = NEXT) -> tuple[int, Any]:
    return ana.asks(f"POST /v1/vouchers/{code}/release", body={"order_id": order_id})


# ---- what an order comes to ----


def test_vouchers_of_one_order_take_off_no_more_than_it_comes_to(ana: Till) -> None:
    codes = [ana.a_code(f"O-{number}") for number in range(3)]
    answers = [ana.redeems(code, order_total=eur(800), key=f"k-{number}") for number, code in enumerate(codes)]
    assert [answer["value"] for _, answer in answers[:2]] == [eur(500), eur(300)]
    assert refusal(answers[2]) == (409, "order-covered")
    assert ana.redeems(codes[2], "OTHER", key="k-9")[0] == 200


@pytest.mark.parametrize("first", [0, 1], ids=["the percentage first", "the amount first"])
def test_whichever_kind_comes_first_both_take_off_no_more_than_the_total(ana: Till, first: int) -> None:
    ana.sets(rule(percent(2, 80, 5_000)))
    codes = [ana.a_code("O-1")]
    ana.sets(rule(voucher(2, 500)))
    codes.append(ana.a_code("O-2"))
    order = (first, 1 - first)
    values = [ana.redeems(codes[place], order_total=eur(1_000), key=f"k-{place}")[1]["value"] for place in order]
    assert sum(value["amount"] for value in values) == 1_000


def test_free_shipping_beside_a_voucher_that_covers_the_order_has_nothing_to_take_off(ana: Till) -> None:
    first = ana.a_code("O-1")
    ana.sets(rule(shipping(2, 600)))
    second = ana.a_code("O-2")
    ana.redeems(first, order_total=eur(700), delivery_fee=eur(490))
    status, answer = ana.redeems(second, order_total=eur(700), delivery_fee=eur(490), key="k-2")
    assert (status, answer["value"]) == (200, eur(200))


def test_the_least_that_an_order_must_come_to_is_meant_without_vouchers(ana: Till) -> None:
    ana.sets(rule(voucher(2, 500, minimum=eur(4_000))))
    codes = [ana.a_code(f"O-{number}") for number in range(2)]
    assert [ana.redeems(code, key=code)[0] for code in codes] == [200, 200]


def test_codes_that_a_placed_order_names_count_no_more_than_it_comes_to(ana: Till) -> None:
    codes = [ana.a_code(f"O-{number}") for number in range(2)]
    line = {"line_id": "1", "sku": "LAMP", "quantity": 1, "unit_price": eur(700)}
    ana.places(NEXT, discount_codes=codes, lines=[line])
    assert sorted(shown(ana, code)[2]["amount"] for code in codes) == [200, 500]


def vouchers_at_once(tables: Any, orders: int) -> tuple[VoucherBook, list[str]]:
    """Keep as many vouchers of 5.00 EUR."""
    book = VoucherBook(Table("Compensation", tables))
    codes = [codes_of(TokenKeys(current="key"), f"g{number}")[0] for number in range(orders)]
    for number, code in enumerate(codes):
        made = Voucher(
            grant_id=f"g{number}",
            order_id="O",
            kind="voucher",
            amount=500,
            currency="EUR",
            granted_at="2026-05-03T10:00:00.000Z",
            expires_at="2027-05-03T10:00:00.000Z",
        )
        book.add_voucher(made, digest(code))
    return book, codes


def at_once(book: VoucherBook, wanted: list[tuple[str, Wish]], bus: FakeBus) -> None:
    """Redeem all at the same moment; what is refused is left."""
    barrier, backoff = Barrier(len(wanted)), Backoff(attempts=200, cap_seconds=0.05)

    def one(each: tuple[str, Wish]) -> None:
        checkout = Checkout(book=book, bus=bus, clock=FakeClock(), order=lambda _order_id: None, backoff=backoff)
        barrier.wait()
        with suppress(RefusedError, OtherRequestError):
            checkout.redeem(*each)

    with ThreadPoolExecutor(len(wanted)) as pool:
        list(pool.map(one, wanted))


def wish(key: str, order_id: str = NEXT, total: int = 1_700) -> Wish:
    return Wish.of("shop", key, {"order_id": order_id, "order_total": eur(total)})


def test_sixteen_vouchers_at_once_for_one_order_take_off_exactly_what_it_comes_to(tables: Any) -> None:
    book, codes = vouchers_at_once(tables, 16)
    at_once(book, [(code, wish(code)) for code in codes], FakeBus())
    kept = book.vouchers([digest(code) for code in codes]).values()
    assert sorted(each.taken_off for each in kept if each.redeemed_for) == [200, 500, 500, 500]


@pytest.mark.parametrize("at", ["in time", "as its time is over"])
def test_of_many_redeems_and_revokes_at_once_one_counts_and_expiry_lets_no_redeem_through(tables: Any, at: str) -> None:
    book, (code,) = vouchers_at_once(tables, 1)
    bus, clock, barrier, over = FakeBus(), FakeClock(), Barrier(33), threading.Event()
    if at != "in time":
        clock.at = from_text("2027-05-03T09:59:59.999Z")

    def one(number: int) -> str | None:
        backoff = Backoff(attempts=200, cap_seconds=0.05)
        checkout = Checkout(book=book, bus=bus, clock=clock, order=lambda _order_id: None, backoff=backoff)
        barrier.wait()
        if number == 32 and at != "in time":
            clock.advance(seconds=1)
            over.set()
            return None
        late = over.is_set()
        try:
            if number % 2:
                checkout.revoke(code)
                return "revoked"
            checkout.redeem(code, wish(f"k-{number}", order_id=f"N-{number}"))
        except RefusedError:
            return None
        assert not late, "redeemed though its time was over before it was asked"
        return f"N-{number}"

    with ThreadPoolExecutor(33) as pool:
        found = {each for each in pool.map(one, range(33)) if each is not None}
    kept = book.voucher(digest(code))
    assert kept is not None
    assert found == {"revoked" if kept.state == "revoked" else kept.redeemed_for}
    assert len({event.id for event in bus.events}) == 1


# ---- the key of a request ----


def test_a_key_that_redeemed_a_voucher_redeems_no_other_and_for_no_other_order(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    once = ana.redeems(first)
    assert refusal(ana.redeems(second)) == (422, "idempotency-key-reused")
    assert refusal(ana.redeems(first, "OTHER")) == (422, "idempotency-key-reused")
    assert refusal(ana.redeems(second, "OTHER")) == (422, "idempotency-key-reused")
    assert ana.redeems(first) == once
    assert [shown(ana, code)[:2] for code in (first, second)] == [("redeemed", NEXT), ("granted", None)]


def test_it_names_its_request_though_the_order_gave_the_voucher_back(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    ana.redeems(first)
    releases(ana, first)
    assert refusal(ana.redeems(first, "OTHER")) == (422, "idempotency-key-reused")
    assert refusal(ana.redeems(second)) == (422, "idempotency-key-reused")


def test_one_key_for_eight_vouchers_at_once_redeems_one(tables: Any) -> None:
    book, codes = vouchers_at_once(tables, 8)
    at_once(book, [(code, wish("k", total=9_000)) for code in codes], FakeBus())
    kept = book.vouchers([digest(code) for code in codes]).values()
    assert sum(each.redeemed_for is not None for each in kept) == 1


# ---- carts that are edited ----


def test_an_order_whose_cart_changed_redeems_again_and_the_voucher_counts_once(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code, order_total=eur(300))
    status, answer = ana.redeems(code, order_total=eur(2_000), key="k-2")
    assert (status, answer["value"], answer["redeemed_for"]) == (200, eur(500), NEXT)
    assert refusal(ana.redeems(code, order_total=eur(300))) == (409, "voucher-request-over")
    assert ana.redeems(code, order_total=eur(400), key="k-3")[1]["value"] == eur(400)
    newest = max(ana.heard("VoucherRedeemed"), key=lambda event: event["edition"])
    assert (newest["taken_off"], newest["order_id"]) == (eur(400), NEXT)
    assert refusal(ana.redeems(code, "OTHER", key="k-4")) == (409, "voucher-redeemed")


def test_what_a_smaller_cart_leaves_free_another_voucher_may_take(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    ana.redeems(first, order_total=eur(600))
    assert ana.redeems(second, order_total=eur(600), key="k-2")[1]["value"] == eur(100)
    assert ana.redeems(first, order_total=eur(400), key="k-3")[1]["value"] == eur(300)
    assert refusal(ana.redeems(second, order_total=eur(300), key="k-4")) == (409, "order-covered")


def test_two_tabs_that_ask_the_same_with_keys_of_their_own_are_answered_the_same(ana: Till) -> None:
    code = ana.a_code()
    answers = [ana.redeems(code, key=key) for key in ("tab-1", "tab-2", "tab-1", "tab-2")]
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 200
    assert len(ana.heard("VoucherRedeemed")) == 1


def test_a_payment_that_is_tried_again_after_the_erp_told_the_order_is_answered_the_same(ana: Till) -> None:
    code = ana.a_code()
    once = ana.redeems(code)
    ana.places(NEXT)
    assert ana.redeems(code, key="k-2") == once
    assert refusal(ana.redeems(code, order_total=eur(100), key="k-3")) == (409, "voucher-redeemed")


def test_a_voucher_that_was_taken_off_a_cart_and_put_back_is_taken_once(ana: Till) -> None:
    code = ana.a_code()
    for number in range(3):
        assert ana.redeems(code, key=f"k-{number}")[0] == 200
        assert releases(ana, code)[0] == 200
    assert shown(ana, code)[0] == "granted"
    assert ana.redeems(code, order_total=eur(450), key="k-9")[1]["value"] == eur(450)


def test_a_cart_below_the_minimum_keeps_its_voucher_until_it_gives_it_back(ana: Till) -> None:
    ana.sets(rule(voucher(2, 500, minimum=eur(4_000))))
    code = ana.a_code()
    ana.redeems(code)
    assert refusal(ana.redeems(code, order_total=eur(100), key="k-2")) == (409, "below-minimum")
    assert shown(ana, code)[:2] == ("redeemed", NEXT)
    assert ana.redeems(code, order_total=eur(5_000), key="k-3")[0] == 200


# ---- checkouts that are left ----


def day_passes(ana: Till, hours: int = 24) -> None:
    ana.shop.world.clock.advance(hours=hours)


def test_a_checkout_that_nobody_placed_within_a_day_gives_its_voucher_back_by_itself(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    day_passes(ana, hours=23)
    assert refusal(ana.redeems(code, "OTHER", key="k-2")) == (409, "voucher-redeemed")
    day_passes(ana, hours=1)
    assert shown(ana, code) == ("granted", None, None)
    assert ana.redeems(code, "OTHER", key="k-2")[1]["redeemed_for"] == "OTHER"
    assert [event["order_id"] for event in ana.heard("VoucherFreed")] == [NEXT]


def test_the_hour_tells_that_it_is_free_though_nobody_asks(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    day_passes(ana)
    for _ in range(2):
        ana.shop.world.send("CompensationRecords", {"sweep": "due"})
        ana.shop.world.settle()
    assert [event["order_id"] for event in ana.heard("VoucherFreed")] == [NEXT]
    assert ana.revokes(code)[0] == 200


def test_an_order_that_is_placed_after_all_takes_it_again_unless_another_did(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    ana.redeems(first)
    ana.redeems(second, key="k-2")
    day_passes(ana)
    ana.shop.world.send("CompensationRecords", {"sweep": "due"})
    ana.shop.world.settle()
    ana.redeems(second, "OTHER", key="k-3")
    ana.places(NEXT)
    assert [shown(ana, code)[:2] for code in (first, second)] == [("redeemed", NEXT), ("redeemed", "OTHER")]


def test_an_order_that_names_the_code_of_a_checkout_that_was_left_takes_it(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    day_passes(ana)
    ana.places("OTHER", discount_codes=[code])
    assert shown(ana, code)[:2] == ("redeemed", "OTHER")
    ana.places(NEXT)
    assert shown(ana, code)[:2] == ("redeemed", "OTHER")


def test_an_order_that_was_placed_keeps_it_however_long_it_takes(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    ana.redeems(first)
    ana.places(NEXT)
    ana.redeems(second, key="k-2")  # after the ERP told it
    day_passes(ana, hours=100)
    assert [shown(ana, code)[:2] for code in (first, second)] == [("redeemed", NEXT)] * 2
    ana.shop.world.send("CompensationRecords", {"sweep": "due"})
    ana.shop.world.settle()
    assert refusal(ana.redeems(second, "OTHER", key="k-3")) == (409, "voucher-redeemed")
    assert refusal(releases(ana, second)) == (409, "voucher-stands")
    assert ana.heard("VoucherFreed") == []


def test_a_cart_that_is_edited_holds_it_for_a_day_more_but_not_beyond_its_time(ana: Till) -> None:
    ana.sets(rule(voucher(2, 500)), voucher_valid_days=1)
    code = ana.a_code()
    ana.shop.world.clock.advance(hours=20)
    ana.redeems(code)
    for number in range(3):
        day_passes(ana, hours=20)
        ana.redeems(code, order_total=eur(600 + number), key=f"k-{number + 2}")
    assert shown(ana, code)[0] == "expired"


def test_a_first_request_that_comes_again_after_many_carts_is_over(ana: Till) -> None:
    ana.sets(rule(percent(2, 10, 4_000)))
    code = ana.a_code()
    for number in range(13):
        ana.redeems(code, key=f"k-{number}", order_total=eur(1_000 + 100 * number))
    assert ana.redeems(code, key="k-0", order_total=eur(1_000))[0] == 409
    assert shown(ana, code) == ("redeemed", NEXT, eur(220))
    assert ana.redeems(code, key="k-12", order_total=eur(2_200))[0] == 200
