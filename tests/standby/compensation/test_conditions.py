"""A voucher may ask for an order of so much, and for no other voucher beside it; its customer knows that beforehand."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from standby.compensation.codes import codes_of, digest
from standby.compensation.redeeming import Till as Checkout
from standby.compensation.redeeming import Wish
from standby.compensation.voucher_model import RefusedError, Voucher
from standby.compensation.voucher_repository import VoucherBook
from standby.platform.table import Table
from standby.platform.tokens import TokenKeys

from tests.fakes import FakeBus, FakeClock
from tests.promises.shop import Shop
from tests.standby.compensation.agent import agent
from tests.standby.compensation.chooser import chooser
from tests.standby.compensation.remedied import FEE, choice, document, eur, percent, rule, voucher
from tests.standby.compensation.till import Till, till

pytestmark = pytest.mark.promise("P6")

ALONE = voucher(2, 500, combinable=False)
FROM_40 = voucher(2, 500, minimum=eur(4_000))


@pytest.fixture
def ana(shop: Shop) -> Till:
    return till(shop)


def test_an_order_below_the_minimum_does_not_take_it_and_one_that_comes_to_it_does(ana: Till) -> None:
    ana.sets(rule(FROM_40))
    code = ana.a_code()
    assert ana.asks(f"GET /v1/vouchers/{code}")[1]["minimum"] == eur(4_000)
    status, problem = ana.redeems(code, order_total=eur(3_999))
    assert (status, problem["type"]) == (409, "/problems/below-minimum")
    assert ana.redeems(code, order_total=eur(4_000), key="k-2")[0] == 200


def test_a_voucher_without_conditions_goes_with_any_other(ana: Till) -> None:
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    shown = ana.asks(f"GET /v1/vouchers/{first}")[1]
    assert (shown["minimum"], shown["combinable"]) == (None, True)
    assert ana.redeems(first, other_codes=["SUMMER"])[0] == 200
    assert ana.redeems(second, other_codes=[first, "SUMMER"], key="k-2")[0] == 200


def test_one_that_does_not_go_with_others_is_refused_where_the_storefront_names_another(ana: Till) -> None:
    ana.sets(rule(ALONE))
    code = ana.a_code()
    assert ana.asks(f"GET /v1/vouchers/{code}")[1]["combinable"] is False
    status, problem = ana.redeems(code, other_codes=["SUMMER"])
    assert (status, problem["type"]) == (409, "/problems/not-combinable")
    assert ana.redeems(code, other_codes=[code.lower()], key="k-2")[0] == 200


@pytest.mark.parametrize("first_alone", [True, False], ids=["the first", "the second"])
def test_nor_does_an_order_that_took_a_voucher_take_another_where_either_does_not_go_with_others(
    ana: Till, *, first_alone: bool
) -> None:
    ana.sets(rule(ALONE if first_alone else voucher(2, 500)))
    first = ana.a_code("O-1")
    ana.sets(rule(voucher(2, 500) if first_alone else ALONE))
    second = ana.a_code("O-2")
    assert ana.redeems(first)[0] == 200
    status, problem = ana.redeems(second, key="k-2")
    assert (status, problem["type"]) == (409, "/problems/not-combinable")
    assert ana.redeems(second, "ANOTHER", key="k-3")[0] == 200


def test_what_an_order_gave_back_stands_in_nobodys_way(ana: Till) -> None:
    ana.sets(rule(ALONE))
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    ana.redeems(first)
    ana.asks(f"POST /v1/vouchers/{first}/release", body={"order_id": "NEXT"})
    assert ana.redeems(second, key="k-2")[0] == 200


def test_the_same_request_again_is_answered_the_same_whatever_the_order_took_since(ana: Till) -> None:
    ana.sets(rule(ALONE))
    code = ana.a_code()
    assert ana.redeems(code) == ana.redeems(code)
    assert ana.redeems(code, other_codes=["SUMMER"])[0] == 422


def test_an_order_that_was_placed_with_it_takes_it_since_the_shop_took_it_off(ana: Till) -> None:
    ana.sets(rule(voucher(2, 500, combinable=False, minimum=eur(90_000))))
    first, second = ana.a_code("O-1"), ana.a_code("O-2")
    ana.places("NEXT", discount_codes=[first, second])
    ana.shop.world.settle()
    assert [ana.asks(f"GET /v1/vouchers/{code}")[1]["redeemed_for"] for code in (first, second)] == ["NEXT", "NEXT"]


def test_what_a_person_gives_by_hand_may_have_conditions_too(shop: Shop) -> None:
    dana = agent(shop)
    dana.places()
    remedy = {"kind": "voucher", "amount": eur(700), "minimum": eur(4_000), "combinable": False}
    status, granted = dana.gives(remedy=remedy)
    assert (status, granted["minimum"], granted["combinable"]) == (201, eur(4_000), False)


def test_thirty_two_vouchers_that_go_with_no_other_at_once_for_one_order_are_one(tables: Any) -> None:
    book, bus, barrier = VoucherBook(Table("Compensation", tables)), FakeBus(), Barrier(32)
    codes = [codes_of(TokenKeys(current="key"), f"g{number}")[0] for number in range(32)]
    for number, code in enumerate(codes):
        made = Voucher(
            grant_id=f"g{number}",
            order_id="O",
            kind="voucher",
            amount=500,
            currency="EUR",
            combinable=number % 2 == 0,
            granted_at="2026-05-03T10:00:00.000Z",
            expires_at="2027-05-03T22:00:00.000Z",
            ends_on="2027-05-03",
        )
        book.add_voucher(made, digest(code))

    def one(number: int) -> bool:
        wish = Wish.of("shop", f"k-{number}", {"order_id": "NEXT", "order_total": eur(9_000)})
        checkout = Checkout(book=book, bus=bus, clock=FakeClock(), order=lambda _order_id: None)
        barrier.wait()
        try:
            return checkout.redeem(codes[number], wish).combinable
        except RefusedError:
            return False

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(one, range(32)))
    taken = book.vouchers([digest(code) for code in codes]).values()
    together = [each.combinable for each in taken if each.redeemed_for == "NEXT"]
    assert together
    assert all(together) or len(together) == 1


@pytest.mark.parametrize(
    ("remedy", "wrong"),
    [
        ({**FEE["remedy"], "minimum": eur(1)}, "minimum: only codes have one"),
        ({**FEE["remedy"], "combinable": False}, "combinable: only codes have one"),
        (
            {"kind": "voucher", "amount": eur(1), "minimum": {"amount": 1, "currency": "ILS"}},
            "minimum: is of another currency than the amount",
        ),
    ],
    ids=["minimum of a fee", "a fee alone", "currency"],
)
def test_conditions_that_contradict_their_remedy_are_refused(ana: Till, remedy: Any, wrong: str) -> None:
    body = document(rule({"days_late": 1, "remedy": remedy}))
    status, problem = ana.asks("PUT /v1/policy", scopes="ops", body=body)
    assert (status, problem["errors"]) == (400, [f"rules.0.levels.0.remedy.{wrong}"])


@pytest.mark.parametrize(
    ("locale", "minimum", "alone"),
    [
        ("en", "for orders of €40.00 or more", "cannot be used together with another voucher"),
        ("he", "ומעלה", "יחד עם קוד הנחה אחר"),
    ],
    ids=["en", "he"],
)
def test_the_mail_and_the_page_say_the_conditions(shop: Shop, locale: str, minimum: str, alone: str) -> None:
    ana = chooser(shop, voucher(9, 1))
    ana.sets(rule(voucher(2, 500, minimum=eur(4_000), combinable=False)))
    ana.places("O-2", customer={"locale": locale})
    ana.late("O-2", days=3)
    ((_, text),) = ana.read()
    assert minimum in text
    assert alone in text
    granted = ana.heard("RemedyGranted")[-1]
    assert (granted["minimum"], granted["combinable"]) == (eur(4_000), False)


def test_what_is_chosen_keeps_its_conditions_which_stand_beside_it_before(shop: Shop) -> None:
    ana = chooser(shop, choice(2, voucher(2, 500, minimum=eur(4_000), combinable=False), percent(2, 10, 400)))
    html = ana.own(page=True)
    assert html.count("or more.") == html.count("together with another voucher") == 1
    ana.chooses("voucher")
    (remedy,) = ana.own()["remedies"]
    assert (remedy["minimum"], remedy["combinable"]) == (eur(4_000), False)
    assert ana.own(page=True).count("together with another voucher") == 1
    assert ana.heard("RemedyChosen")[-1]["minimum"] == eur(4_000)
