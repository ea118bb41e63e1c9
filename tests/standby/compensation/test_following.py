"""A voucher that an order took is provisional until the order stands, whatever is told of it first, or twice."""

from itertools import permutations
from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import eur, percent, rule, shipping
from tests.standby.compensation.till import Till, till

pytestmark = pytest.mark.promise("P6")
NEXT = "NEXT"


@pytest.fixture
def ana(shop: Shop) -> Till:
    return till(shop)


def state(ana: Till, code: str) -> tuple[str, str | None, bool]:
    shown = ana.asks(f"GET /v1/vouchers/{code}")[1]
    return shown["status"], shown["redeemed_for"], shown["stands"]


def refusal(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["type"].removeprefix("/problems/")


def names(ana: Till, *codes: str, order_id: str = NEXT, **more: Any) -> None:
    """Let an order be placed that names codes."""
    ana.places(order_id, discount_codes=[*codes], **more)


def test_a_cancelled_order_frees_its_voucher_and_another_request_redeems_it(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    ana.places(NEXT)
    assert state(ana, code) == ("redeemed", NEXT, False)
    for _ in range(2):
        ana.tells("cancelled", NEXT)
    assert state(ana, code) == ("granted", None, False)
    (event,) = ana.heard("VoucherFreed")
    assert (event["order_id"], event["granted_for"]) == (NEXT, "O")
    assert refusal(ana.redeems(code)) == (409, "voucher-request-over")
    assert refusal(ana.redeems(code, key="k-2")) == (409, "voucher-order-over")
    assert ana.redeems(code, "AFTER", key="k-3")[1]["redeemed_for"] == "AFTER"
    assert len(ana.heard("VoucherRedeemed")) == 2


def test_an_order_of_which_something_left_stands_though_the_rest_is_cancelled(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    ana.places(NEXT, skus=("LAMP", "SHADE"))
    ana.tells("cancelled", NEXT, line_ids=["1"])
    assert state(ana, code) == ("redeemed", NEXT, False)
    ana.tells("shipped", NEXT, shipment_id="B")
    assert state(ana, code) == ("redeemed", NEXT, True)
    ana.tells("cancelled", NEXT)
    assert state(ana, code) == ("redeemed", NEXT, True)
    assert ana.heard("VoucherFreed") == []


def test_a_payment_that_failed_frees_it_and_one_that_comes_after_all_takes_it_again(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    ana.places(NEXT, payment_status="Voided")
    assert state(ana, code)[0] == "granted"
    ana.places(NEXT, payment_status="paid")
    assert state(ana, code) == ("redeemed", NEXT, False)
    ana.tells("shipped", NEXT)
    assert state(ana, code) == ("redeemed", NEXT, True)


def test_what_another_order_took_meanwhile_stays_with_that_one(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    ana.places(NEXT, payment_status="failed")
    ana.redeems(code, "AFTER", key="k-2")
    ana.places(NEXT, payment_status="paid")
    ana.tells("cancelled", NEXT)
    assert state(ana, code) == ("redeemed", "AFTER", False)


def test_an_order_that_was_cancelled_before_it_redeems_is_refused(ana: Till) -> None:
    code = ana.a_code()
    ana.places(NEXT)
    ana.tells("cancelled", NEXT)
    assert refusal(ana.redeems(code)) == (409, "voucher-order-over")
    assert state(ana, code)[0] == "granted"


def test_one_that_is_freed_after_its_time_says_that_it_is_over_some_days_later(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    ana.places(NEXT)
    ana.shop.world.clock.advance(days=366)
    ana.tells("cancelled", NEXT)
    assert state(ana, code)[0] == "granted"
    ana.shop.world.clock.advance(days=8)
    assert state(ana, code)[0] == "expired"
    assert refusal(ana.redeems(code, "AFTER", key="k-2")) == (409, "voucher-expired")


def test_a_code_that_an_order_names_and_redeems_counts_once(ana: Till) -> None:
    code = ana.a_code()
    names(ana, code.lower(), "SUMMER")
    assert state(ana, code) == ("redeemed", NEXT, False)
    status, answer = ana.redeems(code)
    assert (status, answer["value"]) == (200, eur(500))
    assert ana.redeems(code) == (status, answer)
    assert ana.redeems(code, key="k-2") == (status, answer)
    assert refusal(ana.redeems(code, order_total=eur(3_000), key="k-3")) == (409, "voucher-redeemed")
    assert len(ana.heard("VoucherRedeemed")) == 1


def test_a_code_that_was_redeemed_and_is_named_then_counts_once(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    names(ana, code)
    names(ana, code, channel="app")
    assert len(ana.heard("VoucherRedeemed")) == 1


def test_a_code_that_is_taken_or_of_another_currency_is_not_taken_by_an_order_that_names_it(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    ana.redeems(first)
    line = {"line_id": "1", "sku": "LAMP", "quantity": 1, "unit_price": {"amount": 9_000, "currency": "ILS"}}
    names(ana, first, second, order_id="AFTER", lines=[line])
    assert [state(ana, code)[:2] for code in (first, second)] == [("redeemed", NEXT), ("granted", None)]


def test_codes_that_the_shop_took_off_and_orders_cannot_take_ring_with_the_order_and_without_the_code(
    ana: Till, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, str]] = []
    monkeypatch.setattr("standby.compensation.following.log.warning", lambda _, extra: said.append(extra))
    used, revoked = ana.a_code("O-1"), ana.a_code("O-2")
    ana.redeems(used)
    names(ana, used)
    assert ("CodesNotTaken" in capsys.readouterr().out, said) == (False, [])
    ana.revokes(revoked)
    names(ana, used, revoked, order_id="AFTER")
    assert '"CodesNotTaken":[1.0,1.0]' in capsys.readouterr().out
    remedies = [ana.of(order_id).grants[0].grant_id for order_id in ("O-1", "O-2")]
    assert said == [
        {"order": "AFTER", "remedy": remedy, "voucher": status}
        for remedy, status in zip(remedies, ("redeemed", "revoked"), strict=True)
    ]


def releases(ana: Till, code: str, order_id: str = NEXT) -> tuple[int, Any]:
    return ana.asks(f"POST /v1/vouchers/{code}/release", body={"order_id": order_id})


def test_a_checkout_whose_payment_failed_gives_its_voucher_back_and_tries_again(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    for _ in range(2):
        status, shown = releases(ana, code)
        assert (status, shown["status"], shown["redeemed_for"]) == (200, "granted", None)
    assert len(ana.heard("VoucherFreed")) == 1
    assert refusal(ana.redeems(code)) == (409, "voucher-request-over")
    assert ana.redeems(code, key="k-2")[0] == 200
    assert refusal(releases(ana, code, "OTHER")) == (409, "voucher-not-taken")
    ana.places(NEXT)
    ana.tells("shipped", NEXT)
    assert refusal(releases(ana, code)) == (409, "voucher-stands")


def test_an_order_that_is_placed_without_the_voucher_that_it_gave_back_does_not_take_it(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    releases(ana, code)
    ana.places(NEXT)
    ana.tells("shipped", NEXT)
    assert state(ana, code) == ("granted", None, False)


@pytest.mark.parametrize("order", permutations(range(3)), ids=lambda order: "".join(map(str, order)))
@pytest.mark.parametrize("ends", ["OrderShipped", "OrderCancelled"])
def test_whatever_is_heard_first_or_twice_the_newest_edition_decides(ana: Till, order: Any, ends: str) -> None:
    """An order names a code, its payment fails and comes after all, and it is cancelled, or leaves."""
    code = ana.a_code()
    base = {"at": ana.now(), "as_of": ana.now(), "order_id": NEXT, "lines": []}
    left = ends == "OrderShipped"
    last = {"occurred_at": ana.now(), "complete": True, **({} if left else {"came_to_nothing": True})}
    told = [
        ("OrderPlaced", {**base, "id": "a", "edition": 1, "discount_codes": [code], "payment_failed": True}),
        ("OrderPlaced", {**base, "id": "b", "edition": 2, "discount_codes": [code]}),
        (ends, {**base, **last, "id": "c", "edition": 3}),
    ]
    for place in (*order, *order):
        ana.hears(told[place][0], **told[place][1])
    assert state(ana, code) == (("redeemed", NEXT, True) if left else ("granted", None, False))


def test_an_order_that_the_erp_told_gives_its_voucher_back_only_by_the_erps_word(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    ana.places(NEXT, payment_status="paid")
    assert refusal(releases(ana, code)) == (409, "voucher-stands")
    assert refusal(ana.redeems(code, "OTHER", key="k-2")) == (409, "voucher-redeemed")
    ana.tells("cancelled", NEXT)
    assert state(ana, code) == ("granted", None, False)
    assert ana.redeems(code, "OTHER", key="k-3")[0] == 200
    assert releases(ana, code, "OTHER")[0] == 200


def test_an_order_that_named_its_code_gives_it_back_only_by_the_erps_word(ana: Till) -> None:
    code = ana.a_code()
    names(ana, code)
    assert refusal(releases(ana, code)) == (409, "voucher-stands")


def test_a_voucher_is_not_taken_for_nothing(ana: Till) -> None:
    code = ana.a_code()
    assert refusal(ana.redeems(code, order_total=eur(0))) == (409, "below-minimum")
    assert ana.redeems(code, key="k-2")[0] == 200


def test_free_shipping_is_used_once_by_an_order_whose_shipping_was_free_by_it(ana: Till) -> None:
    ana.sets(rule(shipping(2, 600)))
    code = ana.a_code()
    names(ana, code, delivery_fee=eur(0))
    names(ana, code, order_id="AFTER", delivery_fee=eur(0))
    found = ana.voucher(code)
    assert found is not None
    assert (found.state, found.redeemed_for, found.taken_off) == ("redeemed", NEXT, 600)
    ana.tells("cancelled", NEXT)
    assert state(ana, code) == ("granted", None, False)


def test_a_voucher_that_covers_all_of_an_order_is_used_by_it(ana: Till) -> None:
    ana.sets(rule(percent(2, 100, 4_000)))
    code = ana.a_code()
    names(ana, code, lines=[{"line_id": "1", "sku": "LAMP", "quantity": 1, "unit_price": eur(0)}])
    found = ana.voucher(code)
    assert found is not None
    assert (found.state, found.redeemed_for, found.taken_off) == ("redeemed", NEXT, 4_000)
